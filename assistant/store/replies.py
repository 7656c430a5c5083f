"""Replies kept for a day under a key of the client's, so that the same request sent twice is done once.

After draft-ietf-httpapi-idempotency-key-header-07. It knows no HTTP: a request is a hash of whatever makes it that one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Row, and_, delete, insert, select, update

from assistant.store.database import Database
from assistant.store.tables import idempotent_reply
from corpus.errors import StudyError

#: How long a reply is kept.
KEPT = timedelta(hours=24)
#: How long work counts as going on after its last sign of life. Whoever works says `renew` more often than that.
LEASE = timedelta(seconds=30)


class OtherRequest(StudyError):
    """A key that stands for another request already."""


class StillRunning(StudyError):
    """A key whose first request is not answered yet."""

    retry_after = 1


@dataclass(frozen=True, slots=True)
class Reply:
    """What was answered."""

    status: int
    media_type: str
    body: bytes


class Replies:
    """The replies to `learner` in `database`."""

    def __init__(self, database: Database, learner: str = "local") -> None:
        self._database = database
        self._learner = learner

    def of(self, learner: str) -> Replies:
        """Return the same of another learner."""
        return Replies(self._database, learner)

    def take(self, key: str, request: str, now: datetime) -> Reply | None:
        """Return the reply that `key` was answered with; None if the work is the caller's to do, from `now` on.

        Work that nobody has given a sign of life of for `LEASE` was ended by a crash and may be taken over. Raises
        `OtherRequest` or `StillRunning`.
        """
        with self._database.writing() as connection:
            connection.execute(delete(idempotent_reply).where(idempotent_reply.c.taken_at < now - KEPT))
            found = connection.execute(select(idempotent_reply).where(self._is(key))).one_or_none()
            if found is None:
                new = {"learner": self._learner, "key": key, "request": request, "taken_at": now}
                connection.execute(insert(idempotent_reply).values(new))
                return None
            if found.request != request:
                raise OtherRequest(
                    "the Idempotency-Key stands for another request already",
                    "Give every request a key of its own, such as a UUID, and only its repetitions the same one.",
                )
            if found.status is None:
                if found.taken_at > now - LEASE:
                    raise StillRunning(
                        "the first request with this Idempotency-Key is still being answered",
                        "Ask again in a second.",
                    )
                connection.execute(update(idempotent_reply).where(self._is(key)).values(taken_at=now))
                return None
            return _reply(found)

    def renew(self, key: str, taken: datetime, now: datetime) -> datetime:
        """Say that the work taken at `taken` goes on; return the moment by which it is known from now on."""
        with self._database.writing() as connection:
            same = update(idempotent_reply).where(self._is(key, taken))
            return now if connection.execute(same.values(taken_at=now)).rowcount else taken

    def keep(self, key: str, taken: datetime, reply: Reply) -> None:
        """Keep the reply to the work taken at `taken`, unless somebody else has taken it over meanwhile."""
        values = {"status": reply.status, "media_type": reply.media_type, "body": reply.body}
        with self._database.writing() as connection:
            connection.execute(update(idempotent_reply).where(self._is(key, taken)).values(values))

    def release(self, key: str, taken: datetime) -> None:
        """Let the work taken at `taken` be done anew: it came to nothing."""
        with self._database.writing() as connection:
            connection.execute(delete(idempotent_reply).where(self._is(key, taken)))

    def _is(self, key: str, taken: datetime | None = None) -> ColumnElement[bool]:
        row = idempotent_reply.c
        mine = and_(row.learner == self._learner, row.key == key)
        return mine if taken is None else and_(mine, row.taken_at == taken, row.status.is_(None))


def _reply(row: Row[tuple[object, ...]]) -> Reply:
    return Reply(row.status, row.media_type, row.body)
