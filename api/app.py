"""The application: one assistant, the middleware that every request passes, and the doors that are installed.

Nothing is done at import. A door is one module with `open_door(app, service)` in `api.doors`, or in a package that
names itself in the group `assistant.doors`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from importlib import import_module
from typing import Protocol, cast

from fastapi import FastAPI

from api import openapi
from api.access.gate import add_gate
from api.access.policy import Policy
from api.observing import telemetry
from api.observing.middleware import Observed
from api.problems import add_refusals
from api.service import Service
from api.serving import telling_of_the_end
from assistant.study import Assistant
from corpus import plugins

DOORS = "assistant.doors"


class Door(Protocol):
    """A module that lets people in."""

    def open_door(self, app: FastAPI, service: Service) -> None:
        """Add routes and mounts to `app`. What must run while the app does goes into `app.state.running`."""


def create_app(assistant: Assistant, policy: Policy | None = None) -> FastAPI:
    """Return the application that answers with `assistant`, with every door open to those whom `policy` lets in.

    Without one it is for this machine: no key is asked for, and it answers to no name but loopback's.
    """
    service = Service(assistant)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            stack.push_async_callback(service.close)
            stack.enter_context(telling_of_the_end(service.stop))
            for running in app.state.running:
                await stack.enter_async_context(running())
            yield

    app = FastAPI(
        title="Interview study assistant",
        version="1",
        docs_url=None,  # `api.doors.docs` has a page that loads nothing from elsewhere
        redoc_url=None,
        lifespan=lifespan,
        generate_unique_id_function=openapi.operation_id,
        telemetry=telemetry.configured(assistant.settings),
    )
    app.state.service = service
    #: Context managers, without arguments, that are entered when the app starts and left when it stops.
    app.state.running = []
    #: How a path's clients expect to be refused, see `api.access.refusing`.
    app.state.refusals = {}
    #: The rules, for doors with guards of their own.
    app.state.policy = policy or Policy()
    add_refusals(app)
    for module in plugins.items(DOORS).values():
        cast(Door, import_module(module)).open_door(app, service)
    openapi.describe(app)
    add_gate(app, service, app.state.policy)
    app.add_middleware(Observed, metrics=service.metrics)  # the last one added is the outermost
    return app
