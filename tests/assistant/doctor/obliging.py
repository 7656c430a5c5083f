"""The fake's responder, except that one answer never ends: only a client that hangs up gets further."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from assistant.llm.fake_ollama import Pause, Reply
from assistant.llm.fake_ollama.answering import from_passages


def oblige(body: Mapping[str, Any]) -> Reply:
    """Return the reply to a request to /api/chat."""
    reply = from_passages(body)
    return Reply((*reply.steps[:2], Pause())) if "温度 T" in body["messages"][-1]["content"] else reply
