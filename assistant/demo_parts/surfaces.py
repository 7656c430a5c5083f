"""Two-dimensional test surfaces for optimizers: value, gradient, a start and the minima. No optimizer here.

Rosenbrock 1960; Beale 1958; Himmelblau 1972: standard problems with known minima.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
SurfaceName = Literal["quadratic", "rosenbrock", "beale", "himmelblau", "saddle"]


@dataclass(frozen=True, slots=True)
class Surface:
    """A function of two variables: (value, gradient) at a point, where to start, where its minima are."""

    at: Callable[[Array], tuple[float, Array]]
    start: tuple[float, float]
    minima: tuple[tuple[float, float], ...]

    def distance(self, w: Array) -> float | None:
        """Return the distance to the nearest minimum; None where there is none."""
        return min((float(np.hypot(*(w - np.asarray(m)))) for m in self.minima), default=None)


def _rosenbrock(w: Array) -> tuple[float, Array]:
    x, y = w
    bend = y - x * x
    return (1 - x) ** 2 + 100 * bend**2, np.array([-2 * (1 - x) - 400 * x * bend, 200 * bend])


def _beale(w: Array) -> tuple[float, Array]:
    x, y = w
    powers = np.array([y, y**2, y**3])
    slopes = np.array([1, 2 * y, 3 * y**2])
    rest = np.array([1.5, 2.25, 2.625]) - x * (1 - powers)
    return float(rest @ rest), np.array([-2 * rest @ (1 - powers), 2 * x * rest @ slopes])


def _himmelblau(w: Array) -> tuple[float, Array]:
    x, y = w
    a, b = x * x + y - 11, x + y * y - 7
    return a * a + b * b, np.array([4 * x * a + 2 * b, 2 * a + 4 * y * b])


def _curved(first: float, second: float) -> Callable[[Array], tuple[float, Array]]:
    curvature = np.array([first, second])
    return lambda w: (float(curvature @ (w * w)) / 2, curvature * w)


_FIXED: Mapping[str, Surface] = {
    "rosenbrock": Surface(_rosenbrock, (-1.5, 2.0), ((1.0, 1.0),)),
    "beale": Surface(_beale, (1.0, 1.0), ((3.0, 0.5),)),
    "himmelblau": Surface(
        _himmelblau,
        (0.0, 0.0),
        ((3.0, 2.0), (-2.805118, 3.131313), (-3.779310, -3.283186), (3.584428, -1.848127)),
    ),
}


def surface(name: SurfaceName, curvature: tuple[float, float]) -> Surface:
    """Return the surface `name`; `curvature` (a, b) shapes (ax^2 + by^2)/2 and the saddle (ax^2 - by^2)/2."""
    a, b = curvature
    if name == "quadratic":
        return Surface(_curved(a, b), (1.0, 1.0), ((0.0, 0.0),))
    if name == "saddle":
        # On the axis y = 0 the gradient never leads away; the start is just beside it.
        return Surface(_curved(a, -b), (1.0, 0.001), ())
    return _FIXED[name]
