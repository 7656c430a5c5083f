"""A topic's text cut into passages that are small enough to quote and large enough to understand.

Cuts fall between paragraphs, then between lines, and inside a line only where it is longer than any
passage. Fences, tables and formulas are never cut.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil

TARGET, LOWEST, HIGHEST = 300, 120, 700
"""Characters: a passage is filled to `TARGET`, joined to its neighbour below `LOWEST`, cut above `HIGHEST`."""

LONG_LINE = 1000
"""A line up to this long stays whole, so that its passage is the whole line an editor shows."""

_SENTENCE_END = re.compile(r"[。！？；!?;…]+[”’」』）)\"']*|\.(?=\s)")


@dataclass(frozen=True, slots=True)
class Cut:
    """Text of the 1-based lines `first` to `last`: all of them, or a part of one very long line."""

    first: int
    last: int
    text: str
    part: bool = False


def cut(lines: Sequence[str], first: int, last: int, whole: Sequence[tuple[int, int]]) -> Iterator[Cut]:
    """Yield the passages of the lines `first` to `last`, blank lines at the edges left out.

    `whole` are sorted 1-based line ranges that must not be cut.
    """
    pending: Cut | None = None
    for unit in _units(lines, first, last, whole):
        if pending is None:
            pending = unit
        elif unit.part or pending.part:
            yield pending
            pending = unit
        else:
            joined = Cut(pending.first, unit.last, "\n".join(lines[pending.first - 1 : unit.last]))
            small = len(pending.text) < LOWEST or len(unit.text) < LOWEST
            if len(joined.text) <= (HIGHEST if len(pending.text) < TARGET or small else 0):
                pending = joined
            elif len(pending.text) < LOWEST and unit.first - pending.last <= 2:
                pending = joined  # a lead-in stays with the large block it leads in
            else:
                yield pending
                pending = unit
    if pending is not None:
        yield pending


def _units(lines: Sequence[str], first: int, last: int, whole: Sequence[tuple[int, int]]) -> Iterator[Cut]:
    """Yield paragraphs, uncuttable blocks, lines of large paragraphs and parts of very long lines."""
    fixed = dict(whole[bisect_left(whole, (first, 0)) : bisect_left(whole, (last + 1, 0))])
    i = first
    while i <= last:
        if i in fixed:
            end = min(fixed[i], last)
            yield Cut(i, end, "\n".join(lines[i - 1 : end]))
        elif not lines[i - 1].strip():
            end = i
        elif len(lines[i - 1]) > LONG_LINE:
            end = i
            yield from (Cut(i, i, text, part=True) for text in _sentences(lines[i - 1]))
        else:
            end = i
            while end < last and end + 1 not in fixed and lines[end].strip() and len(lines[end]) <= LONG_LINE:
                end += 1
            yield from _paragraph(lines, i, end)
        i = end + 1


def _paragraph(lines: Sequence[str], first: int, last: int) -> Iterator[Cut]:
    """Yield a paragraph, or if it is too large its lines in groups of about equal size."""
    total = sum(len(line) + 1 for line in lines[first - 1 : last]) - 1
    fair = total / ceil(total / HIGHEST)
    size = 0
    for i in range(first, last + 1):
        size += len(lines[i - 1]) + (1 if size else 0)
        if i == last or size >= fair or size + 1 + len(lines[i]) > HIGHEST:
            yield Cut(first, i, "\n".join(lines[first - 1 : i]))
            first, size = i + 1, 0


def _sentences(line: str) -> Iterator[str]:
    """Yield a very long line in parts of at most `HIGHEST` characters, cut after a sentence where one ends."""
    start = 0
    while len(line) - start > HIGHEST:
        ends = [m.end() for m in _SENTENCE_END.finditer(line, start + LOWEST, start + HIGHEST)]
        end = ends[-1] if ends else start + HIGHEST
        if text := line[start:end].strip():
            yield text
        start = end
    if text := line[start:].strip():
        yield text
