"""Who a key belongs to, found without asking the database each time. A revoked key stops within two seconds."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime

from api.access.caller import Caller, Scope
from assistant.store import Store
from assistant.store.keys import USE_NOTED_EVERY, Key, id_in, opens
from corpus.errors import StudyError

#: Seconds after which the keys are read anew: so long a revoked key may still open, in every worker.
FRESH = 2.0
#: Seconds between two readings for keys that are not among those read: one may be new, yet guessing must read little.
FRESH_FOR_STRANGERS = 0.2


class Keyring:
    """The live keys of `store`, as they were a moment ago. For one event loop."""

    def __init__(
        self,
        store: Callable[[], Store],
        clock: Callable[[], datetime],
        timer: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store, self._clock, self._timer = store, clock, timer
        self._live: dict[str, Key] = {}
        self._read_at = float("-inf")
        self._noted: dict[str, datetime] = {}
        self._reading = asyncio.Lock()
        self._writing: set[asyncio.Task[None]] = set()

    async def caller(self, text: str) -> Caller | None:
        """Return who `text` belongs to, None where it opens nothing. Raises `StoreError`."""
        key_id = id_in(text)
        if key_id is None:
            return None
        await self._refresh(FRESH)
        if key_id not in self._live:
            await asyncio.sleep(max(0.0, self._read_at + FRESH_FOR_STRANGERS - self._timer()))
            await self._refresh(FRESH_FOR_STRANGERS)
        key = self._live.get(key_id)
        if key is None or not opens(text, key):
            return None
        self._note_use(key)
        return Caller(key.learner, frozenset(map(Scope, key.scopes)), key.id)

    async def _refresh(self, age: float) -> None:
        if self._timer() - self._read_at < age:
            return
        async with self._reading:
            now = self._timer()
            if now - self._read_at >= age:  # nobody else has read them meanwhile
                self._live = await asyncio.to_thread(lambda: self._store().keys.live())
                self._read_at = now

    def _note_use(self, key: Key) -> None:
        """Remember, beside the answer, when the key was used. Not every worker needs to write, nor to succeed."""
        now = self._clock()
        last = self._noted.get(key.id) or key.last_used
        if last is not None and now - last < USE_NOTED_EVERY:
            return
        self._noted[key.id] = now
        task = asyncio.create_task(self._write_use(key.id, now))
        self._writing.add(task)
        task.add_done_callback(self._writing.discard)

    async def _write_use(self, key_id: str, now: datetime) -> None:
        with suppress(StudyError):
            await asyncio.to_thread(lambda: self._store().keys.note_use(key_id, now))
