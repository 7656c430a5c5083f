"""What the resources for practice reply, as types: for the description of the interface, and its tests."""

from __future__ import annotations

from typing import Annotated, Literal, NotRequired

from fastapi import Path
from pydantic import BaseModel, ConfigDict, Field
from typing_extensions import TypedDict

from api.rest._answers import Citation
from assistant.grading.grader import MAX_ANSWER

#: The id of a quiz or an interview, and the key of an answer in a review: a ULID.
ULID = r"^[0-9A-HJKMNP-TV-Za-hjkmnp-tv-z]{26}$"
Id = Annotated[str, Path(pattern=ULID, examples=["01KAQZ6V5W3M8YF2J4T7N9R1XC"])]
Level = Literal["wrong", "partial", "correct"]


class Strict(BaseModel):
    """A body with nothing in it that is not known. Numbers are numbers, so that 0 is not taken for false."""

    model_config = ConfigDict(extra="forbid")


#: An answer; what is longer is refused, since it would not be graded.
AnswerText = Annotated[str, Field(max_length=MAX_ANSWER)]
#: What names an answer, so that it counts once; an Idempotency-Key does the same for the whole request.
AnswerKey = Annotated[str, Field(max_length=200, pattern=r"^[!-~]*$")]


class Point(TypedDict):
    """The verdict on one key point, and the words of the answer that decided it."""

    text: str
    verdict: Literal["hit", "partial", "missed", "contradicted"]
    evidence: str
    citation: Citation | None


class Grade(TypedDict):
    """The grade of an answer, as `assistant grade --json` writes it."""

    question: str
    level: Level
    score: float
    topic: str
    points: list[Point]
    feedback: str
    mode: str
    remarks: list[str]
    notices: list[str]
    overruled: Level | None


class QuizQuestion(TypedDict):
    """Question `n` of `of`. `choices` are by letter; `form` says how it is answered."""

    event: Literal["question"]
    n: int
    of: int
    id: str
    kind: str
    form: Literal["open", "choice", "true_false", "cloze", "number", "code"]
    topic: str
    group: str
    language: Literal["zh", "en"]
    prompt: str
    choices: dict[str, str]


class Turned(TypedDict):
    """What became of a question; what an answer was worth only where it was `marked`."""

    event: Literal["marked", "shown", "skipped", "rejected"]
    id: str
    n: NotRequired[int]
    prompt: NotRequired[str]
    answer: NotRequired[str]
    level: NotRequired[Level]
    score: NotRequired[float]
    feedback: NotRequired[str]
    right: NotRequired[str | None]
    points: NotRequired[list[Point]]
    mode: NotRequired[str]
    hinted: NotRequired[bool]
    model_answer: NotRequired[str]
    citation: NotRequired[Citation]


class QuizSummary(TypedDict):
    """How a quiz went. `command` asks the same questions on the command line."""

    event: Literal["summary"]
    done: int
    correct: int
    partial: int
    wrong: int
    shown: int
    skipped: int
    hinted: int
    rejected: int
    of: int
    seed: int
    weak_topics: list[str]
    command: str


class Quiz(TypedDict):
    """A quiz as it stands: the open question, null at the end, and how it went so far."""

    quiz: str
    topic: str
    kinds: list[str]
    seed: int
    language: Literal["zh", "en"]
    question: QuizQuestion | None
    summary: QuizSummary


class QuizWhole(Quiz):
    """A quiz with what became of its questions."""

    done: list[Turned]


class Review(TypedDict):
    """What an answer was for its card: counted, given before (`repeated`), or `overtaken` by another answer."""

    outcome: Literal["counted", "repeated", "overtaken"]
    rating: int | None


class QuizStep(Quiz):
    """A quiz after a step: what became of the question, and of its card where it was answered or shown."""

    turned: Turned
    review: Review | None


class QuizHint(TypedDict):
    """A hint, empty where there is none."""

    event: Literal["hint"]
    n: int
    id: str
    hint: str
