"""The lane to the model: one at a time, first come first served over all processes, and nobody holds a thread to wait.

Who waits is a coroutine that is told its place. Order and places come from tickets in the store: every process asks
for the line now and then and whenever one of its own comes or goes. That two never generate at once is held below, by
the file lock of `assistant.llm.queueing`. The lock knows no order, but programs that take no ticket (a chat in a
terminal) heed it, and the system frees it the moment a process dies, whereas tickets of the dead run out only after
`assistant.store.tickets.ALIVE` seconds. Where the store cannot be written, the order is that within this process.
"""

from __future__ import annotations

import asyncio
import logging
import os
import time
import uuid
from collections.abc import AsyncGenerator, Callable, Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from contextvars import copy_context
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar

from assistant.llm.base import ModelBusy
from assistant.llm.cancelling import Cancellation, Cancelled
from assistant.store.tickets import ALIVE, Ticket, Tickets
from corpus.errors import StudyError

T = TypeVar("T")

#: So many may wait for the model, over all processes. Each costs an open connection and some 30 kB.
MOST_WAITING = 1_024
#: How often the line is looked at while somebody waits, in seconds.
GLANCE = 0.25

_log = logging.getLogger(__name__)


class TooManyWaiting(ModelBusy):
    """The line is as long as it may be."""

    retry_after = 60


class WaitedTooLong(ModelBusy):
    """It was not one's turn within the patience of the settings."""

    retry_after = 30


class Stopping(ModelBusy):
    """The server is being stopped and begins nothing new."""


@dataclass(eq=False, slots=True)
class _Place:
    """A place in the line, held until the loop's time `until`. `ahead` counts who goes first, None: not known yet."""

    until: float
    ticket: int | None = None
    ahead: int | None = None
    moved: asyncio.Event = field(default_factory=asyncio.Event)


class ModelLane:
    """Work of a model, one piece at a time, in a thread of its own. `tickets` is the line, None: that of this process.

    To be used from one event loop. `patience` is how long one waits for one's turn, in seconds.
    """

    def __init__(
        self,
        tickets: Callable[[], Tickets] | None = None,
        *,
        patience: float = 300.0,
        most: int = MOST_WAITING,
    ) -> None:
        self._tickets = tickets
        self._patience = patience
        self._most = most
        self._holder = f"{os.getpid()}-{uuid.uuid4().hex}"
        self._thread = ThreadPoolExecutor(1, "model")
        self._places: dict[_Place, None] = {}  # in the order they came; who is served is among them
        self._left: list[int] = []  # tickets to give back
        self._length = 0  # of the line over all processes, when last seen
        self._said_alive = 0.0
        self._news = asyncio.Event()
        self._keeper: asyncio.Task[None] | None = None
        self._served: set[Cancellation] = set()
        self._is_stopping = False

    @property
    def waiting(self) -> int:
        """How many of this process wait or are served."""
        return len(self._places)

    async def run(self, work: Callable[[], T]) -> T:
        """Return what `work` returns, once it is its turn. Cancelling leaves the line, or cancels the work.

        Raises `TooManyWaiting`, `WaitedTooLong` and `Stopping`, each before the work has begun.
        """
        place, ahead = self._enter(), None
        try:
            while ahead != 0:
                ahead = await self._moved(place, ahead)
        except BaseException:
            self._leave(place)
            raise
        cancellation = Cancellation()
        running = self._begin(place, work, cancellation)
        try:
            return await asyncio.shield(running)
        finally:
            cancellation.cancel()

    async def stream(
        self, begin: Callable[[], Generator[T, None, None]], waiting: Callable[[int], T]
    ) -> AsyncGenerator[T, None]:
        """Yield what `begin()` yields, once it is its turn; before that `waiting(ahead)` whenever one's place changes.

        What the model says is kept until it is read, so that a slow reader never holds the lane. Closing this
        generator leaves the line, or cancels the model's request and closes the inner generator. Raises what `run`
        raises.
        """
        place, ahead = self._enter(), None
        try:
            while (ahead := await self._moved(place, ahead)) != 0:
                yield waiting(ahead)
        except BaseException:
            self._leave(place)
            raise
        loop = asyncio.get_running_loop()
        said: asyncio.Queue[tuple[T] | None] = asyncio.Queue()  # bounded by the longest answer
        cancellation = Cancellation()

        def listen() -> None:
            with closing(begin()) as events:
                for event in events:
                    loop.call_soon_threadsafe(said.put_nowait, (event,))
                    cancellation.check()

        running = self._begin(place, listen, cancellation)
        running.add_done_callback(lambda _: said.put_nowait(None))
        try:
            while (event := await said.get()) is not None:
                yield event[0]
            await running
        finally:
            cancellation.cancel()

    def stop(self) -> None:
        """Begin nothing new, and let those who wait go with `Stopping`. Who is served goes on."""
        self._is_stopping = True
        for place in self._places:
            place.moved.set()

    async def close(self) -> None:
        """Stop, cancel who is still served, and give all places back."""
        self.stop()
        for cancellation in self._served:
            cancellation.cancel()
        await asyncio.to_thread(self._thread.shutdown)
        if self._keeper:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._keeper, ALIVE)

    def _enter(self) -> _Place:
        if self._is_stopping:
            raise _stopping()
        if max(len(self._places), self._length) >= self._most:
            raise TooManyWaiting(
                f"{self._most:,} already wait for the model", "Ask again in some minutes, or set model=notes."
            )
        place = _Place(asyncio.get_running_loop().time() + self._patience)
        self._places[place] = None
        self._news.set()
        if self._keeper is None:
            self._keeper = asyncio.create_task(self._keep())
        return place

    def _leave(self, place: _Place) -> None:
        if place in self._places:
            del self._places[place]
            if place.ticket is not None:
                self._left.append(place.ticket)
            self._news.set()

    async def _moved(self, place: _Place, told: int | None) -> int:
        """Return how many are ahead once that is not `told`; 0 says that it is the turn of `place`."""
        while place.ahead is None or place.ahead == told:
            if self._is_stopping:
                raise _stopping()
            place.moved.clear()
            try:
                async with asyncio.timeout_at(place.until):
                    await place.moved.wait()
            except TimeoutError:
                raise WaitedTooLong(
                    f"the model was busy with other answers for {self._patience:g} s",
                    "Ask again later; `timeout` of the settings says how long to wait.",
                ) from None
        return place.ahead

    def _begin(self, place: _Place, work: Callable[[], T], cancellation: Cancellation) -> asyncio.Future[T]:
        """Start `work` in the thread; the place is given up when it has really ended, whoever still waits for it."""
        run = partial(copy_context().run, _quietly, cancellation, work)
        running: asyncio.Future[T] = asyncio.get_running_loop().run_in_executor(self._thread, run)
        self._served.add(cancellation)

        def end(done: asyncio.Future[T]) -> None:
            self._served.discard(cancellation)
            self._leave(place)
            done.exception()  # looked at here, since perhaps nobody waits for it any more

        running.add_done_callback(end)
        return running

    async def _keep(self) -> None:
        """Hold our part of the line and tell everybody their place, as long as there is anybody."""
        while self._places or self._left:
            self._news.clear()
            self._tell(await self._line())
            with suppress(TimeoutError):
                async with asyncio.timeout(GLANCE):
                    await self._news.wait()
        self._length = 0
        self._keeper = None

    async def _line(self) -> Sequence[Ticket] | None:
        """Return the line with all of ours in it, None where there is none but our own."""
        if self._tickets is None:
            self._left.clear()
            return None
        arriving = [place for place in self._places if place.ticket is None]
        leaving, self._left = self._left, []
        now = time.time()
        try:
            tickets = self._tickets().of("model", self._holder)
            if not (arriving or leaving) and now - self._said_alive < ALIVE / 4:
                return await asyncio.to_thread(tickets.line, now)
            line = await asyncio.to_thread(tickets.exchange, now, len(arriving), leaving)
        except StudyError as error:
            _log.warning("the line for the model is this process's own from here on: %s", error.message)
            self._tickets = None
            return None
        self._said_alive = now
        new = [ticket.id for ticket in line if ticket.is_mine][-len(arriving) :] if arriving else []
        for place, ticket in zip(arriving, new, strict=True):
            place.ticket = ticket
            if place not in self._places:  # left while we asked
                self._left.append(ticket)
                self._news.set()
        return line

    def _tell(self, line: Sequence[Ticket] | None) -> None:
        if line is None:
            ahead = {place: number for number, place in enumerate(self._places)}
        else:
            numbers = {ticket.id: number for number, ticket in enumerate(line) if ticket.is_mine}
            for place in self._places:
                if place.ticket not in numbers:
                    if (
                        place.ticket is not None
                    ):  # this machine slept, and ours ran out: once more, at the end
                        place.ticket = None
                    self._news.set()
            ahead = {place: numbers[place.ticket] for place in self._places if place.ticket is not None}
        self._length = len(line or self._places)
        for place, number in ahead.items():
            if place.ahead != number and place.ahead != 0:
                place.ahead = number
                place.moved.set()


def _quietly(cancellation: Cancellation, work: Callable[[], T]) -> T:
    """Return what `work` returns. What was cancelled is an error only to those who still ask."""
    try:
        return cancellation.run(work)
    except Cancelled:
        raise _stopping() from None


def _stopping() -> Stopping:
    return Stopping("the server is being stopped", "Ask again in a moment.")
