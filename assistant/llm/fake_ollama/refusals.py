"""What Ollama itself refuses, in the order in which it looks, with its own words."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from assistant.llm.fake_ollama.models import FakeModel
from assistant.llm.fake_ollama.scripts import Reply, failure, refusal
from assistant.llm.fake_ollama.wire import tagged

_NAME = re.compile(r"[\w.\-]+(/[\w.\-]+)*(:[\w.\-]+)?")
_THINK_LEVELS = ("low", "medium", "high", "max")
_INTEGERS = ("num_ctx", "num_predict", "num_keep", "top_k", "seed", "num_batch", "num_gpu", "num_thread")


def chat_refusal(body: Mapping[str, Any], models: Mapping[str, FakeModel]) -> Reply | None:
    """Return the refusal of a /api/chat request by a server that has `models` (by tagged name), or None."""
    for message in body.get("messages") or []:
        for made in message.get("tool_calls") or []:
            if not isinstance(made["function"].get("arguments"), dict):
                return refusal(
                    400,
                    "json: cannot unmarshal string into Go struct field "
                    "ChatRequest.messages.tool_calls.function.arguments of type map[string]interface {}",
                )
    think = body.get("think")
    if isinstance(think, str) and think not in _THINK_LEVELS:
        return failure("bad think", value=think)
    name = str(body.get("model") or "")
    if refused := name_refusal(name, models, "chat not found"):
        return refused
    model = models[tagged(name)]
    if not model.can("completion"):
        return failure("no chat", model=name)
    if body.get("tools") and not model.can("tools"):
        return failure("no tools", model=name)
    if think and not model.can("thinking"):
        return failure("no thinking", model=name)
    for option, value in (body.get("options") or {}).items():
        if option in _INTEGERS and (isinstance(value, bool) or not isinstance(value, (int, float))):
            return failure("bad option", value=option)
    return None


def name_refusal(name: str, models: Mapping[str, FakeModel], missing: str) -> Reply | None:
    """Return the refusal of a model name; `missing` is the endpoint's case of `wire.ERRORS`."""
    if not name:
        return failure("no model")
    if not _NAME.fullmatch(name):
        return failure("bad name")
    return None if tagged(name) in models else failure(missing, model=name)
