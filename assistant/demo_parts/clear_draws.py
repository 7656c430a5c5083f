"""Draws an exercise until its typical mistakes can be told from its answer. Knows no demo and no grading."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

import numpy as np

from assistant.demo_kit.exercises import Exercise, Mistake

_LEAST_MISTAKES = 2
#: Every drill here is clear within a few draws; the limit only keeps a faulty one from running for ever.
_MOST_DRAWS = 200
#: Two values are told apart where they differ by this many tolerances.
_CLEARANCE = 3.0

Value = float | tuple[float, ...]


def draw_clear(draw: Callable[[], Exercise]) -> Exercise:
    """Return the first exercise of `draw` with at least two mistakes that differ from the answer and each other.

    Mistakes that happen to give the right answer or the same wrong one are left out. Raises `RuntimeError`
    where no draw is clear, a fault of `draw`.
    """
    for _ in range(_MOST_DRAWS):
        exercise = draw()
        kept: list[Mistake] = []
        for mistake in exercise.mistakes:
            known = [exercise.answer, *(other.value for other in kept)]
            if all(_differ(mistake.value, value, exercise.tolerance) for value in known):
                kept.append(mistake)
        if len(kept) >= _LEAST_MISTAKES:
            return replace(exercise, mistakes=tuple(kept))
    raise RuntimeError("no draw gave an exercise with distinct mistakes")


def listed(values: Iterable[float]) -> str:
    """Return numbers as they stand in a question: `[1, -2.5, 3]`."""
    return "[" + ", ".join(f"{value:g}" for value in values) + "]"


def short(value: float) -> str:
    """Return a number as it stands in a solution, with four significant digits."""
    return f"{value:.4g}"


def _differ(a: Value, b: Value, tolerance: float) -> bool:
    left, right = np.atleast_1d(a), np.atleast_1d(b)
    if left.shape != right.shape:
        return True
    apart = _CLEARANCE * tolerance * np.maximum(np.abs(left), np.abs(right)) + 1e-9
    return bool((np.abs(left - right) > apart).any())
