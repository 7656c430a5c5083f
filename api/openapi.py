"""The description of REST: FastAPI's, with short stable names, one set of refusals for all, and how keys are given.

`api/openapi.json` is kept by `python docs/generate.py`, so a change of the interface shows in the history.
"""

from __future__ import annotations

import json
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute

from api.problems import MEDIA_TYPE

#: Refusals that any resource may give.
REFUSALS = {
    "4XX": (
        "What was asked cannot be done: 400 unreadable, 401 no key, 403 not allowed, 404 no such thing or somebody "
        "else's, 405 another method, 409 does not fit to what is there now, 413 too large, 415 another kind of body, "
        "421 another host, 422 does not fit the description, 429 too often (see Retry-After)."
    ),
    "5XX": (
        "The server cannot: 500 its own fault, 501 something is not installed, 502 the model failed, 503 not now (see "
        "Retry-After), 504 the model took too long."
    ),
}

_PROBLEM: dict[str, Any] = {
    "type": "object",
    "description": "RFC 9457. `detail` says what happened, `hint` what mends it; neither repeats a question or answer.",
    "required": ["type", "title", "status", "instance", "request_id"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "hint": {"type": "string"},
        "instance": {"type": "string", "description": "The path that was asked for."},
        "request_id": {"type": "string", "description": "The same as in the header X-Request-ID."},
        "errors": {
            "type": "array",
            "description": "What is wrong with the fields of the request.",
            "items": {
                "type": "object",
                "required": ["at", "reason"],
                "properties": {
                    "at": {"type": "array", "items": {"type": ["string", "integer"]}},
                    "reason": {"type": "string"},
                },
            },
        },
        "error": {"type": "object", "description": "What is wrong with the arguments of a demo."},
    },
}


def operation_id(route: APIRoute) -> str:
    """Return the name of an operation: its module and its function, such as `search_topics`."""
    module = route.endpoint.__module__.rpartition(".")[2]
    return route.name if module == route.name else f"{module}_{route.name}"


def describe(app: FastAPI) -> None:
    """Let `app` describe itself so; the description is made at the first request for it."""

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _described(app)
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]


def written(app: FastAPI) -> str:
    """Return the description as the file `api/openapi.json` holds it."""
    return json.dumps(app.openapi(), ensure_ascii=False, indent=1) + "\n"


def _described(app: FastAPI) -> dict[str, Any]:
    found = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
    components = found.setdefault("components", {})
    components["securitySchemes"] = {"key": {"type": "http", "scheme": "bearer"}}
    schemas = components.setdefault("schemas", {})
    schemas["Problem"] = _PROBLEM
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    components["responses"] = {
        f"Refusal{status}": {"description": said, "content": content} for status, said in REFUSALS.items()
    }
    # On this machine no key is asked for, so an empty requirement is one of the choices.
    found["security"] = [{}, {"key": []}]
    for path, operations in found["paths"].items():
        if path.startswith("/api/") or path in ("/metrics", "/healthz", "/readyz"):
            for operation in operations.values():
                operation["responses"].pop("422", None)  # FastAPI's own shape, which is not ours
                operation["responses"] |= {
                    status: {"$ref": f"#/components/responses/Refusal{status}"} for status in REFUSALS
                }
    for unused in ("HTTPValidationError", "ValidationError"):
        if f"schemas/{unused}" not in str(found["paths"]):
            schemas.pop(unused, None)
    components["schemas"] = dict(sorted(schemas.items()))
    found["paths"] = dict(sorted(found["paths"].items()))
    return found
