"""A radar chart of levels as SVG: one axis for each thing, four rings, and a gap where nothing is known."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from math import cos, pi, sin

#: Rings, and the size of the chart and its circle in SVG units.
RINGS, _WIDTH, _HEIGHT, _RADIUS = 4, 440, 260, 92
#: With fewer axes there is no area to see.
FEWEST = 3
_LABEL = 9


def radar(title: str, axes: Sequence[tuple[str, int | None]], unknown: str) -> str:
    """Return the chart of `axes`, each a name and a level of 1 to `RINGS`; "" for fewer than `FEWEST`.

    An axis without a level (None) has a broken line, the word `unknown`, and no corner of the area: not known is
    not nothing.
    """
    if len(axes) < FEWEST:
        return ""
    count = len(axes)
    known = [(n, level) for n, (_, level) in enumerate(axes) if level is not None]
    rings = "".join(
        f'<polygon class="ring" points="{_points([(n, ring) for n in range(count)], count)}"/>'
        for ring in range(1, RINGS + 1)
    )
    spokes = "".join(_spoke(n, count, level is None) for n, (_, level) in enumerate(axes))
    area = f'<polygon class="area" points="{_points(known, count)}"/>' if known else ""
    dots = "".join(f'<circle class="dot" {_at(n, level, count)} r="3.5"/>' for n, level in known)
    labels = "".join(
        _label(n, count, name, unknown if level is None else "") for n, (name, level) in enumerate(axes)
    )
    return (
        f'<svg class="radar" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{escape(title)}">'
        f"<title>{escape(title)}</title>{rings}{spokes}{area}{dots}{labels}</svg>"
    )


def _place(n: int, level: float, count: int) -> tuple[float, float]:
    """Return where `level` is on axis `n`; the first points up, the others follow clockwise."""
    angle = 2 * pi * n / count - pi / 2
    away = _RADIUS * level / RINGS
    return _WIDTH / 2 + away * cos(angle), _HEIGHT / 2 + away * sin(angle)


def _points(levels: Sequence[tuple[int, int]], count: int) -> str:
    return " ".join("{:.1f},{:.1f}".format(*_place(n, level, count)) for n, level in levels)


def _at(n: int, level: int, count: int) -> str:
    return 'cx="{:.1f}" cy="{:.1f}"'.format(*_place(n, level, count))


def _spoke(n: int, count: int, is_unknown: bool) -> str:
    x, y = _place(n, RINGS, count)
    kind = "spoke unknown" if is_unknown else "spoke"
    return f'<line class="{kind}" x1="{_WIDTH / 2:g}" y1="{_HEIGHT / 2:g}" x2="{x:.1f}" y2="{y:.1f}"/>'


def _label(n: int, count: int, name: str, remark: str) -> str:
    x, y = _place(n, RINGS + 0.6, count)
    side = "middle" if abs(x - _WIDTH / 2) < 8 else "start" if x > _WIDTH / 2 else "end"
    # The line of a remark goes to the outside, so that it never covers the chart.
    y += 4 if y > _HEIGHT / 2 or not remark else -8
    below = f'<tspan class="remark" x="{x:.1f}" dy="1.2em">{escape(remark)}</tspan>' if remark else ""
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{side}">{escape(_short(name))}{below}</text>'


def _short(name: str) -> str:
    """Return a name short enough to stand beside the circle; it is told in full beside the chart."""
    if _cells(name) <= 2 * _LABEL:
        return name
    cut = next(end for end in range(len(name), 0, -1) if _cells(name[:end]) < 2 * _LABEL)
    return name[:cut].rstrip() + "…"


def _cells(text: str) -> int:
    """Return how wide `text` is: two for a Chinese character, one for any other."""
    return sum(2 if character > "\u2e7f" else 1 for character in text)
