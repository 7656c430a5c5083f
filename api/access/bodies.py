"""How large a body may be, by Starlette's limiter, whose own refusal is plain text and passes no handler."""

from __future__ import annotations

from starlette.datastructures import Headers
from starlette.middleware.body_limit import RequestBodyLimitMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.access.refusals import BodyTooLarge
from api.access.refusing import refusal

#: Bytes of a body. A route that takes files says `max_body_size=MAX_UPLOAD`.
MAX_BODY = 1_000_000
#: Bytes of a body that brings a note.
MAX_UPLOAD = 10_000_000


class BodyLimit:
    """The application `app` with bodies of at most `max_body_size` bytes, declared or not."""

    def __init__(self, app: ASGIApp, max_body_size: int) -> None:
        self.app = RequestBodyLimitMiddleware(app, max_body_size)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        is_refused = False

        async def send_shaped(message: Message) -> None:
            nonlocal is_refused
            if message["type"] == "http.response.start" and _is_the_limiters(message):
                is_refused = True
                error = BodyTooLarge("the body is larger than this path takes", "Send less at a time.")
                await refusal(error, scope, {"Connection": "close"})(scope, receive, send)
            elif not is_refused:
                await send(message)

        await self.app(scope, receive, send_shaped if scope["type"] == "http" else send)


def _is_the_limiters(start: Message) -> bool:
    return start["status"] == 413 and Headers(scope=start).get("content-type", "").startswith("text/plain")
