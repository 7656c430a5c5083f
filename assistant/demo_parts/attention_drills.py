"""Drills about dot-product attention: its maps, its multiply-adds, one weight. Answers come from the demo."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from assistant.demo_kit.exercises import Exercise, Mistake
from assistant.demo_kit.types import DemoResult
from assistant.demo_parts.clear_draws import draw_clear, short

Compute = Callable[..., DemoResult]


def draw_attention_drill(compute: Compute, random: np.random.Generator, level: int) -> Exercise:
    """Return the drill of `level`, 1 to 3, answered by the demo `compute`."""
    return draw_clear(
        lambda: _draw_weight(compute, random) if level == 3 else _draw_cost(compute, random, level)
    )


def _draw_cost(compute: Compute, random: np.random.Generator, level: int) -> Exercise:
    side, patch = int(random.choice([224, 256, 384])), int(random.choice([8, 16, 32]))
    tokens, heads = (side // patch) ** 2, int(random.choice([3, 6, 12]))
    width = 64 * heads
    arguments: dict[str, Any] = {"n": tokens, "d": width, "heads": heads}
    cost = compute(**arguments).numbers["cost"]
    if level == 1:
        answer = float(cost["map_values"])
        asks = (
            "一层里所有头的注意力权重共有多少个？",
            "How many attention weights do all heads of a layer have together?",
        )
        last = f"{heads} · {tokens}² = {answer:g}"
        slips = (
            Mistake(float(tokens**2), "每个头都有自己的注意力矩阵。", "Every head has a map of its own."),
            Mistake(float(tokens * width), "这是特征的个数 nd。", "That is n·d, the number of features."),
        )
    else:
        answer = float(cost["macs_qk"] + cost["macs_av"])
        asks = ("QKᵀ 和 AV 一共有多少次乘加？", "How many multiply-adds do QKᵀ and AV take together?")
        last = f"2 · {tokens}² · {width} = {answer:g}"
        slips = (
            Mistake(answer / 2, "只算了 QKᵀ，漏了 AV。", "Only QKᵀ is counted, not AV."),
            Mistake(
                answer * heads, "各头平分 d，合起来还是 d。", "The heads share d; together they are d wide."
            ),
        )
    return Exercise(
        demo="attention",
        arguments=arguments,
        question_zh=f"自注意力层有 {tokens} 个 token、宽度 d = {width}、{heads} 个头，{asks[0]}",
        question_en=f"A self-attention layer has {tokens} tokens of width d = {width} and {heads} heads. {asks[1]}",
        answer=answer,
        steps_zh=(f"每个头：QKᵀ 是 {tokens}×{tokens}", last),
        steps_en=(f"per head QKᵀ is {tokens}×{tokens}", last),
        hint_zh="每两个 token 之间有一个权重；每个头的宽度是 d/heads。",
        hint_en="There is one weight per pair of tokens; a head is d/heads wide.",
        mistakes=slips,
    )


def _draw_weight(compute: Compute, random: np.random.Generator) -> Exercise:
    # Four equal components make √d = 2.
    first, second = (float(value) for value in random.choice([0, 0.5, 1, 1.5, 2], 2, replace=False))
    arguments: dict[str, Any] = {"q": [[1.0] * 4], "k": [[first] * 4, [second] * 4]}
    answer = float(compute(**arguments).numbers["weights"][0][0])
    apart = 4 * (first - second)

    def sigmoid(x: float) -> float:
        return 1 / (1 + math.exp(-x))

    steps = (
        f"q·k = {4 * first:g}, {4 * second:g}",
        f"/ √4: {2 * first:g}, {2 * second:g}",
        f"1 / (1 + e^{-apart / 2:g}) = {short(answer)}",
    )
    return Exercise(
        demo="attention",
        arguments=arguments,
        question_zh=f"q = [1, 1, 1, 1]，两个 key 的四个分量分别全为 {first:g} 和全为 {second:g}，"
        "缩放点积注意力给第一个 key 的权重是多少？",
        question_en=f"q = [1, 1, 1, 1] and two keys have four equal components each, {first:g} and {second:g}. "
        "What weight does scaled dot-product attention give the first key?",
        answer=answer,
        steps_zh=steps,
        steps_en=steps,
        hint_zh="点积先除以 √d，再做 softmax。",
        hint_en="Divide the dot products by √d, then take the softmax.",
        mistakes=(
            Mistake(sigmoid(apart), "没有除以 √d。", "Not divided by √d."),
            Mistake(sigmoid(apart / 4), "除以了 d，应为 √d。", "Divided by d in place of √d."),
            Mistake(1 - answer, "这是第二个 key 的权重。", "That is the second key's weight."),
        ),
    )
