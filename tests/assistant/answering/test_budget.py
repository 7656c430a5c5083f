"""Tokens are counted on the high side, the count learns from the server, and a prompt that was cut is noticed."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.answering.budget import UNMEASURED, Budget, ReadLess, weight, weight_of
from assistant.demo_kit import registry
from assistant.llm.base import (
    ContextOverflow,
    Finished,
    FinishReason,
    Message,
    PromptCut,
    Role,
    ToolCall,
    ToolSchema,
    Window,
)
from assistant.llm.fake_ollama.wire import rough_tokens

CHINESE = [Message(Role.SYSTEM, "只根据笔记回答。" * 20), Message(Role.USER, "什么是批归一化?" * 50)]


def counted(tokens: int) -> Finished:
    return Finished(FinishReason.STOP, prompt_tokens=tokens)


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        # Tokens by Qwen2.5's tokenizer (151,643 tokens, byte-level BPE) are between a half and all of the weight.
        ("批归一化对每个通道减去均值再除以标准差。", 10, 21),
        ("Batch normalization subtracts the mean of each channel.", 9, 20),
        ("3.14159265", 8, 11),
        ("", 0, 0),
    ],
)
def test_the_weight_of_a_text_is_about_its_tokens_on_the_high_side(text: str, low: int, high: int) -> None:
    assert low <= weight(text) <= high


@given(st.text(max_size=200), st.text(max_size=200))
def test_weights_add_up_and_never_fall_when_text_is_added(one: str, other: str) -> None:
    assert weight(one + other) == pytest.approx(weight(one) + weight(other), abs=1e-6)


def test_schemas_of_tools_weigh_more_than_their_tokens() -> None:
    tools = [ToolSchema(demo.name, demo.summary, demo.schema) for demo in registry.demos()]
    written = json.dumps([[tool.name, tool.description, tool.parameters] for tool in tools])
    assert weight_of([], tools) > rough_tokens(written)


def test_before_anything_was_measured_the_count_is_the_weight_and_a_margin() -> None:
    assert Budget().count(CHINESE) == pytest.approx(weight_of(CHINESE) * UNMEASURED, abs=1)


@pytest.mark.parametrize("ratio", [0.5, 0.9, 1.8])
def test_the_count_follows_what_the_server_counted_with_a_margin(ratio: float) -> None:
    budget = Budget(Window(65_536, 1024))
    weighed = weight_of(CHINESE)
    assert budget.learn(CHINESE, (), counted(round(weighed * ratio))) is None
    assert budget.count(CHINESE) == pytest.approx(weighed * ratio * 1.05, rel=0.01)


def test_the_highest_of_the_last_ratios_counts() -> None:
    budget = Budget()
    weighed = weight_of(CHINESE)
    for ratio in (1.5, *[0.8] * 7):
        budget.learn(CHINESE, (), counted(round(weighed * ratio)))
    assert budget.factor == pytest.approx(1.5 * 1.05, rel=0.01)
    budget.learn(CHINESE, (), counted(round(weighed * 0.8)))  # the 1.5 is now forgotten
    assert budget.factor == pytest.approx(0.8 * 1.05, rel=0.01)


def test_a_call_in_the_conversation_counts_with_its_arguments() -> None:
    call = ToolCall("pooling", {"x": [[1, 2, 3]] * 50})
    assert weight_of([Message(Role.ASSISTANT, "", tool_calls=(call,))]) > 300


def test_a_refusal_raises_the_count_above_what_was_refused() -> None:
    budget = Budget(Window(2048, 512))
    before = budget.count(CHINESE)
    budget.refused(CHINESE, (), ContextOverflow("too long", prompt_tokens=2 * before))
    assert budget.count(CHINESE) >= 2 * before
    budget.refused(CHINESE, (), ContextOverflow("too long"))
    assert budget.count(CHINESE) >= 3 * before


@given(st.text(max_size=400), st.integers(-5, 300))
def test_a_cut_text_is_a_beginning_and_fits(text: str, tokens: int) -> None:
    budget = Budget()
    cut = budget.cut(text, tokens)
    assert text.startswith(cut)
    assert not cut or budget.factor * weight(cut) <= tokens
    if cut != text:
        assert budget.factor * weight(text[: len(cut) + 1]) > tokens


@pytest.mark.parametrize("kept", [4, 5])
def test_the_count_that_cutting_arrives_at_is_an_error(kept: int) -> None:
    budget = Budget(Window(1024, 256))
    long = [*CHINESE, Message(Role.USER, "长" * 2000)]
    with pytest.raises(PromptCut, match=f"only {1024 - (1024 - kept) // 2} of about") as caught:
        budget.learn(long, (), counted(1024 - (1024 - kept) // 2))
    assert "num_ctx 1024" in caught.value.hint


def test_the_same_count_is_no_error_where_the_prompt_has_that_many() -> None:
    exactly = [Message(Role.USER, "批" * 480)]
    assert Budget(Window(1024, 256)).learn(exactly, (), counted(1024 - 510)) is None


def test_far_fewer_tokens_than_the_prompt_has_are_an_alarm_and_teach_nothing() -> None:
    budget = Budget()
    alarm = budget.learn(CHINESE, (), counted(50))
    assert alarm == ReadLess(50, round(weight_of(CHINESE) * UNMEASURED / 1.05))
    assert budget.factor == UNMEASURED


def test_a_server_that_counts_only_what_was_not_cached_raises_no_alarm() -> None:
    budget = Budget(Window(8192, 1024, counts_whole_prompt=False))
    assert budget.learn(CHINESE, (), counted(50)) is None
    assert budget.factor == UNMEASURED


def test_no_count_is_no_alarm() -> None:
    assert Budget().learn(CHINESE, (), counted(0)) is None
