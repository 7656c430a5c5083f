"""No word of a note, a question, an answer or a key reaches a log or the metrics, whatever goes wrong on the way."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from assistant.llm.fake_ollama import FakeOllama, say
from assistant.store import Store
from tests.api.access.serving import new_key, raw
from tests.api.access.test_commands import free_port, wait_until_up
from tests.cli.running import environment
from tests.index.embedding import write_notes

CANARY = "CANARYQUESTION金丝雀"
NOTED = "CANARYNOTE笔记里的话"

# The program of `assistant serve` with a fault planted for every way in which Python tells of one.
PROGRAM = """
import asyncio, gc, logging, sys, threading
import uvicorn
from fastapi import APIRouter
from api.access.policy import Policy
from api.app import create_app
from api.commands.serve import server_options
from assistant.study import Assistant
from assistant.settings import read_settings

class Careless:
    def __init__(self, text): self.text = text
    def __del__(self): raise RuntimeError(self.text)

class Faulty(Assistant):
    def consider(self, question, *arguments, **more):
        if question.startswith("BREAK"):
            raise RuntimeError(f"cannot work on {question!r}") from ValueError(question)
        return super().consider(question, *arguments, **more)

app = create_app(Faulty(read_settings()), Policy(asks_for_keys=True, rate_limit="1000/minute"))
tasks = APIRouter()

@tasks.get("/fault/{kind}")
async def fault(kind: str, text: str) -> str:
    async def fail():
        raise RuntimeError(text)
    if kind == "task":
        task = asyncio.create_task(fail())
        await asyncio.sleep(0.01)
        del task
        gc.collect()
    elif kind == "thread":
        thread = threading.Thread(target=lambda: asyncio.run(fail()))
        thread.start()
        await asyncio.to_thread(thread.join)
    elif kind == "nobody":
        Careless(text)
    elif kind == "library":
        logging.getLogger("slack_bolt.App").warning("Unhandled request (%s)", text)
        logging.getLogger("httpx").info("HTTP Request: %s", text)
    elif kind == "stream":
        from fastapi.responses import StreamingResponse
        async def broken():
            yield "data: 1\\n\\n"
            raise RuntimeError(text)
        return StreamingResponse(broken(), media_type="text/event-stream")
    else:
        raise RuntimeError(text)
    return "done"

app.include_router(tasks)
uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), **server_options())
"""


@pytest.fixture
def ollama() -> Iterator[FakeOllama]:
    with FakeOllama(respond=lambda body: say("模型说：最大池化取最大值。")) as server:
        yield server


def test_a_full_run_leaves_no_canary_in_logs_or_metrics(
    tmp_path: Path, own_home: Path, ollama: FakeOllama
) -> None:
    notes = write_notes(tmp_path / "notes")
    (notes / "secret.md").write_text(f"# 最大池化的秘密\n\n{NOTED}：最大池化取窗口里的最大值。\n", "utf-8")
    env = environment(
        own_home,
        ASSISTANT_NOTES=str(notes),
        ASSISTANT_MODEL="ollama:qwen3.5:4b",
        ASSISTANT_OLLAMA_HOST=ollama.host,
    )
    key, port = new_key(Store(own_home), "read", "learn", "write"), free_port()
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(port)],
        env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8",
    )  # fmt: skip
    address = f"http://127.0.0.1:{port}"
    try:
        wait_until_up(address, process)
        told, metrics = exercise(address, key)
    finally:
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=60)
    assert told["answered"] == 200
    assert told["fault"] == 500
    assert told["invalid"] == 422
    for text in (out, err, metrics):
        assert not [
            secret
            for secret in (CANARY, "CANARY", "金丝雀", NOTED, "笔记里的话", key, key[30:])
            if secret in text
        ]
    # What happened is told all the same: else this test could not fail.
    assert err.count("RuntimeError") >= 5
    assert "slack_bolt.App" in err
    assert "in a thread" in err
    assert "in passing" in err
    others = [file for file in own_home.rglob("*") if file.is_file() and not file.name.startswith("study.db")]
    assert [file.name for file in others if CANARY.encode() in file.read_bytes()] == []


def exercise(address: str, key: str) -> tuple[dict[str, int], str]:
    """Send the canary every way in; return some of the statuses, and the metrics."""
    told: dict[str, int] = {}
    with httpx.Client(
        base_url=address, trust_env=False, timeout=60, headers={"Authorization": f"Bearer {key}"}
    ) as client:
        question = f"最大池化取什么值？{CANARY}"
        told["answered"] = client.post("/api/v1/ask", json={"question": question}).status_code
        told["fault"] = client.post("/api/v1/ask", json={"question": f"BREAK {CANARY}"}).status_code
        told["invalid"] = client.post("/api/v1/ask", json={"question": [CANARY], CANARY: 1}).status_code
        client.post("/api/v1/ask", content=f'{{"question": "{CANARY}'.encode())
        client.post("/api/v1/search", json={"query": f"池化 {CANARY}", "k": 3})
        grading = {"question": f"最大池化？{CANARY}", "answer": CANARY}
        client.post("/api/v1/grade", json=grading)
        client.post(f"/api/v1/demos/{CANARY}", json={CANARY: CANARY})
        client.post("/api/v1/demos/pooling", json={"input": CANARY})
        client.get(f"/api/v1/{CANARY}", params={"q": CANARY})
        client.get("/api/v1/topics", headers={"X-Request-ID": "CANARY", "User-Agent": "CANARY"})
        client.post("/api/v1/notes", json={"name": f"{CANARY}.md", "text": f"# {CANARY}\n\n{CANARY}。\n"})
        client.post("/api/v1/quizzes", json={"topic": CANARY})
        messages = [{"role": "user", "content": question}]
        for model in ("assistant", "assistant-quiz", CANARY):
            client.post("/v1/chat/completions", json={"model": model, "messages": messages})
        client.get("/api/v1/topics", headers={"Authorization": f"Bearer {key}CANARY"})
        for kind in ("task", "thread", "nobody", "library", "plain"):
            client.get(f"/fault/{kind}", params={"text": CANARY})
        with pytest.raises(httpx.RemoteProtocolError):
            client.get("/fault/stream", params={"text": CANARY})
        raw(address, f"GET /{CANARY} HTTP/1.1\r\nHost: localhost\r\n{CANARY}\r\n\r\n".encode(), is_all=True)
        return told, client.get("/metrics").text
