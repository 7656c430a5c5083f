"""What is seen of the service from outside: ids of requests, readiness, metrics, traces. Canaries never show."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from api.access.policy import Policy
from api.app import create_app
from api.observing import telemetry
from api.observing.metrics import Metrics
from assistant.llm.fake_ollama import FakeOllama, say
from assistant.store import Store
from assistant.study import Assistant, open_assistant
from corpus.errors import StudyError
from tests.api.access.serving import client_of, new_key, served
from tests.api.test_app import QUESTION, problem, serve
from tests.index.embedding import write_notes

CANARY = "CANARY42"


@pytest.fixture
def assistant(tmp_path: Path) -> Assistant:
    return open_assistant(write_notes(tmp_path / "notes"), tmp_path / "home", model="notes")


@pytest.fixture
def client(assistant: Assistant) -> Iterator[httpx.Client]:
    yield from serve(assistant)


def numbers(client: httpx.Client) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    """Return what `/metrics` tells, by name and labels."""
    response = client.get("/metrics")
    assert response.headers["content-type"].startswith("text/plain; version=0.0.4")
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(response.text)
        for sample in family.samples
    }


def at(found: dict[tuple[str, frozenset[tuple[str, str]]], float], name: str, **labels: str) -> float:
    return found.get((f"assistant_{name}", frozenset(labels.items())), 0.0)


def test_a_plain_request_id_comes_back_and_stands_in_the_refusal(client: httpx.Client) -> None:
    headers = {"X-Request-ID": "0af7651916cd43dd8448eb211c80319c:1"}
    response = client.get("/nosuch", headers=headers)
    assert response.headers["x-request-id"] == headers["X-Request-ID"]
    body = problem(response, 404)
    assert (body["request_id"], body["instance"]) == (headers["X-Request-ID"], "/nosuch")


@pytest.mark.parametrize("given", ["", "a b", "x" * 65, "a\tb", "é".encode("latin-1"), "id;drop", '"'])
def test_any_other_request_id_is_replaced_by_a_new_one(client: httpx.Client, given: Any) -> None:
    response = client.get("/healthz", headers={"X-Request-ID": given})
    assert len(response.headers["x-request-id"]) == 26
    assert response.headers["x-request-id"] != client.get("/healthz").headers["x-request-id"]


def test_answers_are_counted_and_timed_by_stage_and_refusals_apart(client: httpx.Client) -> None:
    for question in (QUESTION, QUESTION, "法国的首都是哪里?"):
        client.post("/api/v1/ask", json={"question": question})
    found = numbers(client)
    assert at(found, "answers_total", status="answered", mode="notes") == 2
    assert at(found, "answers_total", status="not_in_notes", mode="notes") == 1
    for stage in ("search", "prepare", "answer", "total"):
        assert at(found, "stage_seconds_count", stage=stage, mode="notes") == 3
    total = at(found, "stage_seconds_sum", stage="total", mode="notes")
    assert 0 < at(found, "stage_seconds_sum", stage="search", mode="notes") <= total
    assert at(found, "queue_length") == 0


def test_requests_are_counted_by_the_template_of_their_path(client: httpx.Client) -> None:
    client.post("/api/v1/demos/pooling", json={})
    client.get(f"/api/v1/demos/{CANARY}")
    client.get(f"/{CANARY}")
    client.request(CANARY, "/healthz")
    client.delete("/api/v1/topics")
    found = numbers(client)
    demo = "/api/v1/demos/{name}"
    assert at(found, "requests_total", method="POST", route=demo, status="200") == 1
    assert at(found, "requests_total", method="GET", route=demo, status="404") == 1
    assert at(found, "requests_total", method="GET", route="other", status="404") == 1
    assert at(found, "requests_total", method="other", route="/healthz", status="405") == 1
    assert at(found, "requests_total", method="DELETE", route="/api/v1/topics", status="405") == 1
    assert CANARY not in client.get("/metrics").text


def test_the_tokens_of_a_model_are_counted(tmp_path: Path) -> None:
    with FakeOllama(respond=lambda body: say("最大池化取最大值。[1]")) as server:
        notes = write_notes(tmp_path / "notes")
        asked = open_assistant(notes, tmp_path / "home", model="ollama:qwen3.5:4b", ollama_host=server.host)
        for client in serve(asked):
            client.post("/api/v1/ask", json={"question": QUESTION})
            found = numbers(client)
    assert at(found, "answers_total", status="answered", mode="ollama") == 1
    assert at(found, "tokens_total", kind="prompt") > 0
    assert at(found, "tokens_total", kind="answer") > 0


def test_grades_are_counted_by_level() -> None:
    metrics = Metrics()
    metrics.graded("partial")
    assert 'assistant_grades_total{level="partial"} 1.0' in metrics.written().decode()


def test_metrics_are_for_those_who_may_read_and_health_is_for_all(assistant: Assistant) -> None:
    store = Store(assistant.settings.home)
    with served(create_app(assistant, Policy(asks_for_keys=True))) as address:
        with client_of(address) as nobody:
            problem(nobody.get("/metrics"), 401)
            assert nobody.get("/healthz").json() == {"status": "ok"}
            assert nobody.get("/readyz").json() == {
                "status": "ready", "index": True, "store": True, "model": "notes"
            }  # fmt: skip
        with client_of(address, new_key(store, "learn")) as learner:
            problem(learner.get("/metrics"), 403)
        with client_of(address, new_key(store, "read")) as reader:
            assert reader.get("/metrics").status_code == 200


def test_a_server_without_notes_is_alive_and_not_ready(tmp_path: Path) -> None:
    for client in serve(open_assistant(tmp_path / "no notes", tmp_path / "home", model="notes")):
        response = client.get("/readyz")
        assert (response.status_code, response.json()["index"]) == (503, False)
        assert str(tmp_path) not in response.text
        assert client.get("/healthz").status_code == 200


def test_a_damaged_memory_is_not_ready(assistant: Assistant, client: httpx.Client) -> None:
    assistant.settings.home.mkdir(exist_ok=True)
    (assistant.settings.home / "study.db").write_bytes(b"this is no database" * 100)
    response = client.get("/readyz")
    assert (response.status_code, response.json()["store"]) == (503, False)


def test_a_model_that_is_gone_leaves_the_server_ready(tmp_path: Path) -> None:
    with FakeOllama() as server:
        asked = open_assistant(
            write_notes(tmp_path / "notes"),
            tmp_path / "home",
            model="ollama:qwen3.5:4b",
            ollama_host=server.host,
        )
        for client in serve(asked):
            there = client.get("/readyz")
    for client in serve(asked):
        gone = client.get("/readyz")
    assert (there.status_code, there.json()["model"]) == (200, "reachable")
    assert (gone.status_code, gone.json()["model"]) == (200, "unreachable")


def test_a_fault_is_logged_by_its_kind_and_place_and_the_request_alone(
    assistant: Assistant, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(self: Assistant, query: str, k: int) -> None:
        raise RuntimeError(query)

    monkeypatch.setattr(Assistant, "search", broken)
    caplog.set_level(logging.DEBUG)
    for client in serve(assistant):
        response = client.post("/api/v1/search", json={"query": CANARY}, headers={"X-Request-ID": "r-1"})
        assert problem(response, 500)["request_id"] == "r-1"
    [record] = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert record.getMessage().startswith("request r-1: RuntimeError at api/")
    assert "test_observing.py" in record.getMessage()
    assert CANARY not in caplog.text


def test_a_fault_of_this_machine_is_told_to_whoever_sits_at_it_alone(
    assistant: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(self: Assistant, query: str, k: int) -> None:
        raise StudyError("the disk '/home/me' is full", "Free some space.")

    store = Store(assistant.settings.home)
    key = new_key(store, "read")
    monkeypatch.setattr(Assistant, "search", broken)
    for client in serve(assistant):
        body = problem(client.post("/api/v1/search", json={"query": "池化"}), 500)
        assert body["detail"] == "the disk '/home/me' is full"
    with served(create_app(assistant, Policy(asks_for_keys=True))) as address, client_of(address, key) as far:
        response = far.post("/api/v1/search", json={"query": "池化"})
        assert "/home/me" not in response.text
        assert "detail" not in problem(response, 500)


def test_spans_tell_the_route_and_nothing_that_was_typed(
    assistant: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("opentelemetry.sdk")
    from opentelemetry.sdk.trace.export import SimpleSpanProcessor
    from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

    provider, exporter = telemetry.discreet_provider(), InMemorySpanExporter()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    monkeypatch.setattr(telemetry, "discreet_provider", lambda: provider)
    app = create_app(Assistant(replace(assistant.settings, telemetry=True)))
    with served(app) as address, client_of(address) as client:
        client.get(f"/api/v1/demos/{CANARY}", params={"q": CANARY}, headers={"User-Agent": CANARY})
        client.post("/api/v1/ask", json={"question": f"{CANARY} 是什么?"})
        client.post("/api/v1/ask", json={CANARY: CANARY})
        client.request(CANARY, f"/{CANARY}")
    spans = exporter.get_finished_spans()
    assert {"GET /api/v1/demos/{name}", "POST /api/v1/ask"} <= {span.name for span in spans}
    assert CANARY not in "".join(span.to_json() for span in spans)


def test_traces_without_their_packages_say_what_to_install(
    assistant: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "opentelemetry.sdk.trace", None)
    with pytest.raises(StudyError, match="OpenTelemetry is not installed") as raised:
        telemetry.discreet_provider()
    assert raised.value.hint == "pip install 'interview-study-assistant[telemetry]'"


def test_workers_share_their_numbers(tmp_path: Path) -> None:
    script = (
        "import os\n"
        "from api.observing.metrics import Metrics\n"
        "metrics = Metrics()\n"
        "metrics.graded('correct')\n"
        "if os.fork() == 0:\n"
        "    metrics.graded('correct')\n"
        "    os._exit(0)\n"
        "os.wait()\n"
        "print(metrics.written().decode())\n"
    )
    environment = {**os.environ, "PROMETHEUS_MULTIPROC_DIR": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True
    )
    assert 'assistant_grades_total{level="correct"} 2.0' in done.stdout
