"""Bodies that are too large, too deep, in no encoding, or never end; and clients that take their time."""

from __future__ import annotations

import socket
import time

import pytest
from fastapi import FastAPI

from api.access.bodies import MAX_BODY
from api.access.slow_clients import PunctualProtocol
from tests.api.access.serving import client_of, raw, served, status_of

ASK = "/api/v1/ask"
JSON = {"content-type": "application/json"}


@pytest.mark.parametrize("is_declared", [True, False])
@pytest.mark.parametrize("path", [ASK, "/api/v1/demos/pooling", "/api/v1/search"])
def test_a_body_over_the_limit_is_a_problem_and_no_fault(local: str, path: str, is_declared: bool) -> None:
    body = b'{"question": "' + b"a" * MAX_BODY + b'"}'
    parts = iter([body[n : n + 50_000] for n in range(0, len(body), 50_000)])
    with client_of(local) as client:
        reply = client.post(path, content=body if is_declared else parts, headers=JSON)
        assert reply.status_code == 413
        assert reply.headers["content-type"] == "application/problem+json"
        assert reply.json()["status"] == 413
        assert client.get("/healthz").status_code == 200


def test_a_body_below_the_limit_is_read(local: str) -> None:
    with client_of(local) as client:
        reply = client.post(ASK, content=b'{"question": "' + b"a" * (MAX_BODY - 100) + b'"}', headers=JSON)
    assert reply.status_code == 422


@pytest.mark.parametrize(
    "content",
    [
        b"[" * 100_000,
        b'{"question": ' * 50_000,
        b"\xff\xfe\x00",
        '{"question": "池'.encode()[:-1],
        b'{"question": ' + b"9" * 5000 + b"}",
        b'{"question": NaN}',
        rb'{"question": "\ud800"}',
        b"\x00" * 1000,
    ],
    ids=["deep list", "deep object", "no UTF-8", "half a character", "long number", "NaN", "half a pair", "zeros"],
)  # fmt: skip
def test_a_body_that_cannot_be_read_is_the_senders_fault(local: str, content: bytes) -> None:
    with client_of(local) as client:
        reply = client.post(ASK, content=content, headers=JSON)
        assert reply.status_code in (400, 422)
        assert reply.headers["content-type"] == "application/problem+json"
        assert client.get("/healthz").status_code == 200


@pytest.mark.parametrize(
    "body", [b"zz\r\nabc\r\n", b"-1\r\n", b"FFFFFFFFFFFFFFFFFFFFF\r\n", b"5\r\nabc\r\n0\r\n\r\n"]
)
def test_chunks_that_are_none_are_refused(local: str, body: bytes) -> None:
    head = (
        b"POST /api/v1/ask HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
        b"Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    )
    assert status_of(raw(local, head + body, is_all=True)) in (0, 400)
    with client_of(local) as client:
        assert client.get("/healthz").status_code == 200


class Impatient(PunctualProtocol):
    headers_within = 0.3
    request_within = 0.6


def until_hung_up(address: str, parts: list[bytes], pause: float) -> tuple[bytes, bool]:
    """Send `parts` with a pause before each; return what came back, and whether the server hung up on us."""
    host, _, port = address.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), 10) as connection:
        try:
            for part in parts:
                connection.sendall(part)
                time.sleep(pause)
            received = b""
            while more := connection.recv(65536):
                received += more
        except ConnectionError:
            return b"", True
        except TimeoutError:
            return received, False
        return received, True


HEAD = b"POST /api/v1/ask HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 900\r\n"


@pytest.mark.parametrize(
    ("parts", "pause"),
    [([], 0), ([b"GET /hea"], 0), ([HEAD[n : n + 1] for n in range(40)], 0.02), ([HEAD, b"\r\n", b"{"], 0)],
    ids=["nothing", "half a line", "a byte at a time", "half a body"],
)
def test_who_never_ends_a_request_is_hung_up_on(app: FastAPI, parts: list[bytes], pause: float) -> None:
    with served(app, Impatient) as address:
        assert until_hung_up(address, parts, pause) == (b"", True)


def test_who_is_in_time_may_keep_the_connection(app: FastAPI, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Impatient, "headers_within", 1.0)
    request = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
    last = request.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")
    with served(app, Impatient) as address:
        received, _ = until_hung_up(address, [request, request[:9], request[9:], last], 0.4)
    assert received.count(b'{"status":"ok"}') == 3
