"""What demos of deep random networks share: their activations, square weights and what is too big to draw.

The closed forms are in `_activations`; `gradient_flow` goes backward through such a network, `init_variance`
forward.
"""

from __future__ import annotations

import math
from functools import cache
from typing import Literal

import numpy as np

from assistant.demo_kit.types import DemoError, Fault
from assistant.demo_parts.activations import FUNCTIONS, Activation, Array, density

#: `linear` for theory without a nonlinearity.
Unit = Literal["linear", "sigmoid", "tanh", "relu", "leaky_relu", "elu", "gelu", "silu", "selu"]

LINEAR = Activation("x", lambda x: x, lambda x: np.ones_like(x), gain=1.0)

UNITS: dict[Unit, Activation] = {
    "linear": LINEAR,
    "sigmoid": FUNCTIONS["sigmoid"],
    "tanh": FUNCTIONS["tanh"],
    "relu": FUNCTIONS["relu"],
    "leaky_relu": FUNCTIONS["leaky_relu"],
    "elu": FUNCTIONS["elu"],
    # numpy has no erf: the tanh formula, off by at most 5e-4, is fifty times faster on whole layers.
    "gelu": FUNCTIONS["gelu_tanh"],
    "silu": FUNCTIONS["silu"],
    "selu": FUNCTIONS["selu"],
}


#: Multiply-adds up to which OpenBLAS stays in the calling thread (SMP_THRESHOLD_MIN · GEMM_MULTITHREAD_THRESHOLD).
_UNTHREADED = 2**18


@cache
def _quadrature() -> tuple[Array, Array]:
    """Return nodes and weights for N(0, 1): Gauss-Legendre on each side of 0, where kinks are, up to 12."""
    nodes, weights = np.polynomial.legendre.leggauss(200)
    z = np.concatenate([6 * nodes - 6, 6 * nodes + 6])
    return z, 6 * np.concatenate([weights, weights]) * density(z)


def moments_at(unit: Activation, variance: float) -> tuple[float, float, float]:
    """Return E[f(z)], E[f(z)²] and E[f'(z)²] for z ~ N(0, `variance`).

    Up to a variance of 1e4 to four digits; beyond, a saturating f turns within a step of the nodes.
    """
    nodes, mass = _quadrature()
    z = np.sqrt(variance) * nodes
    with np.errstate(over="ignore"):
        value, slope = unit.value(z), unit.slope(z)
    return float(mass @ value), float(mass @ value**2), float(mass @ slope**2)


def product(a: Array, b: Array) -> Array:
    """Return `a @ b`, computed in slices of `b` so small that BLAS starts no threads for them.

    On a machine that is busy with other things BLAS's threads wait for each other at every layer: the defaults
    of `init_variance` took 5 s beside two busy processes, 0.3 s without threads.
    """
    columns = max(1, _UNTHREADED // (a.shape[-2] * a.shape[-1]))
    return np.concatenate([a @ b[..., i : i + columns] for i in range(0, b.shape[-1], columns)], axis=-1)


def orthogonal(random: np.random.Generator, width: int) -> Array:
    """Return a random orthogonal matrix, evenly distributed (Haar), by modified Gram-Schmidt.

    `np.linalg.qr` starts threads as well: 50 matrices of 228 columns took 13 s beside two busy processes.
    """
    columns = random.normal(size=(width, width)).T.copy()
    for i, column in enumerate(columns):
        column /= math.sqrt(column.dot(column))
        rest = columns[i + 1 :]
        # einsum, as it never calls BLAS.
        rest -= np.einsum("ij,j->i", rest, column)[:, None] * column
    return columns.T


def refuse_work(got: str, work: float, limit: float, hint_en: str, hint_zh: str) -> None:
    """Raise where `work`, counted in multiply-adds, exceeds `limit`."""
    if work > limit:
        raise DemoError(
            Fault.TOO_BIG,
            param="depth",
            got=got,
            allowed=f"up to {limit:.2g} multiply-adds; these are {work:.2g}",
            hint_en=hint_en,
            hint_zh=hint_zh,
        )
