"""Quizzes as they stood after their last step, each step with the review of its answer, or neither of them.

Every save replaces the whole state and names the step that it goes on from: of two that answer the same question, the
second is refused and told.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from sqlalchemy import insert, select, update

from assistant.quiz import records
from assistant.quiz.records import QuizRecord
from assistant.review.card import Answered, Card, Recorded
from assistant.store.database import Database
from assistant.store.reviews import Reviews
from assistant.store.tables import quiz
from corpus.errors import StudyError, UnknownName


class QuizOvertaken(StudyError):
    """A quiz went on elsewhere since this state of it was read."""


class Quizzes:
    """The quizzes of `learner` in `database`. Safe to use from several processes at once."""

    def __init__(self, database: Database, learner: str = "local") -> None:
        self._database = database
        self._learner = learner

    def of(self, learner: str) -> Quizzes:
        """Return the same of another learner."""
        return Quizzes(self._database, learner)

    def begin(self, record: QuizRecord) -> None:
        """Keep a quiz that has just begun. Durable on return. Raises `StoreError`."""
        row = {"id": record.quiz_id, "learner": self._learner, "began": record.began}
        with self._database.writing() as connection:
            connection.execute(insert(quiz).values(row | _values(record)))

    def step(
        self,
        record: QuizRecord,
        given: Answered | None = None,
        rated: Callable[[Card], tuple[int, Card]] | None = None,
    ) -> Recorded | None:
        """Keep `record`, one step after what is stored, and with it the answer that was `given`.

        Return what became of the answer. Durable on return. Raises `QuizOvertaken` and `StoreError`; then neither
        is kept.
        """
        same = (quiz.c.id == record.quiz_id, quiz.c.learner == self._learner)
        before = quiz.c.steps == record.steps - 1
        with self._database.writing() as connection:
            changed = connection.execute(update(quiz).where(*same, before).values(_values(record)))
            if not changed.rowcount:
                raise overtaken()
            if given is None or rated is None:
                return None
            return Reviews(self._database, self._learner).record_in(connection, given, rated)

    def load(self, quiz_id: str) -> QuizRecord:
        """Return the quiz with this id. Raises `UnknownName`, `QuizDamaged` and `StoreError`."""
        same = (quiz.c.id == quiz_id, quiz.c.learner == self._learner)
        rows = self._database.fetch(select(quiz.c.state).where(*same))
        if not rows:
            raise UnknownName(f"there is no quiz {quiz_id[:40]!r}", "Begin one: assistant quiz")
        # An import gives a new id where another learner has a quiz of the old one.
        return replace(records.load(rows[0]["state"]), quiz_id=quiz_id)


def overtaken() -> QuizOvertaken:
    """Return the error for a step that comes too late."""
    return QuizOvertaken(
        "the quiz went on elsewhere, so this was not counted",
        "Look at the question that is open now, and answer that.",
    )


def _values(record: QuizRecord) -> dict[str, object]:
    return {
        "updated": record.updated,
        "has_ended": record.state.open is None,
        "steps": record.steps,
        "state": records.dump(record),
    }
