"""Review cards, the log of their reviews, the answers as they were given, and the day of the interview.

An answer is one transaction: the card, the entry in the log and the answer's words are there together or not at all.
The log only grows. A review that is taken back is marked, so that the live entries always replay to the cards.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, delete, func, insert, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from assistant.grading.types import Level
from assistant.review.card import Answered, Card, Help, Outcome, Recorded, Review
from assistant.store.database import Database
from assistant.store.tables import answer, card, interview_date, review

#: What a review changes in a card, and what taking it back restores.
_CHANGED = ("stability", "difficulty", "due", "last_review", "lapses", "fluent_run")
#: So many of the latest answers tell how long one takes and what went wrong.
_RECENT = 200


class Reviews:
    """The cards of `learner` in `database`. Safe to use from several processes at once."""

    def __init__(self, database: Database, learner: str = "local") -> None:
        self._database = database
        self._learner = learner

    def of(self, learner: str) -> Reviews:
        """Return the same of another learner."""
        return Reviews(self._database, learner)

    def cards(self) -> dict[str, Card]:
        """Return every card by its subject."""
        rows = self._database.fetch(select(card).where(card.c.learner == self._learner))
        return {row["subject"]: _card(row) for row in rows}

    def record(self, given: Answered, rated: Callable[[Card], tuple[int, Card]]) -> Recorded:
        """Keep an answer and, by what `rated` makes of the card, its review. Durable on return.

        An answer that is there already changes nothing. If the card was answered elsewhere since the question was
        asked, the words are kept and the review is not: one forgetting would count twice. Raises `StoreError`.
        """
        with self._database.writing() as connection:
            return self.record_in(connection, given, rated)

    def record_in(
        self, connection: Connection, given: Answered, rated: Callable[[Card], tuple[int, Card]]
    ) -> Recorded:
        """Do what `record` does within a transaction that holds the lock for more than the answer."""
        row = self._row(connection, given.card.subject)
        now = _card(row) if row else given.card
        if _is_there(connection, self._learner, given.key):
            return Recorded(now, Outcome.REPEATED)
        self._insert_answer(connection, given)
        if now.last_review != given.card.last_review:
            return Recorded(now, Outcome.OVERTAKEN)
        rating, after = rated(now)
        card_id = self._save(connection, row["id"] if row else None, after)
        connection.execute(insert(review).values(_entry(card_id, given, int(rating), now)))
        return Recorded(after, Outcome.COUNTED, int(rating))

    def undo(self, now: datetime) -> Review | None:
        """Take the learner's last review back and return it; None where there is none.

        A card that this review suspended is active again; one that was suspended by hand stays so.
        """
        if not self._database.exists:
            return None
        with self._database.writing() as connection:
            query = _log(self._learner).where(review.c.undone_at.is_(None))
            row = connection.execute(query.order_by(review.c.id.desc()).limit(1)).mappings().first()
            if row is None:
                return None
            values = _restored(row["before"])
            if row["suspended_at"] == row["reviewed_at"]:
                values["suspended_at"] = None
            connection.execute(update(card).where(card.c.id == row["card_id"]).values(values))
            connection.execute(update(review).where(review.c.id == row["id"]).values(undone_at=now))
            return replace(_review(row), undone_at=now)

    def suspend(self, which: Card, at: datetime | None) -> Card:
        """Take a card out of the reviews, or with None back in, and return it."""
        with self._database.writing() as connection:
            row = self._row(connection, which.subject)
            changed = replace(_card(row) if row else which, suspended_at=at)
            self._save(connection, row["id"] if row else None, changed)
            return changed

    def log(self, subject: str | None = None) -> tuple[Review, ...]:
        """Return the reviews of all cards, or of one, oldest first, those that were taken back among them."""
        query = _log(self._learner).order_by(review.c.id)
        rows = self._database.fetch(query.where(card.c.subject == subject) if subject else query)
        return tuple(map(_review, rows))

    def introduced_since(self, moment: datetime) -> int:
        """Return how many cards had their first review at `moment` or later."""
        first = func.min(review.c.reviewed_at)
        rows = self._database.fetch(
            select(review.c.card_id)
            .join(card)
            .where(card.c.learner == self._learner, review.c.undone_at.is_(None))
            .group_by(review.c.card_id)
            .having(first >= moment)
        )
        return len(rows)

    def answers(self, limit: int = _RECENT) -> tuple[dict[str, Any], ...]:
        """Return the latest answers with their grades, newest first, without those that were taken back.

        `duration_ms` is that of the answer's review, None where it had none.
        """
        given = self._database.fetch(
            select(answer).where(answer.c.learner == self._learner).order_by(answer.c.id.desc()).limit(limit)
        )
        keys = [row["answer_key"] for row in given]
        of_keys = _log(self._learner).where(review.c.answer_key.in_(keys))
        reviewed = {row["answer_key"]: _review(row) for row in self._database.fetch(of_keys)}
        found = []
        for row in given:
            entry = reviewed.get(row["answer_key"])
            if entry is None or entry.undone_at is None:
                found.append({**row, "duration_ms": entry.duration_ms if entry else None})
        return tuple(found)

    def interview(self) -> tuple[date, datetime] | None:
        """Return the day of the interview and when it was given."""
        rows = self._database.fetch(
            select(interview_date.c.on_date, interview_date.c.set_at).where(
                interview_date.c.learner == self._learner
            )
        )
        return (rows[0]["on_date"], rows[0]["set_at"]) if rows else None

    def set_interview(self, on: date | None, now: datetime) -> None:
        """Keep the day of the interview, or with None forget it."""
        if on is None and not self._database.exists:
            return
        with self._database.writing() as connection:
            if on is None:
                connection.execute(delete(interview_date).where(interview_date.c.learner == self._learner))
                return
            values = {"on_date": on, "set_at": now}
            new = upsert(interview_date).values(learner=self._learner, **values)
            connection.execute(new.on_conflict_do_update(index_elements=["learner"], set_=values))

    def _row(self, connection: Connection, subject: str) -> RowMapping | None:
        query = select(card).where(card.c.learner == self._learner, card.c.subject == subject)
        return connection.execute(query).mappings().first()

    def _save(self, connection: Connection, card_id: str | None, changed: Card) -> str:
        """Write a card and return its id. The lock is held, so nobody else can have inserted it meanwhile."""
        values = {("group_name" if key == "group" else key): value for key, value in asdict(changed).items()}
        if card_id is not None:
            connection.execute(update(card).where(card.c.id == card_id).values(values))
            return card_id
        from ulid import ULID

        card_id = str(ULID.from_datetime(changed.created_at))
        connection.execute(insert(card).values(id=card_id, learner=self._learner, **values))
        return card_id

    def _insert_answer(self, connection: Connection, given: Answered) -> None:
        connection.execute(
            insert(answer).values(
                learner=self._learner,
                session_id=given.session_id,
                answer_key=given.key,
                question_id=given.question_id,
                kind=given.kind,
                topic=given.card.topic,
                prompt=given.prompt,
                answer=given.text,
                grade={"subject": given.card.subject, **given.grade},
                asked_at=given.at,
            )
        )


def _is_there(connection: Connection, learner: str, key: str) -> bool:
    query = select(answer.c.id).where(answer.c.learner == learner, answer.c.answer_key == key)
    return connection.execute(query).first() is not None


def _log(learner: str) -> Any:
    return select(review, card.c.subject, card.c.suspended_at).join(card).where(card.c.learner == learner)


def _entry(card_id: str, given: Answered, rating: int, before: Card) -> dict[str, Any]:
    return {
        "card_id": card_id,
        "answer_key": given.key,
        "question_id": given.question_id,
        "rating": rating,
        "level": given.level.value,
        "score": given.score,
        "help": given.help.value,
        "is_fluent": given.is_fluent,
        "duration_ms": given.duration_ms,
        "reviewed_at": given.at,
        "before": {name: _as_json(getattr(before, name)) for name in _CHANGED},
    }


def _as_json(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime) else value


def _restored(before: dict[str, Any]) -> dict[str, Any]:
    moments = {n: datetime.fromisoformat(before[n]) for n in ("due", "last_review") if before[n]}
    return before | moments


def _card(row: RowMapping) -> Card:
    return Card(
        subject=row["subject"],
        topic=row["topic"],
        group=row["group_name"],
        created_at=row["created_at"],
        suspended_at=row["suspended_at"],
        **{name: row[name] for name in _CHANGED},
    )


def _review(row: RowMapping) -> Review:
    return Review(
        subject=row["subject"],
        rating=row["rating"],
        level=Level(row["level"]),
        score=row["score"],
        help=Help(row["help"]),
        is_fluent=row["is_fluent"],
        duration_ms=row["duration_ms"],
        at=row["reviewed_at"],
        question_id=row["question_id"],
        answer_key=row["answer_key"],
        undone_at=row["undone_at"],
    )
