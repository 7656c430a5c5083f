"""Key points and overruled grades: kept by learner, noticed when the note changes, gone when forgotten."""

from __future__ import annotations

from pathlib import Path

from assistant.events import Citation
from assistant.grading.types import Grade, KeyPoint, Level
from assistant.store import Store
from corpus.types import Location, LocationKind
from tests.assistant.store.conftest import NOW, ask

CITATION = Citation(1, "BN", ("BN",), "/notes/bn.md", Location(LocationKind.LINES, 3, 3), "BN 归一化", "p1")
POINTS = (
    KeyPoint(
        "BN 对通道归一化",
        CITATION,
        "优点",
        ("BN 对通道归一化", "BN normalizes channels"),
        written=True,
        answers="BN 是什么？",
    ),
    KeyPoint("自己加的一点", wordings=("自己加的一点",), written=True),
)
GIVEN = Grade("为什么?", "因为快。", Level.WRONG, 0.1, "BN", (), "", "notes")


def test_points_come_back_as_they_were_for_the_same_text_and_not_for_another(home: Path) -> None:
    kept = Store(home).grading
    assert kept.points("bn", "digest") == ()
    assert not home.exists()
    kept.keep_points("bn", "digest", POINTS)
    assert kept.points("bn", "digest") == POINTS
    assert kept.points("bn", "another digest") == ()
    assert kept.points("ln", "digest") == ()
    kept.keep_points("bn", "digest", POINTS[:1], "ollama:test")
    assert kept.points("bn", "digest") == POINTS[:1]
    assert ask(home / "study.db", "SELECT made_by FROM key_points") == [("ollama:test",)]


def test_forgotten_points_are_gone_and_forgetting_nothing_makes_no_file(home: Path) -> None:
    kept = Store(home).grading
    kept.forget_points("bn")
    assert not home.exists()
    kept.keep_points("bn", "digest", POINTS)
    kept.forget_points("bn")
    assert kept.points("bn", "digest") == ()


def test_the_latest_decision_on_an_answer_counts_whatever_its_spacing_and_width(home: Path) -> None:
    kept = Store(home).grading
    assert kept.overruled("BN", "为什么?", "因为快。") is None
    kept.keep_overrule(GIVEN, Level.PARTIAL, NOW)
    kept.keep_overrule(GIVEN, Level.CORRECT, NOW)
    assert kept.overruled("BN", "为什么?", " 因为快。 ") is Level.CORRECT
    assert kept.overruled("BN", "为什么?", "因为慢。") is None
    assert ask(home / "study.db", "SELECT given, level, mode FROM grade_overrule") == [
        ("wrong", "correct", "notes")
    ]


def test_learners_do_not_see_and_do_not_lose_each_others_decisions(home: Path) -> None:
    store = Store(home)
    mine, theirs = store.grading.of("local"), store.grading.of("slack:T:U")
    mine.keep_overrule(GIVEN, Level.CORRECT, NOW)
    theirs.keep_points("bn", "digest", POINTS)
    assert theirs.overruled("BN", "为什么?", "因为快。") is None
    assert mine.points("bn", "digest") == ()
    store.forget("local")
    assert mine.overruled("BN", "为什么?", "因为快。") is None
    assert theirs.points("bn", "digest") == POINTS
