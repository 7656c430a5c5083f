"""What every fake server shares: a socket, replies in order, who hung up, and an end that leaves no thread behind.

What a request means is up to the subclass; how bytes go out is in `connection.py` beside it.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import deque
from threading import Condition, Event, Thread
from types import TracebackType
from typing import Self

from assistant.llm.fake_ollama.connection import Server
from assistant.llm.fake_ollama.scripts import Reply


class ScriptedServer(ABC):
    """A context manager that listens on 127.0.0.1, on a free port where `port` is 0.

    `clients_gone` counts clients that hung up in the middle of their reply.
    """

    def __init__(self, *, port: int = 0, parallel: int = 1) -> None:
        self.clients_gone = 0
        self._replies: deque[Reply] = deque()
        self._changed = Condition()
        self._stopping = Event()
        self._server = Server(self._answer, self._client_gone, self._stopping, port=port, parallel=parallel)
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    @property
    def host(self) -> str:
        """The address: `127.0.0.1:PORT`."""
        return f"127.0.0.1:{self._server.server_address[1]}"

    @property
    def queued(self) -> int:
        """How many requests wait for a slot at this moment."""
        return self._server.queued

    def enqueue(self, *replies: Reply) -> Self:
        """Add replies for the next chats."""
        with self._changed:
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

    @abstractmethod
    def _answer(self, method: str, path: str, raw: bytes) -> Reply:
        """Return the reply to a request, with nothing but bytes and pauses as steps. Threads call it at once."""

    def _client_gone(self) -> None:
        with self._changed:
            self.clients_gone += 1
            self._changed.notify_all()
