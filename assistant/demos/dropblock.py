"""Dropout against DropBlock on a feature map: how often a unit is dropped, and what its neighbours give away.

One channel and one map; what the regularisation does to accuracy is not modelled.
"""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np
from annotated_types import Interval
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from assistant.demo_kit.exercises import Exercise, Mistake
from assistant.demo_kit.question import Facts
from assistant.demo_kit.slots import Spoken, fill
from assistant.demo_kit.types import DemoError, DemoResult, Fault, Plot, Table
from assistant.demo_parts.spoken_dropout import read_kept_share

TOPICS = (
    "dropblock",
    "DropBlock",
    "dropout on convolutional layers",
    "卷积层的 dropout",
    "spatial dropout",
)
FORMULA = (
    "γ = (1 − keep)/b² · f²/(f − b + 1)²; P(drop) = 1 − (1 − γ)^(seeds whose block covers the unit); "
    "R² = kᵀK⁻¹k of the nearest kept units, correlation exp(−distance/ℓ)"
)
SOURCE = (
    "Ghiasi, Lin & Le 2018, DropBlock, arXiv:1810.12890, equation 1; R²: simple kriging, "
    "Rasmussen & Williams 2006, Gaussian Processes, equation 2.26"
)

Array = NDArray[np.float64]
#: Farther kept units add nothing that the nearer ones do not already tell.
_NEIGHBOURS = 24
_MASKS = 40


def dropblock(
    *,
    feat_size: Annotated[int, Interval(ge=1, le=64)] = 14,
    block_size: Annotated[int, Interval(ge=1, le=64)] = 7,
    keep_prob: Annotated[float, Interval(gt=0, le=1)] = 0.9,
    corr_length: Annotated[float, Interval(ge=0, le=20)] = 2.0,
    seed: Annotated[int, Interval(ge=0, le=2**31 - 1)] = 0,
) -> DemoResult:
    """DropBlock's gamma, the true drop rates, and what is left of a dropped unit in its neighbours.

    Args:
        feat_size: Side of the feature map in units.
        block_size: Side of a dropped block, odd, at most feat_size; 1 is dropout, feat_size SpatialDropout.
        keep_prob: Share of units that is to be kept.
        corr_length: Distance in units over which neighbouring activations stay correlated; 0 is not at all.
        seed: Seed of the masks.
    """
    if block_size > feat_size:
        raise DemoError(
            Fault.INCONSISTENT,
            param="block_size",
            got=block_size,
            allowed=f"1 to {feat_size}",
            hint_en=f"The block does not fit into a {feat_size}x{feat_size} map.",
            hint_zh=f"块放不进 {feat_size}x{feat_size} 的特征图。",
        )
    # A block as large as the map is all of it, whichever its parity.
    if block_size % 2 == 0 and block_size != feat_size:
        raise DemoError(
            Fault.UNSUPPORTED,
            param="block_size",
            got=block_size,
            allowed=f"odd, e.g. {block_size - 1} or {block_size + 1}",
            hint_en="An even block has no middle unit: padding by half of it no longer lines up with the map.",
            hint_zh="偶数边长的块没有中心，按 block_size//2 填充后与特征图对不齐。",
        )
    blocks = {"dropout": 1, "dropblock": block_size, "spatial_dropout": feat_size}
    gammas = {name: gamma_of(feat_size, b, keep_prob) for name, b in blocks.items()}
    maps = {name: drop_map(feat_size, b, gammas[name]) for name, b in blocks.items()}
    effective = {name: _effective(rates) for name, rates in maps.items()}
    known = {
        name: _recoverable(feat_size, b, gammas[name], corr_length, np.random.default_rng(seed))
        for name, b in blocks.items()
    }
    random = np.random.default_rng(seed)
    masks = {
        name: _mask(_seeds(feat_size, blocks[name], gammas[name], random), blocks[name])
        for name in ("dropout", "dropblock")
    }
    gamma = gammas["dropblock"]
    return DemoResult(
        demo="dropblock",
        args_used={},
        numbers={
            "gamma": gamma,
            "effective": effective["dropblock"],
            "recoverable": known,
            "mask": masks["dropblock"].astype(int),
            "dropout_mask": masks["dropout"].astype(int),
        },
        formula=FORMULA,
        source=SOURCE,
        table=Table(
            ("method", "block", "gamma", "mean drop", "centre drop", "corner drop", "R² from neighbours"),
            tuple(
                (name, b, gammas[name], *effective[name].values(), known[name]) for name, b in blocks.items()
            ),
        ),
        plot=Plot("heatmap", (), "column", "row", grid=maps["dropblock"].tolist(), cells="P(dropped)"),
        notes=_notes(feat_size, block_size, keep_prob, effective["dropblock"]["mean_drop"]),
        warnings=_warnings(effective["dropblock"], keep_prob),
    )


def gamma_of(feat_size: int, block: int, keep_prob: float) -> float:
    """Return the probability of a seed, equation 1. It never exceeds 1 - keep_prob, as b(f - b + 1) >= f."""
    return (1 - keep_prob) / block**2 * feat_size**2 / (feat_size - block + 1) ** 2


def drop_map(feat_size: int, block: int, gamma: float) -> Array:
    """Return the drop probability [f, f] of every unit: at least one of the seeds that cover it came up."""
    at = np.arange(feat_size)
    covering = np.minimum(at, feat_size - block) - np.maximum(at - block + 1, 0) + 1
    return np.asarray(1 - (1 - gamma) ** np.outer(covering, covering), dtype=np.float64)


def _effective(rates: Array) -> dict[str, float]:
    middle = len(rates) // 2
    return {
        "mean_drop": float(rates.mean()),
        "center_drop": float(rates[middle, middle]),
        "corner_drop": float(rates[0, 0]),
    }


def _seeds(feat_size: int, block: int, gamma: float, random: np.random.Generator) -> NDArray[np.bool_]:
    """Return where blocks begin, [f-b+1, f-b+1]: only where they fit."""
    side = feat_size - block + 1
    return random.random((side, side)) < gamma


def _mask(seeds: NDArray[np.bool_], block: int) -> NDArray[np.bool_]:
    """Return the units [f, f] that are kept."""
    padded = np.pad(seeds, block - 1)
    # One axis after the other: a block is covered if its row of seeds is, and then its column.
    rows = sliding_window_view(padded, block, axis=0).any(axis=-1)
    return np.asarray(~sliding_window_view(rows, block, axis=1).any(axis=-1), dtype=np.bool_)


def _recoverable(
    feat_size: int, block: int, gamma: float, length: float, random: np.random.Generator
) -> float | None:
    """Return the mean share of a dropped unit's variance that its kept neighbours predict; None if none drops."""
    if gamma == 0:
        return None
    if length == 0:
        return 0.0
    shares = []
    for _ in range(_MASKS):
        seeds = _seeds(feat_size, block, gamma, random)
        # One block is dropped for certain, so that there is a dropped unit to look at: any one of that block.
        top, left = random.integers(feat_size - block + 1, size=2)
        seeds[top, left] = True
        unit = np.array([top, left]) + random.integers(block, size=2)
        shares.append(_kriged(_mask(seeds, block), unit, length))
    return float(np.mean(shares))


def _kriged(kept: NDArray[np.bool_], unit: NDArray[np.int64], length: float) -> float:
    """Return R² of the best linear prediction of `unit` from the kept units nearest to it."""
    places = np.argwhere(kept)
    if not len(places):
        return 0.0
    far = np.linalg.norm(places - unit, axis=1)
    nearest = np.argsort(far, kind="stable")[:_NEIGHBOURS]
    near, across = far[nearest], places[nearest]
    between = np.linalg.norm(across[:, None] - across[None], axis=-1)
    k, gram = np.exp(-near / length), np.exp(-between / length)
    return float(k @ np.linalg.solve(gram, k))


def _notes(feat_size: int, block: int, keep_prob: float, mean_drop: float) -> tuple[str, ...]:
    notes = ["recoverable: R² near 1 means that dropping the unit hid little, its neighbours still tell it."]
    if block == 1:
        notes.append("A block of 1 is ordinary dropout: gamma is 1 − keep_prob.")
    elif block == feat_size:
        notes.append("A block as large as the map drops whole channels: SpatialDropout.")
    elif keep_prob < 1:
        notes.append(f"Blocks overlap: {mean_drop:.4g} of the units are dropped, not {1 - keep_prob:.4g}.")
    return tuple(notes)


def _warnings(effective: dict[str, float], keep_prob: float) -> tuple[str, ...]:
    center, corner = effective["center_drop"], effective["corner_drop"]
    if keep_prob < 1 and center > 2 * corner:
        return (f"The centre is dropped {center / corner:.3g} times as often as a corner.",)
    return ()


_SPOKEN: Spoken = {
    "block_size": ("block size", "block", "dropblock", "drop block", "块大小", "块的大小", "块边长", "块"),
    "corr_length": ("corr length", "correlation length", "相关长度", "相关距离"),
    "seed": ("seed", "随机种子"),
}


def read_question(facts: Facts) -> dict[str, Any] | None:
    """Return map, block and keep probability of a question about DropBlock or dropout on convolutions."""
    if not facts.says("dropblock", "drop block"):
        on_maps = facts.says("卷积层", "卷积网络", "cnn", "conv layers", "convolutional layers", "特征图")
        weak = facts.says("不怎么用", "不用", "很少用", "效果", "为什么", "why", "weak", "ineffective")
        # With BN beside it the question is about the variance shift.
        other = facts.says("bn", "batch norm", "batchnorm", "batch normalization", "批归一化", "方差偏移")
        return {} if facts.says("dropout") and on_maps and weak and not other else None
    found = fill(dropblock, _SPOKEN, facts)
    feat = facts.size_before("feature map", "map", "特征图", "feat size", "feature size", "feature")
    # A map smaller than the usual block is no mistake of one who named no block.
    if feat and feat[0] == feat[1] and (feat[0] >= 7 or "block_size" in found):
        found["feat_size"] = feat[0]
    if (kept := read_kept_share(facts)) is not None:
        found["keep_prob"] = kept
    return found


def exercise(random: np.random.Generator, level: int) -> Exercise:
    """Return a drill: gamma, then the drop rate of a corner against it, then that of the centre."""
    feat = int(random.choice([14, 28, 20, 16]))
    block = int(random.choice([3, 5, 7]))
    keep = float(random.choice([0.8, 0.85, 0.9, 0.95]))
    arguments: dict[str, Any] = {"feat_size": feat, "block_size": block, "keep_prob": keep}
    numbers = dropblock(**arguments).numbers
    gamma, free = float(numbers["gamma"]), feat - block + 1
    steps = [
        f"(1 − keep)/b² = {1 - keep:.4g}/{block * block} = {(1 - keep) / block**2:.4g}",
        f"f²/(f − b + 1)² = {feat * feat}/{free * free} = {(feat / free) ** 2:.4g}",
        f"γ = {gamma:.4g}",
    ]
    start_zh = f"在 {feat}×{feat} 的特征图上用 DropBlock，block_size={block}，keep_prob={keep:g}"
    start_en = f"DropBlock runs on a {feat}×{feat} feature map with block_size={block} and keep_prob={keep:g}"
    rate = Mistake(
        1 - keep, "这是期望丢弃率，不是种子的概率", "that is the wanted drop rate, not a seed's probability"
    )
    short = Mistake(
        (1 - keep) / block**2, "漏了边界修正 f²/(f−b+1)²", "the border factor f²/(f−b+1)² is missing"
    )
    if level == 1:
        answer = gamma
        ask = ("种子概率 γ 是多少？", "What is the seed probability γ?")
        mistakes = [rate, short]
    elif level == 2:
        answer = numbers["effective"]["corner_drop"]
        ask = ("角上的单元被丢弃的概率是多少？", "What is the probability that a corner unit is dropped?")
        steps.append(f"1 − (1 − γ)^1 = γ = {answer:.4g}")
        mistakes = [
            Mistake(
                1 - keep,
                "不是每个位置都以 1 − keep 的概率被丢",
                "not every place is dropped at rate 1 − keep",
            ),
            Mistake(
                1 - (1 - gamma) ** (block * block),
                f"角上的单元只被 1 个块盖住，不是 {block * block} 个",
                f"a corner is covered by 1 block, not by {block * block}",
            ),
        ]
    else:
        answer = numbers["effective"]["center_drop"]
        ask = ("正中的单元被丢弃的概率是多少？", "What is the probability that the central unit is dropped?")
        steps.append(f"1 − (1 − γ)^{block * block} = {answer:.4g}")
        mistakes = [
            Mistake(
                gamma,
                "中心被 b² 个可能的块盖住，不止 1 个",
                "the centre is covered by b² possible blocks, not 1",
            ),
            Mistake(
                gamma * block**2,
                "块会重叠，概率不能直接相加",
                "blocks overlap, so probabilities do not add up",
            ),
        ]
    return Exercise(
        demo="dropblock",
        arguments=arguments,
        question_zh=f"{start_zh}。{ask[0]}",
        question_en=f"{start_en}. {ask[1]}",
        answer=answer,
        steps_zh=tuple(steps),
        steps_en=tuple(steps),
        hint_zh="块只能落在完整放得下的位置；一个单元被丢，是因为至少有一个盖住它的种子被抽中。",
        hint_en="Blocks start only where they fit; a unit is dropped when at least one seed that covers it comes up.",
        mistakes=tuple(mistakes),
        tolerance=0.005,
    )
