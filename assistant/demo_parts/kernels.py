"""Kernel functions between the rows of two matrices, and which of them are positive semi-definite on any points.

Definitions and defaults as in sklearn.metrics.pairwise; facts: Schölkopf & Smola 2002, Learning with Kernels.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Name = Literal["linear", "polynomial", "rbf", "laplacian", "sigmoid", "one_plus_sqdist", "neg_sqdist", "min"]


def _sqdist(x: Array, y: Array) -> Array:
    return np.asarray(((x[:, None] - y[None]) ** 2).sum(axis=-1), dtype=np.float64)


def _l1(x: Array, y: Array) -> Array:
    return np.asarray(np.abs(x[:, None] - y[None]).sum(axis=-1), dtype=np.float64)


#: Kernel -> function of rows x, columns y, gamma, coef0 and degree.
KERNELS: dict[Name, Callable[[Array, Array, float, float, int], Array]] = {
    "linear": lambda x, y, g, r, d: x @ y.T,
    "polynomial": lambda x, y, g, r, d: (g * (x @ y.T) + r) ** d,
    "rbf": lambda x, y, g, r, d: np.exp(-g * _sqdist(x, y)),
    "laplacian": lambda x, y, g, r, d: np.exp(-g * _l1(x, y)),
    "sigmoid": lambda x, y, g, r, d: np.tanh(g * (x @ y.T) + r),
    "one_plus_sqdist": lambda x, y, g, r, d: 1 + _sqdist(x, y),
    "neg_sqdist": lambda x, y, g, r, d: -_sqdist(x, y),
    "min": lambda x, y, g, r, d: np.minimum(x, y.T),
}
#: What is proved about each kernel, for all points.
KNOWN: dict[Name, str] = {
    "linear": "linear is a kernel on any points: cᵀKc = ‖Σ c_i x_i‖².",
    "polynomial": "polynomial is a kernel for γ ≥ 0, r ≥ 0 and a whole degree.",
    "rbf": "rbf is a kernel for γ ≥ 0 (strictly positive definite for γ > 0 and distinct points).",
    "laplacian": "laplacian is a kernel for γ ≥ 0.",
    "sigmoid": "sigmoid is no kernel in general: it is PSD for some points and constants only.",
    "one_plus_sqdist": "All entries are positive and yet it is no kernel: entries do not decide, eigenvalues do.",
    "neg_sqdist": "−‖x−y‖² is only conditionally PSD: cᵀKc ≥ 0 where the c_i sum to 0.",
    "min": "min is a kernel on x ≥ 0, the covariance of Brownian motion, and none where x may be negative.",
}
