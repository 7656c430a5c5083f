"""What was done on which day, how much was recalled, and what is coming. Pure; a day is a day of study.

Days are those of the clocks on the wall (`study_day`), so that neither a change of the clocks nor an evening past
midnight makes or breaks one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo

from fsrs import Rating

from assistant.review.card import Card, Review, study_day
from assistant.review.horizon import Horizon, due_day

#: Weeks of the heat map and of the curve, this one included.
WEEKS = 12
#: Days that are looked ahead, today included.
AHEAD = 14
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Streak:
    """Days in a row with a review. `current` ends today, or yesterday while today may still come; no day is given."""

    current: int
    longest: int
    is_today_done: bool


@dataclass(frozen=True, slots=True)
class Week:
    """A week from its Monday on. `again` counts reviews of what had been asked before, `recalled` those not failed.

    The first answer about something tells what was known already and nothing of what was kept, so it is not in `again`.
    """

    first: date
    reviews: int
    again: int
    recalled: int

    @property
    def share(self) -> float | None:
        """The share in 0..1 that was recalled, None where nothing was asked again."""
        return self.recalled / self.again if self.again else None


@dataclass(frozen=True, slots=True)
class Activity:
    """What the log tells up to `today`: reviews by day, the last weeks, the streak; and how many cards come when.

    `ahead` holds the days from today on; what is overdue is in the first.
    """

    today: date
    days: Mapping[date, int]
    weeks: tuple[Week, ...]
    streak: Streak
    ahead: tuple[tuple[date, int], ...]

    @property
    def reviews(self) -> int:
        """How many reviews there are at all."""
        return sum(self.days.values())

    def count(self, on: date) -> int:
        """Return how many reviews there were on a day."""
        return self.days.get(on, 0)


def activity(
    log: Iterable[Review],
    cards: Iterable[Card],
    now: datetime,
    *,
    horizon: Horizon | None = None,
    zone: tzinfo | None = None,
    selected: Collection[str] = (),
) -> Activity:
    """Return what `log`, oldest first, and `cards` tell at `now`. Reviews that were taken back do not count.

    `selected` are the keys of answers that were kept because they were bad, such as what an interview found: they
    are work, and say nothing of the share that is recalled.
    """
    today = study_day(now, zone)
    live = [(entry, study_day(entry.at, zone)) for entry in log if entry.undone_at is None]
    days = Counter(day for _, day in live)
    monday = today - today.weekday() * _DAY
    mondays = [monday - n * 7 * _DAY for n in reversed(range(WEEKS))]
    again, recalled, seen = Counter[date](), Counter[date](), set[str]()
    for entry, day in live:
        if entry.subject in seen and entry.answer_key not in selected:
            first = day - day.weekday() * _DAY
            again[first] += 1
            recalled[first] += entry.rating > Rating.Again
        seen.add(entry.subject)
    weeks = tuple(
        Week(first, sum(days[first + n * _DAY] for n in range(7)), again[first], recalled[first])
        for first in mondays
    )
    return Activity(today, dict(days), weeks, streak(days, today), _ahead(cards, today, horizon, zone))


def streak(days: Iterable[date], today: date) -> Streak:
    """Return the streaks that `days` with a review make; days after today are a wrong clock's and do not count."""
    done = {day for day in days if day <= today}
    last = today if today in done else today - _DAY
    current = longest = 0
    while last - current * _DAY in done:
        current += 1
    for day in done:
        if day - _DAY not in done:
            length = 1
            while day + length * _DAY in done:
                length += 1
            longest = max(longest, length)
    return Streak(current, longest, today in done)


def _ahead(
    cards: Iterable[Card], today: date, horizon: Horizon | None, zone: tzinfo | None
) -> tuple[tuple[date, int], ...]:
    """Return how many cards come on each day. A card that comes again within these days is counted once."""
    active = (card for card in cards if card.suspended_at is None and not card.is_new)
    due = Counter(max(today, due_day(card, today, horizon, zone)) for card in active)
    return tuple((day, due[day]) for day in (today + n * _DAY for n in range(AHEAD)))
