"""Ask a question of the notes: one answer as JSON, or its events as they come."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import ClientDisconnect

from api.access.caller import Caller, Reader, Scope, allowed
from api.errors import ServerFault
from api.observing.logs import note_fault
from api.observing.request_ids import request_id_of
from api.problems import respond_to
from api.rest._answers import Answered
from api.service import Service
from api.streaming import EventStream, event, while_there, written
from assistant.answering.types import PartialEvent
from assistant.events import Cited, Done, Notice, Text, Thought, ToolRan, Waiting
from corpus.errors import StudyError
from index.library import MAX_QUERY

#: What begins a conversation, in place of its id.
NEW = "new"

_EVENTS = (
    "`text`, `thought`, `cited`, `tool`, `notice`, `waiting` (what is waited for, such as the place in the line for "
    "the model), and at the end `done` with the answer, or `error` with a problem document."
)


_EVENT = {
    "type": "object",
    "required": ["event", "data"],
    "properties": {
        "event": {"enum": ["text", "thought", "cited", "tool", "notice", "waiting", "done", "error"]},
        "data": {"type": "string", "contentMediaType": "application/json"},
    },
}


class Question(BaseModel):
    """A question to answer."""

    model_config = ConfigDict(extra="forbid")
    question: str = Field(
        max_length=MAX_QUERY,
        examples=["L1 正则化为什么稀疏?"],
        json_schema_extra={"pattern": r"\S"},  # told here; an empty question is refused below, with a hint
    )
    general: bool = Field(
        False, description="Let a model answer from general knowledge, labelled, what the notes do not cover."
    )
    session: str | None = Field(
        None,
        min_length=1,
        max_length=64,
        description=f"The id of a conversation that this question goes on with, or `{NEW}` to begin one, which then "
        "is kept. Needs the scope `learn`.",
    )
    stream: bool | None = Field(
        None, description="Whether to reply with events. Without it the Accept header decides."
    )


def router(service: Service) -> APIRouter:
    """Return the routes."""
    routes = APIRouter(tags=["ask"])

    @routes.post(
        "/ask",
        response_model=None,
        responses={
            200: {
                "model": Answered,
                "description": f"The answer. With `Accept: text/event-stream`, its events: {_EVENTS}",
                "content": {"text/event-stream": {"schema": _EVENT}},
            }
        },
    )
    async def ask(question: Question, request: Request, caller: Reader) -> Response:
        """Answer a question from the notes."""
        if question.session is not None:
            allowed(Scope.LEARN)(request)
        accepted = "text/event-stream" in request.headers.get("accept", "")
        if accepted if question.stream is None else question.stream:
            events = _told(service, question, caller)
            # What is refused before anything was said is refused as everywhere.
            return EventStream(_streamed(await anext(events), events, request))
        try:
            answer = await while_there(request, _answer(service, question, caller))
        except ClientDisconnect:
            return Response(status_code=499)  # nobody reads it
        return Response(written(answer), media_type="application/json")

    return routes


async def _answer(service: Service, question: Question, caller: Caller) -> dict[str, Any]:
    async with aclosing(_told(service, question, caller)) as events:
        async for said in events:
            if isinstance(said, dict):
                return said
    raise AssertionError("an answer ends with Done")


async def _told(
    service: Service, question: Question, caller: Caller
) -> AsyncGenerator[PartialEvent | dict[str, Any], None]:
    """Yield the events of an answer and, in place of `Done`, the reply that ends it."""
    if question.session is None:
        async with aclosing(service.ask(question.question, general=question.general)) as events:
            async for said in events:
                if not isinstance(said, Done):
                    yield said
                    continue
                if Scope.LEARN in caller.scopes:
                    await service.note_gap(caller.learner, said.answer)
                yield said.answer.to_dict()
        return
    session = None if question.session == NEW else question.session
    done: dict[str, Any] = {}
    conversation = service.converse(caller.learner, question.question, session, general=question.general)
    async with aclosing(conversation) as turns:
        async for turn in turns:
            match turn:
                case Done(answer):
                    done = answer.to_dict()
                case str():
                    yield done | {"session": turn}
                case _:
                    yield turn


async def _streamed(
    first: PartialEvent | dict[str, Any],
    rest: AsyncGenerator[PartialEvent | dict[str, Any], None],
    request: Request,
) -> AsyncGenerator[bytes, None]:
    async with aclosing(rest):
        try:
            yield _event(first)
            async for said in rest:
                yield _event(said)
        except StudyError as error:
            yield _broken_off(error, request)
        except Exception as error:
            note_fault(error, request_id_of(request.scope))
            yield _broken_off(ServerFault("the server failed at this"), request)


def _broken_off(error: StudyError, request: Request) -> bytes:
    return event("error", json.loads(bytes(respond_to(error, request.scope).body)))


def _event(said: PartialEvent | dict[str, Any]) -> bytes:
    match said:
        case Text(text):
            return event("text", {"text": text})
        case Thought(text):
            return event("thought", {"text": text})
        case Cited(citation):
            return event("cited", citation.to_dict())
        case ToolRan(run, told):
            return event("tool", {**run.to_dict(), "told": told})
        case Notice(text, retract, unsupported):
            return event("notice", {"text": text, "retract": retract, "unsupported": unsupported})
        case Waiting(text):
            return event("waiting", {"text": text})
        case _:
            return event("done", said)
