"""The values of grading: a key point, the verdict on it, and the grade they add up to."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from assistant.events import Citation


class Verdict(StrEnum):
    """What an answer does with a key point."""

    HIT = "hit"
    PARTIAL = "partial"
    MISSED = "missed"
    CONTRADICTED = "contradicted"


class Level(StrEnum):
    """What an answer is worth; never finer, because no grader can tell 70 from 75."""

    WRONG = "wrong"
    PARTIAL = "partial"
    CORRECT = "correct"


class Remark(StrEnum):
    """What is remarkable about an answer as a whole; told in the feedback."""

    EMPTY = "empty"
    NO_ANSWER = "no_answer"
    ECHO = "echo"
    KEYWORDS = "keywords"
    PASTED = "pasted"
    ADDRESSED = "addressed"
    NOT_IN_NOTES = "not_in_notes"
    STUB = "stub"


@dataclass(frozen=True, slots=True)
class KeyPoint:
    """One thing to know of a topic: `text` as shown, `wordings` as compared, and the line of the note that says it.

    `label` is what it stands under in the note (优点, AdaGrad). `written` tells that somebody wrote it as a point,
    in the note or by hand; a point written by hand has no citation. `answers` is the question that the note puts
    before it, or its title where it is the note's answer in short.
    """

    text: str
    citation: Citation | None = None
    label: str = ""
    wordings: tuple[str, ...] = ()
    written: bool = False
    answers: str = ""


@dataclass(frozen=True, slots=True)
class Judged:
    """The verdict on one key point, and the words of the answer that decided it."""

    point: KeyPoint
    verdict: Verdict
    evidence: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return the shape of the contract."""
        return {
            "text": self.point.text,
            "verdict": self.verdict.value,
            "evidence": self.evidence,
            "citation": self.point.citation.to_dict() if self.point.citation else None,
        }


@dataclass(frozen=True, slots=True)
class Grade:
    """The grade of one answer. `score` is in 0..1 and follows from the points, as `level` does.

    `overruled` is the level that the rules or the model gave, where the user has decided otherwise.
    """

    question: str
    answer: str
    level: Level
    score: float
    topic: str
    points: tuple[Judged, ...]
    feedback: str
    mode: str
    remarks: tuple[Remark, ...] = ()
    notices: tuple[str, ...] = ()
    overruled: Level | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the shape of the `grade --json` contract, with what was remarked beside it."""
        return {
            "question": self.question,
            "level": self.level.value,
            "score": round(self.score, 4),
            "topic": self.topic,
            "points": [judged.to_dict() for judged in self.points],
            "feedback": self.feedback,
            "mode": self.mode,
            "remarks": [remark.value for remark in self.remarks],
            "notices": list(self.notices),
            "overruled": self.overruled.value if self.overruled else None,
        }
