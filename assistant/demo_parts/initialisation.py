"""Initialisation schemes: the standard deviation each prescribes, and what it does to a deep random network.

Glorot & Bengio 2010; He et al. 2015, arXiv:1502.01852; LeCun et al. 1998; Saxe et al. 2014, arXiv:1312.6120;
LSUV: Mishkin & Matas 2016, arXiv:1511.06422, Algorithm 1. Knows no demo.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

from assistant.demo_parts.activations import Activation, Array
from assistant.demo_parts.deep_networks import moments_at, orthogonal, product

#: `xavier` alone is the normal one.
Scheme = Literal[
    "xavier_uniform",
    "xavier_normal",
    "xavier",
    "kaiming_uniform",
    "kaiming_normal",
    "lecun_normal",
    "orthogonal",
    "lsuv",
]
BATCH = 64
#: Independent networks are averaged until this many weights are drawn; one alone strays from its expectation.
_WEIGHTS = 4_000_000
_MOST_NETWORKS = 8


@dataclass(frozen=True, slots=True)
class Passage:
    """Pre-activation variances by layer, averaged over networks; `iterations` are LSUV's, by layer."""

    variances: Array
    last_over_first: float
    networks: int
    iterations: list[int]


def needs_gain(scheme: Scheme) -> bool:
    """Tell whether the scheme's weights depend on the activation's gain."""
    return scheme.startswith("kaiming") or scheme == "orthogonal"


def needs_both_fans(scheme: Scheme) -> bool:
    """Tell whether the scheme looks at inputs and outputs."""
    return scheme.startswith("xavier") or scheme in ("orthogonal", "lsuv")


def std_of(scheme: Scheme, gain: float, fan_in: int, fan_out: int, mode: str) -> float | None:
    """Return the standard deviation of a weight; None for LSUV, which finds it from data."""
    if scheme == "lsuv":
        return None
    if scheme == "orthogonal":
        return gain / math.sqrt(max(fan_in, fan_out))
    if scheme.startswith("xavier"):
        return math.sqrt(2 / (fan_in + fan_out))
    if scheme == "lecun_normal":
        return 1 / math.sqrt(fan_in)
    return gain / math.sqrt(fan_out if mode == "fan_out" else fan_in)


def pass_through(
    unit: Activation,
    scheme: Scheme,
    std: float | None,
    *,
    gain: float,
    depth: int,
    width: int,
    input_var: float,
    tol: float,
    t_max: int,
    seed: int,
) -> Passage:
    """Send `BATCH` normal inputs through random networks and measure the variance before each activation.

    `std` of None takes `gain` times orthogonal matrices, rescaled by LSUV where that is the scheme.
    """
    random = np.random.default_rng(seed)
    drawn = std is not None
    networks = int(np.clip(_WEIGHTS // (depth * width**2), 1, _MOST_NETWORKS)) if drawn else 1
    h = math.sqrt(input_var) * random.normal(size=(networks, BATCH, width))
    rows, iterations = [], []
    with np.errstate(all="ignore"):
        for _ in range(depth):
            if std is None:
                z = product(h, gain * orthogonal(random, width))
            elif scheme.endswith("uniform"):
                bound = math.sqrt(3) * std
                z = product(h, random.uniform(-bound, bound, size=(networks, width, width)))
            else:
                z = product(h, std * random.normal(size=(networks, width, width)))
            if scheme == "lsuv" and std is None:
                z, count = _unit_variance(z, tol, t_max)
                iterations.append(count)
            rows.append(z.var(axis=(1, 2)))
            h = unit.value(z)
        by_network = np.array(rows)
        ratio = float((by_network[-1] / by_network[0]).mean())
    return Passage(by_network.mean(axis=1), ratio, networks, iterations)


def _unit_variance(z: Array, tol: float, t_max: int) -> tuple[Array, int]:
    """Divide by the standard deviation until the variance is within `tol` of 1; return how often it took.

    Dividing the weights divides the outputs, so the weights themselves are not needed.
    """
    for count in range(t_max):
        if abs(z.var() - 1) < tol:
            return z, count
        z = z / z.std()
    return z, t_max


def expected_variances(unit: Activation, squared_gain: float, first: float, depth: int) -> list[float]:
    """Return the variances an infinitely wide network has: q_1 = `first`, q_(l+1) = width·Var(w)·E[f(z)²]."""
    variances = [first]
    for _ in range(depth - 1):
        variances.append(squared_gain * moments_at(unit, variances[-1])[1])
    return variances
