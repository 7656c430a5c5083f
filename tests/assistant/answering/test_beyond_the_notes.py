"""What the notes do not cover, and what a question wrongly takes for granted."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from assistant.answering.premises import premise_of
from assistant.events import Done, Event, Notice, Status, Text
from assistant.language import Language, say
from assistant.llm.base import ChatModel, Finished, FinishReason, ModelBusy, Role, Thinking
from assistant.llm.scripted import ScriptedModel
from assistant.prompts import fill
from assistant.study import Assistant

WithModel = Callable[[ChatModel], Assistant]
OUTSIDE = "法国的首都是哪里?"


def test_without_being_asked_the_model_is_not_told_of_what_the_notes_lack(with_model: WithModel) -> None:
    model = ScriptedModel([])
    answer = with_model(model).ask(OUTSIDE)
    assert model.asked == []
    assert (answer.status, answer.mode) == (Status.NOT_IN_NOTES, "notes")
    assert answer.notices == (say("can_general", Language.ZH),)
    assert len(answer.nearest) == 3


@pytest.mark.parametrize(
    ("question", "language"), [(OUTSIDE, Language.ZH), ("What is the capital of France?", Language.EN)]
)
def test_on_request_it_answers_under_a_plain_label(
    with_model: WithModel, question: str, language: Language
) -> None:
    model = ScriptedModel([[Thinking("想"), "巴黎 [1]。"]])
    answer = with_model(model).ask(question, general=True)
    label = say("general_label", language, model="scripted:test")
    assert answer.text.startswith(say("not_in_notes", language))
    assert answer.text.endswith(f"{label}\n\n巴黎 。")  # a marker of nothing is removed
    assert (answer.status, answer.mode) == (Status.NOT_IN_NOTES, "scripted:test")
    assert (answer.citations, answer.notices) == ((), ())
    [asked] = model.asked
    assert [(m.role, m.content) for m in asked.messages] == [
        (Role.SYSTEM, fill("general")),
        (Role.USER, question),
    ]
    assert asked.tools == ()


def test_what_the_notes_cover_is_answered_from_them_all_the_same(with_model: WithModel) -> None:
    model = ScriptedModel(["它相当于许多子网络的集成[1]。"])
    answer = with_model(model).ask("dropout 为什么能抑制过拟合?", general=True)
    assert (answer.status, len(answer.citations)) == (Status.ANSWERED, 1)


def test_a_model_that_fails_leaves_the_label_and_says_why(with_model: WithModel) -> None:
    answer = with_model(ScriptedModel([ModelBusy("忙", "等一下")])).ask(OUTSIDE, general=True)
    assert answer.notices == (say("general_failed", Language.ZH, reason="忙"), "等一下")


def test_a_cut_answer_says_so(with_model: WithModel) -> None:
    answer = with_model(ScriptedModel([["巴", Finished(FinishReason.LENGTH)]])).ask(OUTSIDE, general=True)
    assert answer.notices == (say("cut_short", Language.ZH),)


def test_closing_it_closes_the_models_stream(with_model: WithModel) -> None:
    model = ScriptedModel([["巴", "黎"]])
    events = with_model(model).stream(OUTSIDE, general=True)
    while next(events) != Text("巴"):
        pass
    events.close()
    assert model.closed == 1


def test_without_a_model_it_says_how_to_get_one(assistant: Assistant) -> None:
    answer = assistant.ask(OUTSIDE, general=True)
    assert answer.notices == (say("general_no_model", Language.ZH),)
    assert assistant.ask(OUTSIDE).notices == ()


def test_a_label_comes_before_the_first_word(with_model: WithModel) -> None:
    events: list[Event] = list(with_model(ScriptedModel(["巴黎。"])).stream(OUTSIDE, general=True))
    said = [event.text for event in events if isinstance(event, Text)]
    assert said.index("巴黎。") > next(i for i, text in enumerate(said) if "一般知识" in text)
    assert isinstance(events[-1], Done)
    assert not any(isinstance(event, Notice) for event in events)


# Premises


@pytest.mark.parametrize(
    ("question", "premise"),
    [
        ("既然 L2 能得到稀疏解，为什么还要用 L1？", "L2 能得到稀疏解"),
        ("考虑到 dropout 在推理时也要丢弃, 怎么保证输出稳定?", "dropout 在推理时也要丢弃"),
        ("为什么说 padding 会扩大感受野？", "padding 会扩大感受野"),
        ("Since L2 gives sparse weights, why use L1?", "L2 gives sparse weights"),
        ("Given that pooling has weights, how are they trained?", "pooling has weights"),
        ("为什么 L1 能得到稀疏解？", ""),
        ("Why is L1 sparse?", ""),
        ("感受野怎么算？", ""),
        ("Which optimizers have come out since 2015, and why?", ""),
    ],
)
def test_a_premise_is_what_the_question_states_before_it_asks(question: str, premise: str) -> None:
    assert premise_of(question) == premise


def test_notes_mode_puts_a_premise_beside_what_the_notes_say(assistant: Assistant) -> None:
    answer = assistant.ask("既然 dropout 在推理时也随机丢弃，怎么保证输出稳定？")
    opening = say("premise", Language.ZH, premise="dropout 在推理时也随机丢弃", topic="Dropout")
    assert answer.text.startswith(opening)
    assert "推理时不丢弃" in answer.text


def test_a_model_is_reminded_of_language_and_premise_next_to_the_question(with_model: WithModel) -> None:
    model = ScriptedModel(["不丢弃[1]。", "Nothing is dropped [1]."])
    assistant = with_model(model)
    assistant.ask("既然 dropout 在推理时也随机丢弃，怎么保证输出稳定？")
    assistant.ask("Does dropout drop neurons at inference?")
    chinese, english = (asked.messages[-1].content for asked in model.asked)
    assert (
        "(Answer in Chinese. The question takes for granted: “dropout 在推理时也随机丢弃”. Check" in chinese
    )
    assert "(Answer in English.)\n\nQuestion: Does dropout" in english


def test_a_model_is_told_to_check_premises_and_to_keep_the_language() -> None:
    rules = fill("system")
    assert "assumes something the passages contradict" in rules
    assert "language of the question" in rules
