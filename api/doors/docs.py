"""The description of REST as a page under `/docs`. FastAPI's own loads its script from another server."""

from __future__ import annotations

from pathlib import Path

from fastapi import FastAPI
from fastapi.responses import FileResponse, HTMLResponse

import api.docs_page
from api.access.caller import Reader
from api.docs_page.page import page
from api.service import Service

_FOLDER = Path(api.docs_page.__file__).parent


def open_door(app: FastAPI, service: Service) -> None:
    """Add `/docs`."""

    @app.get("/docs", include_in_schema=False)
    async def docs(caller: Reader) -> HTMLResponse:
        return HTMLResponse(page(app.openapi()))

    @app.get("/docs/page.css", include_in_schema=False)
    async def style(caller: Reader) -> FileResponse:
        return FileResponse(_FOLDER / "page.css")

    @app.get("/docs/page.js", include_in_schema=False)
    async def script(caller: Reader) -> FileResponse:
        return FileResponse(_FOLDER / "page.js", media_type="text/javascript")
