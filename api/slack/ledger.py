"""Notes on deliveries, many in one transaction: while one is being written, those that come meanwhile wait together.

SQLite lets writers that wait try their luck again, so of many single ones some wait for seconds, and Slack does not.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime

from api.observing.logs import note_fault
from assistant.store.deliveries import Claim, Deliveries


class Ledger:
    """Writes to `deliveries` for one process."""

    def __init__(self, deliveries: Callable[[], Deliveries], clock: Callable[[], datetime]) -> None:
        self._deliveries = deliveries
        self._clock = clock
        self._claims: list[tuple[Claim, asyncio.Future[bool]]] = []
        self._finished: list[str] = []
        self._writing: asyncio.Task[None] | None = None

    async def claim(self, keys: Sequence[str], reply_to: Mapping[str, str]) -> bool:
        """Say whether a delivery is new. Raises what the store raises; then nothing is noted."""
        answer: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._claims.append((Claim(tuple(keys), reply_to), answer))
        self._wake()
        return await answer

    def finish(self, key: str) -> None:
        """Note soon that a delivery was answered."""
        self._finished.append(key)
        self._wake()

    async def close(self) -> None:
        """Wait until everything is written."""
        if self._writing is not None:
            with suppress(asyncio.CancelledError):
                await self._writing

    def _wake(self) -> None:
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write())

    async def _write(self) -> None:
        while self._claims or self._finished:
            claims, finished = self._claims, self._finished
            self._claims, self._finished = [], []
            try:
                # In a thread of asyncio's own: what Slack waits for does not queue behind answers.
                record = self._deliveries().record
                new = await asyncio.to_thread(record, [claim for claim, _ in claims], finished, self._clock())
            except Exception as error:
                note_fault(error, "slack")
                self._finished = finished + self._finished  # to be written with what comes next
                for _, answer in claims:
                    if not answer.done():
                        answer.set_exception(error)
                return
            for (_, answer), is_new in zip(claims, new, strict=True):
                if not answer.done():
                    answer.set_result(is_new)
