"""Where requests come from: names, pages, proxies, headers; and what every reply tells a browser."""

from __future__ import annotations

import random
import resource
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.access.policy import Policy, hostname, is_loopback
from api.app import create_app
from assistant.settings import read_settings
from assistant.store import Store
from assistant.study import Assistant
from tests.api.access.serving import ASK, client_of, new_key, raw, served, status_of

PATH = "/api/v1/topics"


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("localhost", 200),
        ("LOCALHOST:8421", 200),
        ("127.0.0.1:1", 200),
        ("[::1]:8421", 200),
        ("localhost.", 200),
        ("evil.example", 421),
        ("localhost.evil.example", 421),
        ("127.0.0.1.evil.example", 421),
        ("localhost:8421@evil.example", 421),
        ("evil.example:127.0.0.1", 421),
        ("[::1]evil", 421),
        ("notes.example", 421),
        ("10.0.0.1", 421),
        ("", 421),
    ],
)
def test_only_our_own_names_are_answered_to(local: str, host: str, status: int) -> None:
    with client_of(local) as client:
        assert client.get(PATH, headers={"Host": host}).status_code == status


def test_a_name_from_the_settings_is_answered_to_and_asks_for_keys(guarded: str, store: Store) -> None:
    with client_of(guarded, new_key(store, "read")) as client:
        given = [
            client.get(PATH, headers={"Host": h}).status_code for h in ("notes.example:443", "localhost", "x")
        ]
    assert given == [200, 200, 421]


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        ("own", 200),
        ("https://evil.example", 403),
        ("null", 403),
        ("http://localhost:3000", 403),  # another program of this machine
        ("http://127.0.0.1", 403),
        ("http://127.0.0.1:8421.evil.example", 403),
        ("chrome-extension://abc", 403),
        ("", 403),
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS", "DELETE"])
def test_only_our_own_pages_may_ask(local: str, origin: str, status: int, method: str) -> None:
    with client_of(local) as client:
        origin = local if origin == "own" else origin
        path = "/api/v1/ask" if method == "POST" else PATH
        reply = client.request(
            method, path, json=ASK if method == "POST" else None, headers={"Origin": origin}
        )
    if status == 200 and method in ("OPTIONS", "DELETE"):
        status = 405
    assert reply.status_code == status
    assert not [name for name in reply.headers if name.startswith("access-control-")]


def test_a_page_of_a_name_of_ours_may_ask_though_its_proxy_names_us_otherwise(
    guarded: str, store: Store
) -> None:
    with client_of(guarded, new_key(store, "read")) as client:
        given = [
            client.get(PATH, headers={"Origin": origin, "X-Forwarded-For": "203.0.113.1"}).status_code
            for origin in ("https://notes.example", "https://other.example")
        ]
    assert given == [200, 403]


def test_a_foreign_page_can_link_here_and_load_nothing(local: str) -> None:
    with client_of(local) as client:
        given = [
            client.get(PATH, headers={"Sec-Fetch-Site": site, "Sec-Fetch-Mode": mode}).status_code
            for site, mode in (("cross-site", "no-cors"), ("cross-site", "navigate"), ("same-origin", "cors"))
        ]
    assert given == [403, 200, 200]


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "X-Real-IP", "X-Forwarded-Host"])
def test_without_keys_nobody_comes_in_by_a_proxy(local: str, header: str) -> None:
    with client_of(local) as client:
        reply = client.get(PATH, headers={header: "203.0.113.1"})
    assert reply.status_code == 403
    assert "allowed_hosts" in reply.json()["hint"]


@pytest.mark.parametrize(
    ("path", "status"), [("/healthz", 200), ("/nosuch", 404), ("/api/v1/ask", 405), ("/docs", 200)]
)
def test_every_reply_tells_the_browser_to_trust_nobody_else(local: str, path: str, status: int) -> None:
    with client_of(local) as client:
        for reply, expected in (
            (client.get(path), status),
            (client.get(path, headers={"Host": "evil.example"}), 421),
        ):
            assert reply.status_code == expected
            assert "default-src 'self'" in reply.headers["content-security-policy"]
            assert "frame-ancestors 'none'" in reply.headers["content-security-policy"]
            assert reply.headers["x-content-type-options"] == "nosniff"
            assert reply.headers["referrer-policy"] == "no-referrer"
            assert reply.headers["cross-origin-resource-policy"] == "same-origin"
            assert "server" not in reply.headers


@pytest.mark.parametrize(
    ("target", "headers", "status"),
    [
        ("/api/v1/topics?" + "a" * 9000, {}, 414),
        ("/healthz?" + "a" * 9000, {}, 414),
        (PATH, {f"x-{n}": "1" for n in range(101)}, 431),
        (PATH, {"x-long": "a" * 17_000}, 431),
        (PATH, {"x-long": "a" * 10_000}, 200),
    ],
    ids=["address", "address of health", "many headers", "long header", "a header that fits"],
)
def test_long_addresses_and_headers_are_refused(
    local: str, target: str, headers: dict[str, str], status: int
) -> None:
    with client_of(local) as client:
        assert client.get(target, headers=headers).status_code == status


def test_headers_without_end_are_refused_before_they_fill_the_memory(local: str) -> None:
    head = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-Long: " + b"a" * 2_000_000
    assert status_of(raw(local, head)) in (0, 400)


def test_who_listens_beyond_this_machine_asks_for_keys() -> None:
    settings = read_settings()
    expected = {
        "127.0.0.1": False,
        "::1": False,
        "localhost": False,
        "127.1.2.3": False,
        "0.0.0.0": True,
        "::": True,
        "192.168.1.5": True,
        "notes.example": True,
    }
    assert {host: Policy.of(settings, host).asks_for_keys for host in expected} == expected
    assert Policy.of(settings, "notes.example").hosts == {"notes.example"}
    assert Policy.of(settings, "0.0.0.0").hosts == set()
    assert Policy.of(settings, "fe80::1").answers_to("[fe80::1]:8421", "")
    assert is_loopback("LOCALHOST")


@given(st.text(max_size=60))
def test_a_host_is_never_taken_for_ours_unless_it_is_written_like_ours(text: str) -> None:
    name = hostname(text)
    assert Policy().answers_to(text, "10.0.0.1") is (name in {"localhost", "127.0.0.1", "::1", "10.0.0.1"})
    assert name == "" or name in text.lower()


PIECES = (
    b"Authorization: Bearer sa_", b"Authorization: Basic ", b"Host: ", b"Origin: ", b"Cookie: ", b"\r\n", b"\n", b"\r",
    b"\x00", b"\xff\xfe", b": ", b"sa_", b"GET ", b"POST ", b"/api/v1/ask", b" HTTP/1.1", b" HTTP/9.9",
    b"Content-Length: ",
    b"-1", b"99999999999999999999", b"Transfer-Encoding: chunked", b"Expect: 100-continue", b"Upgrade: websocket",
    b"Connection: Upgrade", b"Idempotency-Key: ", b"X-Request-ID: ", b"%00", b"%ff", b"../",
    b"localhost", b"\xe5\xaf\x86",
    b"0\r\n\r\n", b"zz\r\n", b"Accept: text/event-stream", b"http://evil.example/",
)  # fmt: skip


def malformed(luck: random.Random) -> bytes:
    """Return a request with something wrong in its line or its headers."""
    key = "".join(luck.choices("sa_0AZ é\x00", k=luck.randrange(80))).encode()
    line = luck.choice([b"GET /api/v1/topics HTTP/1.1", b"POST /api/v1/ask HTTP/1.1", b"GET /docs HTTP/1.0"])
    headers = [b"Host: localhost", b"Authorization: Bearer " + key, b"Connection: close"]
    headers += [b"".join(luck.choices(PIECES, k=luck.randrange(1, 6))) for _ in range(luck.randrange(4))]
    luck.shuffle(headers)
    if luck.random() < 0.2:
        line = b"".join(luck.choices(PIECES, k=5))
    if luck.random() < 0.1:
        headers += [luck.randbytes(luck.randrange(200))]
    return line + b"\r\n" + b"\r\n".join(headers) + b"\r\n\r\n"


def send_malformed(addresses: tuple[str, ...], count: int) -> set[int]:
    luck = random.Random(9)
    return {
        status_of(raw(luck.choice(addresses), malformed(luck), is_all=luck.random() < 0.5))
        for _ in range(count)
    }


def test_malformed_lines_headers_and_keys_never_break_the_server(guarded: str, local: str) -> None:
    check_malformed((guarded, local), 300)


@pytest.mark.soak
def test_ten_thousand_malformed_heads_never_break_the_server_and_take_no_memory(
    guarded: str, local: str
) -> None:
    check_malformed((guarded, local), 2_000)
    before = resident()
    check_malformed((guarded, local), 8_000)
    assert resident() - before < 10_000_000


def resident() -> int:
    """Return the bytes of memory that this process, which is also the servers', holds."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


def check_malformed(addresses: tuple[str, ...], count: int) -> None:
    statuses = send_malformed(addresses, count)
    assert statuses <= {0, 200, 400, 401, 403, 404, 405, 414, 421, 422, 431}, statuses
    assert {400, 401} <= statuses
    for address in addresses:
        with client_of(address) as client:
            assert client.get("/healthz").status_code == 200


def test_a_websocket_is_refused_as_a_request_is(assistant: Assistant) -> None:
    from starlette.testclient import TestClient
    from starlette.websockets import WebSocketDisconnect

    app = create_app(assistant)
    with (
        pytest.raises(WebSocketDisconnect),
        TestClient(app).websocket_connect("/x", headers={"Host": "evil"}),
    ):
        pass
    with served(app) as address:
        assert status_of(raw(address, b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")) == 421
