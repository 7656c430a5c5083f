"""The scripted model keeps the contract of `ChatModel` and records what it was asked."""

from __future__ import annotations

from contextlib import closing

import pytest

from assistant.llm.base import (
    ChatModel,
    Content,
    Finished,
    FinishReason,
    Message,
    ModelBusy,
    Role,
    Thinking,
    ToolCall,
    ToolCalls,
    ToolSchema,
)
from assistant.llm.scripted import Asked, ScriptedModel, calling

ASK = [Message(Role.USER, "什么是 BN?")]
STOP = Finished(FinishReason.STOP)


def test_replies_come_in_order_each_ending_with_finished() -> None:
    model: ChatModel = ScriptedModel(
        ["批归一化。", [Thinking("嗯"), "好", "的"], calling("pooling", "c1", kernel=2)]
    )
    assert list(model.stream(ASK)) == [Content("批归一化。"), STOP]
    assert list(model.stream(ASK)) == [Thinking("嗯"), Content("好"), Content("的"), STOP]
    assert list(model.stream(ASK)) == [ToolCalls((ToolCall("pooling", {"kernel": 2}, "c1"),)), STOP]


def test_a_scripted_end_is_not_doubled() -> None:
    cut = Finished(FinishReason.LENGTH, answer_tokens=3)
    assert list(ScriptedModel([["一半", cut]]).stream(ASK)) == [Content("一半"), cut]


def test_an_error_is_raised_where_it_stands() -> None:
    stream = ScriptedModel([["一半", ModelBusy("busy")]]).stream(ASK)
    assert next(stream) == Content("一半")
    with pytest.raises(ModelBusy, match="busy"):
        next(stream)


def test_requests_are_recorded_as_they_were_even_if_the_list_grows_later() -> None:
    model, messages = ScriptedModel(["a"]), list(ASK)
    tool = ToolSchema("pooling", "Pool.", {})
    list(model.stream(messages, [tool]))
    messages.append(Message(Role.ASSISTANT, "a"))
    assert model.asked == [Asked((ASK[0],), (tool,))]


def test_a_reply_closed_early_is_counted() -> None:
    model = ScriptedModel([["a", "b"]])
    with closing(model.stream(ASK)) as stream:
        next(stream)
    assert model.closed == 1


def test_asking_more_than_is_scripted_is_an_error_of_the_test() -> None:
    with pytest.raises(AssertionError, match="asked 1 times and has no reply left"):
        list(ScriptedModel([]).stream(ASK))
