"""Whether the service can answer now: index open, memory writable, and whether its model is there. No paths, no names.

A model that is gone leaves the service ready: notes mode answers in its place, as everywhere.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal

from api.service import Service
from assistant.doctor.model_looks import model_looks

#: Seconds for which what was found holds: everybody may ask, and looking costs.
_HOLDS = 2.0
#: Seconds until what has not answered counts as not there; an index that is being built takes longer.
_PATIENCE = 3.0


@dataclass(frozen=True, slots=True)
class Readiness:
    """What was found."""

    index: bool
    store: bool
    model: Literal["notes", "reachable", "unreachable"]

    @property
    def is_ready(self) -> bool:
        """Whether questions are answered and remembered."""
        return self.index and self.store


class Probe:
    """Looks at `service` when asked, one look at a time however many ask."""

    def __init__(self, service: Service, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._service, self._clock = service, clock
        self._look: asyncio.Task[Readiness] | None = None
        self._looked = float("-inf")

    async def __call__(self) -> Readiness:
        """Return what is found now, or was a moment ago."""
        if self._look is None or (self._look.done() and self._clock() - self._looked > _HOLDS):
            self._look = asyncio.create_task(self._found())
        return await asyncio.shield(self._look)

    async def _found(self) -> Readiness:
        index, store, model = await asyncio.gather(
            self._works(lambda: bool(self._service.assistant.topics())),
            self._works(self._can_write),
            self._model(),
        )
        self._looked = self._clock()
        return Readiness(index, store, model)

    async def _model(self) -> Literal["notes", "reachable", "unreachable"]:
        settings = self._service.assistant.settings
        if settings.model == "notes":
            return "notes"
        there = await self._works(
            lambda: any(look.name == "model" and look.works for look in model_looks(settings))
        )
        return "reachable" if there else "unreachable"

    def _can_write(self) -> bool:
        self._service.store.check_writable()
        return True

    async def _works(self, look: Callable[[], bool]) -> bool:
        """Return what `look` says; False where it raises or takes too long. Its thread is not one of the lanes'."""
        with suppress(Exception):
            return await asyncio.wait_for(asyncio.to_thread(look), _PATIENCE)
        return False
