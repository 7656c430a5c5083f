"""Dense search, whole and by neighbours, against exact search in numpy: the same rows and the same scores."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from index import neighbours
from index.arranging import Arrangement
from index.dense import DenseIndex
from index.exact import ExactIndex
from index.neighbours import Neighbours
from index.segments import vector_parts
from index.types import Vectors


def unit_rows(seed: int, rows: int, dimension: int, clusters: int = 0) -> Vectors:
    """Return random unit rows, around `clusters` centres if any."""
    chance = np.random.default_rng(seed)
    values = chance.normal(size=(rows, dimension))
    if clusters:
        values = (
            values * 0.6 + chance.normal(size=(clusters, dimension))[chance.integers(clusters, size=rows)]
        )
    return np.asarray(values / np.linalg.norm(values, axis=1, keepdims=True), dtype=np.float32)


def arranged(seed: int, sizes: list[int]) -> tuple[Arrangement, list[tuple[int, int]]]:
    """Return runs of some of the rows of segments in random order, and the (segment, row) of each of the whole."""
    chance = np.random.default_rng(seed)
    runs = []
    for segment, size in enumerate(sizes):
        cuts = np.unique(chance.integers(0, size + 1, size=4))
        runs += [(segment, int(a), int(b - a)) for a, b in pairwise(cuts)]
    chance.shuffle(runs)
    runs = runs[: max(len(runs) - 1, 1)]
    order = Arrangement(sizes, [s for s, _, _ in runs], [f for _, f, _ in runs], [n for _, _, n in runs])
    return order, [(s, row) for s, first, count in runs for row in range(first, first + count)]


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**31), sizes=st.lists(st.integers(1, 60), min_size=1, max_size=4))
def test_an_arrangement_finds_every_thing_of_the_whole_and_back(seed: int, sizes: list[int]) -> None:
    order, expected = arranged(seed, sizes)
    assert order.size == len(expected)
    assert [order.find(number) for number in range(order.size)] == expected
    for segment, places in enumerate(order.whole):
        for row, number in enumerate(places):
            assert (expected[number] == (segment, row)) if number >= 0 else (segment, row) not in expected
        assert order.dead[segment] == (sizes[segment] > sum(s == segment for s, _ in expected))
    numbers = np.random.default_rng(seed).permutation(order.size)
    found = {
        int(numbers[a]): (s, int(r))
        for s, at, rows in order.split(numbers)
        for a, r in zip(at, rows, strict=True)
    }
    assert found == dict(enumerate(expected))
    assert order.is_plain == (len(sizes) == 1 and expected == [(0, row) for row in range(sizes[0])])


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 2**31),
    sizes=st.lists(st.integers(1, 200), min_size=1, max_size=3),
    dimension=st.integers(2, 80),
    k=st.integers(1, 250),
)
def test_scores_of_several_segments_are_those_of_exact_search_over_what_counts(
    seed: int, sizes: list[int], dimension: int, k: int
) -> None:
    order, places = arranged(seed, sizes)
    parts = [unit_rows(seed + n, size, dimension) for n, size in enumerate(sizes)]
    whole = np.array([parts[segment][row] for segment, row in places]).reshape(-1, dimension)
    [query] = unit_rows(seed + 9, 1, dimension)
    index = DenseIndex(parts, [None] * len(parts), order)
    scores, rows = ExactIndex(whole).search(query[None], len(whole))
    found = index.scores(query)
    np.testing.assert_allclose(found[rows[0]], scores[0], atol=2e-6)
    some = np.random.default_rng(seed).permutation(len(whole))[:5]
    np.testing.assert_allclose(index.scores(query, some), found[some], atol=2e-6)
    best = index.best(query, k)
    assert len(set(best.tolist())) == len(best)
    if len(whole) <= k:
        assert len(best) <= len(whole)
    if not any(order.dead):  # where much is dead a part may give fewer
        assert found[best].max() == pytest.approx(scores[0].max(), abs=2e-6)
        wanted = min(k, len(whole))
        np.testing.assert_allclose(np.sort(found[best])[::-1][:wanted], scores[0][:wanted], atol=2e-6)


@pytest.fixture(scope="module")
def clustered() -> tuple[Vectors, Vectors, NDArray[np.uint8]]:
    """Rows around centres, questions near some of them, and the neighbours of the rows."""
    rows = unit_rows(3, 4_000, 32, clusters=60)
    questions = np.asarray(rows[:40] + 0.1 * unit_rows(5, 40, 32), np.float32)
    return rows, questions, neighbours.build(rows)


def test_neighbours_propose_nearly_all_that_exact_search_finds(
    clustered: tuple[Vectors, Vectors, NDArray[np.uint8]],
) -> None:
    rows, questions, stored = clustered
    opened = Neighbours.open(stored)
    _, exact = ExactIndex(rows).search(questions, 10)
    found = [opened.search(question, 10 * neighbours.PROPOSED) for question in questions]
    assert all(len(set(own.tolist())) == len(own) == 10 * neighbours.PROPOSED for own in found)
    recall = np.mean([len(set(a.tolist()) & set(b.tolist())) / 10 for a, b in zip(found, exact, strict=True)])
    assert recall >= 0.9


@pytest.mark.parametrize("dimension", [1, 7, 30, 256])
def test_neighbours_take_rows_of_any_dimension(dimension: int) -> None:
    rows = unit_rows(2, 500, dimension)
    assert 3 in Neighbours.open(neighbours.build(rows)).search(rows[3], 300)


def test_neighbours_of_the_same_rows_are_the_same(
    clustered: tuple[Vectors, Vectors, NDArray[np.uint8]],
) -> None:
    rows, _, stored = clustered
    assert np.array_equal(neighbours.build(rows), stored)


def test_a_large_segment_has_neighbours_and_rows_of_half_precision_and_a_small_one_keeps_its_rows(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rows = unit_rows(1, 300, 16)
    assert list(vector_parts(rows)) == ["vectors"]
    assert vector_parts(rows)["vectors"].dtype == np.float32
    monkeypatch.setattr(neighbours, "FLAT_UP_TO", 299)
    parts = vector_parts(rows)
    assert sorted(parts) == ["neighbours", "vectors"]
    order = Arrangement.plain(300)
    index = DenseIndex([parts["vectors"]], [Neighbours.open(parts["neighbours"])], order)
    np.testing.assert_allclose(index.scores(rows[7]), rows @ rows[7], atol=1e-3)
    assert 7 in index.best(rows[7], 5)


def test_exact_search_gives_inner_products_best_first() -> None:
    vectors = np.array([[1, 0], [0, 1], [0.6, 0.8]], np.float32)
    scores, rows = ExactIndex(vectors).search(np.array([[0, 1]], np.float32), 3)
    assert rows.tolist() == [[1, 2, 0]]
    assert scores[0].tolist() == pytest.approx([1.0, 0.8, 0.0])


def test_equal_scores_of_exact_search_come_in_row_order() -> None:
    vectors = np.tile(np.array([[0.6, 0.8]], np.float32), (7, 1))
    _, rows = ExactIndex(vectors).search(np.array([[1.0, 0.0]], np.float32), 7)
    assert rows.tolist() == [[0, 1, 2, 3, 4, 5, 6]]
