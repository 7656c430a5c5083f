"""What doctor sees without asking a model anything, and the command it names for each fault."""

from __future__ import annotations

import socket
from pathlib import Path

import httpx
import pytest

from assistant.doctor import looks as looking
from assistant.doctor.finding import Finding
from assistant.doctor.looks import looks
from assistant.doctor.model_looks import model_looks
from assistant.llm.fake_ollama import FakeModel, FakeOllama, closed_port, silent_port
from assistant.llm.fake_openai import FakeOpenAI
from assistant.settings import read_settings
from assistant.study import Assistant, open_assistant


@pytest.fixture
def assistant(tmp_path: Path) -> Assistant:
    (tmp_path / "note.md").write_text("# Dropout\n\nDropout 训练时随机丢弃神经元。\n\n# 感受野\n", "utf-8")
    return open_assistant(tmp_path / "note.md")


def seen(assistant: Assistant) -> dict[str, Finding]:
    return {finding.name: finding for finding in looks(assistant.settings, assistant)}


def test_notes_index_disk_and_home_are_told_with_figures(assistant: Assistant) -> None:
    found = seen(assistant)
    assert found["notes"].says == "2 topics, 1 of them only a title"
    assert found["index"].says.startswith("2 passages, embedded by ")
    assert found["disk"].says.endswith(" free")
    assert found["home"].works


def test_a_port_that_is_taken_is_told_with_another(
    assistant: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        taken = server.getsockname()[1]
        monkeypatch.setattr(looking, "PORT", taken)
        port = seen(assistant)["port"]
    assert (port.works, port.needed, port.mend) == (False, False, f"assistant serve --port {taken + 1}")


def test_the_port_is_that_of_serve() -> None:
    from inspect import signature

    from api.commands.serve import command

    assert signature(command).parameters["port"].default == looking.PORT


def test_a_full_disk_is_told(assistant: Assistant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(looking, "LEAST_FREE", 1 << 62)
    disk = seen(assistant)["disk"]
    assert not disk.works
    assert "ASSISTANT_HOME" in disk.mend


def test_a_missing_font_is_told_with_its_package(
    assistant: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("assistant.demo_kit.plot_fonts.can_show", lambda text: False)
    fonts = seen(assistant)["fonts"]
    assert not fonts.works
    assert "font" in fonts.mend


# Models


def of_model(**settings: str) -> dict[str, Finding]:
    findings = list(model_looks(read_settings(settings)))
    assert not any(finding.needed for finding in findings)  # notes mode always works
    assert all(finding.mend for finding in findings if not finding.works)
    return {finding.name: finding for finding in findings}


def of_ollama(server: FakeOllama, **settings: str) -> dict[str, Finding]:
    return of_model(**{"model": "auto", "ollama_host": server.host} | settings)


def test_a_good_ollama_has_nothing_to_mend() -> None:
    with FakeOllama() as server:
        found = of_ollama(server)
    assert list(found) == ["ollama", "model", "abilities", "window"]
    assert all(finding.works for finding in found.values())


@pytest.mark.parametrize(
    ("version", "works", "told"),
    [
        ("0.20.0", False, "ignores JSON schemas before 0.21.1"),
        ("0.30.0", True, "0.32.15 or newer is recommended"),
        ("0.32.15", True, "0.32.15 at http"),
        ("0.0.0", True, "development build"),
    ],
)
def test_the_version_of_ollama_is_judged(version: str, works: bool, told: str) -> None:
    with FakeOllama(version=version) as server:
        ollama = of_ollama(server)["ollama"]
    assert ollama.works is works
    assert told in ollama.says


def test_a_model_without_tools_is_told() -> None:
    with FakeOllama(models=[FakeModel("qwen3.5:4b", ("completion",))]) as server:
        abilities = of_ollama(server)["abilities"]
    assert not abilities.works
    assert "cannot call demos" in abilities.says


def test_a_window_beyond_what_the_model_was_trained_for_is_told() -> None:
    with FakeOllama(models=[FakeModel("qwen3.5:4b", context_length=4096)]) as server:
        window = of_ollama(server)["window"]
    assert (window.works, window.mend) == (False, "export ASSISTANT_NUM_CTX=4096")


@pytest.mark.parametrize(("loaded", "works"), [(4096, False), (8192, True), (16384, True)])
def test_a_model_that_somebody_loaded_with_a_smaller_window_is_told(loaded: int, works: bool) -> None:
    with FakeOllama() as server:
        body = {
            "model": "qwen3.5:4b",
            "messages": [],
            "think": False,
            "options": {"num_ctx": loaded, "num_predict": 1},
        }
        httpx.post(f"http://{server.host}/api/chat", json=body, trust_env=False)
        window = of_ollama(server)["window"]
    assert window.works is works
    assert f"running with {loaded}" in window.says
    assert window.mend == "ollama stop qwen3.5:4b"


def test_no_ollama_and_a_mute_one_are_told_in_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    assert of_model(model="auto", ollama_host=closed_port())["ollama"].mend == "ollama serve"
    monkeypatch.setattr("assistant.llm.ollama_models.PROBE", 0.2)
    with silent_port() as host:
        assert "within 0.2 s" in of_model(model="auto", ollama_host=host)["ollama"].says


def test_a_server_of_the_openai_api_is_told_with_what_it_has() -> None:
    with FakeOpenAI(models=("tiny", "big")) as server:
        settings = {"openai_base_url": server.base_url}
        there = of_model(model="openai:tiny", **settings)["model"]
        other = of_model(model="openai:small", **settings)["model"]
    assert (there.works, there.says) == (True, f"tiny at {server.base_url}, 8192 tokens of context")
    assert "the server has: tiny, big" in other.says


def test_notes_mode_is_a_choice_and_no_fault() -> None:
    assert of_model(model="notes")["model"].works
