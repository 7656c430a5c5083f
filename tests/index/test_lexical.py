"""BM25 against the formula of Robertson & Zaragoza (2009, eq. 3.15) written out for one term at a time."""

from __future__ import annotations

import math

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from index import lexical
from index.terms import CONCEPT, weight

documents = st.lists(
    st.dictionaries(
        st.sampled_from(["损", "损失", "loss", "bn", CONCEPT + "dropout"]), st.integers(1, 9).map(float)
    ),
    min_size=1,
    max_size=12,
)


def by_formula(query: list[str], docs: list[dict[str, float]], row: int) -> float:
    lengths = [sum(d.values()) for d in docs]
    average = sum(lengths) / len(docs) or 1e-9
    total = 0.0
    for term in query:
        frequency = sum(term in d for d in docs)
        tf = docs[row].get(term, 0.0)
        if tf:
            idf = math.log(1 + (len(docs) - frequency + 0.5) / (frequency + 0.5))
            norm = lexical.K1 * (1 - lexical.B + lexical.B * lengths[row] / average)
            total += weight(term) * idf * tf * (lexical.K1 + 1) / (tf + norm)
    return total


@settings(max_examples=150, deadline=None)
@given(
    docs=documents,
    query=st.sets(st.sampled_from(["损", "损失", "loss", "bn", "absent", CONCEPT + "dropout"])),
)
def test_scores_are_those_of_the_formula(docs: list[dict[str, float]], query: set[str]) -> None:
    index = lexical.build(docs)
    scores = index.score(dict.fromkeys(query, 1.0))
    expected = [by_formula(sorted(query), docs, row) for row in range(len(docs))]
    np.testing.assert_allclose(scores, expected, rtol=1e-5, atol=1e-6)


@given(docs=documents)
def test_posting_lists_hold_exactly_the_documents_with_the_term(docs: list[dict[str, float]]) -> None:
    index = lexical.build(docs)
    for term in ("损失", "loss", "absent"):
        assert index.passages_with(term).tolist() == [row for row, d in enumerate(docs) if term in d]
        assert (index.idf_of(term) is None) == all(term not in d for d in docs)


def test_a_rare_term_weighs_more_and_an_unseen_one_most() -> None:
    index = lexical.build([{"loss": 1.0, "bn": 1.0}, {"loss": 1.0}, {"loss": 1.0}])
    common, rare = index.idf_of("loss"), index.idf_of("bn")
    assert common is not None
    assert rare is not None
    assert common < rare < index.idf_unseen
