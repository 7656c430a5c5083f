"""Say that the process lives, and whether it can answer. Open to all who reach the port: no secret is in it."""

from __future__ import annotations

from typing import Literal

from fastapi import FastAPI
from fastapi.responses import JSONResponse
from typing_extensions import TypedDict

from api.observing.readiness import Probe
from api.service import Service


class Health(TypedDict):
    """The process lives."""

    status: Literal["ok"]


class Ready(TypedDict):
    """Whether questions are answered. Where the model is unreachable, notes mode answers."""

    status: Literal["ready", "not ready"]
    index: bool
    store: bool
    model: Literal["notes", "reachable", "unreachable"]


def open_door(app: FastAPI, service: Service) -> None:
    """Add `/healthz` and `/readyz`."""
    probe = Probe(service)

    @app.get("/healthz", tags=["service"], response_model=Health)
    async def healthz() -> dict[str, str]:
        """Say that the process is alive."""
        return {"status": "ok"}

    @app.get(
        "/readyz",
        tags=["service"],
        response_model=Ready,
        responses={503: {"model": Ready, "description": "Not ready."}},
    )
    async def readyz() -> JSONResponse:
        """Say whether the index is open, the memory can be written, and the model is there."""
        found = await probe()
        body = {
            "status": "ready" if found.is_ready else "not ready",
            "index": found.index,
            "store": found.store,
            "model": found.model,
        }
        return JSONResponse(body, 200 if found.is_ready else 503)
