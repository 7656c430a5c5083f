"""The day of the interview, and what it changes: everything is seen once more in the last days before it.

Nothing of this is written into a card. What FSRS says stays as it is, so a date that moves or goes leaves no trace.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta, tzinfo
from math import ceil
from zlib import crc32

from assistant.review.card import Card, study_day

#: The last look at everything takes at least so many days.
LAST_DAYS = 3


@dataclass(frozen=True, slots=True)
class Horizon:
    """An interview `on` a day, with the `last` days before it for a last look at every card."""

    on: date
    last: int = LAST_DAYS

    @property
    def first_look(self) -> date:
        """The first of the last days."""
        return self.on - timedelta(days=self.last)

    def look_at(self, subject: str) -> date:
        """Return the day on which a subject gets its last look: always the same one, evenly spread."""
        return self.first_look + timedelta(days=crc32(subject.encode()) % self.last)


def horizon_for(on: date, set_on: date, subjects: int, per_day: float) -> Horizon:
    """Return the horizon of an interview: as many last days as `subjects` take, and at most half of all days.

    `per_day` is how many are reviewed on a day. The days are counted from `set_on`, when the date was given: from
    today they would grow fewer every day, and what was seen in the first of them would count as not seen.
    """
    half = (on - set_on).days // 2
    needed = ceil(subjects / per_day) if per_day > 0 else half
    return Horizon(on, max(LAST_DAYS, min(needed, half)))


def due_day(card: Card, today: date, horizon: Horizon | None = None, zone: tzinfo | None = None) -> date:
    """Return the day of study on which `card` is to be asked again; a day that has passed if it is overdue."""
    due = study_day(card.due, zone)
    if card.last_review is None:
        return due
    seen = study_day(card.last_review, zone)
    if seen > today:  # the clock was wrong then or is wrong now: better asked once too often
        return today
    if horizon is None or today >= horizon.on or seen >= horizon.first_look:
        return due
    return min(due, horizon.look_at(card.subject))
