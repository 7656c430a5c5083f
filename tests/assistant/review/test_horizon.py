"""Before an interview everything comes once more in the last days; after it, and without one, FSRS alone decides."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, timedelta

import pytest
from fsrs import Rating
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.review.card import new_card, study_day
from assistant.review.horizon import Horizon, due_day, horizon_for
from assistant.review.scheduling import reviewed
from tests.assistant.review.making import NOON, at, card

TODAY = date(2026, 3, 1)
INTERVIEW = date(2026, 3, 21)
HORIZON = Horizon(INTERVIEW, last=3)


def due(seen: float, due_on: float, today: date = TODAY, horizon: Horizon | None = HORIZON) -> date:
    return due_day(card("BN", due=due_on, seen=seen), today, horizon, UTC)


def test_an_interval_that_would_end_after_the_interview_ends_in_the_last_days() -> None:
    assert date(2026, 3, 18) <= due(seen=0, due_on=40) <= date(2026, 3, 20)


def test_an_interval_that_ends_before_the_last_days_stays() -> None:
    assert due(seen=0, due_on=5) == date(2026, 3, 6)


def test_what_was_seen_in_the_last_days_need_not_be_seen_again() -> None:
    assert due(seen=17, due_on=40, today=date(2026, 3, 19)) == study_day(at(40), UTC)


def test_what_was_forgotten_in_the_last_days_comes_again() -> None:
    assert due(seen=17, due_on=18, today=date(2026, 3, 19)) == date(2026, 3, 19)


@pytest.mark.parametrize("today", [INTERVIEW, date(2026, 3, 22), date(2027, 1, 1)])
def test_from_the_day_of_the_interview_on_the_interval_is_that_of_fsrs(today: date) -> None:
    assert due(seen=0, due_on=40, today=today) == due(seen=0, due_on=40, horizon=None)


def test_a_date_that_is_taken_away_leaves_no_trace() -> None:
    assert due(seen=0, due_on=40, horizon=None) == study_day(at(40), UTC)


def test_a_card_reviewed_in_the_future_comes_today() -> None:
    assert due(seen=400, due_on=440) == TODAY


def test_the_last_looks_are_spread_over_the_last_days() -> None:
    looks = Counter(HORIZON.look_at(f"topic:{n}#优点") for n in range(300))
    assert set(looks) == {INTERVIEW - timedelta(days=n) for n in (1, 2, 3)}
    assert min(looks.values()) > 60


@pytest.mark.parametrize(
    ("days", "subjects", "per_day", "last"),
    [(30, 20, 10, 3), (30, 100, 10, 10), (30, 1000, 10, 15), (4, 1000, 10, 3), (1, 5, 10, 3)],
)
def test_there_are_as_many_last_days_as_the_subjects_take_and_at_most_half(
    days: int, subjects: int, per_day: float, last: int
) -> None:
    assert horizon_for(TODAY + timedelta(days=days), TODAY, subjects, per_day).last == last


@settings(max_examples=25)
@given(
    st.integers(1, 60),
    st.dictionaries(st.integers(0, 12), st.sampled_from(list(Rating)), min_size=1, max_size=4),
    st.integers(0, 10**6),
)
def test_who_answers_all_that_is_due_sees_every_card_in_the_last_days(
    ahead: int, before: dict[int, Rating], name: int
) -> None:
    """Whatever the history of a card is, played forward day by day it is looked at before the interview."""
    on = TODAY + timedelta(days=13 + ahead)
    horizon = Horizon(on)
    played = new_card(f"topic:{name}#优点", "BN", "优点", NOON)
    for day, rating in sorted(before.items()):
        played = reviewed(played, rating, at(day))
    for n in range(13, 13 + ahead):
        if due_day(played, TODAY + timedelta(days=n), horizon, UTC) <= TODAY + timedelta(days=n):
            played = reviewed(replace(played, suspended_at=None), Rating.Good, at(n))
    assert played.last_review is not None
    assert study_day(played.last_review, UTC) >= min(horizon.first_look, TODAY + timedelta(days=12 + ahead))
