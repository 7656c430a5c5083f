"""FAISS against exact search in numpy: the same rows and the same scores."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.dense import FaissIndex
from index.exact import ExactIndex
from index.types import Vectors


def unit_rows(seed: int, rows: int, dimension: int) -> Vectors:
    values = np.random.default_rng(seed).normal(size=(rows, dimension)).astype(np.float32)
    return np.asarray(values / np.linalg.norm(values, axis=1, keepdims=True), dtype=np.float32)


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 2**31), rows=st.integers(1, 300), dimension=st.integers(2, 80), k=st.integers(1, 320)
)
def test_faiss_gives_the_rows_and_scores_of_exact_search(
    seed: int, rows: int, dimension: int, k: int
) -> None:
    vectors, queries = unit_rows(seed, rows, dimension), unit_rows(seed + 1, 5, dimension)
    scores, found = FaissIndex.from_vectors(vectors).search(queries, k)
    exact_scores, exact_rows = ExactIndex(vectors).search(queries, k)
    assert scores.shape == exact_scores.shape == (5, min(k, rows))
    np.testing.assert_allclose(scores, exact_scores, atol=2e-6)
    # Where float rounding swaps two rows, their exact scores must be equal to that rounding.
    own = queries @ vectors.T
    np.testing.assert_allclose(
        np.take_along_axis(own, found, axis=1), np.take_along_axis(own, exact_rows, axis=1), atol=2e-6
    )


def test_exact_search_gives_inner_products_best_first() -> None:
    vectors = np.array([[1, 0], [0, 1], [0.6, 0.8]], np.float32)
    scores, rows = ExactIndex(vectors).search(np.array([[0, 1]], np.float32), 3)
    assert rows.tolist() == [[1, 2, 0]]
    assert scores[0].tolist() == pytest.approx([1.0, 0.8, 0.0])


@pytest.mark.parametrize("kind", [ExactIndex, FaissIndex.from_vectors])
def test_equal_scores_come_in_row_order(kind: type) -> None:
    vectors = np.tile(np.array([[0.6, 0.8]], np.float32), (7, 1))
    _, rows = kind(vectors).search(np.array([[1.0, 0.0]], np.float32), 7)
    assert rows.tolist() == [[0, 1, 2, 3, 4, 5, 6]]
