"""Reranking: through the seam by a stub, and by a real cross-encoder made here without a download.

The library takes seconds to import, so only the last tests need it.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from assistant.study import open_assistant
from corpus.glossary import load_glossary
from index.errors import RerankerFailed
from index.library import Library
from index.reranking import CrossEncoderReranker, Reranker
from index.types import Vectors
from index.updating import update
from tests.index.embedding import RecordingEmbedder, write_notes

GLOSSARY = load_glossary()


class ByLength:
    """Likes short passages."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def scores(self, query: str, texts: Sequence[str]) -> Vectors:
        self.asked += texts
        return np.array([1 / (1 + len(text)) for text in texts], np.float32)


class Broken:
    """Always fails."""

    def scores(self, query: str, texts: Sequence[str]) -> Vectors:
        raise RerankerFailed("the reranker 'x' is broken", "Mend it.")


def library(folder: Path, reranker: Reranker | None) -> Library:
    embedder = RecordingEmbedder()
    updated = update([folder], folder.parent / "index", embedder=embedder, glossary=GLOSSARY)
    return Library(updated, embedder, GLOSSARY, reranker=reranker)


def test_the_best_hits_come_in_the_order_of_the_reranker(tmp_path: Path) -> None:
    notes, stub = write_notes(tmp_path / "notes"), ByLength()
    found = library(notes, stub).search("池化 dropout 权重衰减", 3)
    assert [hit.rank for hit in found.hits] == [1, 2, 3]
    by_length = sorted(stub.asked, key=len)
    assert [hit.passage.text in text for hit, text in zip(found.hits, by_length, strict=False)] == [True] * 3
    assert [hit.score for hit in found.hits] == [pytest.approx(1 / (1 + len(text))) for text in by_length[:3]]
    assert found.notice == ""


def test_a_reranker_that_fails_leaves_the_order_and_says_so(tmp_path: Path) -> None:
    notes = write_notes(tmp_path / "notes")
    plain, broken = library(notes, None).search("池化", 3), library(notes, Broken()).search("池化", 3)
    assert broken.hits == plain.hits
    assert (plain.notice, broken.covered) == ("", plain.covered)
    assert "the reranker 'x' is broken" in broken.notice
    assert "Mend it." in broken.notice


def test_a_question_that_finds_nothing_is_not_reranked(tmp_path: Path) -> None:
    stub = ByLength()
    assert library(write_notes(tmp_path / "notes"), stub).search("的", 3).hits == ()
    assert stub.asked == []


def test_a_model_that_is_not_there_is_a_notice_with_a_command(tmp_path: Path) -> None:
    pytest.importorskip("sentence_transformers")
    notes = write_notes(tmp_path / "notes")
    missing = str(tmp_path / "no-model")
    with _quiet():
        answer = open_assistant(notes, reranker=missing).ask("池化是什么")
    assert answer.status == "answered"
    assert any(missing in notice and "ASSISTANT_RERANKER=" in notice for notice in answer.notices)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A BERT of two layers with random weights and a vocabulary of characters."""
    pytest.importorskip("sentence_transformers")
    folder = tmp_path_factory.mktemp("cross-encoder")
    with _quiet():
        import torch

        kit: Any = import_module("transformers")  # its types leave out what it imports late
        torch.manual_seed(0)
        words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *"池化权重衰减每一步都把平均最大值droput"]
        (folder / "vocab.txt").write_text("\n".join(dict.fromkeys(words)), "utf-8")
        kit.BertTokenizerFast(vocab_file=str(folder / "vocab.txt")).save_pretrained(folder)
        config = kit.BertConfig(
            vocab_size=len(words),
            hidden_size=16,
            num_hidden_layers=2,
            num_attention_heads=2,
            intermediate_size=16,
            max_position_embeddings=128,
            num_labels=1,
        )
        kit.BertForSequenceClassification(config).save_pretrained(folder)
    return folder


def test_a_real_cross_encoder_gives_its_sigmoids(model: Path) -> None:
    texts = ["最大池化", "权重衰减每一步", "dropout"]
    with _quiet():
        from sentence_transformers import CrossEncoder
        from torch.nn import Identity

        scores = CrossEncoderReranker(str(model)).scores("池化", texts)
        logits = CrossEncoder(str(model)).predict(
            [("池化", text) for text in texts], activation_fn=Identity()
        )
    np.testing.assert_allclose(scores, 1 / (1 + np.exp(-logits)), atol=1e-6)
    assert scores.dtype == np.float32
    assert scores.shape == (3,)


def test_the_setting_reranks_a_search(model: Path, tmp_path: Path) -> None:
    notes = write_notes(tmp_path / "notes")
    with _quiet():
        found = open_assistant(notes, reranker=str(model)).search("池化 权重衰减", 4)
        texts = [" > ".join(hit.passage.heading_path) for hit in found.hits]
    assert found.notice == ""
    assert len(texts) == len(found.hits) > 1
    assert sorted((hit.score for hit in found.hits), reverse=True) == [hit.score for hit in found.hits]


@contextmanager
def _quiet() -> Iterator[None]:
    """The libraries warn of themselves."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
