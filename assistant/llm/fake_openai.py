"""A scripted server of the OpenAI chat API on a real socket, for tests and demonstrations.

    with FakeOpenAI() as server:
        server.enqueue(said("批归一化", "用于……"))
        model = OpenAIModel("tiny", base_url=server.base_url)

Replies to /chat/completions are given in order; what they say is up to the script. The socket work is that of the
fake Ollama.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Mapping, Sequence
from threading import Condition, Event, Thread
from types import TracebackType
from typing import Any, Self

from assistant.llm.fake_ollama.connection import Server
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


class FakeOpenAI:
    """A context manager that listens on a free port of 127.0.0.1.

    `chats` are the bodies sent to /chat/completions.
    """

    def __init__(self, *, models: Sequence[str] = ("tiny",), foreign: Reply | None = None) -> None:
        self.chats: list[Mapping[str, Any]] = []
        self.clients_gone = 0
        self._models, self._foreign = models, foreign
        self._replies: deque[Reply] = deque()
        self._changed = Condition()
        self._stopping = Event()
        self._server = Server(self._answer, self._client_gone, self._stopping)
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    @property
    def base_url(self) -> str:
        """The address with its /v1."""
        return f"http://127.0.0.1:{self._server.server_address[1]}/v1"

    def enqueue(self, *replies: Reply) -> Self:
        """Add replies for the next chats."""
        self._replies.extend(replies)
        return self

    def wait_for_clients_gone(self, count: int = 1, timeout: float = 10.0) -> bool:
        """Wait until `count` clients have hung up in the middle of their reply; False after `timeout` s."""
        with self._changed:
            return self._changed.wait_for(lambda: self.clients_gone >= count, timeout)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopping.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _client_gone(self) -> None:
        with self._changed:
            self.clients_gone += 1
            self._changed.notify_all()

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
