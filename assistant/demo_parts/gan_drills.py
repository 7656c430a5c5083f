"""Drills about the two small GANs, in words; the numbers come from the demos `dirac_gan` and `mode_collapse`."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from assistant.demo_kit.exercises import Exercise, Mistake


def bilinear_radius(arguments: Mapping[str, Any], numbers: Mapping[str, Any]) -> Exercise:
    """Return the question for the distance after simultaneous steps of the bilinear game from (1, 0)."""
    lr, steps, answer = arguments["lr"], arguments["steps"], numbers["radius"]
    each = f"√(1 + {lr}²) = {math.hypot(1, lr):.6g}"
    return Exercise(
        demo="dirac_gan",
        arguments=arguments,
        question_zh=f"双线性博弈 min_θ max_ψ θψ，从 (θ, ψ) = (1, 0) 出发，学习率 {lr}，同时更新 {steps} 步。"
        "此时到均衡点 (0, 0) 的距离是多少？",
        question_en=f"In the bilinear game min_θ max_ψ θψ, both players start from (θ, ψ) = (1, 0) and take {steps} "
        f"simultaneous steps of {lr}. How far is the equilibrium (0, 0) then?",
        answer=answer,
        steps_zh=(f"每一步把半径乘以 {each}", f"{steps} 步后：{answer:.6g}"),
        steps_en=(f"every step multiplies the radius by {each}", f"after {steps} steps: {answer:.6g}"),
        hint_zh="更新方向总与半径垂直。",
        hint_en="The update is always at a right angle to the radius.",
        mistakes=(
            Mistake(
                1.0, "以为绕圈时半径不变（只对连续时间成立）", "the radius is kept in continuous time only"
            ),
            Mistake(
                (1 + lr) ** steps,
                "把步长直接加到半径上",
                "added the step to the radius",
            ),
        ),
        tolerance=0.002,
    )


def turning_speed(arguments: Mapping[str, Any], numbers: Mapping[str, Any]) -> Exercise:
    """Return the question for the imaginary part of the eigenvalues under R1."""
    reg, answer = arguments["reg"], numbers["eigenvalues"]["re_im"][0][1]
    inner = f"√(0.5² - {reg}²/4) = {answer:.6g}"
    return Exercise(
        demo="dirac_gan",
        arguments=arguments,
        question_zh=f"Dirac-GAN（f'(0) = 0.5）加上 γ = {reg} 的 R1 惩罚，均衡点处 Jacobian 为 "
        f"[[0, -0.5], [0.5, -{reg}]]。特征值虚部的绝对值是多少？",
        question_en=f"The Dirac-GAN (f'(0) = 0.5) with an R1 penalty of γ = {reg} has the Jacobian [[0, -0.5], "
        f"[0.5, -{reg}]] at its equilibrium. How large is the imaginary part of the eigenvalues?",
        answer=answer,
        steps_zh=(f"λ² + {reg}λ + 0.25 = 0", f"虚部：{inner}"),
        steps_en=(f"λ² + {reg}λ + 0.25 = 0", f"imaginary part: {inner}"),
        hint_zh="写出 2x2 矩阵的特征多项式，用求根公式。",
        hint_en="Write down the characteristic polynomial and solve it.",
        mistakes=(
            Mistake(0.5, "忽略了惩罚项", "the penalty is ignored"),
            Mistake(reg / 2, "这是实部的绝对值", "this is the size of the real part"),
            Mistake(2 * answer, "求根公式漏了除以 2", "the formula's division by 2 is missing"),
        ),
    )


def step_factor(arguments: Mapping[str, Any], numbers: Mapping[str, Any]) -> Exercise:
    """Return the question for the factor of a simultaneous step near the equilibrium."""
    lr, answer = arguments["lr"], numbers["step_factor"]["abs_eig"]
    inner = f"|1 ± 0.5·{lr}·i| = √(1 + {0.25 * lr * lr:.4g}) = {answer:.6g}"
    return Exercise(
        demo="dirac_gan",
        arguments=arguments,
        question_zh=f"无正则的 Dirac-GAN 在均衡点处 Jacobian 的特征值为 ±0.5i。学习率 {lr}，同时更新，"
        "每一步把均衡点附近的半径乘以多少？",
        question_en="Without regularisation the Dirac-GAN's Jacobian has the eigenvalues ±0.5i at the equilibrium. "
        f"With simultaneous updates of learning rate {lr}, by what does each step multiply a small radius?",
        answer=answer,
        steps_zh=(f"一步的特征值是 1 + hλ：{inner}",),
        steps_en=(f"a step has the eigenvalues 1 + hλ: {inner}",),
        hint_zh="欧拉一步的特征值是 1 + hλ，取模。",
        hint_en="An Euler step has the eigenvalues 1 + hλ; take the modulus.",
        mistakes=(
            Mistake(1.0, "这是交替更新的结果", "this is true of alternating updates"),
            Mistake(math.hypot(1, lr), "漏了 f'(0) = 0.5", "f'(0) = 0.5 is missing"),
            Mistake(1 + 0.5 * lr, "把虚数当实数相加", "added the imaginary part as if it were real"),
        ),
        tolerance=0.002,
    )


def loop_gain(arguments: Mapping[str, Any], numbers: Mapping[str, Any]) -> Exercise:
    """Return the question for the left side of the stability condition."""
    k, g, lr_g, lr_d = (arguments[name] for name in ("n_modes", "g_steps", "lr_g", "lr_d"))
    answer = numbers["threshold"]["gain"]
    step = f"{lr_g} · {lr_d} · {g} / (2·{k}²) = {answer:.6g}"
    zh, en = _setting(arguments)
    return Exercise(
        demo="mode_collapse",
        arguments=arguments,
        question_zh=f"{zh}，生成器学习率 {lr_g}，每轮走 {g} 步。稳定性由 "
        "G = lr_g·lr_d·g_steps/(2K²) 决定，G 等于多少？",
        question_en=f"{en} The generator takes {g} steps of {lr_g} per round. Stability depends on "
        "G = lr_g·lr_d·g_steps/(2K²). What is G?",
        answer=answer,
        steps_zh=(f"G 要小于 4 - lr_d/K = {4 - lr_d / k:.4g} 才稳定", f"G = {step}"),
        steps_en=(f"stable while G < 4 - lr_d/K = {4 - lr_d / k:.4g}", f"G = {step}"),
        hint_zh="模式越多，每个模式分到的梯度越小，而且双方都如此。",
        hint_en="The more modes, the smaller each one's share of the gradient, for both players.",
        mistakes=(
            Mistake(answer * k, "K 没有平方", "K is not squared"),
            Mistake(answer * 2, "漏了分母里的 2", "the 2 in the denominator is missing"),
            Mistake(answer / g, "忘了每轮的步数", "the steps per round are missing"),
        ),
    )


def critical_steps(arguments: Mapping[str, Any], numbers: Mapping[str, Any]) -> Exercise:
    """Return the question for the number of generator steps from which on a round is unstable."""
    k, lr_g, lr_d = (arguments[name] for name in ("n_modes", "lr_g", "lr_d"))
    answer = numbers["critical_g_steps"]
    limit = f"4 - {lr_d}/{k} = {4 - lr_d / k:.6g}"
    step = f"g_steps = {4 - lr_d / k:.6g} · 2·{k}² / ({lr_g}·{lr_d}) = {answer:.6g}"
    zh, en = _setting(arguments)
    return Exercise(
        demo="mode_collapse",
        arguments=arguments,
        question_zh=f"{zh}，生成器学习率 {lr_g}。当 lr_g·lr_d·g_steps/(2K²) > 4 - lr_d/K 时均匀分布不再稳定。"
        "生成器每轮走多少步时到达临界点？",
        question_en=f"{en} The generator's learning rate is {lr_g}. The uniform generator is unstable where "
        "lr_g·lr_d·g_steps/(2K²) > 4 - lr_d/K. How many generator steps per round are critical?",
        answer=answer,
        steps_zh=(f"右边：{limit}", step),
        steps_en=(f"right side: {limit}", step),
        hint_zh="令两边相等，解出 g_steps。",
        hint_en="Set both sides equal and solve for g_steps.",
        mistakes=(
            Mistake(4 * 2 * k**2 / (lr_g * lr_d), "漏了 lr_d/K", "lr_d/K is missing"),
            Mistake(answer / k, "K 没有平方", "K is not squared"),
            Mistake(answer / 2, "漏了分母里的 2", "the 2 in the denominator is missing"),
        ),
    )


def round_factor(arguments: Mapping[str, Any], numbers: Mapping[str, Any]) -> Exercise:
    """Return the question for what a stable round multiplies small deviations by."""
    k, g, lr_d = (arguments[name] for name in ("n_modes", "g_steps", "lr_d"))
    answer, decay = numbers["round_factor"], 1 - lr_d / (2 * k)
    c = g / k**2
    zh, en = _setting(arguments)
    return Exercise(
        demo="mode_collapse",
        arguments=arguments,
        question_zh=f"{zh}。在均匀分布附近，一轮训练是 s ← (1 - lr_d/(2K))·s - (lr_d/2)·q，然后 q ← q + {c:.4g}·s，"
        "两个特征值是共轭复数。一轮把偏差（按特征值的模）乘以多少？",
        question_en=f"{en} Near the uniform generator a round is s ← (1 - lr_d/(2K))·s - (lr_d/2)·q, then "
        f"q ← q + {c:.4g}·s, and its two eigenvalues are complex conjugates. What is their modulus?",
        answer=answer,
        steps_zh=(f"行列式：1 - {lr_d}/(2·{k}) = {decay:.6g}", f"共轭对的模是行列式的平方根：{answer:.6g}"),
        steps_en=(
            f"determinant: 1 - {lr_d}/(2·{k}) = {decay:.6g}",
            f"a pair's modulus is its root: {answer:.6g}",
        ),
        hint_zh="共轭特征值之积等于行列式；先后两步的行列式相乘。",
        hint_en="The product of the pair is the determinant, and determinants of successive steps multiply.",
        mistakes=(
            Mistake(decay, "忘了开平方", "the square root is missing"),
            Mistake(1.0, "忽略了判别器分数的衰减", "the decay of the scores is ignored"),
        ),
        tolerance=0.002,
    )


def _setting(arguments: Mapping[str, Any]) -> tuple[str, str]:
    k, lr_d = arguments["n_modes"], arguments["lr_d"]
    return (
        f"一个 GAN 的数据有 K={k} 个等概率的模式，判别器学习率 {lr_d}，每轮走 1 步",
        f"A GAN's data has K={k} equally likely modes. The discriminator takes one step of {lr_d} per round.",
    )
