"""One interview as it is held: kept turn by turn, told to nobody twice, worded by a model or not at all."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import cast

import pytest

from assistant.grading.grader import MAX_ANSWER, AnswerTooLong, Grader
from assistant.grading.model_points import StructuredCall
from assistant.interview import records
from assistant.interview.conductor import Conductor
from assistant.interview.judging import Judge
from assistant.interview.machine import InterviewEnded, begin
from assistant.interview.types import Act, Heard, Phase, Probe, State
from assistant.llm.base import ModelError
from assistant.llm.scripted import ScriptedModel
from assistant.llm.structured import structured
from assistant.store import Store
from assistant.store.errors import StoreError
from assistant.store.interviews import InterviewOvertaken, Interviews
from corpus.errors import StudyError
from tests.assistant.interview.answers import SimpleJudge
from tests.assistant.interview.plans import BEGAN, plan

#: Of the two points of the first question one: the other is asked for.
HALF = "一阶矩和二阶矩的滑动平均"


@pytest.fixture
def interviews(own_home: Path) -> Interviews:
    return Store(own_home).interviews


def started(interviews: Interviews, call: StructuredCall | None = None) -> Conductor:
    conductor = Conductor(begin(plan(), BEGAN)[0], SimpleJudge(), interviews, call=call, clock=lambda: BEGAN)
    conductor.keep()
    return conductor


def later(seconds: float) -> datetime:
    return BEGAN + timedelta(seconds=seconds)


def worded(*replies: str | ModelError) -> tuple[ScriptedModel, StructuredCall]:
    model = ScriptedModel([r if isinstance(r, ModelError) else json.dumps({"question": r}) for r in replies])
    return model, partial(structured, model)


def test_every_turn_is_kept_before_anybody_is_told(interviews: Interviews) -> None:
    conductor = started(interviews)
    assert interviews.load("01TEST") == conductor.state
    conductor.answer(HALF, later(30))
    assert interviews.load("01TEST") == conductor.state
    (entry,) = interviews.listed()
    assert (entry.turns, entry.phase, entry.updated) == (2, Phase.QUESTIONS, later(30))


def test_of_two_terminals_that_answer_the_same_question_the_second_is_told(interviews: Interviews) -> None:
    one = started(interviews)
    other = Conductor(one.state, SimpleJudge(), interviews)
    one.answer(HALF, later(30))
    with pytest.raises(InterviewOvertaken, match="'01TEST' went on in another window"):
        other.answer("不知道", later(31))
    assert interviews.load("01TEST") == one.state
    other.reload()
    assert other.state == one.state


def test_what_was_left_without_a_pause_goes_on_as_if_it_had_been_paused(interviews: Interviews) -> None:
    started(interviews).answer(HALF, later(30))
    again = Conductor(interviews.load("01TEST"), SimpleJudge(), interviews, clock=lambda: later(86_400))
    (move,) = again.resume()
    assert move.act is Act.AGAIN
    assert again.elapsed == 30
    again.answer("偏置校正消除零初始化", later(86_460))
    assert again.state.phase is Phase.QUESTIONS
    stored = records.dump(again.state)
    assert records.dump(records.replay(again.state.plan, BEGAN, records.log_of(again.state))) == stored


def test_a_pause_and_a_return_cost_no_time(interviews: Interviews) -> None:
    conductor = started(interviews)
    assert [move.act for move in conductor.pause(later(10))] == [Act.PAUSED]
    assert conductor.pause(later(11)) == ()
    conductor.resume(later(1000))
    conductor.answer(HALF, later(1020))
    assert interviews.load("01TEST").paused_seconds == 990


def test_to_return_to_the_last_question_does_not_end_it(interviews: Interviews) -> None:
    conductor = started(interviews)
    while conductor.state.phase is not Phase.REVERSE:
        conductor.answer("/skip", later(60))
    conductor.pause(later(70))
    (move,) = conductor.resume(later(5000))
    assert (move.act, conductor.state.phase) == (Act.REVERSE, Phase.REVERSE)


def test_the_candidate_is_not_charged_for_the_time_that_judging_takes(interviews: Interviews) -> None:
    times = iter([later(30), later(90), later(100), later(160)])
    conductor = Conductor(begin(plan(), BEGAN)[0], SimpleJudge(), interviews, clock=lambda: next(times))
    conductor.keep()
    conductor.answer(HALF)
    conductor.answer("不知道")
    assert [turn.at for turn in conductor.state.turns] == [BEGAN, later(30), later(40)]


class Broken:
    """A judge that cannot judge."""

    def heard(self, state: State, text: str) -> Heard:
        raise StudyError("there is no topic called 'Adam'")


def test_a_line_that_cannot_be_judged_changes_nothing(interviews: Interviews) -> None:
    before = started(interviews).state
    conductor = Conductor(before, Broken(), interviews)
    with pytest.raises(StudyError, match="no topic"):
        conductor.answer("x", later(5))
    assert conductor.state == before == interviews.load("01TEST")


def test_an_interview_that_is_over_hears_nothing_more(interviews: Interviews) -> None:
    told: list[State] = []
    conductor = Conductor(begin(plan(), BEGAN)[0], SimpleJudge(), interviews, conclude=told.append)
    conductor.keep()
    conductor.answer("/end", later(5))
    assert told == [conductor.state]
    with pytest.raises(InterviewEnded):
        conductor.answer("还有", later(6))


def test_a_home_that_cannot_be_written_is_told_once_and_the_interview_goes_on(own_home: Path) -> None:
    own_home.write_text("a file where the folder should be")
    warned: list[str] = []
    conductor = Conductor(
        begin(plan(), BEGAN)[0], SimpleJudge(), Store(own_home).interviews, warn=warned.append
    )
    conductor.keep()
    conductor.answer(HALF, later(30))
    assert len(warned) == 1
    assert str(own_home) in warned[0]
    assert len(conductor.state.turns) == 2


def test_a_door_that_holds_nothing_itself_is_refused_what_cannot_be_kept(own_home: Path) -> None:
    own_home.parent.mkdir(exist_ok=True)
    own_home.write_text("no folder")
    conductor = Conductor(
        begin(plan(), BEGAN)[0],
        SimpleJudge(),
        Store(own_home).interviews,
        must_keep=True,
        clock=lambda: BEGAN,
    )
    before = conductor.state
    for step in (conductor.keep, lambda: conductor.answer(HALF), conductor.pause):
        with pytest.raises(StoreError):
            step()
    assert conductor.state == before


def test_an_endless_line_is_refused_and_never_cut(own_home: Path) -> None:
    judge = Judge(cast(Grader, None))  # it is refused before anybody grades
    with pytest.raises(AnswerTooLong, match="8,001 characters"):
        judge.heard(begin(plan(), BEGAN)[0], "答" * (MAX_ANSWER + 1))


GOOD = "你提到了两个滑动平均，那训练最开始的几步会有什么不一样？"


def test_a_good_sentence_of_the_model_is_put_and_is_part_of_the_log(interviews: Interviews) -> None:
    model, call = worded(GOOD)
    conductor = started(interviews, call)
    (move,) = conductor.answer(HALF, later(30))
    assert (move.text, move.asked and move.asked.probe) == (GOOD, Probe.MISSING)
    assert conductor.state.waiting == move.asked
    assert interviews.load("01TEST") == conductor.state
    stored = records.dump(conductor.state)
    assert (
        records.dump(records.replay(conductor.state.plan, BEGAN, records.log_of(conductor.state))) == stored
    )
    shown = "\n".join(message.content for message in model.asked[0].messages)
    assert HALF in shown
    assert "偏置校正" not in shown, "the model never sees what would answer"


@pytest.mark.parametrize(
    ("reply", "why"),
    [
        ("偏置校正消除零初始化的影响，你知道吗？", "it gives the point away"),
        ("你说得不对，再想想还缺什么？", "it judges"),
        ("还缺一块。你再想想？", "two sentences"),
        ("请补充", "no question"),
        ("What else is there to say about it?", "the wrong language"),
        ("还" * 90 + "有吗？", "too long"),
        ("Adam 怎么更新参数？", "said before"),
        ("那 Transformer 呢，你怎么看？", "it names what nobody spoke of"),
        (ModelError("the model did not answer within 5 s"), "a timeout"),
        ("", "nothing"),
    ],
)
def test_anything_else_leaves_the_template_and_loses_nothing(
    interviews: Interviews, reply: str | ModelError, why: str
) -> None:
    plain = _without_model(HALF)
    _, call = worded(reply, reply)
    conductor = started(interviews, call)
    (move,) = conductor.answer(HALF, later(30))
    assert move == plain.turns[-1].moves[0], why
    assert conductor.state == plain == interviews.load("01TEST")


def test_a_reply_that_is_no_json_leaves_the_template(interviews: Interviews) -> None:
    model = ScriptedModel(["还缺什么呢？", "{"])
    conductor = started(interviews, partial(structured, model))
    conductor.answer(HALF, later(30))
    assert conductor.state == _without_model(HALF)


ASKED = "为什么还要学两个参数？"


@pytest.mark.parametrize(
    ("reply", "is_taken"), [("那 γ 和 β 是干什么用的呢？", False), (f"顺着你说的归一化，{ASKED}", True)]
)
def test_a_question_of_the_notes_keeps_its_words_in_the_sentence_of_the_model(
    interviews: Interviews, reply: str, is_taken: bool
) -> None:
    _, call = worded(reply, reply)
    conductor = _at_batch_norm(interviews, call)
    (move,) = conductor.answer("每个通道归一化，可以使用更大学习率，损失曲面平滑", later(40))
    assert move.asked
    assert move.asked.probe is Probe.DEPTH
    assert ASKED in move.text
    assert (move.text == reply) is is_taken


def _at_batch_norm(interviews: Interviews, call: StructuredCall) -> Conductor:
    conductor = Conductor(begin(plan(), BEGAN)[0], SimpleJudge(), interviews, call=call)
    conductor.keep()
    while conductor.state.waiting and conductor.state.waiting.item_id != "bn-why":
        conductor.answer("/skip", later(10))
    return conductor


def _without_model(line: str) -> State:
    judge: Callable[[State, str], Heard] = SimpleJudge().heard
    state = begin(plan(), BEGAN)[0]
    return records.replay(state.plan, BEGAN, [(judge(state, line), later(30), "")])


def test_that_the_rules_judge_in_place_of_a_model_is_told_once(interviews: Interviews) -> None:
    told: list[str] = []
    _, call = worded("", "", "", "")
    conductor = Conductor(
        begin(plan(), BEGAN)[0], SimpleJudge(), interviews, call=call, clock=lambda: BEGAN, warn=told.append
    )
    conductor.keep()
    conductor.answer(HALF, later(30))
    conductor.answer(HALF, later(60))
    assert told == ["模型没有回应，这次回答由规则评分，面试继续。"]
