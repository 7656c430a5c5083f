"""Ask a question of the notes."""

from __future__ import annotations

from contextlib import aclosing
from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from api.access.caller import Reader
from api.service import Service
from assistant.events import Done
from index.library import MAX_QUERY


class Question(BaseModel):
    """A question to answer."""

    model_config = ConfigDict(extra="forbid")
    question: str = Field(max_length=MAX_QUERY, examples=["L1 正则化为什么稀疏?"])
    general: bool = Field(
        False, description="Let a model answer from general knowledge, labelled, what the notes do not cover."
    )


def router(service: Service) -> APIRouter:
    """Return the routes."""
    routes = APIRouter(tags=["ask"])

    @routes.post("/ask")
    async def ask(question: Question, caller: Reader) -> dict[str, Any]:
        """Answer a question from the notes."""
        async with aclosing(service.ask(question.question, general=question.general)) as events:
            async for event in events:
                if isinstance(event, Done):
                    return event.answer.to_dict()
        raise AssertionError("an answer ends with Done")

    return routes
