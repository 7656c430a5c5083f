"""Drills about average precision: the raw sum, the envelope, eleven points. Answers come from the demo."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from assistant.demo_kit.exercises import Exercise, Mistake
from assistant.demo_kit.types import DemoResult
from assistant.demo_parts.clear_draws import draw_clear, short

Compute = Callable[..., DemoResult]


def draw_precision_drill(compute: Compute, random: np.random.Generator, level: int) -> Exercise:
    """Return the drill of `level`, 1 to 3, answered by the demo `compute`."""
    return draw_clear(lambda: _draw(compute, random, level))


def _draw(compute: Compute, random: np.random.Generator, level: int) -> Exercise:
    name, said_zh, said_en = (
        ("ap_raw", "不插值的 AP ", "AP without interpolation"),
        ("ap_all_points", "全部点插值的 AP（VOC 2010 起）", "all-point AP (VOC from 2010)"),
        ("ap_11", "VOC 2007 的 11 点 AP ", "11-point AP (VOC 2007)"),
    )[level - 1]
    flags = [int(v) for v in random.permutation([1, 1, 1, 0, 0, 0])]
    whole = int(random.integers(4, 6))
    numbers = compute(tp=flags, positives=whole).numbers
    answer = float(numbers[name])
    ranked = ", ".join("TP" if flag else "FP" for flag in flags)
    where = "precision" if level == 1 else "envelope"
    at = [
        (float(r), float(p))
        for r, p, hit in zip(numbers["recall"], numbers[where], flags, strict=True)
        if hit
    ]
    points = "; ".join(f"r = {r:.4g}: p = {p:.4g}" for r, p in at)
    if level == 3:
        before = [-1.0, *(recall for recall, _ in at)]
        terms = [f"{_points(low, recall)}·{p:.4g}" for low, (recall, p) in zip(before, at, strict=False)]
        last = f"({' + '.join(terms)}) / 11"
    else:
        last = f"({' + '.join(f'{p:.4g}' for _, p in at)}) / {whole}"
    slips = {
        1: [
            Mistake(
                answer * whole / 3,
                "分母是全部真值框，不只是检出的。",
                "The sum is divided by all objects, not by those found.",
            )
        ],
        2: [
            Mistake(
                float(numbers["ap_raw"]),
                "没有取右边的最大值。",
                "The maximum over higher recalls was not taken.",
            ),
            Mistake(
                answer * whole / 3,
                "分母是全部真值框，不只是检出的。",
                "Divided by the objects found, not by all.",
            ),
        ],
        3: [
            Mistake(answer * 11 / 10, "0、0.1、…、1 是 11 个点。", "0, 0.1, ..., 1 are 11 points."),
            Mistake(
                float(numbers["ap_all_points"]),
                "这是曲线下面积，不是 11 点平均。",
                "That is the area, not the mean of 11 points.",
            ),
        ],
    }[level]
    slips.append(
        Mistake(
            float(np.mean(numbers["precision"])),
            "只在命中处取 precision。",
            "Precision counts at the hits only.",
        )
    )
    slips.append(Mistake(3 / whole, "这是最终的召回率。", "That is the final recall."))
    return Exercise(
        demo="average_precision",
        arguments={"tp": flags, "positives": whole},
        question_zh=f"共有 {whole} 个真值框，按分数降序的检测是 {ranked}，{said_zh}是多少？",
        question_en=f"There are {whole} objects; the detections by falling score are {ranked}. What is the {said_en}?",
        answer=answer,
        steps_zh=(f"命中处：{points}", f"{last} = {short(answer)}"),
        steps_en=(f"at the hits: {points}", f"{last} = {short(answer)}"),
        hint_zh="先写出每个 TP 处的 precision 和 recall；没检出的目标也在分母里。",
        hint_en="Precision and recall at each TP first; objects never found count, too.",
        mistakes=tuple(slips),
    )


def _points(low: float, recall: float) -> int:
    """Return how many of 0, 0.1, ..., 1 lie above `low` and up to `recall`."""
    return sum(low + 1e-9 < i / 10 <= recall + 1e-9 for i in range(11))
