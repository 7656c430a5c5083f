"""What a demo returns and how it refuses: the same envelope in the terminal, in JSON and to a model."""

from __future__ import annotations

import json
import reprlib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from assistant.demo_kit.chart import Mark as Mark
from assistant.demo_kit.chart import Plot as Plot
from assistant.demo_kit.chart import Series as Series
from assistant.demo_kit.chart import describe_chart
from corpus.errors import StudyError

#: Rows of a table and points of one plotted series beyond which a result is thinned before it is shown.
MAX_ROWS = 20
MAX_POINTS = 2000
#: Longer values are described, not repeated, in an error.
MAX_SHOWN = 200


class Fault(StrEnum):
    """Why a demo refused its arguments."""

    UNKNOWN_ARG = "unknown_arg"
    WRONG_TYPE = "wrong_type"
    OUT_OF_RANGE = "out_of_range"
    SHAPE_MISMATCH = "shape_mismatch"
    NOT_FINITE = "not_finite"
    TOO_BIG = "too_big"
    INCONSISTENT = "inconsistent"
    UNSUPPORTED = "unsupported"


class DemoError(StudyError):
    """Arguments a demo cannot work with: which parameter, what was given, what is allowed, in zh and en."""

    def __init__(
        self, fault: Fault, *, param: str, got: Any, allowed: str, hint_en: str, hint_zh: str
    ) -> None:
        got = shown(got)
        # Where the sentence already names what is allowed, the hint is the other language.
        hint = f"Allowed: {allowed}." if allowed and allowed not in hint_en else hint_zh
        super().__init__(f"{param}={got!r}: {hint_en}", hint)
        self.fault = fault
        self.param = param
        self.got = got
        self.allowed = allowed
        self.hint_en = hint_en
        self.hint_zh = hint_zh

    def to_dict(self) -> dict[str, Any]:
        """Return `{"error": {...}}`, the shape shown to tools and in JSON."""
        return {
            "error": {
                "code": self.fault.value,
                "param": self.param,
                "got": self.got,
                "allowed": self.allowed,
                "hint_en": self.hint_en,
                "hint_zh": self.hint_zh,
            }
        }


@dataclass(frozen=True, slots=True)
class Table:
    """Rows to read; at most `MAX_ROWS` of them."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]


@dataclass(frozen=True, slots=True)
class DemoResult:
    """What a demo computed. `numbers` holds scalars, lists or one level of named blocks of those.

    `args_used` is every argument with its default filled in, so that a reader sees what was assumed; a demo
    gives only those whose default depends on the others, the kit adds the rest.
    `formula` is plain text a terminal can show, Unicode symbols included; `source` names paper and equation.
    """

    demo: str
    args_used: Mapping[str, Any]
    numbers: Mapping[str, Any]
    formula: str
    source: str
    table: Table | None = None
    plot: Plot | None = None
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON-ready envelope; keys in `numbers` are also reported names of the contract."""
        return {
            "demo": self.demo,
            "args_used": dict(self.args_used),
            "numbers": dict(self.numbers),
            "table": {"columns": list(self.table.columns), "rows": [list(r) for r in self.table.rows]}
            if self.table
            else None,
            "plot": describe_chart(self.plot, self.demo) if self.plot else None,
            "formula": self.formula,
            "source": self.source,
            "notes": list(self.notes),
            "warnings": list(self.warnings),
        }


def shown(got: Any) -> Any:
    """Return `got` as it may stand in JSON: nan as text, long or strange values described."""
    try:
        text = json.dumps(got, allow_nan=False)
    except (TypeError, ValueError, RecursionError):
        return reprlib.repr(got)
    if len(text) <= MAX_SHOWN:
        return got
    return f"{len(got)} items" if isinstance(got, list | tuple | dict) else text[:MAX_SHOWN]
