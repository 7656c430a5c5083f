"""Ask a scripted server something: the few lines that the tests of the backend and of the fake share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import httpx

from assistant.llm.base import (
    Content,
    Message,
    ModelEvent,
    Role,
    ToolCall,
    ToolCalls,
    ToolSchema,
)
from assistant.llm.fake_ollama import (
    FakeOllama,
    Reply,
)
from assistant.llm.ollama_chat import OllamaModel, Options

NAME = "qwen3.5:4b"
QUESTION = [Message(Role.SYSTEM, "只根据笔记回答。"), Message(Role.USER, "什么是 batch normalization?")]
SOFTMAX = ToolSchema(
    "demo_softmax",
    "Compute softmax.",
    {
        "type": "object",
        "properties": {"x": {"type": "array", "items": {"type": "number"}}},
        "required": ["x"],
    },
)
#: Long enough that only a real hang reaches it.
PATIENT = Options(first_chunk_timeout=30.0, idle_timeout=30.0)


def model_of(server: FakeOllama, options: Options = PATIENT) -> OllamaModel:
    return OllamaModel(NAME, host=server.host, options=options)


def ask(
    server: FakeOllama,
    *replies: Reply,
    messages: Sequence[Message] = QUESTION,
    tools: Sequence[ToolSchema] = (),
    options: Options = PATIENT,
) -> list[ModelEvent]:
    server.enqueue(*replies)
    return list(model_of(server, options).stream(messages, tools))


def texts(events: Sequence[ModelEvent]) -> list[str]:
    return [event.text for event in events if isinstance(event, Content)]


def calls(events: Sequence[ModelEvent]) -> list[ToolCall]:
    return [made for event in events if isinstance(event, ToolCalls) for made in event.calls]


def body(**more: Any) -> dict[str, Any]:
    return {
        "model": NAME,
        "messages": [{"role": "user", "content": "什么是 BN?"}],
        "think": False,
        "options": {"num_ctx": 4096, "num_predict": 64},
        **more,
    }


def post(server: FakeOllama, path: str, sent: Any) -> httpx.Response:
    return httpx.post(f"http://{server.host}{path}", json=sent, trust_env=False, timeout=30)
