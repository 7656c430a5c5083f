"""Drills about regression losses: mean absolute error, the fit with an outlier, mean Huber loss.

Answers are computed by the demo, which is handed in.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from assistant.demo_kit.exercises import Exercise, Mistake
from assistant.demo_kit.types import DemoResult
from assistant.demo_parts.clear_draws import draw_clear, listed, short
from assistant.demo_parts.regression_losses import losses

Compute = Callable[..., DemoResult]


def draw_loss_drill(compute: Compute, random: np.random.Generator, level: int) -> Exercise:
    """Return the drill of `level`, 1 to 3, answered by the demo `compute`."""
    return draw_clear(lambda: (_draw_mae, _draw_fit, _draw_huber)[level - 1](compute, random))


def _draw_mae(compute: Compute, random: np.random.Generator) -> Exercise:
    truth = [float(v) for v in random.integers(-5, 10, 3)]
    predicted = [
        v + float(e) for v, e in zip(truth, random.choice([-4, -3, -2, -1, 1, 2, 3, 4], 3), strict=True)
    ]
    arguments = {"y_true": truth, "y_pred": predicted}
    errors = np.subtract(predicted, truth)
    answer = float(compute(y_true=truth, y_pred=predicted).numbers["mae"])
    total = float(np.abs(errors).sum())
    return Exercise(
        demo="loss_compare",
        arguments=arguments,
        question_zh=f"目标值 {listed(truth)}，预测值 {listed(predicted)}，平均绝对误差（MAE）是多少？",
        question_en=f"Targets {listed(truth)}, predictions {listed(predicted)}: what is the mean absolute error?",
        answer=answer,
        steps_zh=(
            f"误差 e = 预测 − 目标 = {listed(errors)}",
            f"Σ|e| = {total:g}",
            f"除以 3，得 {short(answer)}",
        ),
        steps_en=(
            f"errors e = prediction − target = {listed(errors)}",
            f"Σ|e| = {total:g}",
            f"divided by 3: {short(answer)}",
        ),
        hint_zh="先取绝对值，再求平均。",
        hint_en="Absolute values first, then the average.",
        mistakes=(
            Mistake(
                float((errors**2).mean()),
                "这是 MSE：误差被平方了。",
                "That is the MSE: the errors were squared.",
            ),
            Mistake(
                total, "只求了和，没有除以样本数。", "That is the sum, not divided by the number of samples."
            ),
            Mistake(
                abs(float(errors.mean())),
                "先平均再取绝对值，正负误差互相抵消了。",
                "Averaged before taking absolute values, so errors of opposite sign cancelled.",
            ),
        ),
    )


def _draw_fit(compute: Compute, random: np.random.Generator) -> Exercise:
    values = [float(v) for v in np.sort(random.integers(1, 10, 4))]
    outlier = float(random.integers(3, 11) * 10)
    everything = [*values, outlier]
    numbers = compute(values=values, outlier=outlier).numbers
    answer = float(numbers["l2_fit_after"])
    return Exercise(
        demo="loss_compare",
        arguments={"values": values, "outlier": outlier},
        question_zh=(
            f"用一个常数拟合 {listed(values)}，再加入离群点 {outlier:g}。"
            "加入之后，使 L2 损失最小的常数是多少？"
        ),
        question_en=(
            f"A constant is fitted to {listed(values)} and the outlier {outlier:g} is added. "
            "Which constant has the least L2 loss afterwards?"
        ),
        answer=answer,
        steps_zh=(
            "令 Σ(c − x)² 的导数 2Σ(c − x) 为 0，得 c = 均值",
            f"({' + '.join(f'{v:g}' for v in everything)}) / {len(everything)} = {short(answer)}",
        ),
        steps_en=(
            "setting the derivative 2Σ(c − x) of Σ(c − x)² to 0 gives c = the mean",
            f"({' + '.join(f'{v:g}' for v in everything)}) / {len(everything)} = {short(answer)}",
        ),
        hint_zh="令损失对常数的导数为 0。",
        hint_en="Set the derivative with respect to the constant to 0.",
        mistakes=(
            Mistake(
                float(numbers["l1_fit_after"]),
                "这是中位数，即 L1 损失的解。",
                "That is the median, the fit under L1.",
            ),
            Mistake(float(numbers["l2_fit_before"]), "没有算上离群点。", "The outlier was left out."),
            Mistake(
                sum(everything) / len(values),
                "除数少算了离群点。",
                "The outlier was not counted in the divisor.",
            ),
        ),
    )


def _draw_huber(compute: Compute, random: np.random.Generator) -> Exercise:
    delta = float(random.choice([0.5, 1, 1.5, 2]))
    errors = np.array(
        [delta / 2, delta * float(random.integers(2, 5)), -delta * float(random.integers(2, 7))]
    )
    truth = [float(v) for v in random.integers(-4, 8, 3)]
    predicted = [float(v) for v in truth + errors]
    numbers = compute(y_true=truth, y_pred=predicted, delta=delta).numbers
    answer = float(numbers["huber"])
    terms = losses(errors, delta)["huber"]
    size = np.abs(errors)
    return Exercise(
        demo="loss_compare",
        arguments={"y_true": truth, "y_pred": predicted, "delta": delta},
        question_zh=f"目标值 {listed(truth)}，预测值 {listed(predicted)}，δ = {delta:g}，平均 Huber 损失是多少？",
        question_en=(
            f"Targets {listed(truth)}, predictions {listed(predicted)}, δ = {delta:g}: what is the mean Huber loss?"
        ),
        answer=answer,
        steps_zh=(
            f"误差 e = {listed(errors)}",
            f"|e| ≤ {delta:g} 用 ½e²，否则用 δ|e| − ½δ²：{listed(terms)}",
            f"平均得 {short(answer)}",
        ),
        steps_en=(
            f"errors e = {listed(errors)}",
            f"½e² where |e| ≤ {delta:g}, else δ|e| − ½δ²: {listed(terms)}",
            f"their mean is {short(answer)}",
        ),
        hint_zh="逐个误差判断是在二次段还是线性段。",
        hint_en="Decide for each error whether it is in the quadratic or the linear part.",
        mistakes=(
            Mistake(
                float((0.5 * errors**2).mean()),
                "所有误差都用了 ½e²，忘了线性段。",
                "½e² was used for all errors; the linear part was forgotten.",
            ),
            Mistake(
                float(np.where(size <= delta, 0.5 * errors**2, delta * size).mean()),
                "线性段漏了 −½δ²，损失在 δ 处不连续。",
                "The linear part lacks −½δ², so the loss would jump at δ.",
            ),
            Mistake(float(size.mean()), "这是 MAE。", "That is the MAE."),
        ),
    )
