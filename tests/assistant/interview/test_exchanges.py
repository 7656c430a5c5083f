"""What each line did to its question: what it changed, what it left open, and how long it took."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from assistant.grading.types import Verdict
from assistant.interview.exchanges import Exchange, exchanges
from assistant.interview.machine import advance, begin
from assistant.interview.types import Finding, Heard, Probe, State
from tests.assistant.interview.plans import ADAM, BEGAN, BN, plan, says

HIT, MISSED = Verdict.HIT, Verdict.MISSED
WHY = BN.items[0]


def at_batch_norm() -> State:
    state, _ = begin(plan(), BEGAN)
    while state.waiting and state.waiting.item_id != WHY.item_id:
        state = on(state, says(state, "/skip"))
    return state


def on(state: State, heard: Heard, seconds: float = 30) -> State:
    return advance(state, heard, state.turns[-1].at + timedelta(seconds=seconds))[0]


def told(state: State) -> list[Exchange]:
    return list(exchanges(state, WHY))


def test_a_point_that_was_said_once_is_not_lost_by_not_repeating_it() -> None:
    state = at_batch_norm()
    state = on(state, says(state, "先说一点", HIT, MISSED, MISSED))
    state = on(state, says(state, "再说一点", HIT, MISSED))
    first, second = told(state)
    assert [(f.point, f.verdict) for f in first.changed] == [(WHY.points[0], HIT)]
    assert [(f.point, f.verdict) for f in second.changed] == [(WHY.points[1], HIT)]
    assert (first.missed, second.missed) == ((), ()), "the question's own points are told at its end"
    again = replace(says(state, "又说一遍", MISSED), findings=(Finding(WHY.points[0], MISSED),))
    assert told(on(state, again))[2].changed == ()


def deeper(state: State) -> State:
    state = on(state, says(state, "都说到", HIT, HIT, HIT))
    assert state.waiting
    assert state.waiting.probe is Probe.DEPTH
    return state


def test_a_follow_up_with_points_of_its_own_tells_what_was_not_said() -> None:
    start = deeper(at_batch_norm())
    (own,) = WHY.deeper[0].points
    for line, missed in (("不知道", (own,)), ("/skip", (own,)), ("/repeat", ()), ("/hint", ())):
        last = told(on(start, says(start, line)))[-1]
        assert tuple(finding.point for finding in last.missed) == missed, line
    last = told(on(start, says(start, "为了还原表达", HIT)))[-1]
    assert (last.missed, [f.point for f in last.changed]) == ((), [own])


def test_a_pause_is_no_time_of_the_candidate() -> None:
    state = at_batch_norm()
    state = on(state, says(state, "/pause"), 10)
    state = on(state, says(state, "/resume"), 86_400)
    state = on(state, says(state, "说一点", HIT, MISSED, MISSED), 20)
    assert [exchange.seconds for exchange in told(state)] == [10, 0, 20]


def test_lines_said_to_another_question_are_none_of_this_one() -> None:
    state = at_batch_norm()
    assert told(state) == []
    assert [exchange.answer for exchange in exchanges(state, ADAM.items[0])] == ["/skip"]
