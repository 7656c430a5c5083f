"""One SQLite connection to the database file, set up the way every one of ours is. No SQL of ours here."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from assistant.store.errors import primary_code

#: How long a writer waits for another one, in seconds. Our transactions take milliseconds.
BUSY_TIMEOUT = 10.0


def connect(path: Path, *, foreign_keys: bool = True) -> sqlite3.Connection:
    """Open the database at `path`, which must exist; transactions are begun explicitly.

    Where the folder is read-only, SQLite cannot make the shared memory of a WAL database and refuses even to
    read it. The file is then opened as immutable, which is right as long as all of it is in the main file:
    with frames left in the WAL the refusal stands, because old rows would pass for the newest ones.
    """
    try:
        return _open(path, "mode=rw", foreign_keys)
    except sqlite3.OperationalError as error:
        if primary_code(error) not in (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY) or _wal_size(path):
            raise
        return _open(path, "immutable=1", foreign_keys)


def _open(path: Path, query: str, foreign_keys: bool) -> sqlite3.Connection:
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?{query}",
        uri=True,
        timeout=BUSY_TIMEOUT,
        isolation_level=None,
        check_same_thread=False,  # a connection serves one transaction, whichever threads that passes through
    )
    try:
        connection.execute(f"PRAGMA foreign_keys = {foreign_keys:d}")
        connection.execute("PRAGMA secure_delete = ON")  # what is forgotten is overwritten, not only unlinked
        connection.execute("SELECT 1 FROM sqlite_master").fetchone()  # the first read is what can be refused
    except BaseException:
        connection.close()
        raise
    return connection


def _wal_size(path: Path) -> int:
    wal = path.with_name(f"{path.name}-wal")
    return wal.stat().st_size if wal.exists() else 0
