"""Drill questions about one step of momentum, RMSProp and Adam by hand; the demo is handed in."""

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

#: A step is small beside its weight, so a looser answer could not be told from no step at all.
_TOLERANCE = 0.002


def drill(demo: Demo, random: np.random.Generator, level: int) -> Exercise:
    """Return a drill on the weight after one step of momentum (1), RMSProp (2) or Adam's second step (3)."""
    draw = (_momentum, _rmsprop, _adam)[level - 1]
    return draw_clear(lambda: draw(demo, random))


def _momentum(demo: Demo, random: np.random.Generator) -> Exercise:
    w, g, v = _pick(random, 1, 2, 3), _pick(random, -3, -2, 2, 3), _pick(random, -2, -1, 1, 2)
    lr, mu = _pick(random, 0.1, 0.2), _pick(random, 0.5, 0.8, 0.9)
    new = mu * v + g
    return _exercise(
        demo,
        {"optimizer": "momentum", "w": [w], "grad": [g], "velocity": [v], "lr": lr, "momentum": mu},
        (
            f"带动量的 SGD（PyTorch 约定：v ← μv + g，w ← w − ηv）：w = {w:g}，v = {v:g}，g = {g:g}，"
            f"μ = {mu:g}，η = {lr:g}。走一步之后 w 是多少？",
            f"SGD with momentum (PyTorch's convention: v ← μv + g, w ← w − ηv) has w = {w:g}, v = {v:g}, "
            f"g = {g:g}, μ = {mu:g}, η = {lr:g}. What is w after one step?",
        ),
        lambda end: [
            f"v = {mu:g}·{_signed(v)} + {_signed(g)} = {short(new)}",
            f"w = {w:g} − {lr:g}·{_signed(new)} = {short(end)}",
        ],
        (
            "先更新速度，再用新的速度更新权重。",
            "Update the velocity first, then the weight with the new one.",
        ),
        [
            (w - lr * g, "漏了动量项 μv", "the momentum term μv is missing"),
            (
                w - lr * (mu * v + (1 - mu) * g),
                "梯度没有 1 − μ 这个系数",
                "the gradient carries no factor 1 − μ",
            ),
            (w + lr * new, "方向反了：应减去 ηv", "wrong direction: subtract ηv"),
            (w - lr * v, "用了更新前的速度", "the velocity before the update was used"),
        ],
    )


def _rmsprop(demo: Demo, random: np.random.Generator) -> Exercise:
    w, g, c = _pick(random, 1, 2), _pick(random, -4, -3, 3, 4), _pick(random, 1, 4, 9)
    lr, rho = _pick(random, 0.1, 0.2), _pick(random, 0.5, 0.8, 0.9)
    new = rho * c + (1 - rho) * g * g
    return _exercise(
        demo,
        {"optimizer": "rmsprop", "w": [w], "grad": [g], "cache": [c], "lr": lr, "rho": rho},
        (
            f"RMSProp：w = {w:g}，梯度平方的滑动平均 c = {c:g}，g = {g:g}，ρ = {rho:g}，η = {lr:g}，ε 可忽略。"
            "走一步之后 w 是多少？",
            f"RMSProp has w = {w:g}, the running mean of squared gradients c = {c:g}, g = {g:g}, ρ = {rho:g}, "
            f"η = {lr:g}; ε is negligible. What is w after one step?",
        ),
        lambda end: [
            f"c = {rho:g}·{c:g} + {1 - rho:.2g}·{g * g:g} = {short(new)}",
            f"w = {w:g} − {lr:g}·{_signed(g)} / √{short(new)} = {short(end)}",
        ],
        ("先更新滑动平均，再除以它的平方根。", "Update the running mean first, then divide by its root."),
        [
            (w - lr * g / new, "漏了开平方", "the square root is missing"),
            (
                w - lr * g / math.sqrt(c),
                "用了更新前的滑动平均",
                "the running mean before the update was used",
            ),
            (
                w - lr * g / math.sqrt(c + g * g),
                "这是 AdaGrad：只累加，不衰减",
                "that is AdaGrad, which only adds up",
            ),
            (w - lr * g, "没有除以 √c：这是 SGD", "not divided by √c: that is SGD"),
        ],
    )


def _adam(demo: Demo, random: np.random.Generator) -> Exercise:
    w, lr = _pick(random, 1, 2), _pick(random, 0.1, 0.2)
    first, g = _pick(random, -2, -1, 1, 2), _pick(random, -3, 3, 4)
    beta1, beta2 = 0.9, _pick(random, 0.99, 0.999)
    before = {"m": (1 - beta1) * first, "v": (1 - beta2) * first**2}
    m, v = beta1 * before["m"] + (1 - beta1) * g, beta2 * before["v"] + (1 - beta2) * g * g
    m_hat, v_hat = m / (1 - beta1**2), v / (1 - beta2**2)
    arguments = {name: [round(value, 6)] for name, value in before.items()}
    return _exercise(
        demo,
        {"optimizer": "adam", "w": [w], "grad": [g], **arguments}
        | {"t_before": 1, "lr": lr, "beta1": beta1, "beta2": beta2},
        (
            f"Adam 已走了 1 步，现在 m = {before['m']:g}，v = {before['v']:g}，w = {w:g}。第 2 步的梯度 g = {g:g}，"
            f"β₁ = {beta1:g}，β₂ = {beta2:g}，η = {lr:g}，ε 可忽略。第 2 步之后 w 是多少？",
            f"Adam has taken 1 step and holds m = {before['m']:g}, v = {before['v']:g}, w = {w:g}. In step 2 the "
            f"gradient is g = {g:g}; β₁ = {beta1:g}, β₂ = {beta2:g}, η = {lr:g}, ε is negligible. "
            "What is w after step 2?",
        ),
        lambda end: [
            f"m = {short(m)}, v = {short(v)}",
            f"m̂ = m / (1 − {beta1:g}²) = {short(m_hat)}, v̂ = v / (1 − {beta2:g}²) = {short(v_hat)}",
            f"w = {w:g} − {lr:g}·{_signed(m_hat)} / √{short(v_hat)} = {short(end)}",
        ],
        ("两个矩都要做偏置校正，这里 t = 2。", "Both moments are corrected for their bias, with t = 2 here."),
        [
            (w - lr * m / math.sqrt(v), "漏了偏置校正", "the bias correction is missing"),
            (
                w - lr * m / (1 - beta1) / math.sqrt(v / (1 - beta2)),
                "偏置校正用了 t = 1，这是第 2 步",
                "corrected with t = 1, but this is step 2",
            ),
            (w - lr * m_hat / v_hat, "漏了开平方", "the square root is missing"),
            (w - lr * g, "这是 SGD 的一步", "that is a step of SGD"),
        ],
    )


def _exercise(
    demo: Demo,
    arguments: dict[str, Any],
    asked: tuple[str, str],
    steps: Callable[[float], list[str]],
    hint: tuple[str, str],
    slips: Slips,
) -> Exercise:
    answer = float(demo(**arguments).numbers["w"][0])
    return Exercise(
        demo="optimizer_steps",
        arguments=arguments,
        question_zh=asked[0],
        question_en=asked[1],
        answer=answer,
        steps_zh=tuple(steps(answer)),
        steps_en=tuple(steps(answer)),
        hint_zh=hint[0],
        hint_en=hint[1],
        mistakes=tuple(Mistake(*slip) for slip in slips),
        tolerance=_TOLERANCE,
    )


def _pick(random: np.random.Generator, *options: float) -> float:
    return float(random.choice(options))


def _signed(value: float) -> str:
    """Return a factor or summand as it is written behind an operator."""
    return f"({short(value)})" if value < 0 else short(value)
