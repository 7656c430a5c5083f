"""Socket Mode: deliveries over a connection that we open ourselves, so that nobody has to reach this machine."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler

from api.slack.bolt import bolt_app
from api.slack.bot import Bot
from api.slack.posting import Failed, code_of
from corpus.errors import StudyError

#: Tells of lost connections; at INFO and below it would tell of envelopes.
_CONNECTION = logging.getLogger("api.slack.connection")
_CONNECTION.setLevel(logging.ERROR)


class SlackRefused(StudyError):
    """Slack does not take a token, or cannot be reached."""


@asynccontextmanager
async def connected(bot: Bot, app_token: str) -> AsyncIterator[None]:
    """Receive deliveries meanwhile. Raises `SlackRefused` where a token is wrong, instead of trying for ever."""
    client = bot.poster.client
    try:
        await client.auth_test()
    except Failed as error:
        raise _refused("SLACK_BOT_TOKEN", error) from None
    try:
        await client.apps_connections_open(app_token=app_token)
    except Failed as error:
        raise _refused("SLACK_APP_TOKEN", error) from None
    async with bot.running():
        handler = AsyncSocketModeHandler(bolt_app(bot), app_token, logger=_CONNECTION, web_client=client)
        await handler.connect_async()  # type: ignore[no-untyped-call]
        try:
            yield
        finally:
            await handler.close_async()  # type: ignore[no-untyped-call]


def _refused(name: str, error: BaseException) -> SlackRefused:
    return SlackRefused(
        f"Slack does not take {name} ({code_of(error)})",
        "Check that it is whole and of this app, that the app is installed, and that slack.com can be reached.",
    )
