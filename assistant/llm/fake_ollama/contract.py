"""What a careful client must send. Ollama lets most of it pass and answers worse; the fake does not.

One pure function over a request body of /api/chat. What Ollama itself refuses is in `refusals.py`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

KNOWN_KEYS = frozenset(
    {"model", "messages", "stream", "format", "keep_alive", "tools", "options", "think"}
    | {"truncate", "shift", "logprobs", "top_logprobs", "_debug_render_only"}
)


def violations(body: Mapping[str, Any]) -> Iterator[str]:
    """Yield one sentence per fault of the request; none means that it keeps the contract."""
    if unknown := sorted(body.keys() - KNOWN_KEYS):
        yield f"unknown top-level keys: {', '.join(unknown)}"
    options = body.get("options") or {}
    for option in ("num_ctx", "num_predict"):
        if option not in options:
            yield f"options.{option} is missing: the server's default would decide"
    if "think" not in body:
        yield "think is missing: a model that can think would"
    if body.get("format") and body.get("tools"):
        yield "format and tools together: the server ignores the tools"
    messages = body.get("messages") or []
    if [m.get("role") for m in messages[:2]] == ["system", "system"]:
        yield "more than one leading system message"
    yield from _tool_faults(messages)


def _tool_faults(messages: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Check that each call is followed by its result: one message per call, in order, under its name."""
    awaited: list[Mapping[str, Any]] = []
    for number, message in enumerate(messages):
        if message.get("role") != "tool":
            if awaited:
                yield f"message {number}: {len(awaited)} tool results are missing before it"
            awaited = list(message.get("tool_calls") or ())
            if not all(isinstance(made["function"].get("arguments"), Mapping) for made in awaited):
                yield f"message {number}: tool arguments that are not an object"
        elif not message.get("tool_name"):
            yield f"message {number}: a tool message without tool_name"
            awaited = awaited[1:]
        elif not awaited:
            yield f"message {number}: a tool result without a call before it"
        else:
            made = awaited.pop(0)
            if message["tool_name"] != made["function"]["name"]:
                yield f"message {number}: {message['tool_name']!r} answers {made['function']['name']!r}"
            if message.get("tool_call_id", made.get("id")) != made.get("id"):
                yield f"message {number}: tool_call_id {message['tool_call_id']!r} is not {made.get('id')!r}"
    if awaited:
        yield f"{len(awaited)} tool results are missing at the end"
