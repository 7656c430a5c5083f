"""Tables that a spreadsheet opens: every column in its place, and nothing in them that runs."""

from __future__ import annotations

import csv
from datetime import UTC, datetime
from io import StringIO

import pytest

from assistant.export.tables import answers_csv, reviews_csv
from assistant.grading.types import Level
from assistant.review.card import Help, Review

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def read(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(text)))


def test_a_review_is_a_row_and_one_that_was_taken_back_says_so() -> None:
    log = [
        Review("topic:bn#优点", 3, Level.CORRECT, 0.75, Help.HINT, False, 1500, NOW, "q1", "k"),
        Review("drill:nms", 1, Level.WRONG, 0.0, Help.NONE, False, 900, NOW, "q2", "k2", undone_at=NOW),
    ]
    first, second = read(reviews_csv(log))
    assert first == {
        "reviewed_at": "2026-03-01T12:00:00+00:00", "subject": "topic:bn#优点", "rating": "3", "level": "correct",
        "score": "0.75", "help": "hint", "duration_ms": "1500", "question_id": "q1", "undone_at": "",
    }  # fmt: skip
    assert second["undone_at"] == "2026-03-01T12:00:00+00:00"


@pytest.mark.parametrize(
    ("answer", "cell"),
    [
        ('=HYPERLINK("http://x")', '\'=HYPERLINK("http://x")'),
        ("@SUM(1)", "'@SUM(1)"),
        ("+1+1", "'+1+1"),
        ("-0.5", "-0.5"),
        ('多行\n"引号", 逗号', '多行\n"引号", 逗号'),
    ],
)
def test_an_answer_that_looks_like_a_formula_does_not_run(answer: str, cell: str) -> None:
    grade = {"subject": "s", "level": "wrong", "score": 0.0, "contradicted": False, "mode": "notes"}
    row = {
        "asked_at": NOW, "topic": "BN", "kind": "why", "grade": grade, "duration_ms": None, "prompt": "?",
        "answer": answer,
    }  # fmt: skip
    (found,) = read(answers_csv([row]))
    assert (found["answer"], found["level"], found["duration_ms"]) == (cell, "wrong", "")
