"""What an interview has shown so far: of each point the verdict that stands, of each item the level."""

from __future__ import annotations

from collections.abc import Mapping

from assistant.grading import scoring
from assistant.grading.types import KeyPoint, Level, Verdict
from assistant.interview.types import Finding, Item, Manner, Probe, State, Turn

_BETTER = {Verdict.MISSED: 0, Verdict.PARTIAL: 1, Verdict.HIT: 2}


def findings(state: State, item: Item) -> tuple[Finding, ...]:
    """Return the verdict that stands on each point of `item`, missed where nothing was said of it.

    What was said once stays said. A contradiction stands until the point is hit, and a hit until it is contradicted.
    """
    standing: dict[str, Finding] = {}
    for turn in state.exchanges(item.item_id):
        for finding in turn.heard.findings if turn.heard else ():
            before = standing.get(finding.point.text)
            if before is None or _replaces(finding.verdict, before.verdict):
                standing[finding.point.text] = finding
    return tuple(standing.get(point.text, Finding(point, Verdict.MISSED)) for point in item.points)


def _replaces(new: Verdict, old: Verdict) -> bool:
    if new is Verdict.CONTRADICTED:
        return True
    if old is Verdict.CONTRADICTED:
        return new is Verdict.HIT
    return _BETTER[new] > _BETTER[old]


def answered(state: State, item: Item) -> tuple[Turn, ...]:
    """Return the turns in which a judged answer to `item` or one of its follow-ups was heard."""
    return tuple(
        turn
        for turn in state.exchanges(item.item_id)
        if turn.heard and turn.heard.manner is Manner.ANSWER and turn.heard.level is not None
    )


def score(state: State, item: Item) -> float | None:
    """Return in 0..1 what `item` is worth as it stands, None where nothing was answered.

    The first answer counts and follow-ups can mend it: the better of what was given at once and what stands now. What
    contradicts a point keeps the whole from being correct.
    """
    turns = answered(state, item)
    if not turns:
        return None
    first = max((t.heard.score for t in turns if t.heard and t.asked and t.asked.probe is None), default=0.0)
    found = findings(state, item)
    stands = scoring.total([finding.verdict for finding in found]) if found else 0.0
    if any(finding.verdict is Verdict.CONTRADICTED for finding in found):
        return min(stands, first, scoring.CORRECT_SCORE - 0.01)
    return max(first, stands)


def level(state: State, item: Item) -> Level | None:
    """Return the level of `item` as it stands, None where nothing was answered."""
    worth = score(state, item)
    return None if worth is None else scoring.level(worth)


def follow_ups(state: State, item: Item) -> Mapping[Probe, int]:
    """Return how many follow-ups of each kind were put to `item`."""
    count: dict[Probe, int] = {}
    for turn in state.turns:
        for move in turn.moves:
            if move.asked and move.asked.item_id == item.item_id and move.asked.probe:
                count[move.asked.probe] = count.get(move.asked.probe, 0) + 1
    return count


def secret_points(state: State) -> tuple[KeyPoint, ...]:
    """Return every point of the plan that nobody has said yet: what the interviewer must not give away."""
    told = {
        finding.point.text
        for turn in state.turns
        if turn.heard
        for finding in turn.heard.findings
        if finding.verdict is Verdict.HIT
    }
    unsaid: dict[str, KeyPoint] = {}
    for topic in state.plan.topics:
        for item in topic.items:
            for point in (*item.points, *(p for deeper in item.deeper for p in deeper.points)):
                if point.text not in told:
                    unsaid.setdefault(point.text, point)
    return tuple(unsaid.values())


def claims(state: State, item: Item) -> tuple[str, ...]:
    """Return what the candidate has said to `item`, oldest first."""
    return tuple(turn.heard.text for turn in answered(state, item) if turn.heard)
