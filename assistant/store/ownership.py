"""Which rows are whose. Told from the tables themselves, so a table that comes later needs no word here."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    ForeignKey,
    Integer,
    Table,
    UniqueConstraint,
    func,
    select,
)

from assistant.store.tables import metadata


def owned_tables() -> Iterator[tuple[Table, ForeignKey | None]]:
    """Yield every table, parents before children, with the key to the parent that says whose its rows are.

    A table that has a `learner` column says so itself. Raises `ValueError` for one whose rows would be nobody's.
    """
    told: set[str] = set()
    for table in metadata.sorted_tables:
        parent = None if "learner" in table.c else _parent(table, told)
        told.add(table.name)
        yield table, parent


def belongs(table: Table, learner: str) -> ColumnElement[bool]:
    """Return the condition for the rows of `table` that are `learner`'s."""
    if "learner" in table.c:
        return table.c.learner == learner
    parent = next(key for own, key in owned_tables() if own is table)
    assert parent is not None
    owner = parent.column
    return parent.parent.in_(select(owner).where(belongs(owner.table, learner)))


def counts(connection: Connection, learner: str) -> dict[str, int]:
    """Return how many rows of each table are `learner`'s, tables without any left out."""
    found = {
        table.name: connection.execute(
            select(func.count()).select_from(table).where(belongs(table, learner))
        ).scalar_one()
        for table, _ in owned_tables()
    }
    return {name: count for name, count in found.items() if count}


def counter(table: Table) -> Column[int] | None:
    """Return the column that only numbers the rows in the order in which they came, None where there is none."""
    (key, *more) = table.primary_key.columns
    return key if not more and isinstance(key.type, Integer) else None


def identity(table: Table) -> tuple[Column[object], ...]:
    """Return the columns, beside the learner, by which a row is recognised in another database.

    That is a unique constraint where the table has one: an id made elsewhere may stand for the same thing as one made
    here. Else it is the key; and where that only numbers the rows, everything but the number.
    """
    unique = next((c for c in table.constraints if isinstance(c, UniqueConstraint)), None)
    number = counter(table)
    if unique is not None:
        columns = list(unique.columns)
    elif number is None:
        columns = list(table.primary_key.columns)
    else:
        columns = [column for column in table.columns if column is not number]
    return tuple(column for column in columns if column.name != "learner")


def _parent(table: Table, told: set[str]) -> ForeignKey:
    for key in table.foreign_keys:
        if key.ondelete == "CASCADE" and key.column.table.name in told:
            return key
    raise ValueError(f"nothing says whose the rows of {table.name!r} are")
