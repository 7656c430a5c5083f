"""A Slack of one workspace on this machine: its Web API, its uploads and its Socket Mode, for tests and for trying out.

It keeps what is posted and refuses what Slack refuses, by Slack's own error codes, as far as a bot of ours can run into
it: tokens, channels, threads, sizes, blocks, scopes of `docs/slack_manifest.yaml`. Every refusal stands in `refused`,
so that a test can ask for none. It renders nothing.

    with FakeSlack() as slack:
        AsyncWebClient(slack.token, base_url=slack.api)
"""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from aiohttp import WSMsgType, web

from api.slack.fake_blocks import wrong_with

TEAM, BOT_USER, BOT_ID = "T0TEAM", "U0BOT", "B0BOT"


@dataclass
class Shown:
    """A message as it stands: its text after all edits, its blocks, and the stamps of both kinds."""

    channel: str
    ts: str
    thread_ts: str
    text: str
    blocks: list[dict[str, Any]]
    only_for: str = ""
    edits: int = 0

    @property
    def markdown(self) -> str:
        """What a person reads, without sources and buttons."""
        return "\n".join(block["text"] for block in self.blocks if block["type"] == "markdown")

    @property
    def buttons(self) -> dict[str, str]:
        """The action_id of each button and its value."""
        rows = (block["elements"] for block in self.blocks if block["type"] == "actions")
        return {button["action_id"]: button["value"] for row in rows for button in row}

    @property
    def sources(self) -> list[str]:
        """The lines under the answer."""
        rows = (block["elements"] for block in self.blocks if block["type"] == "context")
        return [element["text"] for row in rows for element in row]


@dataclass
class Upload:
    """A file and where it was put."""

    name: str
    content: bytes = b""
    channel: str = ""
    thread_ts: str = ""


@dataclass
class Call:
    """One call of a method, with its arguments."""

    method: str
    arguments: Mapping[str, Any]


@dataclass
class FakeSlack:
    """The server; `channels` are those the bot is in.

    `broken(method, n)` returns the status with which the n-th call of a method fails, None to take it.
    `limit(method, n)` returns the seconds of a Retry-After with which the n-th call of a method is refused, None to
    take it.
    """

    token: str = "xoxb-fake"
    app_token: str = "xapp-fake"
    channels: frozenset[str] = frozenset({"C1", "C2", "D1"})
    limit: Callable[[str, int], int | None] = lambda method, n: None
    takes_markdown: bool = True
    broken: Callable[[str, int], int | None] = lambda method, n: None
    shown: list[Shown] = field(default_factory=list)
    uploads: dict[str, Upload] = field(default_factory=dict)
    calls: list[Call] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    acknowledged: list[str] = field(default_factory=list)
    host: str = ""

    def __post_init__(self) -> None:
        self._stamps = count(1)
        self._started = threading.Event()
        self._sockets: list[web.WebSocketResponse] = []

    @property
    def api(self) -> str:
        """The base URL of the Web API."""
        return f"{self.host}/api/"

    def __enter__(self) -> FakeSlack:
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()), daemon=True)
        self._thread.start()
        self._started.wait()
        return self

    def __exit__(self, *error: object) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()

    def in_thread(self, channel: str, thread_ts: str) -> list[Shown]:
        """Return what everybody sees in a thread below its first message, in order."""
        return [m for m in self.shown if (m.channel, m.thread_ts, m.only_for) == (channel, thread_ts, "")]

    def send(self, kind: str, payload: Mapping[str, Any], envelope: str) -> None:
        """Deliver over Socket Mode; `acknowledged` gets the envelope."""
        text = json.dumps(
            {"envelope_id": envelope, "type": kind, "payload": payload, "accepts_response_payload": True}
        )
        asyncio.run_coroutine_threadsafe(self._sockets[-1].send_str(text), self._loop).result(10)

    @property
    def has_connection(self) -> bool:
        """Whether a client of Socket Mode is there."""
        return bool(self._sockets)

    async def _run(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        app = web.Application(client_max_size=20_000_000)
        app.router.add_route("*", "/api/{method}", self._method)
        app.router.add_post("/upload/{file}", self._uploaded)
        app.router.add_post("/response/{channel}/{user}", self._responded)
        app.router.add_get("/socket", self._socket)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        self.host = f"http://127.0.0.1:{runner.addresses[0][1]}"
        self._started.set()
        await self._stop.wait()
        for socket in self._sockets:
            await socket.close()
        await runner.cleanup()

    async def _method(self, request: web.Request) -> web.Response:
        method, arguments = request.match_info["method"], dict(request.query)
        if request.content_type == "application/json":
            arguments |= await request.json()
        else:
            arguments |= {name: str(value) for name, value in (await request.post()).items()}
        self.calls.append(Call(method, arguments))
        n = sum(call.method == method for call in self.calls)
        if (seconds := self.limit(method, n)) is not None:
            body = {"ok": False, "error": "ratelimited"}
            return web.json_response(body, status=429, headers={"Retry-After": str(seconds)})
        if (status := self.broken(method, n)) is not None:
            return web.Response(status=status, text="upstream connect error")
        wanted = self.app_token if method == "apps.connections.open" else self.token
        if request.headers.get("Authorization") != f"Bearer {wanted}":
            return self._refuse(method, "invalid_auth")
        answer = _METHODS.get(method)
        if answer is None:
            return self._refuse(method, "unknown_method")
        done = answer(self, arguments)
        return self._refuse(method, done) if isinstance(done, str) else web.json_response({"ok": True} | done)

    def _refuse(self, method: str, code: str) -> web.Response:
        self.refused.append(f"{method}: {code}")
        return web.json_response({"ok": False, "error": code.partition(" ")[0]})

    def _auth(self, arguments: Mapping[str, Any]) -> dict[str, Any] | str:
        return {"team_id": TEAM, "user_id": BOT_USER, "bot_id": BOT_ID, "url": self.host}

    def _post(self, arguments: Mapping[str, Any]) -> dict[str, Any] | str:
        if wrong := self._wrong(arguments):
            return wrong
        ts = f"1700000000.{next(self._stamps):06d}"
        self._keep(arguments, ts)
        return {"channel": arguments["channel"], "ts": ts}

    def _whisper(self, arguments: Mapping[str, Any]) -> dict[str, Any] | str:
        if wrong := self._wrong(arguments):
            return wrong
        if not arguments.get("user"):
            return "user_not_in_channel"
        ts = f"1700000000.{next(self._stamps):06d}"
        self._keep(arguments, ts, arguments["user"])
        return {"message_ts": ts}

    def _update(self, arguments: Mapping[str, Any]) -> dict[str, Any] | str:
        if wrong := self._wrong(arguments):
            return wrong
        place = (arguments["channel"], arguments.get("ts"))
        found = [m for m in self.shown if (m.channel, m.ts) == place and not m.only_for]
        if not found:
            return "message_not_found"
        found[0].text, found[0].blocks = arguments["text"], arguments["blocks"]
        found[0].edits += 1
        return {"channel": found[0].channel, "ts": found[0].ts}

    def _wrong(self, arguments: Mapping[str, Any]) -> str:
        if arguments.get("channel") not in self.channels:
            return (
                "not_in_channel" if str(arguments.get("channel", "")).startswith("C") else "channel_not_found"
            )
        if not self.takes_markdown and any(block["type"] == "markdown" for block in arguments["blocks"]):
            return "invalid_blocks"
        return wrong_with(arguments)

    def _keep(self, arguments: Mapping[str, Any], ts: str, only_for: str = "") -> None:
        thread = arguments.get("thread_ts") or ""
        self.shown.append(
            Shown(arguments.get("channel", ""), ts, thread, arguments["text"], arguments["blocks"], only_for)
        )

    def _upload_url(self, arguments: Mapping[str, Any]) -> dict[str, Any] | str:
        if not (arguments.get("filename") and int(arguments.get("length", 0))):
            return "invalid_arguments"
        file = f"F{len(self.uploads) + 1}"
        self.uploads[file] = Upload(arguments["filename"])
        return {"file_id": file, "upload_url": f"{self.host}/upload/{file}"}

    async def _uploaded(self, request: web.Request) -> web.Response:
        self.uploads[request.match_info["file"]].content = await request.read()
        return web.Response(text="OK")

    def _complete(self, arguments: Mapping[str, Any]) -> dict[str, Any] | str:
        files = arguments["files"]
        files = json.loads(files) if isinstance(files, str) else files
        for file in files:
            upload = self.uploads[file["id"]]
            upload.channel, upload.thread_ts = arguments["channel_id"], arguments.get("thread_ts", "")
        return {"files": files}

    async def _responded(self, request: web.Request) -> web.Response:
        """Take what is sent to a response_url."""
        arguments = await request.json() | {"channel": request.match_info["channel"]}
        if wrong := wrong_with(arguments):
            self.refused.append(f"response_url: {wrong}")
            return web.Response(status=400, text=wrong)
        self._keep(arguments, f"1700000000.{next(self._stamps):06d}", request.match_info["user"])
        return web.Response(text="ok")

    def _open(self, arguments: Mapping[str, Any]) -> dict[str, Any] | str:
        return {"url": f"{self.host.replace('http', 'ws')}/socket"}

    async def _socket(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.send_str(json.dumps({"type": "hello", "num_connections": 1}))
        self._sockets.append(socket)
        async for message in socket:
            if message.type is WSMsgType.TEXT:
                self.acknowledged.append(json.loads(message.data)["envelope_id"])
        self._sockets.remove(socket)
        return socket


_METHODS: dict[str, Callable[[FakeSlack, Mapping[str, Any]], dict[str, Any] | str]] = {
    "auth.test": FakeSlack._auth,
    "chat.postMessage": FakeSlack._post,
    "chat.postEphemeral": FakeSlack._whisper,
    "chat.update": FakeSlack._update,
    "files.getUploadURLExternal": FakeSlack._upload_url,
    "files.completeUploadExternal": FakeSlack._complete,
    "apps.connections.open": FakeSlack._open,
}
