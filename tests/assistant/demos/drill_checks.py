"""What every exercise must hold, whichever demo draws it: answer, mistakes, wording, steps and grading."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from assistant.cli.commands.demo import read_flags
from assistant.demo_kit import registry
from assistant.demo_kit.exercises import Exercise
from assistant.drills import wording
from assistant.drills.grading import Verdict, grade

_NUMBER = re.compile(r"(?<![\d.])[-−]?\d+(?:\.\d+)?(?:e[-+]?\d+)?")
#: Terms and names stand in Chinese sentences; three words in a row are an English one.
_ENGLISH_WORDS = re.compile(r"[A-Za-z]{2,}(?: [A-Za-z]{2,}){2,}")
_CHINESE = re.compile(r"[\u3400-\u9fff]")


def drawn(name: str, level: int, seed: int) -> Exercise:
    """Return the exercise of a demo for a seed; every demo of ours has exercises."""
    draw = registry.load(name).exercise
    assert draw is not None, f"{name} has no exercises"
    return draw(np.random.default_rng([seed, level]), level)


def check_answer(exercise: Exercise, path: str | None) -> None:
    """The answer is what the demo reports, at `path` (`paths.mean.0.0`, `a + b`) or, where none is known, anywhere."""
    numbers = registry.run(exercise.demo, exercise.arguments).to_dict()["numbers"]
    if path is not None:
        found = sum(np.asarray(_at(numbers, part)) for part in path.split(" + "))
        np.testing.assert_allclose(exercise.answer, found, rtol=1e-12, atol=1e-15)
        return
    wanted = np.atleast_1d(exercise.answer)
    assert any(
        leaf.shape == wanted.shape and np.allclose(leaf, wanted, rtol=1e-12, atol=1e-15)
        for leaf in _leaves(numbers)
    ), exercise


def check_mistakes(exercise: Exercise) -> None:
    """At least two mistakes, each with words, that differ from the answer and each other."""
    values = [exercise.answer, *(mistake.value for mistake in exercise.mistakes)]
    assert len(values) >= 3, exercise
    for i, value in enumerate(values):
        assert not any(_alike(value, other, exercise.tolerance) for other in values[:i]), exercise
    assert all(mistake.zh and mistake.en for mistake in exercise.mistakes)


def check_wording(exercise: Exercise, unsaid: tuple[str, ...]) -> None:
    """Questions name every number but those `unsaid`; each language is itself; the hint gives nothing away."""
    for question in (exercise.question_zh, exercise.question_en):
        said = {_float(number) for number in _NUMBER.findall(question)}
        said |= {abs(number) for number in said}
        for name, argument in exercise.arguments.items():
            missing = [n for n in _numbers(argument) if not _is_among(n, said)]
            assert name in unsaid or not missing, (name, missing, question)
    english = (
        exercise.question_en, exercise.hint_en, *exercise.steps_en, *(m.en for m in exercise.mistakes)
    )  # fmt: skip
    assert not any(_CHINESE.search(text) for text in english), english
    chinese = (exercise.question_zh, exercise.hint_zh, *(m.zh for m in exercise.mistakes))
    assert all(_CHINESE.search(text) for text in chinese), chinese
    assert not any(_ENGLISH_WORDS.search(text) for text in (*chinese, *exercise.steps_zh)), chinese
    assert exercise.question_zh.endswith(("？", "）")), exercise.question_zh
    answer = wording.written(exercise).removesuffix(exercise.unit).strip()
    if len(answer.lstrip("-")) > 1:  # one digit stands in any formula
        assert answer not in re.split(r"[^\w.-]+", exercise.hint_zh + " " + exercise.hint_en)


def check_steps(exercise: Exercise) -> None:
    """The last step of both languages ends at the answer, rounded to four digits at least."""
    for steps in (exercise.steps_zh, exercise.steps_en):
        shown = [_float(number) for number in _NUMBER.findall(steps[-1])]
        for value in _numbers(exercise.answer):
            near = max(exercise.tolerance, 1e-9) if exercise.tolerance == 0 else 1e-3
            assert any(abs(n - value) <= near * abs(value) + 1e-12 for n in shown), (value, steps)


def check_grading(exercise: Exercise) -> None:
    """The answer as it is shown is right, and each mistake, typed, is recognised as that mistake."""
    assert grade(exercise, wording.written(exercise)).verdict is Verdict.CORRECT, exercise
    for mistake in exercise.mistakes:
        values = mistake.value if isinstance(mistake.value, tuple) else (mistake.value,)
        graded = grade(exercise, ", ".join(f"{value:.15g}" for value in values))
        assert (graded.verdict, graded.mistake) == (Verdict.MISTAKE, mistake), exercise
    assert grade(exercise, "").verdict is Verdict.NO_ANSWER


def check_command(exercise: Exercise) -> None:
    """The command that is shown gives the demo the arguments of the exercise."""
    assistant, demo, name, *flags = shlex.split(wording.check(exercise))
    assert (assistant, demo, name) == ("assistant", "demo", exercise.demo)
    assert read_flags(registry.load(name), flags) == dict(exercise.arguments)


def _at(numbers: Any, path: str) -> Any:
    for step in path.split("."):
        numbers = numbers[int(step)] if isinstance(numbers, list) else numbers[step]
    return numbers


def _leaves(value: Any) -> Iterator[np.ndarray[Any, Any]]:
    if isinstance(value, Mapping):
        for item in value.values():
            yield from _leaves(item)
    elif isinstance(value, list):
        yield np.array(list(_numbers(value)))
        for item in value:
            yield from _leaves(item)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield np.array([value])


def _numbers(value: Any) -> Iterator[float]:
    if isinstance(value, Mapping):
        for item in value.values():
            yield from _numbers(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _numbers(item)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield value


def _is_among(number: float, said: set[float]) -> bool:
    # A negative number may be told by its sign word or an operator: (xy − 4)².
    return any(abs(number - n) <= 1e-9 * abs(number) for n in said) or any(
        abs(abs(number) - n) <= 1e-9 * abs(number) for n in said
    )


def _float(number: str) -> float:
    return float(number.replace("−", "-"))


def _alike(a: Any, b: Any, tolerance: float) -> bool:
    return np.shape(a) == np.shape(b) and bool(np.allclose(a, b, rtol=tolerance, atol=1e-9))
