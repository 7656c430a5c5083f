"""Drills about classification losses: the gradient behind a sigmoid under both costs, softmax cross-entropy.

Answers are computed by the demo, which is handed in.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from assistant.demo_kit.exercises import Exercise, Mistake
from assistant.demo_kit.types import DemoResult
from assistant.demo_parts.clear_draws import draw_clear, listed, short

Compute = Callable[..., DemoResult]


def draw_classification_drill(compute: Compute, random: np.random.Generator, level: int) -> Exercise:
    """Return the drill of `level`, 1 to 3, answered by the demo `compute`."""
    if level == 3:
        return draw_clear(lambda: _draw_softmax(compute, random))
    return draw_clear(lambda: _draw_sigmoid(compute, random, "ce" if level == 1 else "mse"))


def _draw_sigmoid(compute: Compute, random: np.random.Generator, cost: str) -> Exercise:
    z = float(random.choice([-3, -2.5, -2, -1.5, -1, 1, 1.5, 2, 2.5, 3]))
    y = int(random.integers(0, 2))
    numbers = compute(z=z, y=y).numbers
    a, answer = float(numbers["output"]), float(numbers["gradient"][cost])
    error = a - y
    is_mse = cost == "mse"
    said_zh = "平方误差 C = ½(a − y)²" if is_mse else "交叉熵 C = −y ln a − (1 − y) ln(1 − a)"
    said_en = (
        "the squared error C = ½(a − y)²" if is_mse else "the cross-entropy C = −y ln a − (1 − y) ln(1 − a)"
    )
    if is_mse:
        mistakes = (
            Mistake(
                error, "这是交叉熵的梯度，漏了 σ′(z)。", "That is cross-entropy's gradient: σ′(z) is missing."
            ),
            Mistake(2 * answer, "C 带 ½，求导后没有因子 2。", "C carries ½, so no factor 2 is left."),
            Mistake(
                error * a, "σ′(z) = a(1 − a)，漏了 1 − a。", "σ′(z) = a(1 − a): the factor 1 − a is missing."
            ),
        )
    else:
        mistakes = (
            Mistake(
                float(numbers["gradient"]["mse"]),
                "多乘了 σ′(z)：交叉熵里它被约掉了。",
                "Multiplied by σ′(z), which cancels under cross-entropy.",
            ),
            Mistake(-answer, "符号反了：是 a − y，不是 y − a。", "Wrong sign: a − y, not y − a."),
            Mistake(z - y, "用了 z 而不是 a = σ(z)。", "z was used in place of a = σ(z)."),
        )
    formula = "(a − y)·a·(1 − a)" if is_mse else "a − y"
    filled = f"({short(a)} − {y})" + (f" · {short(a)} · {short(1 - a)}" if is_mse else "")
    return Exercise(
        demo="ce_vs_mse",
        arguments={"z": z, "y": y},
        question_zh=f"sigmoid 神经元 a = σ(z)，z = {z:g}，标签 y = {y}，损失为{said_zh}，dC/dz 是多少？",
        question_en=f"A sigmoid neuron a = σ(z) has z = {z:g} and label y = {y}. What is dC/dz for {said_en}?",
        answer=answer,
        steps_zh=(f"a = σ({z:g}) = {short(a)}", f"dC/dz = {formula}", f"= {filled} = {short(answer)}"),
        steps_en=(f"a = σ({z:g}) = {short(a)}", f"dC/dz = {formula}", f"= {filled} = {short(answer)}"),
        hint_zh="用链式法则：dC/dz = dC/da · σ′(z)，看 σ′(z) 会不会被约掉。",
        hint_en="Chain rule: dC/dz = dC/da · σ′(z). Does σ′(z) cancel?",
        mistakes=mistakes,
    )


def _draw_softmax(compute: Compute, random: np.random.Generator) -> Exercise:
    logits = [float(v) for v in random.choice([-1, -0.5, 0, 0.5, 1, 1.5, 2, 2.5, 3], 3, replace=False)]
    target = int(random.integers(0, 3))
    numbers = compute(logits=logits, target=target).numbers
    answer = float(numbers["ce_mean"])
    p = float(numbers["probabilities"][target])
    total = sum(math.exp(v) for v in logits)
    return Exercise(
        demo="ce_vs_mse",
        arguments={"logits": logits, "target": target},
        question_zh=f"logits 为 {listed(logits)}，正确类别的下标是 {target}（从 0 数起），softmax 交叉熵是多少？",
        question_en=(
            f"The logits are {listed(logits)} and the right class has index {target}, counted from 0. "
            "What is the softmax cross-entropy?"
        ),
        answer=answer,
        steps_zh=(
            f"Σ exp(z) = {short(total)}",
            f"p = exp({logits[target]:g}) / {short(total)} = {short(p)}",
            f"−ln p = {short(answer)}",
        ),
        steps_en=(
            f"Σ exp(z) = {short(total)}",
            f"p = exp({logits[target]:g}) / {short(total)} = {short(p)}",
            f"−ln p = {short(answer)}",
        ),
        hint_zh="先算正确类别的 softmax 概率，再取负的自然对数。",
        hint_en="The softmax probability of the right class first, then minus its natural logarithm.",
        mistakes=(
            Mistake(
                -math.log10(p),
                "用了 log10，应取自然对数。",
                "log10 was used; the loss takes the natural logarithm.",
            ),
            Mistake(
                1 - p,
                "这是梯度分量的大小 1 − p，不是损失。",
                "1 − p is the size of the gradient, not the loss.",
            ),
            Mistake(p, "这是概率，还没有取 −ln。", "That is the probability, before −ln."),
        ),
    )
