"""What the resource for interviews replies, as types: for the description of the interface, and its tests."""

from __future__ import annotations

from typing import Any, Literal, NotRequired

from typing_extensions import TypedDict


class Move(TypedDict):
    """One sentence of the interviewer; of a question also what it is."""

    event: str
    text: str
    n: int
    of: int
    elapsed: int
    left: int
    id: NotRequired[str]
    topic: NotRequired[str]
    prompt: NotRequired[str]
    probe: NotRequired[str | None]


class InterviewSession(TypedDict):
    """An interview, what the interviewer said last, and the question that waits; `phase` ends at `ended`."""

    interview: str
    profile: str
    language: Literal["zh", "en"]
    seconds: float
    questions: int
    seed: int
    practice: bool
    phase: str
    said: list[Move]


class Exchange(TypedDict):
    """One turn of an interview: what the candidate said, and what the interviewer said to it."""

    at: str
    heard: str | None
    manner: str | None
    said: list[dict[str, str]]


class InterviewWhole(InterviewSession):
    """An interview with all that was said."""

    turns: list[Exchange]


class InterviewListed(TypedDict):
    """An interview in the list; `overall` is null before it has ended."""

    interview: str
    began: str
    updated: str
    phase: str
    profile: str
    language: Literal["zh", "en"]
    overall: str | None
    questions: int | None


class InterviewReport(TypedDict):
    """What an interview has shown, as `assistant interview report --json` writes it."""

    interview: str
    profile: str
    language: Literal["zh", "en"]
    began: str
    seconds: int
    complete: bool
    overall: str
    signals: dict[str, str]
    topics: list[dict[str, str]]
    gaps: list[dict[str, Any]]
    misconceptions: list[dict[str, Any]]
    reviews: list[dict[str, str]]
    earlier: list[dict[str, Any]]
    graded_by: list[str]
    questions: list[dict[str, Any]]
