"""What tools return, as hosts read it in the schema: the JSON that the commands write with `--json`.

Results are the values' own `to_dict`; these models describe and check them, and change nothing.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, Field

Lines = list[int] | None


class LocationShape(BaseModel):
    """A span of a file."""

    kind: str = Field(description="What is counted: lines, page, slide or cell.")
    from_: int = Field(alias="from")
    to: int


class PlaceShape(BaseModel):
    """Where something stands in the notes."""

    topic: str
    heading_path: list[str]
    path: str
    lines: Lines
    location: LocationShape


class CopyShape(PlaceShape):
    """Where the text of a hit stands too."""

    passage_id: str


class CitationShape(PlaceShape):
    """A quote, word for word as in the note. `n` is its marker in the text."""

    n: int
    quote: str
    passage_id: str
    also: list[PlaceShape] = []


class HitShape(PlaceShape):
    """A topic that was found, by its best passage."""

    rank: int
    score: float
    text: str
    passage_id: str
    also: list[CopyShape] = []


class SearchShape(BaseModel):
    """What a search found."""

    query: str
    covered: bool = Field(description="Whether the notes cover the query at all.")
    confidence: float
    hits: list[HitShape]
    corrections: list[dict[str, Any]] = []
    notice: str = ""


class ToolRunShape(BaseModel):
    """A demo that ran for an answer."""

    name: str
    arguments: dict[str, Any]
    result: dict[str, Any]


class AnswerShape(BaseModel):
    """An answer with its citations."""

    question: str
    status: Literal["answered", "not_in_notes"]
    answer: str
    citations: list[CitationShape]
    tools: list[ToolRunShape]
    mode: str = Field(description="Who wrote it: notes, or a model.")
    timings: dict[str, float]
    standalone: str
    nearest: list[str]
    notices: list[str]
    unsupported: list[str] = Field(description="Sentences of the answer that the notes do not support.")


class DemoEntryShape(BaseModel):
    """A demo that there is."""

    name: str
    summary: str
    topics: list[str]
    parameters: dict[str, Any] | None = None


class DemosShape(BaseModel):
    """The demos that there are."""

    demos: list[DemoEntryShape]


class DemoShape(BaseModel):
    """What a demo computed."""

    demo: str
    args_used: dict[str, Any]
    numbers: dict[str, Any]
    table: dict[str, Any] | None
    plot: dict[str, Any] | None
    formula: str
    source: str
    notes: list[str]
    warnings: list[str]


class PointShape(BaseModel):
    """The verdict on one key point."""

    text: str
    verdict: Literal["hit", "partial", "missed", "contradicted"]
    evidence: str
    citation: CitationShape | None


class GradeShape(BaseModel):
    """The grade of an answer."""

    question: str
    level: Literal["wrong", "partial", "correct"]
    score: float
    topic: str
    points: list[PointShape]
    feedback: str
    mode: str
    remarks: list[str]
    notices: list[str]
    overruled: str | None


class QuizShape(BaseModel):
    """A step of a quiz: what became of the question before, and the one that is open now."""

    quiz: str = Field(description="The id of the quiz; give it with every further step.")
    events: list[dict[str, Any]] = Field(description="What happened, as `assistant quiz --json` tells it.")
    ended: bool


class InterviewShape(BaseModel):
    """A step of an interview: what the interviewer says."""

    interview: str = Field(description="The id of the interview; give it with every further step.")
    turn: int = Field(description="How many turns there were; give it with the answer.")
    said: list[dict[str, Any]] = Field(description="What is said, as `assistant interview --json` tells it.")
    ended: bool
    paused: bool
    report: dict[str, Any] | None = Field(None, description="The report, once it is over or asked for.")
