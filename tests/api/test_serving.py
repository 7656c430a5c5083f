"""`assistant serve` as a process: several workers in one line for the model, and an orderly end."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event
from typing import Any

import httpx
import pytest

from assistant.llm.fake_ollama import FakeOllama, Pause, Reply, broken, say
from tests.api.test_app import QUESTION
from tests.index.embedding import write_notes

ANSWER = say("取最大值", " [1]。")
STALLING = broken(ANSWER, 1, Pause())
STREAM = {"accept": "text/event-stream"}


@contextmanager
def served(
    tmp_path: Path, model: FakeOllama, *flags: str
) -> Iterator[tuple[subprocess.Popen[str], httpx.Client]]:
    """Run `assistant serve` over some notes until it answers."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    given = {
        "NOTES": write_notes(tmp_path / "notes"),
        "MODEL": "ollama:qwen3.5:4b",
        "OLLAMA_HOST": model.host,
    }
    environment = os.environ | {f"ASSISTANT_{name}": str(value) for name, value in given.items()}
    command = [sys.executable, "-m", "assistant", "serve", "--port", str(port), *flags]
    process = subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True)
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=60) as client:
            for _ in range(600):
                with suppress(httpx.TransportError):
                    if client.get("/healthz").status_code == 200:
                        break
                assert process.poll() is None, process.communicate()[1]
                time.sleep(0.1)
            yield process, client
    finally:
        process.terminate()
        process.communicate(timeout=60)


class Reader:
    """Reads the events of an answer in a thread of its own, on a connection of its own."""

    def __init__(self, pool: ThreadPoolExecutor, base: httpx.Client) -> None:
        self.events: list[tuple[str, dict[str, Any]]] = []
        self.broke: Exception | None = None
        self.done = pool.submit(self._read, str(base.base_url))

    def _read(self, url: str) -> None:
        body = {"question": QUESTION}
        try:
            with (
                httpx.Client(base_url=url, trust_env=False, timeout=60) as client,
                client.stream("POST", "/api/v1/ask", json=body, headers=STREAM) as response,
            ):
                name = ""
                for line in response.iter_lines():
                    if line.startswith("event: "):
                        name = line.removeprefix("event: ")
                    elif line.startswith("data: "):
                        self.events.append((name, json.loads(line.removeprefix("data: "))))
        except httpx.TransportError as error:
            self.broke = error

    def wait_for(self, name: str) -> None:
        for _ in range(3_000):
            if any(said == name for said, _ in self.events):
                return
            assert not self.done.done(), self.events
            time.sleep(0.01)
        raise AssertionError(f"no {name!r} came: {self.events}")


def pid_of_the_one_at_the_model(home: Path) -> int:
    """Return the process whose ticket stands first."""
    import sqlite3

    with sqlite3.connect(home / "study.db") as database:
        [[holder]] = database.execute("SELECT holder FROM ticket ORDER BY id LIMIT 1").fetchall()
    return int(holder.partition("-")[0])


def test_told_to_stop_it_finishes_what_runs_and_sends_away_who_waits(tmp_path: Path) -> None:
    gate = Event()

    def respond(body: Any) -> Reply:
        gate.wait(30)
        return ANSWER

    with (
        FakeOllama(respond=respond) as model,
        ThreadPoolExecutor(2) as pool,
        served(tmp_path, model) as (process, client),
    ):
        running = Reader(pool, client)
        running.wait_for("waiting")  # the model reads
        waiting = Reader(pool, client)
        waiting.wait_for("waiting")
        process.send_signal(signal.SIGTERM)
        waiting.done.result(30)
        gate.set()
        running.done.result(30)
        assert process.wait(30) in (0, -signal.SIGTERM)
    assert [name for name, _ in waiting.events] == ["waiting", "error"]
    assert waiting.events[-1][1]["status"] == 503
    assert running.events[-1][0] == "done"
    assert running.events[-1][1]["mode"] == "ollama:qwen3.5:4b"


def test_workers_stand_in_one_line_and_a_killed_one_holds_nobody_up(tmp_path: Path, own_home: Path) -> None:
    gate = Event()
    with (
        FakeOllama(respond=lambda body: ANSWER if gate.is_set() else STALLING, parallel=2) as model,
        ThreadPoolExecutor(4) as pool,
        served(tmp_path, model, "--workers", "2") as (_, client),
    ):
        readers = [Reader(pool, client)]
        readers[0].wait_for("text")
        while len(readers) < 4:
            readers.append(Reader(pool, client))
            readers[-1].wait_for("waiting")
        places = [one.events[-1][1]["text"] for one in readers[1:]]
        assert places == [f"排队中，前面还有 {ahead} 个回答……" for ahead in (1, 2, 3)]
        assert len(model.chats) == 1
        gate.set()
        os.kill(pid_of_the_one_at_the_model(own_home), signal.SIGKILL)
        for reader in readers:
            reader.done.result(60)
        # Those who were with the killed worker know at once; all others are answered.
        assert readers[0].broke
        for reader in readers[1:]:
            assert reader.broke or reader.events[-1][0] == "done"
        assert client.post("/api/v1/ask", json={"question": QUESTION}).json()["mode"] == "ollama:qwen3.5:4b"


@pytest.mark.parametrize("workers", ["0", "65", "two"])
def test_a_number_of_workers_that_makes_no_sense_is_refused(workers: str) -> None:
    command = [sys.executable, "-m", "assistant", "serve", "--workers", workers]
    refused = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert refused.returncode == 2
    assert "--workers" in refused.stderr
