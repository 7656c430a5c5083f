"""Replies as data: what the fake says to one request, how its bytes are cut and how it ends.

A `Reply` is a tuple of steps. A mapping is one NDJSON line, to which the server adds model, time and
metrics; bytes go out as they are; a `Pause` is silence. Nothing here opens a socket.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from assistant.llm.fake_ollama.wire import JSON, NDJSON, error_text, go_json


@dataclass(frozen=True, slots=True)
class Pause:
    """Silence for so many seconds; None lasts until the client goes away or the fake is closed."""

    seconds: float | None = None


Step = Mapping[str, Any] | bytes | Pause


class Ending(StrEnum):
    """How the connection ends after the last step."""

    COMPLETE = "complete"
    UNTERMINATED = "unterminated"  # closed without the last HTTP chunk
    RESET = "reset"  # a TCP reset


@dataclass(frozen=True, slots=True)
class Reply:
    """One scripted answer. `piece` counts bytes per write: None is one step per write, 0 is all at once.

    `b""` as a step sends the headers and no more; otherwise they go with the first bytes, as Ollama's do.
    """

    steps: tuple[Step, ...]
    status: int = 200
    content_type: str = NDJSON
    piece: int | None = None
    ending: Ending = Ending.COMPLETE


class Delivery(StrEnum):
    """How tool calls come: with a renderer together or one by one, natively in the last chunk."""

    TOGETHER = "together"
    ONE_BY_ONE = "one by one"
    IN_LAST = "in last"


def chunk(content: str = "", **more: Any) -> dict[str, Any]:
    """Return a line that is not the last; `more` is `thinking` or `tool_calls`."""
    return {"message": {"role": "assistant", "content": content, **more}, "done": False}


def last(reason: str = "stop", **more: Any) -> dict[str, Any]:
    """Return the last line. Calls get no reason of their own: Ollama says `stop` after them too."""
    return {**chunk(**more), "done": True, "done_reason": reason}


def call(name: str, arguments: Any, call_id: str = "call_a1b2c3d4") -> dict[str, Any]:
    """Return a tool call; without `call_id` it is one of a server before 0.12.10."""
    function = {"index": 0, "name": name, "arguments": arguments}
    return {"id": call_id, "function": function} if call_id else {"function": function}


def say(
    *texts: str,
    thinking: Sequence[str] = (),
    calls: Sequence[Mapping[str, Any]] = (),
    delivery: Delivery = Delivery.TOGETHER,
    reason: str = "stop",
) -> Reply:
    """Return a whole answer in Ollama's order: thinking, content, calls, end."""
    steps: list[Step] = [chunk(thinking=thought) for thought in thinking]
    steps += [chunk(text) for text in texts]
    numbered = [{**c, "function": {**c["function"], "index": i}} for i, c in enumerate(calls)]
    if numbered and delivery is Delivery.IN_LAST:
        return Reply((*steps, last(reason, tool_calls=numbered)))
    batches = [[c] for c in numbered] if delivery is Delivery.ONE_BY_ONE else [numbered]
    steps += [chunk(tool_calls=batch) for batch in batches if batch]
    return Reply((*steps, last(reason)))


def written_call(name: str, arguments: Mapping[str, Any]) -> Reply:
    """Return a call that a small model wrote as text instead of making it."""
    written = go_json({"name": name, "arguments": arguments}).decode()
    return say("<tool_call>", written, "</tool_call>")


def broken(reply: Reply, keep: int, *then: Step, ending: Ending = Ending.COMPLETE) -> Reply:
    """Return the first `keep` steps of `reply`, then `then` instead of the rest, then `ending`."""
    return replace(reply, steps=(*reply.steps[:keep], *then), ending=ending)


def failure(case: str, *, model: str = "qwen3.5:4b", value: str = "x") -> Reply:
    """Return the error `case` of `wire.ERRORS` as an answer of its own."""
    return refusal(*error_text(case, model=model, value=value))


def failure_line(case: str) -> dict[str, Any]:
    """Return the error `case` as the last line of a stream that had begun."""
    return {"error": error_text(case)[1]}


def refusal(status: int, text: str) -> Reply:
    """Return an error answer with any wording."""
    return Reply((go_json({"error": text}),), status, JSON)


def web_page() -> Reply:
    """Return what some other program on the port would answer."""
    return Reply((b"<!doctype html><title>Another program</title>",), 200, "text/html; charset=utf-8")
