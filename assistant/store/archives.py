"""All state of one learner out of the database, and back into one: this one, another machine's, or after a mishap.

A row and those that hang on it (a card and its reviews) are one thing. What is not here yet is added. What is here
already, by the same card, question or interview, stays, unless the file saw it later: then the file's takes its place
whole, so that the reviews always replay to the card. The same file twice therefore changes nothing the second time.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import Connection, Table, delete, insert, select, update
from sqlalchemy.exc import SQLAlchemyError

from assistant.grading.types import Level
from assistant.store.archive_format import ArchiveError, Row, columns_of, packed, unpacked
from assistant.store.database import Database
from assistant.store.migration import known_versions
from assistant.store.ownership import belongs, counts, identity, owned_tables
from assistant.store.tables import Moment
from corpus.errors import StudyError

_LONG_AGO = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Restored:
    """What an import did, in rows by table: added, replaced because the file was later, and left as they were."""

    learner: str
    added: Mapping[str, int]
    replaced: Mapping[str, int]
    kept: Mapping[str, int]


@dataclass(slots=True)
class _Tally:
    """Counts of one import, and where the rows of the file went: id in the file -> id here, None where it stays out."""

    added: dict[str, int] = field(default_factory=dict)
    replaced: dict[str, int] = field(default_factory=dict)
    kept: dict[str, int] = field(default_factory=dict)
    ids: dict[tuple[str, object], object] = field(default_factory=dict)


class Archives:
    """Exports and imports of `learner` in `database`."""

    def __init__(self, database: Database, learner: str = "local") -> None:
        self._database = database
        self._learner = learner

    def of(self, learner: str) -> Archives:
        """Return the same of another learner."""
        return Archives(self._database, learner)

    def counts(self) -> dict[str, int]:
        """Return how many rows the learner has in each table, tables without any left out."""
        if not self._database.exists:
            return {}
        with self._database.reading() as connection:
            return counts(connection, self._learner)

    def export(self, now: datetime) -> bytes:
        """Return everything of the learner as a file. Raises `StoreError`."""
        tables: dict[str, list[Row]] = {table.name: [] for table, _ in owned_tables()}
        if self._database.exists:
            with self._database.reading() as connection:
                for table, _ in owned_tables():
                    rows = connection.execute(
                        select(*columns_of(table))
                        .where(belongs(table, self._learner))
                        .order_by(*table.primary_key.columns)
                    )
                    tables[table.name] = [dict(row) for row in rows.mappings()]
        return packed(self._learner, known_versions()[-1], tables, now)

    def restore(self, path: Path, learner: str | None = None) -> Restored:
        """Take in what the file at `path` holds, for the learner it names or for another one.

        It is tried in an empty database first, and read there by everything that reads it later: a file that is
        damaged in any way changes nothing. Raises `ArchiveError` and `StoreError`.
        """
        head, tables = unpacked(path, known_versions()[-1])
        whose = learner or head.learner
        try:
            with TemporaryDirectory() as folder:
                trial = Database(Path(folder) / "study.db")
                with trial.writing() as connection:
                    _merge(connection, whose, tables)
                _read_back(trial, whose, tables)
        except (SQLAlchemyError, StudyError, ValueError, KeyError, TypeError, OverflowError) as error:
            said = error.message if isinstance(error, StudyError) else str(getattr(error, "orig", error))
            told = said or type(error).__name__
            raise ArchiveError(
                f"{str(path)!r} is damaged ({told})", "Export it anew; nothing was changed here."
            ) from error
        with self._database.writing() as connection:
            tally = _merge(connection, whose, tables)
        return Restored(whose, tally.added, tally.replaced, tally.kept)


def _merge(connection: Connection, learner: str, tables: Mapping[str, list[Row]]) -> _Tally:
    tally = _Tally()
    for table, parent in owned_tables():
        if parent is None:
            _merge_owned(connection, table, learner, tables, tally)
        else:
            column, owner = parent.parent, parent.column.table
            new_rows: list[Row] = []
            for row in tables[table.name]:
                there = (owner.name, row[column.name])
                if there not in tally.ids:
                    raise ArchiveError(f"{table.name}: there is no {owner.name} {row[column.name]!r}")
                if (new := tally.ids[there]) is None:
                    _count(tally.kept, table)
                else:
                    new_rows.append({**row, column.name: new})
            _insert(connection, table, new_rows, tally)
    return tally


def _merge_owned(
    connection: Connection, table: Table, learner: str, tables: Mapping[str, list[Row]], tally: _Tally
) -> None:
    """Add or replace the rows of a table that says whose they are."""
    here = {_name(table, row): row for row in _rows(connection, table, learner)}
    children = _children(table)
    stored = _by_parent(children, {child.name: _rows(connection, child, learner) for child in children})
    given = _by_parent(children, {c.name: tables[c.name] for c in children})
    seen: set[str] = set()
    new_rows: list[Row] = []
    for row in tables[table.name]:
        name = _name(table, row)
        if name in seen:
            raise ArchiveError(f"{table.name}: {name} is there twice")
        seen.add(name)
        own_id = row.get("id")
        present = here.get(name)
        if present is None:
            values = {**row, "learner": learner}
            if own_id is not None:
                tally.ids[table.name, own_id] = values["id"] = _free(connection, table, own_id)
            new_rows.append(values)
            continue
        key = [column == present[column.name] for column in table.primary_key.columns]
        at_hand = (present, *stored.get(present.get("id"), ()))
        if _latest(table, children, (row, *given.get(own_id, ()))) <= _latest(table, children, at_hand):
            tally.ids[table.name, own_id] = None
            _count(tally.kept, table)
            continue
        for child, column in children.items():
            connection.execute(delete(child).where(child.c[column] == present["id"]))
        values = {k: value for k, value in row.items() if k not in table.primary_key.columns}
        connection.execute(update(table).where(*key).values(values))
        tally.ids[table.name, own_id] = present.get("id")
        _count(tally.replaced, table)
    _insert(connection, table, new_rows, tally)


def _insert(connection: Connection, table: Table, rows: list[Row], tally: _Tally) -> None:
    if rows:
        connection.execute(insert(table), [dict(row) for row in rows])
        tally.added[table.name] = len(rows)


def _rows(connection: Connection, table: Table, learner: str) -> list[Row]:
    return [dict(row) for row in connection.execute(select(table).where(belongs(table, learner))).mappings()]


def _children(table: Table) -> dict[Table, str]:
    """Return the tables whose rows hang on those of `table`, and the column that says on which."""
    return {
        child: key.parent.name
        for child, key in owned_tables()
        if key is not None and key.column.table is table
    }


def _by_parent(children: Mapping[Table, str], rows: Mapping[str, Iterable[Row]]) -> dict[object, list[Row]]:
    found: dict[object, list[Row]] = {}
    for child, column in children.items():
        for row in rows[child.name]:
            found.setdefault(row[column], []).append(row)
    return found


def _latest(table: Table, children: Mapping[Table, str], rows: Iterable[Row]) -> datetime:
    """Return when anything in `rows` happened last. A moment that lies ahead, when a card is due, is no such thing."""
    happened = {
        column.name
        for one in (table, *children)
        for column in one.columns
        if isinstance(column.type, Moment) and not column.info.get("ahead")
    }
    moments = (row[name] for row in rows for name in happened if row.get(name) is not None)
    return max(moments, default=_LONG_AGO)


def _name(table: Table, row: Row) -> str:
    """Return what a row is recognised by, as text."""
    values = [row[column.name] for column in identity(table)]
    return json.dumps(values, ensure_ascii=False, sort_keys=True, default=str)


def _free(connection: Connection, table: Table, own_id: object) -> object:
    """Return the id of a row, or a new one where a row of somebody else has it."""
    taken = connection.execute(select(table.c.id).where(table.c.id == own_id)).first()
    if taken is None:
        return own_id
    from ulid import ULID

    return str(ULID())


def _count(tally: dict[str, int], table: Table) -> None:
    tally[table.name] = tally.get(table.name, 0) + 1


def _read_back(database: Database, learner: str, tables: Mapping[str, list[Row]]) -> None:
    """Read everything the way that the rest of the program does; whatever it cannot read raises."""
    from assistant.store.answers import Answers
    from assistant.store.gaps import Gaps
    from assistant.store.grading import Grading
    from assistant.store.history import History
    from assistant.store.interviews import Interviews
    from assistant.store.questions import Questions
    from assistant.store.reviews import Reviews

    Gaps(database).most_asked(learner)
    Questions(database, learner).listed()
    reviews = Reviews(database, learner)
    reviews.cards()
    reviews.log()
    for row in tables["answer"]:
        grade = row["grade"]
        Level(grade["level"])
        float(grade["score"]), str(grade["subject"]), bool(grade["contradicted"])
    Answers(database, learner).entries()
    for chat in tables["chat_session"]:
        History(database).turns(chat["id"])
    # One that an earlier version wrote and this one cannot read is told where it is opened, and spoils no import.
    Interviews(database, learner).listed()
    kept = Grading(database, learner)
    for points in tables["key_points"]:
        kept.points(points["topic"], points["digest"])
    for overruled in tables["grade_overrule"]:
        Level(overruled["level"])
