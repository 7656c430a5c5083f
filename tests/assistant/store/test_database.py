"""A file that cannot be used is explained, never deleted, and read where reading is still possible."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from assistant.store import Store, StoreError, Turn
from assistant.store.connection import BUSY_TIMEOUT, connect
from assistant.store.database import Database
from assistant.store.migration import known_versions
from tests.assistant.store.conftest import NOW, ask, read_only

TURN = Turn("question", "question", {"answer": "answer"}, NOW)


def not_a_database(path: Path) -> None:
    path.write_text("just a text, and a long one, so that SQLite reads a whole header\n" * 20)


def one_byte(path: Path) -> None:
    path.write_bytes(b"x")


def cut_off(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: 4096 + 100])


def overwritten_in_the_middle(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[4096 : len(content)] = b"\xa5" * (len(content) - 4096)
    path.write_bytes(content)


def of_another_program(path: Path) -> None:
    path.unlink()
    ask(path, "CREATE TABLE bookmarks (url)")


@pytest.mark.parametrize(
    "damage", [not_a_database, one_byte, cut_off, overwritten_in_the_middle, of_another_program]
)
def test_a_damaged_file_is_named_with_the_way_out_and_left_as_it_is(
    home: Path, damage: Callable[[Path], None]
) -> None:
    store = Store(home)
    session = store.history.start("local", NOW)
    damage(store.path)
    before = store.path.read_bytes()
    uses: list[Callable[[], object]] = [
        lambda: store.history.turns(session),
        lambda: store.history.append(session, TURN),
        lambda: store.forget("local"),
    ]
    for use in uses:
        with pytest.raises(StoreError) as caught:
            use()
        assert str(store.path) in caught.value.message
        assert f"Move {store.path} away" in caught.value.hint
        assert store.path.read_bytes() == before


def test_a_newer_schema_names_both_versions_and_asks_for_an_upgrade(home: Path) -> None:
    store = Store(home)
    store.history.start("local", NOW)
    ask(store.path, "UPDATE alembic_version SET version_num = '0907'")
    uses: list[Callable[[], object]] = [
        lambda: store.history.latest("local"),
        lambda: store.history.start("local", NOW),
    ]
    for use in uses:
        with pytest.raises(StoreError, match=f"'0907'.*'{known_versions()[-1]}'") as caught:
            use()
        assert caught.value.hint.startswith("Upgrade the program")


def test_a_read_only_home_without_a_database_reads_as_empty_and_says_why_it_cannot_write(
    open_folder: Path,
) -> None:
    Store(open_folder / "warm").gaps.record("local", "imports what is imported late", (), NOW)
    home = open_folder / "home"
    home.mkdir()
    with read_only(home):
        assert Store(home).history.latest("local") is None
        with pytest.raises(StoreError) as caught:
            Store(home).history.start("local", NOW)
    assert str(home / "study.db") in caught.value.message
    assert caught.value.hint == f"Make {home} writable, or set ASSISTANT_HOME to a folder that is."


def test_a_read_only_home_is_still_read(open_folder: Path) -> None:
    store = Store(open_folder / "home")
    session = store.history.start("local", NOW)
    store.history.append(session, TURN)
    with read_only(store.path.parent):
        assert store.history.latest("local") == session
        assert store.history.turns(session) == (TURN,)
        with pytest.raises(StoreError, match="cannot be written") as caught:
            store.history.append(session, TURN)
        assert "ASSISTANT_HOME" in caught.value.hint
    assert store.history.turns(session) == (TURN,)


def crashed(store: Store, session: str, home: Path) -> None:
    """Copy to `home` what a killed writer leaves: one turn in the main file, one only in the WAL."""
    store.history.append(session, TURN)
    home.mkdir()
    with closing(connect(store.path)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM chat_turn").fetchall()  # as long as it reads, the WAL is not emptied
        store.history.append(session, Turn("in the WAL", "", {}, NOW))
        for file in store.path.parent.glob("study.db*"):
            shutil.copyfile(file, home / file.name)


def test_what_a_killed_writer_left_in_the_wal_is_read_from_a_read_only_home(open_folder: Path) -> None:
    store, home = Store(open_folder / "origin"), open_folder / "home"
    session = store.history.start("local", NOW)
    crashed(store, session, home)
    with read_only(home):
        assert [t.question for t in Store(home).history.turns(session)] == ["question", "in the WAL"]


def test_a_wal_that_cannot_be_read_is_an_error_and_not_an_older_history(open_folder: Path) -> None:
    store, home = Store(open_folder / "origin"), open_folder / "home"
    session = store.history.start("local", NOW)
    crashed(store, session, home)
    (home / "study.db-shm").unlink()
    with read_only(home), pytest.raises(StoreError, match="cannot be opened"):
        Store(home).history.turns(session)
    assert len(Store(home).history.turns(session)) == 2


@pytest.mark.parametrize("make", [Path.mkdir, Path.touch])
def test_a_path_that_something_else_stands_on_is_an_error_with_a_hint(
    home: Path, make: Callable[[Path], None]
) -> None:
    blocked = home if make is Path.touch else home / "study.db"
    blocked.parent.mkdir(parents=True, exist_ok=True)
    make(blocked)
    with pytest.raises(StoreError) as caught:
        Store(home).history.start("local", NOW)
    assert caught.value.hint


def test_a_writer_that_waits_too_long_says_that_another_program_holds_the_database(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("assistant.store.connection.BUSY_TIMEOUT", 0.05)
    store = Store(home)
    store.history.start("local", NOW)
    with closing(sqlite3.connect(store.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match="held by another program"):
            store.history.start("local", NOW)
        assert store.history.latest("local") is not None, "a writer does not keep readers out"


def test_every_connection_waits_for_writers_and_holds_references(home: Path) -> None:
    store = Store(home)
    store.history.start("local", NOW)
    with closing(connect(store.path)) as connection:
        assert connection.execute("PRAGMA busy_timeout").fetchone() == (BUSY_TIMEOUT * 1000,)
        assert connection.execute("PRAGMA foreign_keys").fetchone() == (1,)
        assert connection.execute("PRAGMA secure_delete").fetchone() == (1,)


def test_a_transaction_that_reads_before_it_writes_waits_for_its_turn(home: Path) -> None:
    store = Store(home)
    store.gaps.record("local", "GAN", (), NOW)

    def count_once_more(_: int) -> None:
        with Database(store.path).writing() as connection:
            (count,) = connection.exec_driver_sql("SELECT count FROM gap").one()
            connection.exec_driver_sql("UPDATE gap SET count = ?", (count + 1,))

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(count_once_more, range(40)))
    assert [g.count for g in store.gaps.most_asked("local")] == [41]


def test_an_exception_undoes_the_transaction(home: Path) -> None:
    store = Store(home)
    session = store.history.start("local", NOW)

    def delete_and_fail() -> None:
        with Database(store.path).writing() as connection:
            connection.exec_driver_sql("DELETE FROM chat_session")
            raise KeyError

    with pytest.raises(KeyError):
        delete_and_fail()
    assert store.history.latest("local") == session
