"""What a training loss says about itself: labels with the rule that fired, and what to look at next.

A label is read off numbers; the causes are candidates in order of likelihood, never a diagnosis.
Rules of thumb: cs231n, neural networks 3; stability of gradient descent on a quadratic: η < 2/λ_max.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from enum import StrEnum
from typing import Literal

import numpy as np

from assistant.demo_parts.activations import Array

Loss = Literal["softmax", "svm_hinge"]

#: What is still above this share of the first loss has not been learnt.
LEFT = 0.1


class Label(StrEnum):
    """What the numbers look like."""

    OK = "ok"
    TOO_SLOW = "too_slow"
    TOO_FAST = "too_fast"
    OSCILLATING = "oscillating"
    DIVERGING = "diverging"
    PLATEAU = "plateau"
    NAN = "nan"


#: Candidate causes, likeliest first, each with what to try.
CANDIDATES: dict[Label, tuple[tuple[str, str], ...]] = {
    Label.OK: (("nothing stands out", "go on; watch the validation loss for overfitting"),),
    Label.TOO_SLOW: (
        ("learning rate too low", "raise it threefold to tenfold"),
        ("inputs not normalised", "scale features to mean 0 and variance 1"),
        ("initial weights too small", "use Kaiming or Xavier; look at the gradient's norm by layer"),
    ),
    Label.TOO_FAST: (
        ("learning rate too high", "lower it threefold to tenfold"),
        ("weights very small", "look at the initialisation: the ratio is relative to them"),
    ),
    Label.OSCILLATING: (
        ("learning rate near the stability limit", "halve it, or let it decay"),
        ("batch too small", "take a larger batch and see whether the swings shrink"),
        ("momentum too high", "try 0.9 or less"),
    ),
    Label.DIVERGING: (
        ("learning rate too high", "divide it by 10"),
        ("exploding gradients", "clip the gradient's norm; check the initialisation"),
        ("bug in loss or gradient", "check the sign of the update; compare with a numeric gradient"),
    ),
    Label.PLATEAU: (
        ("learning rate too low, or decayed too early", "raise it again"),
        ("labels do not fit the inputs", "look at some pairs; try to overfit 20 examples"),
        ("dead or saturated units", "look at activations and at the gradient's norm by layer"),
        ("model too small", "enlarge it, once overfitting 20 examples works"),
    ),
    Label.NAN: (
        ("learning rate too high: the loss grew first", "divide it by 10"),
        ("log of 0, division by 0 or overflow", "compute softmax and loss together; add an eps"),
        ("bad values in the data", "check inputs and labels for NaN"),
    ),
}


def expected_loss(n_classes: int, loss: Loss) -> float:
    """Return the loss of equal scores for all classes."""
    return math.log(n_classes) if loss == "softmax" else float(n_classes - 1)


def descent(curvature: Array, lr: float, steps: int, start: Array) -> Array:
    """Return the loss before the first and after each of `steps` steps: Σ λ((1 − ηλ)ᵗ x)² / 2."""
    times = np.arange(steps + 1)[:, None]
    with np.errstate(all="ignore"):
        x = np.where(start == 0, 0.0, start * (1 - lr * curvature) ** times)
        total: Array = (curvature * x**2).sum(axis=1) / 2
    return total


def label_rate(lr: float, curvature: Sequence[float], final_share: float | None) -> tuple[Label, str]:
    """Return the label of gradient descent on a quadratic; `final_share` is the last loss over the first."""
    steepest = lr * max(curvature)
    if steepest > 2 * (1 + 1e-12):
        return Label.DIVERGING, f"lr·λ_max = {steepest:.4g} > 2: the steepest direction grows at every step"
    if steepest > 1 + 1e-12:
        return (
            Label.OSCILLATING,
            f"1 < lr·λ_max = {steepest:.4g} <= 2: the steepest direction changes sign at every step",
        )
    if final_share is None or final_share > LEFT:
        return (
            Label.TOO_SLOW,
            f"lr·λ_max = {steepest:.4g} <= 1, and over {LEFT:.0%} of the first loss is left",
        )
    return Label.OK, f"lr·λ_max = {steepest:.4g} <= 1, and at most {LEFT:.0%} of the first loss is left"


def label_ratio(ratio: float) -> tuple[Label, str]:
    """Return the label of |update| / |weights|; about 1e-3 is healthy, a factor of 10 either way is allowed."""
    if ratio < 1e-4:
        return Label.TOO_SLOW, f"the update is {ratio:.3g} of the weights, below 1e-4"
    if ratio > 1e-2:
        return Label.TOO_FAST, f"the update is {ratio:.3g} of the weights, above 1e-2"
    return Label.OK, f"the update is {ratio:.3g} of the weights, within a factor of 10 of 1e-3"


def label_curve(losses: Sequence[float | None]) -> tuple[Label, str]:
    """Return the label of at least 5 losses in order of time, None for NaN."""
    if None in losses:
        return Label.NAN, f"loss {losses.index(None) + 1} of {len(losses)} is NaN"
    values = np.array(losses, dtype=float)
    tail = values[-max(len(values) // 3, 3) :]
    first, end = float(values[0]), float(tail.mean())
    size = max(float(np.abs(values).max()), 1e-300)
    scale = max(abs(first), 1e-300)
    moves = np.diff(values)
    if values[-1] > first + 0.1 * scale and tail[-1] > tail[0]:
        return (
            Label.DIVERGING,
            f"the last loss, {values[-1]:.4g}, is above the first, {first:.4g}, and rising",
        )
    flips = int((moves[1:] * moves[:-1] < 0).sum())
    swing = float(np.abs(moves).mean())
    if flips > 0.6 * (len(moves) - 1) and swing > 0.1 * size:
        return Label.OSCILLATING, f"the loss turns {flips} times, by {swing:.4g} a step on average"
    # A loss below 0 has no natural end, so only a flat tail can be told.
    is_low = 0 <= end <= LEFT * scale
    if np.ptp(tail) <= 0.02 * scale and not is_low:
        return Label.PLATEAU, f"the last {len(tail)} losses stay within 2% of the first, at {end:.4g}"
    if first - values[-1] < 0.1 * scale and not is_low:
        return Label.TOO_SLOW, f"the loss fell by less than 10% in {len(values)} values"
    return Label.OK, f"the loss fell from {first:.4g} to {values[-1]:.4g}"
