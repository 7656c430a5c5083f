"""REST over one assistant: ask, search, topics and demos under `/api/v1`.

`create_app` gets the assistant and does no work at import. Handlers are plain functions, which FastAPI runs
in threads; the assistant is used by one of them at a time.
"""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from threading import Lock
from typing import Annotated, Any

from fastapi import Body, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException

from api.errors import http_problem, problem
from assistant.demo_kit import registry
from assistant.study import Assistant
from corpus.errors import StudyError
from index.library import MAX_QUERY


class Question(BaseModel):
    """A question to answer."""

    model_config = ConfigDict(extra="forbid")
    question: str = Field(max_length=MAX_QUERY, examples=["L1 正则化为什么稀疏?"])
    general: bool = Field(
        False, description="Let a model answer from general knowledge, labelled, what the notes do not cover."
    )


class Query(BaseModel):
    """A search."""

    model_config = ConfigDict(extra="forbid")
    query: str = Field(max_length=MAX_QUERY, examples=["感受野怎么算"])
    k: int = Field(5, ge=1, le=100)


def _response(
    problem: tuple[HTTPStatus, dict[str, Any]], headers: Mapping[str, str] | None = None
) -> JSONResponse:
    status, body = problem
    return JSONResponse(body, status, headers, media_type="application/problem+json")


def _reason(error: Mapping[str, Any]) -> dict[str, Any]:
    """Where and why, without the input: a question is the user's text and stays out of logs."""
    unknown = error["type"] == "extra_forbidden"  # here the place is itself a name from the input
    return {"at": list(error["loc"][:-1] if unknown else error["loc"]), "reason": error["msg"]}


def create_app(assistant: Assistant) -> FastAPI:
    """Return the application that answers with `assistant`."""
    app = FastAPI(title="Interview study assistant", version="1")
    one_at_a_time = Lock()

    @app.exception_handler(StudyError)
    def refuse(request: Request, error: StudyError) -> JSONResponse:
        return _response(problem(error))

    @app.exception_handler(RequestValidationError)
    def invalid(request: Request, error: RequestValidationError) -> JSONResponse:
        return _response(
            http_problem(HTTPStatus.UNPROCESSABLE_ENTITY, errors=[_reason(e) for e in error.errors()])
        )

    @app.exception_handler(HTTPException)
    def no_such_place(request: Request, error: HTTPException) -> JSONResponse:
        return _response(http_problem(HTTPStatus(error.status_code)), error.headers)

    @app.exception_handler(Exception)
    def our_fault(request: Request, error: Exception) -> JSONResponse:
        return _response(http_problem(HTTPStatus.INTERNAL_SERVER_ERROR))

    @app.get("/healthz")
    def healthz() -> dict[str, str]:
        """Say that the process is alive."""
        return {"status": "ok"}

    @app.post("/api/v1/ask")
    def ask(question: Question) -> dict[str, Any]:
        """Answer a question from the notes."""
        with one_at_a_time:
            return assistant.ask(question.question, general=question.general).to_dict()

    @app.post("/api/v1/search")
    def search(query: Query) -> dict[str, Any]:
        """Find the nearest topics."""
        with one_at_a_time:
            return assistant.search(query.query, query.k).to_dict()

    @app.get("/api/v1/topics")
    def topics() -> list[dict[str, Any]]:
        """List the topics of the notes."""
        with one_at_a_time:
            return [topic.to_dict() for topic in assistant.topics()]

    @app.get("/api/v1/demos")
    def demos() -> list[dict[str, Any]]:
        """List the demos with the schema of their arguments."""
        loaded = (registry.load(name) for name in registry.names())
        return [{"name": d.name, "summary": d.summary, "parameters": d.schema} for d in loaded]

    @app.post("/api/v1/demos/{name}")
    def demo(name: str, arguments: Annotated[dict[str, Any], Body()]) -> dict[str, Any]:
        """Run a demo with the arguments in the body."""
        return assistant.demo(name, **arguments).to_dict()

    return app
