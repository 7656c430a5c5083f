"""Bring the database file to the newest schema: create it, or migrate it, whoever else is trying to.

The version of a schema is the number that its migration's file name starts with. Finding out that nothing is
to be done is one query; Alembic (0.23 s to import) and the lock are only touched when there is.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from functools import partial
from pathlib import Path

from assistant.store.connection import connect
from assistant.store.errors import StoreError, damaged
from corpus.atomic import flush_directory

#: The Alembic environment that ships with the program.
SCRIPTS = Path(__file__).parent / "migrations"

#: How long to wait, in seconds, while another process creates or migrates the database.
LOCK_TIMEOUT = 60.0


def known_versions(scripts: Path = SCRIPTS) -> list[str]:
    """Return the schema versions that `scripts` can produce, oldest first: `["0001", …]`."""
    return sorted(script.name[:4] for script in scripts.glob("versions/[0-9][0-9][0-9][0-9]_*.py"))


def exists(path: Path) -> bool:
    """Say whether there is a database at `path`. An empty file is none: there is nothing in it to lose."""
    return path.exists() and (not path.is_file() or path.stat().st_size > 0)


def is_current(path: Path, scripts: Path = SCRIPTS) -> bool:
    """Say whether the database at `path`, which must exist, has the newest schema.

    Raises `StoreError` if it is not one of our databases or comes from a version this program lacks.
    """
    known = known_versions(scripts)
    with closing(connect(path)) as connection:
        try:
            row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_ERROR:
                raise
            row = None
    if row is None:
        raise damaged(path, "it has no schema version")
    version, newest = row[0], known[-1]
    if version not in known:
        raise StoreError(
            f"the database {str(path)!r} has schema version {version!r}, the newest known here is {newest!r}",
            "Upgrade the program, or set ASSISTANT_HOME to another folder.",
        )
    return bool(version == newest)


def bring_up_to_date(path: Path, scripts: Path = SCRIPTS) -> None:
    """Create the database at `path`, or migrate the one that is there, one process at a time.

    Raises what `is_current` raises, `OSError` or `sqlite3.Error` where the folder cannot be written, and
    `TimeoutError` if another process holds the lock for longer than `LOCK_TIMEOUT`.
    """
    from filelock import FileLock

    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with FileLock(path.with_name(f"{path.name}.lock"), timeout=LOCK_TIMEOUT, mode=0o600):
        if not exists(path):
            _create(path, scripts)
        elif not is_current(path, scripts):
            _upgrade(path, scripts)


def _create(path: Path, scripts: Path) -> None:
    """Build the database beside `path` and rename it, so that a reader sees all of it or nothing.

    Built in place, a reader would meet a database without a schema, and a kill would leave one for good.
    """
    draft = path.with_name(f"{path.name}.new")
    for leftover in (draft, *_companions(draft)):
        leftover.unlink(missing_ok=True)
    # SQLite gives -wal and -shm the mode of the main file.
    os.close(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    with closing(connect(draft)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
    _upgrade(draft, scripts)
    # The WAL of a database that was moved away would be replayed into the new one. It may still be wanted.
    for orphan in filter(Path.exists, _companions(path)):
        orphan.replace(orphan.with_name(f"{orphan.name}.orphan"))
    draft.replace(path)
    flush_directory(path.parent)


def _companions(path: Path) -> tuple[Path, Path]:
    return path.with_name(f"{path.name}-wal"), path.with_name(f"{path.name}-shm")


def _upgrade(path: Path, scripts: Path) -> None:
    """Run the missing migrations in one transaction: a kill in the middle leaves the old schema.

    Foreign keys are off meanwhile and checked at the end. A batch operation drops the old copy of a table,
    and with foreign keys on that would delete every row that refers to it.
    """
    from alembic import command
    from alembic.config import Config
    from sqlalchemy import NullPool, create_engine

    config = Config()
    config.set_main_option("script_location", str(scripts).replace("%", "%%"))
    opener = partial(connect, path, foreign_keys=False)
    with create_engine("sqlite://", creator=opener, poolclass=NullPool).begin() as connection:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        if broken := connection.exec_driver_sql("PRAGMA foreign_key_check").all():
            raise damaged(path, f"{len(broken)} rows refer to rows that are not there")
