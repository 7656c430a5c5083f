"""What an answer is made of, as types: for the description of the interface, and its tests."""

from __future__ import annotations

from typing import Any, Literal, NotRequired

from typing_extensions import TypedDict

from api.rest._shapes import Location


class Elsewhere(TypedDict):
    """Another place where the quote stands."""

    topic: str
    heading_path: list[str]
    path: str
    lines: list[int] | None
    location: Location


class Citation(TypedDict):
    """A quote that stands in a note word for word; `n` is its marker in the answer's text."""

    n: int
    topic: str
    heading_path: list[str]
    path: str
    lines: list[int] | None
    location: Location
    quote: str
    passage_id: str
    also: NotRequired[list[Elsewhere]]


class ToolRun(TypedDict):
    """A demo that ran, or refused."""

    name: str
    arguments: dict[str, Any]
    result: dict[str, Any]


class Answered(TypedDict):
    """An answer. `mode` is who wrote it: `notes`, or a model. `session` is there where a conversation was asked for."""

    question: str
    status: Literal["answered", "not_in_notes"]
    answer: str
    citations: list[Citation]
    tools: list[ToolRun]
    mode: str
    timings: dict[str, float]
    standalone: str
    nearest: list[str]
    notices: list[str]
    unsupported: list[str]
    session: NotRequired[str]
