"""Drills about the cost of one convolution, in words: what is asked, the way to the answer, and the usual slips.

The numbers come from the demo `conv_cost`; nothing is drawn or computed anew here but the slips.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from assistant.demo_kit.exercises import Exercise, Mistake
from assistant.demo_parts.costs import MILLION


def parameters(arguments: Mapping[str, Any], numbers: Mapping[str, Any]) -> Exercise:
    """Return the question for the parameters of a convolution with biases."""
    k, m, n = (arguments[name] for name in ("kernel", "c_in", "c_out"))
    weights, answer = f"{k}²·{m}·{n} = {k * k * m * n}", f"{k * k * m * n} + {n} = {numbers['params']}"
    return Exercise(
        demo="conv_cost",
        arguments=arguments,
        question_zh=f"一个 {k}x{k} 卷积层，输入 {m} 通道，输出 {n} 通道，带偏置。它有多少个参数？",
        question_en=f"A {k}x{k} convolution takes {m} channels to {n}, with biases. How many parameters has it?",
        answer=numbers["params"],
        steps_zh=(f"权重：{weights}", f"每个输出通道一个偏置：{answer}"),
        steps_en=(f"weights: {weights}", f"one bias per output channel: {answer}"),
        hint_zh="一个输出通道的卷积核要看遍所有输入通道。",
        hint_en="The filter of one output channel sees every input channel.",
        mistakes=(
            Mistake(k * k * m * n, "漏了偏置", "the biases are missing"),
            Mistake(k * k * n + n, "漏乘输入通道数", "the input channels are missing"),
            Mistake(k * m * n + n, "核的边长没有平方", "the kernel's side is not squared"),
        ),
        tolerance=0,
    )


def multiply_adds(arguments: Mapping[str, Any], numbers: Mapping[str, Any]) -> Exercise:
    """Return the question for the multiply-adds of a standard convolution."""
    k, m, n, size = (arguments[name] for name in ("kernel", "c_in", "c_out", "out_size"))
    answer = numbers["macs_M"]
    each, values = f"{k}²·{m} = {k * k * m}", f"{size}²·{n} = {size * size * n}"
    return Exercise(
        demo="conv_cost",
        arguments=arguments,
        question_zh=f"标准 {k}x{k} 卷积，{m} → {n} 通道，输出特征图 {size}x{size}，不计偏置。"
        "需要多少百万次乘加（MACs）？",
        question_en=f"A standard {k}x{k} convolution, {m} → {n} channels, puts out a {size}x{size} map. "
        "How many million multiply-adds (MACs) does it take, biases aside?",
        answer=answer,
        steps_zh=(f"每个输出值的乘加：{each}", f"输出值个数：{values}", f"相乘：{answer:.6g} M"),
        steps_en=(
            f"multiply-adds per output value: {each}",
            f"output values: {values}",
            f"their product: {answer:.6g} M",
        ),
        hint_zh="先算一个输出值要几次乘加，再乘以输出值的个数。",
        hint_en="Count the multiply-adds of one output value, then the output values.",
        mistakes=(
            Mistake(2 * answer, "算成了 FLOPs（乘加的两倍）", "these are FLOPs, twice the multiply-adds"),
            Mistake(
                k * k * m * n / MILLION,
                "只算了参数量，没乘特征图大小",
                "these are the weights; the map is missing",
            ),
            Mistake(answer / m, "漏乘输入通道数", "the input channels are missing"),
        ),
        unit="M",
    )


def separable_multiply_adds(arguments: Mapping[str, Any], numbers: Mapping[str, Any]) -> Exercise:
    """Return the question for the multiply-adds of a depthwise separable convolution."""
    k, m, n, size = (arguments[name] for name in ("kernel", "c_in", "c_out", "out_size"))
    answer = numbers["macs_M"]
    depthwise, pointwise = k * k * m * size * size / MILLION, m * n * size * size / MILLION
    first = f"{k}²·{m}·{size}² = {depthwise:.6g} M"
    second = f"{m}·{n}·{size}² = {pointwise:.6g} M"
    return Exercise(
        demo="conv_cost",
        arguments=arguments,
        question_zh=f"{k}x{k} 深度可分离卷积，{m} → {n} 通道，输出特征图 {size}x{size}，不计偏置。"
        "一共需要多少百万次乘加（MACs）？",
        question_en=f"A {k}x{k} depthwise separable convolution, {m} → {n} channels, puts out a {size}x{size} map. "
        "How many million multiply-adds (MACs) does it take in all, biases aside?",
        answer=answer,
        steps_zh=(f"depthwise 部分：{first}", f"pointwise 部分：{second}", f"相加：{answer:.6g} M"),
        steps_en=(f"depthwise part: {first}", f"pointwise part: {second}", f"their sum: {answer:.6g} M"),
        hint_zh="分成两步：先逐通道卷积，再用 1x1 卷积混合通道。",
        hint_en="Two steps: filter every channel by itself, then mix the channels with a 1x1 convolution.",
        mistakes=(
            Mistake(numbers["standard_macs_M"], "算成了标准卷积", "this is the standard convolution"),
            Mistake(depthwise, "只算了 depthwise 部分", "this is the depthwise part alone"),
            Mistake(pointwise, "只算了 pointwise 部分", "this is the pointwise part alone"),
        ),
        unit="M",
    )
