"""`assistant setup --embedder NAME`: the new embedder with its index, or everything as it was."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from assistant.cli.embedder_setup import choose_embedder
from assistant.cli.session import Session
from assistant.llm.fake_ollama import FakeModel, FakeOllama, closed_port
from index.embedders.ollama import OllamaEmbedder
from tests.cli.running import Ran, environment, run

M3 = FakeModel("bge-m3", ("embedding",), context_length=8_192, embedding_length=64)
OURS = '# 我的设置\nnum_ctx = 4096  # enough\nembedder = "bundled" # for now\n'


@pytest.fixture
def home(tmp_path: Path) -> Path:
    home = tmp_path / "home"
    (home / "notes").mkdir(parents=True)
    (home / "notes" / "a.md").write_text(
        "# Dropout\n\nDropout 随机丢弃神经元。\n\n# pooling\n\nmax pooling\n", "utf-8"
    )
    (home / "config.toml").write_text(OURS, "utf-8")
    return home


@pytest.fixture
def env(home: Path) -> dict[str, str]:
    return environment(home, ASSISTANT_NOTES=str(home / "notes"))


def state(home: Path) -> dict[str, bytes]:
    files = [file for file in home.rglob("*") if file.is_file() and file.name != "lock"]
    return {str(file.relative_to(home)): file.read_bytes() for file in files}


def failed(ran: Ran, home: Path, before: dict[str, bytes]) -> str:
    assert ran.code in (1, 2)
    assert state(home) == before
    return ran.err


def test_an_embedder_of_ollama_is_pulled_indexed_and_kept_and_the_bundled_one_comes_back(
    home: Path, env: dict[str, str]
) -> None:
    with FakeOllama(models=(), library=(M3,)) as server:
        settings = env | {"ASSISTANT_OLLAMA_HOST": server.host}
        old = run("search", "dropout", "--json", env=settings).json
        ran = run("setup", "--embedder", "ollama:bge-m3", env=settings)
        assert (ran.code, ran.out) == (
            0,
            f"ollama:bge-m3 embeds from now on (by {home / 'config.toml'}): 2 passages\n",
        )
        assert (home / "config.toml").read_text("utf-8") == OURS.replace("bundled", "ollama:bge-m3")
        asked = len(server.requests)
        found = run("search", "dropout", "--json", env=settings)
        assert found.json["hits"][0]["topic"] == "Dropout"
        inputs = [request.body.get("input") for request in server.requests[asked:]]
        assert [given for given in inputs if given] == [["dropout"]]
        doctor = {finding["name"]: finding for finding in run("doctor", "--json", env=settings).json}
        assert doctor["embedder"]["says"] == "ollama:bge-m3, vectors of 64 numbers"
        back = run("setup", "--embedder", "bundled", env=settings)
        assert (back.code, back.err) == (0, "")
        assert (home / "config.toml").read_text("utf-8") == OURS
        assert run("search", "dropout", "--json", env=settings).json == old


def test_a_model_that_cannot_be_had_changes_nothing(home: Path, env: dict[str, str]) -> None:
    run("search", "dropout", env=env)
    before = state(home)
    down = env | {"ASSISTANT_OLLAMA_HOST": closed_port()}
    assert "no Ollama at" in failed(run("setup", "--embedder", "ollama:bge-m3", env=down), home, before)
    with FakeOllama(models=(FakeModel("qwen3.5:4b"),), library=(M3,), offline=True) as server:
        there = env | {"ASSISTANT_OLLAMA_HOST": server.host}
        said = failed(run("setup", "--embedder", "ollama:bge-m3", env=there), home, before)
        assert "Connect to the internet" in said
        said = failed(run("setup", "--embedder", "ollama:qwen3.5:4b", env=there), home, before)
        assert "'qwen3.5:4b' is no embedding model; it can: completion, thinking, tools" in said
    said = failed(run("setup", "--embedder", "olama:bge-m3", env=env), home, before)
    assert "Did you mean 'ollama'?" in said
    said = failed(run("setup", "--embedder", "bundled", "--pull", "x", env=env), home, before)
    assert "Give one of the two." in said


def test_an_index_that_cannot_be_made_leaves_the_old_setting_and_the_old_index(
    home: Path, env: dict[str, str]
) -> None:
    run("search", "dropout", env=env)
    before = state(home)
    broken = FakeModel("bge-m3", ("embedding",), embedding_length=64, broken_by="随机丢弃")
    with FakeOllama(models=(broken,)) as server:
        ran = run("setup", "--embedder", "ollama:bge-m3", env=env | {"ASSISTANT_OLLAMA_HOST": server.host})
    assert "gives no numbers (NaN) for" in failed(ran, home, before)


def test_a_config_that_is_not_understood_is_told_before_anything_is_pulled(
    home: Path, env: dict[str, str]
) -> None:
    (home / "config.toml").write_text('embedder = """\nhashed"""\n')
    with FakeOllama(models=(), library=(M3,)) as server:
        ran = run("setup", "--embedder", "ollama:bge-m3", env=env | {"ASSISTANT_OLLAMA_HOST": server.host})
        assert server.requests == []
    assert 'Write it by hand: embedder = "ollama:bge-m3"' in ran.err


def test_ctrl_c_while_the_index_is_made_leaves_everything_as_it_was(
    home: Path, env: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for n in range(40):
        (home / "notes" / f"{n}.md").write_text(f"# 第 {n} 个主题\n\n第 {n} 段的内容。\n", "utf-8")
    run("search", "dropout", env=env)
    before = state(home)
    embed, calls = OllamaEmbedder.embed_in_pieces, []

    def interrupted(self: OllamaEmbedder, texts: Sequence[str]) -> object:
        calls.append(len(texts))
        if len(calls) == 3:  # the sentence that is tried, a batch, and in the midst of the next
            raise KeyboardInterrupt
        return embed(self, texts)

    monkeypatch.setattr(OllamaEmbedder, "embed_in_pieces", interrupted)
    with FakeOllama(models=(M3,)) as server:
        flags = {"home": str(home), "notes": str(home / "notes"), "ollama_host": server.host}
        with pytest.raises(KeyboardInterrupt):
            choose_embedder(Session(flags), "ollama:bge-m3")
    assert calls == [1, 16, 16]
    assert state(home) == before


def test_a_variable_that_wins_over_the_file_is_told(home: Path, env: dict[str, str]) -> None:
    ran = run("setup", "--embedder", "hashed", env=env | {"ASSISTANT_EMBEDDER": "bundled"})
    assert ran.code == 0
    assert "ASSISTANT_EMBEDDER=bundled is set and wins over the file" in ran.err
    assert 'embedder = "hashed" # for now' in (home / "config.toml").read_text("utf-8")
