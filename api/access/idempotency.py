"""`IdempotentRoute`: a request that is sent again under the same `Idempotency-Key` is answered again, not done again.

For routes that change something: `APIRouter(route_class=IdempotentRoute)`. A stream of events is never kept, nor is
a failure: whoever meets one may try again under the same key.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from typing import Any

from fastapi import Request, Response
from fastapi.responses import StreamingResponse
from fastapi.routing import APIRoute

from api.access.caller import caller_of
from api.access.refusals import BadIdempotencyKey
from api.service import Service
from assistant.store.replies import LEASE, Replies, Reply
from corpus.errors import StudyError

#: Characters of a key.
MAX_KEY = 255
#: Bytes of a reply; ours have a few thousand.
MAX_REPLY = 1_000_000

Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class IdempotentRoute(APIRoute):
    """A route that does the same request once. It needs `app.state.service`."""

    def get_route_handler(self) -> Handler:
        """Return the handler that looks for a kept reply first."""
        handle = super().get_route_handler()

        async def once(request: Request) -> Response:
            key = request.headers.get("idempotency-key")
            if key is None or request.method in ("GET", "HEAD"):
                return await handle(request)
            service: Service = request.app.state.service
            replies = service.store.replies.of(caller_of(request).learner)
            return await _once(_checked(key), request, handle, replies, service.clock)

        return once


async def _once(
    key: str, request: Request, handle: Handler, replies: Replies, clock: Callable[[], datetime]
) -> Response:
    digest = await _digest(request)
    claim = _Claim(replies, key, clock)
    kept = await asyncio.to_thread(replies.take, key, digest, claim.taken)
    if kept is not None:
        replayed = {"Idempotent-Replayed": "true"}
        return Response(kept.body, kept.status, replayed, kept.media_type)
    try:
        async with claim.renewed():
            response = await handle(request)
    except BaseException:
        await claim.end(None)
        raise
    is_kept = not isinstance(response, StreamingResponse) and response.status_code < 500
    media_type = response.headers.get("content-type", "")
    await claim.end(Reply(response.status_code, media_type, bytes(response.body)) if is_kept else None)
    return response


class _Claim:
    """Work that this process does under a key, and says so until it is done."""

    def __init__(self, replies: Replies, key: str, clock: Callable[[], datetime]) -> None:
        self._replies, self._key, self._clock = replies, key, clock
        self.taken = clock()

    @asynccontextmanager
    async def renewed(self) -> AsyncIterator[None]:
        """Give signs of life meanwhile: a model may think for minutes, a crash must not block for minutes."""
        is_done = asyncio.Event()
        alive = asyncio.create_task(self._stay(is_done))
        try:
            yield
        finally:
            is_done.set()
            await alive

    async def end(self, reply: Reply | None) -> None:
        """Keep `reply`, or let the work be done anew. A store that fails now spoils no answer."""
        with suppress(StudyError):
            if reply is None or len(reply.body) > MAX_REPLY:
                await asyncio.to_thread(self._replies.release, self._key, self.taken)
            else:
                await asyncio.to_thread(self._replies.keep, self._key, self.taken, reply)

    async def _stay(self, is_done: asyncio.Event) -> None:
        while not is_done.is_set():
            try:
                await asyncio.wait_for(is_done.wait(), LEASE.total_seconds() / 3)
            except TimeoutError:
                with suppress(StudyError):
                    self.taken = await asyncio.to_thread(
                        self._replies.renew, self._key, self.taken, self._clock()
                    )


def _checked(key: str) -> str:
    if not (0 < len(key) <= MAX_KEY and key.isascii() and key.isprintable()):
        raise BadIdempotencyKey(
            f"an Idempotency-Key has 1 to {MAX_KEY} printable ASCII characters, this one has {len(key)}",
            "Use a UUID.",
        )
    return key


async def _digest(request: Request) -> str:
    """Return a hash of what makes a request that one: where it goes and what it says."""
    parts = (request.method.encode(), request.url.path.encode(), request.url.query.encode())
    head = b"\n".join((*parts, request.headers.get("content-type", "").encode()))
    return hashlib.sha256(head + b"\n\n" + await request.body()).hexdigest()
