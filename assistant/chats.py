"""Conversations of one learner that go on from door to door: what was said before, and what is kept of an answer."""

from __future__ import annotations

from datetime import datetime

from assistant.events import Answer, Status, Turn
from assistant.store import Store
from assistant.store import Turn as StoredTurn
from corpus.errors import UnknownName

#: So many earlier turns a follow-up or a model may look back on when a conversation is taken up again.
REMEMBERED = 20


class Chats:
    """The chat sessions of `learner` in `store`. What is another learner's does not exist here."""

    def __init__(self, store: Store, learner: str) -> None:
        self._store = store
        self._learner = learner

    def turns(self, session_id: str) -> tuple[Turn, ...]:
        """Return the last turns of a session, oldest first. Raises `UnknownName`."""
        self._owned(session_id)
        return tuple(map(_turn, self._store.history.turns(session_id)[-REMEMBERED:]))

    def page(self, session_id: str, after: int, limit: int) -> tuple[tuple[int, StoredTurn], ...]:
        """Return at most `limit` turns of a session after the one numbered `after`. Raises `UnknownName`."""
        self._owned(session_id)
        return self._store.history.page(session_id, after, limit)

    def drop(self, session_id: str) -> None:
        """Delete a session. Raises `UnknownName`."""
        self._owned(session_id)
        self._store.history.drop(session_id)

    def remember(self, session_id: str | None, answer: Answer, now: datetime) -> str:
        """Keep `answer` at the end of a session, of a new one for None, and return the session.

        What the notes did not cover is kept as a gap. Raises `UnknownName` and `StoreError`.
        """
        if session_id is None:
            session_id = self._store.history.start(self._learner, now)
        else:
            self._owned(session_id)
        kept = StoredTurn(answer.question, answer.standalone, answer.to_dict(), now)
        self._store.history.append(session_id, kept)
        if answer.status is Status.NOT_IN_NOTES:
            self._store.gaps.record(self._learner, answer.standalone, answer.nearest, now)
        return session_id

    def _owned(self, session_id: str) -> None:
        if self._store.history.learner_of(session_id) != self._learner:
            raise UnknownName(f"there is no conversation {session_id!r}", "Leave it out to begin a new one.")


def _turn(kept: StoredTurn) -> Turn:
    topics = tuple(dict.fromkeys(citation["topic"] for citation in kept.answer.get("citations", ())))
    return Turn(kept.question, kept.standalone_question, str(kept.answer.get("answer", "")), topics)
