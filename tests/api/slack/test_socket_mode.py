"""Socket Mode: the same answers over a connection that the program opens itself."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from api.service import Service
from api.slack.bot import Bot
from api.slack.fake_slack import FakeSlack
from api.slack.socket_mode import SlackRefused, connected
from assistant.study import Assistant, open_assistant
from tests.api.slack.workspace import QUESTION, QUOTE, command, mention
from tests.index.embedding import write_notes


@pytest.fixture
def slack() -> Iterator[FakeSlack]:
    with FakeSlack() as running:
        yield running


@pytest.fixture
def assistant(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Assistant:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"):
        monkeypatch.delenv(name, raising=False)
    return open_assistant(write_notes(tmp_path / "notes"), tmp_path / "home", model="notes")


async def until(condition: object) -> None:
    assert callable(condition)
    end = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < end
        await asyncio.sleep(0.01)


def test_what_comes_over_the_socket_is_acknowledged_and_answered_once(
    slack: FakeSlack, assistant: Assistant
) -> None:
    async def run() -> None:
        service = Service(assistant)
        async with connected(Bot(service, slack.token, api=slack.api), slack.app_token):
            await until(lambda: slack.has_connection)
            body = mention(QUESTION, ts="1.000001")
            for envelope in ("e1", "e2"):
                await asyncio.to_thread(slack.send, "events_api", body, envelope)
            asked = command("help", slack.host, user="U1", channel="C1")
            await asyncio.to_thread(slack.send, "slash_commands", asked, "e3")
            await until(lambda: len(slack.shown) == 2)
            await until(lambda: len(slack.acknowledged) == 3)
        await service.close()

    asyncio.run(run())
    assert sorted(slack.acknowledged) == ["e1", "e2", "e3"]
    [answer] = slack.in_thread("C1", "1.000001")
    assert QUOTE in answer.markdown
    assert slack.refused == []


@pytest.mark.parametrize(("token", "app_token", "named"), [("xoxb-wrong", "xapp-fake", "SLACK_BOT_TOKEN"),
                                                           ("xoxb-fake", "xapp-wrong", "SLACK_APP_TOKEN")])  # fmt: skip
def test_a_wrong_token_is_named_and_not_told(
    slack: FakeSlack, assistant: Assistant, token: str, app_token: str, named: str
) -> None:
    async def run() -> None:
        async with connected(Bot(Service(assistant), token, api=slack.api), app_token):
            pass

    with pytest.raises(SlackRefused) as caught:
        asyncio.run(run())
    assert str(caught.value).startswith(f"Slack does not take {named} (invalid_auth)")
    assert "wrong" not in str(caught.value).replace("is wrong", "")


def test_the_command_answers_until_it_is_interrupted(
    slack: FakeSlack, assistant: Assistant, tmp_path: Path
) -> None:
    assistant.topics()
    tokens = {"SLACK_BOT_TOKEN": slack.token, "SLACK_APP_TOKEN": slack.app_token, "SLACK_API_URL": slack.api}
    here = {"ASSISTANT_NOTES": str(tmp_path / "notes"), "ASSISTANT_HOME": str(tmp_path / "home")}
    process = subprocess.Popen(
        [sys.executable, "-m", "assistant", "slack"],
        env=os.environ | tokens | here,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    watchdog = threading.Timer(60, process.kill)
    watchdog.start()
    try:
        asyncio.run(until(lambda: slack.has_connection or process.poll() is not None))
        slack.send("events_api", mention(f"{QUESTION} CANARY", ts="1.000001"), "e1")
        asyncio.run(until(lambda: slack.in_thread("C1", "1.000001")))
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
    finally:
        watchdog.cancel()
        process.kill()
    assert "Traceback" not in err
    for secret in ("CANARY", "池化", slack.token, slack.app_token):
        assert secret not in out + err


def test_without_tokens_the_command_says_where_they_come_from(tmp_path: Path) -> None:
    bare = {name: value for name, value in os.environ.items() if not name.startswith("SLACK_")}
    done = subprocess.run(
        [sys.executable, "-m", "assistant", "slack"], env=bare, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "SLACK_APP_TOKEN" in done.stderr
    assert "docs/slack_manifest.yaml" in done.stderr
