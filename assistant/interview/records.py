"""Interviews as JSON and back, unchanged: what is stored after every turn, and what a log is replayed from."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from functools import cache

from pydantic import TypeAdapter, ValidationError

from assistant import storable as assistant_storable
from assistant.interview.machine import advance, begin
from assistant.interview.types import Act, Heard, Plan, State
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


def storable(plan: Plan) -> Plan:
    """Return `plan` with every text such as JSON takes; see `assistant.storable`."""
    return assistant_storable.storable(plan, _plans())


def log_of(state: State) -> tuple[tuple[Heard, datetime, str], ...]:
    """Return what was heard, when, and how a model worded what was asked then: with the plan, all there is to it."""
    return tuple((turn.heard, turn.at, turn.wording) for turn in state.turns if turn.heard)


def replay(plan: Plan, began: datetime, log: Iterable[tuple[Heard, datetime, str]]) -> State:
    """Return the interview that `plan` and `log` give, the same to the byte as the one they were taken from."""
    state, _ = begin(plan, began)
    for heard, at, wording in log:
        state, _ = advance(state, heard, at)
        state = reworded(state, wording)
    return state


def reworded(state: State, wording: str) -> State:
    """Return `state` with the follow-up that was just put asked in these words; "" leaves it as it is."""
    turn = state.turns[-1]
    follow_up = next((move for move in turn.moves if move.act is Act.FOLLOW_UP), None)
    if not wording or follow_up is None or follow_up.asked is None:
        return state
    asked = replace(follow_up.asked, prompt=wording)
    put = replace(follow_up, text=wording, asked=asked)
    moves = tuple(put if move is follow_up else move for move in turn.moves)
    turns = (*state.turns[:-1], replace(turn, moves=moves, wording=wording))
    return replace(state, turns=turns, waiting=asked)


@cache
def _plans() -> TypeAdapter[Plan]:
    return TypeAdapter(Plan)


@cache
def _states() -> TypeAdapter[State]:
    return TypeAdapter(State)
