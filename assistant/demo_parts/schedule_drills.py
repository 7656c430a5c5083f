"""Drills about learning-rate schedules: the rate at one step. Answers come from the demo."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from assistant.demo_kit.exercises import Exercise, Mistake
from assistant.demo_kit.types import DemoResult
from assistant.demo_parts.clear_draws import draw_clear, short

Compute = Callable[..., DemoResult]


def draw_schedule_drill(compute: Compute, random: np.random.Generator, level: int) -> Exercise:
    """Return the drill of `level`, 1 to 3, answered by the demo `compute`."""
    return draw_clear(lambda: _draw(compute, random, level))


def _draw(compute: Compute, random: np.random.Generator, level: int) -> Exercise:
    lr = float(random.choice([0.1, 0.2, 0.4, 0.8]))
    arguments: dict[str, Any]
    if level == 1:
        gamma, every, t = (
            float(random.choice([0.1, 0.2, 0.5])),
            int(random.choice([10, 20, 30])),
            int(random.integers(25, 90)),
        )
        arguments = {"schedule": "step", "lr": lr, "gamma": gamma, "every": every, "at": [t]}
        passed = t // every
        said = (f"step 衰减，每 {every} 步乘 {gamma:g}，", f"step decay by {gamma:g} every {every} steps")
        steps = [f"⌊{t}/{every}⌋ = {passed}", f"{lr:g} · {gamma:g}^{passed}"]
        slips = [
            Mistake(
                lr * gamma ** (passed + 1),
                "多衰减了一次：应向下取整。",
                "Decayed once too often: the quotient is rounded down.",
            ),
            Mistake(
                lr * gamma ** (t / every),
                "step 衰减是阶梯，不是连续的指数。",
                "Step decay is a staircase, not a continuous power.",
            ),
            Mistake(
                lr * (1 - gamma) ** passed,
                "每次乘 γ，不是减去 γ 的比例。",
                "Each decay multiplies by γ, not by 1 − γ.",
            ),
        ]
    else:
        total, warmup = int(random.choice([100, 120, 200])), 0 if level == 2 else int(random.choice([10, 20]))
        share = float(random.choice([0.25, 0.5, 0.75, 0.4, 0.6]))
        t = warmup + round(share * (total - warmup))
        arguments = {"schedule": "cosine", "lr": lr, "steps": total, "at": [t]}
        if warmup:
            arguments |= {"schedule": "warmup_cosine", "warmup": warmup}
        said = (
            (
                f"共 {total} 步，先用 {warmup} 步线性 warmup 从 0 升起，再余弦退火到 0，",
                f"a linear warm-up from 0 over {warmup} of {total} steps, then cosine annealing to 0",
            )
            if warmup
            else (f"余弦退火，共 {total} 步降到 0，", f"cosine annealing to 0 over {total} steps")
        )
        inner = (t - warmup) / (total - warmup)
        steps = [
            f"({t} − {warmup}) / ({total} − {warmup}) = {inner:.4g}",
            f"½ · {lr:g} · (1 + cos {inner:.4g}π)",
        ]
        slips = [
            Mistake(lr * (1 - inner), "这是线性衰减。", "That is linear decay."),
            Mistake(
                lr * (1 + math.cos(math.pi * t / total)) / 2,
                "余弦从 warmup 结束处开始。",
                "The cosine begins where warm-up ends.",
            ),
            Mistake(
                lr * math.cos(math.pi * inner / 2),
                "余弦走半个周期，即 0 到 π，再取 ½(1 + cos)。",
                "The cosine runs from 0 to π in ½(1 + cos).",
            ),
            Mistake(
                lr * (1 - math.cos(math.pi * inner)) / 2,
                "符号反了，学习率应下降。",
                "Wrong sign: the rate falls.",
            ),
        ]
    answer = float(compute(**arguments).numbers["lr_at"][0])
    steps[-1] += f" = {short(answer)}"
    return Exercise(
        demo="lr_schedule",
        arguments=arguments,
        question_zh=f"学习率 {lr:g}，{said[0]}走完 {t} 步后学习率是多少？",
        question_en=f"A learning rate of {lr:g} with {said[1]}: what is it after {t} steps?",
        answer=answer,
        steps_zh=tuple(steps),
        steps_en=tuple(steps),
        hint_zh="先数走过了几段（step）或走完的比例（余弦）。",
        hint_en="First how many decays have passed, or what share of the cosine.",
        mistakes=tuple(slips),
    )
