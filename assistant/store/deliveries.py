"""What senders delivered: each thing is worked on once, however often it comes, and none is lost without a word.

The texts stay with the sender. Kept is the name of a delivery and, until it is dealt with, where to answer.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, delete, select, update
from sqlalchemy.dialects.sqlite import insert

from assistant.store.database import Database
from assistant.store.service_tables import delivery

#: How long a delivery is remembered. Slack tries again for six minutes, and for a day where its app asks for
#: delayed events; the hour beyond is for clocks.
KEPT = timedelta(hours=25)
#: How long work counts as alive after its process last said so.
LEASE = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class Claim:
    """A delivery that somebody wants to work on.

    `keys` are all its names: it is new if every one is, and the first is its name from then on. `reply_to` says where
    to answer should the work be lost.
    """

    keys: tuple[str, ...]
    reply_to: Mapping[str, str]


class Deliveries:
    """The deliveries to all processes that share `database`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def claim(self, keys: Sequence[str], reply_to: Mapping[str, str], now: datetime) -> bool:
        """Say whether the delivery is new, and note that somebody works on it from now on; see `Claim`."""
        return self.record([Claim(tuple(keys), reply_to)], [], now)[0]

    def finish(self, key: str) -> None:
        """Note that the delivery was answered; where to is forgotten."""
        self.record([], [key], datetime.now(UTC))

    def record(self, claims: Sequence[Claim], finished: Collection[str], now: datetime) -> list[bool]:
        """Return for each claim whether it is new, and note what is `finished`: one transaction, durable on return."""
        with self._database.writing() as connection:
            done = (
                update(delivery).where(delivery.c.key.in_(finished)).values(reply_to=None, alive_until=None)
            )
            if finished:
                connection.execute(done)
            return [_claimed(connection, claim, now) for claim in claims]

    def renew(self, keys: Collection[str], now: datetime) -> None:
        """Note that the work on `keys` still goes on."""
        if keys:
            with self._database.writing() as connection:
                connection.execute(
                    update(delivery)
                    .where(delivery.c.key.in_(keys), delivery.c.alive_until.is_not(None))
                    .values(alive_until=now + LEASE)
                )

    def take_lost(self, now: datetime) -> Sequence[Mapping[str, str]]:
        """Return where to answer what was begun by processes that are gone. Each is given to one caller, once."""
        lost = (delivery.c.alive_until < now,)
        if not self._database.fetch(select(delivery.c.key).where(*lost).limit(1)):
            return ()
        with self._database.writing() as connection:
            places = connection.execute(select(delivery.c.reply_to).where(*lost)).scalars().all()
            connection.execute(update(delivery).where(*lost).values(reply_to=None, alive_until=None))
        return [place for place in places if place]

    def sweep(self, now: datetime) -> None:
        """Forget deliveries that nobody sends again, all but those that are still worked on."""
        if self._database.exists:
            with self._database.writing() as connection:
                old = (delivery.c.at < now - KEPT, delivery.c.alive_until.is_(None))
                connection.execute(delete(delivery).where(*old))


def _claimed(connection: Connection, claim: Claim, now: datetime) -> bool:
    first, *others = claim.keys
    rows = [{"key": first, "at": now, "reply_to": dict(claim.reply_to), "alive_until": now + LEASE}]
    rows += [{"key": key, "at": now, "reply_to": None, "alive_until": None} for key in others]
    # One by one: how many rows of several were new is not told.
    new = [connection.execute(insert(delivery).values(row).on_conflict_do_nothing()).rowcount for row in rows]
    if new[0] and not all(new):  # known by another name, under which it is worked on
        connection.execute(
            update(delivery).where(delivery.c.key == first).values(reply_to=None, alive_until=None)
        )
    return all(new)
