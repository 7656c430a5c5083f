"""What a candidate's line is worth: its manner, the verdict on each point, and whether it denies what was said before.

This is where notes, rules and models are asked; the machine only sees what comes out.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from assistant.demo_kit.exercises import Exercise
from assistant.drills import grading as drill_grading
from assistant.drills.drawing import Plan as DrillPlan
from assistant.drills.drawing import draw
from assistant.grading import scoring
from assistant.grading.grader import Grader, check_length, note_of
from assistant.grading.rules import examine
from assistant.grading.types import Grade, KeyPoint, Level, Verdict
from assistant.interview import standing
from assistant.interview.listening import length, manner
from assistant.interview.misquoting import misquoted, says_whole
from assistant.interview.types import Asked, Drill, Finding, Heard, Item, Manner, Probe, State

#: An answer of fewer Chinese characters, without a figure, says too little to stand by itself.
_BRIEF = 12
#: What a terminal would obey and a page cannot hold, and what turns the direction of writing around; no words.
_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_SENTENCE_END = re.compile(r"[。！？!?\n]+|\.(?=\s|$)")
_FIGURE = re.compile(r"[0-9=]|比如|例如|for example|e\.g\.|such as")
#: These probes ask about the points of the question itself, the others about points of their own.
_SAME_POINTS = frozenset({None, Probe.MISSING, Probe.VAGUE, Probe.SIMPLER, Probe.CONTRADICTION})


class Judge:
    """Judges lines by the notes of `grader`, with its model where it has one."""

    def __init__(self, grader: Grader) -> None:
        self._grader = grader

    def heard(self, state: State, text: str) -> Heard:
        """Return `text` as what it is in answer to what waits in `state`, without characters that are not for show.

        Raises `AnswerTooLong`.
        """
        text = _UNSEEN.sub("", text.replace("\r\n", "\n").encode("utf-8", "replace").decode())
        check_length(text)
        waiting = state.waiting
        kind = manner(text, waiting.prompt if waiting else "")
        if kind is not Manner.ANSWER or waiting is None:
            return Heard(text, kind)
        item = state.plan.item(waiting.item_id)
        if waiting.drill:
            return _computed(waiting.drill, text)
        asked, points = _asked_about(item, waiting)
        topic = self._grader.topic(item.topic)
        grade = self._grader.grade_points(asked, text, points, topic)
        findings = _findings(text, grade, note_of(topic))
        vague = _is_vague(text, grade)
        score = _score(grade, findings, vague=vague)
        against, denial = self._against(state, item, text, grade.level)
        return Heard(
            text,
            kind,
            grade.level if score == grade.score else scoring.level(score),
            score,
            findings,
            vague=vague,
            against=against,
            denial=denial,
            feedback=grade.feedback,
            mode=grade.mode,
        )

    def _against(self, state: State, item: Item, text: str, level: Level) -> tuple[str, str]:
        """Return an earlier sentence of the candidate on this item that `text` denies, and the words that deny it.

        What is correct by the note is not denied by what is correct by it, however much the two differ.
        """
        told = [turn.heard for turn in standing.answered(state, item) if turn.heard]
        earlier = [one.text for one in told if not level is one.level is Level.CORRECT]
        said = [one.strip() for claim in earlier for one in _SENTENCE_END.split(claim) if one.strip()]
        points = [KeyPoint(one, wordings=(one,)) for one in said]
        if not points:
            return "", ""
        examined = examine(item.prompt, text, item.topic, "", points, self._grader.library.glossary)
        denied = (j for j in examined.judged if j.verdict is Verdict.CONTRADICTED)
        return next(((j.point.text, j.evidence) for j in denied), ("", ""))


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


def _findings(text: str, grade: Grade, note: str) -> tuple[Finding, ...]:
    """Return the verdicts of `grade`, mended where the answer has the words of the note: twisted, or as they are."""
    points = [judged.point for judged in grade.points]
    wrong = {} if grade.overruled else misquoted(text, points, note)
    found = []
    for one in grade.points:
        denied = one.verdict is Verdict.CONTRADICTED
        if not denied and one.point.text in wrong:
            found.append(Finding(one.point, Verdict.CONTRADICTED, wrong[one.point.text]))
        elif denied and one.point.text not in wrong and says_whole(text, one.point):
            found.append(Finding(one.point, Verdict.HIT, one.evidence))
        else:
            found.append(Finding(one.point, one.verdict, one.evidence))
    return tuple(found)


def _score(grade: Grade, findings: Sequence[Finding], *, vague: bool) -> float:
    """Return the score of `grade`: a word in passing is no answer, and what says no point whole is not correct."""
    if grade.overruled is not None:
        return grade.score
    verdicts = [finding.verdict for finding in findings]
    best = scoring.PARTIAL_SCORE if vague else 1.0
    if Verdict.HIT not in verdicts or Verdict.CONTRADICTED in verdicts:
        best = min(best, scoring.CORRECT_SCORE - 0.01)
    was_cleared = Verdict.CONTRADICTED in {judged.verdict for judged in grade.points} - set(verdicts)
    return min(max(grade.score, scoring.total(verdicts)) if was_cleared else grade.score, best)


def _is_vague(text: str, grade: Grade) -> bool:
    """Whether an answer that is not wrong says too little to tell whether it is understood."""
    return (
        grade.level is not Level.WRONG
        and length(text) < _BRIEF
        and not _FIGURE.search(text)
        and (grade.score < 1.0 or scoring.total([j.verdict for j in grade.points]) < 1.0)
    )
