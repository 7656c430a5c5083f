"""Tool calls that a model printed as text instead of calling: recognised, never shown as an answer."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator
from typing import Any

from assistant.llm.base import ToolCall

_TAGGED = re.compile(r"<tool_call>\s*(\{.*?\})\s*(?:</tool_call>|$)", re.DOTALL)
_FENCED = re.compile(r"^\s*```(?:json|tool_call|tool_code)?\s*(\{.*\})\s*```\s*$", re.DOTALL)
_BARE = re.compile(r"^\s*(\{.*\})\s*$", re.DOTALL)

# A text that opens like this may turn out to be a call, so it is held until it is whole.
_MAY_OPEN = ("<tool_call>", "```json", "```tool", "```\n{", "{")


def may_be_call(text: str) -> bool:
    """Whether `text`, the beginning of a reply, may still turn out to be a call."""
    opening = text.lstrip()
    return not opening or any(opening.startswith(o) or o.startswith(opening) for o in _MAY_OPEN)


def calls_in(text: str, known: Collection[str]) -> tuple[ToolCall, ...]:
    """Return the calls that `text` consists of: of known tools, with an object of arguments; else nothing."""
    return tuple(call for body in _bodies(text) if (call := _call(body, known)) is not None)


def _bodies(text: str) -> Iterator[str]:
    tagged = _TAGGED.findall(text)
    if tagged:
        yield from tagged
    elif whole := _FENCED.match(text) or _BARE.match(text):
        yield whole[1]


def _call(body: str, known: Collection[str]) -> ToolCall | None:
    try:
        value: Any = json.loads(body)
    except json.JSONDecodeError:
        return None
    if isinstance(value, dict) and isinstance(value.get("function"), dict):
        value = value["function"]
    if not isinstance(value, dict) or value.get("name") not in known:
        return None
    arguments = value.get("arguments", value.get("parameters", {}))
    if isinstance(arguments, str):
        try:
            arguments = json.loads(arguments)
        except json.JSONDecodeError:
            return None
    return ToolCall(str(value["name"]), arguments) if isinstance(arguments, dict) else None
