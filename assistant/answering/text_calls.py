"""Tool calls that a model printed as text instead of calling: recognised, never shown as an answer.

Four forms are known: `<tool_call>` around a JSON object (Qwen, Hermes) or around `<function=…>` (Qwen Coder)
anywhere in a reply, and a reply that is nothing but a JSON object, bare or in a code fence. Other JSON in an answer
is the answer's own.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator
from typing import Any

from assistant.llm.base import ToolCall

_TAG = "<tool_call>"
_TAGGED = re.compile(
    r"<tool_call>\s*(\{.*?\}|<function=.*?</function>)\s*(?:</tool_call>|(?=<tool_call>)|$)", re.DOTALL
)
_FUNCTION = re.compile(r"<function=([\w.-]+)>(.*)</function>", re.DOTALL)
_PARAMETER = re.compile(r"<parameter=(\w+)>\n?(.*?)\n?</parameter>", re.DOTALL)
_FENCED = re.compile(r"^\s*```(?:json|tool_call|tool_code)?\s*(\{.*\})\s*```\s*$", re.DOTALL)
_BARE = re.compile(r"^\s*(\{.*\})\s*$", re.DOTALL)

# A reply that opens like this may turn out to be a call, so it is held until it is whole.
_MAY_OPEN = (_TAG, "```json", "```tool", "```\n{", "{")


def held_from(text: str) -> int:
    """Return where in `text`, the beginning of a reply, a call may have begun; its length where none may have."""
    opening = text.lstrip()
    if not opening or any(opening.startswith(o) or o.startswith(opening) for o in _MAY_OPEN):
        return 0
    return tag_from(text)


def tag_from(text: str) -> int:
    """Return where a `<tool_call>` begins in `text`, or what may become one; its length where nothing does."""
    tag = text.find(_TAG)
    if tag >= 0:
        return tag
    longest = next((n for n in range(len(_TAG) - 1, 0, -1) if text.endswith(_TAG[:n])), 0)
    return len(text) - longest


def calls_in(text: str, known: Collection[str]) -> tuple[ToolCall, ...]:
    """Return the calls that `text` consists of, each with an object of arguments; else nothing.

    A tagged call may name any tool, since nothing but a call is tagged; other JSON is one only where it names
    a `known` tool.
    """
    tagged = _TAGGED.findall(text)
    calls = (_call(body) for body in tagged or _whole(text))
    return tuple(call for call in calls if call and (tagged or call.name in known))


def _whole(text: str) -> Iterator[str]:
    if whole := _FENCED.match(text) or _BARE.match(text):
        yield whole[1]


def _call(body: str) -> ToolCall | None:
    if function := _FUNCTION.fullmatch(body):
        given = {name: (text, _json(text)) for name, text in _PARAMETER.findall(function[2])}
        return ToolCall(function[1], {n: t if v is None else v for n, (t, v) in given.items()})
    value = _json(body)
    if isinstance(value, dict) and isinstance(value.get("function"), dict):
        value = value["function"]
    if not isinstance(value, dict) or not isinstance(value.get("name"), str):
        return None
    arguments = value.get("arguments", value.get("parameters", {}))
    if isinstance(arguments, str):
        arguments = _json(arguments)
    return ToolCall(value["name"], arguments) if isinstance(arguments, dict) else None


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except (json.JSONDecodeError, RecursionError):
        return None
