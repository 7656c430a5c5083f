"""Subjects, cards and moments for the tests of reviewing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from assistant.review.card import Card, new_card
from assistant.review.session import Item, Subject, Why

#: Noon, so that an hour more or less is the same day of study.
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def at(days: float) -> datetime:
    """Return the moment so many days after the first noon."""
    return NOON + timedelta(days=days)


def subject(topic: str, group: str = "优点") -> Subject:
    return Subject(f"topic:{topic}#{group}", topic, group)


def card(
    topic: str, group: str = "优点", *, due: float, seen: float | None = None, stability: float = 5.0
) -> Card:
    """Return a card that is due on day `due` and was seen on day `seen`, by default five days before."""
    about = subject(topic, group)
    return Card(
        about.key,
        topic,
        group,
        created_at=at(-100),
        due=at(due),
        stability=stability,
        difficulty=5.0,
        last_review=at(due - 5 if seen is None else seen),
    )


def item(topic: str, group: str = "优点", why: Why = Why.DUE, seconds: float = 90.0) -> Item:
    about = subject(topic, group)
    return Item(about, new_card(about.key, topic, group, NOON), why, seconds)
