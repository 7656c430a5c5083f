"""Slack's deliveries over HTTP, under `/slack`. The door stays shut without SLACK_SIGNING_SECRET and SLACK_BOT_TOKEN.

Whoever has no signature of Slack's learns nothing: any request that cannot be checked or read is a 401. Without a
public address use Socket Mode instead: `assistant slack`.
"""

from __future__ import annotations

import os
from contextlib import AbstractAsyncContextManager
from http import HTTPStatus
from importlib.util import find_spec

from fastapi import FastAPI, Request, Response

from api.observing.logs import LOGGER
from api.service import Service

#: One handler behind all three; an app may be told any of them.
PATHS = ("/slack/events", "/slack/commands", "/slack/interactive")


def open_door(app: FastAPI, service: Service) -> None:
    """Add the routes, where there is an app to serve."""
    secret, token = os.environ.get("SLACK_SIGNING_SECRET", ""), os.environ.get("SLACK_BOT_TOKEN", "")
    if not (secret and token):
        return
    if find_spec("slack_bolt") is None or find_spec("aiohttp") is None:
        LOGGER.warning("no Slack: pip install 'interview-study-assistant[doors]'")
        return
    from slack_bolt.async_app import AsyncBoltRequest

    from api.slack.bolt import bolt_app, dispatch
    from api.slack.bot import Bot
    from api.slack.payloads import parsed
    from api.slack.posting import SLACK_API
    from api.slack.signing import Guard

    guard = Guard(secret)
    bot = Bot(service, token, api=os.environ.get("SLACK_API_URL", SLACK_API))
    bolt = bolt_app(bot)

    async def deliver(request: Request) -> Response:
        """Take a delivery of Slack's."""
        body = await request.body()
        if not guard.lets_in(body, request.headers):
            return Response(status_code=401)
        try:
            parsed(body, request.headers.get("content-type", ""))
            delivery = AsyncBoltRequest(body=body.decode("utf-8"), headers=dict(request.headers.items()))
            answer = await dispatch(bolt, delivery)
        except Exception:
            answer = None
        if answer is None or answer.status == HTTPStatus.INTERNAL_SERVER_ERROR:
            # Signed, and nothing that Slack sends: Bolt stumbled over its shape. The bot itself does not raise.
            return Response(status_code=401)
        kind = answer.headers.get("content-type", ["text/plain"])[0]
        return Response(answer.body, answer.status, media_type=kind)

    def running() -> AbstractAsyncContextManager[None]:
        return bot.running()

    for path in PATHS:
        app.add_api_route(path, deliver, methods=["POST"], include_in_schema=False)
    app.state.running.append(running)
