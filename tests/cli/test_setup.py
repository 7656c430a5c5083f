"""`assistant setup` and `assistant doctor`: a model pulled over a real socket, and an honest account of the rest."""

from __future__ import annotations

from assistant.llm.fake_ollama import FakeModel, FakeOllama, closed_port
from tests.cli.running import run


def test_setup_pulls_the_default_model_and_says_how_to_use_it(env: dict[str, str]) -> None:
    with FakeOllama(models=(), library=(FakeModel("qwen3.5:4b"),)) as server:
        settings = env | {"ASSISTANT_MODEL": "auto", "ASSISTANT_OLLAMA_HOST": server.host}
        before = run("doctor", "--json", env=settings).json
        ran = run("setup", env=settings)
        after = run("doctor", "--json", env=settings).json
    assert (ran.code, ran.out) == (0, "qwen3.5:4b is ready: assistant chat --model ollama:qwen3.5:4b\n")
    model = {"before": before, "after": after}
    found = {when: next(f for f in findings if f["name"] == "model") for when, findings in model.items()}
    assert (found["before"]["works"], found["before"]["mend"]) == (False, "ollama pull qwen3.5:4b")
    assert found["after"]["works"]
    assert "qwen3.5:4b" in found["after"]["says"]


def test_setup_names_the_model_that_cannot_be_pulled(env: dict[str, str]) -> None:
    with FakeOllama(models=()) as server:
        ran = run("setup", "--pull", "nope", env=env | {"ASSISTANT_OLLAMA_HOST": server.host})
    assert ran.code == 1
    assert "'nope'" in ran.err


def test_setup_without_ollama_says_what_to_start(env: dict[str, str]) -> None:
    ran = run("setup", env=env | {"ASSISTANT_OLLAMA_HOST": closed_port()})
    assert ran.code == 1
    assert "ollama serve" in ran.err


def test_doctor_is_content_without_a_model_and_not_without_notes(env: dict[str, str]) -> None:
    well = run("doctor", env=env)
    assert well.code == 0
    assert "✓ notes:" in well.out
    ill = run("doctor", "--notes", "/nowhere/notes", env=env)
    assert ill.code == 1
    assert "✗ notes: there is no file or folder '/nowhere/notes'" in ill.out
