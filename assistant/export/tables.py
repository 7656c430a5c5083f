"""The log of reviews and the answers as CSV, one row each, for a spreadsheet or for statistics of one's own."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from io import StringIO
from typing import Any

from assistant.review.card import Review

_REVIEWS = "reviewed_at subject rating level score help duration_ms question_id undone_at".split()
_ANSWERS = "asked_at topic kind subject level score contradicted mode duration_ms prompt answer".split()
#: A cell that begins so is a formula to a spreadsheet, and runs.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def reviews_csv(log: Iterable[Review]) -> str:
    """Return the log, oldest first, reviews that were taken back among them. Times are UTC, ratings FSRS's 1 to 4."""
    rows = (
        [
            one.at.isoformat(), one.subject, one.rating, one.level.value, one.score, one.help.value,
            one.duration_ms, one.question_id, one.undone_at.isoformat() if one.undone_at else "",
        ]
        for one in log
    )  # fmt: skip
    return _csv(_REVIEWS, rows)


def answers_csv(answers: Iterable[Mapping[str, Any]]) -> str:
    """Return the answers as `Reviews.answers` gives them, with their words."""
    rows = ([_value(name, row) for name in _ANSWERS] for row in answers)
    return _csv(_ANSWERS, rows)


def _value(name: str, row: Mapping[str, Any]) -> object:
    if name == "asked_at":
        return row[name].isoformat()
    value = row[name] if name in row else row["grade"].get(name)
    return "" if value is None else value


def _csv(head: list[str], rows: Iterable[Sequence[object]]) -> str:
    out = StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(head)
    writer.writerows([_inert(cell) for cell in row] for row in rows)
    return out.getvalue()


def _inert(cell: object) -> object:
    """Return a text that no spreadsheet runs: one that looks like a formula gets an apostrophe, a number none."""
    if not isinstance(cell, str) or not cell.startswith(_FORMULA):
        return cell
    try:
        float(cell)
    except ValueError:
        return f"'{cell}"
    return cell
