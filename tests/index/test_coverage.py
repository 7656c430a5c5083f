"""The gate: confidence moves with its evidence in the right direction, and holds when whole topics are left out."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import fields, replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant import open_assistant
from assistant.settings import SETTINGS, SettingError
from benchmarks.coverage_samples import HARD, of_seed
from benchmarks.left_out import Notes, notes
from benchmarks.questions import DEV, SHIPPED
from corpus.types import FrontMatter, Location, LocationKind, Passage, Topic
from index import lexical
from index.coverage import NOTHING, THRESHOLD, WEIGHTS, Best, Evidence, best, confidence, evidence
from index.terms import CONCEPT, INTENT, relatives, weight
from tests.index.embedding import GLOSSARY, write_notes

share = st.floats(0, 1)
some_evidence = st.builds(
    Evidence,
    strength=st.floats(0, 5),
    around=share,
    concepts_unseen=share,
    concepts_aside=share,
    dense=share,
)
#: Which way each piece of evidence should move confidence.
BETTER = {"strength": 1, "around": 1, "concepts_unseen": -1, "concepts_aside": -1, "dense": 1}

BN, RS, RL, FOCAL, LOSS = (
    CONCEPT + name
    for name in (
        "batch_normalization",
        "running_statistics",
        "reinforcement_learning",
        "focal_loss",
        "loss_function",
    )
)
NOTES = lexical.build(
    [{"归一": 1.0, "方差": 1.0, BN: 1.0}, {"池化": 1.0, "方差": 1.0}, {"池化": 2.0, LOSS: 1.0}]
)


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
    assert confidence(NOTHING) < THRESHOLD / 10
    assert confidence(Evidence(2.5, around=0.9, concepts_unseen=0.0, concepts_aside=0.0, dense=0.8)) > 0.95


def of(query: dict[str, float], row: int = 0, dense: float = 0.5, names: Sequence[str] = (BN,)) -> Evidence:
    """Weigh `query` where row 0 is a topic called `names`, and rows 1 and 2 are another."""
    first, last = (0, 1) if row == 0 else (1, 3)
    return evidence(query, NOTES, GLOSSARY, Best(row, first, last, frozenset(names), dense))


def test_shares_are_weighed_by_kind_and_rarity() -> None:
    query = {"方差": 1.0, "quokka": 1.0, BN: 1.0, RL: 1.0}
    rarity = {term: NOTES.idf_of(term) for term in query}
    says = {term: weight(term) * (NOTES.idf_unseen if idf is None else idf) for term, idf in rarity.items()}
    found = of(query)
    assert found.around == pytest.approx((says["方差"] + says[BN]) / sum(says.values()))
    assert found.concepts_unseen == pytest.approx(says[RL] / (says[BN] + says[RL]))
    assert found.concepts_aside == pytest.approx(says[RL] / (says[BN] + says[RL]))
    floor = NOTES.idf_unseen / 2
    held = sum(weight(term) * max(rarity[term] or 0.0, floor) for term in ("方差", BN))
    assert found.strength == pytest.approx(math.log1p(held / NOTES.idf_unseen))
    assert found.dense == 0.5


def test_what_one_of_two_passages_of_a_topic_says_counts_half_of_what_both_say() -> None:
    assert of({"池化": 1.0}, row=1).around == 1.0
    assert of({"方差": 1.0}, row=1).around == 0.5
    assert of({"归一": 1.0}, row=1).around == 0.0


def test_a_term_that_every_passage_holds_still_speaks_for_coverage() -> None:
    everywhere = lexical.build([{"adam": 1.0}] * 50)
    assert (everywhere.idf_of("adam") or 0.0) < 0.02 * everywhere.idf_unseen
    found = evidence({"adam": 1.0}, everywhere, GLOSSARY, Best(0, 0, 1, frozenset(), 0.5))
    assert found.strength == pytest.approx(math.log1p(weight("adam") / 2))


def test_a_concept_is_not_missing_where_the_best_passage_holds_a_relative_of_it() -> None:
    assert BN in relatives(RS, GLOSSARY)
    assert (of({RS: 1.0}).concepts_unseen, of({RS: 1.0}).concepts_aside) == (0.0, 0.0)
    assert of({RS: 1.0}, row=2, names=()).concepts_unseen == 1.0
    assert of({RL: 1.0}).concepts_unseen == 1.0


def test_a_concept_is_half_missing_where_there_is_only_what_it_is_a_sort_of() -> None:
    assert GLOSSARY.concepts["focal_loss"].broader == "loss_function"
    found = of({FOCAL: 1.0}, row=2, names=(LOSS,))
    assert (found.concepts_unseen, found.concepts_aside) == (0.5, 0.5)


def test_a_concept_that_the_passage_mentions_and_its_topic_is_not_called_by_is_aside() -> None:
    found = of({BN: 1.0}, names=(LOSS,))
    assert (found.concepts_unseen, found.concepts_aside) == (0.0, 1.0)


def test_a_word_that_spells_a_concept_of_the_notes_is_not_missing() -> None:
    found = Best(0, 0, 1, frozenset({BN}), 0.5)
    assert evidence({BN: 1.0, "batchnorm": 1.0}, NOTES, GLOSSARY, found, {"batchnorm": BN}).around == 1.0
    assert evidence({BN: 1.0, "batchnorm": 1.0}, NOTES, GLOSSARY, found).around < 1.0


def test_a_relative_that_the_question_did_not_name_says_nothing_where_the_notes_lack_it() -> None:
    assert of({"方差": 1.0, RL: 0.5}) == of({"方差": 1.0})


def test_without_terms_there_is_no_evidence_but_the_cosine() -> None:
    assert of({}, dense=-0.3) == Evidence(0.0, 0.0, 0.0, 0.0, 0.0)


terms = st.sampled_from(["归一", "方差", "池化", "quokka", BN, RS, RL, FOCAL, INTENT + "why"])
queries = st.dictionaries(terms, st.sampled_from([1.0, 0.85, 0.5]))


@given(queries, st.integers(0, 2), st.floats(-1, 1))
def test_every_share_is_between_nothing_and_all(query: dict[str, float], row: int, dense: float) -> None:
    found = of(query, row, dense)
    assert found.strength >= 0.0
    for value in (found.around, found.concepts_unseen, found.concepts_aside, found.dense):
        assert 0.0 <= value <= 1.0 + 1e-12


UNHEARD_OF = sorted(
    CONCEPT + name
    for name in ("beam_search", "k_means", "page_rank", "smote", "viterbi", "word2vec", "yolo")
    if not {BN, LOSS}.intersection(relatives(CONCEPT + name, GLOSSARY))
)


@given(queries, st.integers(0, 2), st.lists(st.sampled_from(UNHEARD_OF), unique=True))
def test_more_concepts_that_the_notes_lack_never_make_it_more_confident(
    query: dict[str, float], row: int, more: list[str]
) -> None:
    assert len(UNHEARD_OF) >= 5
    asked = [confidence(of(query | dict.fromkeys(more[:n], 1.0), row)) for n in range(len(more) + 1)]
    assert all(after <= before + 1e-12 for before, after in pairwise(asked))


def test_the_names_of_a_topic_are_its_headings_and_its_aliases_and_a_window_stays_within_it() -> None:
    path = Path("a.md")
    passages = tuple(
        Passage(
            str(n), "Focal loss", ("Focal loss", "细节"), path, Location(LocationKind.LINES, n, n), "批归一化"
        )
        for n in range(9)
    )
    topic = Topic(
        "Focal loss", ("Focal loss",), path, Location(LocationKind.LINES, 1, 9), passages,
        front_matter=FrontMatter(title="Focal loss", aliases=("类别不平衡",)),
    )  # fmt: skip
    spans = [
        (found.first, found.last)
        for at, p in enumerate(passages)
        for found in [best(100 + at, 0.5, topic, p, GLOSSARY)]
    ]
    assert spans == [(max(100, 97 + n), min(109, 104 + n)) for n in range(9)]
    named = best(100, 0.5, topic, passages[0], GLOSSARY).names
    assert {FOCAL, CONCEPT + "class_imbalance"} <= named
    assert BN not in named


@pytest.fixture(scope="module")
def shipped() -> Notes:
    return notes([SHIPPED])


#: Topics of the shipped notes that others mention, and no other tells of.
ALONE = ("focal-loss", "gan-training", "gradient-checking", "iou", "kernel-psd", "mixed-precision")


def test_topics_that_are_left_out_are_no_longer_covered(shipped: Notes) -> None:
    place = {topic.path.stem: number for number, topic in enumerate(shipped.topics)}
    left_out = {place[stem] for stem in ALONE}
    whole, rest = shipped.without(), shipped.without(left_out)
    assert len(rest.topics) == len(shipped.topics) - len(ALONE)
    questions = [q for at in left_out if (front := shipped.topics[at].front_matter) for q in front.questions]
    before, after = ([library.search(q) for q in questions] for library in (whole, rest))
    assert len(questions) >= 50
    assert all(found.covered for found in before)
    assert all(a.confidence < b.confidence for a, b in zip(after, before, strict=True))
    # The notes still speak of most of what is asked. Told apart is what they are about.
    assert sum(not found.covered for found in after) >= 0.25 * len(questions)


def test_the_user_s_questions_are_refused_when_what_answers_them_is_left_out(seed_notes: Path) -> None:
    if not DEV.is_file():
        pytest.skip("the dev questions are not beside the project (../shared/eval)")
    asked = list(of_seed())
    covered = [confidence(one.evidence) >= THRESHOLD for one in asked]
    left_out = [yes for one, yes in zip(asked, covered, strict=True) if one.notes != "seed"]
    absent = [yes for one, yes in zip(asked, covered, strict=True) if one.notes == "seed" and not one.covered]
    whole = [yes for one, yes in zip(asked, covered, strict=True) if one.covered and one.kind not in HARD]
    assert len(left_out) > 300
    assert np.mean(left_out) <= 0.45
    assert np.mean(absent) <= 0.10
    assert np.mean(whole) >= 0.95


def test_leaving_topics_out_is_the_same_as_never_having_had_them(shipped: Notes) -> None:
    kept = [at for at, topic in enumerate(shipped.topics) if topic.path.stem in ("nms", "iou", "resnet")]
    fresh, rest = notes([shipped.topics[at].path for at in kept]).without(), shipped.only(kept)
    assert tuple(fresh.topics) == tuple(rest.topics)
    for question in ("NMS 的阈值怎么选?", "What is a residual block?", "LSTM 的门", "GIoU"):
        ours, theirs = (library.search(question) for library in (rest, fresh))
        assert ours.confidence == pytest.approx(theirs.confidence, abs=1e-6)
        assert [hit.passage for hit in ours.hits] == [hit.passage for hit in theirs.hits]


def test_the_threshold_is_a_setting(tmp_path: Path) -> None:
    folder = write_notes(tmp_path / "notes")
    question = "最大池化取什么值?"
    sure = open_assistant(folder).search(question).confidence
    assert THRESHOLD < sure < 0.999
    for threshold, covered in ((0.0, True), (sure - 0.001, True), (sure + 0.001, False), (1.0, False)):
        found = open_assistant(folder, coverage_threshold=str(threshold)).search(question)
        assert (found.covered, found.confidence) == (covered, sure)


def test_even_the_lowest_threshold_does_not_cover_a_question_that_finds_nothing(tmp_path: Path) -> None:
    assistant = open_assistant(write_notes(tmp_path / "notes"), coverage_threshold="0")
    assert not assistant.search("???").covered


def test_the_setting_s_default_is_the_fitted_threshold() -> None:
    [setting] = [setting for setting in SETTINGS if setting.name == "coverage_threshold"]
    assert float(setting.default) == THRESHOLD


@pytest.mark.parametrize("value", ["-0.1", "1.01", "nan", "sure", ""])
def test_a_threshold_that_is_no_probability_is_refused_by_name(value: str) -> None:
    with pytest.raises(SettingError, match="coverage_threshold = ") as error:
        open_assistant(coverage_threshold=value)
    assert error.value.hint == "Give a number from 0 to 1."
