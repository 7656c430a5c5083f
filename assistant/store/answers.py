"""Every answer that was given, without its words: what progress is told from. Nothing is written here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from assistant.grading.types import Level
from assistant.store.database import Database
from assistant.store.tables import answer


@dataclass(frozen=True, slots=True)
class Entry:
    """One answer: its key, what it was about, when it was asked, and its grade. Its words stay in the database."""

    key: str
    kind: str
    subject: str
    topic: str
    at: datetime
    level: Level
    score: float
    is_contradicted: bool


class Answers:
    """The answers of `learner` in `database`."""

    def __init__(self, database: Database, learner: str = "local") -> None:
        self._database = database
        self._learner = learner

    def of(self, learner: str) -> Answers:
        """Return the same of another learner."""
        return Answers(self._database, learner)

    def entries(self) -> tuple[Entry, ...]:
        """Return every answer that was graded, oldest first, those that were taken back among them."""
        grade = answer.c.grade
        # The grades hold every point with its citation: the few values needed are taken out by the database.
        rows = self._database.fetch(
            select(
                answer.c.answer_key,
                answer.c.kind,
                answer.c.topic,
                answer.c.asked_at,
                grade["subject"].as_string().label("subject"),
                grade["level"].as_string().label("level"),
                grade["score"].as_float().label("score"),
                grade["contradicted"].as_boolean().label("contradicted"),
            )
            .where(answer.c.learner == self._learner)
            .order_by(answer.c.id)
        )
        return tuple(
            Entry(
                key=row["answer_key"],
                kind=row["kind"],
                subject=row["subject"],
                topic=row["topic"],
                at=row["asked_at"],
                level=Level(row["level"]),
                score=row["score"] or 0.0,
                is_contradicted=bool(row["contradicted"]),
            )
            for row in rows
            if row["subject"] and row["level"]
        )
