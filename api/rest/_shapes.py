"""What the resources about notes and demos reply, as types: for the description of the interface, and its tests.

Replies are not checked against these as they are sent, which would cost more than making them; the tests do that.
"""

from __future__ import annotations

from typing import Any, Literal, NotRequired

from fastapi import Response
from typing_extensions import TypedDict


def gives(shape: Any, status: int = 200, description: str = "Done.") -> dict[str, Any]:
    """Return the arguments of a route that replies with `shape`, a type, under `status`."""
    return {
        "response_model": None,
        "status_code": status,
        "responses": {status: {"model": shape, "description": description}},
    }


def gives_file(media_type: str, description: str, schema: dict[str, Any] | None = None) -> dict[str, Any]:
    """Return the arguments of a route that replies with a file of `media_type`."""
    content = {media_type: {"schema": schema or {"type": "string", "format": "binary"}}}
    told = {200: {"description": description, "content": content}}
    return {"response_class": Response, "response_model": None, "responses": told}


Location = TypedDict("Location", {"kind": Literal["lines", "page", "slide", "cell"], "from": int, "to": int})


class Hit(TypedDict):
    """The best passage of a topic. `lines` is null where lines mean nothing (a page, a slide)."""

    rank: int
    score: float
    topic: str
    heading_path: list[str]
    path: str
    lines: list[int] | None
    location: Location
    text: str
    passage_id: str


class Found(TypedDict):
    """The nearest topics, and whether the notes cover the query."""

    query: str
    covered: bool
    confidence: float
    hits: list[Hit]


class Topic(TypedDict):
    """A topic and its place; `stub` holds only its title or a link."""

    topic: str
    heading_path: list[str]
    path: str
    lines: list[int] | None
    passages: int
    stub: bool


class DemoListed(TypedDict):
    """A demo; `parameters` is a JSON Schema."""

    name: str
    summary: str
    topics: list[str]
    parameters: dict[str, Any]


class DemoTold(DemoListed):
    """A demo with its formula and where that stands."""

    formula: str
    source: str


class DemoResult(TypedDict):
    """What a demo computed. `numbers` holds scalars, lists, or one level of named blocks."""

    demo: str
    args_used: dict[str, Any]
    numbers: dict[str, Any]
    formula: str
    source: str


class Problem(TypedDict):
    """A file that could not be read, or was read with a loss."""

    path: str
    message: str


class NoteFile(TypedDict):
    """A file of notes; `kind` is its suffix."""

    path: str
    kind: str
    topics: int
    passages: int
    #: Whether it lies in HOME/notes, where it can be replaced and deleted under its name.
    name: NotRequired[str]


class Origin(TypedDict):
    """A file or folder that is studied, and what puts it among the notes."""

    path: str
    origin: Literal["shipped", "home", "added", "setting"]
    there: bool
    files: int
    topics: int
    passages: int
    problems: list[Problem]
    notes: list[NoteFile]


class Finding(TypedDict):
    """A fault in a note, and how to mend it."""

    rule: str
    path: str
    lines: list[int]
    message: str
    hint: str
    confidence: float


class Uploaded(TypedDict):
    """A note that is studied from now on: its topics, and the faults found in it."""

    name: str
    path: str
    replaced: bool
    topics: list[Topic]
    findings: list[Finding]
    problems: list[Problem]


class Deleted(TypedDict):
    """A note that is no longer studied, and where its file lies now."""

    name: str
    moved_to: str


class Gap(TypedDict):
    """A question that the notes did not cover."""

    question: str
    count: int
    last_asked: str
    nearest: list[str]


class Session(TypedDict):
    """A conversation. `title` is its first question."""

    id: str
    started_at: str
    last_asked: str | None
    turns: int
    title: str


class Sessions(TypedDict):
    """One page of conversations, the latest first; `next` is the cursor of the page after it."""

    sessions: list[Session]
    next: str | None


class Turn(TypedDict):
    """A question and its answer, which is that of `ask`."""

    question: str
    standalone: str
    answer: dict[str, Any]
    asked_at: str


class Turns(TypedDict):
    """One page of a conversation, oldest first; `next` is the cursor of the page after it."""

    turns: list[Turn]
    next: str | None


class Forgotten(TypedDict):
    """How many rows were deleted by table, and whether no file holds anything of them any more."""

    removed: dict[str, int]
    gone: bool
