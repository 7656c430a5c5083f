"""The migrations lead to the tables that the code declares, and take the rows along."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Column, Engine, Index, MetaData, NullPool, Text, create_engine

from assistant.store import Store, Turn
from assistant.store.database import Database
from assistant.store.gaps import Gaps
from assistant.store.history import History
from assistant.store.migration import SCRIPTS, bring_up_to_date, known_versions
from assistant.store.service_tables import service_metadata
from assistant.store.tables import metadata
from tests.assistant.store.conftest import NOW, ask

NEWEST = known_versions()[-1]
#: Learners' tables and those of the service.
ALL = [metadata, service_metadata]
NEXT = f"{int(NEWEST) + 1:04d}"

# Rebuilds the parent table: the operation that deletes every child row if foreign keys are on.
ADDING = f'''"""A version of the tests' own, after the newest one."""
import sqlalchemy as sa
from alembic import op
revision = "{NEXT}"
down_revision = "{NEWEST}"

def upgrade() -> None:
    with op.batch_alter_table("chat_session", recreate="always") as table:
        table.add_column(sa.Column("title", sa.Text(), nullable=False, server_default=""))
'''
FAILING = ADDING + '    raise RuntimeError("half way")\n'
ORPHANING = ADDING + '    op.execute("DELETE FROM chat_session")\n'


def engine(path: Path) -> Engine:
    return create_engine(f"sqlite:///{path}", poolclass=NullPool)


def differences(path: Path, declared: list[MetaData]) -> list[Any]:
    """Return what Alembic's autogenerate would write to lead from the file at `path` to `declared`."""
    options = {"compare_type": True, "compare_server_default": True}
    with engine(path).connect() as connection:
        here = MigrationContext.configure(connection, opts=options)
        found: list[Any] = compare_metadata(here, declared)  # type: ignore[arg-type]  # it takes several, too
    return found


def with_next(folder: Path, script: str) -> Path:
    scripts = folder / "100% migrations"
    shutil.copytree(SCRIPTS, scripts, ignore=shutil.ignore_patterns("__pycache__"))
    (scripts / "versions" / f"{NEXT}_test_only.py").write_text(script)
    return scripts


@pytest.fixture
def populated(home: Path) -> tuple[Store, str]:
    store = Store(home)
    session = store.history.start("local", NOW)
    store.history.append(session, Turn("问", "完整的问", {"answer": "答"}, NOW))
    store.gaps.record("local", "GAN", ("VAE",), NOW)
    return store, session


def test_the_migrated_schema_is_the_declared_one(home: Path) -> None:
    bring_up_to_date(home / "study.db")
    assert differences(home / "study.db", ALL) == []


def test_the_comparison_sees_a_column_a_type_and_an_index_that_no_migration_makes(home: Path) -> None:
    bring_up_to_date(home / "study.db")
    declared = MetaData()
    for table in metadata.sorted_tables:
        table.to_metadata(declared)
    declared.tables["gap"].append_column(Column("answered", Text))
    declared.tables["gap"].c.count.type = Text()
    Index("ix_gap_question", declared.tables["gap"].c.question)
    found = str(differences(home / "study.db", [declared, service_metadata]))
    assert "add_column" in found
    assert "modify_type" in found
    assert "add_index" in found


def test_names_and_cascades_of_constraints_are_the_declared_ones(home: Path, tmp_path: Path) -> None:
    """Alembic compares neither primary keys nor names of foreign keys, so SQLite's own text of them is."""
    bring_up_to_date(home / "study.db")
    for declared_here in ALL:
        declared_here.create_all(engine(tmp_path / "declared.db"))
    query = "SELECT name, sql FROM sqlite_master WHERE name NOT LIKE '%alembic%' ORDER BY name"
    migrated, declared = ask(home / "study.db", query), ask(tmp_path / "declared.db", query)
    assert [(n, constraints(s)) for n, s in migrated] == [(n, constraints(s)) for n, s in declared]
    assert any(constraints(s) for _, s in declared)


def constraints(sql: object) -> set[str]:
    lines = (line.strip().rstrip(",") for line in str(sql).splitlines())
    return {line.rstrip() for line in lines if line.startswith("CONSTRAINT")}


def test_versions_are_numbered_from_one_without_a_hole() -> None:
    assert known_versions() == [f"{n:04d}" for n in range(1, len(known_versions()) + 1)]


def test_a_populated_database_survives_the_next_migration(
    populated: tuple[Store, str], tmp_path: Path
) -> None:
    store, session = populated
    before = store.history.turns(session), store.gaps.most_asked("local")
    database = Database(store.path, with_next(tmp_path, ADDING))
    # Reading is enough to migrate: a query of the new program may name a new column.
    assert (History(database).turns(session), Gaps(database).most_asked("local")) == before
    assert ask(store.path, "SELECT title FROM chat_session") == [("",)]
    assert ask(store.path, "SELECT version_num FROM alembic_version") == [(NEXT,)]
    assert ask(store.path, "PRAGMA journal_mode") == [("wal",)]
    assert store.path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("script", [FAILING, ORPHANING])
def test_a_migration_that_fails_changes_nothing(
    populated: tuple[Store, str], tmp_path: Path, script: str
) -> None:
    store, session = populated
    before = ask(store.path, "SELECT sql FROM sqlite_master ORDER BY name")
    with pytest.raises(Exception, match=r"half way|1 rows refer"):
        Database(store.path, with_next(tmp_path, script)).fetch(metadata.tables["gap"].select())
    assert ask(store.path, "SELECT sql FROM sqlite_master ORDER BY name") == before
    assert len(store.history.turns(session)) == 1


def test_the_next_version_can_also_be_created_from_nothing(home: Path, tmp_path: Path) -> None:
    bring_up_to_date(home / "study.db", with_next(tmp_path, ADDING))
    assert ask(home / "study.db", "SELECT version_num FROM alembic_version") == [(NEXT,)]
