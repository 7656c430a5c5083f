"""MCP over a real socket: uvicorn, the application with its gate, keys and learners, and the SDK's own client."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import httpx
import pytest
import uvicorn
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from mcp.shared._httpx_utils import create_mcp_http_client

from api.access.caller import Scope
from api.access.policy import Policy
from api.app import create_app
from api.doors import mcp as door
from api.service import now_utc
from assistant.llm.fake_ollama import FakeOllama, Pause, Reply
from assistant.store import Store
from assistant.study import Assistant, open_assistant
from tests.api.mcp_talk import told, value
from tests.assistant.quiz.conftest import WRITTEN
from tests.index.embedding import write_notes

T = TypeVar("T")
QUESTION = "最大池化取什么值?"
KEYS = Policy(asks_for_keys=True, rate_limit="1000/minute", model_rate_limit="1000/minute")


@contextmanager
def serving(assistant: Assistant, policy: Policy | None = None) -> Iterator[str]:
    """Serve `assistant` for as long as the block lasts and give the server's address."""
    app = create_app(assistant, policy)
    config = uvicorn.Config(app, host="127.0.0.1", port=0, log_config=None, lifespan="on")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive()
        time.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()


def spoken(base: str, said: Callable[[Client], Awaitable[T]], key: str = "", mode: str = "auto") -> T:
    """Return what `said` returns, which speaks to the server at `base` with `key`."""

    async def speak() -> T:
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        async with create_mcp_http_client(headers=headers) as http:
            transport = streamable_http_client(f"{base}/mcp", http_client=http)
            async with Client(transport, mode=mode) as client:
                return await said(client)

    return asyncio.run(speak())


def key_for(assistant: Assistant, name: str, *scopes: Scope) -> str:
    return Store(assistant.settings.home).keys.create(name, [scope.value for scope in scopes], now_utc())[0]


@pytest.fixture(scope="module")
def assistant(tmp_path_factory: pytest.TempPathFactory) -> Assistant:
    folder = tmp_path_factory.mktemp("http")
    notes = write_notes(folder / "notes")
    (notes / "written.md").write_text(WRITTEN, "utf-8")
    return open_assistant(notes, folder / "home", model="notes")


@pytest.fixture(scope="module")
def base(assistant: Assistant) -> Iterator[str]:
    with serving(assistant) as address:
        yield address


@pytest.mark.parametrize("mode", ["auto", "legacy"])
def test_the_official_client_asks_reads_and_is_quizzed(base: str, assistant: Assistant, mode: str) -> None:
    async def used(client: Client) -> tuple[Any, Any, Any]:
        answered = value(await client.call_tool("ask_notes", {"question": QUESTION}))
        [text] = (await client.read_resource("notes://topics/Dropout")).contents
        quiz = value(await client.call_tool("quiz", {"action": "begin", "topic": "池化层", "seed": 1}))
        return answered, text, quiz

    answered, text, quiz = spoken(base, used, mode=mode)
    assert answered["answer"] == assistant.ask(QUESTION).text
    assert text.text == "# Dropout\n\nDropout 以概率 p 随机丢弃神经元。"
    assert quiz["events"][0]["event"] == "question"
    # No key was asked for, so it is the quiz of the person at this machine.
    assert Store(assistant.settings.home).quizzes.load(quiz["quiz"]).words == "池化层"


def test_the_door_is_no_part_of_the_rest_interface(base: str) -> None:
    with httpx.Client(base_url=base, trust_env=False) as client:
        assert "/mcp" not in client.get("/openapi.json").json()["paths"]


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Host": "evil.example"}, 421),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"X-Forwarded-For": "203.0.113.9"}, 403),
    ],
)
def test_a_foreign_host_or_page_comes_no_further_than_at_other_doors(
    base: str, headers: dict[str, str], status: int
) -> None:
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
    with httpx.Client(base_url=base, trust_env=False) as client:
        accept = {"Accept": "application/json, text/event-stream"}
        assert client.post("/mcp", json=body, headers=accept | headers).status_code == status
        assert client.post("/api/v1/search", json={"query": "池化"}, headers=headers).status_code == status


@pytest.mark.parametrize(
    "content",
    [
        b"", b"{", b"\xff\xfe\x00", b"[]", b"null", b"[1, 2]", b'{"jsonrpc": "1.0"}', b'"\\ud800"',
        b"[" * 100_000,
        b'{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"run_demo","arguments":"' + b"x" * 9_000_000,
    ],
)  # fmt: skip
@pytest.mark.parametrize("version", ["", "2025-06-18", "2026-07-28", "9999-99-99", "\x7f"])
def test_what_is_no_message_is_refused_and_the_door_stays_open(
    base: str, content: bytes, version: str
) -> None:
    headers = {"Accept": "application/json, text/event-stream", "Content-Type": "application/json"}
    if version:
        headers["MCP-Protocol-Version"] = version
    with httpx.Client(base_url=base, trust_env=False, timeout=30) as client:
        assert 400 <= client.post("/mcp", content=content, headers=headers).status_code < 500
        assert client.get("/healthz").status_code == 200


@pytest.mark.parametrize("mode", ["auto", "legacy"])
def test_every_key_is_a_learner_of_its_own_with_its_own_scopes(
    tmp_path: Path, assistant: Assistant, mode: str
) -> None:
    own = open_assistant(assistant.settings.notes[0], tmp_path / "home", model="notes")
    reader = key_for(own, "reader", Scope.READ)
    ann, bob = (key_for(own, name, Scope.READ, Scope.LEARN) for name in ("ann", "bob"))

    async def begin(client: Client) -> str:
        return str(value(await client.call_tool("quiz", {"action": "begin", "topic": "池化层"}))["quiz"])

    with serving(own, KEYS) as base:
        quiz = spoken(base, begin, ann, mode)

        async def hint(client: Client) -> str:
            return told(await client.call_tool("quiz", {"action": "hint", "quiz": quiz}))

        async def tools(client: Client) -> set[str]:
            return {tool.name for tool in (await client.list_tools()).tools}

        assert '"event": "hint"' in spoken(base, hint, ann, mode)
        assert f"there is no quiz '{quiz}'" in spoken(base, hint, bob, mode)
        assert "may not learn" in spoken(base, hint, reader, mode)
        assert "quiz" not in spoken(base, tools, reader, mode)
        assert "quiz" in spoken(base, tools, ann, mode)
        with httpx.Client(base_url=base, trust_env=False) as client:
            refused = client.post("/mcp", json={"jsonrpc": "2.0", "id": 1, "method": "tools/list"})
            assert refused.status_code == 401
            assert refused.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize("mode", ["auto", "legacy"])
def test_leaving_ends_the_work_at_the_model(tmp_path: Path, mode: str) -> None:
    with FakeOllama(respond=lambda body: Reply((Pause(),))) as server:
        own = open_assistant(
            write_notes(tmp_path / "notes"),
            tmp_path / "home",
            model="ollama:qwen3.5:4b",
            ollama_host=server.host,
        )

        async def leave(client: Client) -> None:
            asking = asyncio.create_task(client.call_tool("ask_notes", {"question": QUESTION}))
            while not server.chats:
                await asyncio.sleep(0.01)
            asking.cancel()
            with pytest.raises(asyncio.CancelledError):
                await asking

        with serving(own) as base:
            spoken(base, leave, mode=mode)
            assert server.wait_for_clients_gone()


def test_before_the_application_runs_the_door_says_to_come_back(assistant: Assistant) -> None:
    from starlette.testclient import TestClient

    response = TestClient(create_app(assistant), base_url="http://localhost").post("/mcp", json={})
    assert (response.status_code, response.headers["retry-after"]) == (503, "1")


def test_without_the_package_the_door_stays_shut_and_says_how_to_open_it(
    assistant: Assistant, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    from starlette.testclient import TestClient

    monkeypatch.setattr(door, "find_spec", lambda name: None)
    client = TestClient(create_app(assistant), base_url="http://localhost")
    assert client.post("/mcp", json={}).status_code == 404
    assert client.get("/healthz").status_code == 200
    [line] = [record.getMessage() for record in caplog.records if record.name == door.__name__]
    assert "pip install 'interview-study-assistant[doors]'" in line
