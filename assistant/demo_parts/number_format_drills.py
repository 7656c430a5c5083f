"""Drills about number formats: gaps, rounding, where a sum stops. Answers come from the demo."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from assistant.demo_kit.exercises import Exercise, Mistake
from assistant.demo_kit.types import DemoResult
from assistant.demo_parts.clear_draws import draw_clear
from assistant.demo_parts.number_formats import FORMATS, FormatName

Compute = Callable[..., DemoResult]


def draw_number_format_drill(compute: Compute, random: np.random.Generator, level: int) -> Exercise:
    """Return the drill of `level`, 1 to 3, answered by the demo `compute`."""
    return draw_clear(lambda: _draw(compute, random, level))


def _draw(compute: Compute, random: np.random.Generator, level: int) -> Exercise:
    names: tuple[FormatName, ...] = ("fp16", "bf16", "fp8_e4m3")
    name = names[int(random.integers(3))]
    kind = FORMATS[name]
    bits = kind.mantissa
    said = f"{name}（{kind.exponent_bits} 位指数、{bits} 位尾数）"
    said_en = f"{name} ({kind.exponent_bits} exponent and {bits} mantissa bits)"
    exponent = int(random.integers(2, 8))
    arguments: dict[str, Any] = {"value": float(2**exponent), "format": name}
    if level == 1:
        answer = float(compute(**arguments).numbers[name]["spacing"])
        texts = (
            f"在 {said}里，{2**exponent} 之后的下一个数比它大多少？",
            f"In {said_en}, how far is the next number above {2**exponent}?",
        )
        steps = (f"{2**exponent} = 2^{exponent}", f"2^({exponent} − {bits}) = {answer:.4g}")
        slips = [
            Mistake(
                2.0**-bits,
                "这是 1 之后的间隔，间隔随数变大。",
                "That is the gap after 1; gaps grow with the number.",
            ),
            Mistake(answer / 2, "尾数位数不含隐含的 1。", "The mantissa bits do not include the implied 1."),
        ]
    elif level == 2:
        # Between two neighbours, off their middle, so that rounding has one answer.
        gap = 2.0 ** (exponent - bits)
        value = 2**exponent + gap * (
            int(random.integers(1, 2**bits - 1)) + float(random.choice([0.25, 0.75]))
        )
        arguments["value"] = value
        answer = float(compute(**arguments).numbers[name]["rounded"])
        texts = (
            f"{value!r} 用 {said}存，舍入到最近的数，得到多少？",
            f"{value!r} is stored in {said_en}, rounded to nearest. What is kept?",
        )
        steps = (
            f"gap = 2^({exponent} − {bits}) = {gap:g}",
            f"round({value!r} / {gap:g}) · {gap:g} = {answer!r} ≈ {answer:.4g}",
        )
        slips = [
            Mistake(
                answer + gap if answer < value else answer - gap,
                "应舍入到最近的数，不是另一侧。",
                "Round to the nearest, not to the other side.",
            ),
            Mistake(2.0**exponent, "尾数没有全部舍去。", "The mantissa is not dropped altogether."),
            Mistake(value, "这个数不能精确表示。", "That number cannot be held exactly."),
        ]
    else:
        step = float(random.choice([0.25, 0.5, 1, 2]))
        arguments = {"value": 0.0, "add": step, "times": 5000, "format": name}
        answer = float(compute(**arguments).numbers[name]["accumulated"])
        texts = (
            f"在 {said}里从 0 开始反复加 {step:g}，加 5000 次，和停在多少？",
            f"In {said_en}, {step:g} is added to 0 over and over, 5000 times. Where does the sum stop?",
        )
        steps = (f"gap(s) = 2 · {step:g}: s = 2^({bits} + 1) · {step:g}", f"= {answer:.4g} = {answer!r}")
        slips = [
            Mistake(
                5000 * step, "间隔变大后，加上的数被舍入掉了。", "Once gaps grow, the term is rounded away."
            ),
            Mistake(
                answer / 2, "间隔等于所加的数时还能加上。", "While the gap equals the term it still counts."
            ),
            Mistake(kind.largest, "没有上溢，是加不动了。", "It does not overflow; it stands still."),
        ]
    return Exercise(
        demo="float_formats",
        arguments=arguments,
        question_zh=texts[0],
        question_en=texts[1],
        answer=answer,
        steps_zh=steps,
        steps_en=steps,
        hint_zh="在 2^e 与 2^(e+1) 之间，相邻数的间隔是 2^(e − 尾数位数)。",
        hint_en="Between 2^e and 2^(e+1) neighbours are 2^(e − mantissa bits) apart.",
        mistakes=tuple(slips),
        tolerance=0.0 if level == 2 else 1e-6,
    )
