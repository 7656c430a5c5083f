"""Many deliveries, again and out of order: each question is answered once, in its thread, and acknowledged in time."""

from __future__ import annotations

import asyncio
import random
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from api.service import Service
from api.slack.bot import Bot
from api.slack.fake_slack import FakeSlack
from assistant.study import open_assistant
from tests.api.slack.workspace import mention, message, workspace
from tests.index.embedding import write_notes

TOPICS = {"最大池化": "最大池化取窗口里的最大值。", "平均池化": "平均池化取平均值。"}


@pytest.mark.parametrize("deliveries", [60, pytest.param(1_000, marks=pytest.mark.soak)])
def test_each_question_is_answered_once_in_its_thread_and_acknowledged_in_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, deliveries: int
) -> None:
    chance = random.Random(deliveries)
    questions = {
        f"{1_800_000_000 + n}.{n:06d}": (chance.choice([*TOPICS]), chance.choice(["C1", "C2", "D1"]))
        for n in range(round(deliveries * 0.7))
    }
    bodies = [
        (message if channel == "D1" else mention)(
            f"{topic}取什么?",
            ts=ts,
            channel=channel,
            user=f"U{chance.randrange(50)}",
            kind="message" if channel == "D1" else "app_mention",
        )
        for ts, (topic, channel) in questions.items()
    ]
    bodies += [chance.choice(bodies) for _ in range(deliveries - len(bodies))]
    chance.shuffle(bodies)

    def limit(method: str, n: int) -> int | None:
        return 0 if n % 40 == 0 else None

    assistant = open_assistant(write_notes(tmp_path / "notes"), tmp_path / "home", model="notes")
    with workspace(assistant, monkeypatch, FakeSlack(limit=limit)) as slack:
        with ThreadPoolExecutor(8) as threads:
            statuses = {response.status_code for response in threads.map(slack.event, bodies)}
        slack.until(lambda: len(slack.slack.shown) >= len(questions), seconds=300)
    assert statuses == {200}
    assert len(slack.acks) == deliveries
    assert max(slack.acks) < 3
    assert len(slack.slack.shown) == len(questions)
    for ts, (topic, channel) in questions.items():
        [answer] = slack.slack.in_thread(channel, ts)
        assert TOPICS[topic] in answer.markdown
    assert slack.slack.refused == []


def test_of_several_processes_with_one_store_one_answers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assistant = open_assistant(write_notes(tmp_path / "notes"), tmp_path / "home", model="notes")
    bodies = [mention("最大池化取什么?", ts=f"1.{n:06d}") for n in range(12)]
    with FakeSlack() as slack:

        async def run() -> None:
            services = [Service(assistant) for _ in range(3)]
            bots = [Bot(service, slack.token, api=slack.api) for service in services]
            async with AsyncExitStack() as stack:
                for bot in bots:
                    await stack.enter_async_context(bot.running())
                receipts = await asyncio.gather(*(bot.receive(body) for body in bodies for bot in bots))
                assert {receipt.status for receipt in receipts} == {200}
            for service in services:
                await service.close()

        for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"):
            monkeypatch.delenv(name, raising=False)
        asyncio.run(run())
        assert sorted(shown.thread_ts for shown in slack.shown) == [f"1.{n:06d}" for n in range(12)]
        assert slack.refused == []
