"""Drills about losses on a softmax: focal loss, label smoothing, distillation. Answers come from the demo."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from assistant.demo_kit.exercises import Exercise, Mistake
from assistant.demo_kit.types import DemoResult
from assistant.demo_parts.clear_draws import draw_clear, listed, short

Compute = Callable[..., DemoResult]


def draw_softmax_drill(compute: Compute, random: np.random.Generator, level: int) -> Exercise:
    """Return the drill of `level`, 1 to 3, answered by the demo `compute`."""
    return draw_clear(lambda: (_draw_focal, _draw_smoothed, _draw_distilled)[level - 1](compute, random))


def _draw_focal(compute: Compute, random: np.random.Generator) -> Exercise:
    right = float(random.choice([0.1, 0.2, 0.3, 0.6, 0.7, 0.8, 0.9]))
    gamma, alpha = float(random.choice([1, 2, 3])), float(random.choice([0.25, 0.5, 0.75]))
    p = [right, round(1 - right, 9)]
    answer = float(compute(p=p, gamma=gamma, alpha=alpha).numbers["loss"])
    cross = -math.log(right)
    filled = f"{alpha:g} · {1 - right:.4g}^{gamma:g} · {short(cross)} = {short(answer)}"
    return Exercise(
        demo="softmax_loss",
        arguments={"p": p, "gamma": gamma, "alpha": alpha},
        question_zh=f"两类的预测概率是 {listed(p)}，正确类是第一类。"
        f"γ = {gamma:g}、α = {alpha:g} 的 focal loss 是多少？",
        question_en=f"Two classes have probabilities {listed(p)}, and the first is right. "
        f"What is the focal loss with γ = {gamma:g} and α = {alpha:g}?",
        answer=answer,
        steps_zh=(f"−ln p = {short(cross)}", filled),
        steps_en=(f"−ln p = {short(cross)}", filled),
        hint_zh="在交叉熵上乘 α 和调制因子 (1 − p_t)^γ。",
        hint_en="Cross-entropy times α and the modulating factor (1 − p_t)^γ.",
        mistakes=(
            Mistake(alpha * cross, "漏了调制因子 (1 − p_t)^γ。", "The factor (1 − p_t)^γ is missing."),
            Mistake(
                alpha * right**gamma * cross,
                "调制因子用了 p_t，应为 1 − p_t。",
                "p_t was used in place of 1 − p_t.",
            ),
            Mistake(answer / alpha, "漏了 α。", "α is missing."),
        ),
    )


def _draw_smoothed(compute: Compute, random: np.random.Generator) -> Exercise:
    logits = [float(v) for v in random.choice([-1, 0, 1, 2, 3], 3, replace=False)]
    epsilon, target = float(random.choice([0.1, 0.2, 0.3])), int(random.integers(3))
    arguments = {"logits": logits, "target": target, "label_smoothing": epsilon}
    numbers = compute(**arguments).numbers
    answer, p = float(numbers["gradient"][target]), float(numbers["probabilities"][target])
    label = 1 - epsilon + epsilon / 3
    steps = (
        f"q = 1 − {epsilon:g} + {epsilon:g}/3 = {short(label)}",
        f"p = {short(p)}",
        f"p − q = {short(answer)}",
    )
    return Exercise(
        demo="softmax_loss",
        arguments=arguments,
        question_zh=f"logits 为 {listed(logits)}，正确类的下标是 {target}（从 0 数起），"
        f"label smoothing 取 ε = {epsilon:g}，标签为 (1 − ε)·onehot + ε/K。损失对正确类 logit 的梯度是多少？",
        question_en=f"The logits are {listed(logits)}, the right class has index {target}, counted from 0, "
        f"and the labels are (1 − ε)·onehot + ε/K with ε = {epsilon:g}. "
        "What is the gradient with respect to the right class's logit?",
        answer=answer,
        steps_zh=steps,
        steps_en=steps,
        hint_zh="softmax 加交叉熵的梯度是 p 减去软标签。",
        hint_en="The gradient of softmax with cross-entropy is p minus the soft label.",
        mistakes=(
            Mistake(p - 1, "这是 one-hot 标签的梯度。", "That is the gradient with a one-hot label."),
            Mistake(p - (1 - epsilon), "ε/K 也分给正确类。", "The right class gets its ε/K, too."),
            Mistake(-answer, "符号反了：是 p − q。", "Wrong sign: it is p − q."),
        ),
    )


def _draw_distilled(compute: Compute, random: np.random.Generator) -> Exercise:
    teacher = [float(v) for v in np.sort(random.choice([0, 1, 2, 4, 6, 8], 2, replace=False))[::-1]]
    student = [float(v) for v in random.choice([0, 1, 2, 3], 2, replace=False)]
    heat = float(random.choice([2, 4, 5]))
    arguments = {"logits": student, "teacher": teacher, "temperature": heat}
    numbers = compute(**arguments).numbers
    answer = float(numbers["gradient"][0])
    p, q = float(numbers["probabilities"][0]), float(numbers["labels"][0])
    steps = (f"p = {short(p)}", f"q = {short(q)}", f"T (p − q) = {heat:g} · {short(p - q)} = {short(answer)}")
    return Exercise(
        demo="softmax_loss",
        arguments=arguments,
        question_zh=f"教师 logits {listed(teacher)}，学生 logits {listed(student)}，温度 T = {heat:g}，"
        "蒸馏损失为 T² KL(教师‖学生)。它对学生第一个 logit 的梯度是多少？",
        question_en=f"Teacher logits {listed(teacher)}, student logits {listed(student)}, temperature T = {heat:g}. "
        "What is the gradient of T² KL(teacher‖student) with respect to the student's first logit?",
        answer=answer,
        steps_zh=steps,
        steps_en=steps,
        hint_zh="softmax(z/T) 对 z 求导多出 1/T，再乘 T²。",
        hint_en="softmax(z/T) brings 1/T when differentiated; T² multiplies it.",
        mistakes=(
            Mistake(answer / heat**2, "漏了 T²。", "T² is missing."),
            Mistake(answer * heat, "对 z 求导时漏了 1/T。", "The factor 1/T of the derivative is missing."),
            Mistake(-answer, "符号反了：学生减教师。", "Wrong sign: student minus teacher."),
        ),
    )
