"""What an interview has shown so far: of each point the verdict that stands, of each item the level."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from assistant.grading import scoring
from assistant.grading.types import KeyPoint, Level, Verdict
from assistant.interview.types import Asked, Finding, Item, Manner, Probe, State, Turn

_BETTER = {Verdict.MISSED: 0, Verdict.PARTIAL: 1, Verdict.HIT: 2}


def findings(state: State, item: Item) -> tuple[Finding, ...]:
    """Return the verdict that stands on each point of `item`, missed where nothing was said of it.

    What was said once stays said. A contradiction stands until the point is hit, and a hit until it is contradicted.
    """
    standing: dict[str, Finding] = {}
    for turn in state.exchanges(item.item_id):
        for finding in turn.heard.findings if turn.heard else ():
            before = standing.get(finding.point.text)
            if before is None or replaces(finding.verdict, before.verdict):
                standing[finding.point.text] = finding
    return tuple(standing.get(point.text, Finding(point, Verdict.MISSED)) for point in item.points)


def replaces(new: Verdict, old: Verdict) -> bool:
    """Whether a later verdict on a point stands in place of an earlier one."""
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

    The first answer counts and follow-ups can mend it: the better of what was given at once and the points that are
    said whole by now. What is still missing after it was asked for counts, though nobody says everything at once.
    What contradicts a point keeps the whole from being correct.
    """
    turns = answered(state, item)
    if not turns:
        return None
    first = max((t.heard.score for t in turns if t.heard and _is_of_all(t.asked, item)), default=0.0)
    verdicts = [finding.verdict for finding in findings(state, item)]
    stands = scoring.total(verdicts)
    if Verdict.CONTRADICTED in verdicts:
        return min(stands, first, scoring.CORRECT_SCORE - 0.01)
    worth = max(first, verdicts.count(Verdict.HIT) / len(verdicts) if verdicts else 0.0)
    if {Verdict.MISSED, Verdict.PARTIAL} & set(verdicts) and any(
        was_asked_for_more(turn) for turn in state.exchanges(item.item_id)
    ):
        return (worth + min(worth, stands)) / 2
    return worth


def _is_of_all(asked: Asked | None, item: Item) -> bool:
    """Whether all points of `item` were asked for, as by its main question or a smaller one."""
    return asked is not None and (asked.probe is None or asked.points == item.points != ())


def was_asked_for_more(turn: Turn) -> bool:
    """Whether `turn` answers a follow-up for what is missing, or has nothing to add to what stayed vague."""
    if turn.asked is None or turn.heard is None:
        return False
    knows_nothing = turn.heard.manner is Manner.NO_IDEA and turn.asked.probe is Probe.VAGUE
    return turn.asked.probe is Probe.MISSING or knows_nothing


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


def was_asked(state: State, points: Sequence[KeyPoint]) -> bool:
    """Whether all of `points`, which are some, were asked for before, in whatever words."""
    asked = {
        point.text for turn in state.turns for move in turn.moves if move.asked for point in move.asked.points
    }
    return bool(points) and asked.issuperset(point.text for point in points)


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
