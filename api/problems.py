"""Every refusal as a problem document (RFC 9457) with the id of its request. It never repeats the input.

Under `/v1` refusals have the shape that clients of OpenAI know; that door sees to its own.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection
from starlette.routing import compile_path
from starlette.types import Scope

from api.access.caller import caller_of
from api.errors import ServerFault, http_problem, problem
from api.observing.logs import note_fault
from api.observing.request_ids import request_id_of
from corpus.errors import StudyError

MEDIA_TYPE = "application/problem+json"


class ProblemResponse(JSONResponse):
    """A problem document. A lone surrogate, which JSON may bring and UTF-8 cannot write, stays a JSON escape."""

    media_type = MEDIA_TYPE

    def render(self, content: Any) -> bytes:
        """Return `content` as JSON."""
        text = json.dumps(content, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        return text.encode("utf-8", "backslashreplace")


def respond(
    scope: Scope, status: HTTPStatus, *, headers: Mapping[str, str] | None = None, **more: Any
) -> ProblemResponse:
    """Return a refusal of the request in `scope` with `status`; `more` are members such as `detail` and `hint`."""
    _, body = http_problem(status, **more)
    place = {"instance": quote(scope["path"].encode("utf-8", "replace")), "request_id": request_id_of(scope)}
    return ProblemResponse(body | place, status, headers)


def respond_to(
    error: StudyError, scope: Scope, *, headers: Mapping[str, str] | None = None
) -> ProblemResponse:
    """Return the refusal for `error`.

    A fault of this machine names its folders, which is for whoever sits at it: one who comes with a key is told
    that it happened, and the log where.
    """
    status, body = problem(error)
    if status is HTTPStatus.INTERNAL_SERVER_ERROR:
        if not isinstance(error, ServerFault):
            note_fault(error, request_id_of(scope))
        if caller_of(HTTPConnection(scope)).key_id:
            return respond(scope, status, headers=headers)
    default = 5 if status is HTTPStatus.SERVICE_UNAVAILABLE else None
    if (wait := getattr(error, "retry_after", default)) is not None:
        headers = {"Retry-After": str(wait)} | dict(headers or {})
    more = {key: value for key, value in body.items() if key not in ("type", "title", "status")}
    return respond(scope, status, headers=headers, **more)


def add_refusals(app: FastAPI) -> None:
    """Let `app` tell every error as a problem document. What nobody foresaw is told by `api.observing.middleware`."""

    @app.exception_handler(StudyError)
    async def refuse(request: Request, error: StudyError) -> ProblemResponse:
        return respond_to(error, request.scope)

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> ProblemResponse:
        reasons = [_reason(one) for one in error.errors()]
        return respond(request.scope, HTTPStatus.UNPROCESSABLE_ENTITY, errors=reasons)

    @app.exception_handler(HTTPException)
    async def no_such_place(request: Request, error: HTTPException) -> ProblemResponse:
        headers = dict(error.headers or {})
        if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED and (methods := _methods(app, request.scope)):
            headers["Allow"] = ", ".join(methods)
        return respond(request.scope, HTTPStatus(error.status_code), headers=headers)


def _methods(app: FastAPI, scope: Scope) -> list[str]:
    """Return the methods that the path in `scope` takes (RFC 9110, section 15.5.6); the framework tells one route's.

    A path that is written out goes before one with parameters that it fits too.
    """
    fitting = [path for path in app.openapi()["paths"] if compile_path(path)[0].match(scope["path"])]
    exact = [path for path in fitting if "{" not in path]
    return sorted({method.upper() for path in exact or fitting for method in app.openapi()["paths"][path]})


def _reason(error: Mapping[str, Any]) -> dict[str, Any]:
    """Where and why, without the input: a question is the user's text and stays out of logs."""
    unknown = error["type"] == "extra_forbidden"  # here the place is itself a name from the input
    return {"at": list(error["loc"][:-1] if unknown else error["loc"]), "reason": error["msg"]}
