"""Search the notes, and list what is in them."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from api.access.caller import Reader
from api.rest._shapes import Found, Topic, gives
from api.service import Service
from index.library import MAX_QUERY


class Query(BaseModel):
    """A search."""

    model_config = ConfigDict(extra="forbid", strict=True)
    query: str = Field(
        max_length=MAX_QUERY,
        examples=["感受野怎么算"],
        json_schema_extra={
            "pattern": r"\S"
        },  # told here; an empty one is refused by the assistant, with a hint
    )
    k: int = Field(5, ge=1, le=100, description="How many topics.")


def router(service: Service) -> APIRouter:
    """Return the routes."""
    routes = APIRouter(tags=["notes"])
    assistant = service.assistant

    @routes.post("/search", **gives(Found))
    async def search(query: Query, caller: Reader) -> dict[str, Any]:
        """Find the nearest topics, each by its best passage."""
        return await service.run(lambda: assistant.search(query.query, query.k).to_dict())

    @routes.get("/topics", **gives(list[Topic]))
    async def topics(caller: Reader) -> list[dict[str, Any]]:
        """List the topics of the notes, in the order of the files."""
        return await service.run(lambda: [topic.to_dict() for topic in assistant.topics()])

    return routes
