"""Squared, absolute and Huber loss in closed form, their gradients and the best constants. Knows no demo.

Sources: Huber 1964; ESL (Hastie et al. 2009) section 10.6. The squared loss is e², without a half.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def losses(e: Array, delta: float) -> dict[str, Array]:
    """Return the losses of residuals `e`."""
    size = np.abs(e)
    return {
        "l2": e * e,
        "l1": size,
        "huber": np.where(size <= delta, 0.5 * e * e, delta * (size - 0.5 * delta)),
    }


def gradient(e: float, delta: float) -> dict[str, float]:
    """Return the derivatives at the residual `e`; that of |e| at 0 is set to 0."""
    return {"l2": 2 * e, "l1": float(np.sign(e)), "huber": float(np.clip(e, -delta, delta))}


def fits(data: Array, delta: float) -> dict[str, float]:
    """Return the constant with the least loss; of several equally good ones the middle."""
    return {"l2": float(data.mean()), "l1": float(np.median(data)), "huber": _huber_fit(data, delta)}


def _huber_fit(data: Array, delta: float) -> float:
    """Return the constant with the least Huber loss, exactly; the middle where an interval is equally good.

    The derivative, a sum of clipped residuals, is nondecreasing and linear between the points x ± delta, so
    its zero is found by interpolation.
    """
    corners = np.unique(np.concatenate([data - delta, data + delta]))
    slope = np.clip(corners[:, None] - data, -delta, delta).sum(axis=1)
    slope[np.abs(slope) < 1e-9 * delta] = 0.0  # what is left of a cancelled sum is rounding
    flat = corners[slope == 0]
    if flat.size:
        return float((flat[0] + flat[-1]) / 2)
    right = int(np.searchsorted(slope, 0.0))
    (a, b), (low, high) = corners[right - 1 : right + 1], slope[right - 1 : right + 1]
    return float(a - low * (b - a) / (high - low))
