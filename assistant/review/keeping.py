"""A marked answer as what is kept of it: the words, the grade, how long it took, and whether it came fluently."""

from __future__ import annotations

from datetime import datetime

from assistant.grading.types import Level, Verdict
from assistant.quiz.types import Marked
from assistant.review.card import Answered, Card, Help
from assistant.review.gathering import QUICK_FORMS
from assistant.review.rating import fluent
from assistant.review.session import Pace


def kept(
    marked: Marked,
    card: Card,
    *,
    key: str,
    session_id: str,
    help: Help,
    asked_at: datetime,
    now: datetime,
    pace: Pace,
) -> Answered:
    """Return what is kept of a marked answer about `card`. With `Help.ANSWER` it counts as not recalled."""
    question, seconds = marked.question, max(0.0, (now - asked_at).total_seconds())
    points = marked.grade.points if marked.grade else ()
    is_contradicted = any(judged.verdict is Verdict.CONTRADICTED for judged in points)
    usual = pace.quick if question.form in QUICK_FORMS else pace.open
    return Answered(
        key=key,
        card=card,
        session_id=session_id,
        question_id=question.question_id,
        kind=question.kind,
        prompt=question.prompt,
        text=marked.answer,
        level=Level.WRONG if help is Help.ANSWER else marked.level,
        score=0.0 if help is Help.ANSWER else marked.score,
        at=now,
        duration_ms=round(1000 * seconds),
        help=help,
        is_contradicted=is_contradicted,
        is_fluent=fluent(marked.level, help, question.form, seconds, usual),
        grade={
            "form": question.form.value,
            "level": marked.level.value,
            "score": round(marked.score, 4),
            "mode": marked.mode,
            "contradicted": is_contradicted,
            "points": [judged.to_dict() for judged in points],
        },
    )
