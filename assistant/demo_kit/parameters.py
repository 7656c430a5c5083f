"""A demo's signature is its contract: arguments are checked against it and its JSON Schema is drawn from it.

Types and ranges are written once, as annotations; pydantic checks them strictly and every fault becomes one
`DemoError`. What types cannot say (two shapes that must agree) the demo checks itself. A parameter that is
a Python keyword is `in_` in code and `in` outside.
"""

from __future__ import annotations

import inspect
import json
import keyword
import math
import re
import typing
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from functools import cache
from typing import Any, NoReturn, NotRequired

from pydantic import ConfigDict, TypeAdapter, ValidationError, with_config
from pydantic_core import ErrorDetails
from typing_extensions import TypedDict

from assistant.demo_kit.allowed import Allowed, inside, json_schema, read, words
from assistant.demo_kit.arrays import MAX_ELEMENTS
from assistant.demo_kit.types import MAX_SHOWN, DemoError, DemoResult, Fault

#: pydantic's error type -> fault; whatever is not here is a wrong type.
FAULTS: Mapping[str, Fault] = {
    "extra_forbidden": Fault.UNKNOWN_ARG,
    "greater_than": Fault.OUT_OF_RANGE,
    "greater_than_equal": Fault.OUT_OF_RANGE,
    "less_than": Fault.OUT_OF_RANGE,
    "less_than_equal": Fault.OUT_OF_RANGE,
    "literal_error": Fault.OUT_OF_RANGE,
    "too_short": Fault.OUT_OF_RANGE,
    "too_long": Fault.TOO_BIG,
    "finite_number": Fault.NOT_FINITE,
    "missing": Fault.INCONSISTENT,
}

#: What to tell, by fault; `{en}` and `{zh}` are what is allowed.
HINTS: Mapping[Fault, tuple[str, str]] = {
    Fault.UNKNOWN_ARG: ("There is no {param}; known: {en}.", "没有参数 {param}，可用的有：{zh}。"),
    Fault.WRONG_TYPE: ("{param} must be {en}.", "{param} 应为 {zh}。"),
    Fault.SHAPE_MISMATCH: ("{param} must be {en}.", "{param} 应为 {zh}。"),
    Fault.OUT_OF_RANGE: ("{param} must be {en}.", "{param} 超出范围，应为 {zh}。"),
    Fault.TOO_BIG: ("{param} is too long: it must be {en}.", "{param} 太长，应为 {zh}。"),
    Fault.NOT_FINITE: ("{param} must be finite: no nan, no infinity.", "{param} 不能是 nan 或无穷大。"),
    Fault.INCONSISTENT: ("{param} is missing: it must be {en}.", "缺少 {param}，应为 {zh}。"),
}

Demonstration = Callable[..., DemoResult]

_STRICT = ConfigDict(strict=True, extra="forbid", allow_inf_nan=False)
#: Deeper nesting is no tensor; it is left as it is and the check refuses it.
_MAX_DEPTH = 8
#: From here on a float holds whole numbers only and none of them for certain.
_EXACT = 2.0**53


def outside_name(name: str) -> str:
    """Return the name by which users know the parameter `name`: `in_` is `in`."""
    bare = name.removesuffix("_")
    return bare if keyword.iskeyword(bare) else name


def validate(function: Demonstration, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments as `function` takes them, defaults filled in.

    `arguments` uses outside names. Integral floats pass as integers; booleans and numeric strings are no
    numbers; nan and infinity are refused. Raises `DemoError` for the first argument that does not fit.
    """
    for name, value in arguments.items():
        _refuse_endless(name, value)
    given = {name: plain(value) for name, value in arguments.items()}
    try:
        checked = _adapter(function).validate_python(given)
    except ValidationError as error:
        _refuse(function, given, error)
    return {name: checked.get(outside_name(name), default) for name, default in defaults(function).items()}


def schema(function: Demonstration) -> dict[str, Any]:
    """Return the JSON Schema of the parameters that a language model sees.

    As small as models read well: `type`, `description`, `enum`, `items`, `properties`. Ranges and defaults
    are words in the description. Nothing is required, since every parameter has a default.
    """
    said = documented(function)
    properties = {}
    for (name, default), (outside, allowed) in zip(
        defaults(function).items(), accepted(function).items(), strict=True
    ):
        remarks = (
            [] if allowed[0].options or allowed[0].kind in ("string", "boolean") else [words(allowed)[0]]
        )
        if default is not None and len(shown := json.dumps(plain(default))) <= MAX_SHOWN:
            remarks.append(f"default {shown}")
        remark = f" ({'; '.join(remarks)})" if remarks else "."
        properties[outside] = {
            **json_schema(allowed),
            "description": said.get(name, "").rstrip(".") + remark,
        }
    return {"type": "object", "properties": properties, "required": []}


@cache
def accepted(function: Demonstration) -> dict[str, tuple[Allowed, ...]]:
    """Return parameter -> what it may be, by outside names and in the order of the signature."""
    return {outside_name(name): read(hint) for name, hint in _hints(function).items()}


def summary(function: Demonstration) -> str:
    """Return the first line of the docstring without its full stop."""
    return (inspect.getdoc(function) or "").partition("\n")[0].rstrip(".")


def documented(function: Demonstration) -> dict[str, str]:
    """Return parameter -> help from the Google-style `Args:` section of the docstring."""
    _, _, section = (inspect.getdoc(function) or "").partition("\nArgs:\n")
    said: dict[str, str] = {}
    name = ""
    for line in section.splitlines():
        if line and not line.startswith(" "):
            break
        if found := re.match(r" {4}(\w+):\s*(.*)", line):
            name, said[found[1]] = found[1], found[2]
        elif name and line.strip():
            said[name] += " " + line.strip()
    return said


def defaults(function: Demonstration) -> dict[str, Any]:
    """Return parameter -> default, in the order of the signature."""
    return {p.name: p.default for p in inspect.signature(function).parameters.values()}


def plain(value: Any, depth: int = 0) -> Any:
    """Return `value` as JSON would carry it: arrays and tuples as lists, integral floats as integers."""
    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, list | tuple) and depth < _MAX_DEPTH:
        return [plain(item, depth + 1) for item in value]
    if isinstance(value, Mapping) and depth < _MAX_DEPTH:
        return {key: plain(item, depth + 1) for key, item in value.items()}
    is_whole = isinstance(value, float) and value.is_integer() and abs(value) < _EXACT
    return int(value) if is_whole else value


@cache
def _hints(function: Demonstration) -> dict[str, Any]:
    hints = typing.get_type_hints(function, include_extras=True)
    return {name: hints[name] for name in defaults(function)}


@cache
def _adapter(function: Demonstration) -> TypeAdapter[dict[str, Any]]:
    """Return the checker of a dictionary in which every parameter may be left out.

    A dictionary and not a model: a field called `json` or `copy` would shadow a method. What is nested in
    it inherits strictness.
    """
    fields = {outside_name(name): NotRequired[hint] for name, hint in _hints(function).items()}
    make: Any = TypedDict
    return TypeAdapter(with_config(_STRICT)(make(function.__name__, fields)))


def _refuse_endless(param: str, value: Any) -> None:
    """Raise for more elements than any tensor has: pydantic would list a fault for each, in gigabytes."""
    if (count := _count(value)) > MAX_ELEMENTS:
        en, zh = HINTS[Fault.TOO_BIG]
        allowed = (f"at most {MAX_ELEMENTS} elements", f"至多 {MAX_ELEMENTS} 个元素")
        raise DemoError(
            Fault.TOO_BIG,
            param=_cut(param),
            got=f"{count} elements or more",
            allowed=allowed[0],
            hint_en=en.format(param=_cut(param), en=allowed[0]),
            hint_zh=zh.format(param=_cut(param), zh=allowed[1]),
        )


def _count(value: Any, depth: int = 0) -> int:
    """Return how many elements `value` holds; where that is too many, at least how many."""
    if hasattr(value, "shape"):
        return math.prod(value.shape)
    if isinstance(value, Mapping):
        value = list(value.values())
    if not isinstance(value, list | tuple) or depth == _MAX_DEPTH:
        return 1
    count = len(value)
    for item in value:
        if count > MAX_ELEMENTS:
            break
        count += _count(item, depth + 1) - 1
    return count


def _cut(name: str) -> str:
    return name if len(name) <= MAX_SHOWN else f"{name[:MAX_SHOWN]}…"


def _refuse(function: Demonstration, given: Mapping[str, Any], error: ValidationError) -> NoReturn:
    """Raise the one `DemoError` that says most about a failed check.

    Every member of a union reports its own failure: the one that came furthest into the value, and there a
    wrong range before a wrong type, is what was meant.
    """
    details = error.errors(include_url=False, include_context=False)
    known = accepted(function)
    first = [detail for detail in details if detail["loc"][0] == details[0]["loc"][0]]
    found = [(_path(detail, given), _fault(detail), detail["input"]) for detail in first]
    path, fault, got = max(found, key=lambda f: (len(f[0]), f[1] is not Fault.WRONG_TYPE))
    param = str(path[0]) + "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path[1:])
    param = _cut(param)
    if fault is Fault.UNKNOWN_ARG:
        around = inside(known[str(path[0])], path[1:-1]) if len(path) > 1 else ()
        options = list(next((a.fields for a in around if a.fields), known))
        asked, en, zh = str(path[-1]), ", ".join(options), "、".join(options)
    else:
        there = inside(known[str(path[0])], path[1:])
        fault = _refined(fault, got, there)
        options = [option for a in there for option in a.options if isinstance(option, str)]
        asked, (en, zh) = got if isinstance(got, str) else "", words(there)
    allowed = en
    if near := get_close_matches(asked, options, n=1, cutoff=0.5):
        en, zh = f"{en}; did you mean {near[0]}?", f"{zh}；是否想用 {near[0]}？"
    hint_en, hint_zh = (
        hint.format(param=param, en=en, zh=zh).replace("?.", "?").replace("？。", "？")
        for hint in HINTS[fault]
    )
    raise DemoError(fault, param=param, got=got, allowed=allowed, hint_en=hint_en, hint_zh=hint_zh)


def _fault(detail: ErrorDetails) -> Fault:
    got = detail["input"]
    if isinstance(got, float) and not math.isfinite(got):
        return Fault.NOT_FINITE
    return FAULTS.get(detail["type"], Fault.WRONG_TYPE)


def _refined(fault: Fault, got: Any, there: tuple[Allowed, ...]) -> Fault:
    """Return the fault once it is known what was allowed: a wrong length or type is no wrong range."""
    if (
        isinstance(got, list)
        and fault in (Fault.TOO_BIG, Fault.OUT_OF_RANGE)
        and any(a.is_exact for a in there)
    ):
        return Fault.SHAPE_MISMATCH
    if fault is Fault.OUT_OF_RANGE and not _kinds(got) & {a.kind for a in there}:
        return Fault.WRONG_TYPE
    return fault


def _path(detail: ErrorDetails, given: Any) -> list[int | str]:
    """Return where a check failed, without the names of union members that pydantic mixes in."""
    path: list[int | str] = []
    value = given
    for i, step in enumerate(detail["loc"]):
        is_last = i == len(detail["loc"]) - 1
        if isinstance(value, list) and isinstance(step, int):
            value = value[step]
        elif isinstance(value, dict) and (step in value or (is_last and detail["type"] == "missing")):
            value = value.get(step)
        else:
            continue
        path.append(step)
    return path


def _kinds(value: Any) -> set[str]:
    """Return the JSON types `value` counts as; an integer is also a number, a boolean is not."""
    kinds = {bool: {"boolean"}, int: {"integer", "number"}, float: {"number"}, str: {"string"}}
    return kinds.get(type(value), {"array"} if isinstance(value, list) else {"object"})
