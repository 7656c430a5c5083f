"""A server with the Slack door, and a Slack that delivers to it as the real one does."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
import uvicorn
from fastapi import FastAPI

from api.doors.slack import open_door
from api.service import Service
from api.slack.fake_slack import BOT_USER, TEAM, FakeSlack, Shown
from api.slack.signing import signed
from assistant.study import Assistant

SECRET = "8f742231b10e8888abcd99yyyzzz85a5"
QUESTION = "最大池化取什么值?"
QUOTE = "最大池化取窗口里的最大值。"

_ids = count(1)


@dataclass
class Workspace:
    """What Slack does to a server, and what it shows afterwards."""

    slack: FakeSlack
    http: httpx.Client
    acks: list[float] = field(default_factory=list)

    def send(
        self, path: str, body: bytes, kind: str, headers: Mapping[str, str] | None = None
    ) -> httpx.Response:
        began = time.perf_counter()
        sent = {"content-type": kind} | signed(SECRET, body) | dict(headers or {})
        response = self.http.post(path, content=body, headers=sent)
        self.acks.append(time.perf_counter() - began)
        return response

    def event(self, body: Mapping[str, Any], headers: Mapping[str, str] | None = None) -> httpx.Response:
        return self.send("/slack/events", json.dumps(body).encode(), "application/json", headers)

    def command(
        self, text: str, *, user: str = "U1", channel: str = "C1", trigger: str = ""
    ) -> httpx.Response:
        return self.send(
            "/slack/commands",
            urlencode(command(text, self.slack.host, user=user, channel=channel, trigger=trigger)).encode(),
            "application/x-www-form-urlencoded",
        )

    def click(
        self, shown: Shown, action_id: str, *, user: str = "U1", value: str | None = None
    ) -> httpx.Response:
        payload = click(shown, action_id, user=user, value=value)
        body = urlencode({"payload": json.dumps(payload)}).encode()
        return self.send("/slack/interactive", body, "application/x-www-form-urlencoded")

    def until(self, condition: Callable[[], Any], seconds: float = 20) -> Any:
        """Wait until `condition` holds and return what it gave."""
        end = time.monotonic() + seconds
        while not (found := condition()):
            assert time.monotonic() < end, (self.slack.refused, [m.text for m in self.slack.shown][-5:])
            time.sleep(0.01)
        return found

    def answers(self, channel: str, thread: str, n: int = 1) -> list[Shown]:
        """Wait for `n` messages in a thread that are no mere signs of life."""

        def done() -> list[Shown]:
            found = [
                m for m in self.slack.in_thread(channel, thread) if not m.markdown.endswith(("……", " …"))
            ]
            return found if len(found) >= n else []

        found: list[Shown] = self.until(done)
        return found


def message(
    text: str,
    *,
    user: str = "U1",
    channel: str = "C1",
    ts: str = "",
    thread_ts: str = "",
    kind: str = "app_mention",
    event_id: str = "",
    **more: Any,
) -> dict[str, Any]:
    """Return a delivery of the Events API."""
    n = next(_ids)
    event: dict[str, Any] = {"type": kind, "user": user, "channel": channel, "text": text}
    event |= {"ts": ts or f"1710000000.{n:06d}", **({"thread_ts": thread_ts} if thread_ts else {})}
    if kind == "message":
        event["channel_type"] = "im" if channel.startswith("D") else "channel"
    return {
        "type": "event_callback",
        "team_id": TEAM,
        "api_app_id": "A1",
        "event_id": event_id or f"Ev{n:08d}",
        "event_time": 1710000000,
        "authorizations": [{"team_id": TEAM, "user_id": BOT_USER, "is_bot": True}],
        "event": event | more,
    }


def mention(text: str, **more: Any) -> dict[str, Any]:
    return message(f"<@{BOT_USER}> {text}", **more)


def reply(text: str, thread_ts: str, **more: Any) -> dict[str, Any]:
    return message(text, thread_ts=thread_ts, kind="message", **more)


def command(text: str, host: str, *, user: str, channel: str, trigger: str = "") -> dict[str, str]:
    return {
        "command": "/study", "text": text, "team_id": TEAM, "channel_id": channel, "user_id": user,
        "trigger_id": trigger or f"13345224609.{next(_ids)}", "response_url": f"{host}/response/{channel}/{user}",
    }  # fmt: skip


def click(shown: Shown, action_id: str, *, user: str, value: str | None = None) -> dict[str, Any]:
    n = next(_ids)
    given = shown.buttons[action_id] if value is None else value
    return {
        "type": "block_actions",
        "team": {"id": TEAM},
        "user": {"id": user},
        "channel": {"id": shown.channel},
        "trigger_id": f"1.{n}",
        "message": {"ts": shown.ts, "thread_ts": shown.thread_ts, "text": shown.text},
        "actions": [
            {"action_id": action_id, "value": given, "action_ts": f"1720000000.{n:06d}", "type": "button"}
        ],
    }


def only_slack(assistant: Assistant) -> FastAPI:
    """Return an application without any other door, which starts at once."""
    service = Service(assistant)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            stack.push_async_callback(service.close)
            for running in app.state.running:
                await stack.enter_async_context(running())
            yield

    app = FastAPI(lifespan=lifespan)
    app.state.running = []
    open_door(app, service)
    return app


@contextmanager
def workspace(
    assistant: Assistant,
    monkeypatch: pytest.MonkeyPatch,
    slack: FakeSlack | None = None,
    app: Callable[[Assistant], FastAPI] = only_slack,
) -> Iterator[Workspace]:
    """Serve `assistant` to a Slack; at the end the server has finished what it took."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"):
        monkeypatch.delenv(name, raising=False)
    with slack or FakeSlack() as running:
        monkeypatch.setenv("SLACK_SIGNING_SECRET", SECRET)
        monkeypatch.setenv("SLACK_BOT_TOKEN", running.token)
        monkeypatch.setenv("SLACK_API_URL", running.api)
        for client in _serve(app(assistant)):
            yield Workspace(running, client)


def _serve(app: FastAPI) -> Iterator[httpx.Client]:
    config = uvicorn.Config(app, host="127.0.0.1", port=0, log_config=None)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive()
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=30) as client:
            yield client
    finally:
        server.should_exit = True
        thread.join()
