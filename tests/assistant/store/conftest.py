"""A home, a moment, and a read-only place that even root cannot write to."""

from __future__ import annotations

import os
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

NOW = datetime(2026, 3, 1, 9, 30, 15, 123456, tzinfo=UTC)
_NOBODY = 65534


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home that does not exist yet."""
    return tmp_path / "home"


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that others may enter: pytest's own are closed to them."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder


@contextmanager
def read_only(folder: Path) -> Iterator[None]:
    """Make `folder` and its files readable only. Root can write regardless, so root steps down meanwhile."""
    root = os.geteuid() == 0
    for file in folder.iterdir():
        file.chmod(0o400)
        if root:
            os.chown(file, _NOBODY, _NOBODY)
    folder.chmod(0o555)
    if root:
        os.seteuid(_NOBODY)
    try:
        yield
    finally:
        if root:
            os.seteuid(0)
        folder.chmod(0o755)


def ask(path: Path, query: str) -> list[tuple[object, ...]]:
    """Run `query` on the file at `path` with a connection that owes nothing to the code under test."""
    with closing(sqlite3.connect(path)) as connection, connection:
        return connection.execute(query).fetchall()
