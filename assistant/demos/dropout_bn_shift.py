"""Variance shift between dropout and batch normalization: what BN sees in training and what it gets in testing.

One feature, or the sum a convolution makes of d of them; activation functions in between are left out.
"""

from __future__ import annotations

import math
import re
from typing import Annotated, Any, Literal

import numpy as np
from annotated_types import Interval

from assistant.demo_kit.exercises import Exercise, Mistake
from assistant.demo_kit.question import Facts
from assistant.demo_kit.slots import Spoken, fill
from assistant.demo_kit.types import DemoError, DemoResult, Fault, Plot, Series, Table
from assistant.demo_parts.clear_draws import draw_clear
from assistant.demo_parts.spoken_dropout import read_kept_share

TOPICS = (
    "variance shift",
    "方差偏移",
    "dropout and batch normalization",
    "dropout 和 BN 一起用",
    "dropout",
)
FORMULA = (
    "Var_train = (c² + v)/p − c², Var_test = v, ratio = Var_test / Var_train; "
    "after a convolution both gain v·ρ·(d·cos²θ − 1)"
)
SOURCE = (
    "Li, Chen, Hu & Yang 2019, Understanding the Disharmony between Dropout and Batch Normalization by Variance "
    "Shift, arXiv:1801.05134, section 3 (figure 1: 1/p against 1; cases (a) and (b))"
)

Order = Literal["dropout-bn", "dropout-conv-bn", "bn-then-dropout"]
_DEFAULT_WIDTH = 64
_LAYERS = 10
#: Random numbers one simulation may draw; wide layers get fewer samples.
_MAX_DRAWN = 4_000_000
_CHUNK = 500_000
_GRID = tuple(round(0.05 * i, 2) for i in range(2, 21))
_WIDTHS = (16, 64, 256, 1024)


def dropout_bn_shift(
    *,
    p_keep: Annotated[float, Interval(gt=0, le=1)] = 0.5,
    mean: Annotated[float, Interval(ge=-1000, le=1000)] = 0.0,
    var: Annotated[float, Interval(gt=0, le=1_000_000)] = 1.0,
    order: Order = "dropout-bn",
    d: Annotated[int, Interval(ge=1, le=4096)] | None = None,
    corr: Annotated[float, Interval(ge=0, le=1)] = 0.0,
    cos2: Annotated[float, Interval(ge=0, le=1)] = 0.25,
    n_samples: Annotated[int, Interval(ge=1000, le=1_000_000)] = 100_000,
    seed: Annotated[int, Interval(ge=0, le=2**31 - 1)] = 0,
) -> DemoResult:
    """Variance shift of dropout before batch normalization, by formula and by simulation.

    Args:
        p_keep: Probability of keeping a unit; a dropout rate of 0.3 is p_keep 0.7.
        mean: Mean c of the feature before dropout.
        var: Variance v of the feature before dropout.
        order: What lies between: dropout-bn nothing, dropout-conv-bn a convolution, bn-then-dropout the reverse.
        d: Inputs of the convolution, kernel area x channels; 64 when left out, only with dropout-conv-bn.
        corr: Correlation of any two inputs of the convolution; only with dropout-conv-bn.
        cos2: Squared cosine between the filter and the all-ones vector; only with dropout-conv-bn.
        n_samples: Samples of the simulation, fewer for a wide layer.
        seed: Seed of the simulation.
    """
    width = (d or _DEFAULT_WIDTH) if order == "dropout-conv-bn" else 1
    train, test = variances(p_keep, mean, var, order, width, corr, cos2)
    # A filter that sums to 0 over identical inputs leaves nothing but rounding.
    if train <= 1e-12 * var:
        raise DemoError(
            Fault.INCONSISTENT,
            param="cos2",
            got=cos2,
            allowed="above 0 where corr is 1 and nothing is dropped",
            hint_en="A filter that sums to 0 over equal inputs always gives 0: there is no variance to compare.",
            hint_zh="各输入完全相同而滤波器之和为 0，输出恒为 0，没有方差可比。",
        )
    test = max(test, 0.0)
    ratio = test / train
    samples = max(min(n_samples, _MAX_DRAWN // width), 2)
    simulated = _simulated(p_keep, mean, var, order, width, corr, cos2, samples, seed)
    return DemoResult(
        demo="dropout_bn_shift",
        args_used={"d": width} if order == "dropout-conv-bn" else {},
        numbers={
            "var_train": train,
            "var_test": test,
            "ratio": ratio,
            "simulated_ratio": simulated,
            "simulated_samples": samples,
            "compounded": [ratio**layers for layers in range(1, _LAYERS + 1)],
        },
        formula=FORMULA,
        source=SOURCE,
        table=Table(
            ("p_keep", "Var_train", "Var_test", "ratio"),
            tuple(
                (p, *both, both[1] / both[0])
                for p in (0.3, 0.5, 0.7, 0.8, 0.9, 0.95)
                if (both := variances(p, mean, var, order, width, corr, cos2))[0] > 0
            ),
        ),
        plot=_plot(mean, var, order, width, corr, cos2),
        notes=_notes(order, d, corr, samples < n_samples),
        warnings=_warnings(order, width, corr, cos2),
    )


def variances(
    p: float, mean: float, var: float, order: Order, d: int, corr: float, cos2: float
) -> tuple[float, float]:
    """Return the variance at BN's input in training and in testing, for a filter of length 1."""
    if order == "bn-then-dropout":
        return var, var
    shared = var * corr * (d * cos2 - 1) if order == "dropout-conv-bn" else 0.0
    return (mean**2 + var) / p - mean**2 + shared, var + shared


def _simulated(
    p: float, mean: float, var: float, order: Order, d: int, corr: float, cos2: float, samples: int, seed: int
) -> float | None:
    """Return the ratio measured on `samples` draws of sum w_i a_i x_i / p; None where training has no spread."""
    random = np.random.default_rng(seed)
    filter_ = _filter(d, cos2, random)
    kept, whole = [], []
    rows = max(_CHUNK // d, 1)
    for start in range(0, samples, rows):
        count = min(rows, samples - start)
        common, own = random.normal(size=(count, 1)), random.normal(size=(count, d))
        x = mean + math.sqrt(var) * (math.sqrt(corr) * common + math.sqrt(1 - corr) * own)
        mask = random.random(x.shape) < p if order != "bn-then-dropout" else np.full(x.shape, p)
        whole.append(x @ filter_)
        kept.append((x * mask / p) @ filter_)
    spread = float(np.concatenate(kept).var())
    return float(np.concatenate(whole).var()) / spread if spread > 0 else None


def _filter(d: int, cos2: float, random: np.random.Generator) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Return a filter of length 1 whose squared cosine with the all-ones vector is `cos2`."""
    ones = np.full(d, 1 / math.sqrt(d))
    if d == 1:
        return ones
    across = random.normal(size=d)
    across -= (across @ ones) * ones
    return math.sqrt(cos2) * ones + math.sqrt(1 - cos2) * across / np.linalg.norm(across)


def _plot(mean: float, var: float, order: Order, width: int, corr: float, cos2: float) -> Plot:
    widths = sorted({*_WIDTHS, width}) if order == "dropout-conv-bn" and corr > 0 else [width]
    series = []
    for d in widths:
        both = [variances(p, mean, var, order, d, corr, cos2) for p in _GRID]
        label = f"d={d}" if order == "dropout-conv-bn" else order
        series.append(Series(label, _GRID, [test / train if train > 0 else 1.0 for train, test in both]))
    return Plot("line", tuple(series), "p_keep", "Var_test / Var_train")


def _notes(order: Order, d: int | None, corr: float, is_cut: bool) -> tuple[str, ...]:
    notes = []
    if order == "bn-then-dropout":
        notes.append("Dropout after the last BN changes no BN's input: the paper's first remedy.")
    else:
        notes.append(
            "BN divides by the training variance: in testing its output has variance `ratio`, not 1."
        )
        notes.append(
            "compounded: the ratio after 1, 2, ... such layers, where nothing in between corrects it."
        )
    if order == "dropout-conv-bn":
        notes.append("The shift comes from the dropped part only: with corr > 0 it fades as d·cos² grows.")
        if d is None:
            notes.append(f"d was not given: {_DEFAULT_WIDTH}.")
        if corr == 0:
            notes.append(
                "With corr 0 the width has no effect: independent inputs add up alike in both phases."
            )
    elif d is not None or corr > 0:
        notes.append("d, corr and cos2 play no part without a convolution.")
    if is_cut:
        notes.append("The layer is wide: the simulation took fewer samples than asked for.")
    return tuple(notes)


def _warnings(order: Order, width: int, corr: float, cos2: float) -> tuple[str, ...]:
    if order == "dropout-conv-bn" and width == 1 and corr > 0 and cos2 != 1:
        return (
            "With d = 1 there is one direction only: cos2 can be nothing but 1, the formula assumes it is.",
        )
    return ()


_BN = ("bn", "batch norm", "batchnorm", "batch normalization", "批归一化", "批量归一化", "批标准化")
_SHIFT = ("variance shift", "方差偏移", "方差漂移")
_SPOKEN: Spoken = {
    "mean": ("mean", "均值", "mean c"),
    "var": ("var", "variance", "方差", "variance v"),
    "d": ("d", "fan in", "输入数"),
    "corr": ("corr", "correlation", "相关系数", "ρ"),
    "cos2": ("cos2", "cos²", "cos^2"),
    "n_samples": ("n samples", "{}个样本", "{}samples"),
}
_NORM = r"(?:bn|batch\s?norm|batch\s?normalization|批?归一化)(?:层|\slayer)?"
_BN_FIRST = re.compile(
    rf"{_NORM}\s?(?:then|(?:comes?\s|is\s)?before|之?后面?(?:再|接|再接|是)?|再接?|->|→)\s?(?:the\s)?dropout"
    rf"|dropout\s?(?:comes?\s|is\s)?after\s(?:the\s)?{_NORM}|dropout\s?(?:放|接)?在\s?{_NORM}\s?[之的]?后"
)
_CONV_BETWEEN = re.compile(r"dropout[^。?？]{0,16}(?:卷积|conv)[^。?？]{0,16}(?:bn|batch ?norm|归一化)")


def read_question(facts: Facts) -> dict[str, Any] | None:
    """Return keep probability, order and width of a question about dropout together with BN."""
    says_bn, says_shift = facts.says(*_BN), facts.says(*_SHIFT)
    says_wide = facts.says("wrn", "wide resnet", "wideresnet")
    if says_wide and (facts.says("dropout", "不怕") or says_shift):
        return {"order": "dropout-conv-bn", "d": 512, "corr": 0.1}
    if not says_shift and not (says_bn and facts.says("dropout", "随机失活")):
        return None
    if not says_shift and not facts.says(
        "前面", "之前", "before", "一起", "together", "方差", "variance", "冲突"
    ):
        return None
    found = fill(dropout_bn_shift, _SPOKEN, facts)
    if (kept := read_kept_share(facts)) is not None:
        found["p_keep"] = kept
    if _CONV_BETWEEN.search(facts.text):
        found["order"] = "dropout-conv-bn"
    elif _BN_FIRST.search(facts.text):
        found["order"] = "bn-then-dropout"
    return found


def exercise(random: np.random.Generator, level: int) -> Exercise:
    """Return a drill on the shift ratio: zero mean, then any mean, then through a convolution."""
    return draw_clear(lambda: _draw(random, level))


def _draw(random: np.random.Generator, level: int) -> Exercise:
    drop = float(random.choice([0.1, 0.2, 0.3, 0.4]))
    keep = round(1 - drop, 1)
    arguments: dict[str, Any] = {"p_keep": keep, "n_samples": 1000}
    c, v = 0.0, 1.0
    if level >= 2:
        c, v = float(random.choice([0.5, 1.0, 1.5, 2.0])), float(random.choice([0.5, 2.0, 3.0]))
        arguments |= {"mean": c, "var": v}
    between_zh, between_en = "BN 紧跟在 dropout 之后", "BN follows right after dropout"
    extra = 0.0
    if level >= 3:
        d, rho, cos2 = int(random.choice([32, 64, 128])), float(random.choice([0.1, 0.2, 0.3])), 0.25
        arguments |= {"order": "dropout-conv-bn", "d": d, "corr": rho, "cos2": cos2}
        extra = v * rho * (d * cos2 - 1)
        between_zh = (
            f"dropout 与 BN 之间有一个卷积（d={d} 个输入，两两相关系数 ρ={rho}；卷积核 w 的长度为 1，"
            f"与全 1 向量的夹角 θ 满足 cos²θ={cos2}）"
        )
        between_en = (
            f"between dropout and BN lies a convolution (d={d} inputs, correlation ρ={rho}; a filter of length 1 "
            f"whose angle θ with the all-ones vector has cos²θ={cos2})"
        )
    train = (c * c + v) / keep - c * c + extra
    answer = dropout_bn_shift(**arguments).numbers["ratio"]
    plain = [f"v·ρ·(d·cos²θ − 1) = {extra:g}"] if level >= 3 else []
    sums = [f"Var_train = (c² + v)/p − c²{' + ' + f'{extra:g}' if plain else ''} = {train:.4g}"]
    last = f"Var_test / Var_train = {v + extra:.4g} / {train:.4g} = {answer:.4g}"
    mistakes = [
        (train / (v + extra), "分子分母颠倒了", "numerator and denominator are swapped"),
        (
            (v + extra) / ((c * c + v) / drop - c * c + extra),
            "把丢弃率当成了保留概率",
            "the drop rate was used as the keep probability",
        ),
    ]
    if level == 2:
        mistakes.append((keep, "均值非 0 时比值不再是 p", "the ratio is p for a mean of 0 only"))
    elif level >= 3:
        mistakes.append((v / (train - extra), "漏了卷积的相关项", "the convolution's shared term is missing"))
    return Exercise(
        demo="dropout_bn_shift",
        arguments=arguments,
        question_zh=f"特征的均值 c={c:g}、方差 v={v:g}，dropout 的丢弃率为 {drop:g}（inverted dropout），"
        f"{between_zh}。测试时与训练时 BN 输入的方差之比 Var_test / Var_train 是多少？",
        question_en=f"A feature has mean c={c:g} and variance v={v:g}; inverted dropout has drop rate {drop:g}; "
        f"{between_en}. What is the ratio Var_test / Var_train at the input of BN?",
        answer=answer,
        steps_zh=(f"保留概率 p = 1 − {drop:g} = {keep:g}", *plain, *sums, last),
        steps_en=(f"keep probability p = 1 − {drop:g} = {keep:g}", *plain, *sums, last),
        hint_zh="训练时除以 p 的掩码放大了二阶矩，均值不变；测试时没有掩码。",
        hint_en="The mask divided by p enlarges the second moment, not the mean; in testing there is no mask.",
        mistakes=tuple(Mistake(*slip) for slip in mistakes),
    )
