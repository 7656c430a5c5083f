"""Which follow-up an answer calls for. Chosen from the verdicts on the points; nothing here writes sentences.

The order is that of a good interviewer: first what cannot be true together, then what is missing, then what stayed
vague, and only where the ground is firm, deeper (是什么 → 为什么 → 怎么算 → 区别 → 何时失效 → 怎么改 → 项目).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from assistant.grading.types import KeyPoint, Level, Verdict
from assistant.interview import standing
from assistant.interview.phrases import aspect_of
from assistant.interview.types import Asked, Deeper, Drill, Item, Probe, State
from index.terms import fold

#: The most follow-ups to one question, and of them the most that ask for what is missing.
MOST, MOST_MISSING = 3, 2
#: A quotation of the candidate is cut here, at a mark where there is one.
_CLAIM = 48
#: Share of the pairs of characters of the shorter question from which two questions are alike.
_ALIKE = 0.5
_MARKS = re.compile(r"\W+")
_DEEPER = (Probe.DEPTH, Probe.BOUNDARY, Probe.COMPARE, Probe.CONDITION, Probe.PROJECT)


@dataclass(frozen=True, slots=True)
class Wish:
    """A follow-up that is wanted: its kind, the kind of sentence that asks it, what fills its slots, the points."""

    probe: Probe
    phrase: str
    slots: tuple[tuple[str, str], ...] = ()
    points: tuple[KeyPoint, ...] = ()
    claim: str = ""
    drill: Drill | None = None


def wishes(state: State, item: Item) -> Iterator[Wish]:
    """Yield the follow-ups that the last answer to `item` calls for, the most urgent first; none when enough was asked.

    `state` already holds the answer. Which of them is asked depends on which sentences are left.
    """
    counts = standing.follow_ups(state, item)
    last = standing.answered(state, item)
    if sum(counts.values()) >= MOST or not last or not last[-1].heard or not last[-1].asked:
        return
    heard, asked = last[-1].heard, last[-1].asked
    found = standing.findings(state, item)
    probed = {move.asked.claim for turn in state.turns for move in turn.moves if move.asked}
    for finding in heard.findings:
        if finding.verdict is Verdict.CONTRADICTED and finding.evidence not in probed:
            claim = (("claim", quoted(finding.evidence)),)
            yield Wish(Probe.CONTRADICTION, "contradiction", claim, (finding.point,), finding.evidence)
    if heard.against:
        both = (("earlier", quoted(heard.against)), ("claim", quoted(heard.denial or heard.text)))
        yield Wish(Probe.CONTRADICTION, "own_contradiction", both, asked.points, claim=heard.text)
    missed = tuple(f.point for f in found if f.verdict is Verdict.MISSED)
    partial = tuple(f.point for f in found if f.verdict is Verdict.PARTIAL)
    if heard.level is Level.WRONG and not counts and found and len(missed) == len(found):
        yield Wish(Probe.SIMPLER, "simpler", (), item.points)
    # Who was asked for more and said nothing new has said what he knows.
    is_new = asked.probe is not Probe.MISSING or any(f.verdict is not Verdict.MISSED for f in heard.findings)
    if missed and is_new and counts.get(Probe.MISSING, 0) < MOST_MISSING:
        said = "\n".join(state.said())
        aspects = dict.fromkeys(aspect_of(point, state.plan.language) for point in missed)
        for aspect in [one for one in aspects if one and one not in said]:
            yield Wish(Probe.MISSING, "missing_aspect", (("aspect", aspect),), missed)
        yield Wish(Probe.MISSING, "missing", (), missed)
    if (heard.vague or (partial and not missed)) and Probe.VAGUE not in counts:
        yield Wish(Probe.VAGUE, "vague", (), partial or item.points)
    if heard.level is not Level.CORRECT or missed:
        return
    if item.drill and item.points and Probe.COMPUTE not in counts:
        yield Wish(Probe.COMPUTE, "compute", (("question", item.drill.prompt),), drill=item.drill)
    for deeper in _untried(state, item):
        yield Wish(deeper.probe, deeper.probe.value, (("question", deeper.prompt),), deeper.points)


def _untried(state: State, item: Item) -> Iterator[Deeper]:
    """Yield what can follow `item` and was not asked yet, one of each kind before a second of any."""
    said = "\n".join(state.said())
    put = [item.prompt, *(one.prompt for one in item.deeper if one.prompt in said)]
    fresh = [
        one
        for one in item.deeper
        if not standing.was_asked(state, one.points)
        and not any(_is_near(one.prompt, before) for before in put)
    ]
    yield from sorted(fresh, key=lambda deeper: _DEEPER.index(deeper.probe) if deeper.probe in _DEEPER else 9)


def _is_near(one: str, other: str) -> bool:
    """Whether two questions are so alike that whoever answered one is asked the same again."""
    pairs, others = (
        {text[at : at + 2] for at in range(len(text) - 1)}
        for text in (_MARKS.sub("", fold(one)), _MARKS.sub("", fold(other)))
    )
    return len(pairs & others) > _ALIKE * min(len(pairs), len(others))


def simpler(state: State, item: Item) -> Wish | None:
    """Return the follow-up to a first 不知道: the same thing, smaller. None where enough was asked.

    Nor is there one to an exercise, which cannot be made smaller.
    """
    counts = standing.follow_ups(state, item)
    if not item.points or Probe.SIMPLER in counts or sum(counts.values()) >= MOST:
        return None
    return Wish(Probe.SIMPLER, "simpler", (), item.points)


def asked(wish: Wish, item: Item, text: str) -> Asked:
    """Return what waits for an answer once `wish` was put as `text`."""
    return Asked(item.item_id, wish.probe, text, wish.points, wish.drill, wish.claim)


def quoted(text: str) -> str:
    """Return `text` short enough to be said back."""
    text = " ".join(text.split()).strip("。.;；,，!！?？ ")
    if len(text) <= _CLAIM:
        return text
    cut = max(text.rfind(mark, _CLAIM // 2, _CLAIM) for mark in "，,。；; ")
    return text[: cut if cut > 0 else _CLAIM].rstrip("，,。；; ") + "……"
