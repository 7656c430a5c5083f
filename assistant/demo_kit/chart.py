"""A picture as data: what a demo draws, and its description for anything that draws pictures.

The description knows no library. `plotting` makes PNG and SVG of a plot, `terminal_plot` text; a web page
takes the description (`docs/charts.md`).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

#: A number, None where there is none: a gap in a line.
Number = float | None
#: Series and bars that the sentence for screen readers names.
_MAX_NAMED = 6
#: The shares of a field's values that lie below its contour lines: a field may span decades.
_CONTOURS = (0.01, 0.04, 0.1, 0.2, 0.35, 0.5, 0.7, 0.9)

_KINDS = {
    "line": ("Line chart", "折线图"),
    "step": ("Step chart", "阶梯图"),
    "bar": ("Bar chart", "柱状图"),
    "scatter": ("Scatter plot", "散点图"),
    "path": ("Paths", "轨迹图"),
    "heatmap": ("Heat map", "热力图"),
}


@dataclass(frozen=True, slots=True)
class Series:
    """One line, path, bar group or point set of a plot.

    `drawn` is "points" or "line" where that is not what the plot's kind says: measured points beside a
    computed line, a roof over points.
    """

    label: str
    x: Sequence[float]
    y: Sequence[float]
    drawn: str = ""


@dataclass(frozen=True, slots=True)
class Mark:
    """Something to point out: a point (x, y), a line across (one of them None), or a box (pairs, from and to)."""

    label: str
    x: float | tuple[float, float] | None = None
    y: float | tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class Plot:
    """A picture as data; `kind` is `line`, `step`, `bar`, `scatter`, `path` or `heatmap`.

    `log` is "", "x", "y" or "xy": the axes with a logarithmic scale. A heat map holds its matrix, row by row
    from the top, in `grid` and has no series; in any other plot `grid` is a field whose contour lines lie
    under the series, over `extent` (x from, x to, y from, y to), first row lowest. `categories` name the
    positions 0, 1, ... on the x axis and the columns of a heat map, `rows` its rows. With `equal`, one unit
    is as long on both axes. `cells` says what the values of a heat map are.
    """

    kind: str
    series: tuple[Series, ...]
    xlabel: str
    ylabel: str
    log: str = ""
    grid: Sequence[Sequence[float]] = ()
    categories: tuple[str, ...] = ()
    rows: tuple[str, ...] = ()
    extent: tuple[float, float, float, float] | None = None
    marks: tuple[Mark, ...] = ()
    equal: bool = False
    cells: str = ""
    title: str = ""

    @property
    def is_whole(self) -> tuple[bool, bool]:
        """Whether x and y hold whole numbers only, so that ticks between them mean nothing."""
        return _all_whole(v for s in self.series for v in s.x), _all_whole(
            v for s in self.series for v in s.y
        )


def how_drawn(plot: Plot, series: Series) -> str:
    """Return what a series is drawn as: `line`, `step`, `bars` or `points`."""
    return series.drawn or {"bar": "bars", "scatter": "points", "step": "step"}.get(plot.kind, "line")


def contours(plot: Plot) -> list[tuple[float, list[list[list[float]]]]]:
    """Return (level, polylines of [x, y]) of the field under a plot; none for a heat map."""
    if plot.extent is None or plot.kind == "heatmap" or not len(plot.grid):
        return []
    import numpy as np
    from contourpy import contour_generator

    field = np.asarray(plot.grid, float)
    x = np.linspace(*plot.extent[:2], field.shape[1])
    y = np.linspace(*plot.extent[2:], field.shape[0])
    generator = contour_generator(x, y, field)
    levels = np.unique(np.quantile(field, _CONTOURS)).tolist()
    # Digits that no picture shows would make up most of the description.
    digits = 4 - math.floor(math.log10(max(np.ptp(x), np.ptp(y))))
    return [
        (level, [np.round(np.asarray(line), digits).tolist() for line in generator.lines(level)])
        for level in levels
    ]


def describe_chart(plot: Plot, title: str = "") -> dict[str, Any]:
    """Return the plot in JSON's own types with all that a page needs to draw and to read it out.

    The keys are described in docs/charts.md. `title` is used where the plot has none of its own.
    """
    return {
        "kind": plot.kind,
        "title": plot.title or title,
        "series": [
            {"label": s.label, "x": list(s.x), "y": list(s.y), "drawn": how_drawn(plot, s)}
            for s in plot.series
        ],
        "xlabel": plot.xlabel,
        "ylabel": plot.ylabel,
        "log": plot.log,
        "axes": {"x": _axis(plot, "x"), "y": _axis(plot, "y"), "equal": plot.equal},
        "cells": plot.cells,
        "grid": [list(row) for row in plot.grid],
        "extent": list(plot.extent) if plot.extent else None,
        "contours": [{"level": level, "lines": lines} for level, lines in contours(plot)],
        "marks": [{"label": m.label, "x": _listed(m.x), "y": _listed(m.y)} for m in plot.marks],
        "description": _sentences(plot),
    }


def drawable(values: Iterable[Number], *, log: bool = False) -> list[float]:
    """Return the values as floats; what cannot be drawn, on a logarithmic axis 0 and below too, is nan."""
    return [math.nan if v is None or (log and v <= 0) else float(v) for v in values]


def span(plot: Plot, axis: str) -> tuple[float, float] | None:
    """Return the least and the greatest value that can be drawn on an axis, marks included; None without."""
    log = axis in plot.log
    values = [v for s in plot.series for v in drawable(s.x if axis == "x" else s.y, log=log)]
    for mark in plot.marks:
        where = mark.x if axis == "x" else mark.y
        values += drawable(where if isinstance(where, tuple) else (where,), log=log)
    if axis == "y" and plot.kind == "bar" and not log:
        values.append(0.0)
    if plot.extent:
        values += plot.extent[:2] if axis == "x" else plot.extent[2:]
    finite = [v for v in values if math.isfinite(v)]
    return (min(finite), max(finite)) if finite else None


def _axis(plot: Plot, axis: str) -> dict[str, Any]:
    names = plot.categories if axis == "x" else plot.rows
    if plot.kind == "heatmap" and not names:
        count = len(plot.grid) if axis == "y" else max(map(len, plot.grid), default=0)
        names = tuple(map(str, range(count)))
    limits = None if names else span(plot, axis)
    return {
        "label": plot.xlabel if axis == "x" else plot.ylabel,
        "scale": "category" if names else "log" if axis in plot.log else "linear",
        "categories": list(names),
        "range": list(limits) if limits else None,
        "whole": not names and plot.is_whole[axis == "y"],
    }


def _listed(where: float | tuple[float, float] | None) -> Any:
    return list(where) if isinstance(where, tuple) else where


def _all_whole(values: Iterable[Number]) -> bool:
    found = [value for value in values if value is not None]
    return bool(found) and all(math.isfinite(value) and float(value).is_integer() for value in found)


def _sentences(plot: Plot) -> Mapping[str, str]:
    """Return one sentence in English and one in Chinese that say what there is to see."""
    en, zh = _KINDS.get(plot.kind, ("Chart", "图"))
    if plot.kind == "heatmap":
        return _heat_map_sentences(plot, en, zh)
    axes = [(axis, name) for axis, name in (("x", "横轴"), ("y", "纵轴")) if axis in plot.log]
    log_en = f" (logarithmic {' and '.join(a for a, _ in axes)})" if axes else ""
    log_zh = f"（{'、'.join(name for _, name in axes)}为对数刻度）" if axes else ""
    said = list(_told(plot))
    more = len(said) - _MAX_NAMED
    en_items = [item for item, _ in said[:_MAX_NAMED]] + ([f"and {more} more"] if more > 0 else [])
    zh_items = [item for _, item in said[:_MAX_NAMED]] + ([f"另有 {more} 项"] if more > 0 else [])
    return {
        "en": f"{en} of {plot.ylabel} against {plot.xlabel}{log_en}: {'; '.join(en_items) or 'empty'}.",
        "zh": f"{zh}，横轴为 {plot.xlabel}，纵轴为 {plot.ylabel}{log_zh}：{'；'.join(zh_items) or '无数据'}。",
    }


def _told(plot: Plot) -> Iterator[tuple[str, str]]:
    """Yield what is said of each bar, or of each line: where it starts, where it ends."""
    for series in plot.series:
        points = [(x, y) for x, y in zip(series.x, series.y, strict=True) if y is not None and x is not None]
        drawn = how_drawn(plot, series)
        if drawn == "bars" and len(points) <= _MAX_NAMED:
            for x, y in points:
                at = place_name(plot, x)
                name = at if len(plot.series) == 1 else f"{series.label} {at}"
                yield f"{name} {written(y)}", f"{name} 为 {written(y)}"
        elif not points:
            yield f"{series.label} has no values", f"{series.label} 无数据"
        elif drawn in ("bars", "points"):
            low, high = min(y for _, y in points), max(y for _, y in points)
            yield (
                f"{series.label}, {len(points)} values from {written(low)} to {written(high)}",
                f"{series.label} 共 {len(points)} 个值，从 {written(low)} 到 {written(high)}",
            )
        else:
            (x0, y0), (x1, y1) = points[0], points[-1]
            if plot.kind == "path":
                start, stop = (f"({written(x)}, {written(y)})" for x, y in (points[0], points[-1]))
                yield f"{series.label} from {start} to {stop}", f"{series.label} 从 {start} 到 {stop}"
                continue
            at, end = place_name(plot, x0), place_name(plot, x1)
            yield (
                f"{series.label} from {written(y0)} at {at} to {written(y1)} at {end}",
                f"{series.label} 从 {at} 处的 {written(y0)} 到 {end} 处的 {written(y1)}",
            )


def place_name(plot: Plot, x: float) -> str:
    """Return the name of a place on the x axis: its category, or the number."""
    is_named = float(x).is_integer() and 0 <= x < len(plot.categories)
    return plot.categories[int(x)] if is_named else written(x)


def written(value: float) -> str:
    """Return a value as it is read: whole numbers whole, others with four significant digits."""
    is_short = abs(value) < 1e6 and float(value).is_integer()
    return str(int(value)) if is_short else f"{value:.4g}"


def _heat_map_sentences(plot: Plot, en: str, zh: str) -> Mapping[str, str]:
    cells = [(v, r, c) for r, row in enumerate(plot.grid) for c, v in enumerate(row) if v is not None]
    height, width = len(plot.grid), max(map(len, plot.grid), default=0)
    if not cells:
        return {"en": f"{en}, empty.", "zh": f"{zh}，无数据。"}
    low, high = min(cells)[0], max(cells)[0]
    row, column = next((r, c) for v, r, c in cells if v == high)
    en_values, zh_values = plot.cells or "values", plot.cells or "取值"
    return {
        "en": f"{en} of {height} x {width} cells, rows {plot.ylabel}, columns {plot.xlabel}: "
        f"{en_values} from {written(low)} to {written(high)}, "
        f"the first highest in row {row}, column {column}.",
        "zh": f"{zh}，{height} 行 × {width} 列，行为 {plot.ylabel}，列为 {plot.xlabel}："
        f"{zh_values}从 {written(low)} 到 {written(high)}，"
        f"最大值首次出现在第 {row} 行、第 {column} 列（从 0 起）。",
    }
