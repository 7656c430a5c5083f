"""The gate: confidence moves with its evidence in the right direction and stays within its bounds."""

from __future__ import annotations

import math
from dataclasses import fields, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index import lexical
from index.coverage import NOTHING, THRESHOLD, WEIGHTS, Evidence, confidence, evidence
from index.terms import CONCEPT, INTENT, relatives, weight
from tests.index.embedding import GLOSSARY

share = st.floats(0, 1)
some_evidence = st.builds(
    Evidence, strength=st.floats(0, 5), unseen=share, concepts_unseen=share, dense=share
)
#: Which way each piece of evidence should move confidence.
BETTER = {"strength": 1, "unseen": -1, "concepts_unseen": -1, "dense": 1}

BN, RS, RL = (
    CONCEPT + name for name in ("batch_normalization", "running_statistics", "reinforcement_learning")
)
NOTES = lexical.build([{"归一": 1.0, "方差": 1.0, BN: 1.0}, {"池化": 1.0, "方差": 1.0}, {"池化": 2.0}])


@given(some_evidence, st.sampled_from(sorted(BETTER)), share)
def test_confidence_is_monotone_in_each_piece_of_evidence(before: Evidence, name: str, value: float) -> None:
    change = (value - getattr(before, name)) * BETTER[name]
    difference = confidence(replace(before, **{name: value})) - confidence(before)
    assert difference >= -1e-12 if change >= 0 else difference <= 1e-12


@given(some_evidence)
def test_confidence_is_a_probability(found: Evidence) -> None:
    assert 0.0 < confidence(found) < 1.0


def test_there_is_a_weight_for_every_piece_and_one_more() -> None:
    assert len(WEIGHTS) == len(fields(Evidence)) + 1
    assert set(BETTER) == {field.name for field in fields(Evidence)}


def test_a_question_that_matches_nothing_is_not_covered_and_a_strong_match_is() -> None:
    assert confidence(NOTHING) < THRESHOLD
    assert confidence(Evidence(strength=3.0, unseen=0.0, concepts_unseen=0.0, dense=1.0)) > THRESHOLD


def of(query: dict[str, float], row: int = 0, dense: float = 0.5) -> Evidence:
    return evidence(query, NOTES, GLOSSARY, row, dense)


def test_shares_are_weighed_by_kind_and_rarity() -> None:
    query = {"方差": 1.0, "quokka": 1.0, BN: 1.0, RL: 1.0}
    rarity = {term: NOTES.idf_of(term) for term in query}
    says = {term: weight(term) * (NOTES.idf_unseen if idf is None else idf) for term, idf in rarity.items()}
    found = of(query)
    assert found.unseen == pytest.approx((says["quokka"] + says[RL]) / sum(says.values()))
    assert found.concepts_unseen == pytest.approx(says[RL] / (says[BN] + says[RL]))
    floor = NOTES.idf_unseen / 2
    held = sum(weight(term) * max(rarity[term] or 0.0, floor) for term in ("方差", BN))
    assert found.strength == pytest.approx(math.log1p(held / NOTES.idf_unseen))
    assert found.dense == 0.5


def test_a_term_that_every_passage_holds_still_speaks_for_coverage() -> None:
    everywhere = lexical.build([{"adam": 1.0}] * 50)
    assert (everywhere.idf_of("adam") or 0.0) < 0.02 * everywhere.idf_unseen
    found = evidence({"adam": 1.0}, everywhere, GLOSSARY, 0, 0.5)
    assert found.strength == pytest.approx(math.log1p(weight("adam") / 2))


def test_a_concept_is_not_unseen_where_the_notes_hold_a_relative_of_it() -> None:
    assert BN in relatives(RS, GLOSSARY)
    found = of({RS: 1.0})
    assert (found.unseen, found.concepts_unseen) == (1.0, 0.0)
    assert of({RL: 1.0}).concepts_unseen == 1.0


def test_a_relative_that_the_question_did_not_name_says_nothing_where_the_notes_lack_it() -> None:
    assert of({"方差": 1.0, RL: 0.5}) == of({"方差": 1.0})


def test_without_terms_all_is_unseen() -> None:
    found = of({}, dense=-0.3)
    assert (found.strength, found.unseen, found.dense) == (0.0, 1.0, 0.0)


terms = st.sampled_from(["归一", "方差", "池化", "quokka", BN, RS, RL, INTENT + "why"])


@given(st.dictionaries(terms, st.sampled_from([1.0, 0.5])), st.integers(0, 2), st.floats(-1, 1))
def test_every_share_is_between_nothing_and_all(query: dict[str, float], row: int, dense: float) -> None:
    found = of(query, row, dense)
    assert found.strength >= 0.0
    assert all(0.0 <= value <= 1.0 for value in (found.unseen, found.concepts_unseen, found.dense))
