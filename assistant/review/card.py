"""The values of reviewing: a card, an answer to it, and the entry that the answer makes in the log."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, tzinfo
from enum import StrEnum
from typing import Any

from assistant.grading.types import Level

#: A day of study ends at four in the morning: who learns past midnight is still at the day before.
DAY_STARTS = timedelta(hours=4)


def study_day(moment: datetime, zone: tzinfo | None = None) -> date:
    """Return the day of study that `moment` belongs to, on the clocks of `zone` (None: of this machine)."""
    return (moment.astimezone(zone).replace(tzinfo=None) - DAY_STARTS).date()


@dataclass(frozen=True, slots=True)
class Card:
    """What is remembered or forgotten as one: a group of points of a topic, or the skill that a drill trains.

    `subject` names it among the learner's cards ("topic:KEY#GROUP", "drill:DEMO"). `stability` (days until recall
    falls to 90 %) and `difficulty` (1 to 10) are FSRS's, None before the first review. FSRS's state and step are
    not kept: without learning steps a card that was reviewed once is always in review. Times are aware.
    """

    subject: str
    topic: str
    group: str
    created_at: datetime
    due: datetime
    stability: float | None = None
    difficulty: float | None = None
    last_review: datetime | None = None
    lapses: int = 0
    fluent_run: int = 0
    suspended_at: datetime | None = None

    @property
    def is_new(self) -> bool:
        """Whether it was never reviewed."""
        return self.last_review is None


def new_card(subject: str, topic: str, group: str, now: datetime) -> Card:
    """Return a card that was never reviewed."""
    return Card(subject, topic, group, created_at=now, due=now)


class Help(StrEnum):
    """What was looked at before the answer."""

    NONE = "none"
    HINT = "hint"
    ANSWER = "answer"


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer to a question about `card`, as it was when the question was asked.

    `key` makes the answer one: given twice, it counts once. `grade` is the JSON that is kept of the grade.
    `is_contradicted` tells that the answer says the opposite of a point.
    """

    key: str
    card: Card
    session_id: str
    question_id: str
    kind: str
    prompt: str
    text: str
    level: Level
    score: float
    at: datetime
    duration_ms: int
    help: Help = Help.NONE
    is_contradicted: bool = False
    is_fluent: bool = False
    grade: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Review:
    """One entry of the log: how `subject` was answered, and whether that was taken back."""

    subject: str
    rating: int
    level: Level
    score: float
    help: Help
    is_fluent: bool
    duration_ms: int
    at: datetime
    question_id: str
    answer_key: str
    undone_at: datetime | None = None


class Outcome(StrEnum):
    """What became of an answer: counted, given before, or overtaken by another answer to the same card."""

    COUNTED = "counted"
    REPEATED = "repeated"
    OVERTAKEN = "overtaken"


@dataclass(frozen=True, slots=True)
class Recorded:
    """The card after an answer, what became of the answer, and the rating where it counted."""

    card: Card
    outcome: Outcome
    rating: int | None = None
