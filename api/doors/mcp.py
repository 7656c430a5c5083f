"""MCP over HTTP under `/mcp`: the tools of `api.mcp_tools`, for whoever the middleware says is asking.

No sessions are held: every request stands for itself, so that any worker answers it and none outlives its key. Without
the package `mcp` the door stays shut.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from api.access.caller import Caller, NotAllowed, caller_of
from api.service import Service

if TYPE_CHECKING:
    from mcp.server.context import ServerRequestContext

PATH = "/mcp"
INSTALL = "pip install 'interview-study-assistant[doors]'"

log = logging.getLogger(__name__)


class _Door:
    """Passes requests on to the server, which lives while the application runs."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._inside: ASGIApp | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        inside = self._inside or Response(status_code=503, headers={"Retry-After": "1"})
        await inside(scope, receive, send)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Open the server, and shut it on leaving."""
        from mcp.server.transport_security import TransportSecuritySettings

        from api.mcp_tools.server import notes_server

        server = notes_server(self._service, who)
        # Host and Origin were checked by the middleware before every door; a second list could only contradict it.
        server.streamable_http_app(
            stateless_http=True,
            transport_security=TransportSecuritySettings(enable_dns_rebinding_protection=False),
        )
        async with server.session_manager.run():
            # Not the application that was made on the way: it would put itself into the scope as the one that serves.
            self._inside = server.session_manager.handle_request
            try:
                yield
            finally:
                self._inside = None


def who(ctx: ServerRequestContext[Any, Any]) -> Caller:
    """Return who sent a message. One that came by no request is nobody's, and never the local learner's."""
    if ctx.request is None:
        raise NotAllowed("this message belongs to no request", "Send it to /mcp.")
    return caller_of(ctx.request)


def open_door(app: FastAPI, service: Service) -> None:
    """Add `/mcp`."""
    if find_spec("mcp") is None:
        log.warning("The door /mcp stays shut: the package mcp is not installed. To open it: %s", INSTALL)
        return
    door = _Door(service)
    app.add_route(PATH, door, include_in_schema=False)  # type: ignore[arg-type]  # any ASGI application will do
    app.state.running.append(door.running)
