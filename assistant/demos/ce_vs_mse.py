"""Cross-entropy against squared error: why a confidently wrong sigmoid learns slowly under squared error.

One neuron that is trained, gradients at one pre-activation, and the cross-entropy of logits or probabilities.
Losses of a regression are `loss_compare`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

import numpy as np
from annotated_types import Interval, Len
from numpy.typing import NDArray

from assistant.demo_kit.arrays import read_array
from assistant.demo_kit.exercises import Exercise
from assistant.demo_kit.question import Facts
from assistant.demo_kit.slots import Spoken, fill
from assistant.demo_kit.types import DemoResult, Plot, Series, Table
from assistant.demo_parts.class_probabilities import (
    binary_numbers,
    probability_numbers,
    refusal,
    softmax_numbers,
)
from assistant.demo_parts.classification_drills import draw_classification_drill
from assistant.demo_parts.classification_losses import Cost, outputs, sigmoid, slopes

FORMULA = (
    "a = σ(z); squared error ½(a − y)²: dC/dz = (a − y)·a·(1 − a); cross-entropy: dC/dz = a − y; "
    "softmax with cross-entropy: −log p_y, dC/dz = p − onehot(y)"
)
SOURCE = "Nielsen 2015, Neural Networks and Deep Learning, chapter 3; Bishop 2006, PRML, eq. 4.108-4.109"
TOPICS = (
    "cross-entropy vs MSE", "交叉熵和MSE", "为什么分类用交叉熵不用均方误差", "softmax 梯度 logits",
    "sigmoid with quadratic cost", "交叉熵与平方误差",
)  # fmt: skip
#: Nielsen's figures show the output after half of his 300 epochs, too.
_HALF_WAY = 150
_TOLD = ("initial", "at150", "final")

Array = NDArray[np.float64]
Weight = Annotated[float, Interval(ge=-50, le=50)]
Class = Annotated[int, Interval(ge=0, le=10_000)]


def ce_vs_mse(
    *,
    z: Weight | None = None,
    y: Annotated[int, Interval(ge=0, le=1)] | Sequence[Any] = 0,
    w: Weight = 2.0,
    b: Weight = 2.0,
    x: Weight = 1.0,
    lr: Annotated[float, Interval(gt=0, le=10)] = 0.15,
    epochs: Annotated[int, Interval(ge=1, le=2000)] = 300,
    cost: Literal["mse", "ce", "both"] = "both",
    logits: Sequence[Any] | None = None,
    target: Class | Annotated[list[Class], Len(1, 64)] | None = None,
    p: Sequence[Any] | None = None,
    kind: Literal["binary", "softmax", "softmax_probs"] | None = None,
    normalise: bool = False,
) -> DemoResult:
    """Cross-entropy and squared error behind a sigmoid: gradients, training from a bad start, softmax.

    Args:
        z: Pre-activation at which the two gradients are compared; without it the neuron is trained.
        y: Target of the neuron, 0 or 1; with p and kind binary a list or matrix of targets.
        w: Weight the neuron starts with.
        b: Bias the neuron starts with.
        x: The neuron's only input.
        lr: Learning rate.
        epochs: Steps of gradient descent.
        cost: Cost that is trained with: mse, ce or both side by side.
        logits: Scores of 2 to 64 classes, one list or a matrix with a row per sample, together with target.
        target: Index of the right class from 0, one per sample.
        p: Probabilities in place of logits, a list or a matrix with a row per sample.
        kind: What logits or p are: softmax (logits), softmax_probs (rows of p sum to 1) or binary (each
            element of p on its own). Found out when left out.
        normalise: Divide each row of p by its sum in place of refusing rows that do not sum to 1.
    """
    asked = [name for name, value in (("z", z), ("logits", logits), ("p", p)) if value is not None]
    meant = _kind(asked, kind, y)
    if meant is None:
        if isinstance(y, Sequence):
            raise refusal(
                "y", f"{len(y)} items", "0 or 1", "Without p, y is one target.", "没有 p 时，y 是单个标签。"
            )
        return _compared(z, float(y)) if z is not None else _trained(w, b, x, float(y), lr, epochs, cost)
    warnings: tuple[str, ...] = ()
    if meant == "softmax":
        numbers = softmax_numbers(read_array("logits", logits or [], ndim=(1, 2)), target)
    elif meant == "binary":
        numbers, warnings = binary_numbers(read_array("p", p or [], ndim=(1, 2)), y)
    else:
        numbers, warnings = probability_numbers(
            read_array("p", p or [], ndim=(1, 2)), target, normalise=normalise
        )
    return DemoResult(
        demo="ce_vs_mse",
        args_used={"kind": meant},
        numbers=numbers,
        formula=FORMULA,
        source=SOURCE,
        plot=_bars(numbers),
        notes=_NOTES[meant],
        warnings=warnings,
    )


_NOTES: Mapping[str, tuple[str, ...]] = {
    "softmax": (
        "gradient.grad is that of each sample's loss; for the mean loss divide by the number of samples.",
    ),
    "binary": ("The mean over all elements, each one a decision of its own.",),
    "softmax_probs": ("Only the probability of the right class counts.",),
}


def _kind(asked: Sequence[str], kind: str | None, y: Any) -> str | None:
    """Return how logits or p are meant, or None for the neuron; refuses what does not go together."""
    if len(asked) > 1:
        raise refusal(
            asked[1],
            "given",
            f"one of z, logits, p; {asked[0]} is given, too",
            f"{asked[0]} and {asked[1]} are different questions; give one of them.",
            f"{asked[0]} 和 {asked[1]} 是两个不同的问题，只能给一个。",
        )
    fitting: Mapping[str, tuple[str, ...]] = {"logits": ("softmax",), "p": ("binary", "softmax_probs")}
    kinds = fitting.get(asked[0] if asked else "", ())
    if kind is not None and kind not in kinds:
        if not kinds and kind == "binary":
            return None
        needed = "logits" if kind == "softmax" else "p"
        raise refusal(
            "kind",
            kind,
            " or ".join(kinds) if kinds else f"kind {kind} together with {needed}",
            f"kind {kind} needs {needed}.",
            f"kind 为 {kind} 时需要给出 {needed}。",
        )
    if kind is None and kinds:
        return kinds[0] if len(kinds) == 1 or isinstance(y, Sequence) else "softmax_probs"
    return kind


def _compared(z: float, y: float) -> DemoResult:
    """Return both gradients at one pre-activation."""
    at = {cost: float(slope) for cost, slope in slopes(np.asarray(z), y).items()}
    a, rest = float(sigmoid(np.asarray(z))), float(sigmoid(np.asarray(-z)))
    axis = np.linspace(-10, 10, 401)
    return DemoResult(
        demo="ce_vs_mse",
        args_used={},
        numbers={"gradient": at, "output": a, "ratio": 1 / (a * rest)},
        formula=FORMULA,
        source=SOURCE,
        table=Table(("cost", "gradient"), tuple(at.items())),
        plot=Plot(
            "line",
            tuple(Series(cost, axis.tolist(), np.abs(g).tolist()) for cost, g in slopes(axis, y).items()),
            "z",
            "|dC/dz|",
            log="y",
        ),
        notes=(
            "The gradients are with respect to z; ratio is cross-entropy's over squared error's, 1/(a(1 − a)) ≥ 4.",
            "Squared error is ½(a − y)²; without the half its gradient is twice as large.",
        ),
    )


def _trained(w: float, b: float, x: float, y: float, lr: float, epochs: int, cost: str) -> DemoResult:
    """Return the neuron's output over the epochs, for one cost or both."""
    costs: tuple[Cost, ...] = ("mse", "ce") if cost == "both" else ("mse",) if cost == "mse" else ("ce",)
    curves = {name: outputs(w, b, x, y, lr, epochs, name) for name in costs}
    told: dict[str, dict[str, Any]] = {
        name: dict(zip(_TOLD, (a[0], a[_HALF_WAY] if epochs >= _HALF_WAY else None, a[-1]), strict=True))
        for name, a in curves.items()
    }
    one = told[costs[0]] if len(costs) == 1 else {}
    z0 = np.clip(np.asarray(w * x + b), -500, 500)
    numbers: dict[str, Any] = {**one, "curve": one} if one else {**told}
    numbers["gradient"] = {name: float(slope) for name, slope in slopes(z0, y).items()}
    picked = np.unique(np.linspace(0, epochs, 7).astype(int)).tolist()
    rows = tuple(
        (epoch, *(v for name, a in curves.items() for v in (a[epoch], _slope_at(a[epoch], y, name))))
        for epoch in picked
    )
    return DemoResult(
        demo="ce_vs_mse",
        args_used={},
        numbers=numbers,
        formula=FORMULA,
        source=SOURCE,
        table=Table(("epoch", *(f"{key} {name}" for name in costs for key in ("output", "gradient"))), rows),
        plot=Plot(
            "line",
            tuple(Series(name, list(range(epochs + 1)), a.tolist()) for name, a in curves.items()),
            "epoch",
            "output",
        ),
        notes=(
            "gradient is dC/dz before the first step. One learning rate for both costs is no fair race, but the "
            "flat start under squared error stays at any rate.",
        ),
    )


def _slope_at(a: float, y: float, cost: Cost) -> float:
    """Return dC/dz where the output is `a`."""
    return (a - y) * (a * (1 - a) if cost == "mse" else 1.0)


def _bars(numbers: Mapping[str, Any]) -> Plot:
    """Return the loss of each sample, or the gradient of the only one."""
    losses = np.ravel(numbers.get("ce_per_sample", numbers.get("bce_per_element")))
    if losses.size > 1 or "gradient" not in numbers:
        return Plot("bar", (Series("loss", list(range(losses.size)), losses.tolist()),), "sample", "loss")
    grad = np.ravel(numbers["gradient"]["grad"])
    return Plot("bar", (Series("gradient", list(range(grad.size)), grad.tolist()),), "class", "p − onehot")


_CE = ("交叉熵", "cross entropy", "crossentropy", "log loss", "logloss", "bce", "ce")
_MSE = (
    "mse", "均方误差", "均方差", "平方误差", "平方损失", "二次代价", "squared error", "squared loss",
    "quadratic cost", "quadratic loss",
)  # fmt: skip
_ELSEWHERE = (
    "kl", "蒸馏", "distillation", "标签平滑", "label smoothing", "focal", "gan", "lsgan", "对比学习",
    "contrastive", "ctc", "dice", "vae", "困惑度", "perplexity", "attention", "注意力", "diffusion", "扩散",
)  # fmt: skip


_SPOKEN: Spoken = {
    "z": ("z", "净输入", "加权输入"),
    "y": ("y", "label", "标签", "target", "目标"),
    "w": ("w", "权重", "weight"),
    "b": ("b", "偏置", "bias"),
    "x": ("x",),
    "lr": ("lr", "learning rate", "学习率"),
    "epochs": ("epochs", "{}epoch", "{}轮", "{}步", "{}steps", "{}次迭代", "{}iterations"),
}
_CLASSES: Spoken = {
    "logits": ("logits", "logit", "scores", "得分"),
    "p": ("p", "probabilities", "probability", "概率", "概率分布", "预测概率"),
    "target": (
        "class", "target", "类别", "标签", "label", "真实类", "正确类", "真实类别", "正确类别", "true class",
        "correct class", "真实标签",
    ),
}  # fmt: skip


def read_question(facts: Facts) -> dict[str, Any] | None:
    """Return z, neuron or logits of a question that compares the costs or asks for a cross-entropy gradient."""
    says_ce, says_mse = facts.says(*_CE), facts.says(*_MSE)
    found, classes = fill(ce_vs_mse, _SPOKEN, facts), fill(ce_vs_mse, _CLASSES, facts)
    is_neuron = facts.says("sigmoid", "neuron", "神经元") and (says_ce or says_mse)
    scores = [name for name in ("logits", "p") if len(classes.get(name, ())) > 1]
    is_softmax = bool(scores) and (says_ce or facts.says("softmax"))
    if facts.says(*_ELSEWHERE) or not (
        (says_ce and says_mse)
        or (is_neuron and found.keys() & {"w", "b", "x"})
        or is_softmax
        or (says_ce and "z" in found)
    ):
        return None
    if is_softmax:
        return {name: classes[name] for name in (scores[0], "target") if name in classes}
    if "z" in found:
        return {name: value for name, value in found.items() if name in ("z", "y")}
    return found | ({"cost": "ce" if says_ce else "mse"} if says_ce != says_mse else {})


def exercise(random: np.random.Generator, level: int) -> Exercise:
    """Return a drill: dC/dz of a sigmoid under 1 cross-entropy and 2 squared error, 3 softmax cross-entropy."""
    return draw_classification_drill(ce_vs_mse, random, level)
