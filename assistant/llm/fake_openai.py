"""A scripted server of the OpenAI chat API on a real socket, for tests and demonstrations.

    with FakeOpenAI() as server:
        server.enqueue(said("批归一化", "用于……"))
        model = OpenAIModel("tiny", base_url=server.base_url)

Replies to /chat/completions are given in order; what they say is up to the script. The socket is that of
every fake (`assistant/llm/fake_ollama/scripted_server.py`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from assistant.llm.fake_ollama.scripted_server import ScriptedServer
from assistant.llm.fake_ollama.scripts import Reply, Step

SSE = "text/event-stream"
JSON = "application/json"


def event(data: Mapping[str, Any]) -> bytes:
    """Return one server-sent event."""
    return b"data: " + json.dumps(data, ensure_ascii=False).encode() + b"\n\n"


def delta(reason: str | None = None, **more: Any) -> bytes:
    """Return a chunk; `more` is `content`, `reasoning_content` or `tool_calls`."""
    return event({"choices": [{"index": 0, "delta": more, "finish_reason": reason}]})


DONE = b"data: [DONE]\n\n"
USAGE = event({"choices": [], "usage": {"prompt_tokens": 26, "completion_tokens": 3}})


def stream(*chunks: Step) -> Reply:
    """Return a stream of exactly these chunks."""
    return Reply(chunks, content_type=SSE)


def said(*texts: str, thinking: Sequence[str] = (), reason: str = "stop") -> Reply:
    """Return a whole answer: thinking, content, reason, usage."""
    thoughts = [delta(reasoning_content=text) for text in thinking]
    return stream(*thoughts, *(delta(content=text) for text in texts), delta(reason), USAGE, DONE)


def refused(status: int, message: str, **more: Any) -> Reply:
    """Return an error as the API words it."""
    return Reply((json.dumps({"error": {"message": message, **more}}).encode(),), status, JSON)


class FakeOpenAI(ScriptedServer):
    """A server of `models`; `chats` are the bodies sent to /chat/completions."""

    def __init__(self, *, models: Sequence[str] = ("tiny",), foreign: Reply | None = None) -> None:
        super().__init__()
        self.chats: list[Mapping[str, Any]] = []
        self._models, self._foreign = models, foreign

    @property
    def base_url(self) -> str:
        """The address with its /v1."""
        return f"http://{self.host}/v1"

    def _answer(self, method: str, path: str, raw: bytes) -> Reply:
        if self._foreign:
            return self._foreign
        if (method, path) == ("GET", "/v1/models"):
            listed = [{"id": name, "object": "model"} for name in self._models]
            return Reply((json.dumps({"object": "list", "data": listed}).encode(),), 200, JSON)
        if (method, path) != ("POST", "/v1/chat/completions"):
            return refused(404, f"no route {method} {path}")
        with self._changed:
            self.chats.append(json.loads(raw))
            return self._replies.popleft() if self._replies else refused(500, "no reply was enqueued")
