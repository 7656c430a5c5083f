"""Logits, probabilities and their targets, checked and turned into the numbers that `ce_vs_mse` reports."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assistant.demo_kit.arrays import read_array
from assistant.demo_kit.types import DemoError, Fault
from assistant.demo_parts.classification_losses import (
    CLIP,
    binary_cross_entropy,
    softmax,
    softmax_cross_entropy,
)

Array = NDArray[np.float64]
Target = int | list[int] | None

#: How far a row may miss 1 and still be called a distribution; printed tables are rounded.
_ROW_SUM = 1e-6
#: Larger scores differ by more than any probability can show.
_LARGEST_LOGIT = 1e6


def refusal(
    param: str, got: Any, allowed: str, en: str, zh: str, fault: Fault = Fault.INCONSISTENT
) -> DemoError:
    """Return the error to raise."""
    return DemoError(fault, param=param, got=got, allowed=allowed, hint_en=en, hint_zh=zh)


def softmax_numbers(logits: Array, target: Target) -> dict[str, Any]:
    """Return loss and gradient of `logits`, [K] with one target or [N, K] with N of them.

    The gradient is p − onehot of each sample's own loss, in the shape of the logits.
    """
    rows = np.atleast_2d(logits)
    if rows.shape[1] < 2:
        raise refusal("logits", rows.shape[1], "at least 2 classes", "logits need at least 2 classes.",
                      "logits 至少要有 2 个类别。", Fault.SHAPE_MISMATCH)  # fmt: skip
    if np.abs(rows).max() > _LARGEST_LOGIT:
        raise refusal("logits", float(np.abs(rows).max()), "numbers in [-1e6, 1e6]", "logits hold a number beyond 1e6.",
                      "logits 中有绝对值超过 1e6 的数。", Fault.OUT_OF_RANGE)  # fmt: skip
    classes = _classes(target, *rows.shape)
    p = softmax(rows)
    loss = softmax_cross_entropy(rows, classes)
    grad = p - np.eye(rows.shape[1])[classes]
    is_one = logits.ndim == 1
    return {
        "ce_mean": float(loss.mean()),
        "ce_per_sample": loss,
        "gradient": {"grad": grad[0] if is_one else grad},
        "probabilities": p[0] if is_one else p,
    }


def probability_numbers(
    p: Array, target: Target, *, normalise: bool
) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Return −log p[target], per row and on average, and warnings; p is [K] or [N, K]."""
    rows = np.atleast_2d(p)
    if (rows < 0).any():
        raise refusal("p", float(rows.min()), "no negative number",
                      "p holds a negative number; these are no probabilities.", "p 中有负数，不是概率。",
                      Fault.OUT_OF_RANGE)  # fmt: skip
    sums = rows.sum(axis=1)
    if normalise:
        if (sums == 0).any():
            raise refusal("p", 0, "rows with a positive sum", "A row of p holds zeros only and cannot be normalised.",
                          "p 中有一行全为 0，无法归一化。")  # fmt: skip
        rows = rows / sums[:, None]
    elif (off := np.abs(sums - 1)).max() > _ROW_SUM:
        row = int(off.argmax())
        raise refusal(
            "p",
            float(sums[row]),
            "rows that sum to 1",
            f"Row {row} of p sums to {sums[row]:.6g}, not 1; set normalise to divide each row by its sum.",
            f"p 的第 {row} 行（从 0 数起）之和为 {sums[row]:.6g}，不是 1；设 normalise 可将各行除以其和。",
        )
    classes = _classes(target, *rows.shape)
    chosen = rows[np.arange(len(classes)), classes]
    loss = -np.log(np.maximum(chosen, CLIP)) + 0.0
    warnings = ("A right class has probability 0; clipped at 1e-12.",) if (chosen < CLIP).any() else ()
    return {"ce_mean": float(loss.mean()), "ce_per_sample": loss, "p_target": chosen}, warnings


def binary_numbers(p: Array, y: Any) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Return the binary cross-entropy of every element and their mean, and warnings; y has the shape of p."""
    # One number is the target of one probability.
    truth = read_array("y", y if isinstance(y, Sequence) else [y], ndim=(1, 2))
    if truth.shape != p.shape:
        raise refusal("y", list(truth.shape), f"the shape of p, {list(p.shape)}",
                      f"p has shape {list(p.shape)} and y {list(truth.shape)}; they must be equal.",
                      f"p 的形状是 {list(p.shape)}，y 是 {list(truth.shape)}，两者必须相同。",
                      Fault.SHAPE_MISMATCH)  # fmt: skip
    for name, values in (("p", p), ("y", truth)):
        if values.min() < 0 or values.max() > 1:
            worst = float(values.min() if values.min() < 0 else values.max())
            raise refusal(name, worst, "numbers in [0, 1]", f"{name} holds {worst:g}; it must be in [0, 1].",
                          f"{name} 中有 {worst:g}，应在 [0, 1] 内。", Fault.OUT_OF_RANGE)  # fmt: skip
    loss = binary_cross_entropy(p, truth)
    is_clipped = bool((((p < CLIP) & (truth > 0)) | ((1 - p < CLIP) & (truth < 1))).any())
    warnings = ("A probability of 0 for what happened; clipped at 1e-12.",) if is_clipped else ()
    return {"bce": float(loss.mean()), "bce_per_element": loss + 0.0}, warnings


def _classes(target: Target, rows: int, classes: int) -> NDArray[np.int_]:
    """Return one class per row, or refuse."""
    if target is None:
        raise refusal("target", None, f"{rows} class indices", "target is missing: which class is right?",
                      "缺少 target：正确的类别是哪一个？")  # fmt: skip
    chosen = np.atleast_1d(np.asarray(target))
    if len(chosen) != rows:
        raise refusal("target", len(chosen), f"{rows} class indices", f"{rows} samples need {rows} targets.",
                      f"{rows} 个样本需要 {rows} 个 target。", Fault.SHAPE_MISMATCH)  # fmt: skip
    if chosen.max() >= classes:
        raise refusal("target", int(chosen.max()), f"0 to {classes - 1}",
                      f"There are {classes} classes, numbered from 0 to {classes - 1}.",
                      f"共有 {classes} 类，编号为 0 到 {classes - 1}。", Fault.OUT_OF_RANGE)  # fmt: skip
    return chosen
