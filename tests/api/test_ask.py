"""Asking over a real socket: events as they come, conversations, places in the line, and clients that leave."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from threading import Event
from typing import Any

import httpx
import pytest

from api.streaming import EventStream, event
from assistant.events import Cited, Done, Text
from assistant.language import Language, say
from assistant.llm.fake_ollama import FakeOllama, Pause, Reply, broken
from assistant.llm.fake_ollama import say as model_says
from assistant.store import Store
from assistant.study import Assistant, open_assistant
from tests.api.test_app import QUESTION, problem, serve, timeless
from tests.index.embedding import write_notes

STREAM = {"accept": "text/event-stream"}
Said = tuple[str, dict[str, Any]]


def events_of(text: str) -> list[Said]:
    """Return the events of a stream, by name, without comments."""
    found = []
    for block in text.split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.splitlines() if not line.startswith(":"))
        if fields:
            found.append((fields["event"], json.loads(fields["data"])))
    return found


@pytest.fixture(scope="module")
def assistant(tmp_path_factory: pytest.TempPathFactory) -> Assistant:
    folder = tmp_path_factory.mktemp("ask")
    return open_assistant(write_notes(folder / "notes"), folder / "home", model="notes")


@pytest.fixture(scope="module")
def client(assistant: Assistant) -> Iterator[httpx.Client]:
    yield from serve(assistant)


def test_the_events_are_those_of_the_assistant(client: httpx.Client, assistant: Assistant) -> None:
    response = client.post("/api/v1/ask", json={"question": QUESTION}, headers=STREAM)
    assert response.status_code == 200
    assert response.headers["content-type"].startswith("text/event-stream")
    told = list(assistant.stream(QUESTION))
    said = events_of(response.text)
    assert [name for name, _ in said] == [
        {Text: "text", Cited: "cited", Done: "done"}[type(event)] for event in told
    ]
    assert [data["text"] for name, data in said if name == "text"] == [
        e.text for e in told if isinstance(e, Text)
    ]
    assert [data for name, data in said if name == "cited"] == [
        event.citation.to_dict() for event in told if isinstance(event, Cited)
    ]
    assert timeless(said[-1][1]) == timeless(assistant.ask(QUESTION).to_dict())


def test_chinese_stays_readable_on_the_wire(client: httpx.Client) -> None:
    response = client.post("/api/v1/ask", json={"question": QUESTION}, headers=STREAM)
    assert "最大池化取窗口里的最大值。".encode() in response.content


@pytest.mark.parametrize(("stream", "accept", "kind"), [
    (None, "application/json", "application/json"),
    (None, "text/event-stream", "text/event-stream"),
    (True, "application/json", "text/event-stream"),
    (False, "text/event-stream", "application/json"),
])  # fmt: skip
def test_the_body_decides_whether_events_come_and_else_the_header(
    client: httpx.Client, stream: bool | None, accept: str, kind: str
) -> None:
    body = {"question": QUESTION} | ({} if stream is None else {"stream": stream})
    response = client.post("/api/v1/ask", json=body, headers={"accept": accept})
    assert response.headers["content-type"].split(";")[0] == kind


def test_a_demo_that_ran_is_told_as_an_event(client: httpx.Client) -> None:
    question = "输入 32，卷积核 3，步长 2，填充 1，卷积输出尺寸是多少?"
    said = events_of(client.post("/api/v1/ask", json={"question": question}, headers=STREAM).text)
    [run] = [data for name, data in said if name == "tool"]
    assert (run["name"], run["result"]["numbers"]["output"]) == ("conv_output_size", 16)


@pytest.mark.parametrize("headers", [{}, STREAM])
def test_what_is_refused_before_the_first_event_is_a_problem(
    client: httpx.Client, headers: dict[str, str]
) -> None:
    response = client.post("/api/v1/ask", json={"question": "  "}, headers=headers)
    assert problem(response, 422)["detail"] == "the question is empty"
    response = client.post("/api/v1/ask", json={"question": QUESTION, "session": "no-such"}, headers=headers)
    assert "'no-such'" in problem(response, 404)["detail"]


def test_a_conversation_goes_on_where_it_was(client: httpx.Client, assistant: Assistant) -> None:
    first = client.post("/api/v1/ask", json={"question": "什么是最大池化?", "session": "new"}).json()
    body = {"question": "那平均池化呢?", "session": first["session"]}
    second = events_of(client.post("/api/v1/ask", json=body, headers=STREAM).text)[-1][1]
    assert second["session"] == first["session"]
    assert second["standalone"] != "那平均池化呢?"
    turns = Store(assistant.settings.home).history.turns(first["session"])
    assert [turn.question for turn in turns] == ["什么是最大池化?", "那平均池化呢?"]


def test_without_a_conversation_only_what_the_notes_lack_is_kept(tmp_path: Path) -> None:
    asked = open_assistant(write_notes(tmp_path / "notes"), tmp_path / "home", model="notes")
    store = Store(tmp_path / "home")
    for client in serve(asked):
        assert "session" not in client.post("/api/v1/ask", json={"question": QUESTION}).json()
        assert not store.path.exists()
        client.post("/api/v1/ask", json={"question": "法国的首都是哪里?"})
    assert [gap.question for gap in store.gaps.most_asked("local")] == ["法国的首都是哪里?"]


# With a model.


@asynccontextmanager
async def streams(client: httpx.Client) -> AsyncIterator[Callable[[str], AsyncGenerator[Said, None]]]:
    """Give what asks a question and yields the events as they come."""
    limits = httpx.Limits(max_connections=None)
    async with httpx.AsyncClient(
        base_url=client.base_url, trust_env=False, timeout=30, limits=limits
    ) as asking:

        async def ask(question: str) -> AsyncGenerator[Said, None]:
            body = {"question": question}
            async with asking.stream("POST", "/api/v1/ask", json=body, headers=STREAM) as response:
                assert response.status_code == 200
                block = ""
                async for line in response.aiter_lines():
                    block += line + "\n"
                    if not line:
                        for said in events_of(block):
                            yield said
                        block = ""

        yield ask


def with_model(tmp_path: Path, server: FakeOllama, **settings: str) -> Assistant:
    notes = write_notes(tmp_path / "notes")
    asked = {"model": "ollama:qwen3.5:4b", "ollama_host": server.host} | settings
    return open_assistant(notes, tmp_path / "home", **asked)  # type: ignore[arg-type]


async def heard(events: AsyncGenerator[Said, None]) -> list[Said]:
    return [said async for said in events]


async def until(is_so: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not is_so():
            await asyncio.sleep(0.005)


ANSWER = model_says("取最大值", " [1]。")


def gated(gate: Event) -> Callable[[Any], Reply]:
    """Return what answers once the gate is open; the fake then holds its own queue, so only one may come."""

    def respond(body: Any) -> Reply:
        return ANSWER if gate.is_set() else broken(ANSWER, 1, Pause())

    return respond


@pytest.mark.parametrize("count", [60, pytest.param(1_000, marks=pytest.mark.soak)])
def test_while_one_is_served_all_others_are_told_their_place(tmp_path: Path, count: int) -> None:
    async def ask_all(client: httpx.Client, server: FakeOllama) -> None:
        async with streams(client) as ask:
            first = ask(QUESTION)
            while (await anext(first))[0] != "text":
                pass
            places: dict[int, list[str]] = {number: [] for number in range(1, count)}

            async def wait(number: int) -> None:
                async for name, data in ask(QUESTION):
                    assert name == "waiting"
                    places[number].append(data["text"])

            waiting = [asyncio.create_task(wait(number)) for number in places]
            async with asyncio.timeout(60):
                while len({texts[-1] for texts in places.values() if texts}) < count - 1:
                    await asyncio.sleep(0.05)
            assert {texts[-1] for texts in places.values()} == {
                say("wait_turn", Language.ZH, ahead=ahead) for ahead in range(1, count)
            }
            assert len(server.chats) == 1
            # Notes mode never waits for the model.
            response = await asyncio.to_thread(client.post, "/api/v1/search", json={"query": "池化"})
            assert response.status_code == 200
            for task in waiting:
                task.cancel()
            await asyncio.gather(*waiting, return_exceptions=True)
            await first.aclose()

    with FakeOllama(respond=gated(Event())) as server:
        for client in serve(with_model(tmp_path, server)):
            asyncio.run(ask_all(client, server))
            assert server.wait_for_clients_gone()


def test_who_waits_is_served_in_turn_after_who_leaves(tmp_path: Path) -> None:
    gate = Event()

    async def ask_two(client: httpx.Client, server: FakeOllama) -> list[Said]:
        async with streams(client) as ask:
            first, second = ask(QUESTION), ask("What is weight decay?")
            while (await anext(first))[0] != "text":
                pass
            said = [await anext(second)]
            gate.set()
            await first.aclose()  # a client that hangs up
            return said + await heard(second)

    with FakeOllama(respond=gated(gate)) as server:
        for client in serve(with_model(tmp_path, server)):
            said = asyncio.run(ask_two(client, server))
            assert server.wait_for_clients_gone()
    assert said[0] == ("waiting", {"text": say("wait_turn", Language.EN, ahead=1)})
    assert [data["text"] for name, data in said if name == "text"][:2] == ["取最大值", " "]
    assert said[-1][0] == "done"
    assert said[-1][1]["mode"] == "ollama:qwen3.5:4b"


@pytest.mark.parametrize("accept", ["application/json", "text/event-stream"])
def test_a_client_that_leaves_while_no_token_comes_ends_the_request_to_the_model(
    tmp_path: Path, accept: str
) -> None:
    body = json.dumps({"question": QUESTION}).encode()
    head = (
        "POST /api/v1/ask HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        f"Accept: {accept}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    with FakeOllama(respond=lambda body: Reply((Pause(),))) as server:
        for client in serve(with_model(tmp_path, server)):
            address = client.base_url.host, client.base_url.port or 80
            with socket.create_connection(address) as connection:
                connection.sendall(head.encode() + body)
                asyncio.run(until(lambda: bool(server.chats)))
            assert server.wait_for_clients_gone()
            assert len(server.chats) == 1


def test_a_model_that_fails_in_the_middle_leaves_the_answer_to_the_notes(tmp_path: Path) -> None:
    failing = broken(ANSWER, 1, {"error": "the model crashed"})
    with FakeOllama(respond=lambda body: failing) as server:
        for client in serve(with_model(tmp_path, server)):
            response = client.post("/api/v1/ask", json={"question": QUESTION}, headers=STREAM)
    said = events_of(response.text)
    assert next(data["retract"] for name, data in said if name == "notice") is True
    assert (said[-1][0], said[-1][1]["mode"]) == ("done", "notes")
    assert "最大池化取窗口里的最大值。" in said[-1][1]["answer"]


def test_patience_ends_with_an_error_event_or_a_problem(tmp_path: Path) -> None:
    async def ask_two(client: httpx.Client) -> tuple[list[Said], httpx.Response]:
        async with streams(client) as ask:
            first = ask(QUESTION)
            while (await anext(first))[0] != "text":
                pass
            said, response = await asyncio.gather(
                heard(ask(QUESTION)),
                asyncio.to_thread(client.post, "/api/v1/ask", json={"question": QUESTION}),
            )
            await first.aclose()
            return said, response

    with FakeOllama(respond=gated(Event())) as server:
        for client in serve(with_model(tmp_path, server, timeout="1")):
            said, response = asyncio.run(ask_two(client))
            server.wait_for_clients_gone()
    assert [name for name, _ in said] == ["waiting", "error"]
    assert (said[-1][1]["status"], said[-1][1]["detail"]) == (
        503,
        "the model was busy with other answers for 1 s",
    )
    assert problem(response, 503)["hint"]
    assert response.headers["retry-after"] == "30"


def test_a_fault_of_ours_in_the_middle_is_an_error_event_without_a_word_of_its_cause(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from assistant.answering.model_mode import ModelMode

    def fails(self: ModelMode, request: Any) -> Iterator[Any]:
        yield Text("so far")
        raise RuntimeError(QUESTION)

    monkeypatch.setattr(ModelMode, "answer", fails)
    with FakeOllama() as server:
        for client in serve(with_model(tmp_path, server)):
            response = client.post("/api/v1/ask", json={"question": "BN 是什么?"}, headers=STREAM)
    said = events_of(response.text)
    assert [name for name, _ in said] == ["text", "error"]
    assert said[1][1]["status"] == 500
    assert QUESTION not in response.text


# Notes that change under a running server.


def test_notes_added_by_another_program_are_found_without_a_restart_and_no_request_fails(
    tmp_path: Path,
) -> None:
    notes = write_notes(tmp_path / "notes")
    question = {"question": "什么是标签平滑?"}
    for client in serve(open_assistant(notes, tmp_path / "home", model="notes")):
        assert client.post("/api/v1/ask", json=question).json()["status"] == "not_in_notes"
        (notes / "d.md").write_text("# 标签平滑\n\n标签平滑把独热标签和均匀分布混合。\n", "utf-8")
        open_assistant(notes, tmp_path / "home", model="notes").update()
        answer = client.post("/api/v1/ask", json=question)
        assert answer.status_code == 200
        assert "均匀分布" in answer.json()["answer"]
        assert {topic["topic"] for topic in client.get("/api/v1/topics").json()} >= {"标签平滑"}


# The stream itself.


def sent(stream: EventStream, *, leave_after: int | None = None) -> list[bytes]:
    """Return the pieces of a stream; the client leaves after so many, or waits for the end."""
    pieces: list[bytes] = []
    left = asyncio.Event()

    async def send(message: Any) -> None:
        if message["type"] == "http.response.body":
            pieces.append(message["body"])
            if len(pieces) == leave_after:
                left.set()

    async def receive() -> Any:
        await left.wait()
        return {"type": "http.disconnect"}

    asyncio.run(stream({"type": "http"}, receive, send))
    return pieces


def test_where_nothing_comes_comments_are_sent_and_no_event_is_lost() -> None:
    async def slow() -> AsyncGenerator[bytes, None]:
        for number in range(2):
            await asyncio.sleep(0.05)
            yield event("text", {"n": number})

    pieces = sent(EventStream(slow(), ping=0.01))
    assert pieces.count(b": ping\n\n") >= 2
    assert [p for p in pieces if p not in (b": ping\n\n", b"")] == [
        b'event: text\ndata: {"n":0}\n\n', b'event: text\ndata: {"n":1}\n\n'
    ]  # fmt: skip


@pytest.mark.parametrize("comes", [True, False])
def test_when_the_client_leaves_the_events_are_closed(comes: bool) -> None:
    closed = []

    async def endless() -> AsyncGenerator[bytes, None]:
        try:
            yield b"first"
            while True:
                await asyncio.sleep(0 if comes else 60)
                yield b"more"
        finally:
            closed.append(True)

    assert sent(EventStream(endless()), leave_after=1)[0] == b"first"
    assert closed == [True]


def test_what_is_no_utf8_is_written_as_its_escape() -> None:
    assert event("cited", {"path": "a\udcff"}) == b'event: cited\ndata: {"path":"a\\udcff"}\n\n'
