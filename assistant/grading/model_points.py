"""Key points that a model takes from a note: each tied to a line of it, and refused where the line is not there.

The object that a model has to give is described by pydantic; how it is asked is `assistant.llm.structured`'s business,
which comes in as a `StructuredCall`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Protocol, TypeVar

from pydantic import BaseModel, Field, ValidationInfo, field_validator

from assistant.grading.key_points import citation_of, lines_of
from assistant.grading.types import KeyPoint
from assistant.llm.base import Message, Role
from assistant.prompts import fill
from corpus.types import Topic

#: Points of a topic, and characters of the note that a model is shown.
MOST_POINTS, MOST_CHARACTERS = 24, 12_000
_SPACE = re.compile(r"\s+")
_Schema = TypeVar("_Schema", bound=BaseModel)


class StructuredCall(Protocol):
    """Asks a model for an object of a schema. Raises `ModelError` when none can be had."""

    def __call__(
        self, messages: Sequence[Message], schema: type[_Schema], *, context: dict[str, Any] | None = None
    ) -> _Schema:
        """Return the object, validated with `context`."""
        ...


class ExtractedPoint(BaseModel):
    """One point and the words of the note that say it."""

    point: str = Field(
        min_length=2, max_length=300, description="one fact of the note, in the note's language"
    )
    quote: str = Field(min_length=2, max_length=300, description="words copied from the note that state it")

    @field_validator("quote")
    @classmethod
    def stands_in_the_note(cls, quote: str, info: ValidationInfo) -> str:
        """Refuse a quote that the note does not hold; blanks do not count."""
        note = (info.context or {}).get("note", "")
        if _bare(quote) not in _bare(note):
            raise ValueError("this quote is not in the note; copy it word for word")
        return quote


class ExtractedPoints(BaseModel):
    """The points of a note, in its order."""

    points: list[ExtractedPoint] = Field(min_length=1, max_length=MOST_POINTS)


def model_points(topic: Topic, call: StructuredCall) -> tuple[KeyPoint, ...]:
    """Return the points that a model finds in `topic`; none for a stub. Raises `ModelError`."""
    if topic.stub:
        return ()
    note = "\n\n".join(passage.text for passage in topic.passages)[:MOST_CHARACTERS]
    messages = [Message(Role.USER, fill("key_points", topic=topic.title, note=fenced(note)))]
    found = call(messages, ExtractedPoints, context={"note": note})
    return tuple(_point(topic, one) for one in found.points)


def fenced(text: str) -> str:
    """Return `text` between marks that it does not hold itself, so that it is read as data."""
    mark = "~~~"
    while mark in text:
        mark += "~"
    return f"{mark}\n{text}\n{mark}"


def _point(topic: Topic, extracted: ExtractedPoint) -> KeyPoint:
    """Return the point with the line its quote stands on; of a quote over several lines the first."""
    start = _bare(extracted.quote)
    for passage in topic.passages:
        for line in lines_of(passage):
            here = _bare(line.text)
            if here and (start in here or (len(here) > 1 and start.startswith(here))):
                return KeyPoint(
                    extracted.point, citation_of(line), wordings=(extracted.point, extracted.quote)
                )
    return KeyPoint(extracted.point, wordings=(extracted.point, extracted.quote))


def _bare(text: str) -> str:
    return _SPACE.sub("", text)
