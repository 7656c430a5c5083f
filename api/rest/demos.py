"""Run the demos."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Body

from api.access.caller import Reader
from api.service import Service
from assistant.demo_kit import registry


def router(service: Service) -> APIRouter:
    """Return the routes."""
    routes = APIRouter(prefix="/demos", tags=["demos"])

    @routes.get("")
    async def demos(caller: Reader) -> list[dict[str, Any]]:
        """List the demos with the schema of their arguments."""

        def listed() -> list[dict[str, Any]]:
            loaded = (registry.load(name) for name in registry.names())
            return [{"name": d.name, "summary": d.summary, "parameters": d.schema} for d in loaded]

        return await service.run(listed)

    @routes.post("/{name}")
    async def demo(name: str, arguments: Annotated[dict[str, Any], Body()], caller: Reader) -> dict[str, Any]:
        """Run a demo with the arguments in the body."""
        return await service.run(lambda: service.assistant.demo(name, **arguments).to_dict())

    return routes
