"""How much was asked in a window of time, counted by all processes together. It knows no limits."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import case, delete, select
from sqlalchemy.dialects.sqlite import insert

from assistant.store.database import Database
from assistant.store.service_tables import rate_window


@dataclass(frozen=True, slots=True)
class Window:
    """A window that ends at `expires`, in seconds since the epoch, with what was counted in it."""

    count: int
    expires: float


class Windows:
    """The windows in `database`. A window opens with the first count and counts anew after its end."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, key: str, amount: int, length: float, now: float) -> Window:
        """Count `amount` more under `key` and return the window, which is `length` seconds long if it is new."""
        row = rate_window.c
        is_over = row.expires <= now
        new = insert(rate_window).values(key=key, count=amount, expires=now + length)
        more = new.on_conflict_do_update(
            index_elements=[row.key],
            set_={
                "count": case((is_over, amount), else_=row.count + amount),
                "expires": case((is_over, now + length), else_=row.expires),
            },
        ).returning(row.count, row.expires)
        with self._database.writing() as connection:
            window = Window(*connection.execute(more).one())
            if window.count == amount:  # one opens, so others may have ended
                connection.execute(delete(rate_window).where(row.expires <= now))
            return window

    def get(self, key: str, now: float) -> Window | None:
        """Return the window of `key`, None if none is open."""
        row = rate_window.c
        rows = self._database.fetch(select(row.count, row.expires).where(row.key == key, row.expires > now))
        return Window(**rows[0]) if rows else None

    def clear(self, key: str | None = None) -> int:
        """Forget the window of `key`, or all; return how many there were."""
        gone = delete(rate_window) if key is None else delete(rate_window).where(rate_window.c.key == key)
        with self._database.writing() as connection:
            return connection.execute(gone).rowcount
