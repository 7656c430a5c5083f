"""A demo's plot as a picture file, .png or .svg. matplotlib is imported only here and only when asked for."""

from __future__ import annotations

import io
import math
import os
from contextlib import suppress
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.demo_kit import plot_fonts
from assistant.demo_kit.chart import Plot, contours, drawable, how_drawn, span, written
from assistant.demo_kit.ticks import tick_label, ticks
from assistant.demo_kit.types import DemoResult
from corpus.errors import StudyError

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SUFFIXES = (".png", ".svg")

#: Many thin bars read better as a step line.
_MAX_BARS = 60
#: Beyond this many series a legend hides the picture; it then stands beside it.
_MAX_INSIDE = 4
#: Lines that lie on each other are told apart, on paper as well.
_DASHES = ("-", "--", "-.", ":")
#: Lines of so few points show where the points are.
_MAX_MARKED = 25
#: A logarithmic axis that spans less is labelled with numbers, not with powers of ten.
_FEW_DECADES = 300
#: Bars so few that each has room for its value.
_MAX_LABELLED = 16
#: Category names that find room, and how many characters in all side by side; beyond these they are slanted.
_MAX_NAMES, _MAX_LEVEL = 30, 70
#: The part of a heat map's scale from which on its colours are bright.
_BRIGHT = 0.6
#: Rows of a heat map, and characters of one, that leave room for values in its cells.
_MAX_ROWS, _MAX_LINE = 16, 36


class NoPlot(StudyError):
    """A result that holds nothing to draw."""


class PlotsMissing(StudyError):
    """matplotlib is not installed."""


def save_plot(result: DemoResult, path: Path) -> Path:
    """Draw the result's plot into `path` and return it; the suffix chooses the format.

    The file appears whole or not at all, and the same result makes the same file. Raises `StudyError` for
    another suffix, a result without a plot, a folder that cannot be written, or where matplotlib is missing.
    """
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise StudyError(
            f"cannot draw a plot as {path.name!r}", "Give a file name that ends in .png or .svg."
        )
    drawn = picture(result, suffix)
    # Beside the target, since a rename is atomic only within one file system.
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        unfinished.write_bytes(drawn)
        unfinished.replace(path)
    except OSError as error:
        with suppress(OSError):
            unfinished.unlink(missing_ok=True)
        raise StudyError(
            f"cannot write {str(path)!r}: {error.strerror}", "Choose a folder that exists and is writable."
        ) from error
    return path


def picture(result: DemoResult, suffix: str) -> bytes:
    """Return the result's plot as a file of the kind `suffix`, one of `SUFFIXES`: the same bytes every time.

    Raises `NoPlot` for a result without one and `PlotsMissing`.
    """
    if result.plot is None:
        raise NoPlot(f"the demo {result.demo!r} has no plot for these arguments", "Leave out --plot.")
    return _rendered(draw(result.plot, title=result.demo.replace("_", " ")), suffix)


def draw(plot: Plot, *, title: str) -> Figure:
    """Return the figure; raises `PlotsMissing` where matplotlib is not installed."""
    try:
        # The object interface with the Agg canvas needs no display and leaves no global figure behind.
        from matplotlib import rc_context
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
    except ImportError as error:
        raise PlotsMissing(
            "plots need matplotlib, which is not installed", "pip install 'interview-study-assistant[plots]'"
        ) from error
    # A label takes the fonts that are set when it is made.
    with rc_context({"font.family": list(plot_fonts.installed())}):
        figure = Figure(figsize=(7, 4.5), layout="constrained")
        FigureCanvasAgg(figure)
        axes = figure.add_subplot()
        axes.set_title(plot_fonts.showable(plot.title or title, ""))
        axes.set(xlabel=plot_fonts.showable(plot.xlabel, "x"), ylabel=plot_fonts.showable(plot.ylabel, "y"))
        if plot.kind == "heatmap":
            _draw_heat_map(figure, axes, plot)
        else:
            _draw_series(axes, plot)
            _draw_marks(axes, plot)
            _scale(axes, plot)
            _draw_legend(figure, axes, is_full=plot.kind == "path")
    return figure


def _draw_series(axes: Axes, plot: Plot) -> None:
    """Draw contour lines, then every series as it is drawn."""
    for _, lines in contours(plot):
        for line in lines:
            axes.plot(*zip(*line, strict=True), color="0.8", linewidth=0.8, zorder=1)
    drawn = [how_drawn(plot, series) for series in plot.series]
    many = max((len(series.x) for series in plot.series), default=0) > _MAX_BARS
    for i, (series, how) in enumerate(zip(plot.series, drawn, strict=True)):
        label = plot_fonts.showable(series.label, f"series {i + 1}")
        colour = f"C{i}"
        x, y = (drawable(v, log=a in plot.log) for v, a in ((series.x, "x"), (series.y, "y")))
        if how == "step" or (how == "bars" and many):
            axes.step(x, y, where="mid", label=label, color=colour)
        elif how == "bars":
            width = 0.8 * min((b - a for a, b in pairwise(x) if b > a), default=1.0)
            side = width / drawn.count("bars")
            shift = (drawn[:i].count("bars") + 0.5) * side - width / 2
            bars = axes.bar([value + shift for value in x], y, width=side, label=label, color=colour)
            if len(x) * drawn.count("bars") <= _MAX_LABELLED:
                axes.bar_label(bars, [written(v) if v == v else "" for v in y], fontsize="small")
        elif how == "points":
            axes.scatter(x, y, label=label, s=18, zorder=3, color=colour)
        else:
            few = len(x) <= _MAX_MARKED and plot.kind != "path"
            (curve,) = axes.plot(x, y, _DASHES[i % len(_DASHES)], label=label, color=colour, markersize=3.5)
            curve.set_marker("o" if few else "")
            if plot.kind == "path" and (x[:1], y[:1]) != (x[-1:], y[-1:]):
                # The end of a path; without it none can tell which way it went. A closed one has none.
                axes.plot(x[-1:], y[-1:], marker="o", color=colour, markersize=5)


def _draw_marks(axes: Axes, plot: Plot) -> None:
    for mark in plot.marks:
        label = plot_fonts.showable(mark.label, "")
        x, y = mark.x, mark.y
        if isinstance(x, tuple) and isinstance(y, tuple):
            axes.plot([x[0], x[1], x[1], x[0], x[0]], [y[0], y[0], y[1], y[1], y[0]], "k--", label=label)
        elif isinstance(x, tuple) or isinstance(y, tuple):
            across = axes.axvspan if isinstance(x, tuple) else axes.axhspan
            across(*(x if isinstance(x, tuple) else y), color="0.9", zorder=0, label=label)  # type: ignore[misc]
        elif x is None and y is not None:
            axes.axhline(y, color="0.3", linestyle="--", linewidth=1, label=label)
        elif y is None and x is not None:
            axes.axvline(x, color="0.3", linestyle="--", linewidth=1, label=label)
        elif x is not None and y is not None:
            axes.plot([x], [y], "k*", markersize=9, label=label, zorder=4)


def _scale(axes: Axes, plot: Plot) -> None:
    from matplotlib.ticker import FixedFormatter, FixedLocator, MaxNLocator, NullFormatter

    for name, axis, whole in zip("xy", (axes.xaxis, axes.yaxis), plot.is_whole, strict=True):
        limits = span(plot, name)
        if name in plot.log and limits:
            axes.set(**{f"{name}scale": "log"})
            if limits[1] < _FEW_DECADES * limits[0]:
                low, high = axis.get_view_interval()
                at = ticks(low, high, 6, log=True)
                axis.set_major_locator(FixedLocator(at))
                axis.set_major_formatter(FixedFormatter([tick_label(value) for value in at]))
                axis.set_minor_formatter(NullFormatter())
        elif whole:
            axis.set_major_locator(MaxNLocator(integer=True, steps=[1, 2, 5, 10]))
    if plot.categories:
        every = math.ceil(len(plot.categories) / _MAX_NAMES)
        names = [plot_fonts.showable(name, str(i)) for i, name in enumerate(plot.categories)][::every]
        crowded = sum(map(len, names)) > _MAX_LEVEL
        places = range(0, len(plot.categories), every)
        axes.set_xticks(places, names, rotation=45 if crowded else 0, ha="right" if crowded else "center")
    if plot.extent:
        axes.set(xlim=plot.extent[:2], ylim=plot.extent[2:])
    if plot.equal:
        axes.set_aspect("equal", adjustable="datalim")
    axes.grid(alpha=0.3, axis="y" if plot.categories else "both")
    axes.set_axisbelow(True)


def _draw_legend(figure: Figure, axes: Axes, *, is_full: bool) -> None:
    """Draw the legend of two series or more, beside the picture where it would cover it."""
    handles = dict(zip(*reversed(axes.get_legend_handles_labels()), strict=True))
    count = len(handles)
    if count > _MAX_INSIDE or (count > 1 and is_full):
        figure.legend(handles.values(), handles.keys(), loc="outside right upper", fontsize="small")
    elif count > 1:
        axes.legend(handles.values(), handles.keys(), loc="best", fontsize="small")


def _draw_heat_map(figure: Figure, axes: Axes, plot: Plot) -> None:
    from matplotlib.ticker import MaxNLocator

    grid = [drawable(row) for row in plot.grid]
    image = axes.imshow(grid, cmap="viridis")
    figure.colorbar(image, ax=axes, label=plot_fonts.showable(plot.cells, ""))
    sides = ((axes.xaxis, plot.categories), (axes.yaxis, plot.rows))
    for axis, names in sides:
        axis.set_major_locator(MaxNLocator(integer=True))
        if names:
            axis.set_ticks(
                range(len(names)), [plot_fonts.showable(name, str(i)) for i, name in enumerate(names)]
            )
    longest = max((len(f"{value:.3g}") for row in grid for value in row), default=0)
    if len(grid) <= _MAX_ROWS and longest * max(map(len, grid)) <= _MAX_LINE:
        known = [value for row in grid for value in row if value == value]
        bright = min(known) + _BRIGHT * (max(known) - min(known)) if known else 0.0
        for r, row in enumerate(grid):
            for c, value in enumerate(row):
                ink = "black" if value > bright else "white"
                axes.text(c, r, f"{value:.3g}", ha="center", va="center", color=ink, fontsize="small")


def _rendered(figure: Figure, suffix: str) -> bytes:
    import matplotlib

    buffer = io.BytesIO()
    # A fixed salt and no date: otherwise no two SVG files are alike.
    with matplotlib.rc_context({"svg.hashsalt": "demo"}):
        metadata = {"Date": None} if suffix == ".svg" else None
        figure.savefig(buffer, format=suffix.removeprefix("."), dpi=150, metadata=metadata)
    return buffer.getvalue()
