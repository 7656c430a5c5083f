"""The service under load: questions a second, how long the slowest wait, a thousand open streams, slow readers, a soak.

`assistant serve` runs as people start it, the load comes from a second process, and beside it a FastAPI that does
nothing but echo is measured in the same way, so that the ratio says what is ours. Ten thousand passages, notes mode;
the questions are the headings of the notes. `python -m benchmarks.load soak` runs five minutes and watches memory.
"""

from __future__ import annotations

import json
import os
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from assistant.llm.fake_ollama import FakeOllama, Pause, broken, say
from assistant.study import open_assistant
from benchmarks.adding_notes import CORPUS, write_notes

#: Every second file of the corpus holds about ten thousand passages.
EVERY = 2
CONNECTIONS, WARM, SECONDS, QUESTIONS = 16, 3.0, 10.0, 400
STREAMS, SLOW = 1_000, 50
#: Seconds until the slow readers have asked and the server waits for them.
SETTLED = 10.0


def measure() -> dict[str, Any]:
    """Print and return the figures."""
    if not CORPUS.is_file():
        print("  the corpus does not lie beside the project (../shared/eval/notes_bench)")
        return {}
    with tempfile.TemporaryDirectory() as temporary:
        folder, questions = _notes(Path(temporary))
        figures: dict[str, Any] = {}
        with _echo() as (port, _):
            figures["echo"] = _loaded(port, "/echo", questions)
        for workers in (1, 2):
            with _served(folder, workers) as (port, process):
                loaded = _loaded(port, "/api/v1/ask", questions)
                loaded["of_echo"] = round(loaded["per_second"] / figures["echo"]["per_second"], 3)
                figures[f"workers_{workers}"] = loaded | {"megabytes": _megabytes(process)}
                if workers == 1:
                    figures["slow_readers"] = _beside_slow_readers(port, questions)
        figures["streams"] = _streams(folder, questions)
        for name, row in figures.items():
            print(f"  {name:<14}{row}")
        return figures


def soak(seconds: float = 300.0) -> dict[str, Any]:
    """Ask for so long, and return the memory at the beginning and at the end."""
    with tempfile.TemporaryDirectory() as temporary:
        folder, questions = _notes(Path(temporary))
        with _served(folder, 1) as (port, process):
            _loaded(port, "/api/v1/ask", questions, seconds=seconds / 10)
            before = _megabytes(process)
            figures = _loaded(port, "/api/v1/ask", questions, seconds=seconds)
            figures |= {"megabytes_before": before, "megabytes_after": _megabytes(process)}
        print(f"  soak          {figures}")
        return figures


def _notes(folder: Path) -> tuple[Path, list[dict[str, str]]]:
    """Write and index the notes; return the folder that holds them and a home, and questions about them."""
    notes = write_notes(folder / "notes")
    for note in notes[1::EVERY]:
        note.unlink()
    assistant = open_assistant(notes[0].parent, folder / "home", model="notes")
    topics = assistant.topics()
    print(f"  {sum(len(topic.passages) for topic in topics):,} passages, {len(topics):,} topics")
    titles = [topic.title for topic in topics][:: max(len(topics) // QUESTIONS, 1)]
    return folder, [{"question": f"{title}是什么?"} for title in titles]


@contextmanager
def _served(folder: Path, workers: int, **settings: str) -> Iterator[tuple[int, subprocess.Popen[bytes]]]:
    """Run `assistant serve` over the notes until it answers; give its port and process."""
    port = _free_port()
    given = {"home": folder / "home", "notes": folder / "notes", "model": "notes"} | settings
    environment = os.environ | {f"ASSISTANT_{name.upper()}": str(value) for name, value in given.items()}
    command = [sys.executable, "-m", "assistant", "serve", "--port", str(port), "--workers", str(workers)]
    with _running(command, port, environment) as process:
        yield port, process


@contextmanager
def _echo() -> Iterator[tuple[int, subprocess.Popen[bytes]]]:
    port = _free_port()
    command = [sys.executable, "-m", "uvicorn", "--factory", "benchmarks.load:echo", "--port", str(port)]
    with _running([*command, "--log-level", "warning"], port, os.environ) as process:
        yield port, process


@contextmanager
def _running(
    command: list[str], port: int, environment: Mapping[str, str]
) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(command, env=dict(environment), stderr=subprocess.PIPE)
    try:
        while True:
            with suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5):
                break
            if process.poll() is not None:
                raise RuntimeError((process.stderr.read() if process.stderr else b"").decode())
            time.sleep(0.1)
        yield process
    finally:
        process.terminate()
        process.communicate(timeout=60)


def echo() -> Any:
    """Return the application with which ours is compared."""
    from fastapi import FastAPI

    app = FastAPI()

    @app.get("/healthz")
    async def healthz() -> dict[str, str]:
        return {"status": "ok"}

    @app.post("/echo")
    async def echoed(body: dict[str, Any]) -> dict[str, Any]:
        return body

    return app


def _client(**asked: Any) -> Any:
    command = [sys.executable, "-m", "benchmarks.load_client"]
    done = subprocess.run(command, input=json.dumps(asked), capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def _loaded(
    port: int, path: str, questions: list[dict[str, str]], *, seconds: float = SECONDS
) -> dict[str, Any]:
    told = _client(
        what="load",
        port=port,
        path=path,
        bodies=questions,
        connections=CONNECTIONS,
        warm=WARM,
        seconds=seconds,
    )
    times = sorted(told["milliseconds"])
    return {
        "per_second": round(len(times) / told["seconds"], 1),
        "p50_ms": round(statistics.median(times), 1),
        "p99_ms": round(times[int(0.99 * len(times))], 1),
        "failed": told["failed"],
    }


def _beside_slow_readers(port: int, questions: list[dict[str, str]]) -> dict[str, Any]:
    """Return the figures of others while many read next to nothing of long answers."""
    asked = {
        "what": "slow",
        "port": port,
        "path": "/api/v1/ask",
        "bodies": questions[:100],
        "connections": SLOW,
        "seconds": SETTLED + WARM + SECONDS + 5,
    }
    command = [sys.executable, "-m", "benchmarks.load_client"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True) as dawdling:
        assert dawdling.stdin
        dawdling.stdin.write(json.dumps(asked))
        dawdling.stdin.close()
        time.sleep(SETTLED)
        return _loaded(port, "/api/v1/ask", questions) | {"slow_readers": SLOW}


def _streams(folder: Path, questions: list[dict[str, str]]) -> dict[str, Any]:
    """Return what becomes of a thousand streams of which one is served."""
    stalling = broken(say("批", "归一化"), 1, Pause())
    with FakeOllama(respond=lambda body: stalling) as model:
        settings = {"model": "ollama:qwen3.5:4b", "ollama_host": model.host}
        with _served(folder, 1, **settings) as (port, process):
            _client(what="streams", port=port, path="/api/v1/ask", bodies=questions, connections=2, seconds=3)
            before = _megabytes(process)
            told = _client(
                what="streams",
                port=port,
                path="/api/v1/ask",
                bodies=questions,
                connections=STREAMS,
                seconds=30,
            )
            after = _megabytes(process)
    places = {int(found[1]) for one in told["last"] if (found := re.search(r"前面还有 (\d+)", one))}
    return {
        "streams": STREAMS,
        "told_their_place": len(places),
        "served": sum('"waiting"' not in one and "前面还有" not in one for one in told["last"]),
        "failed": len(told["failed"]),
        "ended": told["ended"],
        "all_told_after_s": round(told["first_seconds"][-1], 2) if told["first_seconds"] else None,
        "megabytes_before": before,
        "megabytes_after": after,
    }


def _megabytes(process: subprocess.Popen[bytes]) -> float:
    """Return the resident memory of a process and its children; 0 where the system does not tell."""
    total = 0
    for status in Path("/proc").glob("[0-9]*/status"):
        with suppress(OSError):
            fields = dict(line.split(":\t", 1) for line in status.read_text().splitlines() if ":\t" in line)
            if str(process.pid) in (fields["Pid"], fields["PPid"]):
                total += int(fields.get("VmRSS", "0 kB").split()[0])
    return round(total / 1024, 1)


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


if __name__ == "__main__":
    soak() if sys.argv[1:] == ["soak"] else measure()
