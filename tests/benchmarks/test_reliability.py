"""The figures of reliability, against sums done by hand."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.fit_coverage import area
from benchmarks.reliability import picture, reliability

COVERED = np.array([True, True, True, False])
SURE = np.array([0.95, 0.95, 0.15, 0.12])


def test_bins_weigh_covered_and_uncovered_the_same() -> None:
    found = reliability(COVERED, SURE)
    low, high = found["bins"]
    # Of the lower bin a third of the covered half and all of the uncovered half: 1/6 + 1/2.
    assert (low["from"], low["questions"], low["weight"]) == (0.1, 2, 0.6667)
    assert low["covered"] == 0.25
    assert low["sure"] == pytest.approx((0.15 / 6 + 0.12 / 2) / (2 / 3), abs=1e-4)
    assert (high["questions"], high["covered"], high["sure"]) == (2, 1.0, 0.95)
    assert found["ece"] == pytest.approx(2 / 3 * (0.25 - 0.1275) + 1 / 3 * 0.05, abs=1e-3)
    assert found["brier"] == pytest.approx((2 * 0.05**2 + 0.85**2) / 6 + 0.12**2 / 2, abs=1e-4)


def test_a_gate_that_is_sure_and_right_has_no_error_and_the_whole_area() -> None:
    sure = COVERED.astype(float)
    assert (reliability(COVERED, sure)["ece"], reliability(COVERED, sure)["brier"]) == (0.0, 0.0)
    assert area(COVERED, sure).value == area(COVERED, sure).low == 1.0
    assert area(COVERED, 1 - sure).value == 0.0


def test_the_diagram_is_the_same_bytes_for_the_same_figures() -> None:
    table = {"seed": reliability(COVERED, SURE)}
    assert picture(table) == picture(table)
    assert picture(table).startswith(b"<?xml")
