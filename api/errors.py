"""Errors of the rooms below as HTTP problems (RFC 9457), found by class along the inheritance order."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from api.access.caller import NotAllowed
from assistant.demo_kit.types import DemoError
from assistant.study import EmptyQuestion
from corpus.errors import NoteError, StudyError, UnknownName
from index.errors import NoTopics, QueryTooLong

STATUS: dict[type[StudyError], HTTPStatus] = {
    EmptyQuestion: HTTPStatus.UNPROCESSABLE_ENTITY,
    QueryTooLong: HTTPStatus.UNPROCESSABLE_ENTITY,
    DemoError: HTTPStatus.UNPROCESSABLE_ENTITY,
    NotAllowed: HTTPStatus.FORBIDDEN,
    UnknownName: HTTPStatus.NOT_FOUND,
    NoteError: HTTPStatus.CONFLICT,
    NoTopics: HTTPStatus.CONFLICT,
    StudyError: HTTPStatus.INTERNAL_SERVER_ERROR,
}


def problem(error: StudyError) -> tuple[HTTPStatus, dict[str, Any]]:
    """Return the status of `error` and its problem document."""
    status = next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)
    more = error.to_dict() if isinstance(error, DemoError) else {}
    return http_problem(status, detail=error.message, hint=error.hint, **more)


def http_problem(status: HTTPStatus, **more: Any) -> tuple[HTTPStatus, dict[str, Any]]:
    """Return `status` and a problem document that says no more than it and `more`."""
    return status, {"type": "about:blank", "title": status.phrase, "status": status.value, **more}
