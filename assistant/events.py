"""What answering yields, in order, and the answer it ends with. Doors render these and decide nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from corpus.types import Location


class Status(StrEnum):
    """Whether the notes (or a computation) answered."""

    ANSWERED = "answered"
    NOT_IN_NOTES = "not_in_notes"


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Another place where the text of a citation stands word for word."""

    topic: str
    heading_path: tuple[str, ...]
    path: str
    location: Location

    def to_dict(self) -> dict[str, Any]:
        """Return its part of the contract."""
        lines = self.location.lines
        return {
            "topic": self.topic,
            "heading_path": list(self.heading_path),
            "path": self.path,
            "lines": list(lines) if lines else None,
            "location": self.location.to_dict(),
        }


@dataclass(frozen=True, slots=True)
class Citation:
    """A quote that was checked to stand in its passage. `n` is the marker in the answer's text.

    `also` are the other places where the quote stands.
    """

    n: int
    topic: str
    heading_path: tuple[str, ...]
    path: str
    location: Location
    quote: str
    passage_id: str
    also: tuple[Elsewhere, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return the shape of the contract, with the other places where there are any."""
        lines = self.location.lines
        return {
            "n": self.n,
            "topic": self.topic,
            "heading_path": list(self.heading_path),
            "path": self.path,
            "lines": list(lines) if lines else None,
            "location": self.location.to_dict(),
            "quote": self.quote,
            "passage_id": self.passage_id,
            **({"also": [place.to_dict() for place in self.also]} if self.also else {}),
        }


@dataclass(frozen=True, slots=True)
class ToolRun:
    """A demo that ran (or refused): name, arguments as given, and the result's JSON."""

    name: str
    arguments: Mapping[str, Any]
    result: Mapping[str, Any]

    def to_dict(self) -> dict[str, Any]:
        """Return the shape of the contract."""
        return {"name": self.name, "arguments": dict(self.arguments), "result": dict(self.result)}


@dataclass(frozen=True, slots=True)
class Answer:
    """A finished answer: the same object in the terminal, in JSON, over REST and in stored history.

    `timings` are seconds by stage. `standalone` is the question as it was searched, where a follow-up had to
    be completed from the conversation. `unsupported` are sentences of the text that the passages do not support.
    """

    question: str
    status: Status
    text: str
    citations: tuple[Citation, ...]
    tools: tuple[ToolRun, ...]
    mode: str
    timings: Mapping[str, float]
    standalone: str = ""
    nearest: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()
    unsupported: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return the shape of the `ask --json` contract, with what was understood and noticed beside it."""
        return {
            "question": self.question,
            "status": self.status.value,
            "answer": self.text,
            "citations": [citation.to_dict() for citation in self.citations],
            "tools": [tool.to_dict() for tool in self.tools],
            "mode": self.mode,
            "timings": {stage: round(seconds, 4) for stage, seconds in self.timings.items()},
            "standalone": self.standalone or self.question,
            "nearest": list(self.nearest),
            "notices": list(self.notices),
            "unsupported": list(self.unsupported),
        }


@dataclass(frozen=True, slots=True)
class Text:
    """A piece of the answer, to be shown as it comes."""

    text: str


@dataclass(frozen=True, slots=True)
class Thought:
    """A piece of a model's reasoning; shown dimmed or not at all, never part of the answer."""

    text: str


@dataclass(frozen=True, slots=True)
class Cited:
    """A citation used in the text so far for the first time."""

    citation: Citation


@dataclass(frozen=True, slots=True)
class ToolRan:
    """A demo has run. `told`: the answer's text tells of it, so a door need not."""

    run: ToolRun
    told: bool = False


@dataclass(frozen=True, slots=True)
class Notice:
    """Something the reader should know that is not part of the answer: what was assumed, what went wrong.

    `retract` says that the text streamed so far is not part of the answer. `unsupported` is the sentence of the
    answer, word for word, that has no support in the notes and may be marked where it stands.
    """

    text: str
    retract: bool = False
    unsupported: str = ""


@dataclass(frozen=True, slots=True)
class Waiting:
    """What is going on while nothing comes. True until the next event, then to be taken away; never kept."""

    text: str


@dataclass(frozen=True, slots=True)
class Done:
    """The end, always last and exactly once."""

    answer: Answer


Event = Text | Thought | Cited | ToolRan | Notice | Waiting | Done


@dataclass(frozen=True, slots=True)
class Turn:
    """One question of a conversation and its answer, as far as a later turn needs them."""

    question: str
    standalone: str
    answer: str
    topics: tuple[str, ...] = field(default=())
