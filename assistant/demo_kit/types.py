"""What a demo returns and how it refuses: the same envelope in the terminal, in JSON and to a model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from corpus.errors import StudyError

#: Rows of a table and points of one plotted series beyond which a result is thinned before it is shown.
MAX_ROWS = 20
MAX_POINTS = 2000


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
class Series:
    """One line, path, bar group or point set of a plot."""

    label: str
    x: Sequence[float]
    y: Sequence[float]


@dataclass(frozen=True, slots=True)
class Plot:
    """A picture as data; `kind` is `line`, `step`, `bar`, `scatter`, `path` or `heatmap`.

    `log` is "", "x", "y" or "xy": the axes with a logarithmic scale. A heat map holds its matrix, row by row,
    in `grid` and has no series.
    """

    kind: str
    series: tuple[Series, ...]
    xlabel: str
    ylabel: str
    log: str = ""
    grid: Sequence[Sequence[float]] = ()


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
            "plot": {
                "kind": self.plot.kind,
                "series": [{"label": s.label, "x": list(s.x), "y": list(s.y)} for s in self.plot.series],
                "xlabel": self.plot.xlabel,
                "ylabel": self.plot.ylabel,
                "log": self.plot.log,
                "grid": [list(row) for row in self.plot.grid],
            }
            if self.plot
            else None,
            "formula": self.formula,
            "source": self.source,
            "notes": list(self.notes),
            "warnings": list(self.warnings),
        }
