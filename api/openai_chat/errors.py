"""Errors in the shape that clients of OpenAI expect; under `/v1` there is no problem document."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from starlette.requests import HTTPConnection
from starlette.responses import JSONResponse
from starlette.types import Scope

from api.access.caller import caller_of
from api.errors import problem
from api.observing.logs import note_fault
from api.observing.request_ids import request_id_of
from api.openai_chat.wire import Malformed
from corpus.errors import StudyError, UnknownName

_TYPES = {
    HTTPStatus.UNAUTHORIZED: "authentication_error",
    HTTPStatus.FORBIDDEN: "permission_error",
    HTTPStatus.TOO_MANY_REQUESTS: "rate_limit_error",
}
#: The API has no such statuses, and clients take a conflict for something to be tried again at once.
_TOLD_AS_BAD = (HTTPStatus.UNPROCESSABLE_ENTITY, HTTPStatus.CONFLICT)


class NoSuchModel(UnknownName):
    """A model that this server does not have."""


def status_of(error: StudyError) -> HTTPStatus:
    """Return the status that the API has for `error`."""
    if isinstance(error, Malformed):
        return HTTPStatus.BAD_REQUEST
    status, _ = problem(error)
    return HTTPStatus.BAD_REQUEST if status in _TOLD_AS_BAD else status


def refusal(error: StudyError, scope: Scope, headers: Mapping[str, str] | None = None) -> JSONResponse:
    """Return the response for `error`."""
    status = status_of(error)
    given = dict(headers or {})
    default = 5 if status is HTTPStatus.SERVICE_UNAVAILABLE else None
    if (wait := getattr(error, "retry_after", default)) is not None:
        given.setdefault("Retry-After", str(wait))
    return JSONResponse(told(error, scope), status, given)


def told(error: Exception, scope: Scope) -> dict[str, Any]:
    """Return the body for `error`, a fault of ours without a word of its cause, which is noted in the log."""
    if not isinstance(error, StudyError):
        note_fault(error, request_id_of(scope))
        return body(HTTPStatus.INTERNAL_SERVER_ERROR, _ours(scope))
    status = status_of(error)
    if status is HTTPStatus.INTERNAL_SERVER_ERROR:
        note_fault(error, request_id_of(scope))
        if caller_of(HTTPConnection(scope)).key_id:  # it may name folders of this machine
            return body(status, _ours(scope))
    code = "model_not_found" if isinstance(error, NoSuchModel) else None
    param = "model" if code else error.param if isinstance(error, Malformed) else None
    message = f"{error.message.rstrip('.。')}. {error.hint}" if error.hint else error.message
    return body(status, message, param=param, code=code)


def body(
    status: HTTPStatus, message: str, *, param: str | None = None, code: str | None = None
) -> dict[str, Any]:
    """Return an error of the API."""
    usual = "server_error" if status >= HTTPStatus.INTERNAL_SERVER_ERROR else "invalid_request_error"
    return {"error": {"message": message, "type": _TYPES.get(status, usual), "param": param, "code": code}}


def _ours(scope: Scope) -> str:
    return f"the server failed; its log knows more of request {request_id_of(scope)}"
