"""Why does the loss not go down: the first loss to expect, learning-rate regimes, update ratio, a curve's shape.

Rules of thumb on given numbers; no network is trained. The rules are in `_loss_curves`.
"""

from __future__ import annotations

import math
from typing import Annotated, Any, Literal

import numpy as np
from annotated_types import Interval, Len

from assistant.demo_kit.exercises import Exercise
from assistant.demo_kit.question import Facts
from assistant.demo_kit.types import DemoError, DemoResult, Fault, Plot, Series, Table
from assistant.demo_parts.activations import Array
from assistant.demo_parts.loss_curves import (
    CANDIDATES,
    Label,
    Loss,
    descent,
    expected_loss,
    label_curve,
    label_rate,
    label_ratio,
)
from assistant.demo_parts.spoken_training import read_diagnose_training
from assistant.demo_parts.training_drills import drill

TOPICS = (
    "loss does not converge", "loss 不收敛", "损失不下降", "initial loss", "初始 loss", "learning rate too high",
    "学习率过大", "学习率过小", "update ratio", "loss 震荡", "loss NaN", "训练不收敛",
)  # fmt: skip
FORMULA = (
    "first loss: ln K (softmax), K − 1 (hinge, margin 1); ‖update‖/‖weights‖ ≈ 1e-3; "
    "L = Σ λᵢxᵢ²/2: xᵢ ← (1 − ηλᵢ)xᵢ, stable iff η < 2/λ_max, changing sign where ηλ > 1"
)
SOURCE = (
    "cs231n, neural networks 3 (first loss 2.302 and 9, update ratio 1e-3); Goh 2017, Distill (quadratic)"
)

Check = Literal["initial_loss", "learning_rate", "update_ratio", "curve"]
Curvature = Annotated[float, Interval(gt=0, le=1e6)]
Place = Annotated[float, Interval(ge=-1e6, le=1e6)]
Norm = Annotated[float, Interval(gt=0, le=1e12)]
Reading = Annotated[float, Interval(ge=-1e12, le=1e12)]

#: A loss that stops falling well before it is small.
EXAMPLE_CURVE = (2.3, 2.0, 1.7, 1.5, 1.42, 1.4, 1.4, 1.4, 1.4)


def diagnose_training(
    *,
    check: Check = "learning_rate",
    n_classes: Annotated[int, Interval(ge=2, le=1_000_000)] = 10,
    loss: Loss = "softmax",
    curvature: Annotated[list[Curvature], Len(1, 50)] = [1, 10],  # noqa: B006
    lr: Annotated[float, Interval(gt=0, le=1e6)] = 0.1,
    steps: Annotated[int, Interval(ge=1, le=1000)] = 100,
    x0: Annotated[list[Place], Len(1, 50)] | None = None,
    param_norm: Norm = 1.0,
    update_norm: Annotated[float, Interval(ge=0, le=1e12)] = 1e-3,
    losses: Annotated[list[Reading | None], Len(1, 500)] | None = None,
) -> DemoResult:
    """Loss that does not converge: expected first loss, learning-rate regime, update ratio, or a loss curve's shape.

    Args:
        check: What to look at: initial_loss, learning_rate (on a quadratic), update_ratio or curve.
        n_classes: Classes, for initial_loss.
        loss: Softmax cross-entropy, or the multi-class hinge loss with margin 1, for initial_loss and curve.
        curvature: Second derivatives of the quadratic, for learning_rate.
        lr: Learning rate, for learning_rate.
        steps: Steps of gradient descent, for learning_rate.
        x0: Start, one number per curvature; ones when left out.
        param_norm: Norm of the weights, for update_ratio.
        update_norm: Norm of lr times the gradient, for update_ratio.
        losses: Losses in order of time, 5 to 500, null for NaN, for curve.
    """
    if losses is not None and check != "curve":
        raise DemoError(
            Fault.INCONSISTENT,
            param="losses",
            got=f"{len(losses)} losses",
            allowed="only with check curve",
            hint_en=f"check is {check}, which reads no losses; use curve.",
            hint_zh=f"check 为 {check}，不读取 losses；请改用 curve。",
        )
    if check == "initial_loss":
        return _initial_loss(n_classes, loss)
    if check == "update_ratio":
        return _update_ratio(param_norm, update_norm)
    if check == "curve":
        return _curve(list(EXAMPLE_CURVE) if losses is None else losses, loss, n_classes)
    return _learning_rate(np.array(curvature, float), lr, steps, x0)


def _initial_loss(n_classes: int, loss: Loss) -> DemoResult:
    expected = expected_loss(n_classes, loss)
    shown = sorted({2, 10, 100, 1000, n_classes})
    kinds: tuple[Loss, ...] = ("softmax", "svm_hinge")
    return _result(
        {"expected": expected, "chance_accuracy": 1 / n_classes},
        table=Table(
            ("classes", *kinds), tuple((k, *(expected_loss(k, kind) for kind in kinds)) for k in shown)
        ),
        plot=Plot(
            "line",
            tuple(Series(kind, shown, [expected_loss(k, kind) for k in shown]) for kind in kinds),
            "classes",
            "expected first loss",
            log="xy",
        ),
        notes=(
            "Before training all classes score alike: p = 1/K each, or a margin of 1 violated by K − 1 classes.",
            "Without regularisation; a first loss far off points at initialisation, labels or the loss itself.",
        ),
    )


def _update_ratio(param_norm: float, update_norm: float) -> DemoResult:
    ratio = update_norm / param_norm
    label, rule = label_ratio(ratio)
    return _result(
        {"ratio": ratio, "label": label.value, "rule": rule},
        label=label,
        # A logarithmic axis has no 0.
        plot=Plot(
            "bar",
            (Series("update / weights", [0, 1], [max(ratio, 1e-12), 1e-3]),),
            "learning rate",
            "|update| / |weights|",
            "y",
            categories=("given", "healthy"),
        ),
        notes=("About 1e-3 is healthy, by experience with SGD; embeddings and new layers may well differ.",),
    )


def _learning_rate(curvature: Array, lr: float, steps: int, x0: list[float] | None) -> DemoResult:
    start = np.ones_like(curvature) if x0 is None else np.array(x0, float)
    if start.shape != curvature.shape:
        raise DemoError(
            Fault.SHAPE_MISMATCH,
            param="x0",
            got=x0,
            allowed=f"{curvature.size} numbers, one per curvature",
            hint_en=f"There are {curvature.size} curvatures, but x0 has {start.size} values.",
            hint_zh=f"曲率有 {curvature.size} 个，而 x0 有 {start.size} 个数。",
        )
    losses = descent(curvature, lr, steps, start)
    first, last = float(losses[0]), float(losses[-1])
    label, rule = label_rate(lr, curvature.tolist(), last / first if first > 0 else 0.0)
    limit = 2 / float(curvature.max())
    regimes = [(f"lr {lr:g}", lr), ("too slow", limit / 200), ("well chosen", limit / 2.2)]
    regimes += [("oscillating", 0.95 * limit), ("diverging", 1.05 * limit)]
    is_blind = bool((start[curvature * lr > 2] == 0).any())
    return _result(
        {
            "label": label.value,
            "rule": rule,
            "final_loss": last,
            "first_loss": first,
            "lr_limit": limit,
            "factors": 1 - lr * curvature,
        },
        label=label,
        plot=Plot(
            "line",
            tuple(
                Series(
                    name,
                    list(range(steps + 1)),
                    np.nan_to_num(descent(curvature, rate, steps, start)).tolist(),
                )
                for name, rate in regimes
            ),
            "step",
            "loss",
            # Without a loss above 0 there is nothing to draw on a logarithmic axis.
            log="y" if first > 0 else "",
        ),
        notes=(
            "On a quadratic the limit is exact; on a network λ_max is the Hessian's and moves in training.",
        ),
        warnings=(
            *(("The loss leaves the range of a float.",) if not math.isfinite(last) else ()),
            *(
                ("x0 is 0 along a direction that would diverge, so the loss does not show it.",)
                if is_blind
                else ()
            ),
        ),
    )


def _curve(losses: list[float | None], loss: Loss, n_classes: int) -> DemoResult:
    if len(losses) < 5:
        raise DemoError(
            Fault.OUT_OF_RANGE,
            param="losses",
            got=f"{len(losses)} losses",
            allowed="5 to 500 losses",
            hint_en="The shape of a curve shows from 5 losses on.",
            hint_zh="至少要 5 个 loss 才能看出曲线的形状。",
        )
    label, rule = label_curve(losses)
    known = [(i, value) for i, value in enumerate(losses) if value is not None]
    return _result(
        {
            "label": label.value,
            "rule": rule,
            "first_loss": losses[0],
            "expected": expected_loss(n_classes, loss),
        },
        label=label,
        plot=Plot("line", (Series("loss", [i for i, _ in known], [v for _, v in known]),), "step", "loss")
        if known
        else None,
        notes=(
            f"expected is the first loss of {n_classes} classes before training.",
            "A curve alone tells no overfitting: that takes the validation loss.",
        ),
        warnings=("A cross-entropy is never negative: this is not a softmax loss.",)
        if loss == "softmax" and any(value < 0 for _, value in known)
        else (),
    )


def _result(
    numbers: dict[str, Any],
    *,
    label: Label | None = None,
    table: Table | None = None,
    plot: Plot | None,
    notes: tuple[str, ...],
    warnings: tuple[str, ...] = (),
) -> DemoResult:
    """Return the envelope; with a label, the table lists candidate causes."""
    if label is not None:
        causes = CANDIDATES[label]
        table = Table(
            ("rank", "candidate", "try"),
            tuple((i, cause, remedy) for i, (cause, remedy) in enumerate(causes, 1)),
        )
        numbers["next"] = causes[0][1]
        notes = (*notes, "The causes are candidates in order of likelihood, not a diagnosis.")
    return DemoResult(
        demo="diagnose_training",
        args_used={},
        numbers=numbers,
        formula=FORMULA,
        source=SOURCE,
        table=table,
        plot=plot,
        notes=notes,
        warnings=warnings,
    )


def read_question(facts: Facts) -> dict[str, Any] | None:
    """Return the check and its numbers that a question about a loss that does not converge names."""
    return read_diagnose_training(facts)


def exercise(random: np.random.Generator, level: int) -> Exercise:
    """Return a drill on the first loss (1), the largest stable learning rate (2) or a loss after some steps (3)."""
    return drill(diagnose_training, random, level)
