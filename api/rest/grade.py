"""Grade an answer by the notes, and decide oneself what it is worth."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from pydantic import Field

from api.access.caller import Learner, Reader, Scope
from api.access.idempotency import IdempotentRoute
from api.rest._practice import AnswerText, Strict
from api.rest._practice import Grade as GradeShape
from api.rest._shapes import gives
from api.service import Service
from assistant.grading.grader import overrule
from assistant.grading.types import Level
from index.library import MAX_QUERY

#: Whose decisions count for a key that may only read: nobody's.
_NOBODY = "nobody"


class Given(Strict):
    """A question, an answer to it, and the topic it is about; without one the question finds it."""

    question: str = Field(max_length=MAX_QUERY, pattern=r"\S", examples=["L1 正则化为什么稀疏?"])
    answer: AnswerText = Field(examples=["因为它在零点不可导。"])
    topic: str | None = Field(None, min_length=1, max_length=200)


class Overruled(Given):
    """An answer, and the level that it has from now on."""

    level: Level


def router(service: Service) -> APIRouter:
    """Return the routes."""
    routes = APIRouter(prefix="/grade", tags=["practise"], route_class=IdempotentRoute)

    @routes.post("", **gives(GradeShape))
    async def grade(given: Given, caller: Reader) -> dict[str, Any]:
        """Grade an answer by the key points of the notes; your own decisions on it count."""
        learner = caller.learner if Scope.LEARN in caller.scopes else _NOBODY

        def graded() -> dict[str, Any]:
            found = service.assistant.grade(given.question, given.answer, given.topic, learner)
            service.metrics.graded(found.level.value)
            return found.to_dict()

        return await service.run_with_model(graded)

    @routes.post("/overrule", **gives(GradeShape))
    async def decide(given: Overruled, caller: Learner) -> dict[str, Any]:
        """Decide the level of an answer yourself; it is kept for this very answer."""

        def decided() -> dict[str, Any]:
            found = service.assistant.grade(given.question, given.answer, given.topic, caller.learner)
            kept = service.store.grading.of(caller.learner)
            kept.keep_overrule(found, given.level, service.clock())
            return overrule(found, given.level).to_dict()

        return await service.run_with_model(decided)

    return routes
