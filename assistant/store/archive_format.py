"""The file that holds all of one learner's state: versioned JSON, plain or gzipped, checked before it is believed.

The shape of each table is taken from the table itself, so that one that comes later is in the file without a word here.
A number that only counts the rows is left out: the order in the file says the same.
"""

from __future__ import annotations

import gzip
import json
import zlib
from base64 import b64decode, b64encode
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    JsonValue,
    StringConstraints,
    ValidationError,
    create_model,
)
from sqlalchemy import JSON, Boolean, Column, Date, Float, Integer, LargeBinary, Table

from assistant.store.ownership import counter, owned_tables
from assistant.store.tables import Moment
from corpus.errors import StudyError

FORMAT = "interview-study-assistant/data"
#: Of the file as a whole; the tables in it have the version of the schema.
VERSION = 1
#: Bytes of a file, unpacked. Ten thousand answers with their grades are 30 MB.
MAX_BYTES = 400_000_000
_GZIP = b"\x1f\x8b"
_HINT = "Give a file that `assistant data export` wrote."


class ArchiveError(StudyError):
    """A file that is no export of a learner's state, is damaged, or is too large. Nothing was changed."""


class _Strict(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class Head(_Strict):
    """What a file says of itself."""

    format: Literal["interview-study-assistant/data"]
    version: Literal[1]
    schema_version: Annotated[str, StringConstraints(pattern=r"^\d{4}$")]
    learner: Annotated[str, StringConstraints(min_length=1, max_length=500)]
    exported_at: AwareDatetime
    tables: dict[str, list[dict[str, Any]]]


Row = Mapping[str, Any]
"""One row as Python values, by column."""


@cache
def _tables_model() -> type[BaseModel]:
    """Return the model of all tables: a list of rows each, empty where a table is left out."""
    fields: dict[str, Any] = {
        table.name: (list[_row_model(table)], Field(default_factory=list))  # type: ignore[misc]
        for table, _ in owned_tables()
    }
    return create_model("Tables", __base__=_Strict, **fields)


def _row_model(table: Table) -> type[BaseModel]:
    fields: dict[str, Any] = {
        column.name: (_type(column) | None, None) if column.nullable else (_type(column), ...)
        for column in columns_of(table)
    }
    # A column may be called as something that pydantic has a method for; nothing here calls those.
    return create_model(f"Row of {table.name}", __base__=_Strict, **fields)


def columns_of(table: Table) -> tuple[Column[Any], ...]:
    """Return the columns that are in the file: all but the learner, and the number of the row."""
    return tuple(
        column for column in table.columns if column.name != "learner" and column is not counter(table)
    )


def _type(column: Column[Any]) -> Any:
    match column.type:
        case Moment():
            return AwareDatetime
        case Date():
            return date
        case JSON():
            return JsonValue
        case LargeBinary():
            return Annotated[bytes, BeforeValidator(_bytes)]
        case Boolean():
            return bool
        case Float():
            return Annotated[float, Field(allow_inf_nan=False)]
        case Integer():
            return Annotated[int, Field(ge=-(2**63), lt=2**63)]
        case _:
            return str


def _bytes(text: object) -> bytes:
    """Return what base64 stands for; letters that are none of its own are an error, not skipped over."""
    if not isinstance(text, str):
        raise ValueError("not base64 text")
    return b64decode(text, validate=True)


def packed(learner: str, schema_version: str, tables: Mapping[str, Iterable[Row]], now: datetime) -> bytes:
    """Return the file that holds `tables`."""
    value = {
        "format": FORMAT,
        "version": VERSION,
        "schema_version": schema_version,
        "learner": learner,
        "exported_at": now.isoformat(),
        "tables": {
            name: [{key: _as_json(item) for key, item in row.items()} for row in rows]
            for name, rows in tables.items()
        },
    }
    return (json.dumps(value, ensure_ascii=False, indent=1, allow_nan=False) + "\n").encode()


def _as_json(value: object) -> object:
    if isinstance(value, date):  # a datetime is one, too
        return value.isoformat()
    return b64encode(value).decode() if isinstance(value, bytes) else value


def unpacked(path: Path, newest: str) -> tuple[Head, dict[str, list[Row]]]:
    """Return what the file at `path` says of itself, and its tables. `newest` is the schema version known here.

    Raises `ArchiveError`.
    """
    data = _read(path)
    try:
        head = Head.model_validate_json(data)
    except ValidationError as error:
        raise ArchiveError(f"{str(path)!r} is no export of this program ({_told(error)})", _HINT) from None
    if head.schema_version > newest:
        raise ArchiveError(
            f"{str(path)!r} has schema version {head.schema_version!r}, the newest known here is {newest!r}",
            "Upgrade the program.",
        )
    try:
        # Dates are text in the file, which only the JSON side of the model reads.
        model = _tables_model().model_validate_json(json.dumps(head.tables))
    except ValidationError as error:
        raise ArchiveError(f"{str(path)!r} is damaged ({_told(error)})", _HINT) from None
    return head, {name: [dict(row) for row in rows] for name, rows in model}


def _read(path: Path) -> bytes:
    """Return the bytes of a file, unpacked where they are gzipped, whatever it is called."""
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
        if data.startswith(_GZIP):
            with gzip.open(BytesIO(data)) as unzipped:
                data = unzipped.read(MAX_BYTES + 1)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise ArchiveError(f"{str(path)!r} is damaged ({error})", _HINT) from error
    except OSError as error:
        raise ArchiveError(f"{str(path)!r} cannot be read ({error.strerror or error})", _HINT) from error
    if len(data) > MAX_BYTES:
        raise ArchiveError(f"{str(path)!r} is larger than {MAX_BYTES:,} bytes", _HINT)
    return data


def _told(error: ValidationError) -> str:
    """Return the first thing wrong with a file, and where it is."""
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    where = " › ".join(map(str, first["loc"]))
    return f"{where}: {first['msg']}" if where else str(first["msg"])
