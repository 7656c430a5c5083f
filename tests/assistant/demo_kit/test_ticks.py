"""Tick labels: round, inside the axis, told apart, and worth what they say."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.demo_kit.ticks import tick_label, ticks


@pytest.mark.parametrize(
    ("low", "high", "count", "log", "whole", "expected"),
    [
        (0, 1, 5, False, False, [0, 0.2, 0.4, 0.6, 0.8, 1]),
        (0.9, 7.1, 3, False, False, [2.5, 5]),
        (0, 5, 10, False, True, [0, 1, 2, 3, 4, 5]),
        (-3, 3, 4, False, False, [-2, 0, 2]),
        (1e-8, 1e-2, 8, True, False, [1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2]),
        (0.06, 0.7, 4, True, False, [0.1, 0.2, 0.5]),
        (1.9, 2.15, 3, True, False, [1.9, 2, 2.1]),
    ],
)
def test_ticks_are_round(
    low: float, high: float, count: int, log: bool, whole: bool, expected: list[float]
) -> None:
    assert ticks(low, high, count, log=log, whole=whole) == pytest.approx(expected)


@given(
    low=st.floats(-1e12, 1e12),
    width=st.floats(1e-3, 1e12),
    count=st.integers(2, 12),
    log=st.booleans(),
    whole=st.booleans(),
)
def test_ticks_lie_inside_rise_and_are_told_apart(
    low: float, width: float, count: int, log: bool, whole: bool
) -> None:
    low = abs(low) + 1e-6 if log else low
    width = max(width, 1e-4 * abs(low))
    high = low + width
    found = ticks(low, high, count, log=log, whole=whole)
    room = 1e-6 * max(abs(low), abs(high))
    assert all(low - room <= value <= high + room for value in found)
    assert all(a < b for a, b in pairwise(found))
    assert len(found) <= 4 * count
    if whole and not log:
        assert all(value == int(value) for value in found)


def test_labels_are_short_and_exact() -> None:
    shown = [tick_label(v) for v in (0.25, 20.0, 1e-8, 1e13, 2.5, -0.0, math.pi)]
    assert shown == ["0.25", "20", "1e-8", "1e13", "2.5", "0", "3.14159"]
