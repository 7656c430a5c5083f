"""A model and its tools take turns within bounds; the conversation only grows."""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import pytest

from assistant.answering.budget import Budget, ReadLess
from assistant.answering.tool_loop import MAX_CALLS, MAX_RESULT, MAX_ROUNDS, LoopEvent, converse
from assistant.events import ToolRun
from assistant.llm.base import (
    Content,
    ContextOverflow,
    EmptyAnswer,
    Finished,
    FinishReason,
    MalformedCall,
    Message,
    ModelBusy,
    Role,
    Thinking,
    ToolCall,
    ToolCalls,
    ToolSchema,
    Window,
)
from assistant.llm.scripted import Reply, ScriptedModel, calling

ASK = [Message(Role.SYSTEM, "规则"), Message(Role.USER, "2×2 池化之后多大?")]
TOOLS = [ToolSchema("pooling", "Pool.", {}), ToolSchema("softmax", "Softmax.", {})]
STOP = Finished(FinishReason.STOP)


class Tools:
    """Remembers the calls it executes; a result is the arguments as figures, and what the test adds."""

    def __init__(self, **result: Any) -> None:
        self.executed: list[ToolCall] = []
        self._result = result

    def __call__(self, call: ToolCall) -> ToolRun:
        self.executed.append(call)
        return ToolRun(call.name, call.arguments, {"numbers": dict(call.arguments), **self._result})


def run(
    *replies: Reply, execute: Tools | None = None, tools: Sequence[ToolSchema] = TOOLS
) -> tuple[list[LoopEvent], ScriptedModel, Tools]:
    model, execute = ScriptedModel(replies), execute or Tools()
    return list(converse(model, ASK, tools, execute)), model, execute


def text(events: Sequence[LoopEvent]) -> str:
    return "".join(event.text for event in events if isinstance(event, Content))


def results(model: ScriptedModel) -> list[Message]:
    return [message for message in model.asked[-1].messages if message.role is Role.TOOL]


def test_an_answer_without_calls_takes_one_round() -> None:
    events, model, tools = run([Thinking("嗯"), "一半", "大。"])
    assert events == [Thinking("嗯"), Content("一半"), Content("大。"), STOP]
    assert len(model.asked) == 1
    assert model.asked[0].tools == tuple(TOOLS)
    assert tools.executed == []


def test_a_call_is_executed_and_its_result_sent_back_with_its_id() -> None:
    events, model, _ = run(calling("pooling", "c7", kernel=2), "一半大。")
    assert events == [
        ToolCall("pooling", {"kernel": 2}, "c7"),
        ToolRun("pooling", {"kernel": 2}, {"numbers": {"kernel": 2}}),
        Content("一半大。"),
        STOP,
    ]
    assert model.asked[1].messages == (
        *ASK,
        Message(Role.ASSISTANT, "", tool_calls=(ToolCall("pooling", {"kernel": 2}, "c7"),)),
        Message(Role.TOOL, '{"numbers": {"kernel": 2}}', tool_name="pooling", tool_call_id="c7"),
    )


def test_the_conversation_only_grows() -> None:
    _, model, _ = run(
        ["先算。", calling("pooling", kernel=2)],
        calling("softmax", x=[1]),
        calling("pooling", kernel=3),
        "好。",
    )
    asked = [request.messages for request in model.asked]
    for before, after in pairwise(asked):
        assert after[: len(before)] == before
    assert [len(messages) for messages in asked] == [2, 4, 6, 8]
    assert asked[1][2].content == "先算。"


def test_calls_that_come_one_by_one_are_one_round() -> None:
    events, model, tools = run([calling("pooling", "a", kernel=2), calling("softmax", "b", x=[1])], "好。")
    assert [call.id for call in tools.executed] == ["a", "b"]
    assert [m.tool_call_id for m in results(model)] == ["a", "b"]
    assert len(model.asked) == 2
    assert text(events) == "好。"


def test_a_repeated_call_is_answered_and_not_executed() -> None:
    events, model, tools = run(
        calling("pooling", "a", kernel=2, stride=1), calling("pooling", "b", stride=1, kernel=2), "好。"
    )
    assert len(tools.executed) == 1
    assert sum(isinstance(event, ToolRun) for event in events) == 1
    again = results(model)[-1]
    assert "already made" in again.content
    assert again.tool_call_id == "b"


def test_too_many_calls_in_one_round_are_refused_one_by_one() -> None:
    calls = ToolCalls(tuple(ToolCall("pooling", {"kernel": n}, str(n)) for n in range(MAX_CALLS + 3)))
    _, model, tools = run([calls], "好。")
    assert len(tools.executed) == MAX_CALLS
    assert [m.tool_call_id for m in results(model)] == [str(n) for n in range(MAX_CALLS + 3)]
    assert all("at most" in m.content for m in results(model)[MAX_CALLS:])


def test_after_the_last_round_no_tool_is_offered() -> None:
    _, model, tools = run(*(calling("pooling", kernel=n) for n in range(MAX_ROUNDS)), "够了。")
    assert len(tools.executed) == MAX_ROUNDS
    assert [bool(request.tools) for request in model.asked] == [True] * MAX_ROUNDS + [False]


def test_a_model_that_never_stops_calling_is_an_empty_answer() -> None:
    with pytest.raises(EmptyAnswer, match="never answered"):
        run(*(calling("pooling", kernel=n) for n in range(MAX_ROUNDS + 1)))


def test_calls_in_the_last_round_are_ignored_beside_an_answer() -> None:
    last: Reply = ["够了。", calling("pooling", kernel=99)]
    events, _, tools = run(*(calling("pooling", kernel=n) for n in range(MAX_ROUNDS)), last)
    assert text(events) == "够了。"
    assert events[-1] == STOP
    assert len(tools.executed) == MAX_ROUNDS


@pytest.mark.parametrize(
    "pieces",
    [
        ['<tool_call>{"name": "pooling", "arguments": {"kernel": 2}}</tool_call>'],
        ["<tool", '_call>{"name": "pool', 'ing", "arguments": {"kernel": 2}}', "</tool_call>"],
        ["```json\n", '{"name": "pooling", "arguments": {"kernel": 2}}\n```'],
        ["{", '"name": "pooling", "arguments": {"kernel": 2}}'],
        [
            "<tool_call>\n<function=pooling>\n<parameter=kernel>\n2\n</param",
            "eter>\n</function>\n</tool_call>",
        ],
    ],
)
def test_a_call_printed_as_text_is_executed_and_never_shown(pieces: list[str]) -> None:
    events, _, tools = run(list(pieces), "一半大。")
    assert tools.executed == [ToolCall("pooling", {"kernel": 2})]
    assert text(events) == "一半大。"


def test_words_before_a_printed_call_are_shown_and_the_call_is_not() -> None:
    printed = list('先算一下。<tool_call>{"name": "pooling", "arguments": {}}</tool_call>')
    events, model, tools = run(printed, "好。")
    assert text(events) == "先算一下。好。"
    assert tools.executed == [ToolCall("pooling", {})]
    assert model.asked[1].messages[2].content == "先算一下。"


@pytest.mark.parametrize(
    "answer", ['{"lr": 0.1}', "a < b", "<tool", '```json\n{"lr": 1}\n```', "x <tool_call> y"]
)
def test_an_answer_that_only_looks_like_a_call_is_shown_whole(answer: str) -> None:
    events, _, tools = run(list(answer))
    assert text(events) == answer
    assert events[-1] == STOP
    assert tools.executed == []


def test_a_printed_call_in_the_last_round_is_not_shown_either() -> None:
    printed = '{"name": "pooling", "arguments": {"kernel": 99}}'
    with pytest.raises(EmptyAnswer):
        run(*(calling("pooling", kernel=n) for n in range(MAX_ROUNDS)), printed)


def test_only_the_figures_go_back_and_a_long_result_is_shortened() -> None:
    _, model, _ = run(
        calling("pooling", kernel=2), "好。", execute=Tools(plot="p" * 9999, formula="f" * 2000)
    )
    content = results(model)[0].content
    assert content.startswith('{"numbers": {"kernel": 2}, "formula": "fff')
    assert content.endswith(" … (shortened)")
    assert len(content) == MAX_RESULT + len(" … (shortened)")


def test_a_refusal_goes_back_so_that_the_model_can_mend_it() -> None:
    _, model, _ = run(
        calling("pooling", kernel=0), "好。", execute=Tools(error={"hint_en": "kernel must be >= 1"})
    )
    assert json.loads(results(model)[0].content)["error"] == {"hint_en": "kernel must be >= 1"}


MALFORMED = MalformedCall("XML syntax error on line 8")


def test_a_call_that_the_server_cannot_read_is_not_asked_for_again() -> None:
    events, model, tools = run([Thinking("要算"), MALFORMED], "一半大。")
    assert text(events) == "一半大。"
    assert [bool(request.tools) for request in model.asked] == [True, False]
    assert tools.executed == []


def test_an_unreadable_call_behind_words_or_without_tools_is_an_error() -> None:
    with pytest.raises(MalformedCall):
        run(["先算。", MALFORMED])
    with pytest.raises(MalformedCall):
        run(MALFORMED, MALFORMED)


def test_results_are_cut_to_what_is_left_of_the_window() -> None:
    window = Window(1024, 256)
    execute = Tools(notes=["很长" * 600])
    model = ScriptedModel([calling("pooling", kernel=1), calling("pooling", kernel=2), "好。"])
    budget = Budget(window)
    list(converse(model, ASK, TOOLS, execute, budget))
    for request in model.asked:
        assert budget.room(request.messages, request.tools) >= 0
    first, second = results(model)
    assert first.content.endswith(" … (shortened)")
    assert "does not fit any more" in second.content


def test_without_room_for_tools_the_answer_is_asked_for_without_them() -> None:
    large = [ToolSchema(name, "长" * 200, {}) for name in ("pooling", "softmax")]
    window = Window(1024, 512)
    model = ScriptedModel(["好。"])
    list(converse(model, ASK, large, Tools(), Budget(window)))
    assert [bool(request.tools) for request in model.asked] == [False]


def test_a_conversation_over_the_window_is_never_sent() -> None:
    long = [*ASK, Message(Role.USER, "长" * 900)]
    model = ScriptedModel([])
    with pytest.raises(ContextOverflow, match="num_ctx=1024") as caught:
        list(converse(model, long, TOOLS, Tools(), Budget(Window(1024, 256))))
    assert caught.value.prompt_tokens > 900
    assert model.asked == []


def test_too_low_a_count_of_the_server_is_passed_on_before_the_end() -> None:
    long = [*ASK, Message(Role.USER, "长" * 900)]
    model = ScriptedModel([["好。", Finished(FinishReason.STOP, prompt_tokens=100)]])
    events = list(converse(model, long, (), Tools(), Budget()))
    assert [type(event) for event in events] == [Content, ReadLess, Finished]


def test_a_model_error_passes_through() -> None:
    with pytest.raises(ModelBusy):
        run(calling("pooling", kernel=2), ModelBusy("queue full"))


@pytest.mark.parametrize("taken", [1, 2])
def test_closing_the_loop_closes_the_models_stream(taken: int) -> None:
    model = ScriptedModel([["一", "二", "三"]])
    loop = converse(model, ASK, TOOLS, Tools())
    for _ in range(taken):
        next(loop)
    loop.close()
    assert model.closed == 1
