"""Bodies that no client would send, over a real socket: each is refused as a problem and leaves nothing behind."""

from __future__ import annotations

import gc
import json
import random
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.app import create_app
from assistant.study import Assistant, open_assistant
from tests.api.access.serving import client_of, served
from tests.index.embedding import write_notes

#: Paths that take a body, with a body that they like.
LIKED: dict[str, dict[str, Any]] = {
    "/api/v1/ask": {"question": "最大池化取什么值?"},
    "/api/v1/search": {"query": "池化", "k": 3},
    "/api/v1/demos/conv_output_size": {"input_size": 32, "kernel": 3},
    "/api/v1/demos/conv_output_size/plot.svg": {"kernel": 3},
    "/api/v1/notes": {"name": "x.md", "text": "# 题\n\n文。\n"},
    "/api/v1/notes/check": {"text": "# 题\n\n文。。\n"},
}
KINDS = [
    "application/json",
    "text/plain",
    "multipart/form-data; boundary=x",
    "application/x-www-form-urlencoded",
    "",
]
ODD: list[Any] = [
    None, True, -1, 10**400, 1e308, "", " ", "\x00", "\ud800", "x" * 5_000, [], {}, [[[]]], {"a": {"a": {}}}
]  # fmt: skip


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    home = tmp_path_factory.mktemp("malformed")
    write_notes(home / "notes")

    class OwnNotes(Assistant):
        """An assistant over the notes of its home alone."""

        def origins(self) -> dict[Path, str]:
            return {home / "notes": "home"}

    app = create_app(OwnNotes(open_assistant(home=home, model="notes").settings))
    with served(app) as address, client_of(address) as client:
        yield client


def malformed(chance: random.Random, liked: dict[str, Any]) -> bytes:
    """Return a body that is broken in one of many ways."""
    body = json.dumps(liked).encode()
    key = chance.choice(list(liked))
    match chance.randrange(9):
        case 0:
            return body[: chance.randrange(len(body))]
        case 1:
            return chance.randbytes(chance.randrange(200))
        case 2:
            at = chance.randrange(len(body))
            return body[:at] + chance.randbytes(1) + body[at + 1 :]
        case 3:
            return json.dumps(liked | {key: chance.choice(ODD)}).encode("utf-8", "surrogatepass")
        case 4:
            return json.dumps(chance.choice(ODD)).encode()
        case 5:
            return b'{"' + key.encode() + b'": ' + b"[" * chance.choice([10, 1_000, 50_000])
        case 6:
            return json.dumps(liked | {chance.choice(["", "x", "__proto__", "\x00"]): 1}).encode()
        case 7:
            return body.replace(b'"', chance.choice([b"'", b"", b"\xff"]), chance.randrange(1, 4))
        case _:
            return b"--x\r\n" + chance.choice(
                [b"", b'Content-Disposition: form-data; name="file"; filename="', b"\r\n\r\n--x--", body]
            )


def throw(client: httpx.Client, chance: random.Random, count: int) -> None:
    """Send `count` malformed bodies and look at each reply."""
    for _ in range(count):
        path = chance.choice(list(LIKED))
        body = malformed(chance, LIKED[path])
        response = client.post(path, content=body, headers={"content-type": chance.choice(KINDS)})
        # A byte that was changed may leave a body that is none the worse for it.
        assert response.status_code < 500, (path, body[:200], response.text)
        if response.status_code >= 400:
            assert response.headers["content-type"] == "application/problem+json"
            assert response.json()["request_id"] == response.headers["x-request-id"]


def grown(client: httpx.Client, seed: int, count: int) -> int:
    """Return by how many bytes the process has grown over the second half of `count` malformed bodies."""
    chance = random.Random(seed)
    throw(client, chance, count // 2)
    gc.collect()
    tracemalloc.start()
    try:
        throw(client, chance, count - count // 2)
        gc.collect()
        return tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()


def test_a_thousand_malformed_bodies_are_refused_and_leave_nothing_behind(client: httpx.Client) -> None:
    assert grown(client, 9, 1_000) < 4_000_000
    assert client.get("/healthz").status_code == 200


@pytest.mark.soak
def test_ten_thousand_malformed_bodies_are_refused_and_leave_nothing_behind(client: httpx.Client) -> None:
    assert grown(client, 10, 10_000) < 4_000_000
    assert client.post("/api/v1/ask", json=LIKED["/api/v1/ask"]).json()["status"] == "answered"
