"""A quiz as JSON events, one object each: what `assistant quiz --json` writes and REST answers with (docs/quiz.md)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from assistant.quiz.session import Asked, QuizPlan, Turned
from assistant.quiz.types import Form, Question
from assistant.quiz.wording import LETTERS, choices
from corpus.errors import StudyError


def asked_event(asked: Asked) -> dict[str, Any]:
    """Return the event of a question, without what would answer it."""
    question = asked.question
    return _event("question", asked) | {
        "of": asked.of,
        "kind": question.kind,
        "form": question.form.value,
        "topic": question.topic,
        "group": question.group,
        "language": question.language.value,
        "prompt": question.prompt,
        "choices": choices(question),
    }


def hint_event(asked: Asked) -> dict[str, Any]:
    """Return the event of a hint, empty where there is none."""
    return _event("hint", asked) | {"hint": asked.question.hint}


def turned_event(turned: Turned) -> dict[str, Any]:
    """Return the event of what became of a question: marked, shown, skipped or rejected."""
    asked, marked = turned.asked, turned.marked
    question = asked.question
    if turned.rejected:
        return decided_event(question, "rejected")
    if turned.shown:
        return _event("shown", asked) | _solved(question)
    if marked is None:
        return _event("skipped", asked)
    is_choice = question.form is Form.CHOICE and question.right is not None
    return _event("marked", asked) | {
        "answer": marked.answer,
        "level": marked.level.value,
        "score": round(marked.score, 4),
        "feedback": marked.feedback,
        "right": LETTERS[question.right] if is_choice and question.right is not None else None,
        "points": [judged.to_dict() for judged in marked.grade.points] if marked.grade else [],
        "mode": marked.mode,
        "hinted": asked.hinted,
        **_solved(question),
    }


def decided_event(question: Question, decision: str) -> dict[str, Any]:
    """Return the event of what was decided of a question: kept, edited or rejected."""
    return {"event": decision, "id": question.question_id, "prompt": question.prompt}


def summary_event(
    counts: Mapping[str, int], plan: QuizPlan, weak_topics: Sequence[str], command: str
) -> dict[str, Any]:
    """Return the event that ends a quiz; `command` asks the same questions."""
    return {
        "event": "summary",
        **counts,
        "of": plan.count,
        "seed": plan.seed,
        "weak_topics": list(weak_topics),
        "command": command,
    }


def error_event(error: StudyError) -> dict[str, Any]:
    """Return the event of input that is not understood; the question stays open."""
    return {"event": "error", "message": error.message, "hint": error.hint}


def _event(name: str, asked: Asked) -> dict[str, Any]:
    return {"event": name, "n": asked.n, "id": asked.question.question_id}


def _solved(question: Question) -> dict[str, Any]:
    return {"model_answer": question.model_answer, "citation": question.citation.to_dict()}
