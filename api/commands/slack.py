"""Run the Slack bot over Socket Mode: from this machine, without a public address."""

from __future__ import annotations

import os
from importlib.util import find_spec

from assistant.cli.session import Session
from corpus.errors import StudyError


def command(session: Session) -> None:
    """Answer in Slack until Ctrl-C. Needs SLACK_BOT_TOKEN (xoxb-…) and SLACK_APP_TOKEN (xapp-…), see docs/slack.md."""
    tokens = [os.environ.get(name, "") for name in ("SLACK_BOT_TOKEN", "SLACK_APP_TOKEN")]
    if not all(tokens):
        raise StudyError(
            "SLACK_BOT_TOKEN and SLACK_APP_TOKEN are not both set",
            "Make an app from docs/slack_manifest.yaml; docs/slack.md says where its tokens are.",
        )
    if find_spec("slack_bolt") is None or find_spec("aiohttp") is None:
        raise StudyError(
            "the package 'slack_bolt' is not installed",
            "Install it: pip install 'interview-study-assistant[doors]'",
        )
    import asyncio

    from api.service import Service
    from api.slack.bot import Bot
    from api.slack.posting import SLACK_API
    from api.slack.socket_mode import connected

    session.assistant.topics()  # a note that cannot be read is said now, not at the first question
    service = Service(session.assistant)
    bot = Bot(service, tokens[0], api=os.environ.get("SLACK_API_URL", SLACK_API))

    async def run() -> None:
        try:
            async with connected(bot, tokens[1]):
                session.warn("Slack: 已连接，Ctrl-C 结束 (connected; Ctrl-C ends it)")
                await asyncio.Event().wait()
        finally:
            service.stop()
            await service.close()

    asyncio.run(run())
