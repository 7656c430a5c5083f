"""What every door holds: the assistant, its memory, and the lanes in which work runs beside the event loop.

Notes mode runs in a small pool: its work is Python's, of which one thread runs at a time, and a second only lets a
short question pass a long demo. Whatever a model does waits for its turn in a lane of its own (`api.lanes`), so that
notes mode never waits for a model.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing, suppress
from contextvars import copy_context
from datetime import UTC, datetime
from functools import cached_property, partial
from typing import TypeVar

from api.lanes import ModelLane
from api.observing.metrics import Metrics
from assistant.answering.notes_mode import NotesMode
from assistant.asking import Considered
from assistant.chats import Chats
from assistant.events import Answer, Done, Event, Status, Turn, Waiting
from assistant.language import say
from assistant.store import Store
from assistant.study import Assistant
from corpus.errors import StudyError

T = TypeVar("T")

_THREADS = 2


def now_utc() -> datetime:
    """Return the time."""
    return datetime.now(UTC)


async def _admit() -> None:
    """Refuse nobody."""


class Service:
    """One assistant behind all doors of a process."""

    def __init__(self, assistant: Assistant, *, clock: Callable[[], datetime] = now_utc) -> None:
        self.assistant = assistant
        self.clock = clock
        #: What is counted and timed; doors tell it of grades, the rest comes by itself.
        self.metrics = Metrics()
        #: Awaited before anybody joins the line for the model. It raises what refuses them.
        self.admit_to_model: Callable[[], Awaitable[None]] = _admit
        self._pool = ThreadPoolExecutor(_THREADS, "notes")
        self._model = ModelLane(lambda: self.store.tickets, patience=assistant.settings.timeout)
        self.metrics.queue_length = lambda: self._model.waiting

    @cached_property
    def store(self) -> Store:
        """What is remembered; nothing is opened before it is needed."""
        return Store(self.assistant.settings.home)

    def chats(self, learner: str) -> Chats:
        """Return the conversations of `learner`."""
        return Chats(self.store, learner)

    async def run(self, work: Callable[[], T]) -> T:
        """Return what `work`, which asks no model, returns. It runs in the notes lane, on the newest index."""

        def on_newest() -> T:
            self.assistant.renew()
            return work()

        return await asyncio.get_running_loop().run_in_executor(self._pool, copy_context().run, on_newest)

    async def run_with_model(self, work: Callable[[], T]) -> T:
        """Return what `work`, which may ask a model, returns. It waits for its turn where there is a model.

        Raises `ModelBusy` where its turn does not come; then nothing has begun. Cancelling this cancels the work in
        the middle of a request to the model, so that what comes after it is not done either.
        """
        if await self._has_model():
            await self.admit_to_model()
            return await self._model.run(work)
        return await self.run(work)

    async def _has_model(self) -> bool:
        if self.assistant.settings.model == NotesMode.mode:
            return False
        return await self.run(lambda: self.assistant.answerer.mode != NotesMode.mode)

    async def ask(
        self,
        question: str,
        history: Sequence[Turn] = (),
        *,
        general: bool = False,
    ) -> AsyncGenerator[Event, None]:
        """Yield the events of an answer, ending with `Done`. Closing the generator stops the work.

        Who has to wait for a model is told the place in the line by `Waiting`. Raises what `Assistant.stream` raises,
        and `ModelBusy` where one's turn does not come. Nothing is kept; see `converse`.
        """
        considered, told = await self.run(lambda: self._considered(question, history, general))
        if considered.uses_model:
            await self.admit_to_model()
            language = considered.request.language

            def begin() -> Generator[Event, None, None]:
                considered.clock.lap("wait")
                return considered.events()

            def place(ahead: int) -> Event:
                return Waiting(say("wait_turn", language, ahead=ahead))

            async with aclosing(self._model.stream(begin, place)) as events:
                async for event in events:
                    if isinstance(event, Done):
                        self.metrics.answered(event.answer)
                    yield event
            return
        for event in told:
            if isinstance(event, Done):
                self.metrics.answered(event.answer)
            yield event

    def stream(
        self, begin: Callable[[], Generator[T, None, None]], waiting: Callable[[int], T]
    ) -> AsyncGenerator[T, None]:
        """Yield what `begin()` yields, which asks a model itself; see `ModelLane.stream`."""
        return self._model.stream(begin, waiting)

    def _considered(
        self, question: str, history: Sequence[Turn], general: bool
    ) -> tuple[Considered, Sequence[Event]]:
        """Return a question with, where no model is needed, its whole answer: one errand to the lane and not thirty."""
        considered = self.assistant.consider(question, history, general=general)
        return considered, () if considered.uses_model else tuple(considered.events())

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

    async def note_gap(self, learner: str, answer: Answer) -> None:
        """Keep what the notes did not cover as a gap of `learner`. A failing store never spoils an answer."""
        if answer.status is Status.NOT_IN_NOTES:
            gap = learner, answer.standalone, answer.nearest, self.clock()
            with suppress(StudyError):
                await self.run(lambda: self.store.gaps.record(*gap))

    def stop(self) -> None:
        """Let those who wait for the model go; nothing new begins there. What runs goes on."""
        self._model.stop()

    async def close(self) -> None:
        """Wait for what runs, and let nothing new begin."""
        await self._model.close()
        await asyncio.to_thread(self._pool.shutdown, cancel_futures=True)
