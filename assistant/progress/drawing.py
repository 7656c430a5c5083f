"""Progress in the cells of a terminal: a heat map of days, bars of weeks, and columns of the days ahead.

Shades, not colours, tell how much, so that it reads alike without colour, on paper and by the colour-blind. Every
line fits into 60 cells whatever the language.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from itertools import pairwise

from rich.cells import cell_len

from assistant.progress.activity import WEEKS, Activity, Week

#: The least number of reviews that gets a shade, from light to dark.
SHADES = ((1, "░"), (5, "▒"), (10, "▓"), (20, "█"))
_NOTHING = "·"
_EIGHTHS = " ▁▂▃▄▅▆▇█"
_BAR = 20
_DAY = timedelta(days=1)
_LABEL = 4


def heat_map(done: Activity, weekdays: Sequence[str], months: Callable[[date], str]) -> list[str]:
    """Return a line of month names and one for each day of the week; a column is a week, the last is this one."""
    monday = done.weeks[0].first
    lines = [_month_line([week.first for week in done.weeks], months)]
    for n, name in enumerate(weekdays):
        days = (monday + (7 * week + n) * _DAY for week in range(WEEKS))
        cells = (3 * " " if day > done.today else f"{2 * shade(done.count(day))} " for day in days)
        lines.append((_padded(name, _LABEL) + "".join(cells)).rstrip())
    return lines


def shade(count: int) -> str:
    """Return the character for so many reviews on a day."""
    return next((mark for least, mark in reversed(SHADES) if count >= least), _NOTHING)


def legend() -> str:
    """Return what the shades mean."""
    bounds = [least for least, _ in SHADES]
    spans = [f"{low}–{high - 1}" for low, high in pairwise(bounds)]
    told = [f"{2 * mark} {span}" for (_, mark), span in zip(SHADES, [*spans, f"{bounds[-1]}+"], strict=True)]
    return "  ".join([f"{2 * _NOTHING} 0", *told])


def curve(weeks: Sequence[Week]) -> list[str]:
    """Return a bar for each week in which something was asked again: the share that was recalled, and of how many."""
    return [
        f"{week.first:%m-%d}  {_bar(week.share)}  {week.share:>4.0%}  {week.recalled}/{week.again}"
        for week in weeks
        if week.share is not None
    ]


def columns(ahead: Sequence[tuple[date, int]], today: str) -> list[str]:
    """Return a column for each day ahead, as high as what comes on it, over the number and the day of the month."""
    most = max(count for _, count in ahead)
    names = [today if n == 0 else str(day.day) for n, (day, _) in enumerate(ahead)]
    width = 4
    heights = [-(-8 * count // most) if most else 0 for _, count in ahead]
    return [
        "".join(_right(2 * _EIGHTHS[height], width) for height in heights).rstrip(),
        "".join(_right(str(count or _NOTHING), width) for _, count in ahead),
        "".join(_right(name, width) for name in names),
    ]


def _bar(share: float) -> str:
    filled = round(_BAR * share)
    return "█" * filled + "░" * (_BAR - filled)


def _month_line(mondays: Sequence[date], months: Callable[[date], str]) -> str:
    """Return the names of the months, each over the first week that begins in it where there is room for it."""
    line = _LABEL * " "
    for n, monday in enumerate(mondays):
        start = _LABEL + 3 * n
        is_new = n == 0 or monday.month != mondays[n - 1].month
        # A month that ends in the second column leaves no room for the name of the next one.
        has_room = n > 0 or all(after.month == monday.month for after in mondays[1:3])
        if is_new and has_room and cell_len(line) <= start:
            line = _padded(line, start) + months(monday)
    return line


def _padded(text: str, width: int) -> str:
    return text + " " * (width - cell_len(text))


def _right(text: str, width: int) -> str:
    return " " * (width - cell_len(text)) + text
