"""The embedder of the settings where it can be had; otherwise the notes are searched all the same, and it is said."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.events import Status
from assistant.llm.fake_ollama import FakeModel, FakeOllama, closed_port
from assistant.study import Assistant, open_assistant
from index.embedders.bundled import BundledEmbedder
from index.embedders.ollama import OllamaEmbedder
from index.errors import EmbedderMissing

M3 = FakeModel("bge-m3", ("embedding",), embedding_length=64)
ASKED = "dropout 训练时做什么?"


@pytest.fixture
def note(tmp_path: Path) -> Path:
    file = tmp_path / "note.md"
    file.write_text(
        "# Dropout\n\nDropout 训练时以概率 p 随机丢弃神经元。\n\n# 池化\n\n最大池化取最大值。\n", "utf-8"
    )
    return file


def study(note: Path, host: str, warnings: list[str] | None = None) -> Assistant:
    told: list[str] = [] if warnings is None else warnings
    return open_assistant(note, embedder="ollama:bge-m3", ollama_host=host, warn=told.append)


def embedded(server: FakeOllama) -> int:
    return sum(request.path == "/api/embed" for request in server.requests)


def test_a_server_of_embeddings_is_asked_where_the_settings_say(note: Path) -> None:
    with FakeOllama(models=[M3]) as server:
        found = study(note, server.host).search(ASKED)
        assert embedded(server) == 2  # the passages, the question
        assert study(note, server.host).search(ASKED) == found
        assert embedded(server) == 3  # the index was kept
    assert found.hits[0].topic.title == "Dropout"
    assert found.notice == ""
    assert "notice" not in found.to_dict()


def test_without_the_server_the_bundled_embedder_answers_and_says_why(note: Path) -> None:
    warnings: list[str] = []
    assistant = study(note, closed_port(), warnings)
    answer = assistant.ask(ASKED)
    assert answer.status is Status.ANSWERED
    assert [citation.topic for citation in answer.citations][:1] == ["Dropout"]
    [notice] = [text for text in answer.notices if "no Ollama at" in text]
    assert notice.endswith("(the bundled embedder searches instead). ollama serve")
    assert warnings == []
    found = assistant.search(ASKED)
    assert (warnings, found.to_dict()["notice"]) == ([notice], notice)
    bundled = open_assistant(note).search(ASKED)
    assert (found.confidence, found.hits) == (bundled.confidence, bundled.hits)


def test_a_server_that_goes_away_between_questions_is_missed_until_it_is_back(
    note: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with FakeOllama(models=[M3]) as server:
        assistant = study(note, server.host)
        before = assistant.search(ASKED)
        with monkeypatch.context() as patch:
            patch.setattr(OllamaEmbedder, "_ask", OllamaEmbedder("bge-m3", closed_port())._ask)
            away = assistant.search(ASKED)
            assert assistant.grade("dropout 训练时做什么?", "随机丢弃神经元").to_dict()["topic"] == "Dropout"
        assert "no Ollama at" in away.notice
        assert away.hits[0].passage == before.hits[0].passage
        assert assistant.search(ASKED) == before


def test_notes_are_added_without_the_server_and_its_own_index_follows_when_it_is_back(note: Path) -> None:
    with FakeOllama(models=[M3]) as server:
        study(note, server.host).update()
    note.write_text(note.read_text("utf-8") + "\n# 感受野\n\n感受野是一个点能看到的区域。\n", "utf-8")
    warnings: list[str] = []
    away = study(note, closed_port(), warnings)
    assert away.update().topics.new == 3
    assert "the bundled embedder searches instead" in warnings[0]
    with pytest.raises(EmbedderMissing, match="no Ollama"):
        away.update(strict=True)
    with FakeOllama(models=[M3]) as server:
        counts = study(note, server.host).update().topics
        [body] = [request.body for request in server.requests if request.path == "/api/embed"]
    assert (counts.new, counts.unchanged) == (1, 2)
    assert len(body["input"]) == 1


def test_a_model_pulled_anew_has_its_index_made_anew(note: Path) -> None:
    with FakeOllama(models=[M3]) as server:
        study(note, server.host).update()
        server._models["bge-m3:latest"] = FakeModel("bge-m3", ("embedding",), embedding_length=32, pulled=1)
        library = study(note, server.host).library
    assert library._generation.vectors.shape == (library._generation.size, 32)


def test_the_setting_cannot_be_misspelt_unnoticed(note: Path) -> None:
    from corpus.errors import UnknownName

    with pytest.raises(UnknownName, match="no embedder called 'olama'"):
        open_assistant(note, embedder="olama:bge-m3").search(ASKED)


def test_what_ships_with_the_program_is_an_error_where_it_is_broken(
    note: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(BundledEmbedder, "__init__", lambda self: setattr(self, "_folder", tmp_path))
    with pytest.raises(EmbedderMissing, match="the bundled embedding model is incomplete"):
        open_assistant(note).search(ASKED)


def test_sentences_are_compared_by_our_own_embedder_whose_cosines_their_limits_fit(note: Path) -> None:
    assert study(note, closed_port()).indexing.nearness.name == "bundled"
    assert open_assistant(note, embedder="hashed").indexing.nearness.name == "hashed"
