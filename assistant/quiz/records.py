"""Quizzes as JSON and back, unchanged: what is stored after every step."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache

from pydantic import TypeAdapter, ValidationError

from assistant.quiz.session import QuizState
from assistant.review.card import Card
from assistant.storable import storable
from corpus.errors import StudyError


class QuizDamaged(StudyError):
    """What was stored of a quiz cannot be read."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """Since when the open question waits, and its card as it was then.

    With a card the answer is no review where the card was answered elsewhere meanwhile; without one every answer is.
    """

    since: datetime
    card: Card | None = None


@dataclass(frozen=True, slots=True)
class QuizRecord:
    """A quiz after so many `steps`. `words` named its topic; `keys` are the answers' own -> their place in `done`.

    The questions are whole, so that a quiz goes on whatever becomes of the notes.
    """

    quiz_id: str
    began: datetime
    updated: datetime
    words: str
    state: QuizState
    waiting: Waiting
    keys: Mapping[str, int] = field(default_factory=dict)
    steps: int = 0


def dump(record: QuizRecord) -> bytes:
    """Return `record` as JSON under zlib."""
    return zlib.compress(_records().dump_json(storable(record, _records())))


def load(stored: bytes) -> QuizRecord:
    """Return the record that `dump` wrote. Raises `QuizDamaged`."""
    try:
        return _records().validate_json(zlib.decompress(stored))
    except (zlib.error, ValidationError):
        raise QuizDamaged(
            "the stored quiz cannot be read",
            "It was written by another version; begin a new one: assistant quiz",
        ) from None


@cache
def _records() -> TypeAdapter[QuizRecord]:
    return TypeAdapter(QuizRecord)
