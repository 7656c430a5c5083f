"""Interviews as JSON and back, unchanged: what is stored after every turn, and what a log is replayed from."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import cache

from pydantic import TypeAdapter, ValidationError

from assistant.interview.machine import advance, begin
from assistant.interview.types import Heard, Plan, State
from corpus.errors import StudyError


class InterviewDamaged(StudyError):
    """What was stored of an interview cannot be read."""


def dump(state: State) -> bytes:
    """Return `state` as JSON; equal states give equal bytes."""
    return _states().dump_json(state)


def load(stored: bytes | str) -> State:
    """Return the state that `dump` wrote. Raises `InterviewDamaged`."""
    try:
        return _states().validate_json(stored)
    except ValidationError as error:
        raise InterviewDamaged(
            f"the stored interview cannot be read ({error.error_count()} faults)",
            "It was written by another version; begin a new one: assistant interview",
        ) from None


def log_of(state: State) -> tuple[tuple[Heard, datetime], ...]:
    """Return what was heard and when: with the plan, all that the interview follows from."""
    return tuple((turn.heard, turn.at) for turn in state.turns if turn.heard)


def replay(plan: Plan, began: datetime, log: Iterable[tuple[Heard, datetime]]) -> State:
    """Return the interview that `plan` and `log` give, the same to the byte as the one they were taken from."""
    state, _ = begin(plan, began)
    for heard, at in log:
        state, _ = advance(state, heard, at)
    return state


@cache
def _states() -> TypeAdapter[State]:
    return TypeAdapter(State)
