"""Stop what a thread does at a model, from another thread: the answer for somebody who has left.

A thread that waits for a server's next byte hears nothing, so its socket is shut under it. The work runs inside a
`Cancellation`; clients take `watch` as a hook, which notes the socket, and put `cancellable` around what they read.
Outside a cancellation both do nothing.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from threading import Lock
from typing import Any, Protocol, TypeVar

T = TypeVar("T")


class Cancelled(BaseException):
    """The work was cancelled. As nobody waits for it, nothing may answer in its place: it is no `Exception`."""


class Cancellation:
    """One piece of work that can be cancelled, once, from any thread."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._is_cancelled = False
        self._socket: socket.socket | None = None

    def run(self, work: Callable[[], T]) -> T:
        """Return what `work` returns. Raises `Cancelled` where it was cancelled before or during a wait."""
        token = _current.set(self)
        try:
            self.check()
            return work()
        finally:
            _current.reset(token)
            with self._lock:
                self._socket = None  # it may serve others from here on

    def cancel(self) -> None:
        """Let the work end: at once where it waits for a server, else at its next `check`."""
        with self._lock:
            self._is_cancelled = True
            if self._socket is not None:
                _shut(self._socket)

    def check(self) -> None:
        """Raise `Cancelled` if it was."""
        if self._is_cancelled:
            raise Cancelled

    def traced(self, name: str, info: Mapping[str, Any]) -> None:
        """Note the socket of a connection that was opened; this is httpcore's extension `trace`."""
        stream = info.get("return_value")
        if stream is not None and name.endswith(".complete") and hasattr(stream, "get_extra_info"):
            with self._lock:
                self._socket = stream.get_extra_info("socket")
                if self._is_cancelled and self._socket is not None:
                    _shut(self._socket)


_current: ContextVar[Cancellation | None] = ContextVar("cancellation", default=None)


class _Request(Protocol):
    """A request of httpx, or of a fork of it."""

    extensions: Any


def check() -> None:
    """Raise `Cancelled` if the work that runs here was cancelled."""
    if cancellation := _current.get():
        cancellation.check()


def watch(request: _Request) -> None:
    """Let a request be cancelled: a hook that httpx calls before it sends. Raises `Cancelled`."""
    if cancellation := _current.get():
        cancellation.check()
        request.extensions["trace"] = cancellation.traced


@contextmanager
def cancellable() -> Iterator[None]:
    """Raise `Cancelled` in place of the error that reading from a shut socket gives."""
    try:
        yield
    except Exception:
        check()
        raise


def _shut(connection: socket.socket) -> None:
    """End both directions, which wakes who reads. Closing would not, and its number could become another's."""
    with suppress(OSError):
        # Of a TLS socket the layer below: its own method would pull the layer away under the reader.
        socket.socket.shutdown(connection, socket.SHUT_RDWR)
