"""BN, LN, IN and GN: which axes share a mean and a variance, how many there are, and the normalised values.

No affine part and no running averages: what a layer learns on top is not what tells the methods apart.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Annotated, Any, Literal

import numpy as np
from annotated_types import Interval, Len
from numpy.typing import NDArray

from assistant.demo_kit.arrays import MAX_ELEMENTS, read_array
from assistant.demo_kit.exercises import Exercise
from assistant.demo_kit.question import Facts
from assistant.demo_kit.types import DemoError, DemoResult, Fault, Plot, Series, Table
from assistant.demo_parts.norm_drill import draw
from assistant.demo_parts.spoken_norms import read_norm

TOPICS = (
    "normalization axes",
    "BN 和 IN 的归一化维度",
    "归一化维度",
    "batch normalization",
    "批归一化",
    "layer normalization",
    "层归一化",
    "instance normalization",
    "实例归一化",
    "group normalization",
    "组归一化",
)
FORMULA = (
    "y = (x − μ) / √(σ² + ε), μ and biased σ² over: BN (N, H, W) · LN (C, H, W) · IN (H, W) · GN (C/G, H, W); "
    "statistics: C · N · N·C · N·G"
)
SOURCE = (
    "Wu & He 2018, Group Normalization, arXiv:1803.08494, figure 2 and equations 1-7; "
    "Ioffe & Szegedy 2015, arXiv:1502.03167 (BN); Ba et al. 2016, arXiv:1607.06450 (LN); "
    "Ulyanov et al. 2016, arXiv:1607.08022 (IN)"
)

Array = NDArray[np.float64]
Method = Literal["bn", "ln", "in", "gn"]
METHODS: tuple[Method, ...] = ("bn", "ln", "in", "gn")
_LAYOUTS = {2: "NC", 3: "NCL", 4: "NCHW"}
_SHOWN = (8, 32)
#: Squares of larger values would overflow.
_LARGEST = 1e100


def norm_axes(
    *,
    shape: Annotated[list[Annotated[int, Interval(ge=1, le=1_000_000)]], Len(2, 4)] | None = None,
    method: Literal["bn", "ln", "in", "gn", "all"] = "all",
    groups: Annotated[int, Interval(ge=1, le=1_000_000)] | None = None,
    x: Sequence[Any] | None = None,
    layout: Literal["NCHW", "NCL", "NC"] | None = None,
    eps: Annotated[float, Interval(ge=0, le=1)] = 1e-5,
    compare_with: Method | None = None,
    seed: Annotated[int, Interval(ge=0, le=2**31 - 1)] = 0,
) -> DemoResult:
    """Axes, statistics and values of batch, layer, instance and group normalization.

    Args:
        shape: Shape of the tensor, [N, C], [N, C, L] or [N, C, H, W]; [8, 64, 32, 32] when left out.
        method: bn, ln, in, gn, or all four side by side.
        groups: Channel groups of gn, a divisor of C; when left out 32, or the largest divisor of C and 32.
        x: Tensor to normalise, nested lists in the layout; one axis fewer is a batch of one.
        layout: Meaning of the axes; read off the number of axes when left out.
        eps: Added to the variance.
        compare_with: Second method; reports the largest difference of the two on x or on random values.
        seed: Seed of the random values that are compared when x is left out.
    """
    values, is_single = _tensor(x, layout)
    sides = _sides(shape, values, layout, is_single)
    channels = sides[1]
    parts = math.gcd(channels, 32) if groups is None else groups
    uses_groups = method in ("gn", "all") or compare_with == "gn"
    if uses_groups and channels % parts:
        divisors = [str(d) for d in range(1, min(channels, 1000) + 1) if channels % d == 0]
        raise DemoError(
            Fault.INCONSISTENT,
            param="groups",
            got=parts,
            allowed=", ".join(divisors),
            hint_en=f"groups must divide channels: C={channels}, groups={parts}; try {', '.join(divisors)}.",
            hint_zh=f"groups 必须整除通道数：C={channels}，groups={parts}；可用 {'、'.join(divisors)}。",
        )
    if method == "all" and compare_with is not None:
        raise DemoError(
            Fault.INCONSISTENT,
            param="compare_with",
            got=compare_with,
            allowed="only with a single method",
            hint_en="compare_with needs one method to compare with, and method is all.",
            hint_zh="compare_with 需要先选定一种 method，而现在 method 是 all。",
        )

    blocks = {name: _counted(name, sides, parts) for name in METHODS if method in (name, "all")}
    if values is not None:
        for name, block in blocks.items():
            y = normalised(values, name, parts, eps)
            block["y"] = y[0] if is_single else y
            block["y_flat"] = y.ravel()
    numbers: dict[str, Any] = {str(name): block for name, block in blocks.items()}
    if method != "all":
        numbers = blocks[method]
    if method != "all" and compare_with is not None:
        both = values if values is not None else _drawn(sides, seed)
        apart = normalised(both, method, parts, eps) - normalised(both, compare_with, parts, eps)
        numbers["max_abs_diff"] = float(np.abs(apart).max())
    return DemoResult(
        demo="norm_axes",
        args_used={"shape": sides, "layout": _LAYOUTS[len(sides)]}
        | ({"groups": parts} if uses_groups else {}),
        numbers=numbers,
        formula=FORMULA,
        source=SOURCE,
        table=_table(blocks),
        plot=_plot(blocks) if method == "all" else _shading(method, sides, parts),
        notes=_notes(method, compare_with, sides, parts, groups, uses_groups),
        warnings=_warnings(blocks, eps),
    )


def normalised(x: Array, method: Method, groups: int, eps: float) -> Array:
    """Return x [N, C, ...] with mean 0 and variance 1 over the axes of `method`; a constant set becomes 0."""
    n, c = x.shape[:2]
    # [N, G, C/G, pixels]: every method is a choice of these four axes.
    parts = groups if method == "gn" else 1
    cells = x.reshape(n, parts, c // parts, -1)
    axes = {"bn": (0, 3), "ln": (2, 3), "in": (3,), "gn": (2, 3)}[method]
    centred = cells - cells.mean(axis=axes, keepdims=True)
    spread = np.sqrt((centred**2).mean(axis=axes, keepdims=True) + eps)
    y = np.divide(centred, spread, out=np.zeros_like(centred), where=spread > 0)
    return np.asarray(y.reshape(x.shape), dtype=np.float64)


def _tensor(x: Sequence[Any] | None, layout: str | None) -> tuple[Array | None, bool]:
    """Return x with a batch axis, and whether it had to be added."""
    if x is None:
        return None, False
    axes = len(layout) if layout else None
    values = read_array("x", x, ndim=(max(2, axes - 1), axes) if axes else (2, 4))
    top = float(np.abs(values).max())
    if top > _LARGEST:
        raise _unfit(Fault.OUT_OF_RANGE, "x", top, f"at most {_LARGEST:g}", f"不超过 {_LARGEST:g}")
    is_single = axes is not None and values.ndim == axes - 1
    return (values[None] if is_single else values), is_single


def _sides(shape: list[int] | None, values: Array | None, layout: str | None, is_single: bool) -> list[int]:
    found = list(values.shape) if values is not None else shape or [8, 64, 32, 32][: len(layout or "NCHW")]
    given = found[1:] if is_single else found
    en = zh = ""
    if shape is not None and shape not in (found, given):
        en, zh = f"{given}, the shape of x", f"{given}，即 x 的形状"
    elif layout is not None and len(found) != len(layout):
        en, zh = f"{len(layout)} sides for {layout}", f"{layout} 对应的 {len(layout)} 维"
    if en:
        raise _unfit(Fault.SHAPE_MISMATCH, "shape", shape, en, zh)
    return found


def _unfit(fault: Fault, param: str, got: Any, en: str, zh: str) -> DemoError:
    hint_en, hint_zh = f"{param} must be {en}.", f"{param} 应为 {zh}。"
    return DemoError(fault, param=param, got=got, allowed=en, hint_en=hint_en, hint_zh=hint_zh)


def _drawn(sides: list[int], seed: int) -> Array:
    if math.prod(sides) > MAX_ELEMENTS:
        en, zh = f"at most {MAX_ELEMENTS} elements to compare", f"不超过 {MAX_ELEMENTS} 个元素才能比较数值"
        raise _unfit(Fault.TOO_BIG, "shape", sides, en, zh)
    return np.random.default_rng(seed).normal(size=sides)


def _counted(method: Method, sides: list[int], groups: int) -> dict[str, Any]:
    """Return which axes share a statistic, how many statistics there are, and what that means for the batch."""
    n, c, *space = sides
    names = ["H", "W"] if len(space) == 2 else ["L"] * len(space)
    shared = {"bn": ["N"], "ln": ["C"], "in": [], "gn": ["C/G"]}[method]
    count = {"bn": c, "ln": n, "in": n * c, "gn": n * groups}[method]
    return {
        "axes": shared + names,
        "n_stats": count,
        "elements_per_stat": math.prod(sides) // count,
        "works_at_batch_1": method != "bn",
        "train_equals_test": method != "bn",
    }


def _table(blocks: dict[Method, dict[str, Any]]) -> Table:
    columns = ("method", "mean over", "statistics", "elements per statistic", "batch of 1", "train = test")
    rows = [
        (
            name,
            ", ".join(block["axes"]) or "nothing",
            block["n_stats"],
            block["elements_per_stat"],
            "works" if block["works_at_batch_1"] else "fails",
            "yes" if block["train_equals_test"] else "no",
        )
        for name, block in blocks.items()
    ]
    return Table(columns, tuple(rows))


def _plot(blocks: dict[Method, dict[str, Any]]) -> Plot:
    sizes = Series("size", range(len(blocks)), [block["elements_per_stat"] for block in blocks.values()])
    return Plot("bar", (sizes,), "method", "elements per statistic", "y", categories=tuple(blocks))


def _shading(method: Method, sides: list[int], groups: int) -> Plot:
    """Return the N x C grid of the paper's figure 2: cells of one shade share mean and variance."""
    n, c = (np.arange(min(side, most)) for side, most in zip(sides, _SHOWN, strict=False))
    row, column = n[:, None] + 0 * c, 0 * n[:, None] + c
    shade = {
        "bn": column,
        "ln": row,
        "in": row * len(c) + column,
        "gn": row * groups + column * groups // sides[1],
    }
    return Plot("heatmap", (), "channel", "sample", grid=shade[method].tolist(), cells="statistic")


def _notes(
    method: str, other: str | None, sides: list[int], groups: int, given: int | None, uses_groups: bool
) -> tuple[str, ...]:
    notes = []
    if method in ("bn", "all"):
        notes.append("BN in training; in inference it uses running averages, so it alone treats them apart.")
    if given is not None and not uses_groups:
        notes.append("groups plays no part: only gn has groups.")
    if uses_groups and groups in (1, sides[1]):
        notes.append(f"GN with {groups} groups is {'LN' if groups == 1 else 'IN'} (without the affine part).")
    if "ln" in (method, other, "ln" if method == "all" else "") and len(sides) > 2:
        notes.append(
            "LN here is over C and all pixels; in a Transformer it is over the features of each token."
        )
    return tuple(notes)


def _warnings(blocks: dict[Method, dict[str, Any]], eps: float) -> tuple[str, ...]:
    lone = [name for name, block in blocks.items() if block["elements_per_stat"] == 1]
    warnings = []
    if lone:
        warnings.append(
            f"{', '.join(lone)}: one element per statistic, the variance is 0 and every output is 0."
        )
    if eps == 0:
        warnings.append("eps is 0: where all elements of a statistic are equal, 0/0 is reported as 0.")
    return tuple(warnings)


def read_question(facts: Facts) -> dict[str, Any] | None:
    """Return shape, method and groups of a question about what a normalization averages over."""
    return read_norm(facts)


def exercise(random: np.random.Generator, level: int) -> Exercise:
    """Return a drill on counting statistics: one method, then groups, then how many values each one averages."""
    return draw(random, level, norm_axes)
