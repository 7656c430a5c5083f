"""`assistant setup` and `assistant doctor`: a model pulled over a real socket, and an honest account of the rest."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from assistant.doctor.machine import PROPOSALS, proposal_for, this_machine
from assistant.llm.fake_ollama import FakeModel, FakeOllama, closed_port
from tests.cli.running import run


def found(findings: list[dict[str, Any]], name: str) -> dict[str, Any]:
    return next(finding for finding in findings if finding["name"] == name)


def test_setup_pulls_the_model_of_the_settings_and_says_how_to_use_it(env: dict[str, str]) -> None:
    with FakeOllama(models=(), library=(FakeModel("qwen3.5:4b"),)) as server:
        settings = env | {"ASSISTANT_MODEL": "ollama:qwen3.5:4b", "ASSISTANT_OLLAMA_HOST": server.host}
        before = run("doctor", "--json", env=settings).json
        ran = run("setup", env=settings)
        after = run("doctor", "--json", env=settings).json
    assert (ran.code, ran.out) == (0, "qwen3.5:4b is ready: assistant chat --model ollama:qwen3.5:4b\n")
    missing = found(before, "model")
    assert (missing["works"], missing["mend"]) == (False, "ollama pull qwen3.5:4b")
    assert found(after, "model")["works"]
    assert found(after, "abilities")["says"] == "completion, thinking, tools"
    assert found(after, "window")["says"] == "8192 tokens asked for, trained for 262144, not loaded"


def test_setup_proposes_what_fits_this_machine_and_keeps_the_choice(env: dict[str, str]) -> None:
    library = tuple(FakeModel(proposal.model) for proposal in PROPOSALS)
    proposal = proposal_for(this_machine())
    if proposal is None:
        pytest.skip("this machine has too little memory for any model")
    with FakeOllama(models=(), library=library) as server:
        settings = env | {"ASSISTANT_OLLAMA_HOST": server.host}
        del settings["ASSISTANT_MODEL"]
        ran = run("setup", "--yes", env=settings)
        opened = run("doctor", "--json", env=settings).json
    assert ran.code == 0
    assert f"{proposal.model} (" in ran.err
    assert ran.out.startswith(f"{proposal.model} is ready: assistant chat")
    assert found(opened, "model")["says"] == proposal.model  # by default, or by what setup wrote


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


def test_every_fault_has_its_mend(env: dict[str, str]) -> None:
    for settings in (
        {"ASSISTANT_NOTES": "/nowhere/notes"},
        {"ASSISTANT_MODEL": "ollama:qwen3.5:4b", "ASSISTANT_OLLAMA_HOST": closed_port()},
        {"ASSISTANT_MODEL": "openai:tiny"},
        {"ASSISTANT_MODEL": "openai:tiny", "ASSISTANT_OPENAI_BASE_URL": f"http://{closed_port()}/v1"},
        {"ASSISTANT_MODEL": "nosuch:tiny"},
        {"ASSISTANT_NUM_CTX": "many"},
    ):
        findings = run("doctor", "--json", env=env | settings).json
        faults = [finding for finding in findings if not finding["works"]]
        assert all(fault["mend"] for fault in faults), faults
        assert {f["name"] for f in faults} & {"notes", "ollama", "model", "settings"}, settings


def test_doctor_live_files_a_transcript_that_doctor_replays(env: dict[str, str], tmp_path: Path) -> None:
    from tests.assistant.doctor.obliging import oblige

    file = tmp_path / "transcript.jsonl"
    with FakeOllama(respond=oblige) as server:
        settings = env | {"ASSISTANT_MODEL": "auto", "ASSISTANT_OLLAMA_HOST": server.host}
        ran = run("doctor", "--live", "--transcript", str(file), env=settings)
    assert (ran.code, ran.out.splitlines()[-1]) == (0, "12 passed, 0 failed")
    assert f"assistant doctor --replay {file}" in ran.err
    again = run("doctor", "--replay", str(file), "--json", env=env)
    assert again.code == 0
    assert [outcome["passed"] for outcome in again.json] == [True] * 12


def test_doctor_live_needs_a_model(env: dict[str, str]) -> None:
    assert run("doctor", "--live", env=env).code == 2
    away = run("doctor", "--live", "--model", "auto", "--ollama-host", closed_port(), env=env)
    assert away.code == 1
    assert "ollama serve" in away.err


def test_a_replay_of_no_transcript_names_the_file(env: dict[str, str], tmp_path: Path) -> None:
    ran = run("doctor", "--replay", str(tmp_path / "none.jsonl"), env=env)
    assert ran.code == 1
    assert "none.jsonl" in ran.err
