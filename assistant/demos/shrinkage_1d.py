"""One weight under an L1 or an L2 penalty: why L1 sets small weights to exactly 0 and L2 only shrinks them.

An orthonormal design, where every coefficient can be solved on its own; whole regressions over many penalties
are `regularization_path`.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

import numpy as np
from annotated_types import Interval, Len
from numpy.typing import NDArray

from assistant.demo_kit.exercises import Exercise, Mistake
from assistant.demo_kit.question import Facts
from assistant.demo_kit.slots import Spoken, fill
from assistant.demo_kit.types import DemoResult, Mark, Plot, Series, Table
from assistant.demo_parts.clear_draws import draw_clear, listed, short

FORMULA = "L1: argmin ½(w − z)² + λ|w| = sign(z)·max(|z| − λ, 0); L2: argmin ½(w − z)² + ½λw² = z / (1 + λ)"
SOURCE = "Tibshirani 1996, Regression shrinkage and selection via the lasso, section 2.2; ESL 2009, table 3.4"
TOPICS = (
    "soft thresholding", "软阈值", "L1 sparsity", "L1正则为什么稀疏", "L1 vs L2 regularization", "L1和L2正则",
    "lasso 的稀疏解",
)  # fmt: skip

Array = NDArray[np.float64]
Unpenalised = Annotated[float, Interval(ge=-1e6, le=1e6)]


def shrinkage_1d(
    *,
    z: Annotated[list[Unpenalised], Len(1, 50)] | Unpenalised = [-2, -0.3, 0.3, 1],  # noqa: B006
    lam: Annotated[float, Interval(ge=0, le=100)] = 0.5,
    design: Literal["orthonormal"] = "orthonormal",
) -> DemoResult:
    """L1 and L2 shrinkage of single weights: the soft threshold beside the line z / (1 + lam).

    Args:
        z: Solution without a penalty, one number or several.
        lam: Strength of the penalty, lam |w| for L1 and lam w^2 / 2 for L2.
        design: Orthonormal columns, so that every weight is solved alone.
    """
    points = np.atleast_1d(np.asarray(z, float))
    l1, l2 = soft_threshold(points, lam), points / (1 + lam)
    is_one = not isinstance(z, list)
    on_kink = np.abs(points) == lam
    return DemoResult(
        demo="shrinkage_1d",
        args_used={},
        numbers={
            "l1": float(l1[0]) if is_one else l1,
            "l2": float(l2[0]) if is_one else l2,
            "nonzero_l1": int(np.count_nonzero(l1)),
            "nonzero_l2": int(np.count_nonzero(l2)),
            "zeros_l1": int((l1 == 0).sum()),
        },
        formula=FORMULA,
        source=SOURCE,
        table=Table(("z", "L1", "L2"), tuple(zip(points.tolist(), l1.tolist(), l2.tolist(), strict=True))),
        plot=_plot(points, lam),
        notes=(
            "L1 subtracts the same amount from every weight, L2 divides every weight by the same factor: only "
            "subtraction reaches 0.",
            "At w = 0 the L1 objective has a kink: 0 stays the minimum for every |z| ≤ lam.",
        ),
        warnings=("|z| = lam lies on the threshold: the L1 solution is 0.",) if lam and on_kink.any() else (),
    )


def soft_threshold(z: Array, lam: float) -> Array:
    """Return sign(z) max(|z| - lam, 0), without negative zeros."""
    return np.sign(z) * np.maximum(np.abs(z) - lam, 0.0) + 0.0


def _plot(points: Array, lam: float) -> Plot:
    """Return both solutions over z, and where L1 is exactly 0."""
    edge = max(3.0, min(2.0 * lam, 30.0), min(float(np.abs(points).max()), 30.0))
    axis = np.linspace(-edge, edge, 301)
    lines = (("no penalty", axis), ("L2", axis / (1 + lam)), ("L1", soft_threshold(axis, lam)))
    return Plot(
        "line",
        tuple(Series(name, axis.tolist(), y.tolist()) for name, y in lines),
        "z (unpenalised solution)",
        "w (solution)",
        marks=tuple(Mark("|z| = λ", x=side * lam) for side in (-1, 1) if lam),
    )


_SPARSITY = (
    "稀疏", "sparse", "sparsity", "exact zero", "exactly zero", "exactly 0", "为0", "为零", "变成0", "变成零",
    "压到0",
)  # fmt: skip
_ELSEWHERE = (
    "路径", "path", "剪枝", "prune", "pruning", "bn", "batchnorm", "自编码", "autoencoder", "稀疏注意力",
    "sparse attention", "稀疏卷积", "group lasso", "elastic net", "弹性网络", "dropout", "个特征", "features",
    "vanish", "字典学习", "dictionary", "量化", "quantization",
)  # fmt: skip


_SPOKEN: Spoken = {
    "z": ("z", "最小二乘解", "ols", "无正则解", "原始权重"),
    "lam": ("lambda", "lam", "λ", "正则系数", "正则强度"),
}
_SHRINKS = ("收缩", "shrink", "shrinkage", "解", "solution")


def read_question(facts: Facts) -> dict[str, Any] | None:
    """Return z and lam of a question about soft thresholding or the sparsity of L1."""
    if facts.says(*_ELSEWHERE):
        return None
    is_threshold = facts.says("软阈值", "soft threshold", "soft thresholding")
    is_l1, is_l2 = facts.says("l1", "lasso"), facts.says("l2", "ridge", "岭回归")
    is_penalty = facts.says("正则", "惩罚", "regularization", "regularisation", "penalty", "lasso", "岭回归")
    found = fill(shrinkage_1d, _SPOKEN, facts)
    # z and lambda are this demo's own names: both beside a penalty need no other word.
    is_solved = found.keys() == {"z", "lam"} and (is_l1 or is_l2) and (is_penalty or facts.says(*_SHRINKS))
    if not (
        is_threshold or (is_l1 and facts.says(*_SPARSITY)) or (is_l1 and is_l2 and is_penalty) or is_solved
    ):
        return None
    if "z" not in found and is_threshold and "lam" in found:
        # Without a lambda the number beside these words would rather be the threshold itself.
        z = facts.numbers("soft threshold", "soft thresholding", "soft thresholding of", "软阈值")
        found |= {"z": z if len(z) > 1 else z[0]} if z else {}
    return found


def exercise(random: np.random.Generator, level: int) -> Exercise:
    """Return a drill: 1 a positive weight under L1, 2 any weight under L1, 3 several weights at once."""
    return draw_clear(lambda: _draw_several(random) if level == 3 else _draw_one(random, signed=level == 2))


def _draw_one(random: np.random.Generator, *, signed: bool) -> Exercise:
    lam = float(random.integers(2, 13)) / 10
    # A weight below the threshold, whose answer is 0, comes up in the harder drill only.
    size = float(random.integers(1, 31)) / 10 if signed else lam + float(random.integers(2, 21)) / 10
    z = round(-size if signed and random.random() < 0.7 else size, 10)
    numbers = shrinkage_1d(z=z, lam=lam).numbers
    answer = float(numbers["l1"])
    steps_zh = (
        f"软阈值：sign(z)·max(|z| − λ, 0)，|z| − λ = {abs(z):g} − {lam:g} = {short(abs(z) - lam)}",
        f"{'不大于 0，取 0' if answer == 0 else '大于 0，保留 z 的符号'}：w = {short(answer)}",
    )
    steps_en = (
        f"soft threshold sign(z)·max(|z| − λ, 0): |z| − λ = {abs(z):g} − {lam:g} = {short(abs(z) - lam)}",
        f"{'not above 0, so 0' if answer == 0 else 'above 0, the sign of z is kept'}: w = {short(answer)}",
    )
    return Exercise(
        demo="shrinkage_1d",
        arguments={"z": z, "lam": lam},
        question_zh=f"最小化 ½(w − z)² + λ|w|，z = {z:g}，λ = {lam:g}，最优的 w 是多少？",
        question_en=f"Which w minimises ½(w − z)² + λ|w| for z = {z:g} and λ = {lam:g}?",
        answer=answer,
        steps_zh=steps_zh,
        steps_en=steps_en,
        hint_zh="L1 把 |z| 减去同一个量，最多减到 0。",
        hint_en="L1 subtracts a fixed amount from |z|, down to 0 and no further.",
        mistakes=(
            Mistake(float(numbers["l2"]), "这是 L2 的解 z/(1 + λ)。", "That is the L2 solution z/(1 + λ)."),
            Mistake(
                z if abs(z) > lam else float(np.sign(z)) * (abs(z) - lam),
                "这是硬阈值：超过 λ 的权重也要减去 λ。" if abs(z) > lam else "减过了头：越过 0 之后应取 0。",
                "That is the hard threshold: weights above λ are reduced by λ, too."
                if abs(z) > lam
                else "Subtracted past 0: the weight stays at 0.",
            ),
            Mistake(
                z - lam if z < 0 else z + lam,
                "方向反了：应向 0 收缩。",
                "Wrong direction: weights shrink towards 0.",
            ),
        ),
    )


def _draw_several(random: np.random.Generator) -> Exercise:
    lam = float(random.integers(3, 11)) / 10
    small = round(lam * 0.5, 2)
    z = [
        round(float(v), 2)
        for v in (-(lam + random.integers(2, 15) / 10), small, lam + random.integers(2, 15) / 10)
    ]
    random.shuffle(z)
    numbers = shrinkage_1d(z=z, lam=lam).numbers
    points = np.asarray(z)
    answer = tuple(float(w) for w in numbers["l1"])
    return Exercise(
        demo="shrinkage_1d",
        arguments={"z": z, "lam": lam},
        question_zh=(
            f"正交设计下，无正则的解是 {listed(z)}，损失取 ½(w − z)²。"
            f"加上 L1 惩罚 λ|w|，λ = {lam:g}，各权重是多少？"
        ),
        question_en=(
            f"With an orthonormal design the solution without a penalty is {listed(z)}. What are the weights under "
            f"the L1 penalty λ|w| with λ = {lam:g}, the loss being ½(w − z)²?"
        ),
        answer=answer,
        steps_zh=(
            f"每个权重单独做软阈值，|z| − λ = {listed(np.abs(points) - lam)}",
            f"负的取 0，其余保留符号：{listed(answer)}",
        ),
        steps_en=(
            f"each weight is soft-thresholded alone: |z| − λ = {listed(np.abs(points) - lam)}",
            f"negative ones become 0, the others keep their sign: {listed(answer)}",
        ),
        hint_zh="正交设计下各权重互不影响。",
        hint_en="With orthonormal columns the weights do not affect each other.",
        mistakes=(
            Mistake(
                tuple(float(w) for w in numbers["l2"]),
                "这是 L2 的解，没有一个为 0。",
                "That is the L2 solution: none is 0.",
            ),
            Mistake(
                tuple(float(v) if abs(v) > lam else 0.0 for v in z),
                "这是硬阈值：留下的权重也要减去 λ。",
                "That is the hard threshold: the weights that stay are reduced by λ, too.",
            ),
            Mistake(
                tuple(float(v) for v in np.sign(points) * (np.abs(points) - lam)),
                "小权重减过了头：应停在 0。",
                "The small weight was taken past 0, where it should stop.",
            ),
        ),
    )
