"""The Bolt app that HTTP and Socket Mode share: Bolt speaks Slack's protocol, the bot does everything else.

Bolt's own checks are off where they would be made twice or too late: the signature is checked before Bolt reads the
body, and who the bot is comes from the delivery, since Bolt would ask Slack before it acknowledges anything.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any

from slack_bolt.async_app import AsyncApp, AsyncBoltRequest
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.response import BoltResponse
from slack_sdk.web.async_client import AsyncWebClient

from api.slack.bot import Bot
from api.slack.posting import QUIET


def bolt_app(bot: Bot) -> AsyncApp:
    """Return the app whose deliveries `bot` receives."""

    async def authorize(enterprise_id: str | None, team_id: str | None) -> AuthorizeResult:
        return AuthorizeResult(enterprise_id=enterprise_id, team_id=team_id)

    app = AsyncApp(
        name="api.slack.bolt",  # a logger of this name gets the level of `QUIET`
        client=AsyncWebClient(logger=QUIET),
        authorize=authorize,
        logger=QUIET,
        request_verification_enabled=False,
        ignoring_self_events_enabled=False,
    )

    @app.middleware
    async def receive(
        body: dict[str, Any],
        next: Callable[[], Awaitable[BoltResponse]],  # Bolt finds it by this name
    ) -> BoltResponse:
        receipt = await bot.receive(body)
        if not receipt.text:
            return BoltResponse(status=receipt.status, body="")
        told = {"response_type": "ephemeral", "text": receipt.text}
        return BoltResponse(
            status=receipt.status,
            body=json.dumps(told),
            headers={"content-type": ["application/json;charset=utf-8"]},
        )

    return app


async def dispatch(app: AsyncApp, request: AsyncBoltRequest) -> BoltResponse:
    """Return what Bolt answers."""
    response: BoltResponse = await app.async_dispatch(request)
    return response
