"""A connection may not take its time for ever to ask: uvicorn's HTTP protocol with deadlines for a request.

Uvicorn ends connections that are idle between requests. One that never ends its headers, or sends its body a byte
a minute, it keeps, and a few thousand of them are all that a server can hold (slow loris).
"""

from __future__ import annotations

import asyncio
from typing import Any, ClassVar

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol


class PunctualProtocol(H11Protocol):
    """HTTP/1.1 where headers come within `headers_within` seconds and all of a request within `request_within`."""

    headers_within: ClassVar[float] = 20.0
    request_within: ClassVar[float] = 120.0

    def __init__(self, *arguments: Any, **more: Any) -> None:
        super().__init__(*arguments, **more)
        self._deadline: asyncio.TimerHandle | None = None
        self._has_headers = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Expect headers."""
        super().connection_made(transport)
        self._set(self.headers_within)

    def connection_lost(self, exc: Exception | None) -> None:
        """Expect nothing more."""
        self._set(None)
        super().connection_lost(exc)

    def handle_events(self) -> None:
        """Expect what is still missing of the request, from when its predecessor was done with."""
        super().handle_events()
        state = self.conn.their_state
        is_owed = state in (h11.IDLE, h11.SEND_BODY)
        has_headers = state is h11.SEND_BODY
        if not is_owed or self._is_idle():
            self._set(None)
        elif self._deadline is None or has_headers is not self._has_headers:
            self._set(self.request_within if has_headers else self.headers_within)
        self._has_headers = has_headers

    def _is_idle(self) -> bool:
        """Say whether nothing of a next request has come: uvicorn's own timer ends such a connection."""
        return self.conn.their_state is h11.IDLE and not self.conn.trailing_data[0] and self.cycle is not None

    def _set(self, seconds: float | None) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
        self._deadline = self.loop.call_later(seconds, self._hang_up) if seconds is not None else None

    def _hang_up(self) -> None:
        self._deadline = None
        if not self.transport.is_closing():
            self.transport.close()
