"""When a card comes again: FSRS-6, from a card, a rating and a moment to the next card. Nothing is stored here.

The curve is that of the `fsrs` package with its default parameters, which need no reviews to be fitted on
(Ye, Su & Cao 2022, A Stochastic Shortest Path Algorithm for Optimizing Spaced Repetition Scheduling; srs-benchmark:
better than SM-2 for nine users in ten). It runs without learning steps, since one sits down once a day, and without
fuzz, since cards that are easily confused are to come back together and a log must replay to the same cards.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from functools import cache

import fsrs
from fsrs import Rating

from assistant.review.card import Answered, Card
from assistant.review.rating import rate

#: The chance of recall at which a card is due.
RETENTION = 0.9
#: So often may a card be forgotten after it was known; then it is a leech, and again after every few more.
LEECH_LAPSES, _LEECH_AGAIN = 6, 3


@cache
def scheduler(retention: float = RETENTION) -> fsrs.Scheduler:
    """Return the scheduler for a chance of recall, in 0..1."""
    return fsrs.Scheduler(
        desired_retention=retention, learning_steps=(), relearning_steps=(), enable_fuzzing=False
    )


def reviewed(
    card: Card, rating: Rating, now: datetime, *, retention: float = RETENTION, is_fluent: bool = False
) -> Card:
    """Return `card` after a review. A card forgotten too often comes back suspended.

    Where the clock was set back behind the last review, no time counts as elapsed, and the card goes on from `now`.
    Raises `ValueError` for a moment without a time zone.
    """
    moment = _utc(now)
    after, _ = scheduler(retention).review_card(_fsrs(card, moment), rating, moment)
    is_lapse = rating is Rating.Again and not card.is_new
    lapses = card.lapses + is_lapse
    return replace(
        card,
        stability=after.stability,
        difficulty=after.difficulty,
        due=after.due,
        last_review=moment,
        lapses=lapses,
        fluent_run=card.fluent_run + 1 if is_fluent else 0,
        suspended_at=moment if is_lapse and _is_leech(lapses) else card.suspended_at,
    )


def answered(card: Card, given: Answered, *, retention: float = RETENTION) -> tuple[Rating, Card]:
    """Return the rating of an answer and `card` after it."""
    run = card.fluent_run + given.is_fluent
    rating = rate(given.level, given.help, is_contradicted=given.is_contradicted, fluent_run=run)
    return rating, reviewed(card, rating, given.at, retention=retention, is_fluent=given.is_fluent)


def retrievability(card: Card, now: datetime) -> float:
    """Return the chance in 0..1 that `card` is recalled at `now`: 0 for a new one, 1 on the day of a review."""
    moment = _utc(now)
    return float(scheduler().get_card_retrievability(_fsrs(card, moment), moment))


def clock_went_back(card: Card, now: datetime) -> bool:
    """Tell whether the card was reviewed later than it is now, so that its times cannot be trusted."""
    return card.last_review is not None and now < card.last_review


def _is_leech(lapses: int) -> bool:
    return lapses >= LEECH_LAPSES and (lapses - LEECH_LAPSES) % _LEECH_AGAIN == 0


def _fsrs(card: Card, now: datetime) -> fsrs.Card:
    """Return the package's card. It gets a number of ours, or the package sleeps to find one that is free."""
    if card.last_review is None:
        return fsrs.Card(card_id=0, due=_utc(card.due))
    return fsrs.Card(
        card_id=0,
        state=fsrs.State.Review,
        stability=card.stability,
        difficulty=card.difficulty,
        due=_utc(card.due),
        last_review=min(_utc(card.last_review), now),
    )


def _utc(moment: datetime) -> datetime:
    """Return `moment` in the one zone that the package takes, the object `datetime.timezone.utc` itself."""
    if moment.tzinfo is None:
        raise ValueError(f"a moment needs a time zone, {moment!r} has none")
    return moment.astimezone(UTC)
