"""How many paths lead from the input to each output of an upsampling layer, along one axis. Knows no demo.

In two dimensions the counts of the axes multiply. Odena, Dumoulin & Olah 2016, Distill, doi:10.23915/distill.00003.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Counts = NDArray[np.int64]
Method = Literal["transposed", "resize_conv", "pixel_shuffle"]
Layer = Callable[[Counts, int, int], Counts]


def _transposed(counts: Counts, kernel: int, stride: int) -> Counts:
    """Return how many paths reach each output: every input is stamped over `kernel` outputs, `stride` apart."""
    spread = np.zeros((len(counts) - 1) * stride + 1, dtype=np.int64)
    spread[::stride] = counts
    return np.convolve(spread, np.ones(kernel, dtype=np.int64))


def _convolved(counts: Counts, kernel: int) -> Counts:
    """Return a convolution of stride 1 that keeps the size; zeros outside, the odd one on the right."""
    full = np.convolve(counts, np.ones(kernel, dtype=np.int64))
    left = kernel // 2
    return full[left : left + len(counts)]


def _resized(counts: Counts, kernel: int, stride: int) -> Counts:
    return _convolved(np.repeat(counts, stride), kernel)


def _sub_pixel(counts: Counts, kernel: int, stride: int) -> Counts:
    return np.repeat(_convolved(counts, kernel), stride)


_LAYERS: dict[Method, Layer] = {
    "transposed": _transposed,
    "resize_conv": _resized,
    "pixel_shuffle": _sub_pixel,
}


def stacked(counts: Counts, kernel: int, stride: int, layers: int, method: Method) -> Counts:
    """Return the paths that reach each output after `layers` equal layers."""
    for _ in range(layers):
        counts = _LAYERS[method](counts, kernel, stride)
    return counts


def length_after(size: int, kernel: int, stride: int, layers: int, method: Method) -> int:
    """Return the output's side."""
    for _ in range(layers):
        size = (size - 1) * stride + kernel if method == "transposed" else size * stride
    return size


def pattern(kernel: int, stride: int, layers: int, method: Method) -> Counts:
    """Return one period of the counts far from any edge, [stride**layers]: exact, whatever the input's size."""
    if method != "transposed":
        return np.full(stride**layers, kernel**layers, dtype=np.int64)
    period = np.ones(1, dtype=np.int64)
    for _ in range(layers):
        at = np.arange(len(period) * stride)
        # Output j gets tap j % s + start from input (j - start) // s, for every start that stays in the kernel.
        period = np.sum(
            [
                np.where(at % stride + start < kernel, period[(at - start) // stride % len(period)], 0)
                for start in range(0, kernel, stride)
            ],
            axis=0,
        )
    return period


def shortest(period: Counts) -> int:
    """Return the smallest shift that leaves the pattern as it is."""
    steps = (step for step in range(1, len(period)) if len(period) % step == 0)
    return next((step for step in steps if (np.roll(period, step) == period).all()), len(period))


def ratio_of(period: Counts, dims: int) -> float | None:
    """Return the largest over the smallest count, None where some outputs get nothing."""
    low, high = int(period.min()), int(period.max())
    return float(Fraction(high, low) ** dims) if low else None
