"""A judge that knows the answers of `plans`: a line hits every point whose first four characters it holds."""

from __future__ import annotations

from dataclasses import replace

from assistant.grading.types import Level, Verdict
from assistant.interview.listening import manner
from assistant.interview.types import Finding, Heard, Manner, State


class SimpleJudge:
    """Implements `assistant.interview.conductor.Judging`. 「不是」 before a point contradicts it."""

    def heard(self, state: State, text: str) -> Heard:
        kind = manner(text, state.waiting.prompt if state.waiting else "")
        heard = Heard(text, kind)
        if kind is not Manner.ANSWER or state.waiting is None:
            return heard
        found = tuple(Finding(point, _verdict(point.text, text), text) for point in state.waiting.points)
        said = sum(finding.verdict is Verdict.HIT for finding in found)
        level = Level.CORRECT if said == len(found) else Level.PARTIAL if said else Level.WRONG
        return replace(heard, level=level, score=said / max(1, len(found)), findings=found)


def _verdict(point: str, text: str) -> Verdict:
    if f"不是{point[:4]}" in text:
        return Verdict.CONTRADICTED
    return Verdict.HIT if point[:4] in text else Verdict.MISSED
