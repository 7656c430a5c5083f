"""Drill questions about a loss that does not converge; the demo that answers them is handed in."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from assistant.demo_kit.exercises import Exercise, Mistake
from assistant.demo_kit.types import DemoResult
from assistant.demo_parts.clear_draws import draw_clear


def drill(demo: Callable[..., DemoResult], random: np.random.Generator, level: int) -> Exercise:
    """Return a drill on the first loss (1), the largest stable learning rate (2) or a loss after steps (3)."""
    return draw_clear(lambda: _drawn(demo, random, level))


def _drawn(demo: Callable[..., DemoResult], random: np.random.Generator, level: int) -> Exercise:
    arguments: dict[str, Any]
    if level == 1:
        classes = int(random.choice([5, 10, 20, 50, 100, 200, 1000]))
        arguments = {"check": "initial_loss", "n_classes": classes}
        answer = float(demo(**arguments).numbers["expected"])
        asked = (
            f"{classes} 分类，softmax 交叉熵，刚初始化、还没训练，loss 应该约为多少？",
            f"{classes} classes, softmax cross-entropy, freshly initialised: which loss is to be expected?",
        )
        steps = [f"p = 1/{classes}", f"−ln(1/{classes}) = ln {classes} = {answer:.4g}"]
        slips = [
            (
                math.log10(classes),
                "用了以 10 为底的对数，应为自然对数。",
                "Took log10 in place of the natural logarithm.",
            ),
            (
                math.log2(classes),
                "用了以 2 为底的对数，应为自然对数。",
                "Took log2 in place of the natural logarithm.",
            ),
            (float(classes - 1), "这是多类 hinge loss 的初值。", "That is the first multi-class hinge loss."),
        ]
        hint = ("这时每一类的概率都是 1/K。", "Every class has probability 1/K at that point.")
    elif level == 2:
        low, high = int(random.choice([1, 2, 4])), int(random.choice([10, 16, 25, 40, 50]))
        arguments = {"check": "learning_rate", "curvature": [low, high]}
        answer = float(demo(**arguments).numbers["lr_limit"])
        asked = (
            f"二次函数两个方向的曲率是 {low} 和 {high}。梯度下降的学习率超过多少就会发散？",
            f"A quadratic has curvatures {low} and {high}. Beyond which learning rate does gradient descent diverge?",
        )
        steps = ["|1 − ηλ| < 1 ⇔ η < 2/λ", f"2/λ_max = 2/{high} = {answer:.4g}"]
        slips = [
            (
                2 / low,
                "由曲率最大的方向决定，不是最小的。",
                "The largest curvature decides, not the smallest.",
            ),
            (
                1 / high,
                "1/λ_max 一步到位，2/λ_max 才是发散的界限。",
                "1/λ_max is the fastest; the limit is 2/λ_max.",
            ),
            (2 / (low + high), "这是收敛最快的学习率。", "That is the learning rate that converges fastest."),
        ]
        hint = ("每步坐标乘以 1 − ηλ。", "Each step multiplies a coordinate by 1 − ηλ.")
    else:
        curvature, rate, count = (
            int(random.choice([2, 4, 5])),
            float(random.choice([0.05, 0.1, 0.15])),
            int(random.integers(2, 6)),
        )
        arguments = {
            "check": "learning_rate",
            "curvature": [curvature],
            "lr": rate,
            "steps": count,
            "x0": [2.0],
        }
        answer = float(demo(**arguments).numbers["final_loss"])
        factor = 1 - rate * curvature
        asked = (
            f"L(x) = {curvature}x²/2，从 x=2 出发，学习率 {rate:g}，梯度下降 {count} 步后 L 是多少？",
            f"L(x) = {curvature}x²/2, from x=2 with learning rate {rate:g}: what is L after {count} steps?",
        )
        steps = [
            f"1 − ηλ = {factor:g}",
            f"x = 2·{factor:g}^{count} = {2 * factor**count:.4g}",
            f"L = {answer:.4g}",
        ]
        slips = [
            (2 * factor**count, "这是 x，不是 L。", "That is x, not L."),
            (2 * answer, "漏了 1/2。", "The factor 1/2 is missing."),
            (answer / factor**2, "少走了一步。", "One step too few."),
            (
                2 * curvature * factor**count,
                "L 里是 x²，收缩因子也要平方。",
                "L has x², so the factor is squared, too.",
            ),
        ]
        hint = ("每步 x 乘以 1 − ηλ。", "Each step multiplies x by 1 − ηλ.")
    return Exercise(
        demo="diagnose_training",
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
