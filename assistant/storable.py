"""Values as JSON that can be stored, whatever bytes a path or an answer holds. What they mean is not known here."""

from __future__ import annotations

from typing import Any, TypeVar

from pydantic import TypeAdapter
from pydantic_core import PydanticSerializationError

T = TypeVar("T")


def storable(value: T, adapter: TypeAdapter[T]) -> T:
    """Return `value` with every text such as JSON takes: a path that is no UTF-8 loses the bytes that are none."""
    try:
        adapter.dump_json(value)
    except PydanticSerializationError:
        return adapter.validate_python(_readable(adapter.dump_python(value)))
    return value


def storable_text(text: str) -> str:
    """Return `text` such as JSON takes."""
    return text.encode("utf-8", "replace").decode()


def _readable(value: Any) -> Any:
    """Return `value` with its texts as UTF-8 can write them, however deep they lie."""
    match value:
        case str():
            return storable_text(value)
        case dict():
            return {key: _readable(inner) for key, inner in value.items()}
        case list() | tuple():
            return [_readable(inner) for inner in value]
        case _:
            return value
