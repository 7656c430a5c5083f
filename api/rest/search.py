"""Search the notes, and list what is in them."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from api.access.caller import Reader
from api.service import Service
from index.library import MAX_QUERY


class Query(BaseModel):
    """A search."""

    model_config = ConfigDict(extra="forbid")
    query: str = Field(max_length=MAX_QUERY, examples=["感受野怎么算"])
    k: int = Field(5, ge=1, le=100)


def router(service: Service) -> APIRouter:
    """Return the routes."""
    routes = APIRouter(tags=["notes"])
    assistant = service.assistant

    @routes.post("/search")
    async def search(query: Query, caller: Reader) -> dict[str, Any]:
        """Find the nearest topics."""
        return await service.run(lambda: assistant.search(query.query, query.k).to_dict())

    @routes.get("/topics")
    async def topics(caller: Reader) -> list[dict[str, Any]]:
        """List the topics of the notes."""
        return await service.run(lambda: [topic.to_dict() for topic in assistant.topics()])

    return routes
