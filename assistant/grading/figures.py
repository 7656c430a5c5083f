"""Figures in a clause and what they count: 16 位, 两倍, 0.9, 5%. Names such as V2 and sizes such as 3x3 are none."""

from __future__ import annotations

import re
from typing import NamedTuple

_CHINESE = {"两": 2, "二": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9, "十": 10}
_UNITS = r"倍|个|层|步|种|次|张|条|类|位|维|份|轮|组|路|bits?|times|layers?|steps?|%|gb|mb|kb|ms"
_FIGURE = re.compile(
    rf"(?<![a-z0-9_.^x*])(?P<value>-?\d+(?:\.\d+)?(?:e-?\d+)?(?:/\d+)?)(?!\s?[x*^]\s?\d|[\d.]*\d)\s?(?P<unit>{_UNITS})?"
    rf"|(?P<chinese>[两二三四五六七八九十])(?=(?P<counted>倍|个|层|步|次|份|组|路|种|类|张))"
)
# What is made up to show something is no claim.
_EXAMPLE = re.compile(r"比如|例如|举例|假设|假如|设|for example|e\.g\.|say,|suppose")


class Figure(NamedTuple):
    """A number, and what it counts; nothing where it stands bare."""

    value: float
    unit: str


def figures_in(folded: str) -> frozenset[Figure]:
    """Return the figures of folded text."""
    return frozenset(_figure(match) for match in _FIGURE.finditer(folded))


def claimed_in(folded: str) -> frozenset[Figure]:
    """Return the figures of a folded clause, none of one that makes up an example."""
    return frozenset() if _EXAMPLE.search(folded) else figures_in(folded)


def disagree(said: frozenset[Figure], point: frozenset[Figure], known: frozenset[Figure]) -> bool:
    """Whether `said` has a figure where `point` has another of the same unit, and nowhere is it `known`."""
    units = {figure.unit for figure in point}
    strange = {figure for figure in said if figure.unit in units and figure not in known}
    return any(not any(figure.unit == f.unit for f in said & point) for figure in strange)


def _figure(match: re.Match[str]) -> Figure:
    if match["chinese"]:
        return Figure(float(_CHINESE[match["chinese"]]), match["counted"])
    value, _, below = match["value"].partition("/")
    number = float(value) / (float(below) or 1.0) if below else float(value)
    return Figure(number, (match["unit"] or "").rstrip("s"))
