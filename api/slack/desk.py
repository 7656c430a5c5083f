"""Work that goes on after a delivery was acknowledged: bounded, in order within a thread, finished at shutdown."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from weakref import WeakValueDictionary

#: Threads that are worked on at once, the rest waits; and how many wait before no more are taken.
AT_ONCE, MOST = 16, 2_000


class Desk:
    """Runs work. What it runs deals with its own errors, being cancelled among them."""

    def __init__(self, at_once: int = AT_ONCE, most: int = MOST) -> None:
        self._most = most
        self._at_once = asyncio.Semaphore(at_once)
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._tasks: dict[asyncio.Task[None], str] = {}
        self._closed = False

    @property
    def takes_more(self) -> bool:
        """Whether there is room, and the shop is open."""
        return not self._closed and len(self._tasks) < self._most

    @property
    def open(self) -> list[str]:
        """The names of what is not done yet."""
        return list(self._tasks.values())

    def take(self, name: str, thread: str, work: Callable[[], Awaitable[None]]) -> None:
        """Run `work` when everything of the same `thread` that came before it is done."""
        turn = self._turns.setdefault(thread, asyncio.Lock())

        async def run() -> None:
            async with turn, self._at_once:
                await work()

        task = asyncio.create_task(run())
        self._tasks[task] = name
        task.add_done_callback(self._tasks.pop)

    async def close(self, seconds: float) -> list[str]:
        """Take nothing more; wait for what runs, and after `seconds` cancel it. Return the names of what was."""
        self._closed = True
        if not self._tasks:
            return []
        _, late = await asyncio.wait(list(self._tasks), timeout=seconds)
        names = [self._tasks[task] for task in late]
        for task in late:
            task.cancel()
        if late:
            await asyncio.wait(late)
        return names
