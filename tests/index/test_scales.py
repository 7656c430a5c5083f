"""Cosines of another model brought to the bundled embedder's: mean and spread agree, 0 stays 0."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from corpus.glossary import load_glossary
from index.embedders.bundled import BundledEmbedder
from index.embedders.hashed import HashedEmbedder
from index.library import Library, open_library
from index.scales import SAME, Scale, scale_between
from index.types import Vectors
from tests.index.embedding import write_notes


def unit(rows: np.ndarray) -> Vectors:
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)


def cosines(rows: Vectors) -> Vectors:
    return np.asarray((rows @ rows.T)[np.triu_indices(len(rows), 1)], np.float32)


def test_mean_and_spread_of_their_pairs_become_ours() -> None:
    random = np.random.default_rng(0)
    ours = unit(random.normal(size=(40, 64)))
    theirs = unit(random.normal(size=(40, 64)) + 2.0)  # all of them near one direction
    moved = scale_between(theirs, ours)(cosines(theirs))
    assert cosines(theirs).mean() > 0.6
    assert moved.mean() == pytest.approx(cosines(ours).mean(), abs=1e-3)
    assert moved.std() == pytest.approx(cosines(ours).std(), rel=0.02)


def test_the_same_vectors_need_no_scale_and_few_texts_only_move_the_mean() -> None:
    rows = unit(np.random.default_rng(1).normal(size=(20, 4)))
    same = scale_between(rows, rows)
    assert (same.factor, same.shift) == pytest.approx((1.0, 0.0), abs=1e-6)
    few = scale_between(unit(rows[:3] + 1.0), rows[:3])
    assert few.factor == 1.0
    assert few.shift < 0.0
    assert scale_between(rows[:1], rows[:1]) is SAME


def test_rows_of_nothing_are_left_out_and_zero_stays_zero() -> None:
    rows = unit(np.random.default_rng(2).normal(size=(20, 4)))
    holed = rows.copy()
    holed[3] = 0.0
    assert scale_between(holed, rows) == scale_between(np.delete(rows, 3, 0), np.delete(rows, 3, 0))
    assert Scale(2.0, 0.5)(np.array([0.0, 0.1, 0.9], np.float32)).tolist() == pytest.approx([0.0, 0.7, 1.0])


class Narrow(HashedEmbedder):
    """A model whose cosines all lie near 1. Implements `ModelEmbedder`."""

    at_once = 7
    name = "narrow"
    dimension = HashedEmbedder.dimension + 1

    def _embed(self, texts: object) -> Vectors:
        rows = super()._embed(texts)  # type: ignore[arg-type]
        return unit(np.hstack([rows, np.full((len(rows), 1), 3.0, np.float32)]))

    def embed_in_pieces(self, texts: list[str]) -> tuple[Vectors, list[int]]:
        return self.embed_passages(texts), [1] * len(texts)


def library(folder: Path, embedder: HashedEmbedder | BundledEmbedder) -> Library:
    glossary, notes = load_glossary(), write_notes(folder / "notes")
    return open_library([notes], folder / embedder.name, embedder=embedder, glossary=glossary)


def test_a_model_of_narrow_cosines_does_not_make_every_question_covered(tmp_path: Path) -> None:
    opened = library(tmp_path, Narrow(load_glossary()))
    assert opened.evidence("最大池化取什么?").dense < 0.95
    assert opened._scale.shift < -0.5
    assert not opened.search("法国的首都是哪里?").covered
    assert opened.search("最大池化取窗口里的什么值?").covered
    assert library(tmp_path, BundledEmbedder())._scale is SAME
