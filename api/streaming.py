"""Replies that come bit by bit, as server-sent events, and replies that nobody waits for any more."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Coroutine, Mapping
from contextlib import aclosing, suppress
from typing import Any, TypeVar

from fastapi.sse import KEEPALIVE_COMMENT, EventSourceResponse, format_sse_event
from starlette.requests import ClientDisconnect, Request
from starlette.types import Receive, Scope, Send

T = TypeVar("T")

#: Seconds of silence after which a comment is sent, so that no proxy takes the connection for dead.
PING = 15.0


def event(name: str, data: Mapping[str, Any]) -> bytes:
    """Return one server-sent event with JSON in it, Chinese left readable."""
    return format_sse_event(event=name, data_str=written(data).decode())


def written(value: Any) -> bytes:
    """Return `value` as JSON in UTF-8. What is no UTF-8, as a file's name may be, is written as its JSON escape."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "backslashreplace")


class EventStream(EventSourceResponse):
    """A stream of server-sent events, with comments where nothing comes. `events` is closed when the client leaves."""

    def __init__(self, events: AsyncGenerator[bytes, None], *, ping: float = PING) -> None:
        # No proxy shall keep the events back: nginx knows the second.
        headers = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}
        self._events = _with_pings(events, ping)
        super().__init__(self._events, headers=headers)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the stream."""
        async with aclosing(self._events):
            await super().__call__(scope, receive, send)


async def _with_pings(events: AsyncGenerator[bytes, None], every: float) -> AsyncGenerator[bytes, None]:
    coming: asyncio.Task[bytes] | None = None
    async with aclosing(events):
        try:
            while True:
                # A task, since a generator that is given a time limit would be ended by it.
                coming = coming or asyncio.create_task(_next(events))
                done, _ = await asyncio.wait({coming}, timeout=every)
                if not done:
                    yield KEEPALIVE_COMMENT
                    continue
                ended, coming = coming, None
                try:
                    said = ended.result()
                except StopAsyncIteration:
                    return
                yield said
        finally:
            if coming:
                coming.cancel()
                with suppress(asyncio.CancelledError):
                    await coming


async def _next(events: AsyncGenerator[bytes, None]) -> bytes:
    return await anext(events)


async def while_there(request: Request, work: Coroutine[Any, Any, T]) -> T:
    """Return what `work` returns; cancel it when the client leaves, with `ClientDisconnect`. The body was read."""
    working = asyncio.create_task(work)
    tasks = working, asyncio.create_task(_leaving(request))
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        if not working.done():
            raise ClientDisconnect
        return working.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _leaving(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
