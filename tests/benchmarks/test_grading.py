"""The labelled answers are sound, agreement is computed as the field does, and the figures do not fall."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score

from assistant.grading.grader import Grader
from benchmarks.grading import DEV, PASTED, SECOND, Answered, answers, dev, kappa, label_of, scores
from benchmarks.questions import SHIPPED
from benchmarks.retrieval import OUR_EMBEDDER, library
from corpus.glossary import load_glossary
from index.embedders import open_embedder

#: Kinds that are worth nothing, whatever words they hold.
WORTHLESS = {"swapped", "negated", "wrong", "keywords", "echo", "injection", "offtopic", "dontknow", "pasted"}
WORTHLESS |= {"fakescore"}
FULL = {"full", "english", "abbrev", "zerowidth"}

gradings = st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2)), min_size=2, max_size=40)


@given(gradings)
def test_kappa_is_that_of_scikit_learn(pairs: list[tuple[int, int]]) -> None:
    one, other = zip(*pairs, strict=True)
    if len({*one, *other}) > 1:
        expected = cohen_kappa_score(one, other, weights="quadratic", labels=[0, 1, 2])
        assert kappa(one, other) == pytest.approx(expected)


def test_two_gradings_that_never_vary_agree() -> None:
    assert kappa([1, 1], [1, 1]) == 1.0


def test_the_labelled_answers_cover_every_topic_and_every_kind() -> None:
    rows = answers()
    assert len(rows) >= 240
    assert {row.topic for row in rows if row.notes == "seed"} == set(range(1, 27))
    stems = {path.stem for path in SHIPPED.glob("*.md")}
    assert {row.topic for row in rows if row.notes == "shipped"} <= stems
    assert {row.kind for row in rows} == WORTHLESS | FULL | {"partial"}
    assert len(Counter((row.question, row.answer, row.topic) for row in rows)) == len(rows)


def test_every_label_is_that_of_its_kind() -> None:
    for row in answers():
        expected = 0 if row.kind in WORTHLESS else 2 if row.kind in FULL else 1
        assert row.label == expected, row
        assert (row.answer == PASTED) == (row.kind == "pasted")


def test_the_second_set_is_sound_and_no_question_of_its_check_half_was_tuned_on() -> None:
    rows = answers(SECOND)
    assert Counter((row.notes, row.split) for row in rows) == {
        ("seed", "tune"): 50,
        ("seed", "check"): 49,
        ("shipped", "tune"): 55,
        ("shipped", "check"): 55,
        ("seed", "third"): 110,
        ("seed", "fourth"): 70,
    }
    for row in rows:
        expected = 0 if row.kind in WORTHLESS else 1 if row.kind in {"partial", "false_half"} else 2
        assert row.label == expected, row
    split = {s: {(r.topic, r.question) for r in rows if r.split == s} for s in ("tune", "check")}
    assert not split["tune"] & split["check"]


def test_shares_are_counted_by_kind() -> None:
    rows = [
        Answered("seed", 1, "q", "a", 2, "full", "tune"),
        Answered("seed", 1, "q", "b", 0, "wrong", "tune"),
    ]
    figures = scores(rows, [2, 1])
    assert figures["n"] == 2
    assert figures["exact"] == 0.5
    assert figures["kinds"] == {
        "full": "correct 1.00, partial 0.00 of 1",
        "wrong": "correct 0.00, partial 1.00 of 1",
    }


@pytest.fixture(scope="module")
def grader(seed_notes: Path) -> Grader:
    glossary = load_glossary()
    return Grader(library(glossary, seed_notes), embedder=open_embedder(OUR_EMBEDDER, glossary))


def test_on_the_users_notes_agreement_is_high_and_no_trap_is_called_correct(grader: Grader) -> None:
    if not DEV.is_file():
        pytest.skip("the labelled answers are not beside the project (../shared/eval)")
    rows = dev()
    given_labels = [label_of(grader, row) for row in rows]
    assert kappa([row.label for row in rows], given_labels) >= 0.80
    traps = [label for row, label in zip(rows, given_labels, strict=True) if row.kind in WORTHLESS]
    assert traps.count(2) == 0
    assert traps.count(1) <= 0.1 * len(traps)
    full = [label for row, label in zip(rows, given_labels, strict=True) if row.kind in FULL]
    assert full.count(2) >= 0.9 * len(full)


def test_the_answers_that_were_written_last_are_graded_nearly_as_well(grader: Grader) -> None:
    rows = [row for row in answers() if (row.notes, row.split) == ("seed", "check")]
    labels = [label_of(grader, row) for row in rows]
    assert kappa([row.label for row in rows], labels) >= 0.80
    assert [r for r, label in zip(rows, labels, strict=True) if r.kind in WORTHLESS and label == 2] == []
