"""Calls printed as text are recognised in every known form; ordinary JSON and prose are left alone."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.answering.text_calls import calls_in, held_from, tag_from
from assistant.llm.base import ToolCall

KNOWN = {"pooling", "softmax"}
POOLING = ToolCall("pooling", {"kernel": 2})


@pytest.mark.parametrize(
    "text",
    [
        '<tool_call>{"name": "pooling", "arguments": {"kernel": 2}}</tool_call>',
        '<tool_call>\n{"name": "pooling", "arguments": {"kernel": 2}}\n</tool_call>\n',
        '<tool_call>{"name": "pooling", "arguments": {"kernel": 2}}',
        '算一下。<tool_call>{"name": "pooling", "arguments": {"kernel": 2}}</tool_call>',
        '```json\n{"name": "pooling", "arguments": {"kernel": 2}}\n```',
        '```\n{"name": "pooling", "arguments": {"kernel": 2}}\n```',
        '```tool_call\n{"name": "pooling", "parameters": {"kernel": 2}}\n```',
        ' {"name": "pooling", "arguments": {"kernel": 2}}\n',
        '{"name": "pooling", "parameters": {"kernel": 2}}',
        '{"name": "pooling", "arguments": "{\\"kernel\\": 2}"}',
        '{"type": "function", "function": {"name": "pooling", "arguments": {"kernel": 2}}}',
    ],
)
def test_a_call_is_read_in_every_form(text: str) -> None:
    assert calls_in(text, KNOWN) == (POOLING,)


def test_several_tagged_calls_are_all_read_in_order() -> None:
    text = (
        '<tool_call>{"name": "pooling", "arguments": {"kernel": 2}}</tool_call>\n'
        '<tool_call>{"name": "softmax", "arguments": {"x": [1, 2]}}</tool_call>'
    )
    assert calls_in(text, KNOWN) == (POOLING, ToolCall("softmax", {"x": [1, 2]}))


def test_a_call_without_arguments_has_none() -> None:
    assert calls_in('{"name": "pooling"}', KNOWN) == (ToolCall("pooling", {}),)


def test_a_tagged_call_of_an_unknown_tool_is_a_call_so_that_the_model_can_be_told() -> None:
    assert calls_in('<tool_call>{"name": "poling"}</tool_call>', KNOWN) == (ToolCall("poling", {}),)


@pytest.mark.parametrize(
    "text",
    [
        '{"name": "poling", "arguments": {}}',
        '{"lr": 0.1, "epochs": 3}',
        '```json\n{"name": "ResNet", "layers": 50}\n```',
        '配置如下：\n```json\n{"name": "pooling", "arguments": {}}\n```\n把它存成文件。',
        'The config is {"name": "pooling"} as you see.',
        '{"name": "pooling", "arguments": "not json"}',
        '{"name": "pooling", "arguments": [1, 2]}',
        '{"name": ["pooling"]}',
        "<tool_call>pooling(kernel=2)</tool_call>",
        "[1, 2]",
        "{not json}",
        '{"a":' * 3000 + "1" + "}" * 3000,
        "",
    ],
)
def test_what_is_not_a_call_is_left_to_be_the_answer(text: str) -> None:
    assert calls_in(text, KNOWN) == ()


@pytest.mark.parametrize("text", ["", " \n", "<", "<tool_call>{", "{", "```", "```js", "```json\n{", "`"])
def test_an_opening_that_may_be_a_call_is_held(text: str) -> None:
    assert held_from(text) == 0


@pytest.mark.parametrize("text", ["池化", "```python\n", "[1]", "<b>", "The"])
def test_an_opening_that_cannot_be_a_call_is_shown_at_once(text: str) -> None:
    assert held_from(text) == len(text)


@pytest.mark.parametrize(("text", "at"), [("a < b", 5), ("算 <tool", 2), ("算 <tool_call>{", 2), ("a <", 2)])
def test_later_on_only_a_tag_is_held(text: str, at: int) -> None:
    assert tag_from(text) == held_from(text) == at


@given(st.dictionaries(st.text(max_size=8), st.integers() | st.text(max_size=8) | st.lists(st.integers())))
def test_any_arguments_survive_printing(arguments: dict[str, object]) -> None:
    printed = json.dumps({"name": "pooling", "arguments": arguments})
    for text in (printed, f"```json\n{printed}\n```"):
        assert calls_in(text, KNOWN) == (ToolCall("pooling", arguments),)
