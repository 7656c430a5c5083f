"""Whole interviews with candidates who answer by rule, on a clock that runs as fast as they talk.

The same plan, candidate and seed give the same interview. Nothing here decides what is asked or what it is worth.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Protocol

from assistant.interview.candidates import Candidate, Line, stock
from assistant.interview.listening import length
from assistant.interview.machine import advance, begin
from assistant.interview.types import Heard, Phase, Plan, State, Turn

#: Seconds to think, and Chinese characters said in a second: about 240 a minute.
_THINKS, _A_SECOND = 4.0, 4.0
#: No interview of a length that can be planned takes so many lines; one that does would not end.
MOST_LINES = 2000
#: When every simulated interview begins.
BEGAN = datetime(2026, 1, 5, 9, tzinfo=UTC)


class Hears(Protocol):
    """What judges a line; `assistant.interview.judging.Judge` does."""

    def heard(self, state: State, text: str) -> Heard:
        """Return `text` as what it is in answer to what waits in `state`."""
        ...


@dataclass(frozen=True, slots=True)
class Planted:
    """A fault that a candidate put into the answer heard in `turn`, and the turns up to the next main question."""

    line: Line
    turn: Turn
    following: tuple[Turn, ...]


def simulate(plan: Plan, candidate: Candidate, judge: Hears, seed: int) -> State:
    """Return the interview of `plan` with `candidate`; it has ended unless it would not."""
    now = BEGAN
    state, _ = begin(plan, now)
    while state.phase is not Phase.ENDED and len(state.turns) < MOST_LINES:
        text = line(state, candidate, seed).text
        now += timedelta(seconds=takes(text))
        state, _ = advance(state, judge.heard(state, text), now)
    return state


def planted(state: State, candidate: Candidate, seed: int) -> Iterator[Planted]:
    """Yield the faults that `candidate` put into the interview that `simulate` gave."""
    for at, turn in enumerate(state.turns):
        if turn.heard is None or turn.asked is None:
            continue
        line = candidate.line(turn.asked, state.plan.language, _chance(seed, at))
        if line.plant:
            same = (
                later
                for later in state.turns[at:]
                if later.asked and later.asked.item_id == turn.asked.item_id
            )
            yield Planted(line, turn, tuple(same))


def takes(text: str) -> float:
    """Return how many seconds it takes to think of `text` and say it."""
    return _THINKS + length(text) / _A_SECOND


def line(state: State, candidate: Candidate, seed: int) -> Line:
    """Return what `candidate` says to what waits in `state`."""
    chance = _chance(seed, len(state.turns))
    if state.waiting is None:
        return Line(stock("no_question", state.plan.language, chance))
    return candidate.line(state.waiting, state.plan.language, chance)


def _chance(seed: int, turn: int) -> Random:
    return Random(f"{seed}/{turn}")
