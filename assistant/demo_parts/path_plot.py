"""The picture of optimizers on a surface: their paths over its contour lines. It computes no step."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from assistant.demo_kit.types import Mark, Plot, Series
from assistant.demo_parts.surfaces import Surface

Array = NDArray[np.float64]

#: How many times farther than start and minima from the origin a path may go before it is cut.
_REACH = 3.0
#: Points of the field along each axis.
_SIDE = 41


def path_plot(paths: Mapping[str, Array], place: Surface) -> Plot:
    """Return the paths [steps + 1, 2] over `place`; one that runs away ends where it leaves the picture."""
    starts = np.array([path[0] for path in paths.values()])
    reach = _REACH * max(1.0, float(np.abs(starts).max()), float(np.abs(place.minima).max(initial=0.0)))
    series, seen = [], [starts, np.reshape(place.minima, (-1, 2))]
    for name, path in paths.items():
        outside = np.flatnonzero(np.abs(path).max(axis=1) > reach)
        inside = path[: outside[0]] if outside.size else path
        label = f"{name} (runs away)" if outside.size else name
        series.append(Series(label, inside[:, 0].tolist(), inside[:, 1].tolist()))
        seen.append(inside)
    low, high = np.concatenate(seen).min(axis=0), np.concatenate(seen).max(axis=0)
    room = 0.15 * np.maximum(high - low, 0.1 * float((high - low).max()) + 1e-9)
    (x0, y0), (x1, y1) = (low - room).tolist(), (high + room).tolist()
    x, y = np.linspace(x0, x1, _SIDE), np.linspace(y0, y1, _SIDE)
    return Plot(
        "path",
        tuple(series),
        "x",
        "y",
        grid=[[float(f"{place.at(np.array([a, b]))[0]:.5g}") for a in x] for b in y],
        extent=(x0, x1, y0, y1),
        marks=tuple(Mark("minimum", *at) for at in place.minima),
    )
