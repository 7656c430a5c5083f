"""Interviews in the database: one row each, replaced turn by turn, found by the beginning of their id, forgotten."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from assistant.events import Citation
from assistant.interview.machine import advance, begin
from assistant.interview.records import InterviewDamaged, storable
from assistant.interview.types import Heard, Manner, Phase, State
from assistant.store import Store
from assistant.store.database import Database
from assistant.store.interviews import InterviewOvertaken, Interviews
from corpus.errors import UnknownName
from corpus.types import Location, LocationKind
from tests.assistant.interview.plans import BEGAN, plan, says
from tests.assistant.store.conftest import ask

FIRST, SECOND = "01M85AAAAAAAAAAAAAAAAAAAAA", "01M85BBBBBBBBBBBBBBBBBBBBB"


def begun(interview_id: str = FIRST, *, minutes: int = 0) -> State:
    at = BEGAN + timedelta(minutes=minutes)
    return begin(replace(plan(), interview_id=interview_id), at)[0]


def after(state: State, text: str) -> State:
    return advance(state, says(state, text), state.turns[-1].at + timedelta(seconds=20))[0]


@pytest.fixture
def interviews(home: Path) -> Interviews:
    return Store(home).interviews


def test_nothing_is_there_and_no_file_made_before_the_first(home: Path, interviews: Interviews) -> None:
    assert (interviews.listed(), interviews.latest_open()) == ((), None)
    with pytest.raises(UnknownName, match="there is no interview yet"):
        interviews.named("")
    assert not home.exists()


def test_a_state_comes_back_as_it_was(interviews: Interviews) -> None:
    state = begun()
    interviews.save(state)
    for line in ("不知道", "/hint", "\x00 <b>｛ \U0001f600"):
        following = after(state, line)
        interviews.save(following, len(state.turns))
        state = following
    assert interviews.load(FIRST) == state
    (entry,) = interviews.listed()
    assert (entry.interview_id, entry.began, entry.updated) == (FIRST, BEGAN, state.turns[-1].at)
    assert (entry.turns, entry.profile, entry.language, entry.is_open) == (4, "general", "zh", True)


def test_a_state_that_does_not_go_on_from_what_is_stored_is_refused(interviews: Interviews) -> None:
    state = begun()
    interviews.save(state)
    one, other = after(state, "不知道"), after(state, "/skip")
    interviews.save(one, 1)
    for late in (other, after(other, "/hint")):
        with pytest.raises(InterviewOvertaken) as error:
            interviews.save(late, len(late.turns) - 1 if late is other else 3)
        assert error.value.hint == f"Go on from there: assistant interview resume {FIRST}"
    assert interviews.load(FIRST) == one


def test_an_interview_is_found_by_the_beginning_of_its_id(interviews: Interviews) -> None:
    interviews.save(begun(FIRST))
    interviews.save(begun(SECOND, minutes=5))
    assert [entry.interview_id for entry in interviews.listed()] == [SECOND, FIRST]
    assert interviews.named("").interview_id == SECOND
    assert interviews.named("01m85a").interview_id == FIRST
    with pytest.raises(UnknownName, match="'01M85' is the beginning of 2 interviews"):
        interviews.named("01M85")
    with pytest.raises(UnknownName, match="no interview called '01X'"):
        interviews.named("01X")
    with pytest.raises(UnknownName):
        interviews.load("01M85")


def test_the_latest_open_one_is_the_one_that_went_on_last(interviews: Interviews) -> None:
    first, second = begun(FIRST), begun(SECOND, minutes=5)
    interviews.save(first)
    interviews.save(second)
    first = advance(first, Heard("不知道", Manner.NO_IDEA), BEGAN + timedelta(minutes=9))[0]
    interviews.save(first, 1)
    latest = interviews.latest_open()
    assert latest
    assert latest.interview_id == FIRST
    ended = advance(first, Heard("/end", Manner.END), BEGAN + timedelta(minutes=10))[0]
    assert ended.phase is Phase.ENDED
    interviews.save(ended, 2)
    latest = interviews.latest_open()
    assert latest
    assert latest.interview_id == SECOND


def test_what_came_of_it_is_kept_beside_it(interviews: Interviews) -> None:
    interviews.save(begun())
    assert interviews.named("").outcome is None
    interviews.conclude(FIRST, {"overall": "good", "topics": [["BN", "weak"]]})
    assert interviews.named("").outcome == {"overall": "good", "topics": [["BN", "weak"]]}


def test_one_learner_sees_nothing_of_another_and_forgetting_takes_all(home: Path) -> None:
    store = Store(home)
    state = begun()
    store.interviews.save(state)
    other = store.interviews.of("key:a")
    other.save(begun(SECOND))
    assert [entry.interview_id for entry in other.listed()] == [SECOND]
    with pytest.raises(UnknownName):
        other.load(FIRST)
    with pytest.raises(InterviewOvertaken):
        other.save(after(state, "不知道"), 1)
    store.forget("local")
    assert store.interviews.listed() == ()
    assert ask(store.path, "SELECT id FROM interview") == [(SECOND,)]


def test_a_damaged_row_is_told(interviews: Interviews, home: Path) -> None:
    interviews.save(begun())
    with Database(home / "study.db").writing() as connection:
        connection.exec_driver_sql("UPDATE interview SET state = x'00'")
    with pytest.raises(InterviewDamaged):
        interviews.load(FIRST)
    assert len(interviews.listed()) == 1


def test_a_path_that_is_no_utf8_can_be_kept(interviews: Interviews) -> None:
    place = Location(LocationKind.LINES, 1, 1)
    citation = Citation(1, "BN", ("BN",), "/notes/caf\udce9.md", place, "归一化", "p")
    own = plan()
    topic = own.topics[0]
    cited = replace(topic, items=(replace(topic.items[0], citation=citation),))
    state = begin(storable(replace(own, interview_id=FIRST, topics=(cited,))), BEGAN)[0]
    interviews.save(state)
    kept = interviews.load(FIRST).plan.topics[0].items[0].citation
    assert kept
    assert kept.path == "/notes/caf?.md"
    assert storable(own) is own
