"""The same request sent twice under one key is done once; what failed, streamed or was cut off may be tried again."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import APIRouter, Body, FastAPI, Request, Response
from fastapi.responses import StreamingResponse

import api.access.idempotency
from api.access.idempotency import MAX_KEY, IdempotentRoute
from api.access.policy import Policy
from api.app import create_app
from assistant.store import Store
from assistant.store.replies import KEPT, LEASE, OtherRequest, Reply, StillRunning
from assistant.study import open_assistant
from corpus.errors import StudyError
from tests.api.access.serving import client_of, new_key, served
from tests.assistant.store.conftest import ask
from tests.index.embedding import write_notes

NOW = datetime(2026, 3, 1, tzinfo=UTC)


class Work:
    """Routes that count how often they did something, and can be held."""

    def __init__(self) -> None:
        self.done: list[Any] = []
        self.may_go = threading.Event()
        self.may_go.set()
        self.has_begun = threading.Event()

    def router(self) -> APIRouter:
        routes = APIRouter(route_class=IdempotentRoute)

        @routes.post("/work", status_code=201)
        def work(body: dict[str, Any] = Body()) -> dict[str, Any]:  # noqa: B008
            self.has_begun.set()
            self.may_go.wait(30)
            self.done.append(body)
            if body.get("fails"):
                raise StudyError("it failed")
            return {"times": len(self.done), "你": "好"}

        @routes.post("/stream")
        async def stream() -> StreamingResponse:
            self.done.append("stream")
            return StreamingResponse(iter([b"data: 1\n\n"]), media_type="text/event-stream")

        @routes.delete("/work/{name}", status_code=204)
        async def remove(name: str, request: Request) -> Response:
            self.done.append(name)
            return Response(status_code=204)

        return routes


@pytest.fixture
def work() -> Work:
    return Work()


@pytest.fixture
def app(work: Work, tmp_path: Path) -> FastAPI:
    asked = open_assistant(write_notes(tmp_path / "notes"), tmp_path / "home", model="notes")
    app = create_app(asked, Policy(asks_for_keys=True))
    app.include_router(work.router(), prefix="/t")
    return app


@pytest.fixture
def address(app: FastAPI) -> Iterator[str]:
    with served(app) as address:
        yield address


@pytest.fixture
def client(app: FastAPI, address: str) -> Iterator[httpx.Client]:
    with client_of(address, new_key(app.state.service.store, "read")) as client:
        yield client


def send(client: httpx.Client, key: str, body: Any, path: str = "/t/work") -> httpx.Response:
    return client.post(path, json=body, headers={"Idempotency-Key": key})


def test_a_repeated_request_gets_the_first_reply(client: httpx.Client, work: Work) -> None:
    first, second, other = (send(client, key, {"a": 1}) for key in ("k", "k", "l"))
    assert (first.status_code, first.json()) == (201, {"times": 1, "你": "好"})
    assert (second.status_code, second.content) == (201, first.content)
    assert second.headers["content-type"] == first.headers["content-type"]
    assert (first.headers.get("idempotent-replayed"), second.headers["idempotent-replayed"]) == (None, "true")
    assert other.json()["times"] == 2
    assert client.post("/t/work", json={"a": 1}).json()["times"] == 3


def test_a_key_stands_for_one_request_of_one_learner(
    app: FastAPI, client: httpx.Client, address: str
) -> None:
    assert send(client, "k", {"a": 1}).status_code == 201
    refused = send(client, "k", {"a": 2})
    assert refused.status_code == 422
    assert "another request" in refused.json()["detail"]
    assert client.delete("/t/work/x", headers={"Idempotency-Key": "k"}).status_code == 422
    with client_of(address, new_key(app.state.service.store, "read")) as other:
        assert send(other, "k", {"a": 2}).json()["times"] == 2


def test_a_reply_without_a_body_is_kept_too(client: httpx.Client, work: Work) -> None:
    replies = [client.delete("/t/work/x", headers={"Idempotency-Key": "k"}) for _ in range(2)]
    assert [reply.status_code for reply in replies] == [204, 204]
    assert work.done == ["x"]


def test_while_the_first_is_answered_the_second_is_told_so(client: httpx.Client, work: Work) -> None:
    work.may_go.clear()
    with ThreadPoolExecutor(1) as threads:
        first = threads.submit(send, client, "k", {"a": 1})
        work.has_begun.wait(30)
        second = send(client, "k", {"a": 1})
        work.may_go.set()
        assert first.result().status_code == 201
    assert second.status_code == 409
    assert second.headers["retry-after"] == "1"
    assert send(client, "k", {"a": 1}).headers["idempotent-replayed"] == "true"
    assert len(work.done) == 1


def test_while_it_works_it_gives_signs_of_life(
    app: FastAPI, client: httpx.Client, work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api.access.idempotency, "LEASE", timedelta(milliseconds=30))
    path = app.state.service.store.path
    work.may_go.clear()
    with ThreadPoolExecutor(1) as threads:
        first = threads.submit(send, client, "k", {"a": 1})
        work.has_begun.wait(30)
        [(began,)] = ask(path, "SELECT taken_at FROM idempotent_reply")
        while ask(path, "SELECT taken_at FROM idempotent_reply") == [(began,)]:
            assert not first.done()
        work.may_go.set()
        assert first.result().status_code == 201
    assert send(client, "k", {"a": 1}).headers["idempotent-replayed"] == "true"
    assert len(work.done) == 1


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [("/t/work", {"fails": True}, 500), ("/t/work", [1], 422), ("/t/stream", {}, 200)],
)
def test_what_failed_or_streamed_may_be_done_again(
    client: httpx.Client, path: str, body: Any, status: int
) -> None:
    replies = [send(client, "k", body, path) for _ in range(2)]
    assert [reply.status_code for reply in replies] == [status, status]
    assert not any("idempotent-replayed" in reply.headers for reply in replies)


@pytest.mark.parametrize("key", ["", "a" * (MAX_KEY + 1), "a\tb", "é"])
def test_what_is_no_key_is_refused(client: httpx.Client, work: Work, key: str) -> None:
    reply = client.post("/t/work", json={}, headers={b"Idempotency-Key": key.encode("latin-1")})
    assert reply.status_code == 422
    assert "Idempotency-Key" in reply.json()["detail"]
    assert not work.done


def test_many_at_once_are_done_once(client: httpx.Client, work: Work) -> None:
    with ThreadPoolExecutor(8) as threads:
        replies = list(threads.map(lambda _: send(client, "k", {"a": 1}), range(16)))
    assert len(work.done) == 1
    assert {reply.status_code for reply in replies} <= {201, 409}
    assert json.loads(replies[0].content) == {"times": 1, "你": "好"} or replies[0].status_code == 409


def test_work_that_a_crash_ended_is_taken_over_after_the_lease(home: Path) -> None:
    replies = Store(home).replies.of("key:1")
    assert replies.take("k", "r", NOW) is None
    with pytest.raises(StillRunning):
        replies.take("k", "r", NOW + LEASE - timedelta(seconds=1))
    renewed = replies.renew("k", NOW, NOW + timedelta(seconds=10))
    assert renewed == NOW + timedelta(seconds=10)
    with pytest.raises(StillRunning):
        replies.take("k", "r", NOW + LEASE)
    later = renewed + LEASE
    assert replies.take("k", "r", later) is None
    replies.keep("k", renewed, Reply(200, "text/plain", b"of the one that was taken for dead"))
    assert replies.renew("k", renewed, later) == renewed
    with pytest.raises(StillRunning):
        replies.take("k", "r", later)
    replies.keep("k", later, Reply(200, "text/plain", b"mine"))
    assert replies.take("k", "r", later) == Reply(200, "text/plain", b"mine")
    with pytest.raises(OtherRequest):
        replies.take("k", "other", later)
    replies.release("k", later)  # what is answered is not released
    assert replies.take("k", "r", later) == Reply(200, "text/plain", b"mine")
    assert replies.of("key:2").take("k", "r", later) is None


def test_replies_are_kept_for_a_day(home: Path) -> None:
    replies = Store(home).replies.of("key:1")
    replies.take("k", "r", NOW)
    replies.keep("k", NOW, Reply(200, "text/plain", b"old"))
    assert replies.take("k", "r", NOW + KEPT) == Reply(200, "text/plain", b"old")
    assert replies.take("k", "another", NOW + KEPT + timedelta(seconds=1)) is None
