"""Drills about penalised regression: one feature under ridge and lasso, and the lambda that removes everything.

Answers are computed by the demo, which is handed in. The data are centred, so that the intercept is 0.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from assistant.demo_kit.exercises import Exercise, Mistake
from assistant.demo_kit.types import DemoResult
from assistant.demo_parts.clear_draws import draw_clear, listed, short

Compute = Callable[..., DemoResult]


def draw_regularization_drill(compute: Compute, random: np.random.Generator, level: int) -> Exercise:
    """Return the drill of `level`, 1 to 3, answered by the demo `compute`."""
    return draw_clear(lambda: (_draw_ridge, _draw_lasso, _draw_lambda_max)[level - 1](compute, random))


def _centred(random: np.random.Generator, slope: float) -> tuple[list[float], list[float]]:
    """Return four values of x and of y, both with mean 0, whose relation has about this slope."""
    a, b = (float(v) for v in random.choice([1, 2, 3, 4], 2, replace=False))
    c = float(random.integers(-2, 3))
    x = [-a, -b, b, a]
    return x, [-slope * a + c, -slope * b - c, slope * b, slope * a]


def _draw_ridge(compute: Compute, random: np.random.Generator) -> Exercise:
    x, y = _centred(random, float(random.integers(1, 5)))
    lam = float(random.choice([2, 5, 10, 20]))
    arguments = {
        "penalty": "l2",
        "objective": "sum",
        "lambdas": [lam],
        "X": [[value] for value in x],
        "y": y,
    }
    answer = float(compute(**arguments).numbers["coef"][0])
    xx, xy = float(np.dot(x, x)), float(np.dot(x, y))
    return Exercise(
        demo="regularization_path",
        arguments=arguments,
        question_zh=(
            f"一个特征 x = {listed(x)}，目标 y = {listed(y)}（均值都为 0），"
            f"岭回归最小化 Σ(y − wx)² + λw²，λ = {lam:g}，w 是多少？"
        ),
        question_en=(
            f"One feature x = {listed(x)} and targets y = {listed(y)}, both with mean 0: which w minimises the ridge "
            f"objective Σ(y − wx)² + λw² with λ = {lam:g}?"
        ),
        answer=answer,
        steps_zh=(
            f"Σxy = {xy:g}，Σx² = {xx:g}",
            "令导数为 0：w = Σxy / (Σx² + λ)",
            f"w = {xy:g} / ({xx:g} + {lam:g}) = {short(answer)}",
        ),
        steps_en=(
            f"Σxy = {xy:g}, Σx² = {xx:g}",
            "the derivative is 0 at w = Σxy / (Σx² + λ)",
            f"w = {xy:g} / ({xx:g} + {lam:g}) = {short(answer)}",
        ),
        hint_zh="对 w 求导，λ 会加到分母上。",
        hint_en="Differentiate with respect to w: λ joins the denominator.",
        mistakes=(
            Mistake(xy / xx, "这是没有正则的最小二乘解。", "That is least squares, without the penalty."),
            Mistake(
                (xy - lam / 2) / xx,
                "这是 L1 的解：L2 不是从分子里减。",
                "That is the L1 solution: L2 does not subtract from the numerator.",
            ),
            Mistake(
                xy / (xx + len(x) * lam),
                "λ 多乘了样本数：这里误差取和，不取平均。",
                "λ was multiplied by the number of samples, but the errors are summed here, not averaged.",
            ),
        ),
    )


def _draw_lasso(compute: Compute, random: np.random.Generator) -> Exercise:
    x, y = _centred(random, float(random.choice([-3, -2, -1, 1, 2, 3])))
    lam = float(random.choice([0.5, 1, 1.5, 2, 3]))
    arguments = {
        "penalty": "l1",
        "objective": "1/(2n)",
        "lambdas": [lam],
        "X": [[value] for value in x],
        "y": y,
    }
    answer = float(compute(**arguments).numbers["coef"][0])
    n = len(x)
    a, c = float(np.dot(x, x)) / n, float(np.dot(x, y)) / n
    kept = float(np.sign(c)) * max(abs(c) - lam, 0.0)
    return Exercise(
        demo="regularization_path",
        arguments=arguments,
        question_zh=(
            f"一个特征 x = {listed(x)}，目标 y = {listed(y)}（均值都为 0），"
            f"lasso 最小化 Σ(y − wx)²/(2n) + λ|w|，n = {n}，λ = {lam:g}，w 是多少？"
        ),
        question_en=(
            f"One feature x = {listed(x)} and targets y = {listed(y)}, both with mean 0: which w minimises the lasso "
            f"objective Σ(y − wx)²/(2n) + λ|w| with n = {n} and λ = {lam:g}?"
        ),
        answer=answer,
        steps_zh=(
            f"Σxy/n = {c:g}，Σx²/n = {a:g}",
            f"软阈值：sign({c:g})·max({abs(c):g} − {lam:g}, 0) = {short(kept)}",
            f"再除以 Σx²/n：w = {short(answer)}",
        ),
        steps_en=(
            f"Σxy/n = {c:g}, Σx²/n = {a:g}",
            f"soft threshold: sign({c:g})·max({abs(c):g} − {lam:g}, 0) = {short(kept)}",
            f"divided by Σx²/n: w = {short(answer)}",
        ),
        hint_zh="对 Σxy/n 做软阈值，最后别忘了除以 Σx²/n。",
        hint_en="Soft-threshold Σxy/n, then divide by Σx²/n.",
        mistakes=(
            Mistake(c / a, "这是没有正则的最小二乘解。", "That is least squares, without the penalty."),
            Mistake(
                kept,
                "列没有标准化，软阈值之后还要除以 Σx²/n。",
                "The column is not scaled to 1: divide by Σx²/n.",
            ),
            Mistake(c / (a + lam), "这是 L2 的收缩。", "That is how L2 shrinks."),
        ),
    )


def _draw_lambda_max(compute: Compute, random: np.random.Generator) -> Exercise:
    # Orthogonal columns of mean 0 and a target of mean 0.
    rows = [[1.0, 1.0], [1.0, -1.0], [-1.0, 1.0], [-1.0, -1.0]]
    p, q = (float(v) for v in random.choice([-5, -4, -3, -2, -1, 1, 2, 3, 4, 5], 2, replace=False))
    bend = float(random.integers(-2, 3))
    y = [p * u + q * v + bend * u * v for u, v in rows]
    arguments = {"penalty": "l1", "objective": "1/(2n)", "lambdas": [0.1], "X": rows, "y": y}
    answer = float(compute(**arguments).numbers["lambda_max"])
    products = [4 * p, 4 * q]
    return Exercise(
        demo="regularization_path",
        arguments=arguments,
        question_zh=(
            f"特征矩阵 X = [{', '.join(listed(row) for row in rows)}]，y = {listed(y)}，各列和 y 的均值都为 0。"
            "lasso 最小化 ‖y − Xw‖²/(2n) + λ‖w‖₁，λ 至少多大时所有权重都为 0？"
        ),
        question_en=(
            f"X = [{', '.join(listed(row) for row in rows)}] and y = {listed(y)}; the columns and y have mean 0. "
            "The lasso minimises ‖y − Xw‖²/(2n) + λ‖w‖₁. From which λ on are all weights 0?"
        ),
        answer=answer,
        steps_zh=(
            f"Xᵀy = {listed(products)}",
            "w = 0 是最优解，当且仅当每个 |xⱼᵀy|/n ≤ λ",
            f"λ_max = {max(map(abs, products)):g} / 4 = {short(answer)}",
        ),
        steps_en=(
            f"Xᵀy = {listed(products)}",
            "w = 0 is the optimum exactly where every |xⱼᵀy|/n ≤ λ",
            f"λ_max = {max(map(abs, products)):g} / 4 = {short(answer)}",
        ),
        hint_zh="在 w = 0 处，哪个特征的梯度最大？",
        hint_en="Which feature has the largest gradient at w = 0?",
        mistakes=(
            Mistake(4 * answer, "漏了除以 n。", "Not divided by n."),
            Mistake(
                min(map(abs, products)) / 4,
                "取了最小值：那时另一个权重还不为 0。",
                "That is the minimum: the other weight is not 0 yet.",
            ),
            Mistake(
                2 * answer,
                "只除了 n/2：误差项前面是 1/(2n)。",
                "Divided by n/2 only: the errors carry 1/(2n).",
            ),
        ),
    )
