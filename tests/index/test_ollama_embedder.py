"""Vectors of an Ollama server over a real socket: prompts, batches, long texts in pieces, and every way it can fail."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from assistant.llm.fake_ollama import (
    FakeModel,
    FakeOllama,
    Reply,
    closed_port,
    refusal,
    silent_port,
    web_page,
)
from assistant.llm.fake_ollama.embedding import unit_vector
from assistant.llm.fake_ollama.wire import rough_tokens
from corpus.glossary import load_glossary
from index.embedders import Served, folder_of, ollama, open_embedder
from index.embedders.ollama import OllamaEmbedder
from index.errors import EmbedderMissing
from index.library import Library, open_library
from index.types import ModelEmbedder
from tests.index.embedding import write_notes

GLOSSARY = load_glossary()
QWEN = FakeModel("qwen3-embedding:0.6b", ("embedding",), context_length=32_768, embedding_length=64)
M3 = FakeModel("bge-m3", ("embedding",), context_length=8_192, embedding_length=64)
TINY = FakeModel("tiny", ("embedding",), context_length=12, embedding_length=64)
LONG = "最大池化取窗口里的最大值。平均池化取窗口里的平均值。"  # 26 tokens


def at(server: FakeOllama, model: FakeModel) -> OllamaEmbedder:
    embedder = open_embedder(f"ollama:{model.name}", GLOSSARY)
    assert isinstance(embedder, Served)
    found = embedder.at(server.host)
    assert isinstance(found, OllamaEmbedder)
    return found


def sent(server: FakeOllama) -> list[dict[str, Any]]:
    return [dict(request.body) for request in server.requests if request.path == "/api/embed"]


def expected(text: str, dimension: int = 64) -> np.ndarray:
    return np.array(unit_vector(text, dimension), np.float32)


def test_queries_have_the_prompt_of_the_model_and_passages_have_none() -> None:
    with FakeOllama(models=[QWEN]) as server:
        embedder = at(server, QWEN)
        query, passage = embedder.embed_queries(["什么是池化?"]), embedder.embed_passages(["池化"])
        bodies = sent(server)
    prompt = "Instruct: Given a web search query, retrieve relevant passages that answer the query\nQuery:"
    assert [body["input"] for body in bodies] == [[prompt + "什么是池化?"], ["池化"]]
    assert query.dtype == np.float32
    np.testing.assert_allclose(query[0], expected(prompt + "什么是池化?"), atol=1e-6)
    np.testing.assert_allclose(passage[0], expected("池化"), atol=1e-6)


def test_the_server_is_told_not_to_cut_how_much_to_read_and_to_keep_the_model() -> None:
    with FakeOllama(models=[M3]) as server:
        at(server, M3).embed_passages(["池化"])
        [body] = sent(server)
    assert body == {
        "model": "bge-m3",
        "input": ["池化"],
        "truncate": False,
        "keep_alive": "30m",
        "options": {"num_ctx": 4096},
    }


def test_a_batch_is_sent_in_parts_and_comes_back_in_order_with_zero_rows_for_blanks() -> None:
    texts = [f"第 {n} 段" for n in range(20)] + ["  "]
    with FakeOllama(models=[M3]) as server:
        rows = at(server, M3).embed_passages(texts)
        assert [len(body["input"]) for body in sent(server)] == [16, 4]
    np.testing.assert_allclose(rows[:20], [expected(text) for text in texts[:20]], atol=1e-6)
    assert not rows[20].any()


def test_a_text_longer_than_the_window_is_embedded_in_pieces_and_averaged_by_tokens() -> None:
    assert rough_tokens(LONG) == 26
    with FakeOllama(models=[TINY]) as server:
        embedder = at(server, TINY)
        rows, pieces = embedder.embed_in_pieces(["池化", LONG, "Adam"])
        inputs = [text for body in sent(server) for text in body["input"]]
    assert list(pieces) == [1, 4, 1]
    parts = [text for text in inputs if text not in ("池化", LONG, "Adam") and rough_tokens(text) <= 12]
    assert "".join(parts) == LONG
    mean = sum(rough_tokens(part) * expected(part) for part in parts)
    np.testing.assert_allclose(rows[1], mean / np.linalg.norm(mean), atol=1e-6)
    np.testing.assert_allclose(rows[0], expected("池化"), atol=1e-6)


@pytest.mark.parametrize(
    "words",
    [
        "the input length exceeds the context length",
        '{"error":{"code":400,"message":"request (80 tokens) exceeds the available context size (12 tokens)"}}',
        "input (80 tokens) is too large to process. increase the physical batch size (current batch size: 12)",
        "input is larger than the max context size. skipping",
    ],
)
def test_every_wording_of_too_long_makes_pieces(words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    answer = OllamaEmbedder._answer

    def short(self: OllamaEmbedder, inputs: Sequence[str]) -> Any:
        if any(rough_tokens(text) > 12 for text in inputs):
            raise self._refusal(words)
        return answer(self, inputs)

    monkeypatch.setattr(OllamaEmbedder, "_answer", short)
    with FakeOllama(models=[M3]) as server:
        assert at(server, M3).embed_in_pieces([LONG])[1] == [4]


def test_the_fingerprint_follows_the_files_the_length_and_the_prompts() -> None:
    def of(model: FakeModel) -> str:
        with FakeOllama(models=[model]) as server:
            return at(server, model).fingerprint

    again = FakeModel("bge-m3", ("embedding",), embedding_length=64, pulled=1)
    longer = FakeModel("bge-m3", ("embedding",), embedding_length=128)
    assert of(M3) == of(M3)
    assert len({of(M3), of(QWEN), of(again), of(longer)}) == 4


def test_each_embedder_has_a_folder_of_its_own_and_the_bundled_one_that_of_old() -> None:
    names = ["bundled", "hashed", "ollama:bge-m3", "BAAI/bge-m3", "sentence_transformers:BAAI/bge-m3"]
    folders = [folder_of(open_embedder(name, GLOSSARY)) for name in names]
    assert folders[0] == ""
    assert folders[2].startswith("ollama-bge-m3-")
    assert folders[3] == folders[4]
    assert len(set(folders)) == 4
    assert all("/" not in folder and "\\" not in folder for folder in folders)


def failing(server: FakeOllama, model: FakeModel = M3) -> EmbedderMissing:
    embedder = at(server, model)
    with pytest.raises(EmbedderMissing) as caught:
        _ = embedder.fingerprint, embedder.embed_passages(["池化"])
    return caught.value


def test_a_server_that_is_down_is_named_with_the_command() -> None:
    host = closed_port()
    with pytest.raises(EmbedderMissing, match=f"no Ollama at http://{host}") as caught:
        _ = OllamaEmbedder("bge-m3", host).fingerprint
    assert caught.value.hint == "ollama serve"


def test_a_server_that_says_nothing_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ollama, "LOOK", 0.2)
    with (
        silent_port() as host,
        pytest.raises(EmbedderMissing, match=r"says nothing about 'bge-m3' within 0\.2 s"),
    ):
        _ = OllamaEmbedder("bge-m3", host).fingerprint


def test_a_model_that_is_not_pulled_is_named_with_the_command() -> None:
    with FakeOllama(models=[QWEN]) as server:
        error = failing(server)
    assert "does not have the embedding model 'bge-m3'" in error.message
    assert error.hint == "ollama pull bge-m3"


def test_a_model_removed_after_it_was_found_is_named_too() -> None:
    with FakeOllama(models=[M3]) as server:
        embedder = at(server, M3)
        assert embedder.dimension == 64
        server._models.clear()
        with pytest.raises(EmbedderMissing, match="does not have the embedding model 'bge-m3'"):
            embedder.embed_queries(["池化"])


def test_vectors_of_another_length_are_refused_with_the_command_that_mends_it() -> None:
    with FakeOllama(models=[M3]) as server:
        embedder = at(server, M3)
        assert embedder.dimension == 64
        server._models["bge-m3:latest"] = FakeModel("bge-m3", ("embedding",), embedding_length=32)
        with pytest.raises(EmbedderMissing, match="vectors of 32 numbers instead of 64") as caught:
            embedder.embed_queries(["池化"])
    assert caught.value.hint == "assistant setup --embedder ollama:bge-m3"


def test_the_text_that_comes_out_as_nan_is_found_in_its_batch() -> None:
    broken = FakeModel("bge-m3", ("embedding",), embedding_length=64, broken_by="坏")
    with (
        FakeOllama(models=[broken]) as server,
        pytest.raises(EmbedderMissing, match=r"NaN.*'这一段坏了'") as caught,
    ):
        at(server, broken).embed_passages(["好的", "也好", "这一段坏了", "还好", "很好"])
    assert "assistant setup --embedder" in caught.value.hint


@pytest.mark.parametrize(
    ("reply", "says"),
    [
        (web_page(), "something other than Ollama answers"),
        (
            refusal(500, "llama-server process has terminated: signal: killed"),
            "cannot embed with 'bge-m3': llama",
        ),
        (Reply((b'{"models":[{"name":"bge-m3:latest","digest":"1"}]}',), 200), "vectors that are none"),
        (
            Reply((b'{"embeddings":[],"models":[{"name":"bge-m3:latest","digest":"1"}]}',), 200),
            "0 vectors for 1 texts",
        ),
        (Reply((b'{"embeddings":[[null]],"models":[{"name":"bge-m3:latest","digest":"1"}]}',), 200), "NaN"),
        (Reply((b"[]",), 200), "something other than Ollama answers"),
    ],
)
def test_another_answer_is_an_error_in_words(reply: Reply, says: str) -> None:
    with FakeOllama(models=[M3], foreign=reply) as server:
        assert says in failing(server).message


def test_without_a_model_the_setting_says_what_to_write() -> None:
    with pytest.raises(EmbedderMissing, match="needs a model") as caught:
        open_embedder("ollama", GLOSSARY)
    assert "ASSISTANT_EMBEDDER=ollama:" in caught.value.hint


def test_it_is_found_to_be_a_model_with_a_window() -> None:
    assert isinstance(OllamaEmbedder("bge-m3"), ModelEmbedder)
    assert not isinstance(open_embedder("bundled", GLOSSARY), ModelEmbedder)


def opened(server: FakeOllama, notes: Path, model: FakeModel) -> Library:
    index = notes.parent / "index"
    return open_library([notes], index, embedder=at(server, model), glossary=GLOSSARY)


def test_how_many_passages_were_cut_is_kept_with_the_index_through_changes(tmp_path: Path) -> None:
    notes = write_notes(tmp_path / "notes")
    short = FakeModel("tiny", ("embedding",), context_length=30, embedding_length=64)
    with FakeOllama(models=[short]) as server:
        assert opened(server, notes, short).split == 1
        embedded = len(sent(server))
        assert opened(server, notes, short).split == 1
        assert len(sent(server)) == embedded
        (notes / "long.md").write_text(f"# 池化\n\n{LONG}{LONG}\n", "utf-8")
        assert opened(server, notes, short).split == 2
        (notes / "long.md").unlink()
        assert opened(server, notes, short).split == 1
        enough = FakeModel("tiny", ("embedding",), embedding_length=64, pulled=1)
        server._models["tiny:latest"] = enough
        assert opened(server, notes, enough).split == 0
    assert opened_whole(notes, tmp_path / "fresh") == 0


def opened_whole(notes: Path, index: Path) -> int:
    return open_library([notes], index, embedder=open_embedder("hashed", GLOSSARY), glossary=GLOSSARY).split
