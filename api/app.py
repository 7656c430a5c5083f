"""The application: one assistant, the middleware that every request passes, and the doors that are installed.

Nothing is done at import. A door is one module with `open_door(app, service)` in `api.doors`, or in a package that
names itself in the group `assistant.doors`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from http import HTTPStatus
from importlib import import_module
from typing import Any, Protocol, cast

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from api.errors import http_problem, problem
from api.service import Service
from assistant.study import Assistant
from corpus import plugins
from corpus.errors import StudyError

DOORS = "assistant.doors"


class Door(Protocol):
    """A module that lets people in."""

    def open_door(self, app: FastAPI, service: Service) -> None:
        """Add routes and mounts to `app`. What must run while the app does goes into `app.state.running`."""


def create_app(assistant: Assistant) -> FastAPI:
    """Return the application that answers with `assistant`, with every door open."""
    service = Service(assistant)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            stack.push_async_callback(service.close)
            for running in app.state.running:
                await stack.enter_async_context(running())
            yield

    app = FastAPI(title="Interview study assistant", version="1", lifespan=lifespan)
    app.state.service = service
    #: Context managers, without arguments, that are entered when the app starts and left when it stops.
    app.state.running = []
    _refusals(app)
    for module in plugins.items(DOORS).values():
        cast(Door, import_module(module)).open_door(app, service)
    return app


def _refusals(app: FastAPI) -> None:
    """Tell every error as a problem document."""

    @app.exception_handler(StudyError)
    async def refuse(request: Request, error: StudyError) -> JSONResponse:
        return _response(problem(error))

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> JSONResponse:
        return _response(
            http_problem(HTTPStatus.UNPROCESSABLE_ENTITY, errors=[_reason(e) for e in error.errors()])
        )

    @app.exception_handler(HTTPException)
    async def no_such_place(request: Request, error: HTTPException) -> JSONResponse:
        return _response(http_problem(HTTPStatus(error.status_code)), error.headers)

    @app.exception_handler(Exception)
    async def our_fault(request: Request, error: Exception) -> JSONResponse:
        return _response(http_problem(HTTPStatus.INTERNAL_SERVER_ERROR))


def _response(
    problem: tuple[HTTPStatus, dict[str, Any]], headers: Mapping[str, str] | None = None
) -> JSONResponse:
    status, body = problem
    return JSONResponse(body, status, headers, media_type="application/problem+json")


def _reason(error: Mapping[str, Any]) -> dict[str, Any]:
    """Where and why, without the input: a question is the user's text and stays out of logs."""
    unknown = error["type"] == "extra_forbidden"  # here the place is itself a name from the input
    return {"at": list(error["loc"][:-1] if unknown else error["loc"]), "reason": error["msg"]}
