"""Drills about non-maximum suppression: comparisons and decayed scores. Answers come from the demo."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from assistant.demo_kit.exercises import Exercise, Mistake
from assistant.demo_kit.types import DemoResult
from assistant.demo_parts.clear_draws import draw_clear, short

Compute = Callable[..., DemoResult]


def draw_suppression_drill(compute: Compute, random: np.random.Generator, level: int) -> Exercise:
    """Return the drill of `level`, 1 to 3, answered by the demo `compute`."""
    return draw_clear(lambda: _draw(compute, random, level))


def _draw(compute: Compute, random: np.random.Generator, level: int) -> Exercise:
    # Side by side: A suppresses B, and B, were it still there, C.
    side = 10
    first, second = sorted(int(v) for v in random.choice(np.arange(1, 8), 2, replace=False))
    boxes = [[x, 0, x + side, side] for x in (0, first, second, int(random.integers(20, 40)))]
    scores = [
        float(v) for v in sorted(random.choice(np.arange(0.5, 0.99, 0.05), 4, replace=False).round(2))[::-1]
    ]
    method = ("hard", "linear", "gaussian")[level - 1]
    limit: dict[str, float] = {"sigma": 0.5} if level == 3 else {"threshold": 0.5 if level == 1 else 0.3}
    arguments: dict[str, Any] = {"boxes": boxes, "scores": scores, "method": method, **limit}
    numbers = compute(**arguments).numbers
    iou = numbers["iou"]
    ab, ac, bc = float(iou[0, 1]), float(iou[0, 2]), float(iou[1, 2])
    overlaps = [f"IoU(A,B) = {short(ab)}, IoU(A,C) = {short(ac)}, IoU(B,C) = {short(bc)}"]
    steps: list[str]
    if level == 1:
        answer = float(numbers["comparisons"])
        steps = [*overlaps, "A–B, A–C, A–D: 3", f"3 + {answer - 3:g} = {answer:g}"]
        asks = ("贪心 NMS 一共要算几次 IoU？", "How many IoUs does greedy NMS compute?")
        slips = [
            Mistake(6.0, "被删掉的框不再参加比较。", "A removed box is compared no more."),
            Mistake(
                12.0,
                "每一对最多只比一次，删掉的框也不再比较。",
                "A pair is compared once at most, and a removed box no more.",
            ),
            Mistake(float(numbers["n_kept"]), "这是保留的框数。", "That is the number of boxes kept."),
        ]
    else:
        answer = float(numbers["final_scores"][2])
        fa, fb = _decay(level, ac), _decay(level, bc)
        c, b = scores[2], scores[1] * _decay(level, ab)
        b_first = b > c * fa
        product = f"{c:g} · {short(fa)}" + (f" · {short(fb)}" if b_first else "")
        steps = [*overlaps, f"{'A, B' if b_first else 'A'} → C: {product} = {short(answer)}"]
        asks = ("C 的最终分数是多少？", "What is the final score of C?")
        slips = [
            Mistake(c, "C 与 A 重叠，分数要衰减。", "C overlaps A, so its score decays."),
            Mistake(
                c * (fa if b_first else fa * fb),
                "只用排在 C 之前选出的框衰减，且每个都要乘。",
                "Every box picked before C, and no other, lowers its score.",
            ),
            Mistake(c * ac, "应乘衰减因子，不是乘 IoU。", "The factor is the decay, not the IoU."),
        ]
    how = {"hard": "hard NMS", "linear": "linear Soft-NMS", "gaussian": "gaussian Soft-NMS"}[method]
    at = f"σ = {limit['sigma']:g}" if level == 3 else f"Nt = {limit['threshold']:g}"
    listing = ", ".join(
        f"{n} {tuple(box)} {score:g}" for n, box, score in zip("ABCD", boxes, scores, strict=True)
    )
    return Exercise(
        demo="nms",
        arguments=arguments,
        question_zh=f"四个框（x1, y1, x2, y2）和分数：{listing}。用 {how}，{at}，{asks[0]}",
        question_en=f"Four boxes (x1, y1, x2, y2) with scores: {listing}. {how} with {at}: {asks[1]}",
        answer=answer,
        steps_zh=tuple(steps),
        steps_en=tuple(steps),
        hint_zh="每次取剩下的最高分，只用它去比较还剩下的框。",
        hint_en="Pick the highest score that is left and compare it only with the boxes still there.",
        mistakes=tuple(slips),
        tolerance=0.0 if level == 1 else 0.01,
    )


def _decay(level: int, iou: float) -> float:
    """Return the factor of linear Soft-NMS with a threshold of 0.3, or of the gaussian with σ = 0.5."""
    if level == 3:
        return math.exp(-(iou**2) / 0.5)
    return 1 - iou if iou >= 0.3 else 1.0
