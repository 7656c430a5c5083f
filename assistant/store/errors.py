"""What can go wrong with the database file, said so that the user can mend it. Nothing is deleted here."""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from corpus.errors import StudyError


class StoreError(StudyError):
    """State cannot be read or written. Whoever asked can still be answered; it is just not remembered."""


_MAKE_WRITABLE = "Make {folder} writable, or set ASSISTANT_HOME to a folder that is."
_UNOPENABLE = ("cannot be opened", _MAKE_WRITABLE)
_UNWRITABLE = ("cannot be written", _MAKE_WRITABLE)
_DAMAGED = (
    "is damaged or is not a database",
    "Move {path} away, with {path}-wal if there is one; a new one is created when it is needed.",
)
_BUSY = ("is held by another program", "Close whatever else has it open, then try again.")
_FULL = ("cannot be written, the disk is full", "Free some space on the disk that holds {folder}.")

# SQLite's primary result codes (https://sqlite.org/rescode.html). The others, SQLITE_ERROR and
# SQLITE_CONSTRAINT above all, are faults of this program and stay what they are.
_SQLITE = {
    sqlite3.SQLITE_PERM: _UNWRITABLE,
    sqlite3.SQLITE_READONLY: _UNWRITABLE,
    sqlite3.SQLITE_CANTOPEN: _UNOPENABLE,
    sqlite3.SQLITE_IOERR: _UNWRITABLE,
    sqlite3.SQLITE_CORRUPT: _DAMAGED,
    sqlite3.SQLITE_NOTADB: _DAMAGED,
    sqlite3.SQLITE_BUSY: _BUSY,
    sqlite3.SQLITE_LOCKED: _BUSY,
    sqlite3.SQLITE_FULL: _FULL,
}


def primary_code(error: BaseException) -> int:
    """Return SQLite's primary result code of `error`, 0 where it has none."""
    code: int = getattr(error, "sqlite_errorcode", 0)
    return code & 0xFF


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turn what the file system and SQLite say about the database at `path` into a `StoreError`."""
    try:
        yield
    except Exception as error:
        cause = getattr(error, "orig", error)  # SQLAlchemy wraps the driver's error
        match cause:
            case sqlite3.Error():
                reason = _SQLITE.get(primary_code(cause))
            case TimeoutError():
                reason = _BUSY
            case OSError():
                reason = _FULL if cause.errno in (errno.ENOSPC, errno.EDQUOT) else _UNOPENABLE
            case _:
                reason = None
        if reason is None:
            raise
        what, hint = reason
        message = f"the database {str(path)!r} {what} ({cause})"
        raise StoreError(message, hint.format(path=path, folder=path.parent)) from error


def damaged(path: Path, why: str) -> StoreError:
    """Return the error for a file at `path` that SQLite can open and we cannot use."""
    what, hint = _DAMAGED
    return StoreError(f"the database {str(path)!r} {what} ({why})", hint.format(path=path))
