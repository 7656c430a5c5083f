"""The days until the interview, and an honest word on whether they suffice."""

from __future__ import annotations

from datetime import UTC, date, timedelta
from random import Random

from assistant.review.horizon import Horizon
from assistant.review.planning import DAYS, Plan, plan
from assistant.review.session import State
from tests.assistant.review.making import NOON, card, subject

DAY = date(2026, 3, 1)


def planned(state: State, minutes: float) -> Plan:
    return plan(state, NOON, minutes, Random(1), retention=0.9, zone=UTC)


def fresh(count: int, days: int | None = None) -> State:
    horizon = Horizon(DAY + timedelta(days=days)) if days else None
    return State([subject(f"topic {n}") for n in range(count)], {}, horizon=horizon)


def test_without_an_interview_two_weeks_are_shown() -> None:
    made = planned(fresh(20), 20)
    assert [day.on for day in made.days] == [DAY + timedelta(days=n) for n in range(DAYS)]
    assert [day.new for day in made.days[:4]] == [8, 8, 4, 0]
    assert [day.due for day in made.days[:3]] == [0, 0, 8], "a new card that is known comes after two days"
    assert made.is_enough
    assert made.interview is None


def test_with_time_enough_everything_is_met_and_seen_again_in_the_last_days() -> None:
    made = planned(fresh(30, days=12), 30)
    assert (made.is_enough, made.unmet, made.unseen, made.enough) == (True, 0, 0, None)
    assert made.interview == made.days[-1].on + timedelta(days=1)
    assert sum(day.new for day in made.days) == 30
    assert sum(day.reviews for day in made.days[-3:]) >= 30


def test_too_little_time_is_said_with_the_minutes_that_would_do() -> None:
    made = planned(fresh(120, days=10), 10)
    assert not made.is_enough
    assert made.unmet > 0
    assert made.enough is not None
    assert planned(fresh(120, days=10), made.enough).is_enough


def test_where_no_daily_time_would_do_none_is_promised() -> None:
    made = planned(fresh(5000, days=2), 20)
    assert (made.is_enough, made.enough) == (False, None)
    assert made.unmet > 4000


def test_what_is_due_today_is_on_the_first_day() -> None:
    cards = [card("BN", due=-1), card("LN", due=0), card("Adam", due=3)]
    state = State([subject(c.topic) for c in cards], {c.subject: c for c in cards})
    assert [day.due for day in planned(state, 20).days[:4]] == [2, 0, 0, 1]
