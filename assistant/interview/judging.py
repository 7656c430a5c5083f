"""What a candidate's line is worth: its manner, the verdict on each point, and whether it denies what was said before.

This is where notes, rules and models are asked; the machine only sees what comes out.
"""

from __future__ import annotations

import re

from assistant.demo_kit.exercises import Exercise
from assistant.drills import grading as drill_grading
from assistant.drills.drawing import Plan as DrillPlan
from assistant.drills.drawing import draw
from assistant.grading import scoring
from assistant.grading.grader import MAX_ANSWER, Grader
from assistant.grading.rules import examine
from assistant.grading.types import Grade, KeyPoint, Level, Verdict
from assistant.interview import standing
from assistant.interview.listening import length, manner
from assistant.interview.types import Asked, Drill, Finding, Heard, Item, Manner, Probe, State

#: An answer of fewer Chinese characters, without a figure, says too little to stand by itself.
_BRIEF = 12
_FIGURE = re.compile(r"[0-9=]|比如|例如|for example|e\.g\.|such as")
#: These probes ask about the points of the question itself, the others about points of their own.
_SAME_POINTS = frozenset({None, Probe.MISSING, Probe.VAGUE, Probe.SIMPLER, Probe.CONTRADICTION})


class Judge:
    """Judges lines by the notes of `grader`, with its model where it has one."""

    def __init__(self, grader: Grader) -> None:
        self._grader = grader

    def heard(self, state: State, text: str) -> Heard:
        """Return `text` as what it is in answer to what waits in `state`."""
        text = text.encode("utf-8", "replace").decode()[:MAX_ANSWER]
        waiting = state.waiting
        kind = manner(text, waiting.prompt if waiting else "")
        if kind is not Manner.ANSWER or waiting is None:
            return Heard(text, kind)
        item = state.plan.item(waiting.item_id)
        if waiting.drill:
            return _computed(waiting.drill, text)
        asked, points = _asked_about(item, waiting)
        grade = self._grader.grade_points(asked, text, points, self._grader.topic(item.topic))
        findings = tuple(Finding(j.point, j.verdict, j.evidence) for j in grade.points)
        return Heard(
            text,
            kind,
            grade.level,
            grade.score,
            findings,
            vague=_is_vague(text, grade),
            against=self._against(state, item, text),
            feedback=grade.feedback,
            mode=grade.mode,
        )

    def _against(self, state: State, item: Item, text: str) -> str:
        """Return an earlier sentence of the candidate on this item that `text` denies."""
        earlier = standing.claims(state, item)
        points = [KeyPoint(claim, wordings=(claim,)) for claim in earlier]
        if not points:
            return ""
        examined = examine(item.prompt, text, item.topic, "", points, self._grader.library.glossary)
        return next((j.point.text for j in examined.judged if j.verdict is Verdict.CONTRADICTED), "")


def _asked_about(item: Item, waiting: Asked) -> tuple[str, tuple[KeyPoint, ...]]:
    """Return the question and the points to grade by: a follow-up for more is still about the question before it."""
    if waiting.probe in _SAME_POINTS:
        return item.prompt, waiting.points or item.points
    return waiting.prompt, waiting.points


def _computed(drill: Drill, text: str) -> Heard:
    grade = drill_grading.grade(exercise_of(drill), text)
    correct = grade.verdict in (drill_grading.Verdict.CORRECT, drill_grading.Verdict.ROUNDED)
    level = Level.CORRECT if correct else Level.WRONG
    return Heard(text, Manner.ANSWER, level, float(correct), feedback=drill.model_answer)


def exercise_of(drill: Drill) -> Exercise:
    """Return the exercise that `drill` stands for, drawn again."""
    return draw(DrillPlan((drill.demo,), drill.seed, 1, drill.level), 0)


def _is_vague(text: str, grade: Grade) -> bool:
    """Whether an answer that is not wrong says too little to tell whether it is understood."""
    return (
        grade.level is not Level.WRONG
        and length(text) < _BRIEF
        and not _FIGURE.search(text)
        and (grade.score < 1.0 or scoring.total([j.verdict for j in grade.points]) < 1.0)
    )
