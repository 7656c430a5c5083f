"""Batch normalisation of a matrix [samples, features], and its gradient path by path. Knows no demo.

Ioffe & Szegedy 2015, arXiv:1502.03167, Algorithm 1 and section 3.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np
from annotated_types import Interval, Len
from numpy.typing import NDArray

from assistant.demo_kit.arrays import read_array
from assistant.demo_kit.types import DemoError, Fault

Array = NDArray[np.float64]

MAX_FEATURES = 16
#: Squares of larger values would leave no digits for the difference that a variance is.
MAX_VALUE = 1e6

Value = Annotated[float, Interval(ge=-MAX_VALUE, le=MAX_VALUE)]
#: One number for all features, or one per feature.
PerFeature = Annotated[list[Value], Len(1, MAX_FEATURES)] | Value
Epsilon = Annotated[float, Interval(gt=0, le=1)]

#: Steps of a gradient check between rounding and truncation.
SMALLEST_H, LARGEST_H = 1e-8, 1e-2

#: A batch small enough to follow by hand: 4 samples, 2 features.
EXAMPLE = ((1, 2), (2, 4), (3, 9), (6, 1))

#: How people call it, as `Facts.says` takes it.
SPOKEN = (
    "bn", "batch norm", "batchnorm", "batch normalization", "batch normalisation",
    "batch normalize", "batch normalise", "批归一化", "批标准化",
    "批量归一化", "批量标准化", "批规范化",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Normalised:
    """A batch with its biased statistics: `xhat` [n, d], the others [d]."""

    mean: Array
    var: Array
    inv_std: Array
    xhat: Array


def normalise(x: Array, eps: float) -> Normalised:
    """Return x̂ = (x − μ) / √(σ² + ε) over the samples, the second to last axis."""
    mean, var = x.mean(axis=-2, keepdims=True), x.var(axis=-2, keepdims=True)
    inv_std = 1 / np.sqrt(var + eps)
    return Normalised(mean[..., 0, :], var[..., 0, :], inv_std[..., 0, :], (x - mean) * inv_std)


def gradient_paths(batch: Normalised, dxhat: Array) -> dict[str, Array]:
    """Return the parts of dx [n, d] that arrive through x̂ itself, through the mean and through the variance."""
    return {
        "xhat": dxhat * batch.inv_std,
        "mean": np.broadcast_to(-batch.inv_std * dxhat.mean(axis=0), dxhat.shape),
        "var": -batch.inv_std * batch.xhat * (dxhat * batch.xhat).mean(axis=0),
    }


def read_batch(x: Sequence[Any]) -> Array:
    """Return x [n, d] with at most `MAX_FEATURES` columns of at most `MAX_VALUE`; raises `DemoError`."""
    batch = read_matrix("x", x)
    if batch.shape[1] > MAX_FEATURES:
        raise DemoError(
            Fault.TOO_BIG,
            param="x",
            got=list(batch.shape),
            allowed=f"up to {MAX_FEATURES} features (columns)",
            hint_en=f"x has {batch.shape[1]} features; keep it to {MAX_FEATURES}.",
            hint_zh=f"x 有 {batch.shape[1]} 个特征（列），最多 {MAX_FEATURES} 个。",
        )
    return batch


def read_matrix(param: str, value: Sequence[Any], like: Array | None = None) -> Array:
    """Return a matrix of values up to `MAX_VALUE`, of the shape of `like` where that is given."""
    matrix = read_array(param, value, ndim=(2, 2))
    if like is not None and matrix.shape != like.shape:
        raise DemoError(
            Fault.SHAPE_MISMATCH,
            param=param,
            got=list(matrix.shape),
            allowed=f"shape {list(like.shape)}",
            hint_en=f"x has shape {list(like.shape)}, and {param} must have the same.",
            hint_zh=f"x 的形状是 {list(like.shape)}，{param} 必须与它相同。",
        )
    if np.abs(matrix).max() > MAX_VALUE:
        raise DemoError(
            Fault.OUT_OF_RANGE,
            param=param,
            got=float(np.abs(matrix).max()),
            allowed=f"values up to {MAX_VALUE:g} in size",
            hint_en=f"{param} has a value beyond {MAX_VALUE:g}.",
            hint_zh=f"{param} 中有绝对值超过 {MAX_VALUE:g} 的数。",
        )
    return matrix


def per_feature(param: str, value: PerFeature | None, default: float, features: int) -> Array:
    """Return one value per feature, a single number repeated."""
    given = [default if value is None else value] if not isinstance(value, list) else value
    if isinstance(value, list) and len(value) != features:
        raise DemoError(
            Fault.SHAPE_MISMATCH,
            param=param,
            got=value,
            allowed=f"{features} numbers, one per feature",
            hint_en=f"x has {features} features, but {param} has {len(value)} values.",
            hint_zh=f"x 有 {features} 个特征，而 {param} 给了 {len(value)} 个数。",
        )
    return np.broadcast_to(np.array(given, dtype=float), (features,))


def refuse_single(samples: int) -> None:
    """Raise where a batch of one is to be normalised by its own statistics."""
    if samples < 2:
        raise DemoError(
            Fault.OUT_OF_RANGE,
            param="x",
            got=f"{samples} sample",
            allowed="at least 2 samples (rows) in training",
            hint_en="The variance of one sample is 0: every output would equal beta.",
            hint_zh="一个样本的方差恒为 0，训练时每个输出都等于 beta；至少要 2 个样本（行）。",
        )
