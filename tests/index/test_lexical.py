"""BM25 against the formula of Robertson & Zaragoza (2009, eq. 3.15) written out for one term at a time."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index import lexical, postings
from index.arranging import Arrangement
from index.lexical import LexicalIndex
from index.terms import CONCEPT, weight
from tests.index.test_dense import arranged

TERMS = ["损", "损失", "loss", "bn", CONCEPT + "dropout"]
documents = st.lists(
    st.dictionaries(st.sampled_from(TERMS), st.integers(1, 9).map(float)), min_size=1, max_size=12
)
queries = st.dictionaries(st.sampled_from([*TERMS, "absent"]), st.sampled_from([0.5, 1.0]))


def by_formula(query: dict[str, float], docs: list[dict[str, float]], row: int) -> float:
    lengths = [sum(d.values()) for d in docs]
    average = sum(lengths) / len(docs) or 1e-9
    total = 0.0
    for term, share in query.items():
        frequency = sum(term in d for d in docs)
        tf = docs[row].get(term, 0.0)
        if tf:
            idf = math.log(1 + (len(docs) - frequency + 0.5) / (frequency + 0.5))
            norm = lexical.K1 * (1 - lexical.B + lexical.B * lengths[row] / average)
            total += share * weight(term) * idf * tf * (lexical.K1 + 1) / (tf + norm)
    return total


@settings(max_examples=150, deadline=None)
@given(docs=documents, query=queries)
def test_scores_are_those_of_the_formula(docs: list[dict[str, float]], query: dict[str, float]) -> None:
    scores = lexical.build(docs).score(query)
    expected = [by_formula(query, docs, row) for row in range(len(docs))]
    np.testing.assert_allclose(scores, expected, rtol=1e-5, atol=1e-6)


@given(docs=documents)
def test_posting_lists_hold_exactly_the_documents_with_the_term(docs: list[dict[str, float]]) -> None:
    index = lexical.build(docs)
    for term in ("损失", "loss", "absent"):
        assert index.passages_with(term).tolist() == [row for row, d in enumerate(docs) if term in d]
        assert [index.holds(row, term) for row in range(len(docs))] == [term in d for d in docs]
        assert (index.idf_of(term) is None) == all(term not in d for d in docs)


def random_documents(seed: int, size: int) -> list[dict[str, float]]:
    """Return documents whose terms are as unequally common as words are."""
    chance = np.random.default_rng(seed)
    vocabulary = [f"w{n}" for n in range(60)]
    odds = 1 / np.arange(1, 61)
    return [
        {vocabulary[n]: float(chance.integers(1, 5)) for n in chance.choice(60, 12, False, odds / odds.sum())}
        for _ in range(size)
    ]


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 2**31),
    sizes=st.lists(st.integers(1, 80), min_size=1, max_size=3),
    query=st.dictionaries(st.sampled_from([f"w{n}" for n in range(0, 60, 3)]), st.sampled_from([0.5, 1.0])),
    k=st.integers(1, 30),
)
def test_segments_with_gaps_score_as_one_and_the_best_are_found_without_scoring_all(
    seed: int, sizes: list[int], query: dict[str, float], k: int
) -> None:
    parts = [random_documents(seed + n, size) for n, size in enumerate(sizes)]
    order, places = arranged(seed, sizes)
    one = lexical.build([parts[segment][row] for segment, row in places])
    several = LexicalIndex([postings.count(part) for part in parts], order)
    expected = one.score(query)
    assert several.score(query).tolist() == expected.tolist(), "to the last bit"
    for term in query:
        assert several.idf_of(term) == one.idf_of(term)
        assert several.passages_with(term).tolist() == one.passages_with(term).tolist()
    some = np.random.default_rng(seed).permutation(one.size)[:7]
    assert several.score(query, some).tolist() == expected[some].tolist()
    for index in (one, several):
        best = index.best(query, k)
        assert len(set(best.tolist())) == len(best)
        wanted = np.sort(expected[expected > 0])[::-1][:k]
        assert np.sort(expected[best])[::-1][: len(wanted)].tolist() == wanted.tolist()


def test_the_best_of_many_passages_are_found_by_looking_few_of_them_up() -> None:
    index = lexical.build(random_documents(11, 20_000))
    query = {"w50": 1.0, "w31": 1.0, "w2": 1.0, "w1": 1.0, "w0": 0.5}
    scores = index.score(query)
    best = index.best(query, 20)
    assert np.sort(scores[best])[::-1][:20].tolist() == np.sort(scores)[::-1][:20].tolist()
    assert len(best) < len(index.passages_with("w50")), "the common terms brought no passage of their own"


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**31), sizes=st.lists(st.integers(1, 40), min_size=1, max_size=3))
@pytest.mark.parametrize("at_once", [1, 50, 4_000_000])
def test_merged_postings_are_those_counted_at_once(seed: int, sizes: list[int], at_once: int) -> None:
    parts = [random_documents(seed + n, size) for n, size in enumerate(sizes)]
    order, places = arranged(seed, sizes)
    expected = postings.count([parts[segment][row] for segment, row in places])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(postings, "_SORTED_AT_ONCE", at_once)
        counted = [postings.count(part) for part in parts]
        merged = postings.merge(list(zip(counted, order.whole, strict=True)), order.size)
    for name in ("hashes", "starts", "rows", "counts", "lengths"):
        ours, theirs = getattr(merged, name), getattr(expected, name)
        assert ours.dtype == theirs.dtype
        assert np.array_equal(ours, theirs), name


@pytest.mark.parametrize(("count", "kind"), [(255.0, np.uint8), (256.0, np.float32), (2.5, np.float32)])
def test_counts_are_bytes_where_every_one_fits(count: float, kind: type) -> None:
    found = postings.count([{"a": count, "b": 1.0}])
    assert found.counts.dtype == kind
    assert found.counts[found.span("a")].tolist() == [count]


def test_no_documents_score_nothing() -> None:
    index = LexicalIndex([postings.count([])], Arrangement.plain(0))
    assert index.score({"loss": 1.0}).tolist() == []
    assert index.best({"loss": 1.0}, 3).tolist() == []


def test_a_rare_term_weighs_more_and_an_unseen_one_most() -> None:
    index = lexical.build([{"loss": 1.0, "bn": 1.0}, {"loss": 1.0}, {"loss": 1.0}])
    common, rare = index.idf_of("loss"), index.idf_of("bn")
    assert common is not None
    assert rare is not None
    assert common < rare < index.idf_unseen
