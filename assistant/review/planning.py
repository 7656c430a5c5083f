"""The days ahead: how much comes on each if every answer is right, and whether there is time for all of it."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta, tzinfo
from random import Random

from fsrs import Rating

from assistant.review.card import Card, study_day
from assistant.review.scheduling import reviewed
from assistant.review.session import NEW_A_DAY, State, Why, today

#: Days shown where there is no interview, and the most that are looked ahead.
DAYS, MOST_DAYS = 14, 90
#: Minutes a day that are tried when the given ones do not suffice.
_TRIED = (10, 15, 20, 30, 45, 60, 90, 120, 180, 240)


@dataclass(frozen=True, slots=True)
class Day:
    """One day of the plan. `late` counts what should be asked on it and does not fit any more."""

    on: date
    due: int
    last_looks: int
    new: int
    seconds: float
    late: int

    @property
    def reviews(self) -> int:
        """How much is asked."""
        return self.due + self.last_looks + self.new


@dataclass(frozen=True, slots=True)
class Plan:
    """The days from today on, and what stays undone at their end.

    `unmet` counts subjects that were never asked, `unseen` cards without a last look before the interview.
    `enough` is the least number of minutes a day that would do for both, None where none would or the given ones do.
    """

    days: tuple[Day, ...]
    minutes: float
    interview: date | None
    unmet: int
    unseen: int
    enough: int | None = None

    @property
    def is_enough(self) -> bool:
        """Whether everything is met, and seen again, before the interview."""
        return self.interview is None or not (self.unmet or self.unseen)


def plan(
    state: State,
    now: datetime,
    minutes: float,
    chance: Random,
    *,
    retention: float,
    new_a_day: int = NEW_A_DAY,
    zone: tzinfo | None = None,
) -> Plan:
    """Return the plan from `now` on at `minutes` a day, to the interview or for two weeks."""
    seed = chance.getrandbits(32)

    def at(some: float) -> Plan:
        return _simulated(state, now, some, Random(seed), retention, new_a_day, zone)

    made = at(minutes)
    if made.is_enough:
        return made
    tried = [some for some in _TRIED if some > minutes]
    place = bisect_left(tried, True, key=lambda some: at(some).is_enough)
    return replace(made, enough=tried[place] if place < len(tried) else None)


def _simulated(
    state: State,
    now: datetime,
    minutes: float,
    chance: Random,
    retention: float,
    new_a_day: int,
    zone: tzinfo | None,
) -> Plan:
    """Play the days through: each day's list is answered right, at the hour that it is now."""
    first = study_day(now, zone)
    horizon = state.horizon
    ahead = (horizon.on - first).days if horizon else DAYS
    days = []
    for n in range(min(ahead, MOST_DAYS)):
        moment = now + timedelta(days=n)
        listed = today(state, moment, minutes, chance, new_a_day=new_a_day, zone=zone)
        whys = [item.why for item in listed.items]
        last_looks, new = whys.count(Why.LAST_LOOK), whys.count(Why.NEW) + whys.count(Why.GAP)
        due = len(whys) - last_looks - new
        days.append(Day(listed.day, due, last_looks, new, listed.seconds, sum(listed.left.values())))
        cards = dict(state.cards)
        for item in listed.items:
            cards[item.subject.key] = reviewed(item.card, Rating.Good, moment, retention=retention)
        state = replace(state, cards=cards, faults={}, gaps={}, introduced=0)
    on = horizon.on if horizon else None
    return Plan(tuple(days), minutes, on, *_undone(state, first, ahead, zone))


def _undone(state: State, first: date, ahead: int, zone: tzinfo | None) -> tuple[int, int]:
    """Return how many subjects were never asked, and how many not again in the last days before the interview."""
    if state.horizon is None or ahead > MOST_DAYS:
        return 0, 0
    active = [s for s in state.subjects if not _is_suspended(state.cards.get(s.key))]
    met = [card for s in active if (card := state.cards.get(s.key)) and card.last_review]
    looks_from = max(state.horizon.first_look, first)
    unseen = [c for c in met if c.last_review and study_day(c.last_review, zone) < looks_from]
    return len(active) - len(met), len(unseen)


def _is_suspended(card: Card | None) -> bool:
    return card is not None and card.suspended_at is not None
