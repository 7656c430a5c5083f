"""What every drill of a demo must hold: its answer is the demo's, its mistakes differ, its texts name the numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from assistant.demo_kit import registry
from assistant.demo_kit.exercises import Exercise

SEEDS = range(30)

Draw = Callable[[np.random.Generator, int], Exercise]
Reported = Callable[[Mapping[str, Any]], Any]


def check_drills(draw: Draw, level: int, reported: Reported, unsaid: tuple[str, ...] = ()) -> None:
    """Check the drills of one level for many seeds.

    `reported` picks the answer out of the demo's numbers; `unsaid` are arguments the question need not name.
    """
    for seed in SEEDS:
        exercise = draw(np.random.default_rng(seed), level)
        assert exercise == draw(np.random.default_rng(seed), level)
        numbers = registry.run(exercise.demo, exercise.arguments).to_dict()["numbers"]
        np.testing.assert_allclose(exercise.answer, reported(numbers), rtol=1e-12, atol=1e-15)
        values = [exercise.answer, *(mistake.value for mistake in exercise.mistakes)]
        assert len(values) >= 3
        for i, value in enumerate(values):
            assert all(not _alike(value, other, exercise.tolerance) for other in values[:i]), (seed, values)
        for question in (exercise.question_zh, exercise.question_en):
            for name, argument in exercise.arguments.items():
                assert name in unsaid or all(f"{n:g}" in question for n in _numbers(argument)), (
                    name,
                    question,
                )
        for steps in (exercise.steps_zh, exercise.steps_en):
            assert all(f"{n:.4g}" in steps[-1] for n in _numbers(exercise.answer)), (seed, steps)
        assert all(mistake.zh and mistake.en for mistake in exercise.mistakes)
        assert not any("\u4e00" <= c <= "\u9fff" for c in exercise.question_en + exercise.hint_en)


def _alike(a: Any, b: Any, tolerance: float) -> bool:
    return np.shape(a) == np.shape(b) and bool(np.allclose(a, b, rtol=tolerance, atol=1e-9))


def _numbers(value: Any) -> Iterator[float]:
    if isinstance(value, list | tuple):
        for item in value:
            yield from _numbers(item)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield value
