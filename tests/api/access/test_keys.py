"""Keys over a real socket: who gets in, with what, and that a revoked key soon gets nowhere."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import pytest

import api.access.keyring
from api.access.policy import Policy
from api.app import create_app
from assistant.store import Store
from assistant.store.keys import id_in
from assistant.study import Assistant
from tests.api.access.serving import ASK, client_of, new_key, raw, served, status_of


def test_without_a_key_nothing_but_health_is_told(guarded: str) -> None:
    with client_of(guarded) as client:
        paths = (
            "/api/v1/topics",
            "/docs",
            "/docs/page.js",
            "/openapi.json",
            "/metrics",
            "/nosuch",
            "/v1/models",
        )
        refused = [client.get(path) for path in paths]
        assert client.get("/healthz").status_code == 200
        assert client.post("/api/v1/ask", json=ASK).status_code == 401
    assert {path: reply.status_code for path, reply in zip(paths, refused, strict=True)} == dict.fromkeys(
        paths, 401
    )
    assert {reply.headers["www-authenticate"] for reply in refused} == {"Bearer"}
    assert refused[0].headers["content-type"] == "application/problem+json"
    assert refused[0].json()["status"] == 401


@pytest.mark.parametrize("path", ["/v1/models", "/v1/nosuch"])
def test_clients_of_openai_are_refused_as_they_know_it(guarded: str, path: str) -> None:
    with client_of(guarded, "sk-not-ours") as client:
        for headers, status in (({}, 401), ({"Host": "evil.example"}, 421), ({"Origin": "null"}, 403)):
            reply = client.get(path, headers=headers)
            assert reply.status_code == status
            assert reply.headers["content-type"] == "application/json"
            assert reply.json()["error"]["message"]
            assert "problem" not in reply.text


def test_a_key_opens_what_its_scopes_say(guarded: str, store: Store) -> None:
    with client_of(guarded, new_key(store, "read")) as reader:
        assert reader.post("/api/v1/ask", json=ASK).json()["status"] == "answered"
        assert reader.get("/openapi.json").status_code == 200
        assert reader.get("/docs").status_code == 200
        refused = reader.get("/api/v1/gaps")
        assert refused.status_code == 403
        assert refused.json()["hint"].endswith("--scope read --scope learn")
    with client_of(guarded, new_key(store, "learn")) as learner:
        assert learner.get("/api/v1/gaps").status_code == 200
        assert learner.get("/openapi.json").status_code == 403
        assert learner.post("/api/v1/ask", json=ASK).status_code == 403


MALFORMED = (
    b"Bearer", b"Bearer ", b"Bearer sa_", b"bearer \xff\xfe", "Bearer sa_密钥".encode(), b"Basic c2E6c2E=",
    b"Bearer " + b"A" * 8000, b"Bearer sa_" + b"0" * 26 + b"_" + b"A" * 43,
    b"Bearer sa_" + b"0" * 26 + b"_" + b"\xe9" * 43, b"Bearer a, Bearer b", b"sa_" + b"0" * 26 + b"_" + b"A" * 43,
)  # fmt: skip


@pytest.mark.parametrize("value", MALFORMED, ids=range(len(MALFORMED)))
def test_what_is_no_key_is_401(guarded: str, value: bytes) -> None:
    head = b"GET /api/v1/topics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAuthorization: %b\r\n\r\n"
    assert status_of(raw(guarded, head % value)) == 401


def test_a_key_with_one_letter_changed_opens_nothing(guarded: str, store: Store) -> None:
    key = new_key(store, "read")
    other = key[:-1] + ("A" if key[-1] != "A" else "B")
    with client_of(guarded) as client:
        given = [
            client.get("/api/v1/topics", headers={"Authorization": f"Bearer {text}"}).status_code
            for text in (key, other, f" {key}", key.upper(), f"{key}A")
        ]
    assert given == [200, 401, 200, 401, 401]


def test_a_revoked_key_stops_in_every_server_over_the_same_home(
    guarded: str, assistant: Assistant, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api.access.keyring, "FRESH", 0.05)
    key = new_key(store, "read")
    with served(create_app(assistant, Policy(asks_for_keys=True))) as other:
        clients = [client_of(address, key) for address in (guarded, other)]
        assert [client.get("/api/v1/topics").status_code for client in clients] == [200, 200]
        key_id = id_in(key)
        assert key_id is not None
        store.keys.revoke(key_id, datetime.now(UTC))
        deadline = time.monotonic() + 10
        for client in clients:
            while client.get("/api/v1/topics").status_code != 401:
                assert time.monotonic() < deadline
            client.close()


def test_on_loopback_everybody_is_the_person_at_the_machine_and_a_key_of_ours_must_be_right(
    local: str, store: Store
) -> None:
    with client_of(local) as client:
        assert client.get("/api/v1/gaps").status_code == 200
        for text, status in (
            ("sk-whatever-the-client-insists-on", 200),
            ("sa_wrong", 401),
            (new_key(store, "learn"), 200),
            (new_key(store, "read"), 403),
        ):
            given = client.get("/api/v1/gaps", headers={"Authorization": f"Bearer {text}"})
            assert (text[:3], given.status_code) == (text[:3], status)


def test_the_last_use_is_noted_to_the_minute(guarded: str, store: Store) -> None:
    key = new_key(store, "read")
    [mine] = [one for one in store.keys.all() if one.id == id_in(key)]
    assert mine.last_used is None
    before = datetime.now(UTC)
    with client_of(guarded, key) as client:
        assert client.get("/api/v1/topics").status_code == 200
        deadline = time.monotonic() + 10
        while (used := store.keys.live()[mine.id].last_used) is None:  # it is written beside the answer
            assert time.monotonic() < deadline
        assert client.get("/api/v1/topics").status_code == 200
    assert before - timedelta(seconds=1) <= used <= datetime.now(UTC)
    store.keys.note_use(mine.id, used + timedelta(seconds=59))
    assert store.keys.live()[mine.id].last_used == used
    store.keys.note_use(mine.id, used + timedelta(seconds=60))
    assert store.keys.live()[mine.id].last_used == used + timedelta(seconds=60)


def test_two_keys_are_two_learners(guarded: str, store: Store) -> None:
    keys = [new_key(store, "read", "learn") for _ in range(2)]
    first, second = (client_of(guarded, key) for key in keys)
    with first, second:
        body = {**ASK, "question": "法国的首都是哪里?"}
        assert first.post("/api/v1/ask", json=body).json()["status"] == "not_in_notes"
        assert [len(client.get("/api/v1/gaps").json()) for client in (first, second)] == [1, 0]


def test_the_file_of_the_database_holds_no_key(guarded: str, store: Store) -> None:
    key = new_key(store, "read")
    secret = key.rpartition("_")[2].encode() if key.count("_") == 2 else key[30:].encode()
    files = [file.read_bytes() for file in store.path.parent.glob("study.db*")]
    assert files
    assert not any(secret in data for data in files)
