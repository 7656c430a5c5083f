"""How often one may ask, by `limits` over windows that all workers share, and cheap: not every request writes.

A limit is written as `limits` reads it: `120/minute`, or several as `10/second;1000/hour`. Its fixed windows begin
with the first request in them.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from limits import RateLimitItem, parse_many
from limits.storage import Storage
from limits.strategies import FixedWindowRateLimiter

from api.access.caller import Caller
from api.access.refusals import TooManyRequests
from assistant.store import Store
from assistant.store.rates import Windows
from corpus.errors import StudyError

#: Whoever is being served, for what happens far below a door: the turn at a model.
_served: ContextVar[Caller | None] = ContextVar("served", default=None)


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a caller stands: so many of `amount` in `length` seconds are left until `reset` seconds from now."""

    amount: int
    length: int
    remaining: int
    reset: int


@dataclass(slots=True)
class _Strip:
    """Numbers of a window that this process has taken and not all handed out: those from `next` to before `end`."""

    next: int
    end: int
    expires: float
    handed_out: int = 0


class SharedWindows(Storage):
    """Storage for `limits` in which a process takes numbers from the shared window in strips.

    A number is taken once, so never more than the limit pass. The strips of a process grow with what it handed out
    in the window (an eighth), which makes a write rare for whoever asks often and exact for whoever asks seldom;
    what is lost by it is at most an eighth, in windows that several workers share.
    """

    STORAGE_SCHEME = ["study"]  # noqa: RUF012 - the base class reads a list

    def __init__(self, windows: Windows, clock: Callable[[], float] = time.time) -> None:
        super().__init__()
        self._windows, self._clock = windows, clock
        self._strips: dict[str, _Strip] = {}

    @property
    def base_exceptions(self) -> type[Exception]:
        """What `limits` may wrap; we let our own errors through."""
        return StudyError

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Return how many were counted in the window, these `amount` included. Call it under one lock."""
        now = self._clock()
        strip = self._strips.get(key)
        if strip is None or strip.expires <= now:
            self._strips = {k: s for k, s in self._strips.items() if s.expires > now}
            strip = self._strips[key] = _Strip(0, 0, 0.0)
        if strip.end - strip.next < amount:
            taken = amount + strip.handed_out // 8
            window = self._windows.add(key, taken, expiry, now)
            strip.next, strip.end, strip.expires = window.count - taken, window.count, window.expires
        strip.next += amount
        strip.handed_out += amount
        return strip.next

    def is_at_hand(self, key: str) -> bool:
        """Say whether the next number of `key` was taken already, so that counting asks no database."""
        strip = self._strips.get(key)
        return strip is not None and strip.next < strip.end and strip.expires > self._clock()

    def get(self, key: str) -> int:
        """Return the highest number known to be handed out in the window."""
        strip = self._strips.get(key)
        if strip is not None and strip.expires > self._clock():
            return strip.next
        window = self._windows.get(key, self._clock())
        return window.count if window else 0

    def get_expiry(self, key: str) -> float:
        """Return when the window ends, in seconds since the epoch."""
        strip = self._strips.get(key)
        return strip.expires if strip else self._clock()

    def check(self) -> bool:
        """Say that the storage is there: it opens its file when it is used."""
        return True

    def reset(self) -> int:
        """Forget every window, and return how many there were."""
        self._strips = {}
        return self._windows.clear()

    def clear(self, key: str) -> None:
        """Forget the window of `key`."""
        self._strips.pop(key, None)
        self._windows.clear(key)


class Rates:
    """The limits of a server: for every request, and for those that a model answers."""

    def __init__(
        self,
        store: Callable[[], Store],
        rate_limit: str,
        model_rate_limit: str,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._store, self._clock = store, clock
        self._limits = {"all": _read(rate_limit), "model": _read(model_rate_limit)}
        self._counting = asyncio.Lock()

    @cached_property
    def _storage(self) -> SharedWindows:
        return SharedWindows(self._store().windows, self._clock)

    async def take(self, learner: str, what: str = "all") -> Standing | None:
        """Count one request of `learner`; return how they stand, None without a limit. Raises `TooManyRequests`."""
        standing: Standing | None = None
        for limit in self._limits[what]:
            if not self._counting.locked() and self._storage.is_at_hand(limit.key_for(what, learner)):
                standing = self._hit(
                    limit, what, learner
                )  # microseconds, a thread would cost half a millisecond
                continue
            async with self._counting:
                standing = await asyncio.to_thread(self._hit, limit, what, learner)
        return standing

    async def take_model(self) -> None:
        """Count a turn at the model for whoever is served now; nobody and the person at this machine are free."""
        caller = _served.get()
        if caller is not None and caller.learner != "local":
            await self.take(caller.learner, "model")

    def _hit(self, limit: RateLimitItem, what: str, learner: str) -> Standing:
        limiter = FixedWindowRateLimiter(self._storage)
        is_allowed = limiter.hit(limit, what, learner)
        stats = limiter.get_window_stats(limit, what, learner)
        reset = max(1, math.ceil(stats.reset_time - self._clock()))
        if not is_allowed:
            raise TooManyRequests(str(limit), reset)
        return Standing(limit.amount, limit.get_expiry(), stats.remaining, reset)


@contextmanager
def serving(caller: Caller) -> Iterator[None]:
    """Let what happens meanwhile, in this task and those it starts, happen for `caller`."""
    token = _served.set(caller)
    try:
        yield
    finally:
        _served.reset(token)


def _read(limit: str) -> list[Any]:
    return parse_many(limit) if limit.strip() else []
