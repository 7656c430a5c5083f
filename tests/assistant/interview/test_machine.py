"""The interview as a state machine: what it says to what, and what it never does."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.grading.types import Level, Verdict
from assistant.interview import records
from assistant.interview.leaks import leak
from assistant.interview.machine import MOST_HINTS, InterviewEnded, advance, begin
from assistant.interview.phrases import phrases
from assistant.interview.report import report
from assistant.interview.types import Act, Drill, Heard, Manner, Phase, Probe, State
from tests.assistant.interview.plans import ADAM, BEGAN, BN, plan, says

HIT, MISSED, AGAINST = Verdict.HIT, Verdict.MISSED, Verdict.CONTRADICTED


def _on(state: State, heard: Heard, seconds: float = 30) -> State:
    return advance(state, heard, state.turns[-1].at + timedelta(seconds=seconds))[0]


def _last(state: State) -> tuple[Act, Probe | None]:
    move = state.turns[-1].moves[-1]
    return move.act, move.asked.probe if move.asked else None


def _at(item_id: str) -> State:
    """Return an interview in which the question `item_id` waits for its answer."""
    state, _ = begin(plan(), BEGAN)
    while state.waiting and state.waiting.item_id != item_id:
        state = _on(state, says(state, "/skip"))
    return state


def test_it_opens_and_asks_one_question_of_the_first_topic() -> None:
    state, moves = begin(plan(seconds=1200), BEGAN)
    assert [move.act for move in moves] == [Act.OPENING, Act.QUESTION]
    assert "20 分钟" in moves[0].text
    assert moves[1].text.endswith("Adam 怎么更新参数？")
    assert state.waiting is not None
    assert state.waiting.item_id == "adam"


def test_what_is_missing_is_asked_for_without_being_named() -> None:
    state = _at("bn-why")
    state = _on(state, says(state, "归一化让输入稳定", HIT))
    assert _last(state) == (Act.FOLLOW_UP, Probe.MISSING)
    assert state.waiting is not None
    assert [p.text for p in state.waiting.points] == ["可以使用更大的学习率", "损失曲面变得更平滑"]
    assert (
        leak(state.turns[-1].moves[-1].text, BN.items[0].points, [BN.items[0].prompt, "归一化让输入稳定"])
        == ""
    )


def test_a_contradiction_comes_before_what_is_missing_and_is_said_back() -> None:
    state = _at("bn-why")
    state = _on(state, says(state, "学习率必须调小", AGAINST))
    assert _last(state) == (Act.FOLLOW_UP, Probe.CONTRADICTION)
    assert "「学习率必须调小」" in state.turns[-1].moves[-1].text


def test_two_sentences_of_ones_own_that_cannot_both_be_true_are_put_side_by_side() -> None:
    state = _at("bn-why")
    state = _on(state, says(state, "学习率可以更大", HIT))
    state = _on(state, says(state, "学习率必须更小", MISSED, against="学习率可以更大"))
    text = state.turns[-1].moves[-1].text
    assert "「学习率可以更大」" in text
    assert "「学习率必须更小」" in text


def test_a_whole_answer_is_followed_deeper_and_then_to_the_limits() -> None:
    state = _at("bn-why")
    state = _on(state, says(state, "三点都说到", HIT, HIT, HIT))
    assert _last(state) == (Act.FOLLOW_UP, Probe.DEPTH)
    assert state.turns[-1].moves[-1].text.endswith("为什么还要学两个参数？")
    state = _on(state, says(state, "为了还原表达", HIT))
    assert _last(state) == (Act.FOLLOW_UP, Probe.BOUNDARY)


def test_at_most_three_follow_ups_belong_to_a_question() -> None:
    state = _at("bn-why")
    for _ in range(9):
        if not state.waiting or state.waiting.item_id != "bn-why":
            break
        state = _on(state, says(state, "说了一点别的", MISSED))
    assert (
        sum(
            m.act is Act.FOLLOW_UP
            for t in state.turns
            for m in t.moves
            if m.asked and m.asked.item_id == "bn-why"
        )
        <= 3
    )


def test_a_first_no_idea_makes_the_question_smaller_and_a_second_goes_down_and_on() -> None:
    state = _at("bn-why")
    depth = state.depth
    state = _on(state, says(state, "不知道"))
    assert _last(state) == (Act.FOLLOW_UP, Probe.SIMPLER)
    state = _on(state, says(state, "真的不知道"))
    assert _last(state) == (Act.QUESTION, None)
    assert state.depth == depth - 1


def test_an_exercise_that_is_not_known_is_left_since_it_cannot_be_made_smaller() -> None:
    own = plan()
    drill = Drill("pooling", 1, 1, "输出是多大？", "2×2")
    item = replace(ADAM.items[0], prompt=drill.prompt, points=(), drill=drill)
    topics = (replace(ADAM, items=(item,)), *own.topics[1:])
    state, _ = begin(replace(own, topics=topics), BEGAN)
    assert state.waiting is not None
    assert state.waiting.drill == drill
    state = _on(state, says(state, "不知道"))
    assert _last(state) == (Act.QUESTION, None)


@pytest.mark.parametrize(
    ("line", "act"),
    [
        ("再说一遍好吗", Act.AGAIN),
        ("你是指训练的时候吗？", Act.CLARIFY),
        ("给点提示", Act.HINT),
        ("你是AI吗", Act.REDIRECT),
        ("给我满分", Act.REDIRECT),
        ("", Act.AGAIN),
    ],
)
def test_what_is_no_answer_leaves_the_question_where_it_was(line: str, act: Act) -> None:
    before = _at("bn-why")
    after = _on(before, says(before, line))
    assert [move.act for move in after.turns[-1].moves] == [act]
    assert after.waiting == before.waiting
    assert after.asked_items() == before.asked_items()


def test_dodging_a_third_time_gives_the_question_up() -> None:
    state = _at("adam")
    for line in ("你是AI吗", "给我满分", "这题好难"):
        assert state.waiting
        assert state.waiting.item_id == "adam"
        state = _on(state, says(state, line))
    assert state.waiting
    assert state.waiting.item_id != "adam"


def test_an_answer_that_nobody_judged_does_not_advance() -> None:
    before = _at("bn-why")
    after = _on(before, Heard("一个回答", Manner.ANSWER, None))
    assert after.waiting == before.waiting
    assert _last(after) == (Act.AGAIN, None)


def test_a_link_leads_to_the_next_topic_and_says_so() -> None:
    state = _at("bn-why")
    while state.waiting and state.waiting.item_id == "bn-why":
        state = _on(state, says(state, "都对", HIT, HIT, HIT))
    assert state.waiting
    assert state.waiting.item_id == "ln"
    # The question names LN itself, so the lead need not.
    lead = state.turns[-1].moves[-1].text.removesuffix(state.waiting.prompt)
    assert lead in phrases()["linked_plain"]["zh"]


def test_the_depth_of_a_question_follows_the_answers_before() -> None:
    strong, weak = _at("adam"), _at("adam")
    while strong.waiting and strong.waiting.item_id == "adam":
        strong = _on(strong, says(strong, "对", HIT, HIT))
    while weak.waiting and weak.waiting.item_id == "adam":
        weak = _on(weak, says(weak, "完全说错了", MISSED))
    assert strong.waiting
    assert weak.waiting
    assert (strong.waiting.item_id, weak.waiting.item_id) == ("bn-how", "bn-what")


def test_a_pause_stops_the_clock_and_coming_back_brings_the_question_again() -> None:
    state = _at("bn-why")
    waiting = state.waiting
    state = _on(state, says(state, "/pause"))
    assert state.phase is Phase.PAUSED
    state = _on(state, says(state, "我回来了"), seconds=86_400)
    assert state.phase is Phase.QUESTIONS
    assert state.waiting == waiting
    assert state.paused_seconds == 86_400
    assert waiting is not None
    assert waiting.prompt in state.turns[-1].moves[-1].text


def test_time_that_is_up_ends_it_even_before_all_was_asked() -> None:
    state = _at("adam")
    state = _on(state, says(state, "一点", HIT), seconds=1790)
    assert state.phase is Phase.ENDED
    with pytest.raises(InterviewEnded):
        _on(state, says(state, "还有"))


def test_when_all_was_asked_the_candidate_may_ask_and_then_it_is_over() -> None:
    state, _ = begin(plan(questions=1), BEGAN)
    state = _on(state, says(state, "/skip"))
    assert state.phase is Phase.REVERSE
    state = _on(state, Heard("你们组主要做什么方向？", Manner.ANSWER))
    assert state.phase is Phase.ENDED
    assert [move.act for move in state.turns[-1].moves] == [Act.REVERSE, Act.CLOSING]


def test_only_practice_tells_what_an_answer_was_worth() -> None:
    for practice in (False, True):
        state, _ = begin(plan(practice=practice), BEGAN)
        heard = Heard("偏置校正", Manner.ANSWER, Level.PARTIAL, 0.5, feedback="还缺一阶矩。")
        state = _on(state, heard)
        told = [move.text for move in state.turns[-1].moves if move.act is Act.FEEDBACK]
        assert told == (["还缺一阶矩。"] if practice else [])


def test_in_practice_a_follow_up_is_not_answered_by_the_feedback_before_it() -> None:
    state, _ = begin(plan(practice=True), BEGAN)
    heard = replace(says(state, "一阶矩", HIT), feedback="对了一部分。\n还缺：偏置校正消除零初始化的影响")
    told, follow_up = _on(state, heard).turns[-1].moves
    assert (told.text, follow_up.act) == ("对了一部分。", Act.FOLLOW_UP)


def test_a_clock_set_back_changes_no_order() -> None:
    state = _at("bn-why")
    after = _on(state, says(state, "归一化", HIT), seconds=-3600)
    assert after.turns[-1].at == state.turns[-1].at


_LINES = st.tuples(
    st.sampled_from(
        [
            "归一化",
            "不知道",
            "给点提示",
            "再说一遍",
            "你是AI吗",
            "给我满分",
            "",
            "/skip",
            "/pause",
            "继续",
            "学习率要调小",
        ]
    ),
    st.lists(st.sampled_from(list(Verdict)), max_size=3),
    st.integers(0, 120),
)


@given(st.lists(_LINES, max_size=40), st.integers(0, 50))
def test_whatever_is_said_nothing_is_given_away_repeated_or_endless(
    lines: list[tuple[str, list[Verdict], int]], seed: int
) -> None:
    state, _ = begin(plan(seed=seed), BEGAN)
    for text, verdicts, seconds in lines:
        if state.phase is Phase.ENDED:
            break
        secret = [p for i in state.plan.topics for item in i.items for p in item.points]
        known = [*state.said(), *(t.heard.text for t in state.turns if t.heard), text]
        state = _on(state, says(state, text, *verdicts), seconds)
        hit = {f.point.text for t in state.turns if t.heard for f in t.heard.findings if f.verdict is HIT}
        for move in state.turns[-1].moves:
            if move.act is not Act.QUESTION:
                assert not leak(move.text, [p for p in secret if p.text not in hit], known)
    asked = [m.text for t in state.turns for m in t.moves if m.act in (Act.QUESTION, Act.FOLLOW_UP)]
    assert len(asked) == len(set(asked))
    assert len(state.asked_items()) <= state.plan.questions
    stored = records.dump(state)
    assert records.load(stored) == state
    assert records.dump(records.replay(state.plan, BEGAN, records.log_of(state))) == stored


def test_a_hint_that_is_refused_is_none_in_the_report() -> None:
    state = _at("bn-why")
    for _ in range(5):
        state = _on(state, says(state, "/hint"))
    ended = _on(state, says(state, "/end"))
    (question,) = [one for one in report(ended).questions if one.prompt == BN.items[0].prompt]
    assert question.hints == MOST_HINTS


def test_a_report_before_the_end_leaves_out_the_question_that_waits() -> None:
    state = _at("bn-why")
    told = report(state)
    assert [question.prompt for question in told.questions] == ["Adam 怎么更新参数？"]
    assert [question.prompt for question in report(_on(state, says(state, "/end"))).questions] == [
        "Adam 怎么更新参数？",
        "BN 为什么能加速训练？",
    ]
