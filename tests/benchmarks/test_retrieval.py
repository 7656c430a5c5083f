"""Search and the coverage gate on the user's notes: what was promised on questions nobody tuned on.

The figures and the systems beside ours are printed by `python -m benchmarks retrieval`.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from benchmarks.questions import DEV, SHIPPED, Labelled, about_shipped, dev, ours
from benchmarks.retrieval import library, ranker, recall_counts
from corpus.glossary import load_glossary
from index.library import Library


@pytest.fixture(scope="module")
def on_seed(seed_notes: Path) -> Library:
    return library(load_glossary())


def shares(questions: Sequence[Labelled], on_seed: Library) -> tuple[float, float, float, float]:
    """Return Recall@1, Recall@3, the share of uncovered questions refused and of covered ones refused."""
    covered = [q for q in questions if q.topics]
    uncovered = [q for q in questions if not q.topics]
    first, third = recall_counts(covered, ranker(on_seed, None))
    refused = sum(not on_seed.search(q.question).covered for q in uncovered)
    wrongly = sum(not on_seed.search(q.question).covered for q in covered)
    n, m = len(covered), len(uncovered)
    return first / n, third / n, refused / m, wrongly / n


def test_the_held_back_kind_of_question_finds_its_topic_or_is_refused(on_seed: Library) -> None:
    if not DEV.is_file():
        pytest.skip("the dev questions are not beside the project (../shared/eval)")
    first, third, refused, wrongly = shares(dev(on_seed.topics), on_seed)
    assert first >= 0.85
    assert third >= 0.95
    assert refused >= 0.70
    assert wrongly <= 0.06


def test_the_shipped_notes_answer_what_the_user_s_notes_answer(on_seed: Library) -> None:
    if not DEV.is_file():
        pytest.skip("the dev questions are not beside the project (../shared/eval)")
    shipped = library(load_glossary(), SHIPPED)
    questions = about_shipped(dev(on_seed.topics), shipped.topics)
    first, third = recall_counts(questions, ranker(shipped, None))
    assert first / len(questions) >= 0.92
    assert third / len(questions) >= 0.98


def test_our_check_half_with_its_typos_and_paraphrases_stays_near_the_tuning_half(on_seed: Library) -> None:
    first, third, refused, wrongly = shares(ours("check"), on_seed)
    assert first >= 0.80
    assert third >= 0.88
    assert refused >= 0.75
    assert wrongly <= 0.10


def test_fusion_is_better_than_either_part_alone(on_seed: Library) -> None:
    questions = ours()
    plain = library(type(load_glossary())({}, "none", {}, {}))
    bm25, _ = recall_counts(questions, ranker(plain, 0.0))
    dense, _ = recall_counts(questions, ranker(on_seed, 1.0))
    fused, _ = recall_counts(questions, ranker(on_seed, None))
    assert fused > max(bm25, dense)
