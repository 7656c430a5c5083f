"""The store as a whole: it appears with the first row, is private, and can forget."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from assistant.store import Store, Turn
from assistant.store.tables import metadata
from tests.assistant.store.conftest import NOW, ask

TURN = Turn("question", "question", {"answer": "answer"}, NOW)


def test_reading_an_empty_home_finds_nothing_and_leaves_no_trace(home: Path) -> None:
    store = Store(home)
    assert store.history.latest("local") is None
    assert store.history.turns("01M84BCJZVJ0F2ZTX6HMNFC6HN") == ()
    assert store.gaps.most_asked("local") == ()
    store.forget("local")
    assert not home.exists()


def test_the_first_row_creates_a_private_database_in_wal_mode(home: Path) -> None:
    Store(home).history.start("local", NOW)
    database = home / "study.db"
    assert database.stat().st_mode & 0o777 == 0o600
    assert home.stat().st_mode & 0o777 == 0o700
    assert ask(database, "PRAGMA journal_mode") == [("wal",)]
    assert {p.name for p in home.iterdir()} <= {"study.db", "study.db.lock"}


def test_an_empty_file_counts_as_no_database(home: Path) -> None:
    home.mkdir()
    (home / "study.db").touch()
    assert Store(home).history.latest("local") is None
    session = Store(home).history.start("local", NOW)
    assert Store(home).history.latest("local") == session


def test_a_home_with_odd_characters_is_a_home_like_any_other(tmp_path: Path) -> None:
    home = tmp_path / "学习 100% #1?&mode=ro"
    session = Store(home).history.start("local", NOW)
    assert Store(home).history.latest("local") == session
    assert (home / "study.db").is_file()


def test_a_database_that_is_moved_away_under_a_running_program_is_begun_anew(home: Path) -> None:
    store = Store(home)
    old = store.history.start("local", NOW)
    (home / "study.db").rename(home / "kept.db")
    (home / "study.db-wal").write_bytes(b"belongs to kept.db")
    assert store.history.latest("local") is None
    new = store.history.start("local", NOW)
    assert store.history.latest("local") == new
    assert ask(home / "kept.db", "SELECT id FROM chat_session") == [(old,)]
    assert (home / "study.db-wal.orphan").read_bytes() == b"belongs to kept.db"


def test_forgetting_a_learner_takes_every_row_of_theirs_and_none_of_others(home: Path) -> None:
    store = Store(home)
    for learner in ("local", "key:a"):
        session = store.history.start(learner, NOW)
        store.history.append(session, TURN)
        store.gaps.record(learner, "GAN", (), NOW)
    store.forget("local")
    assert store.history.latest("local") is None
    assert store.gaps.most_asked("local") == ()
    assert store.history.turns(session) == (TURN,)
    assert len(store.gaps.most_asked("key:a")) == 1
    assert ask(store.path, "SELECT count(*) FROM chat_turn") == [(1,)]


def test_what_is_forgotten_is_not_left_in_the_file(home: Path) -> None:
    store = Store(home)
    session = store.history.start("local", NOW)
    store.history.append(session, Turn("a secret question", "", {"answer": "xyzzy" * 5000}, NOW))
    assert b"a secret question" in store.path.read_bytes()
    store.forget("local")
    for file in home.iterdir():
        assert b"a secret question" not in file.read_bytes()
        assert b"xyzzy" not in file.read_bytes()


def test_every_table_says_whose_its_rows_are() -> None:
    owned = {table.name for table in metadata.tables.values() if "learner" in table.c}
    for table in metadata.sorted_tables:  # parents come before children
        if table.name not in owned:
            parents = [key.column.table.name for key in table.foreign_keys if key.ondelete == "CASCADE"]
            assert owned & set(parents), f"nothing of {table.name} would be forgotten"
            owned.add(table.name)


def loaded(code: str) -> set[str]:
    """Return which of the heavy libraries a fresh interpreter holds after `code`."""
    names = "alembic sqlalchemy filelock ulid"
    probe = f"\nimport sys\nprint(*(n for n in {names!r}.split() if n in sys.modules))"
    run = subprocess.run([sys.executable, "-c", code + probe], capture_output=True, text=True, check=True)
    return set(run.stdout.split())


def test_importing_the_store_imports_no_library() -> None:
    assert loaded("import assistant.store; assistant.store.Store") == set()


def test_alembic_is_imported_when_a_schema_is_made_and_never_after(home: Path) -> None:
    code = f"""
from datetime import datetime, UTC
from pathlib import Path
from assistant.store import Store, Turn
store, now = Store(Path({str(home)!r})), datetime.now(UTC)
store.gaps.record("local", "GAN", (), now)
assert store.history.latest("local") is None
store.forget("local")
"""
    assert "alembic" in loaded(code)
    assert loaded(code) == {"sqlalchemy"}
