"""Is a returned value the expected one, and where not, how does it differ? Says so in data, not in words."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assistant.coding.harness import unpacked
from assistant.coding.running import Outcome, Raised, Returned

Numbers = NDArray[np.float64]


class Fault(StrEnum):
    """How a value is not what was expected."""

    NOTHING = "nothing"
    WRONG_TYPE = "wrong_type"
    LARGE = "large"
    WRONG_COUNT = "wrong_count"
    WRONG_SHAPE = "wrong_shape"
    NOT_FINITE = "not_finite"
    WRONG_VALUE = "wrong_value"


@dataclass(frozen=True, slots=True)
class Difference:
    """The first fault found. `part` names the part of the result, `place` the worst element (its index)."""

    fault: Fault
    got: str
    expected: str
    part: str = ""
    place: tuple[int, ...] = ()
    error: float = 0.0


def difference(
    value: list[Any], expected: Any, tolerance: float, parts: tuple[str, ...] = ()
) -> Difference | None:
    """Return how `value`, as `harness.packed`, differs from `expected`, an array, a number, a list or a tuple of them.

    A list of numbers counts as an array, and a NumPy scalar as a number. `tolerance` is relative and absolute.
    """
    if not isinstance(expected, tuple):
        return _of_one(value, expected, tolerance, "")
    if value[0] not in ("tuple", "list"):
        if value[0] == "none":
            return Difference(Fault.NOTHING, "None", "")
        return Difference(Fault.WRONG_COUNT, "1", str(len(expected)))
    if len(value[1]) != len(expected):
        return Difference(Fault.WRONG_COUNT, str(len(value[1])), str(len(expected)))
    named = zip(value[1], expected, parts or ("",) * len(expected), strict=True)
    return next((found for v, e, part in named if (found := _of_one(v, e, tolerance, part))), None)


def _of_one(value: list[Any], expected: Any, tolerance: float, part: str) -> Difference | None:
    if value[0] == "none":
        return Difference(Fault.NOTHING, "None", "", part)
    if value[0] in ("other", "large"):
        fault = Fault.LARGE if value[0] == "large" else Fault.WRONG_TYPE
        return Difference(fault, str(value[1]), "", part)
    got = _as_array(value)
    if got is None:
        return Difference(Fault.WRONG_TYPE, value[0], "", part)
    wanted = np.asarray(expected, float)
    if got.shape != wanted.shape:
        return Difference(Fault.WRONG_SHAPE, str(got.shape), str(wanted.shape), part)
    if not np.isfinite(got).all():
        return Difference(Fault.NOT_FINITE, short(got), short(wanted), part)
    with np.errstate(over="ignore"):
        error = np.abs(got - wanted)
    if (error <= tolerance * (1 + np.abs(wanted))).all():
        return None
    place = tuple(int(i) for i in np.unravel_index(int(np.argmax(error)), error.shape))
    return Difference(
        Fault.WRONG_VALUE, short(got[place]), short(wanted[place]), part, place, float(error[place])
    )


def is_alike(one: Outcome | None, other: Outcome | None, tolerance: float) -> bool:
    """Tell whether two outcomes are the same: equal values, nan included, or exceptions of one type."""
    if isinstance(one, Raised) or isinstance(other, Raised):
        return isinstance(one, Raised) and isinstance(other, Raised) and one.type == other.type
    if one is None or other is None:
        return False
    mine, theirs = _parts(one), _parts(other)
    return len(mine) == len(theirs) and all(
        _is_close(a, b, tolerance) for a, b in zip(mine, theirs, strict=True)
    )


def _is_close(a: Numbers | None, b: Numbers | None, tolerance: float) -> bool:
    if a is None or b is None or a.shape != b.shape:
        return False
    return np.allclose(a, b, tolerance, tolerance, equal_nan=True)


def _parts(returned: Returned) -> list[Numbers | None]:
    kind, *rest = returned.value
    whole = _as_array(returned.value)
    if kind in ("tuple", "list") and whole is None:
        return [_as_array(part) for part in rest[0]]
    return [whole]


def _as_array(value: list[Any]) -> Numbers | None:
    """Return a number, an array or an even list of them as floats, or None. Truth values are no numbers."""
    try:
        found = unpacked(value)
        array = np.asarray(found)
        if array.dtype.kind not in "iuf" and array.size:
            return None
        return array.astype(float)
    except (ValueError, TypeError, OverflowError, MemoryError):
        return None


def short(value: Any) -> str:
    """Return `value` on one line: small arrays whole, others by their shape."""
    array = np.asarray(value)
    if array.dtype.kind not in "biuf":
        return repr(value)[:80]
    if array.ndim == 0:
        return f"{array.item():.6g}" if array.dtype.kind == "f" else str(array.item())
    if array.shape == (0,):
        return "[]"
    if array.size == 0 or array.size > 16:
        return f"array{array.shape}"
    text = np.array2string(array, separator=", ", formatter={"float_kind": lambda x: f"{x:.4g}"})
    return " ".join(text.split()).replace("[ ", "[")
