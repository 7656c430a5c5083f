"""The chat API of OpenAI under `/v1`, for the programs that speak it: Open WebUI, LibreChat, llm, any client.

An application of its own, so that its errors have the shape these programs expect and never that of REST.
"""

from __future__ import annotations

from http import HTTPStatus

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.middleware.exceptions import ExceptionMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route, Router
from ulid import ULID

from api.access.caller import Caller, Scope, allowed
from api.openai_chat import errors, side_jobs, streaming, wire
from api.openai_chat.answering import answer
from api.openai_chat.parts import Replying
from api.openai_chat.practising import practise
from api.openai_chat.raw import speak
from api.service import Service
from assistant.dialogues.types import Mode
from corpus.errors import StudyError

MODELS = ("assistant", "assistant-quiz", "assistant-interview", "assistant-raw")
_MODES = {"assistant-quiz": Mode.QUIZ, "assistant-interview": Mode.INTERVIEW}
#: Where clients name the conversation; Open WebUI does with ENABLE_FORWARD_USER_INFO_HEADERS.
_CHAT_IDS = ("x-openwebui-chat-id", "x-session-id")


def open_door(app: FastAPI, service: Service) -> None:
    """Mount the API."""
    app.mount("/v1", Chat(service).app)
    app.state.refusals["/v1"] = errors.refusal


class Chat:
    """The routes of the API over `service`."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._created = int(service.clock().timestamp())
        routes = [
            Route("/models", self.models),
            Route("/models/{name}", self.model),
            Route("/chat/completions", self.complete, methods=["POST"]),
        ]
        # No application: that would take the place of the whole one in the scope, of which the gate reads its rules.
        self.app = ExceptionMiddleware(
            Router(routes, redirect_slashes=False), {StudyError: self.refused, HTTPException: self.nowhere}
        )

    async def models(self, request: Request) -> Response:
        """List the models. Without a model behind it `assistant-raw` is listed, too, and says so when asked."""
        allowed(Scope.READ)(request)
        return JSONResponse(wire.models(MODELS, self._created))

    async def model(self, request: Request) -> Response:
        """Tell of one model."""
        allowed(Scope.READ)(request)
        return JSONResponse(wire.model(self._known(request.path_params["name"]), self._created))

    async def complete(self, request: Request) -> Response:
        """Answer the last message of a conversation."""
        caller = allowed(Scope.READ)(request)
        asked = wire.read(await request.body())
        head = {
            "id": f"chatcmpl-{ULID()}",
            "created": int(self._service.clock().timestamp()),
            "model": asked.model,
        }
        replies = self._replies(asked, caller, request)
        try:
            if not asked.stream:
                told = await streaming.while_there(request, streaming.whole(asked, head, replies))
                return Response(status_code=499) if told is None else JSONResponse(told)
            replies = await streaming.begun(replies)
        except StudyError:
            raise
        except Exception as error:  # told here, since further out it would be told in another shape
            return JSONResponse(errors.told(error, request.scope), HTTPStatus.INTERNAL_SERVER_ERROR)
        events = streaming.chunks(asked, head, replies, lambda error: errors.told(error, request.scope))
        return StreamingResponse(
            events,
            media_type="text/event-stream",
            headers={"Cache-Control": "no-cache", "X-Accel-Buffering": "no"},
        )

    def _replies(self, asked: wire.ChatRequest, caller: Caller, request: Request) -> Replying:
        """Return what the model says. Raises `NoSuchModel`, and `NotAllowed` for a dialogue without `learn`."""
        name = self._known(asked.model)
        if name == "assistant-raw":
            return speak(self._service, asked.messages)
        if (job := side_jobs.job_of(asked)) is not None:
            return side_jobs.do(self._service, asked, job)
        if name not in _MODES:
            return answer(self._service, caller, asked.messages)
        allowed(Scope.LEARN)(request)
        chat_id = next((given for header in _CHAT_IDS if (given := request.headers.get(header))), "")
        return practise(self._service, caller, asked.messages, _MODES[name], chat_id)

    def _known(self, name: str) -> str:
        if name not in MODELS:
            raise errors.NoSuchModel(
                f"there is no model called {name[:80]!r}", f"Known: {', '.join(MODELS)}."
            )
        return name

    async def refused(self, request: Request, error: Exception) -> Response:
        """Tell an error that a client can mend."""
        assert isinstance(error, StudyError)
        return errors.refusal(error, request.scope)

    async def nowhere(self, request: Request, error: Exception) -> Response:
        """Tell a wrong address or method."""
        assert isinstance(error, HTTPException)
        status = HTTPStatus(error.status_code)
        body = errors.body(status, f"{request.method} {request.url.path[:200]}: {status.phrase}")
        return JSONResponse(body, status, error.headers)
