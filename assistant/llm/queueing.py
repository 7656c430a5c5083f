"""One generation at a time, and what is being waited for: the queue that a local model server does not show.

Ollama lets a second request to a loaded model wait without a byte, so the waiting is done here, where it can be
seen. The queue is first come, first served within a process; between processes a lock file decides. What a model
says and how it is asked is not touched.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import closing, suppress
from functools import cache
from pathlib import Path
from threading import Condition
from typing import TYPE_CHECKING, Any, Protocol

from assistant.llm.base import (
    ChatModel,
    Finished,
    Loadable,
    Message,
    ModelBusy,
    ModelEvent,
    ToolSchema,
    WaitFor,
    Waiting,
    Window,
    Windowed,
)
from assistant.llm.cancelling import check

if TYPE_CHECKING:
    from filelock import FileLock

#: After so many idle seconds it is looked up anew whether the model is still in memory.
_LOADED_FOR = 60.0
#: How often the lock of another process is tried, in seconds.
_GLANCE = 0.05


class LocalModel(ChatModel, Loadable, Windowed, Protocol):
    """A model of a server on which one answer is written at a time."""

    def schema_advice(self) -> str:
        """Return what to do about a server that ignores JSON schemas, "" where it obeys."""
        ...


class Queue:
    """Who waits for one server, in order. `loading` tells that the first one only loads the model."""

    def __init__(self) -> None:
        self._waiting: dict[object, bool] = {}
        self._changed = Condition()

    def enter(self, *, loading: bool = False) -> object:
        """Join at the end; return the ticket that `leave` takes back."""
        ticket = object()
        with self._changed:
            self._waiting[ticket] = loading
        return ticket

    def leave(self, ticket: object) -> None:
        """Go, whether served or not."""
        with self._changed:
            self._waiting.pop(ticket, None)
            self._changed.notify_all()

    def before(self, ticket: object) -> Waiting | None:
        """Return what `ticket` waits for, None when it is its turn."""
        with self._changed:
            return self._before(ticket)

    def wait_for_change(self, ticket: object, seen: Waiting, until: float) -> None:
        """Return when `before(ticket)` is no longer `seen`, or at the monotonic time `until`."""
        with self._changed:
            self._changed.wait_for(lambda: self._before(ticket) != seen, max(until - time.monotonic(), 0))

    def _before(self, ticket: object) -> Waiting | None:
        ahead = list(self._waiting).index(ticket)
        if not ahead:
            return None
        loads = next(iter(self._waiting.values()))
        return Waiting(WaitFor.LOADING) if loads and ahead == 1 else Waiting(WaitFor.TURN, ahead)


@cache
def queue_of(server: str) -> Queue:
    """Return the one queue of this process for the server at `server`."""
    return Queue()


class OneAtATime:
    """`model`, asked by one at a time; `lock` is the file by which processes take turns. Implements `ChatModel`.

    Who has waited `patience` seconds for a turn gets `ModelBusy`.
    """

    def __init__(
        self, model: LocalModel, queue: Queue, *, lock: Path | None = None, patience: float = 300.0
    ) -> None:
        self.model = model
        self._queue, self._lock, self._patience = queue, lock, patience
        self._answered = float("-inf")

    @property
    def name(self) -> str:
        """The model's name."""
        return self.model.name

    @property
    def window(self) -> Window:
        """The model's window."""
        return self.model.window

    def schema_advice(self) -> str:
        """What the model advises."""
        return self.model.schema_advice()

    def is_loaded(self) -> bool:
        """Say whether an answer could begin at once."""
        return time.monotonic() - self._answered < _LOADED_FOR or self.model.is_loaded()

    def preload(self) -> Finished:
        """Load the model in its turn. Raises `ModelError`."""
        *_, last = self._in_turn(self._loaded, loading=True)
        assert isinstance(last, Finished)
        return last

    def stream(
        self,
        messages: Sequence[Message],
        tools: Sequence[ToolSchema] = (),
        *,
        schema: Mapping[str, Any] | None = None,
    ) -> Generator[ModelEvent, None, None]:
        """Yield what is waited for until it is our turn, then what the model says. Raises `ModelError`."""
        return self._in_turn(lambda: self._said(messages, tools, schema))

    def _said(
        self, messages: Sequence[Message], tools: Sequence[ToolSchema], schema: Mapping[str, Any] | None
    ) -> Generator[ModelEvent, None, None]:
        yield Waiting(WaitFor.FIRST_WORD if self.is_loaded() else WaitFor.LOADING)
        with closing(self.model.stream(messages, tools, schema=schema)) as events:
            yield from events
        self._answered = time.monotonic()

    def _loaded(self) -> Generator[ModelEvent, None, None]:
        yield self.model.preload()
        self._answered = time.monotonic()

    def _in_turn(
        self, work: Callable[[], Generator[ModelEvent, None, None]], *, loading: bool = False
    ) -> Generator[ModelEvent, None, None]:
        ticket = self._queue.enter(loading=loading)
        held: FileLock | None = None
        try:
            until = time.monotonic() + self._patience
            while waiting := self._queue.before(ticket):
                yield waiting
                self._queue.wait_for_change(ticket, waiting, until)
                if time.monotonic() >= until:
                    raise ModelBusy(
                        f"{self.name!r} is still writing another answer after {self._patience:g} s",
                        "Wait a moment and ask again.",
                    )
            held = self._open_lock()
            shown = False
            while held is not None and not _taken(held) and time.monotonic() < until:
                if not shown:
                    yield Waiting(WaitFor.TURN, 1)
                shown = True
                time.sleep(_GLANCE)
                check()
            with closing(work()) as events:
                yield from events
        finally:
            if held is not None:
                held.release(force=True)
            self._queue.leave(ticket)

    def _open_lock(self) -> FileLock | None:
        """Return the lock between processes; None where the folder cannot be written: then the server decides."""
        if self._lock is None:
            return None
        from filelock import FileLock

        with suppress(OSError):
            self._lock.parent.mkdir(parents=True, exist_ok=True)
            # A door may read one answer from several threads.
            lock = FileLock(self._lock, thread_local=False)
            _taken(lock)
            return lock
        return None


def _taken(lock: FileLock) -> bool:
    """Take the lock if it is free, and say whether we have it."""
    from filelock import Timeout

    if lock.is_locked:
        return True
    try:
        lock.acquire(timeout=0)
    except Timeout:
        return False
    return True
