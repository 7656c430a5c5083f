"""REST under `/api/v1`: every public module of `api.rest` gives the routes of one resource."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

from fastapi import FastAPI

import api.rest
from api.service import Service


def open_door(app: FastAPI, service: Service) -> None:
    """Add the resources."""
    for module in sorted(name for _, name, _ in iter_modules(api.rest.__path__) if not name.startswith("_")):
        app.include_router(import_module(f"api.rest.{module}").router(service), prefix="/api/v1")
