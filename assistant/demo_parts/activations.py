"""Activation functions in closed form: value, derivative, gain, and what they do to N(0, 1). Knows no demo.

Constants of SELU: Klambauer et al. 2017, arXiv:1706.02515. Gains: torch.nn.init.calculate_gain.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Name = Literal["sigmoid", "tanh", "relu", "leaky_relu", "elu", "gelu", "gelu_tanh", "silu", "selu"]

#: The fixed point of mean 0 and variance 1 (Klambauer et al. 2017).
SELU_ALPHA = 1.6732632423543772
SELU_SCALE = 1.0507009873554805


@dataclass(frozen=True, slots=True)
class Activation:
    """A function, its derivative (at a kink: that of the left side, as in torch), and its gain in torch."""

    formula: str
    value: Callable[[Array], Array]
    slope: Callable[[Array], Array]
    gain: float | None = None
    kink: bool = False


def sigmoid(x: Array) -> Array:
    """Return the logistic function."""
    return 1 / (1 + np.exp(-x))


def density(x: Array) -> Array:
    """Return the density of N(0, 1)."""
    return np.exp(-x * x / 2) / math.sqrt(2 * math.pi)


def normal_cdf(x: Array) -> Array:
    """Return the distribution function of N(0, 1); numpy has no erf."""
    return np.array([0.5 * math.erfc(-v / math.sqrt(2)) for v in x.tolist()])


def tanh_gelu(x: Array) -> tuple[Array, Array]:
    """Return GELU by the tanh formula, and its derivative."""
    c = math.sqrt(2 / math.pi)
    t = np.tanh(c * (x + 0.044715 * x**3))
    return 0.5 * x * (1 + t), 0.5 * (1 + t) + 0.5 * x * (1 - t * t) * c * (1 + 3 * 0.044715 * x * x)


def elu(alpha: float, scale: float = 1.0, gain: float | None = None, formula: str = "") -> Activation:
    """Return `scale` times the ELU whose negative side tends to -`alpha`."""
    return Activation(
        formula or f"x for x > 0, else α(eˣ − 1), α = {alpha:g}",
        lambda x: scale * np.where(x > 0, x, alpha * np.expm1(np.minimum(x, 0))),
        lambda x: scale * np.where(x > 0, 1.0, alpha * np.exp(np.minimum(x, 0))),
        gain,
        kink=alpha != 1,
    )


def leaky_relu(slope: float) -> Activation:
    """Return the leaky ReLU with `slope` left of 0."""
    return Activation(
        f"max(x, 0) + α·min(x, 0), α = {slope:g}",
        lambda x: np.where(x > 0, x, slope * x),
        lambda x: np.where(x > 0, 1.0, slope),
        math.sqrt(2 / (1 + slope**2)),
        kink=slope != 1,
    )


FUNCTIONS: dict[Name, Activation] = {
    "sigmoid": Activation(
        "σ(x) = 1 / (1 + e⁻ˣ), σ′ = σ(1 − σ)",
        sigmoid,
        lambda x: sigmoid(x) * sigmoid(-x),
        1.0,
    ),
    # 1 - tanh^2 would cancel to 0 far out.
    "tanh": Activation("tanh x, tanh′ = 1 − tanh² x", np.tanh, lambda x: np.cosh(x) ** -2.0, 5 / 3),
    "relu": Activation(
        "max(x, 0)", lambda x: np.maximum(x, 0), lambda x: (x > 0).astype(float), math.sqrt(2), kink=True
    ),
    "leaky_relu": leaky_relu(0.01),
    "elu": elu(1.0),
    "gelu": Activation(
        "xΦ(x), its slope Φ(x) + xφ(x)",
        lambda x: x * normal_cdf(x),
        lambda x: normal_cdf(x) + x * density(x),
    ),
    "gelu_tanh": Activation(
        "0.5x(1 + tanh(√(2/π)(x + 0.044715x³)))",
        lambda x: tanh_gelu(x)[0],
        lambda x: tanh_gelu(x)[1],
    ),
    "silu": Activation(
        "xσ(x), its slope σ(1 + x(1 − σ))",
        lambda x: x * sigmoid(x),
        lambda x: sigmoid(x) * (1 + x * sigmoid(-x)),
    ),
    "selu": elu(
        SELU_ALPHA,
        SELU_SCALE,
        gain=0.75,
        formula="λx for x > 0, else λα(eˣ − 1), λ = 1.0507, α = 1.6733",
    ),
}


@cache
def _legendre() -> tuple[Array, Array]:
    return np.polynomial.legendre.leggauss(120)


def moments(function: Activation) -> tuple[float, float, float]:
    """Return E[f(z)], E[f(z)^2] and E[f'(z)^2] for z ~ N(0, 1).

    Gauss-Legendre on each side of 0, so that a kink there costs no accuracy; beyond 12 the density is 2e-32.
    """
    nodes, weights = _legendre()
    z = np.concatenate([6 * nodes - 6, 6 * nodes + 6])
    mass = 6 * np.concatenate([weights, weights]) * density(z)
    value, slope = function.value(z), function.slope(z)
    return float(mass @ value), float(mass @ value**2), float(mass @ slope**2)
