"""What surrounds every request: its id, the time it took, and an answer where our own code failed.

Pure ASGI, so that streams pass untouched. It is the outermost of our middleware: whatever refuses a request further
in is counted, and carries the id.
"""

from __future__ import annotations

import time

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.access.refusing import refusal
from api.errors import ServerFault
from api.observing.logs import note_fault
from api.observing.metrics import Metrics
from api.observing.request_ids import HEADER, request_id_of

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class Observed:
    """The application `app`, observed by `metrics`."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self.app = app
        self.metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on. An exception is told without its message, and goes no further: servers log messages."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request_id, began, status = request_id_of(scope), time.perf_counter(), 0

        async def send_observed(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)[HEADER] = request_id
            await send(message)

        try:
            await self.app(scope, receive, send_observed)
        except Exception as error:
            note_fault(error, request_id)
            if (
                not status
            ):  # once a reply has begun it can only be broken off, which returning without its end does
                told = ServerFault(
                    "the server failed at this", "Its log tells the place, under the request id."
                )
                await refusal(told, scope, {})(scope, receive, send_observed)
        finally:
            method = scope["method"] if scope["method"] in _METHODS else "other"
            self.metrics.request(method, route_of(scope), status, time.perf_counter() - began)


def route_of(scope: Scope) -> str:
    """Return the template of the path that was asked for, such as `/api/v1/demos/{name}`; `other` for no route.

    Never the path itself, which may hold the name of a note, and of which there is no end.
    """
    path = getattr(scope.get("route"), "path", None)
    if not path:
        return "other"
    # FastAPI tells the route as its router knows it, without the prefix under which that was included.
    prefix = "/api/v1"
    return (
        f"{prefix}{path}" if scope["path"].startswith(f"{prefix}/") and not path.startswith(prefix) else path
    )
