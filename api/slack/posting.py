"""Speaking in a workspace: the few methods of Slack's Web API that we use, with patience where Slack asks for it."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.http_retry.builtin_async_handlers import (
    AsyncConnectionErrorRetryHandler,
    AsyncRateLimitErrorRetryHandler,
)
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse
from slack_sdk.webhook.async_client import AsyncWebhookClient

from api.slack.blocks import Post, without_markdown
from api.slack.payloads import Place

SLACK_API = "https://slack.com/api/"
#: What the libraries may say: they log bodies, tokens' hosts and texts below this.
QUIET = logging.getLogger("api.slack.libraries")
QUIET.setLevel(logging.CRITICAL)
#: Tries of a message that Slack asks to be sent later.
_PATIENCE = 6

Failed = (SlackClientError, aiohttp.ClientError, TimeoutError, OSError)
"""What a call may end with when Slack cannot be reached or refuses."""


def web_client(token: str, api: str = SLACK_API) -> AsyncWebClient:
    """Return a client that waits as long as `Retry-After` says.

    Nothing is sent again after a 5xx: the message may have been posted, and twice is worse than an apology.
    """
    client = AsyncWebClient(token, base_url=api, logger=QUIET, timeout=30)
    client.retry_handlers = [
        AsyncConnectionErrorRetryHandler(),
        AsyncRateLimitErrorRetryHandler(max_retry_count=_PATIENCE),
    ]
    return client


def code_of(error: BaseException) -> str:
    """Return Slack's name for what went wrong, else the kind of error; never its text, which holds the request."""
    if isinstance(error, SlackApiError):
        return str(error.response.get("error", "unknown"))
    return type(error).__name__


class Poster:
    """Posts as the bot whose token `client` holds. Every method raises one of `Failed`."""

    def __init__(self, client: AsyncWebClient) -> None:
        self.client = client
        # An edit that comes late is worth nothing, so these do not wait: the next one says more.
        self._hasty = AsyncWebClient(client.token, base_url=client.base_url, logger=QUIET, timeout=10)
        self._hasty.retry_handlers = []

    @asynccontextmanager
    async def connected(self) -> AsyncIterator[None]:
        """Keep connections open meanwhile; without it every call makes its own."""
        async with aiohttp.ClientSession() as session:
            self.client.session = self._hasty.session = session
            try:
                yield
            finally:
                self.client.session = self._hasty.session = None

    async def post(self, place: Place, post: Post) -> str:
        """Post into a thread, or into the channel where `place` has none; return the stamp of the message."""
        where: dict[str, Any] = {"channel": place.channel, "thread_ts": place.thread or None}
        # Unfurling would fetch addresses that a note or a model wrote.
        where |= {"unfurl_links": False, "unfurl_media": False}
        response = await _sent(self.client.chat_postMessage, where, post)
        return str(response["ts"])

    async def edit(self, place: Place, stamp: str, post: Post, *, hasty: bool = False) -> None:
        """Replace a message; `hasty`: now or not at all."""
        client = self._hasty if hasty else self.client
        await _sent(client.chat_update, {"channel": place.channel, "ts": stamp}, post)

    async def whisper(self, place: Place, user: str, posts: Sequence[Post]) -> None:
        """Say something that only `user` sees."""
        where = {"channel": place.channel, "user": user, "thread_ts": place.thread or None}
        for post in posts:
            await _sent(self.client.chat_postEphemeral, where, post)

    async def respond(self, response_url: str, posts: Sequence[Post]) -> None:
        """Answer a command where only its giver sees it, also in channels that the bot is not in."""
        webhook = AsyncWebhookClient(response_url, logger=QUIET, session=self.client.session)
        for post in posts:
            response = await webhook.send(text=post.text, blocks=post.blocks, response_type="ephemeral")
            if response.status_code != 200:
                raise SlackClientError(f"status {response.status_code}")

    async def upload(self, place: Place, name: str, content: bytes, title: str) -> None:
        """Put a picture into a thread."""
        await self.client.files_upload_v2(
            filename=name, content=content, title=title, channel=place.channel, thread_ts=place.thread or None
        )


async def _sent(
    method: Callable[..., Awaitable[AsyncSlackResponse]], where: Mapping[str, Any], post: Post
) -> AsyncSlackResponse:
    """Call `method` with the blocks of `post`, and with plainer ones where Slack does not take them."""
    try:
        return await method(**where, text=post.text, blocks=list(post.blocks))
    except SlackApiError as error:
        if code_of(error) not in ("invalid_blocks", "msg_blocks_too_long"):
            raise
    return await method(**where, text=post.text, blocks=list(without_markdown(post).blocks))
