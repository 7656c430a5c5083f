"""A request of /api/chat as Ollama reads it, and the pieces of its answer as events: JSON to values and back.

Pure functions; sending and waiting is in `assistant/llm/ollama_chat.py`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from assistant.llm.base import (
    Content,
    Finished,
    FinishReason,
    Message,
    ModelEvent,
    Thinking,
    ToolCall,
    ToolCalls,
    ToolSchema,
)

if TYPE_CHECKING:
    from assistant.llm.ollama_chat import Options

#: Overflow must be an error, never a cut: by default Ollama drops old messages, then the system prompt,
#: without a word. Both are the same in every request, because a change of `shift` reloads the model.
_NO_SILENT_CUT = {"truncate": False, "shift": False}

_NANOSECOND = 1e-9


def body_of(
    model: str,
    options: Options,
    messages: Sequence[Message],
    tools: Sequence[ToolSchema],
    schema: Mapping[str, Any] | None,
) -> dict[str, Any]:
    """Return the request. `think` is always there: left out, a model that can think does.

    With a schema it does not think and is cold: before 0.21.1 thoughts switch the schema off, and later ones
    may use up the whole answer.
    """
    settings: dict[str, Any] = {
        "num_ctx": options.num_ctx,
        "num_predict": options.num_predict,
        "temperature": options.temperature,
    }
    if options.seed is not None:
        settings["seed"] = options.seed
    body: dict[str, Any] = {
        "model": model,
        "messages": [_message(message) for message in messages],
        "stream": True,
        "think": options.think,
        "keep_alive": options.keep_alive,
        "options": settings,
        **_NO_SILENT_CUT,
    }
    if schema is not None:
        body |= {"think": False, "format": dict(schema)}
        settings["temperature"] = 0.0
    if tools:
        body["tools"] = [_tool(tool) for tool in tools]
    return body


def _message(message: Message) -> dict[str, Any]:
    wire: dict[str, Any] = {"role": message.role.value, "content": message.content}
    if message.tool_calls:
        wire["tool_calls"] = [_call(index, call) for index, call in enumerate(message.tool_calls)]
    if message.tool_name:
        wire["tool_name"] = message.tool_name
    if message.tool_call_id:
        wire["tool_call_id"] = message.tool_call_id
    return wire


def _call(index: int, call: ToolCall) -> dict[str, Any]:
    function = {"index": index, "name": call.name, "arguments": dict(call.arguments)}
    return {"id": call.id, "function": function} if call.id else {"function": function}


def _tool(tool: ToolSchema) -> dict[str, Any]:
    return {
        "type": "function",
        "function": {
            "name": tool.name,
            "description": tool.description,
            "parameters": dict(tool.parameters),
        },
    }


def events_of(chunk: Mapping[str, Any]) -> Iterator[ModelEvent]:
    """Yield what one chunk says, in the order in which a model says it."""
    message = chunk["message"]
    if thinking := message.get("thinking"):
        yield Thinking(str(thinking))
    if text := message.get("content"):
        yield Content(str(text))
    if calls := message.get("tool_calls"):
        yield ToolCalls(tuple(_read_call(call["function"], call.get("id")) for call in calls))
    if chunk.get("done"):
        yield _finished(chunk)


def _read_call(function: Mapping[str, Any], call_id: str | None) -> ToolCall:
    return ToolCall(str(function["name"]), dict(function.get("arguments") or {}), call_id or "")


def _finished(chunk: Mapping[str, Any]) -> Finished:
    reason = chunk.get("done_reason")
    return Finished(
        # A name that is new to us ends an answer just as well: the text is complete and was shown.
        FinishReason(reason) if reason in set(FinishReason) else FinishReason.STOP,
        prompt_tokens=chunk.get("prompt_eval_count", 0),
        answer_tokens=chunk.get("eval_count", 0),
        total_duration=chunk.get("total_duration", 0) * _NANOSECOND,
        load_duration=chunk.get("load_duration", 0) * _NANOSECOND,
        prompt_duration=chunk.get("prompt_eval_duration", 0) * _NANOSECOND,
        answer_duration=chunk.get("eval_duration", 0) * _NANOSECOND,
    )
