"""Drills about a quadratic: the largest stable learning rate, the best rate of gradient descent, the best momentum.

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


def draw_convergence_drill(compute: Compute, random: np.random.Generator, level: int) -> Exercise:
    """Return the drill of `level`, 1 to 3, answered by the demo `compute`."""
    return draw_clear(lambda: (_draw_limit, _draw_rate, _draw_momentum)[level - 1](compute, random))


def _draw_limit(compute: Compute, random: np.random.Generator) -> Exercise:
    low, high = float(random.integers(1, 6)), float(random.choice([8, 10, 16, 20, 25, 40, 50]))
    arguments = {"eigenvalues": [low, high], "method": "gd", "lr_limit": True}
    answer = float(compute(**arguments).numbers["lr_max"])
    return Exercise(
        demo="quadratic_convergence",
        arguments=arguments,
        question_zh=f"二次函数的 Hessian 特征值为 {listed([low, high])}，梯度下降的学习率要小于多少才不发散？",
        question_en=(
            f"A quadratic's Hessian has eigenvalues {listed([low, high])}. "
            "Below which learning rate is gradient descent stable?"
        ),
        answer=answer,
        steps_zh=(
            "每步 x ← (1 − ηλ)x，收敛要求 |1 − ηλ| < 1，即 η < 2/λ",
            f"最大特征值最先发散：2/{high:g} = {short(answer)}",
        ),
        steps_en=(
            "each step is x ← (1 − ηλ)x, which shrinks where |1 − ηλ| < 1, that is η < 2/λ",
            f"the largest eigenvalue diverges first: 2/{high:g} = {short(answer)}",
        ),
        hint_zh="看每个特征方向上的收缩因子 1 − ηλ。",
        hint_en="Look at the factor 1 − ηλ of each eigen-direction.",
        mistakes=(
            Mistake(
                1 / high,
                "1/L 在最陡的方向上一步到位，上限是它的两倍。",
                "1/L is exact in one step along the steepest direction; the limit is twice that.",
            ),
            Mistake(
                2 / low,
                "用了最小特征值：最陡的方向会发散。",
                "The smallest eigenvalue was used: the steepest direction diverges.",
            ),
            Mistake(2 / (low + high), "这是收敛最快的学习率。", "That is the fastest learning rate."),
        ),
    )


def _draw_rate(compute: Compute, random: np.random.Generator) -> Exercise:
    low = float(random.integers(1, 5))
    high = low * float(random.choice([3, 4, 5, 7, 9]))
    arguments = {"eigenvalues": [low, high], "method": "gd"}
    numbers = compute(**arguments).numbers
    answer, kappa = float(numbers["rate_opt"]), float(numbers["kappa"])
    return Exercise(
        demo="quadratic_convergence",
        arguments=arguments,
        question_zh=f"Hessian 特征值为 {listed([low, high])}，梯度下降取最优的固定学习率，"
        "到最优点的误差每步（最慢时）乘以多少？",
        question_en=(
            f"The Hessian has eigenvalues {listed([low, high])}. With the best fixed learning rate, "
            "by which factor does gradient descent shrink the distance to the optimum per step, at the slowest?"
        ),
        answer=answer,
        steps_zh=(
            f"两端一样慢时最优：1 − {low:g}η = {high:g}η − 1，η = {short(2 / (low + high))}",
            f"κ = {kappa:g}，因子 (κ − 1)/(κ + 1) = {short(answer)}",
        ),
        steps_en=(
            f"best where both ends are equally slow: 1 − {low:g}η = {high:g}η − 1, η = {short(2 / (low + high))}",
            f"κ = {kappa:g}, the factor is (κ − 1)/(κ + 1) = {short(answer)}",
        ),
        hint_zh="令最小和最大特征值方向的收缩因子相等。",
        hint_en="Make the directions of the smallest and the largest eigenvalue equally slow.",
        mistakes=(
            Mistake(
                1 - 1 / kappa,
                "这是 η = 1/L 时的因子，不是最优。",
                "That is the factor for η = 1/L, which is not the best.",
            ),
            Mistake(
                (math.sqrt(kappa) - 1) / (math.sqrt(kappa) + 1),
                "这是最优动量的因子。",
                "That is the factor of the best momentum.",
            ),
            Mistake(
                2 / (low + high), "这是学习率，不是收缩因子。", "That is the learning rate, not the factor."
            ),
        ),
    )


def _draw_momentum(compute: Compute, random: np.random.Generator) -> Exercise:
    low = float(random.choice([1, 2, 4]))
    root = float(random.choice([2, 3, 4, 5, 7, 9, 10]))
    high = low * root**2
    arguments = {"eigenvalues": [low, high], "method": "momentum"}
    numbers = compute(**arguments).numbers
    answer, rate = float(numbers["beta_opt"]), float(numbers["rate_opt"])
    kappa = root**2
    return Exercise(
        demo="quadratic_convergence",
        arguments=arguments,
        question_zh=f"Hessian 特征值为 {listed([low, high])}，重球动量（heavy ball）的最优 β 是多少？",
        question_en=f"The Hessian has eigenvalues {listed([low, high])}. Which β is the best for heavy-ball momentum?",
        answer=answer,
        steps_zh=(
            f"κ = {high:g}/{low:g} = {kappa:g}，√κ = {root:g}",
            f"(√κ − 1)/(√κ + 1) = {short(rate)}，这是每步的收缩因子",
            f"β 是它的平方：{short(answer)}",
        ),
        steps_en=(
            f"κ = {high:g}/{low:g} = {kappa:g}, √κ = {root:g}",
            f"(√κ − 1)/(√κ + 1) = {short(rate)} is the factor per step",
            f"β is its square: {short(answer)}",
        ),
        hint_zh="最优时收缩因子等于 √β。",
        hint_en="At the optimum the factor per step is √β.",
        mistakes=(
            Mistake(rate, "忘了平方：这是收缩因子 √β。", "Not squared: that is the factor √β."),
            Mistake(
                (kappa - 1) / (kappa + 1),
                "这是梯度下降的收缩因子。",
                "That is the factor of gradient descent.",
            ),
            Mistake(((kappa - 1) / (kappa + 1)) ** 2, "κ 要先开方。", "The square root of κ was forgotten."),
        ),
    )
