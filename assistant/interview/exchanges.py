"""What each line of the candidate did to one question: the verdicts it changed, and what a follow-up left open."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from assistant.grading.types import KeyPoint, Level, Verdict
from assistant.interview.standing import replaces
from assistant.interview.types import Act, Asked, Finding, Item, Manner, Probe, State

#: Lines after which a follow-up is done with, beside answers: what was not said then is not known.
_TELLING = (Manner.NO_IDEA, Manner.SKIP)


@dataclass(frozen=True, slots=True)
class Exchange:
    """One line of the candidate and what it was said to; `changed` are the points whose verdict it changed.

    Where the follow-up asked for points of its own, `missed` are those that were not said, and `model_answer` says
    them. `seconds` is the time from the question to the end of the line.
    """

    question: str
    probe: Probe | None
    answer: str
    manner: Manner
    level: Level | None
    changed: tuple[Finding, ...]
    seconds: float
    missed: tuple[Finding, ...] = ()
    model_answer: str = ""


def exchanges(state: State, item: Item) -> Iterable[Exchange]:
    """Yield what was said to `item` and its follow-ups, oldest first."""
    before: dict[str, Verdict] = {}
    for at, turn in enumerate(state.turns):
        if turn.heard is None or turn.asked is None or turn.asked.item_id != item.item_id:
            continue
        found = turn.heard.findings
        changed = tuple(f for f in found if replaces(f.verdict, before.get(f.point.text, Verdict.MISSED)))
        before |= {finding.point.text: finding.verdict for finding in changed}
        is_told = turn.heard.level is not None or turn.heard.manner in _TELLING
        own = points_of_its_own(item, turn.asked) if is_told else ()
        said = {f.point.text: f for f in found}
        yield Exchange(
            question=turn.asked.prompt,
            probe=turn.asked.probe,
            answer=turn.heard.text,
            manner=turn.heard.manner,
            level=turn.heard.level,
            changed=changed,
            seconds=_seconds(state, at),
            missed=tuple(
                finding
                for point in own
                if (finding := said.get(point.text, Finding(point, Verdict.MISSED))).verdict is Verdict.MISSED
            ),
            model_answer=_model_answer(item, turn.asked) if is_told else "",
        )


def _seconds(state: State, at: int) -> float:
    """Return how long the candidate took for turn `at`; a pause does not count."""
    before = state.turns[at - 1]
    if any(move.act is Act.PAUSED for move in before.moves):
        return 0.0
    return max(0.0, (state.turns[at].at - before.at).total_seconds())


def points_of_its_own(item: Item, asked: Asked) -> tuple[KeyPoint, ...]:
    """Return the points that a follow-up asks for and its question does not; none for the question itself."""
    of_the_question = {point.text for point in item.points}
    return tuple(point for point in asked.points if point.text not in of_the_question)


def _model_answer(item: Item, asked: Asked) -> str:
    """Return what answers a follow-up that asks for something else than its question does, else ""."""
    if asked.probe is not None and asked.drill:
        return asked.drill.model_answer
    if not points_of_its_own(item, asked):
        return ""
    return next((deeper.model_answer for deeper in item.deeper if deeper.points == asked.points), "")
