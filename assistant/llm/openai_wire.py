"""Messages and chunks of the OpenAI chat API, there and back. Pure: nothing here opens a connection."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from assistant.llm.base import (
    Content,
    Finished,
    FinishReason,
    Message,
    ModelEvent,
    Role,
    Thinking,
    ToolCall,
    ToolSchema,
)

_MILLISECOND = 1e-3


@dataclass(frozen=True, slots=True)
class Options:
    """How a model is run and how long it is waited for; timeouts are in seconds.

    `num_ctx` is not sent, because this API has no word for it: it is what the server was started with.
    `timeout` is the longest silence at any point: some servers answer with their headers before they have read
    the prompt, so the wait for the first piece cannot be told from the wait between two.
    """

    num_ctx: int = 8192
    num_predict: int = 1024
    think: bool | str = False
    temperature: float = 0.3
    seed: int | None = None
    connect_timeout: float = 3.0
    timeout: float = 300.0


def body_of(
    model: str,
    options: Options,
    messages: Sequence[Message],
    tools: Sequence[ToolSchema] = (),
    schema: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Return the request. `chat_template_kwargs` is the switch for thinking that vLLM and llama.cpp know."""
    body: dict[str, Any] = {
        "model": model,
        "messages": list(_messages(messages)),
        "stream": True,
        "stream_options": {"include_usage": True},
        "max_tokens": options.num_predict,
        "temperature": options.temperature,
        "chat_template_kwargs": {"enable_thinking": bool(options.think) and schema is None},
    }
    if isinstance(options.think, str) and schema is None:
        body["reasoning_effort"] = options.think
    if options.seed is not None:
        body["seed"] = options.seed
    if schema is not None:
        # Not `strict`: that accepts only schemas in which every property is required.
        form = {"name": "answer", "schema": dict(schema)}
        body |= {"response_format": {"type": "json_schema", "json_schema": form}, "temperature": 0.0}
    if tools:
        body["tools"] = [
            {
                "type": "function",
                "function": {
                    "name": tool.name,
                    "description": tool.description,
                    "parameters": dict(tool.parameters),
                },
            }
            for tool in tools
        ]
    return body


def _messages(messages: Sequence[Message]) -> Iterator[dict[str, Any]]:
    """Yield the messages on the wire. This API pairs calls and results by id, so calls without one get one."""
    awaiting: deque[str] = deque()
    made = 0
    for message in messages:
        wire: dict[str, Any] = {"role": message.role.value, "content": _sendable(message.content)}
        if message.tool_calls:
            ids = [call.id or f"call_{made + at}" for at, call in enumerate(message.tool_calls)]
            made += len(ids)
            awaiting = deque(ids)
            wire["tool_calls"] = [
                {
                    "id": call_id,
                    "type": "function",
                    "function": {
                        "name": call.name,
                        "arguments": json.dumps(dict(call.arguments), ensure_ascii=False),
                    },
                }
                for call_id, call in zip(ids, message.tool_calls, strict=True)
            ]
        if message.role is Role.TOOL:
            following = awaiting.popleft() if awaiting else ""
            wire["tool_call_id"] = message.tool_call_id or following
        yield wire


def _sendable(text: str) -> str:
    """Return `text` without lone surrogates, which a terminal can put into a question and UTF-8 cannot hold."""
    return text.encode("utf-8", "replace").decode()


class Reading:
    """What the chunks of one answer add up to. Its methods raise ValueError, TypeError or AttributeError over
    chunks of another form.
    """

    def __init__(self) -> None:
        self.answered = False
        self._reason = ""
        self._usage: Mapping[str, Any] = {}
        self._timings: Mapping[str, Any] = {}
        self._parts: dict[int, _Part] = {}

    def feed(self, chunk: Mapping[str, Any]) -> list[ModelEvent]:
        """Return what one chunk says. Calls are gathered until `finish`: their arguments come bit by bit."""
        self._usage = chunk.get("usage") or self._usage
        self._timings = chunk.get("timings") or self._timings
        events: list[ModelEvent] = []
        for choice in chunk.get("choices") or ():
            self._reason = choice.get("finish_reason") or self._reason
            delta = choice.get("delta") or {}
            # llama.cpp and older vLLM say `reasoning_content`, newer vLLM `reasoning`.
            if thinking := delta.get("reasoning_content") or delta.get("reasoning"):
                events.append(Thinking(str(thinking)))
            if text := delta.get("content"):
                self.answered |= not str(text).isspace()
                events.append(Content(str(text)))
            for piece in delta.get("tool_calls") or ():
                self._parts.setdefault(int(piece.get("index") or 0), _Part()).add(piece)
        return events

    def finish(self) -> tuple[tuple[ToolCall, ...], Finished | None]:
        """Return the calls and the end; None instead of an end where the server gave no reason for one.

        Raises ValueError naming a call whose arguments are no JSON object. Only llama.cpp tells durations.
        """
        if not self._reason:
            return (), None
        calls = tuple(part.call() for _, part in sorted(self._parts.items()))
        reading, writing = (
            float(self._timings.get(key) or 0) * _MILLISECOND for key in ("prompt_ms", "predicted_ms")
        )
        return calls, Finished(
            FinishReason.LENGTH if self._reason == "length" else FinishReason.STOP,
            prompt_tokens=int(self._usage.get("prompt_tokens") or 0),
            answer_tokens=int(self._usage.get("completion_tokens") or 0),
            total_duration=reading + writing,
            prompt_duration=reading,
            answer_duration=writing,
        )


@dataclass(slots=True)
class _Part:
    """A call as far as it has come: id and name come once, the arguments in pieces."""

    id: str = ""
    name: str = ""
    arguments: str = ""

    def add(self, piece: Mapping[str, Any]) -> None:
        function = piece.get("function") or {}
        self.id = self.id or str(piece.get("id") or "")
        self.name = self.name or str(function.get("name") or "")
        self.arguments += str(function.get("arguments") or "")

    def call(self) -> ToolCall:
        try:
            arguments = json.loads(self.arguments or "{}")
        except (ValueError, RecursionError):
            arguments = None
        if not isinstance(arguments, dict):
            raise ValueError(f"{self.name!r} called with {self.arguments[:200]!r}")
        return ToolCall(self.name, arguments, self.id)
