"""Refuse a request before any door sees it, in the shape that the clients of its path expect."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.responses import Response
from starlette.types import Scope

from api.problems import respond_to
from corpus.errors import StudyError


def refusal(error: StudyError, scope: Scope, headers: Mapping[str, str]) -> Response:
    """Return `error` in the shape that clients of this path expect."""
    for prefix, shape in scope["app"].state.refusals.items():
        if scope["path"].startswith(prefix):
            shaped: Response = shape(error, scope, headers)
            return shaped
    return respond_to(error, scope, headers=headers)
