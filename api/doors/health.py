"""Say that the process lives, and whether it can answer. Open to everybody who may reach the port."""

from __future__ import annotations

from fastapi import FastAPI

from api.service import Service


def open_door(app: FastAPI, service: Service) -> None:
    """Add `/healthz`."""

    @app.get("/healthz", tags=["service"])
    async def healthz() -> dict[str, str]:
        """Say that the process is alive."""
        return {"status": "ok"}
