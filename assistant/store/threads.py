"""Which conversation, quiz or interview goes on in which thread of a door, so that a line finds its place again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.dialects.sqlite import insert

from assistant.store.database import Database
from assistant.store.tables import thread


@dataclass(frozen=True, slots=True)
class Thread:
    """What goes on in a thread: its mode, and the id of the session, quiz or interview."""

    mode: str
    ref: str
    updated: datetime


class Threads:
    """The threads of `learner` in `database`. A key is a door's own name for a thread: `slack:C1:171.2`."""

    def __init__(self, database: Database, learner: str = "local") -> None:
        self._database = database
        self._learner = learner

    def of(self, learner: str) -> Threads:
        """Return the same of another learner."""
        return Threads(self._database, learner)

    def get(self, key: str) -> Thread | None:
        """Return what goes on in the thread, None if nothing does."""
        row = thread.c
        rows = self._database.fetch(
            select(row.mode, row.ref, row.updated).where(row.learner == self._learner, row.key == key)
        )
        return Thread(**rows[0]) if rows else None

    def put(self, key: str, mode: str, ref: str, now: datetime) -> None:
        """Say what goes on in the thread from now on."""
        values = {"mode": mode, "ref": ref, "updated": now}
        new = insert(thread).values(learner=self._learner, key=key, **values)
        with self._database.writing() as connection:
            connection.execute(new.on_conflict_do_update(index_elements=["learner", "key"], set_=values))

    def drop(self, key: str) -> None:
        """Forget what went on in the thread."""
        if not self._database.exists:
            return
        with self._database.writing() as connection:
            same = (thread.c.learner == self._learner, thread.c.key == key)
            connection.execute(delete(thread).where(*same))

    def modes(self, key: str) -> frozenset[str]:
        """Return what goes on in the thread with anybody."""
        return frozenset(
            row["mode"] for row in self._database.fetch(select(thread.c.mode).where(thread.c.key == key))
        )

    def is_known(self, key: str) -> bool:
        """Say whether anything went on in the thread with anybody."""
        return bool(self._database.fetch(select(thread.c.key).where(thread.c.key == key).limit(1)))
