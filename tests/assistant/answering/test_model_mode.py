"""A model's answers: grounded, cited only where a passage was given, and never the end of the road."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import pytest

from assistant.answering.model_failures import told
from assistant.answering.tool_offer import MOST_DEMOS
from assistant.demo_kit import registry
from assistant.events import Answer, Done, Event, Notice, Status, Text, Thought, Turn, Waiting
from assistant.language import Language, say
from assistant.llm import base
from assistant.llm.base import (
    CapabilityMissing,
    ChatModel,
    Content,
    ContextOverflow,
    Finished,
    FinishReason,
    ModelError,
    ModelNotPulled,
    Role,
    StreamBroken,
    Thinking,
    Window,
)
from assistant.llm.scripted import Reply, ScriptedModel, calling
from assistant.study import Assistant, turn_of

QUESTION = "dropout 为什么能抑制过拟合?"
WithModel = Callable[[ChatModel], Assistant]


def ask(with_model: WithModel, *replies: Reply, question: str = QUESTION) -> tuple[Answer, ScriptedModel]:
    model = ScriptedModel(replies)
    return with_model(model).ask(question), model


def test_the_model_gets_the_passages_with_the_question_and_its_markers_become_citations(
    with_model: WithModel,
) -> None:
    answer, model = ask(with_model, "它相当于许多子网络的集成[1]。")
    assert (answer.text, answer.mode, answer.status) == (
        "它相当于许多子网络的集成[1]。",
        "scripted:test",
        Status.ANSWERED,
    )
    [citation] = answer.citations
    assert (citation.n, citation.topic) == (1, "Dropout")
    assert "因此能抑制过拟合" in citation.quote
    assert answer.notices == ()
    system, user = model.asked[0].messages
    assert (system.role, user.role) == (Role.SYSTEM, Role.USER)
    assert f"[1] Dropout\n{citation.quote}" in user.content
    assert user.content.endswith(f"Question: {QUESTION}")


def test_every_citation_is_of_a_passage_that_was_given_under_that_number(with_model: WithModel) -> None:
    answer, model = ask(with_model, "甲[1][2]，乙[2, 3]，丙[1]。")
    prompt = model.asked[0].messages[-1].content
    assert [c.n for c in answer.citations] == [1, 2, 3]
    for citation in answer.citations:
        assert f"[{citation.n}] {' > '.join(citation.heading_path)}\n{citation.quote}" in prompt
    assert answer.text == "甲[1][2]，乙[2][3]，丙[1]。"


def test_a_citation_of_nothing_is_removed_and_said(with_model: WithModel) -> None:
    answer, _ = ask(with_model, "集成[1][42]，[77]。")
    assert answer.text == "集成[1]，。"
    assert [c.n for c in answer.citations] == [1]
    assert answer.notices == (say("dropped_citations", Language.ZH, count=2),)


@pytest.mark.parametrize(
    ("question", "language"),
    [(QUESTION, Language.ZH), ("Why does dropout prevent overfitting?", Language.EN)],
)
def test_an_answer_without_citations_says_so_and_shows_what_to_check_it_against(
    with_model: WithModel, question: str, language: Language
) -> None:
    answer, _ = ask(with_model, "集成。", question=question)
    assert answer.notices == (say("uncited", language),)
    assert [c.n for c in answer.citations] == [1, 2]
    assert answer.citations[0].topic == "Dropout"


def test_code_and_intervals_in_an_answer_are_not_citations(with_model: WithModel) -> None:
    text = "输出在 [0, 1] 里[1]：\n```python\nx = [1, 2, 9]\n```"
    answer, _ = ask(with_model, list(text))
    assert answer.text == text
    assert answer.notices == ()


def test_thoughts_are_events_and_never_part_of_the_answer(with_model: WithModel) -> None:
    events = list(with_model(ScriptedModel([[Thinking("想一想"), "集成[1]。"]])).stream(QUESTION))
    assert Thought("想一想") in events
    assert answer_of(events).text == "集成[1]。"


def test_a_cut_answer_says_so(with_model: WithModel) -> None:
    answer, _ = ask(with_model, ["集成[1]", Finished(FinishReason.LENGTH)])
    assert answer.notices == (say("cut_short", Language.ZH),)


def test_a_demo_is_run_for_the_model_and_is_part_of_the_answer(with_model: WithModel) -> None:
    call = calling("conv_output_size", "c1", input_size=32, kernel=3, stride=2, padding=1)
    answer, model = ask(with_model, call, "输出是 16 [1]。", question="池化怎么反向传播?")
    assert [(t.name, t.result["numbers"]["output"]) for t in answer.tools] == [("conv_output_size", 16)]
    result = model.asked[1].messages[-1]
    assert (result.role, result.tool_name, result.tool_call_id) == (Role.TOOL, "conv_output_size", "c1")
    assert '"output": 16' in result.content
    names = [tool.name for tool in model.asked[0].tools]
    assert {"pooling", "list_demos"} <= set(names)
    assert len(names) <= MOST_DEMOS + 1


def test_a_model_may_ask_what_demos_there_are(with_model: WithModel) -> None:
    answer, _ = ask(with_model, calling("list_demos", "l1"), "有很多演示 [1]。")
    assert set(answer.tools[0].result["numbers"]) == set(registry.names())


def test_tools_stay_the_same_in_a_conversation_until_another_demo_is_asked_for(with_model: WithModel) -> None:
    model = ScriptedModel(["甲[1]。", "乙[1]。", "丙[1]。"])
    assistant, history = with_model(model), list[Turn]()
    for question in ("池化怎么反向传播?", "Dropout 推理时怎么处理?", "感受野怎么算?"):
        history.append(turn_of(assistant.ask(question, history)))
    first, second, third = (request.tools for request in model.asked)
    assert first == second
    assert "receptive_field" in {tool.name for tool in third}


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (calling("conv_outputsize", input_size=32), "conv_output_size"),  # the nearest name
        ('<tool_call>{"name": "conv_outputsize", "arguments": {}}</tool_call>', "conv_output_size"),
        (calling("conv_output_size", input_size=32, kernel=0), "kernel"),
        (calling("conv_output_size", input_sise=32), "input_size"),
    ],
)
def test_a_wrong_call_is_answered_so_that_the_model_can_mend_it(
    with_model: WithModel, call: Reply, told: str
) -> None:
    answer, model = ask(with_model, call, calling("conv_output_size", input_size=32), "30 [1]。")
    first = next(m for m in model.asked[1].messages if m.role is Role.TOOL)
    assert "error" in first.content
    assert told in first.content
    assert answer.text == "30 [1]。"
    assert "error" in answer.tools[0].result
    assert answer.tools[1].result["numbers"]["output"] == 30


def errors() -> list[ModelError]:
    kinds = {kind for kind in vars(base).values() if isinstance(kind, type) and issubclass(kind, ModelError)}
    return [
        kind("出错了", "试试别的") for kind in sorted(kinds - {CapabilityMissing}, key=lambda k: k.__name__)
    ]


@pytest.mark.parametrize("error", errors(), ids=lambda error: type(error).__name__)
@pytest.mark.parametrize("said", [[], ["说到一半[1]"]], ids=["at once", "midway"])
def test_whatever_fails_notes_mode_answers_and_what_was_said_is_retracted(
    with_model: WithModel, error: ModelError, said: list[Content | str]
) -> None:
    answer, _ = ask(with_model, *[[*said, error]] * 3)  # what is worth another try is tried
    assert answer.mode == "notes"
    assert answer.text.startswith("你的笔记《Dropout》里这样写：")
    assert "说到一半" not in answer.text
    assert answer.notices == (say("fell_back", Language.ZH, reason="出错了"), "试试别的")
    assert [c.n for c in answer.citations] == [1, 2]
    assert answer.tools == ()


def test_a_tool_that_ran_before_the_failure_is_retracted_too(with_model: WithModel) -> None:
    answer, _ = ask(with_model, calling("pooling"), ContextOverflow("太长"))
    assert (answer.mode, answer.tools) == ("notes", ())


def test_the_retraction_comes_between_the_two_answers(with_model: WithModel) -> None:
    events = list(with_model(ScriptedModel([["说到一半", ContextOverflow("太长")]])).stream(QUESTION))
    retracted = next(i for i, e in enumerate(events) if isinstance(e, Notice) and e.retract)
    assert events[retracted - 1] == Text("说到一半")
    assert (
        "".join(e.text for e in events[retracted:] if isinstance(e, Text)).strip() == answer_of(events).text
    )


def test_a_model_that_cannot_call_tools_answers_without_them_from_then_on(with_model: WithModel) -> None:
    model = ScriptedModel([CapabilityMissing("does not support tools"), "集成[1]。", "再说一遍[1]。"])
    assistant = with_model(model)
    answer = assistant.ask(QUESTION)
    assert (answer.mode, answer.notices) == ("scripted:test", ())
    assert answer.text.startswith("集成[1]。")  # and then what notes mode would compute
    assert assistant.ask(QUESTION).text.startswith("再说一遍[1]。")
    assert [bool(request.tools) for request in model.asked] == [True, False, False]


def test_without_tools_the_figures_still_come_from_the_demo(with_model: WithModel) -> None:
    refused = CapabilityMissing("does not support tools")
    question = "3 层 3x3 卷积的感受野是多少?"
    answer, _ = ask(with_model, refused, "笔记只有标题[1]。", question=question)
    assert [(t.name, t.result["numbers"]["rf"]) for t in answer.tools] == [("receptive_field", 7)]
    assert answer.text.startswith("笔记只有标题[1]。")
    assert "rf = 7" in answer.text


def test_a_model_that_cannot_even_chat_falls_back(with_model: WithModel) -> None:
    answer, model = ask(with_model, CapabilityMissing("no tools"), CapabilityMissing("no chat"))
    assert answer.mode == "notes"
    assert answer.notices == (say("fell_back", Language.ZH, reason="这个模型没有所需的能力：no chat"),)
    assert len(model.asked) == 2


@pytest.mark.parametrize("question", ["法国的首都是哪里?", "How does a transformer work?"])
def test_what_the_notes_do_not_cover_is_never_put_to_the_model(with_model: WithModel, question: str) -> None:
    answer, model = ask(with_model, question=question)
    assert answer.status is Status.NOT_IN_NOTES
    assert model.asked == []
    assert answer.citations == ()
    assert len(answer.nearest) == 3


def test_what_a_demo_answers_alone_is_not_put_to_the_model_either(with_model: WithModel) -> None:
    answer, model = ask(with_model, question="卷积核 3 步长 2 填充 1 输入 32，输出多大?")
    assert (answer.mode, answer.tools[0].result["numbers"]["output"], model.asked) == ("notes", 16, [])


def test_the_beginning_of_the_prompt_is_byte_for_byte_the_same_from_turn_to_turn(
    with_model: WithModel,
) -> None:
    model = ScriptedModel(["甲[1]。", "乙[1]。", "丙[1]。"])
    assistant, history = with_model(model), list[Turn]()
    for question in (QUESTION, "它推理时还丢弃吗?", "What is weight decay?"):
        history.append(turn_of(assistant.ask(question, history)))
    first, second, third = (request.messages for request in model.asked)
    assert model.asked[0].tools == model.asked[1].tools == model.asked[2].tools
    assert second[:-1] == (first[0], *second[1:3])
    assert [m.content for m in second[1:3]] == [QUESTION, "甲[1]。"]
    assert third[: len(second) - 1] == second[:-1]
    assert [m.content for m in third[3:5]] == ["它推理时还丢弃吗?", "乙[1]。"]


class Small(ScriptedModel):
    """A scripted model with a window."""

    def __init__(self, replies: Sequence[Reply], num_ctx: int = 1200) -> None:
        super().__init__(replies)
        self.window = Window(num_ctx, 256)


def test_what_had_to_stay_out_of_the_prompt_is_said(with_model: WithModel) -> None:
    history = [Turn(f"问{n}?", f"问{n}?", "好" * 30) for n in range(20)]
    answer = with_model(Small(["集成[1]。"])).ask(QUESTION, history)
    assert answer.mode == "scripted:test"
    [said] = [notice for notice in answer.notices if "没有交给模型的" in notice]
    assert re.search(r"\d 段较不相关的笔记、最早的 \d+ 轮对话", said)
    roomy = with_model(ScriptedModel(["集成[1]。"])).ask(QUESTION, history[:2])
    assert roomy.notices == ()


def test_a_prompt_that_the_server_finds_too_long_is_asked_again_shorter(with_model: WithModel) -> None:
    history = [Turn(f"问{n}?", f"问{n}?", "好" * 200) for n in range(12)]
    model = Small([ContextOverflow("too long"), "集成[1]。"], num_ctx=2400)
    answer = with_model(model).ask(QUESTION, history)
    assert (answer.text, answer.mode) == ("集成[1]。", "scripted:test")
    first, second = (sum(len(m.content) for m in request.messages) for request in model.asked)
    assert second < first


def test_a_figure_that_contradicts_the_demo_is_named_beside_it(with_model: WithModel) -> None:
    call = calling("conv_output_size", input_size=32, kernel=3, stride=2, padding=1)
    answer, _ = ask(with_model, call, "输出是 15 [1]。", question="池化怎么反向传播?")
    [said] = [notice for notice in answer.notices if "对不上" in notice]
    assert "15" in said
    assert "output = 16" in said
    assert "conv_output_size(input_size=32, kernel=3, stride=2, padding=1)" in said


def test_a_prompt_of_which_less_was_read_than_sent_is_an_alarm(with_model: WithModel) -> None:
    answer, _ = ask(with_model, ["集成[1]。", Finished(FinishReason.STOP, prompt_tokens=40)])
    assert answer.mode == "scripted:test"
    assert any("只读到 40 个 token" in notice for notice in answer.notices)


def test_an_answer_to_a_prompt_that_was_cut_is_taken_back(with_model: WithModel) -> None:
    cut = 1200 - (1200 - 4) // 2
    model = Small([["当然可以！", Finished(FinishReason.STOP, prompt_tokens=cut)]])
    history = [Turn(f"问{n}?", f"问{n}?", "好" * 300) for n in range(9)]
    answer = with_model(model).ask(QUESTION, history)
    assert answer.mode == "notes"
    assert "当然可以" not in answer.text
    assert f"read only {cut} of about" in answer.notices[0]


def test_what_is_waited_for_and_what_runs_is_told_and_not_kept(with_model: WithModel) -> None:
    model = ScriptedModel([[base.Waiting(base.WaitFor.TURN, 2), calling("pooling", kernel=2)], "好[1]。"])
    events = list(with_model(model).stream("池化怎么反向传播?"))
    told = [event.text for event in events if isinstance(event, Waiting)]
    assert told == [
        say("wait_turn", Language.ZH, ahead=2),
        say("wait_tool", Language.ZH, call="pooling(kernel=2)"),
    ]
    assert not any("排队" in notice for notice in answer_of(events).notices)


def test_conversations_side_by_side_keep_their_own_tools(with_model: WithModel) -> None:
    model = ScriptedModel(["甲[1]。"] * 4)
    assistant = with_model(model)
    pool, drop = assistant.ask("池化怎么反向传播?"), assistant.ask("Dropout 为什么有效?")
    assistant.ask("它的梯度呢?", [turn_of(pool)])
    assistant.ask("它推理时呢?", [turn_of(drop)])
    first, second, third, fourth = (request.tools for request in model.asked)
    assert first != second
    assert (third, fourth) == (first, second)


def test_dollar_signs_in_notes_and_questions_are_only_text(with_model: WithModel) -> None:
    question = "dropout 里 $p 和 ${question} 是什么?"
    _, model = ask(with_model, "集成[1]。", question=question)
    assert model.asked[0].messages[-1].content.endswith(f"Question: {question}")


def test_closing_the_answer_closes_the_models_stream(with_model: WithModel) -> None:
    model = ScriptedModel([["集", "成", "[1]。"]])
    events = with_model(model).stream(QUESTION)
    assert next(events) == Text("集")
    events.close()
    assert model.closed == 1


def answer_of(events: Sequence[Event]) -> Answer:
    done = events[-1]
    assert isinstance(done, Done)
    return done.answer


def test_a_server_that_refused_everything_is_asked_again_later(with_model: WithModel) -> None:
    model = Small([*[ContextOverflow("太长")] * 2, "它相当于许多子网络的集成[1]。"], num_ctx=1400)
    assistant = with_model(model)
    assert [assistant.ask(QUESTION).mode for _ in range(2)] == ["notes", model.name]
    assert len(model.asked) == 3


@pytest.mark.parametrize(
    ("error", "reason", "advice"),
    [
        (StreamBroken("no last chunk", "Ask again."), "回答中途断开：no last chunk", "再问一次。"),
        (
            ModelNotPulled("no model 'm'", "ollama pull m"),
            "服务器上没有这个模型：no model 'm'",
            "ollama pull m",
        ),
        (ModelError("odd", "Do this."), "odd", "Do this."),
    ],
)
def test_a_failure_is_told_in_the_language_of_the_question(
    error: ModelError, reason: str, advice: str
) -> None:
    assert told(error, Language.ZH) == (reason, advice)
    assert told(error, Language.EN) == (error.message, error.hint)
