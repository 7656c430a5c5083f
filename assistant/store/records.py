"""The values that the store takes and gives back. No SQL here, so that any room can import them cheaply.

Every time is an aware datetime; it is stored, and comes back, in UTC.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Turn:
    """One question of a chat and its answer.

    `standalone_question` is the question as searched, with what the conversation leaves unsaid filled in.
    `answer` is the answer's JSON object: text, citations, tool runs, mode and timings.
    """

    question: str
    standalone_question: str
    answer: Mapping[str, Any]
    asked_at: datetime


@dataclass(frozen=True, slots=True)
class Conversation:
    """A chat session as a list shows it. `title` is its first question, empty where none was asked."""

    id: str
    started_at: datetime
    last_asked: datetime | None
    turns: int
    title: str


@dataclass(frozen=True, slots=True)
class Gap:
    """A question that the notes did not cover: its latest wording, how often it came, what came nearest."""

    question: str
    count: int
    first_asked: datetime
    last_asked: datetime
    nearest_topics: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What was deleted, in rows by table. `is_gone` tells that no file holds it any more.

    Where it is false, another program was reading; forgetting once more after that empties the rest.
    """

    rows: Mapping[str, int]
    is_gone: bool
