"""What every door holds: the assistant, its memory, and the lanes in which work runs beside the event loop.

Notes mode runs in a small pool, since more threads than cores only take turns. Whatever a model does waits for its
turn in a lane of its own, so that notes mode never waits for a model.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing
from datetime import UTC, datetime
from functools import cached_property, partial
from typing import TypeVar

from assistant.chats import Chats
from assistant.events import Done, Event, Turn
from assistant.store import Store
from assistant.study import Assistant

T = TypeVar("T")

_THREADS = 2


def now_utc() -> datetime:
    """Return the time."""
    return datetime.now(UTC)


class Service:
    """One assistant behind all doors of a process."""

    def __init__(self, assistant: Assistant, *, clock: Callable[[], datetime] = now_utc) -> None:
        self.assistant = assistant
        self.clock = clock
        self._pool = ThreadPoolExecutor(_THREADS, "notes")
        self._model_pool = ThreadPoolExecutor(1, "model")

    @cached_property
    def store(self) -> Store:
        """What is remembered; nothing is opened before it is needed."""
        return Store(self.assistant.settings.home)

    def chats(self, learner: str) -> Chats:
        """Return the conversations of `learner`."""
        return Chats(self.store, learner)

    async def run(self, work: Callable[[], T]) -> T:
        """Return what `work`, which asks no model, returns. It runs in the notes lane."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, work)

    async def run_with_model(self, work: Callable[[], T]) -> T:
        """Return what `work`, which may ask a model, returns. It waits for its turn at the model."""
        pool = self._pool if self.assistant.settings.model == "notes" else self._model_pool
        return await asyncio.get_running_loop().run_in_executor(pool, work)

    async def ask(
        self,
        question: str,
        history: Sequence[Turn] = (),
        *,
        general: bool = False,
    ) -> AsyncGenerator[Event, None]:
        """Yield the events of an answer, ending with `Done`. Closing the generator stops the work.

        Raises what `Assistant.stream` raises. Nothing is kept; see `converse`.
        """
        considered = await self.run(lambda: self.assistant.consider(question, history, general=general))
        run = self.run_with_model if considered.uses_model else self.run
        events = considered.events()
        try:
            while (event := await run(lambda: next(events, None))) is not None:
                yield event
        finally:
            await run(events.close)

    async def converse(
        self, learner: str, question: str, session_id: str | None = None, *, general: bool = False
    ) -> AsyncGenerator[Event | str, None]:
        """Yield the events of the next answer in a conversation and, after `Done`, the id of the session that keeps it.

        Raises `UnknownName` for a session that is not the learner's.
        """
        chats = self.chats(learner)
        history = await self.run(lambda: chats.turns(session_id)) if session_id else ()
        async with aclosing(self.ask(question, history, general=general)) as events:
            async for event in events:
                yield event
                if isinstance(event, Done):
                    kept = partial(chats.remember, session_id, event.answer, self.clock())
                    yield await self.run(kept)

    async def close(self) -> None:
        """Wait for what runs, and let nothing new begin."""
        for pool in (self._pool, self._model_pool):
            await asyncio.to_thread(pool.shutdown, wait=True, cancel_futures=True)
