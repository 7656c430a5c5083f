"""A typed answer against an exercise: right, a known slip, right but rounded or in another scale, or wrong."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from assistant.demo_kit.exercises import Exercise, Mistake
from assistant.drills.reading import Reading, Unread, read_answer
from assistant.drills.units import asked_unit

#: Whole numbers must be equal; a mistake computed in floats may be off in its last digits.
_ROUNDING = 1e-9
#: Digits down to which an answer that was rounded too far is recognised; a whole number keeps three, or any
#: number near it would be its rounding.
_DIGITS, _WHOLE_DIGITS = range(1, 7), range(3, 7)


class Verdict(StrEnum):
    """What an answer is. Only `CORRECT` counts; all but `WRONG` and the last two can be explained."""

    CORRECT = "correct"
    MISTAKE = "mistake"
    ROUNDED = "rounded"
    SCALE = "scale"
    WRONG = "wrong"
    UNREADABLE = "unreadable"
    NO_ANSWER = "no_answer"


@dataclass(frozen=True, slots=True)
class Grade:
    """The verdict on one answer, what was read, and the slip it matches where it matches one."""

    verdict: Verdict
    given: str
    values: tuple[float, ...] = ()
    mistake: Mistake | None = None
    unread: Unread | None = None


def grade(exercise: Exercise, text: str) -> Grade:
    """Return what `text` is as an answer to `exercise`; any text is accepted."""
    right = _numbers(exercise.answer)
    reading = read_answer(text, exercise.unit, len(right))
    if reading.unread is not None:
        unread = Verdict.NO_ANSWER if reading.unread is Unread.NOTHING else Verdict.UNREADABLE
        return Grade(unread, text, unread=reading.unread)
    given = _fitted(reading, len(right))
    if _alike(given, right, exercise.tolerance):
        return Grade(Verdict.CORRECT, text, given)
    slips = [m for m in exercise.mistakes if _alike(given, _numbers(m.value), exercise.tolerance)]
    if slips:
        nearest = min(slips, key=lambda m: _distance(given, _numbers(m.value)))
        return Grade(Verdict.MISTAKE, text, given, nearest)
    return Grade(_nearly(given, right, exercise), text, given)


def _numbers(value: float | tuple[float, ...]) -> tuple[float, ...]:
    return tuple(map(float, value)) if isinstance(value, tuple) else (float(value),)


def _fitted(reading: Reading, count: int) -> tuple[float, ...]:
    """Return the numbers as they were asked for: 112 for 112x112 and the other way round."""
    values = reading.values
    if len(set(values)) == 1 and {len(values), count} == {1, 2}:
        return (values[0],) * count
    return values


def _alike(a: Sequence[float], b: Sequence[float], tolerance: float) -> bool:
    """Tell whether all numbers of `a` are those of `b` within the relative tolerance; 0 is only ever 0."""
    return len(a) == len(b) and all(
        math.isclose(x, y, rel_tol=0, abs_tol=max(tolerance, _ROUNDING) * abs(y) + 1e-12)
        for x, y in zip(a, b, strict=True)
    )


def _distance(a: Sequence[float], b: Sequence[float]) -> float:
    return sum(abs(x - y) for x, y in zip(a, b, strict=True))


def _nearly(given: Sequence[float], right: Sequence[float], exercise: Exercise) -> Verdict:
    """Return how a wrong answer is nearly right: cut to fewer digits, or in a scale that was not asked for."""
    for digits in _DIGITS if exercise.tolerance else _WHOLE_DIGITS:
        if _alike(given, [float(f"{value:.{digits - 1}e}") for value in right], 0):
            return Verdict.ROUNDED
    scale = asked_unit(exercise.unit).scale or 1.0
    if scale != 1.0 and _alike(given, [value * scale for value in right], exercise.tolerance):
        return Verdict.SCALE
    return Verdict.WRONG
