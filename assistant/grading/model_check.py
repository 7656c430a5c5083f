"""A model's verdict on each key point: one structured call, the answer fenced as data, the score computed by code.

The model says hit, partial, missed or contradicted, and quotes the words of the answer that decide it; words that
are not in the answer are refused. It is never told of scores, so no answer can argue for one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from pydantic import BaseModel, Field, ValidationInfo, model_validator

from assistant.grading.model_points import StructuredCall, fenced
from assistant.grading.types import Judged, KeyPoint, Verdict
from assistant.llm.base import Message, Role
from assistant.prompts import fill

_SPACE = re.compile(r"\s+")


class PointCheck(BaseModel):
    """The verdict on one point and the words of the answer that decide it."""

    n: int = Field(ge=1, description="number of the point")
    evidence: str = Field(
        default="", max_length=300, description="words copied from the answer, empty if missed"
    )
    verdict: Verdict

    @model_validator(mode="after")
    def rests_on_the_answer(self, info: ValidationInfo) -> PointCheck:
        """Refuse a verdict other than missed without words of the answer."""
        answer = (info.context or {}).get("answer", "")
        if self.verdict is not Verdict.MISSED and not self.evidence.strip():
            raise ValueError("name the words of the answer that decide this")
        if _bare(self.evidence) not in _bare(answer):
            raise ValueError("this evidence is not in the answer; copy it word for word")
        return self


class PointChecks(BaseModel):
    """One check for each point."""

    checks: list[PointCheck]

    @model_validator(mode="after")
    def is_complete(self, info: ValidationInfo) -> PointChecks:
        """Refuse a point left out, doubled or made up."""
        count = (info.context or {}).get("count", len(self.checks))
        if sorted(check.n for check in self.checks) != list(range(1, count + 1)):
            raise ValueError(f"give exactly one check for each of the points 1 to {count}")
        return self


def model_check(
    question: str, answer: str, points: Sequence[KeyPoint], call: StructuredCall
) -> tuple[Judged, ...]:
    """Return the model's verdict on each of `points`. Raises `ModelError` when it gives none that can be used."""
    if not points:
        return ()
    listed = "\n".join(f"{n}. {point.text}" for n, point in enumerate(points, 1))
    message = fill("grade", question=question, points=listed, answer=fenced(answer))
    context = {"answer": answer, "count": len(points)}
    found = call([Message(Role.USER, message)], PointChecks, context=context)
    by_number = {check.n: check for check in found.checks}
    return tuple(
        Judged(point, by_number[n].verdict, by_number[n].evidence.strip())
        for n, point in enumerate(points, 1)
    )


def _bare(text: str) -> str:
    return _SPACE.sub("", text)
