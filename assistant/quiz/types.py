"""The values of a quiz: a group of key points, a question that tests one, and the mark of an answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from random import Random
from typing import Protocol

from assistant.events import Citation
from assistant.grading.types import Grade, KeyPoint, Level
from assistant.language import Language
from corpus.types import Topic


class Form(StrEnum):
    """How a question is answered, which decides how it is marked."""

    OPEN = "open"
    CHOICE = "choice"
    TRUE_FALSE = "true_false"
    CLOZE = "cloze"
    NUMBER = "number"
    CODE = "code"


@dataclass(frozen=True, slots=True)
class PointGroup:
    """Key points of one topic that belong together and are remembered or forgotten together: one review card.

    `name` is stable while the note keeps its shape: an aspect (merit, fault, cause, …) or the label in the note.
    """

    topic: Topic
    name: str
    points: tuple[KeyPoint, ...]


@dataclass(frozen=True, slots=True)
class Question:
    """One question about one group of points, in one language.

    `question_id` is a hash of kind, topic, language, prompt and the choices in any order, so the same question is
    recognised when it is made again. What fits the form is given: `choices` with the place of the `right` one,
    whether a statement `is_true`, the texts `accepted` in a gap. `citation` is the line of the note that holds the
    answer.
    """

    question_id: str
    kind: str
    form: Form
    topic: str
    group: str
    language: Language
    prompt: str
    points: tuple[KeyPoint, ...]
    model_answer: str
    citation: Citation
    hint: str = ""
    choices: tuple[str, ...] = ()
    right: int | None = None
    is_true: bool | None = None
    accepted: tuple[str, ...] = ()
    #: What else a kind needs to mark the answer (the demo and seed of a drill, the name of a coding task).
    reference: str = ""


@dataclass(frozen=True, slots=True)
class Marked:
    """What became of an answer. `grade` tells the points where the answer was graded by them.

    `feedback` never stops at right or wrong: it says what was missing and why, with the model answer.
    """

    question: Question
    answer: str
    level: Level
    score: float
    feedback: str
    mode: str
    grade: Grade | None = None


class QuestionKind(Protocol):
    """The module of a kind, a file in `assistant/quiz/kinds/`. All its chance comes from `chance`."""

    def questions(self, material: Material, chance: Random) -> Sequence[Question]:
        """Return every question of this kind that `material` gives; none where it does not fit the topic."""
        ...


class Material(Protocol):
    """What kinds make questions of: a group of points, its topic, and what lies around them."""

    @property
    def group(self) -> PointGroup:
        """The points that are asked about."""
        ...

    @property
    def language(self) -> Language:
        """The language of the question."""
        ...

    @property
    def neighbours(self) -> Sequence[PointGroup]:
        """Groups of related topics, nearest first: what is easily confused with this one."""
        ...
