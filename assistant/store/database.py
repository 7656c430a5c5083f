"""Short transactions on the database file, at the newest schema. It knows no table.

No connection outlives its transaction. That costs about a millisecond and buys that nothing has to be closed,
that threads and processes share nothing, and that a file which is moved, restored or migrated under a running
program is noticed at the next use.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from functools import cached_property, partial
from pathlib import Path

from sqlalchemy import Connection, Engine, Executable, NullPool, RowMapping, create_engine

from assistant.store.connection import connect
from assistant.store.errors import explained
from assistant.store.migration import SCRIPTS, bring_up_to_date, exists, is_current


class Database:
    """The database at `path`, created by the first `writing` and safe to use from any thread or process.

    `scripts` is the Alembic environment that defines the schema. Every method raises `StoreError` for a file
    that cannot be opened, is damaged, or has a schema from a newer program.
    """

    def __init__(self, path: Path, scripts: Path = SCRIPTS) -> None:
        self.path = path
        self.scripts = scripts

    @property
    def exists(self) -> bool:
        """Whether anything has been written yet."""
        with explained(self.path):
            return exists(self.path)

    def fetch(self, query: Executable) -> Sequence[RowMapping]:
        """Return the rows of `query`; none, and no file is made, where there is no database yet."""
        with explained(self.path):
            if not self.exists:
                return ()
            if not is_current(self.path, self.scripts):
                bring_up_to_date(self.path, self.scripts)
            with self._engine.connect() as connection:
                return connection.execute(query).mappings().all()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Hold the database, which must exist, as it is now for several queries, whatever others write meanwhile."""
        with explained(self.path):
            if not is_current(self.path, self.scripts):
                bring_up_to_date(self.path, self.scripts)
            with self._engine.connect() as connection:
                connection.exec_driver_sql("BEGIN")
                yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Hold the write lock for one transaction: committed at the end, undone by an exception."""
        with explained(self.path):
            if not self.exists or not is_current(self.path, self.scripts):
                bring_up_to_date(self.path, self.scripts)
            with self._engine.begin() as connection:
                # IMMEDIATE waits for other writers here. A deferred transaction that turns from reading to
                # writing cannot wait: SQLite fails it at once if somebody wrote in between.
                connection.exec_driver_sql("BEGIN IMMEDIATE")
                yield connection

    def compact(self) -> bool:
        """Give back the space of deleted rows and empty the WAL, so that no file holds anything of them any more.

        False where another program reads the database meanwhile: what it reads stays until it is done.
        """
        with explained(self.path), closing(connect(self.path)) as connection:
            connection.execute("VACUUM")
            busy, _, _ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            return not busy

    @cached_property
    def _engine(self) -> Engine:
        return create_engine(
            "sqlite://",
            creator=partial(connect, self.path),
            poolclass=NullPool,
            json_serializer=_json,
        )


def _json(value: object) -> str:
    """Return `value` as JSON that SQLite takes: a path that is no UTF-8 holds what only an escape can write."""
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "backslashreplace").decode()
