"""Replies onto a socket: one thread per connection, chunked NDJSON, pauses, resets, and who hung up.

It knows how bytes go out, not what they say.
"""

from __future__ import annotations

import os
import select
import socket
import struct
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import BoundedSemaphore, Event, Lock
from typing import Any

from assistant.llm.fake_ollama.scripts import Ending, Pause, Reply, Step
from assistant.llm.fake_ollama.wire import NDJSON

#: Paths whose requests wait for one another, without a byte, as those of a loaded model do.
GENERATING = ("/api/chat", "/api/embed")
#: How often a pause looks whether the client is still there, in seconds.
_GLANCE = 0.01


class Server(ThreadingHTTPServer):
    """Answers with `answer(method, path, body)`; tells `client_gone` of clients that left too early.

    `parallel` requests are generated for at once, as with OLLAMA_NUM_PARALLEL; `queued` counts those that wait.
    """

    daemon_threads = False  # so that closing waits for them, and no thread outlives its test

    def __init__(
        self,
        answer: Callable[[str, str, bytes], Reply],
        client_gone: Callable[[], None],
        stopping: Event,
        *,
        port: int = 0,
        parallel: int = 1,
    ) -> None:
        self.answer, self.client_gone, self.stopping = answer, client_gone, stopping
        self.queued = 0
        self._slots, self._counting = BoundedSemaphore(parallel), Lock()
        self._open: set[socket.socket] = set()
        super().__init__(("127.0.0.1", port), _Handler)

    @contextmanager
    def turn(self, path: str, glance: Callable[[], None]) -> Iterator[None]:
        """Hold a slot where `path` generates; while there is none, `glance` may raise to give up."""
        if path not in GENERATING:
            yield
            return
        self._count(+1)
        try:
            while not self._slots.acquire(timeout=_GLANCE):
                glance()
        finally:
            self._count(-1)
        try:
            yield
        finally:
            self._slots.release()

    def _count(self, change: int) -> None:
        with self._counting:
            self.queued += change

    def process_request(self, request: Any, client_address: Any) -> None:
        """Remember the connection, then answer it in a thread of its own."""
        self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        """Close a connection that was answered."""
        self._open.discard(request)
        super().shutdown_request(request)

    def server_close(self) -> None:
        """Hang up on everybody, wait for the threads and stop listening."""
        for connection in list(self._open):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        super().server_close()


class _Handler(BaseHTTPRequestHandler):
    """One connection, kept open between requests as Ollama keeps it."""

    protocol_version = "HTTP/1.1"
    server: Server

    def handle(self) -> None:
        with suppress(ConnectionError):
            super().handle()

    def _serve(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        path = self.path.partition("?")[0]
        try:
            with self.server.turn(path, self._glance):
                self._play(self.server.answer(self.command, path, body))
        except (ConnectionError, TimeoutError):
            self.close_connection = True
            if not self.server.stopping.is_set():
                self.server.client_gone()

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = _serve

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing: the requests are recorded."""

    def _play(self, reply: Reply) -> None:
        """Send a reply; raises `ConnectionError` when the client has gone."""
        chunked = reply.content_type == NDJSON
        begun = False
        for step in _writes(reply.steps, reply.piece):
            if isinstance(step, Pause):
                self._wait(step.seconds)
                continue
            self._raise_if_gone()
            if not begun:
                self._head(reply)
                begun = True
            if step and self.command != "HEAD":
                self.connection.sendall(b"%x\r\n%b\r\n" % (len(step), step) if chunked else step)
        if not begun:
            self._head(reply)
        match reply.ending:
            case Ending.COMPLETE:
                with suppress(ConnectionError):  # a client may leave as soon as it has read the last line
                    self.connection.sendall(b"0\r\n\r\n" if chunked else b"")
            case Ending.UNTERMINATED:
                self.close_connection = True
            case Ending.RESET:
                self.close_connection = True
                linger = struct.pack("ii", 1, 0)
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
                os.close(self.connection.detach())  # at once: a shutdown first would be a polite end

    def _head(self, reply: Reply) -> None:
        self.send_response_only(reply.status)
        self.send_header("Content-Type", reply.content_type)
        if reply.content_type == NDJSON:
            self.send_header("Transfer-Encoding", "chunked")
        else:
            size = sum(len(step) for step in reply.steps if isinstance(step, bytes))
            self.send_header("Content-Length", str(size))
        self.end_headers()

    def _wait(self, seconds: float | None) -> None:
        until = None if seconds is None else time.monotonic() + seconds
        while until is None or time.monotonic() < until:
            self.server.stopping.wait(_GLANCE)
            self._glance()

    def _glance(self) -> None:
        """Give up where the server is being closed or the client has gone."""
        if self.server.stopping.is_set():
            raise ConnectionAbortedError
        self._raise_if_gone()

    def _raise_if_gone(self) -> None:
        readable, _, _ = select.select([self.connection], [], [], 0)
        if readable and not self.connection.recv(1, socket.MSG_PEEK):
            raise ConnectionAbortedError


def _writes(steps: Sequence[Step], piece: int | None) -> Iterator[bytes | Pause]:
    """Yield what is written at once; between two pauses bytes are joined and cut anew to `piece`."""
    pending = b""
    for step in (*steps, Pause(0)):
        if isinstance(step, bytes) and piece is None:
            yield step
        elif isinstance(step, bytes):
            pending += step
        elif isinstance(step, Pause):
            size = piece or len(pending)
            for start in range(0, len(pending), max(size, 1)):
                yield pending[start : start + size]
            pending = b""
            yield step
