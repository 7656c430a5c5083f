"""The drill of `norm_axes`: how many means a normalization layer keeps, and over how many values."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from assistant.demo_kit.exercises import Exercise, Mistake
from assistant.demo_kit.types import DemoResult

_NAMES = {
    "bn": ("批归一化（BN）", "batch normalization (BN)"),
    "ln": ("层归一化（LN，对每个样本的 C、H、W）", "layer normalization (LN, over C, H and W)"),
    "in": ("实例归一化（IN）", "instance normalization (IN)"),
    "gn": ("组归一化（GN）", "group normalization (GN)"),
}
_COUNT = {"bn": "C", "ln": "N", "in": "N·C", "gn": "N·G"}


def draw(random: np.random.Generator, level: int, demo: Callable[..., DemoResult]) -> Exercise:
    """Return the exercise of `level`: 1 statistics of BN, LN or IN; 2 those of GN; 3 the elements of one."""
    # No product of these that a slip may lead to equals another.
    n, c, side = (int(random.choice(options)) for options in ((5, 7, 9, 10), (32, 48, 64), (7, 14, 28)))
    groups = int(random.choice([4, 8, 16]))
    method = ["bn", "ln", "in"][int(random.integers(3))]
    if level >= 2:
        method = "gn" if level == 2 else ["bn", "gn"][int(random.integers(2))]
    arguments: dict[str, Any] = {"shape": [n, c, side, side], "method": method}
    if method == "gn":
        arguments["groups"] = groups
    numbers = demo(**arguments).numbers
    zh, en = _NAMES[method]
    with_groups = (f"，分 {groups} 组", f" with {groups} groups") if method == "gn" else ("", "")
    given_zh = f"形状为 [N, C, H, W] = [{n}, {c}, {side}, {side}] 的张量经过{zh}{with_groups[0]}"
    given_en = (
        f"A tensor of shape [N, C, H, W] = [{n}, {c}, {side}, {side}] goes through {en}{with_groups[1]}"
    )
    counts = {"bn": c, "ln": n, "in": n * c, "gn": n * groups}
    count = counts[method]
    step = f"{_COUNT[method]} = {count}"
    if level < 3:
        answer = numbers["n_stats"]
        question = (
            f"{given_zh}，训练时要算多少个均值？",
            f"{given_en}. How many means are computed in training?",
        )
        steps_zh: tuple[str, ...] = (f"{zh}的均值个数是 {_COUNT[method]}", step)
        steps_en: tuple[str, ...] = (f"{en} keeps {_COUNT[method]} means", step)
        mistakes = [
            Mistake(
                counts[other], f"这是{_NAMES[other][0]}的个数", f"that is the count of {_NAMES[other][1]}"
            )
            for other in counts
            if other not in (method, "gn")
        ]
        if method == "gn":
            mistakes.insert(0, Mistake(groups, "忘了每个样本各算一次", "every sample has its own groups"))
    else:
        answer = numbers["elements_per_stat"]
        total = n * c * side * side
        question = (
            f"{given_zh}，每个均值是对多少个元素取的？",
            f"{given_en}. Over how many elements is each mean taken?",
        )
        steps_zh = (
            f"元素总数 {n}·{c}·{side}·{side} = {total}",
            f"均值个数 {step}",
            f"{total} / {count} = {answer}",
        )
        steps_en = (
            f"elements: {n}·{c}·{side}·{side} = {total}",
            f"means: {step}",
            f"{total} / {count} = {answer}",
        )
        mistakes = [
            Mistake(
                count, "这是均值的个数，不是每个均值的元素数", "that is the number of means, not of elements"
            ),
            Mistake(side * side, "只数了 H·W，那是 IN", "only H·W was counted, which is IN"),
            Mistake(total // n, "这是 C·H·W，那是 LN", "that is C·H·W, which is LN"),
        ]
    return Exercise(
        demo="norm_axes",
        arguments=arguments,
        question_zh=question[0],
        question_en=question[1],
        answer=answer,
        steps_zh=steps_zh,
        steps_en=steps_en,
        hint_zh="先想清楚哪些轴共用一个均值，剩下的轴相乘就是均值的个数。",
        hint_en="First settle which axes share one mean; the other axes multiply to the number of means.",
        mistakes=tuple(mistakes),
        tolerance=0,
    )
