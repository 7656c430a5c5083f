"""A demo's plot as text: bars and heat maps by their cells, everything else drawn by uniplot.

No line is wider than asked for, Chinese labels included. Without colour every series has a character of its
own, and where a terminal knows only ASCII nothing else is used.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise

from rich.cells import cell_len, set_cell_size
from rich.text import Text

from assistant.demo_kit import terminal_cells
from assistant.demo_kit.chart import Plot, contours, drawable, how_drawn, span
from assistant.demo_kit.terminal_cells import COLOURS, Style
from assistant.demo_kit.ticks import tick_label, ticks

#: A terminal's cell is about twice as high as wide.
_CELL = 2.0
#: Bars beyond this many lie too close for lines of their own; they are drawn as steps.
_MAX_BARS = 24
#: Places without colour, in the order of the series.
_CHARACTERS = ["+", "x", "o", "*", "~", "#", "@", "%", "&", "="]
#: Greys that show on black and on white: contour lines, marks.
_QUIET, _LOUD = "#767676", "#b0b0b0"
#: Of the contour lines every second is drawn, and that as dots: they must not hide what lies on them.
_LEVELS, _DOTS = 2, 2
_ASCII = str.maketrans("┌┐└┘─│▔", "++++-|-")


def picture(plot: Plot, *, width: int = 80, height: int = 20, style: Style | None = None) -> Text:
    """Return the plot in at most `width` columns and about `height` lines.

    Narrower than 24 columns nothing can be read: the text is then as wide as that.
    """
    style = style or Style()
    width = max(width, 24)
    if plot.kind == "heatmap":
        return terminal_cells.heat_map(plot, width=width, height=height, style=style)
    if span(plot, "x") is None or span(plot, "y") is None:
        return Text("(nothing to draw)", "dim")
    n_bars = sum(len(series.x) for series in plot.series if how_drawn(plot, series) == "bars")
    if 0 < n_bars <= _MAX_BARS and all(how_drawn(plot, series) == "bars" for series in plot.series):
        return terminal_cells.bars(plot, width=width, style=style)
    return _lines(plot, width=width, height=height, style=style)


@dataclass(frozen=True, slots=True)
class _Curve:
    """Points in drawing order; `label` is "" for what the legend does not name."""

    label: str
    x: list[float]
    y: list[float]
    joined: bool
    colour: str
    character: str


def _lines(plot: Plot, *, width: int, height: int, style: Style) -> Text:
    from uniplot import plot_to_string

    curves = _curves(plot, style)
    shown = [c for c in curves if any(x == x and y == y for x, y in zip(c.x, c.y, strict=True))]
    legend = _legend(curves, plot, width=width, style=style)
    frame = _Frame(plot, width=width, height=max(height - 5 - len(legend), 5))
    distinct = style.ascii_only or (not style.colour and sum(bool(c.label) for c in shown) > 1)
    drawing = plot_to_string(
        ys=[curve.y for curve in shown],
        xs=[curve.x for curve in shown],
        lines=[curve.joined for curve in shown],
        color=[curve.colour for curve in shown] if style.colour else False,
        character_set="ascii" if distinct else "block",
        force_ascii_characters=[curve.character for curve in shown],
        x_as_log="x" in plot.log,
        y_as_log="y" in plot.log,
        x_gridlines=_across(plot, "x", frame.x),
        y_gridlines=_across(plot, "y", frame.y),
        x_min=frame.x[0],
        x_max=frame.x[1],
        y_min=frame.y[0],
        y_max=frame.y[1],
        x_labels=False,
        y_labels=False,
        width=frame.columns,
        height=frame.lines,
    )
    text = Text.assemble((_axis_label(plot.ylabel, "y" in plot.log, width) + "\n", "dim"))
    for label, line in zip(frame.left, drawing.rstrip("\n").split("\n"), strict=True):
        text.append(label, "dim")
        text.append_text(Text.from_ansi(line.translate(_ASCII) if style.ascii_only else line)).append("\n")
    text.append(frame.below + "\n", "dim")
    xlabel = _axis_label(plot.xlabel, "x" in plot.log, width)
    text.append(" " * max((width - cell_len(xlabel)) // 2, 0) + xlabel, "dim")
    for entry in legend:
        text.append("\n").append_text(entry)
    return text


class _Frame:
    """The limits of both axes, the size of the drawing between them, and the labels left of it and below."""

    def __init__(self, plot: Plot, *, width: int, height: int) -> None:
        self.lines = height
        self.x, self.y = _wide(plot, "x"), _wide(plot, "y")
        if plot.equal and not plot.log:
            self.x, self.y = _equal(self.x, self.y, columns=width - 8, lines=height)
        on_y = ticks(*self.y, height // 3, log="y" in plot.log, whole=plot.is_whole[1])
        margin = max(len(tick_label(value)) for value in on_y or [0.0]) + 1
        self.columns = max(width - margin - 2, 8)
        self.left = [" " * margin] * (height + 2)
        for value in on_y:
            row = height - self._place(value, self.y, height, "y" in plot.log)
            self.left[row] = tick_label(value).rjust(margin - 1) + " "
        self.below = self._labels_below(plot, margin + 1, width)

    def _labels_below(self, plot: Plot, start: int, width: int) -> str:
        named = [(float(i), name) for i, name in enumerate(plot.categories)]
        log = "x" in plot.log
        on_x = named or [
            (v, tick_label(v)) for v in ticks(*self.x, self.columns // 12, log=log, whole=plot.is_whole[0])
        ]
        line = ""
        for value, name in on_x:
            if not self.x[0] <= value <= self.x[1]:
                continue
            middle = start + self._place(value, self.x, self.columns, log)
            at = min(max(middle - cell_len(name) // 2, 0), width - cell_len(name))
            # A label that would touch the one before it is left out.
            if at > cell_len(line) or not line:
                line += " " * (at - cell_len(line)) + name
        return _shortened(line, width)

    @staticmethod
    def _place(value: float, ends: tuple[float, float], steps: int, log: bool) -> int:
        """Return the cell of a value, counted from the lower end."""
        low, high, value = (math.log10(v) if log else v for v in (*ends, value))
        return min(max(int((value - low) / (high - low) * steps), 0), steps - 1)


def _wide(plot: Plot, axis: str) -> tuple[float, float]:
    """Return the limits of an axis with a little room beside the outermost values."""
    low, high = span(plot, axis) or (0.0, 1.0)
    if axis in plot.log:
        room = (high / low) ** 0.02 if low < high else 2.0
        return low / room, high * room
    room = 0.02 * (high - low) if low < high else 0.5 * (abs(low) or 1.0)
    return low - room, high + room


def _equal(
    x: tuple[float, float], y: tuple[float, float], *, columns: int, lines: int
) -> tuple[tuple[float, float], tuple[float, float]]:
    """Return limits around the same middles such that one unit is as long on both axes."""
    width, height = columns / _CELL, float(lines)
    unit = max((x[1] - x[0]) / width, (y[1] - y[0]) / height) / 2
    (x_middle, y_middle) = (sum(x) / 2, sum(y) / 2)
    return (
        (x_middle - unit * width, x_middle + unit * width),
        (y_middle - unit * height, y_middle + unit * height),
    )


def _curves(plot: Plot, style: Style) -> list[_Curve]:
    """Return what is drawn, the last on top: contour lines, series, marked points and boxes."""
    log_x, log_y = "x" in plot.log, "y" in plot.log
    curves = [
        _Curve("", [p[0] for p in line[::_DOTS]], [p[1] for p in line[::_DOTS]], False, _QUIET, ".")
        for _, lines in contours(plot)[::_LEVELS]
        for line in lines
    ]
    for i, series in enumerate(plot.series):
        x, y = drawable(series.x, log=log_x), drawable(series.y, log=log_y)
        drawn = how_drawn(plot, series)
        if drawn in ("bars", "step"):
            x, y = _stairs(x, y)
        colour, character = COLOURS[i % len(COLOURS)], _CHARACTERS[i % len(_CHARACTERS)]
        curves.append(_Curve(series.label, x, y, drawn != "points", colour, character))
    for mark in plot.marks:
        x_pair, y_pair = ((w if isinstance(w, tuple) else (w, w)) for w in (mark.x, mark.y))
        (x0, x1), (y0, y1) = x_pair, y_pair
        if None not in (x0, x1, y0, y1):
            x = drawable([x0, x1, x1, x0, x0], log=log_x)
            y = drawable([y0, y0, y1, y1, y0], log=log_y)
            curves.append(_Curve(mark.label, x, y, True, _LOUD, "@"))
    return curves


def _stairs(x: list[float], y: list[float]) -> tuple[list[float], list[float]]:
    """Return the corners of steps with each x in the middle of its own."""
    if len(x) < 2:
        return x, y
    middles = [(a + b) / 2 for a, b in pairwise(x)]
    edges = [x[0], *(m for m in middles for _ in range(2)), x[-1]]
    return edges, [value for value in y for _ in range(2)]


def _across(plot: Plot, axis: str, ends: tuple[float, float]) -> list[float]:
    """Return where lines cross the picture: at the marks that have one coordinate, and at 0 inside of it."""
    found = [0.0] if axis not in plot.log and ends[0] < 0 < ends[1] and ends[0] < -0.05 * ends[1] else []
    for mark in plot.marks:
        here, other = (mark.x, mark.y) if axis == "x" else (mark.y, mark.x)
        if other is None and isinstance(here, int | float):
            found.append(float(here))
    return found


def _legend(curves: list[_Curve], plot: Plot, *, width: int, style: Style) -> list[Text]:
    """Return lines that name the series and the marks; a single series needs none."""
    named = [curve for curve in curves if curve.label]
    items: list[Text] = []
    if len(named) > 1 or plot.marks:
        block = style.colour and not style.ascii_only
        for curve in {curve.label: curve for curve in reversed(named)}.values():
            key = Text("██" if block else 2 * curve.character, curve.colour if style.colour else "")
            items.insert(0, Text.assemble(key, " ", _shortened(curve.label, width - 3)))
    across = {mark.label: mark.y is None for mark in plot.marks if mark.x is None or mark.y is None}
    for label, is_upright in across.items():
        sign = ("|" if style.ascii_only else "│") if is_upright else "--" if style.ascii_only else "──"
        items.append(Text(_shortened(f"{sign} {label}", width)))
    lines: list[Text] = []
    for item in items:
        if lines and lines[-1].cell_len + 3 + item.cell_len <= width:
            lines[-1].append("   ").append_text(item)
        else:
            lines.append(item)
    return lines


def _axis_label(label: str, log: bool, width: int) -> str:
    return _shortened(f"{label} (log)" if log else label, width)


def _shortened(text: str, width: int) -> str:
    return text if cell_len(text) <= width else set_cell_size(text, width - 1).rstrip() + "."
