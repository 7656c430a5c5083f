"""A demo's plot as a picture file, .png or .svg. matplotlib is imported only here and only when asked for."""

from __future__ import annotations

import io
import os
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.demo_kit.types import DemoResult, Plot
from corpus.errors import StudyError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SUFFIXES = (".png", ".svg")

#: Many thin bars read better as a step line.
_MAX_BARS = 60
#: Beyond this many series a legend hides the picture.
_MAX_LEGEND = 10


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
    if result.plot is None:
        raise StudyError(f"the demo {result.demo!r} has no plot for these arguments", "Leave out --plot.")
    figure = draw(result.plot, title=result.demo.replace("_", " "))
    picture = _rendered(figure, suffix)
    # Beside the target, since a rename is atomic only within one file system.
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        unfinished.write_bytes(picture)
        unfinished.replace(path)
    except OSError as error:
        unfinished.unlink(missing_ok=True)
        raise StudyError(
            f"cannot write {str(path)!r}: {error.strerror}", "Choose a folder that exists and is writable."
        ) from error
    return path


def draw(plot: Plot, *, title: str) -> Figure:
    """Return the figure; raises `StudyError` where matplotlib is not installed."""
    try:
        # The object interface with the Agg canvas needs no display and leaves no global figure behind.
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
    except ImportError as error:
        raise StudyError(
            "plots need matplotlib, which is not installed", "pip install 'interview-study-assistant[plots]'"
        ) from error
    figure = Figure(figsize=(7, 4.5), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    axes.set(title=title, xlabel=plot.xlabel, ylabel=plot.ylabel)
    if plot.kind == "heatmap":
        image = axes.imshow([_floats(row) for row in plot.grid], cmap="viridis")
        figure.colorbar(image, ax=axes)
        return figure
    many = max((len(series.x) for series in plot.series), default=0) > _MAX_BARS
    for i, series in enumerate(plot.series):
        x, y = _floats(series.x), _floats(series.y)
        if plot.kind == "step" or (plot.kind == "bar" and many):
            axes.step(x, y, where="mid", label=series.label)
        elif plot.kind == "bar":
            width = 0.8 * min((b - a for a, b in pairwise(x) if b > a), default=1.0)
            side = width / len(plot.series)
            shift = (i + 0.5) * side - width / 2
            axes.bar([value + shift for value in x], y, width=side, label=series.label)
        elif plot.kind == "scatter":
            axes.scatter(x, y, label=series.label)
        else:
            axes.plot(x, y, label=series.label)
    if "x" in plot.log:
        axes.set_xscale("log")
    if "y" in plot.log:
        axes.set_yscale("log")
    axes.grid(alpha=0.3)
    if 1 < len(plot.series) <= _MAX_LEGEND:
        axes.legend()
    return figure


def _rendered(figure: Figure, suffix: str) -> bytes:
    import matplotlib

    buffer = io.BytesIO()
    # A fixed salt and no date: otherwise no two SVG files are alike.
    with matplotlib.rc_context({"svg.hashsalt": "demo"}):
        metadata = {"Date": None} if suffix == ".svg" else None
        figure.savefig(buffer, format=suffix.removeprefix("."), dpi=150, metadata=metadata)
    return buffer.getvalue()


def _floats(values: Sequence[float]) -> list[float]:
    """Return the values as floats; None, a number that was not finite, is a gap in the line."""
    return [float("nan") if value is None else float(value) for value in values]
