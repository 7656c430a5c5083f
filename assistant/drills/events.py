"""A drill as JSON events, one object each: what `assistant drill --json` writes (docs/drills.md)."""

from __future__ import annotations

from typing import Any

from assistant.drills import wording
from assistant.drills.drill import Asked, Drill, Graded
from assistant.drills.grading import Verdict
from assistant.language import Language
from corpus.errors import StudyError


def asked_event(asked: Asked, language: Language) -> dict[str, Any]:
    """Return the event of a question."""
    exercise = asked.exercise
    return {
        "event": "question",
        "n": asked.n,
        "of": asked.of,
        "demo": exercise.demo,
        "level": asked.level,
        "seed": asked.seed,
        "question": wording.question(exercise, language),
        "unit": exercise.unit,
        "numbers": len(exercise.answer) if isinstance(exercise.answer, tuple) else 1,
        "tolerance": exercise.tolerance,
        "hint_available": True,
    }


def hint_event(asked: Asked, language: Language) -> dict[str, Any]:
    """Return the event of a hint."""
    return {"event": "hint", "n": asked.n, "hint": wording.hint(asked.exercise, language)}


def graded_event(graded: Graded, language: Language) -> dict[str, Any]:
    """Return the event of a grade. `expected` and `value` are numbers or lists in the question's unit."""
    exercise, grade = graded.exercise, graded.grade
    return {
        "event": "graded",
        "n": graded.n,
        "demo": exercise.demo,
        "correct": grade.verdict is Verdict.CORRECT,
        "verdict": grade.verdict.value,
        "expected": list(exercise.answer) if isinstance(exercise.answer, tuple) else exercise.answer,
        "unit": exercise.unit,
        "given": grade.given,
        "value": (list(grade.values) if len(grade.values) > 1 else grade.values[0]) if grade.values else None,
        "mistake": wording.slip(grade.mistake, language) if grade.mistake else None,
        "feedback": wording.verdict(graded, language),
        "steps": list(wording.steps(exercise, language)),
        "arguments": dict(exercise.arguments),
        "command": wording.check(exercise),
    }


def summary_event(drill: Drill, words: str, language: Language) -> dict[str, Any]:
    """Return the event that ends a drill, early or not."""
    return {
        "event": "summary",
        "done": len(drill.done),
        "of": drill.plan.count,
        "correct": drill.correct,
        "skipped": drill.skipped,
        "hints": len(drill.hinted),
        "seed": drill.plan.seed,
        "weakest": wording.weakest(drill),
        "command": wording.again(drill.plan, words, language),
    }


def error_event(error: StudyError) -> dict[str, Any]:
    """Return the event of input that is not understood; the question stays open."""
    return {"event": "error", "message": error.message, "hint": error.hint}
