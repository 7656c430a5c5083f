"""Plots whose parts are cells of a terminal: bars along a line each, and heat maps. No curves here."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from rich.cells import cell_len, set_cell_size
from rich.style import Style as CellStyle
from rich.text import Text

from assistant.demo_kit.chart import Number, Plot, place_name, written

#: Okabe and Ito's palette, which the colour-blind tell apart, in an order that begins as matplotlib's does.
COLOURS = ("#56b4e9", "#e69f00", "#009e73", "#d55e00", "#cc79a7", "#f0e442", "#0072b2", "#999999")
#: From low to high, darker is lower: viridis at 0, ¼, ½, ¾ and 1.
_VIRIDIS = ((68, 1, 84), (59, 82, 139), (33, 145, 140), (94, 201, 98), (253, 231, 37))
_SHADES, _ASCII_SHADES = " ░▒▓█", " .:+#"
_EIGHTHS = "▏▎▍▌▋▊▉█"
#: Columns for the names of bars and rows; longer names are cut.
_MAX_NAME = 24


@dataclass(frozen=True, slots=True)
class Style:
    """What a terminal can show."""

    colour: bool = True
    ascii_only: bool = False


class _Bar(NamedTuple):
    name: str
    value: Number
    colour: str


def bars(plot: Plot, *, width: int, style: Style) -> Text:
    """Return a line per bar: name, bar, value. Groups of several series are parted by an empty line."""
    groups = _groups(plot)
    every = [bar for group in groups for bar in group]
    names = min(max((cell_len(bar.name) for bar in every), default=0), _MAX_NAME, width // 3)
    values = {value: "-" if value is None else written(value) for value in (bar.value for bar in every)}
    space = max(width - names - max(map(len, values.values()), default=0) - 2, 4)
    scale = _Scale([bar.value for bar in every if bar.value is not None], space, log="y" in plot.log)
    label = plot.ylabel + (" (log)" if "y" in plot.log else "")
    text = Text.assemble((_fitted(f"{label}, by {plot.xlabel}", width), "dim"))
    for i, group in enumerate(groups):
        if i and len(plot.series) > 1:
            text.append("\n")
        for bar in group:
            drawn = scale.bar(bar.value, style.ascii_only)
            text.append("\n" + set_cell_size(_fitted(bar.name, names), names) + " ")
            text.append(drawn, bar.colour if style.colour else "")
            text.append(f" {values[bar.value]}" if drawn else values[bar.value])
    for mark in plot.marks:
        if mark.x is None and isinstance(mark.y, int | float):
            text.append("\n" + _fitted(f"{mark.label} = {written(mark.y)}", width), "dim")
    return text


def _groups(plot: Plot) -> list[list[_Bar]]:
    """Return the bars place by place, at each place one per series."""
    several = len(plot.series) > 1
    places: dict[float, list[_Bar]] = {}
    for i, series in enumerate(plot.series):
        for x, y in zip(series.x, series.y, strict=True):
            name = f"{place_name(plot, x)} {series.label}" if several else place_name(plot, x)
            places.setdefault(x, []).append(_Bar(name, y, COLOURS[i % len(COLOURS)]))
    return [places[x] for x in sorted(places)]


class _Scale:
    """From values to cells: bars start at 0, on a logarithmic scale at the power of ten below the least."""

    def __init__(self, values: Sequence[float], space: int, *, log: bool) -> None:
        self._log = log
        self._space = space
        seen = [math.log10(v) for v in values if v > 0] if log else [0.0, *values]
        self._low, self._high = min(seen, default=0.0), max(seen, default=1.0)
        if log:
            self._low = math.ceil(self._low) - 1.0
        self._unit = space / ((self._high - self._low) or 1.0)

    def bar(self, value: Number, ascii_only: bool) -> str:
        """Return a bar with the blanks before it; bars below 0 end where the others start."""
        if value is None or (self._log and value <= 0):
            return ""
        if self._log:
            return self._filled((math.log10(value) - self._low) * self._unit, ascii_only)
        zero = round(-self._low * self._unit)
        full = "#" if ascii_only else "█"
        if value < 0:
            length = min(round(-value * self._unit), zero)
            return " " * (zero - length) + full * length
        return " " * zero + self._filled(min(value * self._unit, self._space - zero), ascii_only)

    @staticmethod
    def _filled(length: float, ascii_only: bool) -> str:
        if ascii_only:
            return "#" * round(length)
        whole, part = divmod(round(length * 8), 8)
        return "█" * whole + (_EIGHTHS[part - 1] if part else "")


def heat_map(plot: Plot, *, width: int, height: int, style: Style) -> Text:
    """Return a line per row: values on shades where they fit, else shades alone, of blocks where many."""
    cells: list[list[Number]] = [list(row) for row in plot.grid]
    columns = max(map(len, cells), default=0)
    known = [value for row in cells for value in row if value is not None]
    if not known:
        return Text("(nothing to draw)", "dim")
    low, high = min(known), max(known)
    texts = [["-" if value is None else f"{value:.3g}" for value in row] for row in cells]
    longest = max(len(text) for row in texts for text in row)
    names = plot.rows or tuple(map(str, range(len(cells))))
    margin = min(max(map(cell_len, names)), _MAX_NAME, width // 3) + 1
    cell_width = longest + (2 if style.colour else 3)
    with_values = margin + columns * cell_width <= width and len(cells) <= height
    block = 1
    if not with_values:
        # Two columns make a square; where that is too wide or too high, each cell is the mean of a block.
        cell_width = 2
        block = max(math.ceil(2 * columns / (width - margin)), math.ceil(len(cells) / height), 1)
        cells = _means(cells, block)
        names = names[::block]
    heading = f"{plot.cells or 'values'} from {low:.3g} to {high:.3g}, {plot.ylabel} by {plot.xlabel}"
    if block > 1:
        heading += f", each cell the mean of {block} x {block}"
    text = Text.assemble((_fitted(heading, width), "dim"))
    if with_values:
        head = plot.categories or tuple(map(str, range(columns)))
        line = "".join(_fitted(name, cell_width - 1).center(cell_width) for name in head)
        text.append("\n" + " " * margin + line.rstrip(), "dim")
    for i, row in enumerate(cells):
        text.append("\n").append(set_cell_size(_fitted(names[i], margin - 1), margin), "dim")
        for j, value in enumerate(row):
            share = 0.5 if value is None or low == high else (value - low) / (high - low)
            shown = texts[i][j].rjust(longest) if with_values else ""
            text.append_text(_cell(shown, None if value is None else share, cell_width, style))
    return text


def _cell(shown: str, share: float | None, width: int, style: Style) -> Text:
    """Return one cell; `share` is where its value lies between the lowest (0) and the highest (1)."""
    if share is None:
        return Text(shown.center(width))
    if style.colour:
        red, green, blue = _viridis(share)
        # The weights of the channels in brightness, ITU-R BT.601.
        ink = "#000000" if 0.299 * red + 0.587 * green + 0.114 * blue > 128 else "#ffffff"
        return Text(shown.center(width), CellStyle(color=ink, bgcolor=f"rgb({red},{green},{blue})"))
    shades = _ASCII_SHADES if style.ascii_only else _SHADES
    shade = shades[min(int(share * len(shades)), len(shades) - 1)]
    return Text(f"{shade}{shown} ".rjust(width) if shown else shade * width)


def _viridis(share: float) -> tuple[int, int, int]:
    place = share * (len(_VIRIDIS) - 1)
    i = min(int(place), len(_VIRIDIS) - 2)
    red, green, blue = (
        round(a + (b - a) * (place - i)) for a, b in zip(_VIRIDIS[i], _VIRIDIS[i + 1], strict=True)
    )
    return red, green, blue


def _means(cells: list[list[Number]], block: int) -> list[list[Number]]:
    """Return the grid in blocks of `block` x `block`, each the mean of what it covers."""
    return [
        [
            _mean([v for row in cells[top : top + block] for v in row[left : left + block] if v is not None])
            for left in range(0, max(map(len, cells)), block)
        ]
        for top in range(0, len(cells), block)
    ]


def _mean(values: list[float]) -> Number:
    return sum(values) / len(values) if values else None


def _fitted(text: str, width: int) -> str:
    return text if cell_len(text) <= width else set_cell_size(text, max(width - 1, 1)).rstrip() + "."
