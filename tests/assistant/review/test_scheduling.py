"""Cards move as the fsrs package moves them, whatever the zone, and whichever way the clock goes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import fsrs
import pytest
from fsrs import Rating
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.grading.types import Level
from assistant.quiz.types import Form
from assistant.review.card import Card, Help, new_card, study_day
from assistant.review.rating import fluent, rate
from assistant.review.scheduling import (
    LEECH_LAPSES,
    clock_went_back,
    retrievability,
    reviewed,
)
from tests.assistant.review.making import NOON, at

CARD = new_card("topic:BN#优点", "BN", "优点", NOON)
RATINGS = st.sampled_from(list(Rating))
#: (rating, hours until the next review); many within a day, some after years.
REVIEWS = st.lists(st.tuples(RATINGS, st.one_of(st.integers(0, 48), st.integers(0, 20_000))), max_size=12)


def package(steps: list[tuple[Rating, datetime]], retention: float = 0.9) -> fsrs.Card:
    """Return the card that the package itself makes of the same reviews."""
    scheduler = fsrs.Scheduler(
        desired_retention=retention, learning_steps=(), relearning_steps=(), enable_fuzzing=False
    )
    made = fsrs.Card(card_id=1, due=NOON)
    for rating, moment in steps:
        made, _ = scheduler.review_card(made, rating, moment)
    return made


def after(*ratings: Rating) -> Card:
    """Return the card after reviews that each come when they are due."""
    moved = CARD
    for rating in ratings:
        moved = reviewed(moved, rating, moved.due)
    return moved


@settings(max_examples=60)
@given(REVIEWS, st.sampled_from([0.8, 0.9, 0.95]))
def test_any_sequence_of_reviews_leads_where_the_package_leads(
    reviews: list[tuple[Rating, int]], retention: float
) -> None:
    moved, moment, steps = CARD, NOON, []
    for rating, hours in reviews:
        moment += timedelta(hours=hours)
        steps.append((rating, moment))
        moved = reviewed(moved, rating, moment, retention=retention)
    expected = package(steps, retention)
    assert (moved.stability, moved.difficulty) == (expected.stability, expected.difficulty)
    assert (moved.due, moved.last_review) == (expected.due, expected.last_review)
    assert moved.due >= moment
    assert 0.0 <= retrievability(moved, moment + timedelta(days=30)) <= 1.0


def test_the_first_intervals_are_those_of_the_default_parameters() -> None:
    days = [(reviewed(CARD, rating, NOON).due - NOON).days for rating in Rating]
    assert days == [1, 1, 2, 8]
    good = after(Rating.Good, Rating.Good, Rating.Good)
    assert good.last_review is not None
    assert (good.due - good.last_review).days == 46


def test_recall_is_certain_on_the_day_nine_in_ten_when_due_and_nothing_before_the_first_review() -> None:
    card = after(Rating.Good)
    assert retrievability(card, NOON + timedelta(hours=5)) == 1.0
    assert card.stability is not None
    due = retrievability(replace(card, stability=10.0), NOON + timedelta(days=10))
    assert due == pytest.approx(0.9, abs=1e-12)
    assert retrievability(CARD, NOON) == 0.0


@pytest.mark.parametrize("zone", ["Asia/Shanghai", "America/New_York", "Pacific/Kiritimati", "UTC"])
def test_a_moment_in_any_zone_is_the_same_moment(zone: str) -> None:
    here = reviewed(CARD, Rating.Good, at(3).astimezone(ZoneInfo(zone)))
    assert here == reviewed(CARD, Rating.Good, at(3))
    assert here.last_review is not None
    assert here.last_review.tzinfo is UTC


def test_the_hour_that_comes_twice_in_autumn_counts_once() -> None:
    """New York, 1 November 2026: 1:30 comes in summer time and again in winter time, an hour later."""
    zone = ZoneInfo("America/New_York")
    first = datetime(2026, 11, 1, 1, 30, tzinfo=zone)
    second = first.replace(fold=1)
    card = reviewed(reviewed(CARD, Rating.Good, first), Rating.Good, second)
    expected = package([(Rating.Good, first.astimezone(UTC)), (Rating.Good, second.astimezone(UTC))])
    assert (card.stability, card.due) == (expected.stability, expected.due)
    assert card.last_review == datetime(2026, 11, 1, 6, 30, tzinfo=UTC)


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="needs a time zone"):
        reviewed(CARD, Rating.Good, NOON.replace(tzinfo=None))


@settings(max_examples=30)
@given(RATINGS, st.integers(1, 100_000))
def test_a_clock_that_was_set_back_counts_as_no_time_at_all(rating: Rating, hours: int) -> None:
    card = after(Rating.Good, Rating.Good)
    assert card.last_review is not None
    earlier = card.last_review - timedelta(hours=hours)
    moved = reviewed(card, rating, earlier)
    assert clock_went_back(card, earlier)
    assert not clock_went_back(moved, earlier)
    at_once = reviewed(card, rating, card.last_review)
    assert (moved.stability, moved.difficulty) == (at_once.stability, at_once.difficulty)
    assert (moved.last_review, moved.due > earlier) == (earlier, True)
    assert retrievability(card, earlier) == 1.0


def test_a_card_forgotten_six_times_is_suspended_and_once_back_in_gets_three_more() -> None:
    card = after(Rating.Again)
    assert card.lapses == 0, "what was never known cannot be forgotten"
    suspended = []
    for n in range(1, 13):
        card = reviewed(replace(card, suspended_at=None), Rating.Again, at(n))
        if card.suspended_at:
            suspended.append(card.lapses)
    assert suspended == [LEECH_LAPSES, 9, 12] == [6, 9, 12]
    assert card.suspended_at == at(12)


@pytest.mark.parametrize(
    ("level", "help", "contradicted", "run", "rating"),
    [
        (Level.WRONG, Help.NONE, False, 0, Rating.Again),
        (Level.WRONG, Help.HINT, False, 0, Rating.Again),
        (Level.CORRECT, Help.ANSWER, False, 3, Rating.Again),
        (Level.PARTIAL, Help.NONE, False, 0, Rating.Hard),
        (Level.PARTIAL, Help.NONE, True, 0, Rating.Again),
        (Level.CORRECT, Help.NONE, True, 0, Rating.Again),
        (Level.CORRECT, Help.HINT, False, 0, Rating.Hard),
        (Level.CORRECT, Help.NONE, False, 0, Rating.Good),
        (Level.CORRECT, Help.NONE, False, 1, Rating.Good),
        (Level.CORRECT, Help.NONE, False, 2, Rating.Easy),
    ],
)
def test_the_rating_follows_from_the_mark_and_from_what_helped(
    level: Level, help: Help, contradicted: bool, run: int, rating: Rating
) -> None:
    assert rate(level, help, is_contradicted=contradicted, fluent_run=run) is rating


@pytest.mark.parametrize(
    ("level", "help", "form", "seconds", "expected"),
    [
        (Level.CORRECT, Help.NONE, Form.OPEN, 54, True),
        (Level.CORRECT, Help.NONE, Form.OPEN, 55, False),
        (Level.CORRECT, Help.NONE, Form.CLOZE, 10, True),
        (Level.CORRECT, Help.NONE, Form.CHOICE, 1, False),
        (Level.CORRECT, Help.NONE, Form.TRUE_FALSE, 1, False),
        (Level.CORRECT, Help.HINT, Form.OPEN, 10, False),
        (Level.PARTIAL, Help.NONE, Form.OPEN, 10, False),
    ],
)
def test_only_a_right_unaided_recalled_and_fast_answer_is_fluent(
    level: Level, help: Help, form: Form, seconds: float, expected: bool
) -> None:
    assert fluent(level, help, form, seconds, usual=90) is expected


def test_a_fluent_answer_lengthens_the_run_and_any_other_ends_it() -> None:
    card = reviewed(reviewed(CARD, Rating.Good, at(0), is_fluent=True), Rating.Good, at(2), is_fluent=True)
    assert card.fluent_run == 2
    assert reviewed(card, Rating.Good, at(9)).fluent_run == 0


@pytest.mark.parametrize(("hour", "day"), [(0, 28), (3, 28), (4, 1), (12, 1), (23, 1)])
def test_a_day_of_study_ends_at_four_in_the_morning(hour: int, day: int) -> None:
    zone = ZoneInfo("Asia/Shanghai")
    assert study_day(datetime(2026, 3, 1, hour, tzinfo=zone), zone).day == day


def test_on_the_morning_without_a_second_hour_the_day_still_begins_at_four() -> None:
    """New York, 8 March 2026: two o'clock is three o'clock."""
    zone = ZoneInfo("America/New_York")
    assert study_day(datetime(2026, 3, 8, 7, 59, tzinfo=UTC), zone).day == 7  # 3:59 there
    assert study_day(datetime(2026, 3, 8, 8, 0, tzinfo=UTC), zone).day == 8
