"""`assistant keys` and `assistant serve` as processes."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from assistant.store import Store
from tests.api.access.serving import client_of
from tests.cli.running import COMMAND, environment, run
from tests.index.embedding import write_notes


@pytest.fixture
def env(tmp_path: Path, own_home: Path) -> dict[str, str]:
    return environment(own_home, ASSISTANT_NOTES=str(write_notes(tmp_path / "notes")))


def test_a_key_is_made_shown_once_listed_and_revoked(env: dict[str, str], own_home: Path) -> None:
    made = run("keys", "create", "笔记本", "--scope", "read", "--scope", "learn", env=env)
    key = made.out.strip()
    assert re.fullmatch(r"sa_[0-9A-Z]{26}_[A-Za-z0-9_-]{43}", key)
    assert key not in made.err
    listed = run("keys", "list", "--json", env=env).json
    assert [(one["name"], one["scopes"], one["last_used"]) for one in listed] == [
        ("笔记本", ["read", "learn"], None)
    ]
    assert "笔记本" in run("keys", "list", env=env).out
    revoked = run("keys", "revoke", listed[0]["id"].lower(), "--json", env=env)
    assert revoked.json["revoked_at"]
    assert key not in run("keys", "list", "--json", env=env).out
    assert Store(own_home).keys.live() == {}
    assert oct((own_home / "study.db").stat().st_mode & 0o777) == "0o600"


def test_a_key_as_json_may_read_where_nothing_else_is_said(env: dict[str, str]) -> None:
    made = run("keys", "create", "a", "--json", env=env).json
    assert (made["scopes"], made["learner"]) == (["read"], f"key:{made['id']}")
    assert made["key"].startswith(f"sa_{made['id']}_")


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["create", " "], 1, "cannot be the name of a key"),
        (["create", "a\nb"], 1, "cannot be the name of a key"),
        (["create", "a", "--scope", "all"], 2, "'all'"),
        (["revoke", "nosuch"], 2, "there is no key 'nosuch'"),
    ],
)
def test_what_cannot_be_done_with_keys_is_said(
    env: dict[str, str], words: list[str], code: int, said: str
) -> None:
    ran = run("keys", *words, env=env)
    assert (ran.code, ran.out) == (code, "")
    assert said in ran.err


def test_no_keys_are_listed_where_nothing_was_made_and_nothing_is_made_by_it(
    env: dict[str, str], own_home: Path
) -> None:
    assert run("keys", "list", "--json", env=env).json == []
    assert not own_home.exists()


@contextmanager
def serving(*words: str, env: Mapping[str, str]) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """Run `assistant serve` on a free port; yield its address."""
    port = free_port()
    command = [*COMMAND, "serve", "--port", str(port), *words]
    process = subprocess.Popen(
        command, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8"
    )
    address = f"http://127.0.0.1:{port}"
    try:
        wait_until_up(address, process)
        yield address, process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)


def test_beyond_this_machine_it_starts_with_a_key_only_and_then_asks_everybody_for_one(
    env: dict[str, str], own_home: Path
) -> None:
    refused = run("serve", "--host", "0.0.0.0", "--port", "0", env=env)
    assert refused.code == 1
    assert "asks for keys, and there is none" in refused.err
    assert "assistant keys create" in refused.err
    key = run("keys", "create", "a", env=env).out.strip()
    with serving("--host", "0.0.0.0", env=env) as (address, process):
        with client_of(address) as client:
            assert client.get("/api/v1/topics").status_code == 401
            assert client.get("/healthz").status_code == 200
        with client_of(address, key) as client:
            assert len(client.get("/api/v1/topics").json()) == 5
            assert client.get("/api/v1/topics", headers={"Host": "evil.example"}).status_code == 421
    out, err = process.communicate()
    assert process.returncode in (0, -signal.SIGTERM)
    assert out == ""
    assert "not encrypted" in err
    assert key not in err
    assert json.dumps(key) not in str([file.read_bytes() for file in own_home.glob("*") if file.is_file()])


def free_port() -> int:
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_until_up(address: str, process: subprocess.Popen[str]) -> None:
    import httpx

    while process.poll() is None:
        try:
            httpx.get(f"{address}/healthz", trust_env=False, timeout=5)
        except httpx.TransportError:
            os.sched_yield()
        else:
            return
    raise AssertionError(process.communicate())
