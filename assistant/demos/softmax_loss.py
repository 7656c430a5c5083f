"""Losses on a softmax: temperature, label smoothing, focal loss and distillation, each with its gradient.

One sample. Plain cross-entropy against squared error is `ce_vs_mse`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

import numpy as np
from annotated_types import Interval, Len
from numpy.typing import NDArray

from assistant.demo_kit.exercises import Exercise
from assistant.demo_kit.question import Facts
from assistant.demo_kit.slots import Spoken, fill
from assistant.demo_kit.types import DemoResult, Plot, Series, Table
from assistant.demo_parts.costs import inconsistent, refuse_unused
from assistant.demo_parts.softmax_drills import draw_softmax_drill

FORMULA = (
    "p = softmax(z / T); smoothing: q = (1 − ε)·onehot + ε/K, L = −Σ q ln p, dL/dz = (p − q) / T; "
    "focal: L = −α (1 − p_t)^γ ln p_t; distillation: L = T² KL(p_teacher ‖ p), dL/dz = T (p − p_teacher)"
)
SOURCE = (
    "Szegedy et al. 2016, Rethinking the Inception Architecture, arXiv:1512.00567, section 7; "
    "Lin et al. 2017, Focal Loss, arXiv:1708.02002, equations 4 and 5; "
    "Hinton, Vinyals & Dean 2015, Distilling the Knowledge, arXiv:1503.02531, section 2"
)
TOPICS = (
    "label smoothing", "标签平滑", "focal loss", "focal loss 公式", "knowledge distillation", "蒸馏损失",
    "知识蒸馏 温度", "softmax 温度", "softmax temperature",
)  # fmt: skip

Array = NDArray[np.float64]
Scores = Annotated[Sequence[Annotated[float, Interval(ge=-1e4, le=1e4)]], Len(2, 64)]
Loss = Literal["ce", "focal", "distillation"]
#: How far probabilities may miss 1; printed ones are rounded.
_SUM = 1e-3


def softmax_loss(
    *,
    logits: Scores | None = None,
    p: Annotated[list[Annotated[float, Interval(gt=0, lt=1)]], Len(2, 64)] | None = None,
    target: Annotated[int, Interval(ge=0, le=63)] | None = None,
    temperature: Annotated[float, Interval(ge=1e-3, le=1e4)] = 1.0,
    loss: Loss | None = None,
    label_smoothing: Annotated[float, Interval(ge=0, le=1)] | None = None,
    gamma: Annotated[float, Interval(ge=0, le=10)] | None = None,
    alpha: Annotated[float, Interval(gt=0, le=1)] | None = None,
    teacher: Scores | None = None,
) -> DemoResult:
    """Softmax with temperature, and the loss and gradient of label smoothing, focal loss or distillation.

    Args:
        logits: Scores of 2 to 64 classes; [2, 1, 0] when neither these nor p are given.
        p: Probabilities in place of logits; the logits are their logarithms.
        target: Index of the right class from 0, for ce and focal; 0 when left out.
        temperature: What the logits are divided by, in distillation the teacher's, too.
        loss: ce, focal or distillation; found out from gamma, alpha and teacher when left out.
        label_smoothing: ε of the labels (1 − ε)·onehot + ε/K, for ce; 0 when left out.
        gamma: How strongly focal loss turns easy samples down; 2 when left out.
        alpha: Weight of the sample's class in focal loss; 1 when left out.
        teacher: Logits of the teacher, as many as there are classes.
    """
    z = _read_logits(logits, p)
    meant: Loss = loss or ("distillation" if teacher is not None else "ce")
    if loss is None and (gamma is not None or alpha is not None) and teacher is None:
        meant = "focal"
    refuse_unused(
        {"target": target, "label_smoothing": label_smoothing, "gamma": gamma, "alpha": alpha, "teacher": teacher},
        _USED[meant],
        f"loss={meant}",
    )  # fmt: skip
    used: dict[str, Any] = {"loss": meant}
    if p is None and logits is None:
        used["logits"] = z.tolist()
    if meant == "distillation":
        labels = softened(_read_teacher(teacher, len(z)), temperature)
    else:
        target = _read_target(target, len(z))
        used["target"] = target
        epsilon = (label_smoothing or 0.0) if meant == "ce" else 0.0
        labels = (1 - epsilon) * np.eye(len(z))[target] + epsilon / len(z)
        if meant == "ce":
            used["label_smoothing"] = epsilon
    probabilities = softened(z, temperature)
    entropy = float(labels[labels > 0] @ -np.log(labels[labels > 0]))
    cross = _cross_entropy(labels, z / temperature)
    gradient = (probabilities - labels) / temperature
    numbers: dict[str, Any] = {"probabilities": probabilities, "labels": labels}
    if meant == "focal":
        gamma, alpha = 2.0 if gamma is None else gamma, 1.0 if alpha is None else alpha
        used |= {"gamma": gamma, "alpha": alpha}
        p_t, rest = float(probabilities[target]), float(np.delete(probabilities, target or 0).sum())
        modulating = rest**gamma
        # From the others' share: the logarithm of a probability near 1 would keep few digits of it.
        cross = -math.log1p(-rest) if rest < 0.5 else cross
        # The product rule: cross-entropy falls, and so does its factor.
        slope = alpha * modulating * (1 + (gamma * p_t * cross / rest if rest else 0.0))
        numbers |= {"p_t": p_t, "modulating": modulating, "ce": cross, "loss": alpha * modulating * cross}
        numbers["ce_gradient"] = gradient
        gradient = slope * gradient
    elif meant == "distillation":
        kl = cross - entropy
        numbers |= {"kl": kl, "loss": temperature**2 * kl}
        numbers["gradient_norm_without_t2"] = float(np.linalg.norm(gradient))
        gradient = temperature**2 * gradient
    else:
        numbers |= {"loss": cross, "least_loss": entropy}
    numbers |= {
        "gradient": gradient,
        "gradient_norm": float(np.linalg.norm(gradient)),
        "label_entropy_bits": entropy / math.log(2),
    }
    return DemoResult(
        demo="softmax_loss",
        args_used=used,
        numbers=numbers,
        formula=FORMULA,
        source=SOURCE,
        table=Table(
            ("class", "logit", "probability", "label", "gradient"),
            tuple(
                (i, *map(float, row)) for i, row in enumerate(zip(z, probabilities, labels, gradient, strict=True))
            )[:20],
        ),
        plot=Plot(
            "bar",
            tuple(
                Series(name, list(range(len(z))), values.tolist())
                for name, values in (("probability", probabilities), ("label", labels))
            ),
            "class",
            "probability",
        ),
        notes=_NOTES[meant],
    )  # fmt: skip


_USED: Mapping[Loss, tuple[str, ...]] = {
    "ce": ("target", "label_smoothing"),
    "focal": ("target", "gamma", "alpha"),
    "distillation": ("teacher",),
}
_NOTES: Mapping[Loss, tuple[str, ...]] = {
    "ce": (
        "Smoothing spreads ε over all K classes, the right one included, as Szegedy et al. and PyTorch do.",
        "least_loss is the entropy of the labels: no prediction gets below it.",
    ),
    "focal": ("With two classes and logits (z, 0) this is the focal loss of a sigmoid with input z.",),
    "distillation": (
        "The gradient without T² shrinks like 1/T²; with it, it keeps its size beside the loss on hard labels.",
        "The term on hard labels, cross-entropy at T = 1, is not in this loss.",
    ),
}


def softened(logits: Array, temperature: float) -> Array:
    """Return softmax(logits / T)."""
    scaled = logits / temperature
    powers = np.exp(scaled - scaled.max())
    return np.asarray(powers / powers.sum())


def _cross_entropy(labels: Array, scaled: Array) -> float:
    """Return −Σ q ln softmax(z), from logits: a probability that rounds to 0 still has its logarithm."""
    highest = scaled.max()
    return float(np.log(np.exp(scaled - highest).sum()) + highest - labels @ scaled)


def _read_logits(logits: Sequence[float] | None, p: list[float] | None) -> Array:
    if logits is not None and p is not None:
        raise inconsistent(
            "p", "given", "logits or p", "Give logits or p, not both.", "logits 和 p 只能给一个。"
        )
    if p is None:
        return np.array((2.0, 1.0, 0.0) if logits is None else logits, float)
    if abs(sum(p) - 1) > _SUM:
        raise inconsistent(
            "p", sum(p), "probabilities that sum to 1", f"p sums to {sum(p):.6g}, not to 1.",
            f"p 的和是 {sum(p):.6g}，应为 1。",
        )  # fmt: skip
    return np.log(p)


def _read_teacher(teacher: Sequence[float] | None, classes: int) -> Array:
    if teacher is None or len(teacher) != classes:
        got = None if teacher is None else len(teacher)
        raise inconsistent(
            "teacher", got, f"{classes} logits", f"The teacher must have {classes} logits, one per class.",
            f"teacher 应有 {classes} 个 logit，每类一个。",
        )  # fmt: skip
    return np.array(teacher, float)


def _read_target(target: int | None, classes: int) -> int:
    if target is not None and target >= classes:
        raise inconsistent(
            "target", target, f"0 to {classes - 1}", f"There are {classes} classes, counted from 0.",
            f"共有 {classes} 类，下标从 0 数起。",
        )  # fmt: skip
    return target or 0


_SMOOTHING = ("label smoothing", "标签平滑", "lsr")
_FOCAL = ("focal loss", "focal", "焦点损失", "聚焦损失")
_DISTILLING = ("distillation", "蒸馏", "distilling", "distill")
_TEMPERATURE = ("temperature", "温度", "温度系数")
_ELSEWHERE = (
    "gan", "gans", "attention", "注意力", "对比学习", "contrastive", "infonce", "clip", "llm", "采样", "sampling",
    "模拟退火", "annealing", "detr", "dino", "generalized focal",
)  # fmt: skip

_SPOKEN: Spoken = {
    "temperature": ("temperature", "温度系数", "温度", "t"),
    "logits": ("student logits", "学生 logits", "学生", "student", "logits", "logit"),
    "teacher": ("teacher logits", "教师 logits", "教师", "老师", "teacher"),
    "target": ("class", "target", "正确类", "真实类", "类别"),
    "label_smoothing": ("label smoothing", "标签平滑", "epsilon", "ε", "eps", "平滑系数"),
    "gamma": ("gamma", "γ"),
    "alpha": ("alpha", "α"),
}
_RIGHT = re.compile(r"(?<![a-z])p_?t?\s?(?:=|为|是)\s?(0?\.\d{1,6})(?!\d)")


def read_question(facts: Facts) -> dict[str, Any] | None:
    """Return logits and settings of a question about label smoothing, focal loss, distillation or temperature."""
    smooths, focuses, distils = (facts.says(*names) for names in (_SMOOTHING, _FOCAL, _DISTILLING))
    about = facts.says("softmax") and facts.says(*_TEMPERATURE)
    if (
        facts.says(*_ELSEWHERE)
        or smooths + focuses + distils > 1
        or not (smooths or focuses or distils or about)
    ):
        return None
    names = ["temperature", "logits"]
    names += ["teacher"] if distils else ["target"]
    names += ["label_smoothing"] * smooths + ["gamma", "alpha"] * focuses
    found = fill(softmax_loss, {name: _SPOKEN[name] for name in names}, facts)
    if distils:
        if "teacher" in found and "logits" in found:
            return found
        # The demo's own three classes, so that a temperature alone shows something.
        example = {"teacher": [5, 1, -6], "logits": [0, 0, 0]}
        return {"temperature": found["temperature"], **example} if "temperature" in found else {}
    if focuses:
        found |= {"loss": "focal"}
        if "logits" not in found and (right := _RIGHT.search(facts.text)):
            found["p"] = [float(right[1]), round(1 - float(right[1]), 9)]
    return found


def exercise(random: np.random.Generator, level: int) -> Exercise:
    """Return a drill: 1 focal loss, 2 a gradient under label smoothing, 3 the gradient of distillation."""
    return draw_softmax_drill(softmax_loss, random, level)
