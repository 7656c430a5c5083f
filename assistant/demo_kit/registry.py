"""The demos there are, by name, and how one is run: arguments checked before, the result made plain after.

Demos are found by the entry-point group `assistant.demos`; a new demo is a new file and nothing here changes.
Which demo suits a question is decided elsewhere, with each demo's `topics` and `read_question`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np

from assistant.demo_kit import parameters
from assistant.demo_kit.exercises import Exercise
from assistant.demo_kit.question import Facts
from assistant.demo_kit.types import MAX_POINTS, MAX_ROWS, DemoResult, Plot, Table
from corpus import plugins

GROUP = "assistant.demos"


@dataclass(frozen=True, slots=True)
class Demo:
    """One demo: its function, what it shows (`topics`, in both languages) and how it reads a question.

    `exercise(random, level)` draws a drill of level 1, 2 or 3; None where the demo offers none.
    """

    name: str
    function: parameters.Demonstration
    topics: tuple[str, ...]
    read_question: Callable[[Facts], dict[str, Any] | None]
    exercise: Callable[[np.random.Generator, int], Exercise] | None = None

    @property
    def summary(self) -> str:
        """One line of help."""
        return parameters.summary(self.function)

    @property
    def schema(self) -> dict[str, Any]:
        """The JSON Schema of its parameters."""
        return parameters.schema(self.function)

    def run(self, arguments: Mapping[str, Any]) -> DemoResult:
        """Return the result for `arguments` (outside names), every argument listed in `args_used`.

        The result holds JSON values only: arrays are lists, a number that is not finite is None and named in
        a warning, and tables and series that are too long are thinned evenly. Raises `DemoError` where an
        argument does not fit.
        """
        checked = parameters.validate(self.function, arguments)
        # What leaves the range of a float is told in the result, not on stderr.
        with np.errstate(all="ignore"):
            result = self.function(**checked)
        absent = ", ".join(dict.fromkeys(key for key, value in _nulls(result.numbers) if value is None))
        lost = ", ".join(dict.fromkeys(key for key, value in _nulls(result.numbers) if value is not None))
        return replace(
            result,
            args_used={parameters.outside_name(name): _plain(value) for name, value in checked.items()}
            | _plain(result.args_used),
            numbers=_plain(result.numbers),
            table=result.table and Table(result.table.columns, _thinned(_plain(result.table.rows), MAX_ROWS)),
            plot=result.plot and _plain_plot(result.plot),
            notes=(
                *result.notes,
                *([f"Null, having no value for these arguments: {absent}."] if absent else []),
            ),
            warnings=(*result.warnings, *([f"Null, being no finite number: {lost}."] if lost else [])),
        )


def names() -> tuple[str, ...]:
    """Return the names of all demos, sorted. Imports none of them."""
    return tuple(plugins.items(GROUP))


@cache
def load(name: str) -> Demo:
    """Return the demo called `name`; raises `UnknownName` with the nearest names."""
    module = plugins.load(GROUP, name, kind="demo")
    draw = getattr(module, "exercise", None)
    return Demo(name, getattr(module, name), tuple(module.TOPICS), module.read_question, draw)


def demos() -> Iterator[Demo]:
    """Yield every demo, sorted by name."""
    return map(load, names())


def run(name: str, arguments: Mapping[str, Any]) -> DemoResult:
    """Return the result of the demo `name` for `arguments`."""
    return load(name).run(arguments)


def _plain_plot(plot: Plot) -> Plot:
    series = tuple(
        replace(s, x=_thinned(_plain(s.x), MAX_POINTS), y=_thinned(_plain(s.y), MAX_POINTS))
        for s in plot.series
    )
    return replace(plot, series=series, grid=_plain(plot.grid))


def _plain(value: Any) -> Any:
    """Return `value` in JSON's own types; JSON has no infinity, so what is not finite is None."""
    # Almost all values are these, a curve's points by the thousand; an int holds no nan.
    if type(value) is float:
        return value if math.isfinite(value) else None
    if type(value) is int or type(value) is str:
        return value
    if hasattr(value, "tolist"):
        return _plain(value.tolist())
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list | tuple | range) else value


def _nulls(value: Any, key: str = "") -> Iterator[tuple[str, Any]]:
    """Yield what JSON has no number for, with the name it stands under: None, nan and infinity."""
    if isinstance(value, Mapping):
        for name, item in value.items():
            yield from _nulls(item, str(name))
    elif isinstance(value, np.ndarray) and value.dtype.kind == "f":
        yield from [] if np.isfinite(value).all() else [(key, math.nan)]
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _nulls(item, key)
    elif value is None or (isinstance(value, float) and not math.isfinite(value)):
        yield key, value


def _thinned(values: Sequence[Any], limit: int) -> tuple[Any, ...]:
    """Return at most `limit` of `values`, evenly spaced, the first and the last among them."""
    if len(values) <= limit:
        return tuple(values)
    return tuple(values[i * (len(values) - 1) // (limit - 1)] for i in range(limit))
