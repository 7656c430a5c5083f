"""Conversations: who had which, and what was asked and answered in it, turn by turn."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, func, insert, select
from sqlalchemy.exc import IntegrityError

from assistant.store.database import Database
from assistant.store.errors import StoreError
from assistant.store.records import Conversation, Turn
from assistant.store.tables import chat_session, chat_turn


class History:
    """The chat sessions of all learners in `database`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def start(self, learner: str, now: datetime) -> str:
        """Open a session for `learner` and return its id, a ULID."""
        from ulid import ULID

        session_id = str(ULID.from_datetime(now))
        with self._database.writing() as connection:
            connection.execute(insert(chat_session).values(id=session_id, learner=learner, started_at=now))
        return session_id

    def latest(self, learner: str) -> str | None:
        """Return the id of the session that `learner` used last, None if there is none.

        A session is used when it is started and with each of its turns.
        """
        used_at = func.coalesce(func.max(chat_turn.c.asked_at), chat_session.c.started_at)
        rows = self._database.fetch(
            select(chat_session.c.id)
            .outerjoin(chat_turn)
            .where(chat_session.c.learner == learner)
            .group_by(chat_session.c.id)
            .order_by(used_at.desc(), chat_session.c.id.desc())
            .limit(1)
        )
        return rows[0]["id"] if rows else None

    def append(self, session_id: str, turn: Turn) -> None:
        """Add `turn` to the end of the session. Durable on return.

        Raises `StoreError` if there is no such session (any more).
        """
        row = {
            "session_id": session_id,
            "question": turn.question,
            "standalone_question": turn.standalone_question,
            "answer": dict(turn.answer),
            "asked_at": turn.asked_at,
        }
        try:
            with self._database.writing() as connection:
                connection.execute(insert(chat_turn).values(row))
        except IntegrityError as error:
            raise StoreError(f"there is no chat session {session_id!r}", "Start a new chat.") from error

    def learner_of(self, session_id: str) -> str | None:
        """Return whose session it is, None if there is no such session."""
        rows = self._database.fetch(select(chat_session.c.learner).where(chat_session.c.id == session_id))
        return rows[0]["learner"] if rows else None

    def turns(self, session_id: str) -> tuple[Turn, ...]:
        """Return the turns of the session, oldest first; none if there is no such session."""
        turn = chat_turn.c
        rows = self._database.fetch(
            select(turn.question, turn.standalone_question, turn.answer, turn.asked_at)
            .where(turn.session_id == session_id)
            .order_by(turn.id)
        )
        return tuple(Turn(**row) for row in rows)

    def sessions(self, learner: str, before: str | None, limit: int) -> tuple[Conversation, ...]:
        """Return at most `limit` sessions of `learner`, the one begun last first, beginning after `before`."""
        own = chat_session.c.learner == learner
        first = (
            select(chat_turn.c.question)
            .where(chat_turn.c.session_id == chat_session.c.id)
            .correlate(chat_session)
            .order_by(chat_turn.c.id)
            .limit(1)
            .scalar_subquery()
        )
        rows = self._database.fetch(
            select(
                chat_session.c.id,
                chat_session.c.started_at,
                func.max(chat_turn.c.asked_at).label("last_asked"),
                func.count(chat_turn.c.id).label("turns"),
                func.coalesce(first, "").label("title"),
            )
            .outerjoin(chat_turn)
            .where(own if before is None else own & (chat_session.c.id < before))
            .group_by(chat_session.c.id)
            .order_by(chat_session.c.id.desc())
            .limit(limit)
        )
        return tuple(Conversation(**row) for row in rows)

    def page(self, session_id: str, after: int, limit: int) -> tuple[tuple[int, Turn], ...]:
        """Return at most `limit` turns of the session after the turn numbered `after`, oldest first, with numbers."""
        turn = chat_turn.c
        rows = self._database.fetch(
            select(turn.id, turn.question, turn.standalone_question, turn.answer, turn.asked_at)
            .where(turn.session_id == session_id, turn.id > after)
            .order_by(turn.id)
            .limit(limit)
        )
        return tuple((row["id"], Turn(**{k: v for k, v in row.items() if k != "id"})) for row in rows)

    def drop(self, session_id: str) -> None:
        """Delete the session with its turns; nothing happens where there is none."""
        if not self._database.exists:
            return
        with self._database.writing() as connection:
            connection.execute(delete(chat_session).where(chat_session.c.id == session_id))
