"""What an annotation allows, said in words and as JSON Schema. It checks no value; `parameters` does.

Annotations are `int`, `float`, `bool`, `str`, `Literal`, lists, TypedDicts and unions of them, with limits
from `annotated_types` in `Annotated`.
"""

from __future__ import annotations

import types
import typing
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from annotated_types import Ge, GroupedMetadata, Gt, Le, Lt, MaxLen, MinLen
from typing_extensions import is_typeddict

_KINDS = {bool: "boolean", int: "integer", float: "number", str: "string"}
_WORDS = {
    "boolean": ("true or false", "true 或 false"),
    "integer": ("an integer", "整数"),
    "number": ("a number", "数"),
    "string": ("a text", "文本"),
    "any": ("nested lists of numbers", "数的嵌套列表"),
}


@dataclass(frozen=True, slots=True)
class Allowed:
    """One member of a union: a JSON type, with its options or limits, and what a list or an object holds."""

    kind: str
    options: tuple[Any, ...] = ()
    limits: tuple[Any, ...] = ()
    items: tuple[Allowed, ...] = ()
    fields: Mapping[str, tuple[Allowed, ...]] = field(default_factory=dict)

    @property
    def is_exact(self) -> bool:
        """Whether this is a list of one certain length."""
        least, most = self.limit(MinLen), self.limit(MaxLen)
        return bool(least and most and least.min_length == most.max_length)

    def limit(self, *kinds: type) -> Any:
        """Return the first limit of one of `kinds` (`Ge`, `MaxLen`, ...) or None."""
        return next((limit for limit in self.limits if isinstance(limit, kinds)), None)


def read(hint: Any, limits: tuple[Any, ...] = ()) -> tuple[Allowed, ...]:
    """Return the members of `hint`, None left out; limits around a union hold for each of them."""
    origin, args = get_origin(hint), get_args(hint)
    if hint is types.NoneType:
        return ()
    if origin is Annotated:
        return read(args[0], limits + tuple(_flat(args[1:])))
    if origin in (Union, types.UnionType):
        return tuple(member for arg in args for member in read(arg, limits))
    if origin in (typing.Required, typing.NotRequired):
        return read(args[0])
    if is_typeddict(hint):
        hints = typing.get_type_hints(hint, include_extras=True)
        return (Allowed("object", fields={key: read(value) for key, value in hints.items()}),)
    if origin is Literal:
        return (Allowed(_KINDS[type(args[0])], options=args),)
    if origin in (list, Sequence):
        return (Allowed("array", limits=limits, items=read(args[0])),)
    return (Allowed(_KINDS.get(hint, "any"), limits=limits),)


def inside(allowed: tuple[Allowed, ...], path: Iterable[int | str]) -> tuple[Allowed, ...]:
    """Return what is allowed at `path`, list positions and object keys, inside a value."""
    for step in path:
        if isinstance(step, int):
            allowed = next((a.items for a in allowed if a.items), ())
        else:
            allowed = next((a.fields[step] for a in allowed if step in a.fields), ())
    return allowed


def words(allowed: tuple[Allowed, ...]) -> tuple[str, str]:
    """Return what is allowed, in English and Chinese: "an integer in [1, 16]", "[1, 16] 内的整数"."""
    # Lists last: "a list of 2 items, each an integer or same" would be read wrongly.
    said = [_member_words(member) for member in sorted(allowed, key=lambda member: bool(member.items))]
    return " or ".join(en for en, _ in said), " 或 ".join(zh for _, zh in said)


def json_schema(allowed: tuple[Allowed, ...]) -> dict[str, Any]:
    """Return `type`, `enum`, `items` and `properties` of the first member; small models read no unions."""
    first = allowed[0]
    if first.kind == "any":
        return {}
    schema: dict[str, Any] = {"type": first.kind}
    if first.options:
        schema["enum"] = list(first.options)
    if first.items:
        schema["items"] = json_schema(first.items)
    if first.fields:
        schema["properties"] = {key: json_schema(value) for key, value in first.fields.items()}
    return schema


def _flat(metadata: Iterable[Any]) -> Iterable[Any]:
    """Yield limits one by one; `Interval` and `Len` are groups of them."""
    for item in metadata:
        if isinstance(item, GroupedMetadata):
            yield from item
        else:
            yield item


def _member_words(member: Allowed) -> tuple[str, str]:
    if member.options:
        options = [str(option) for option in member.options]
        several = len(options) > 1
        return ("one of " if several else "") + ", ".join(options), "、".join(options) + (
            "之一" if several else ""
        )
    if member.kind == "array" and member.items and member.items[0].kind == "any":
        return _WORDS["any"]
    if member.kind == "array":
        en, zh = words(member.items)
        count, count_zh = _length(member)
        return f"a list of {count}each {en}", f"{count_zh}的列表，每项为 {zh}"
    if member.kind == "object":
        keys = "{" + ", ".join(member.fields) + "}"
        return f"an object {keys}", f"对象 {keys}"
    en, zh = _WORDS[member.kind]
    low, high = member.limit(Ge, Gt), member.limit(Le, Lt)
    if low and high:
        left = f"[{low.ge:g}" if isinstance(low, Ge) else f"({low.gt:g}"
        right = f"{high.le:g}]" if isinstance(high, Le) else f"{high.lt:g})"
        return f"{en} in {left}, {right}", f"{left}, {right} 内的{zh}"
    if low:
        side = f">= {low.ge:g}" if isinstance(low, Ge) else f"> {low.gt:g}"
        return f"{en} {side}", f"{side} 的{zh}"
    if high:
        side = f"<= {high.le:g}" if isinstance(high, Le) else f"< {high.lt:g}"
        return f"{en} {side}", f"{side} 的{zh}"
    return en, zh


def _length(member: Allowed) -> tuple[str, str]:
    """Return how long a list may be: "2 to 50 items, ", "2 到 50 项"."""
    least, most = member.limit(MinLen), member.limit(MaxLen)
    low = least.min_length if least else 0
    if most is None:
        return ("items, ", "若干项") if low == 0 else (f"at least {low} items, ", f"至少 {low} 项")
    high = most.max_length
    if low == high:
        return f"{high} items, ", f"{high} 项"
    return f"{low} to {high} items, ", f"{low} 到 {high} 项"
