"""Who waits for the model, in order, over all processes that use this home."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import and_, delete, insert, or_, select, update

from assistant.store.database import Database
from assistant.store.service_tables import ticket

#: Seconds after which the tickets of a process that no longer says it lives are taken away.
ALIVE = 5.0


class Ticket(NamedTuple):
    """A place in the line; `is_mine` where this process holds it."""

    id: int
    is_mine: bool


class Tickets:
    """The line called `queue`, as the process `holder` sees it. A holder is named but once, unlike a process id.

    Nothing here waits: a process asks now and then. It takes and gives back the places of all its waiters in one
    transaction, so that a thousand cost no more than one. Times are seconds since the epoch, since processes have no
    other clock in common.
    """

    def __init__(self, database: Database, queue: str = "", holder: str = "") -> None:
        self._database = database
        self._queue = queue
        self._holder = holder

    def of(self, queue: str, holder: str) -> Tickets:
        """Return the same of another line or process."""
        return Tickets(self._database, queue, holder)

    def line(self, now: float) -> tuple[Ticket, ...]:
        """Return who waits and has lately said that it lives, the first first."""
        rows = self._database.fetch(
            select(ticket.c.id, ticket.c.holder)
            .where(ticket.c.queue == self._queue, ticket.c.alive_until >= now)
            .order_by(ticket.c.id)
        )
        return tuple(Ticket(row["id"], row["holder"] == self._holder) for row in rows)

    def exchange(self, now: float, arriving: int = 0, leaving: Sequence[int] = ()) -> tuple[Ticket, ...]:
        """Give `leaving` back, say that we live, take `arriving` tickets at the end, and return the line.

        The new ones are the last of ours. Tickets of processes that died are removed.
        """
        row = ticket.c
        mine = and_(row.queue == self._queue, row.holder == self._holder)
        gone = or_(row.alive_until < now, and_(row.holder == self._holder, row.id.in_(leaving)))
        new = {"queue": self._queue, "holder": self._holder, "alive_until": now + ALIVE}
        with self._database.writing() as connection:
            connection.execute(delete(ticket).where(row.queue == self._queue, gone))
            connection.execute(update(ticket).where(mine).values(alive_until=now + ALIVE))
            if arriving:
                connection.execute(insert(ticket), [new] * arriving)
            found = connection.execute(
                select(row.id, row.holder).where(row.queue == self._queue).order_by(row.id)
            )
            return tuple(Ticket(id_, holder == self._holder) for id_, holder in found)
