"""Drill questions about one activation function at one point; the demo that gives the answer is handed in."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from assistant.demo_kit.exercises import Exercise, Mistake
from assistant.demo_kit.types import DemoResult
from assistant.demo_parts.clear_draws import draw_clear, short

Demo = Callable[..., DemoResult]
Slips = list[tuple[float, str, str]]


def drill(demo: Demo, random: np.random.Generator, level: int) -> Exercise:
    """Return a drill on the slope of sigmoid or tanh (1), the value of ELU (2), the slope of SiLU or GELU (3)."""
    draw = (_squashing_slope, _elu_value, _gated_slope)[level - 1]
    return draw_clear(lambda: draw(demo, random))


def _squashing_slope(demo: Demo, random: np.random.Generator) -> Exercise:
    x, name = _point(random), str(random.choice(["sigmoid", "tanh"]))
    y, slope = _at(demo, name=name, x=[x])
    if name == "sigmoid":
        steps = [f"σ({x:g}) = {short(y)}", f"σ′ = σ(1 − σ) = {short(y)}·{short(1 - y)} = {short(slope)}"]
        slips: Slips = [
            (y, "这是函数值 σ(x)，不是导数", "that is the value σ(x), not its slope"),
            (1 - y, "漏乘了 σ(x)", "the factor σ(x) is missing"),
            (x * (1 - x), "用了 x 而不是 σ(x)", "x was used in place of σ(x)"),
        ]
    else:
        steps = [f"tanh({x:g}) = {short(y)}", f"tanh′ = 1 − tanh² = 1 − {short(y * y)} = {short(slope)}"]
        slips = [
            (y, "这是函数值 tanh(x)，不是导数", "that is the value tanh(x), not its slope"),
            (1 - y, "tanh(x) 没有平方", "tanh(x) is not squared"),
            (y * (1 - y), "这是 sigmoid 的求导公式", "that is the formula for sigmoid"),
        ]
    label = "σ(x) = 1/(1 + e⁻ˣ)" if name == "sigmoid" else "tanh(x)"
    return _exercise(
        {"name": name, "x": [x]},
        (f"{label} 在 x = {x:g} 处的导数是多少？", f"What is the derivative of {label} at x = {x:g}?"),
        slope,
        steps,
        (
            "它们的导数都可以用函数值本身写出来。",
            "Both derivatives can be written with the function's own value.",
        ),
        slips,
    )


def _elu_value(demo: Demo, random: np.random.Generator) -> Exercise:
    x, alpha = -abs(_point(random)), float(random.choice([0.5, 1.5, 2.0, 3.0]))
    y, _ = _at(demo, name="elu", x=[x], alpha=alpha)
    power = math.exp(x)
    return _exercise(
        {"name": "elu", "x": [x], "alpha": alpha},
        (
            f"ELU 取 α = {alpha:g}，在 x = {x:g} 处的值是多少？",
            f"What is ELU with α = {alpha:g} at x = {x:g}?",
        ),
        y,
        [f"e^({x:g}) = {short(power)}", f"α(eˣ − 1) = {alpha:g}·({short(power)} − 1) = {short(y)}"],
        ("负半轴是一条趋向 −α 的曲线。", "Left of 0 it is a curve that tends to −α."),
        [
            (alpha * power, "漏了减 1（这是它的导数）", "the − 1 is missing (that is the derivative)"),
            (alpha * x, "这是 leaky ReLU 的直线", "that is the straight line of a leaky ReLU"),
            (0.0, "这是 ReLU", "that is ReLU"),
            (power - 1, "漏乘了 α", "the factor α is missing"),
        ],
    )


def _gated_slope(demo: Demo, random: np.random.Generator) -> Exercise:
    x, name = _point(random), str(random.choice(["silu", "gelu"]))
    y, slope = _at(demo, name=name, x=[x])
    gate = y / x
    if name == "silu":
        inner = gate * (1 - gate)
        label, symbol, derivative = "SiLU f(x) = x·σ(x)", "σ", "σ(1 − σ)"
    else:
        inner = math.exp(-x * x / 2) / math.sqrt(2 * math.pi)
        label, symbol, derivative = "GELU f(x) = x·Φ(x)", "Φ", "φ"
    return _exercise(
        {"name": name, "x": [x]},
        (f"{label} 在 x = {x:g} 处的导数是多少？", f"What is the derivative of {label} at x = {x:g}?"),
        slope,
        [
            f"{symbol}({x:g}) = {short(gate)}, {derivative} = {short(inner)}",
            f"{symbol} + x·{derivative} = {short(gate)} + {x:g}·{short(inner)} = {short(slope)}",
        ],
        ("用乘积的求导法则，两项都要。", "The product rule gives two terms, and both count."),
        [
            (gate, f"把 {symbol}(x) 当成了常数", f"{symbol}(x) was taken for a constant"),
            (x * inner, "漏了乘积法则的第一项", "the first term of the product rule is missing"),
            (gate + inner, "第二项漏乘了 x", "the second term lacks the factor x"),
            (y, "这是函数值，不是导数", "that is the value, not the slope"),
        ],
    )


def _point(random: np.random.Generator) -> float:
    return float(random.choice([-3, -2.5, -2, -1.5, -1, -0.5, 0.5, 1, 1.5, 2, 2.5, 3]))


def _at(demo: Demo, **arguments: Any) -> tuple[float, float]:
    numbers = demo(**arguments).numbers
    return float(numbers["y"][0]), float(numbers["grad"][0])


def _exercise(
    arguments: dict[str, Any],
    asked: tuple[str, str],
    answer: float,
    steps: list[str],
    hint: tuple[str, str],
    slips: Slips,
) -> Exercise:
    return Exercise(
        demo="activation_props",
        arguments=arguments,
        question_zh=asked[0],
        question_en=asked[1],
        answer=answer,
        steps_zh=tuple(steps),
        steps_en=tuple(steps),
        hint_zh=hint[0],
        hint_en=hint[1],
        mistakes=tuple(Mistake(*slip) for slip in slips),
    )
