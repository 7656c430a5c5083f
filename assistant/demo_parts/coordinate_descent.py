"""Lasso by cyclic coordinate descent and ridge in closed form, on centred data. Knows no demo.

Lasso: Friedman, Hastie & Tibshirani 2010, Regularization paths for generalized linear models via coordinate
descent, eq. 5-6. Ridge: Hoerl & Kennard 1970.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

_MAX_SWEEPS = 400
#: Sweeps between two attempts to finish exactly.
_SWEEPS = 20


def lasso(gram: Array, target: Array, lam: float, start: Array) -> Array:
    """Return the minimiser of ½wᵀGw − tᵀw + lam ‖w‖₁, of shape [d].

    `gram` [d, d] is XᵀX and `target` [d] is Xᵀy, both divided alike; `start` is where the sweeps begin. Once
    the signs are right the rest is a linear system: it is solved and taken if it meets the conditions of the
    optimum, so that the result is exact and few sweeps are needed. After `_MAX_SWEEPS` sweeps, on nearly
    dependent columns only, the weights are those reached; `violation` tells how far they are off.
    """
    if lam == 0:
        return ridge(gram, target, 0.0)
    w, scale = start.copy(), _scale(target)
    for sweep in range(1, _MAX_SWEEPS + 1):
        before = w.copy()
        pull = target - gram @ w
        for j, curvature in enumerate(np.diag(gram).tolist()):
            rho = float(pull[j]) + curvature * float(w[j])
            # A duplicate of a chosen column ends on the threshold; rounding must not let it in.
            excess = abs(rho) - lam
            new = math.copysign(excess, rho) / curvature if excess > 1e-12 * scale else 0.0
            if new != w[j]:
                pull -= gram[j] * (new - w[j])
                w[j] = new
        if np.abs(w - before).max() <= 1e-14 * np.abs(w).max():
            break
        if sweep % _SWEEPS == 0 and (exact := _finished(gram, target, lam, w)) is not None:
            return exact
    return w


def violation(gram: Array, target: Array, lam: float, w: Array) -> float:
    """Return how far `w` is from meeting the conditions of the lasso's optimum, relative to the largest |t|.

    They are: tⱼ − (Gw)ⱼ = lam sign(wⱼ) where wⱼ is not 0, and no larger than lam elsewhere.
    """
    pull = target - gram @ w
    off = np.where(w == 0, np.maximum(np.abs(pull) - lam, 0), np.abs(pull - lam * np.sign(w)))
    return float(off.max()) / _scale(target)


def _finished(gram: Array, target: Array, lam: float, w: Array) -> Array | None:
    """Return the optimum if it has the signs of `w`, or None."""
    active, signs = np.flatnonzero(w), np.sign(w)
    exact = np.zeros_like(w)
    try:
        exact[active] = np.linalg.solve(gram[np.ix_(active, active)], (target - lam * signs)[active])
    except np.linalg.LinAlgError:  # duplicates among the chosen columns
        return None
    is_optimal = (np.sign(exact) == signs).all() and violation(gram, target, lam, exact) <= 1e-9
    return exact if is_optimal else None


def _scale(target: Array) -> float:
    return max(float(np.abs(target).max()), 1e-300)


def ridge(gram: Array, target: Array, lam: float) -> Array:
    """Return the minimiser of ½wᵀGw − tᵀw + ½ lam ‖w‖₂², of shape [d]; without a penalty the shortest one."""
    if lam == 0:
        return np.asarray(np.linalg.lstsq(gram, target, rcond=None)[0], float)
    return np.asarray(np.linalg.solve(gram + lam * np.eye(len(target)), target), float)
