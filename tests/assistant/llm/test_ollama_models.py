"""Listing, showing, pulling and the version, through the official package against the fake."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable

import pytest

from assistant.llm import ollama_models
from assistant.llm.base import ModelNotPulled, ModelTimeout, ModelUnavailable, StreamBroken
from assistant.llm.fake_ollama import (
    FakeModel,
    FakeOllama,
    Reply,
    closed_port,
    refusal,
    silent_port,
    web_page,
)
from assistant.llm.ollama_models import InstalledModel, ModelCard, PullProgress
from corpus.errors import StudyError

EMBEDDING = FakeModel("bge-m3", ("embedding",), context_length=8192, size=1_200_000_000)
OLD = FakeModel("old:1b", None)


def test_a_fresh_server_has_no_models() -> None:
    with FakeOllama(models=()) as server:
        assert ollama_models.installed(server.host) == ()


def test_models_are_listed_with_their_tags_and_sizes() -> None:
    with FakeOllama(models=(FakeModel("qwen3.5:4b"), EMBEDDING, OLD)) as server:
        assert ollama_models.installed(server.host) == (
            InstalledModel("qwen3.5:4b", 3_400_000_000),
            InstalledModel("bge-m3:latest", 1_200_000_000),
            InstalledModel("old:1b", 3_400_000_000),
        )


@pytest.mark.parametrize(
    ("name", "card"),
    [
        (
            "qwen3.5:4b",
            ModelCard("qwen3.5:4b", frozenset({"completion", "tools", "thinking"}), 262_144),
        ),
        ("bge-m3", ModelCard("bge-m3", frozenset({"embedding"}), 8192)),
        ("old:1b", ModelCard("old:1b", None, 262_144)),
    ],
)
def test_a_model_shows_what_it_can_do(name: str, card: ModelCard) -> None:
    with FakeOllama(models=(FakeModel("qwen3.5:4b"), EMBEDDING, OLD)) as server:
        assert ollama_models.show(name, server.host) == card


def test_showing_a_model_that_is_not_there_offers_to_pull_it(server: FakeOllama) -> None:
    with pytest.raises(ModelNotPulled, match="nope") as caught:
        ollama_models.show("nope", server.host)
    assert caught.value.hint == "ollama pull nope:latest"


def test_pulling_reports_every_step_and_then_the_model_is_there() -> None:
    steps: list[PullProgress] = []
    with FakeOllama(models=(), library=(FakeModel("tiny:1b", size=400),)) as server:
        ollama_models.pull("tiny:1b", server.host, on_progress=steps.append)
        assert [model.name for model in ollama_models.installed(server.host)] == ["tiny:1b"]
    assert [(step.completed, step.total) for step in steps] == [
        (0, 0),
        (0, 400),
        (100, 400),
        (200, 400),
        (300, 400),
        (400, 400),
        (0, 0),
        (0, 0),
        (0, 0),
    ]
    assert steps[0].status == "pulling manifest"
    assert steps[1].status.startswith("pulling ")
    assert [step.status for step in steps[-3:]] == [
        "verifying sha256 digest",
        "writing manifest",
        "success",
    ]


def test_pulling_an_unknown_name_and_pulling_offline_are_told_apart() -> None:
    with FakeOllama() as server, pytest.raises(ModelNotPulled, match=r"'nope'.*file does not exist"):
        ollama_models.pull("nope", server.host)
    with FakeOllama(offline=True) as server, pytest.raises(ModelUnavailable, match="no such host") as caught:
        ollama_models.pull("qwen3.5:9b", server.host)
    assert "internet" in caught.value.hint


def test_a_pull_without_its_success_is_no_success() -> None:
    stopped = Reply(({"status": "pulling manifest"},))
    with (
        FakeOllama(foreign=stopped) as server,
        pytest.raises(StreamBroken, match="pulling manifest") as caught,
    ):
        ollama_models.pull("qwen3.5:9b", server.host)
    assert caught.value.hint == "ollama pull qwen3.5:9b"


def test_an_error_of_the_caller_is_the_callers() -> None:
    def stop(_: PullProgress) -> None:
        raise ValueError("enough")

    with FakeOllama(library=(FakeModel("tiny:1b"),)) as server, pytest.raises(ValueError, match="enough"):
        ollama_models.pull("tiny:1b", server.host, on_progress=stop)


@pytest.mark.parametrize(
    ("written", "numbers"),
    [("0.32.15", (0, 32, 15)), ("0.20.0", (0, 20, 0)), ("0.33.0-rc2", (0, 33, 0)), ("0.0.0", ())],
)
def test_the_version_is_numbers_that_compare(written: str, numbers: tuple[int, ...]) -> None:
    with FakeOllama(version=written) as server:
        assert ollama_models.version(server.host) == numbers


ASKING: dict[str, Callable[[str], object]] = {
    "installed": lambda host: ollama_models.installed(host, timeout=0.2),
    "show": lambda host: ollama_models.show("qwen3.5:4b", host, timeout=0.2),
    "pull": lambda host: ollama_models.pull("qwen3.5:4b", host, timeout=0.2),
    "version": lambda host: ollama_models.version(host, timeout=0.2),
}


@pytest.mark.parametrize("ask", list(ASKING))
def test_a_closed_port_is_unavailable_and_a_silent_one_a_timeout(ask: str) -> None:
    with pytest.raises(ModelUnavailable) as caught:
        ASKING[ask](closed_port())
    assert caught.value.hint == "ollama serve"
    with silent_port() as host, pytest.raises(ModelTimeout, match=r"nothing from .* within 0.2 s"):
        ASKING[ask](host)


@pytest.mark.parametrize("ask", list(ASKING))
@pytest.mark.parametrize(
    "reply",
    [
        web_page(),
        Reply((b"404 page not found",), 404, "text/plain"),
        Reply((b"<h1>Bad gateway</h1>",), 502, "text/html"),
        Reply((b'{"error":{"message":"no such route"}}',), 404, "application/json"),
        Reply((b'"a string"',), 500, "application/json"),
        Reply((b"[]",), 200, "application/json"),
    ],
)
def test_another_program_on_the_port_is_named_as_such(ask: str, reply: Reply) -> None:
    with FakeOllama(foreign=reply) as server, pytest.raises(ModelUnavailable, match="other than Ollama"):
        ASKING[ask](server.host)


def test_a_bad_host_is_named() -> None:
    for ask in ASKING.values():
        with pytest.raises(StudyError, match="host:port"):
            ask("host:port")


def test_an_error_of_the_server_keeps_its_words() -> None:
    with (
        FakeOllama(foreign=refusal(500, "disk is full")) as server,
        pytest.raises(StudyError, match="disk is full"),
    ):
        ollama_models.installed(server.host)


def test_a_proxy_in_the_environment_is_not_asked(server: FakeOllama, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", f"http://{closed_port()}")
    assert ollama_models.version(server.host) == (0, 32, 15)
    assert len(ollama_models.installed(server.host)) == 1


@pytest.mark.parametrize(
    ("variable", "value"), [("ALL_PROXY", "nonsense://proxy"), ("OLLAMA_HOST", "host:port")]
)
def test_an_environment_that_stops_the_packages_import_is_named(variable: str, value: str) -> None:
    code = (
        "from assistant.llm.ollama_models import installed\n"
        "from assistant.llm.base import ModelUnavailable\n"
        "try: installed('127.0.0.1:9')\n"
        "except ModelUnavailable as error: print(error)"
    )
    run = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        env={**os.environ, variable: value},
        check=True,
    )
    assert value.partition(":")[2].strip("/") in run.stdout
    assert variable in run.stdout
