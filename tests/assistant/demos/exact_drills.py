"""Checks of drills whose answers may be large whole numbers, which their steps must spell out."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from assistant.demo_kit import registry
from assistant.demo_kit.exercises import Exercise

Draw = Callable[[np.random.Generator, int], Exercise]


def check_exact_drills(
    draw: Draw, level: int, reported: Callable[[Mapping[str, Any]], Any], unsaid: tuple[str, ...] = ()
) -> None:
    """Check 30 drills of one level; `reported` picks the answer, `unsaid` are arguments a question need not name."""
    for seed in range(30):
        drill = draw(np.random.default_rng(seed), level)
        assert drill == draw(np.random.default_rng(seed), level)
        numbers = registry.run(drill.demo, drill.arguments).to_dict()["numbers"]
        assert drill.answer == reported(numbers)
        values = [float(drill.answer), *(float(mistake.value) for mistake in drill.mistakes)]  # type: ignore[arg-type]
        assert len(values) >= 3
        for i, value in enumerate(values):
            assert all(abs(value - other) > drill.tolerance * abs(other) for other in values[:i]), (
                seed,
                values,
            )
        for question in (drill.question_zh, drill.question_en):
            said = {float(n) for n in re.findall(r"\d+(?:\.\d+)?", question)}
            for name, value in drill.arguments.items():
                is_number = isinstance(value, int | float) and not isinstance(value, bool)
                assert name in unsaid or not is_number or value in said, (name, question)
        for steps in (drill.steps_zh, drill.steps_en):
            ends = [float(n) for n in re.findall(r"\d+(?:\.\d+)?", " ".join(steps))]
            assert any(abs(n - values[0]) <= max(drill.tolerance, 1e-9) * values[0] for n in ends), (
                seed,
                steps,
            )
        assert all(mistake.zh and mistake.en for mistake in drill.mistakes)
        english = (drill.question_en, drill.hint_en, *(mistake.en for mistake in drill.mistakes))
        assert not any("\u4e00" <= c <= "\u9fff" for text in english for c in text)
