"""Numbers for Prometheus under `/metrics`, for those who may read."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI, Response

from api.access.caller import Reader
from api.observing.metrics import CONTENT_TYPE
from api.service import Service


def open_door(app: FastAPI, service: Service) -> None:
    """Add `/metrics`."""

    @app.get("/metrics", name="metrics", tags=["service"], response_class=Response, responses=_TEXT)
    async def metrics(caller: Reader) -> Response:
        """Give everything that is counted, in Prometheus' text format. No word of any note, question or answer."""
        return Response(service.metrics.written(), media_type=CONTENT_TYPE)


_TEXT: dict[int | str, dict[str, Any]] = {
    200: {"description": "The numbers.", "content": {"text/plain": {"schema": {"type": "string"}}}}
}
