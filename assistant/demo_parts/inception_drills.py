"""Drills about Inception's savings, in words; the numbers come from the demo `inception_cost`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from assistant.demo_kit.exercises import Exercise, Mistake
from assistant.demo_parts.costs import MILLION
from assistant.demo_parts.inceptions import MODULES, RULES

_SAID = {
    "5x5 -> two 3x3": ("2 个 3x3 卷积代替一个 5x5 卷积", "two 3x3 convolutions replace one of 5x5"),
    "7x7 -> three 3x3": ("3 个 3x3 卷积代替一个 7x7 卷积", "three 3x3 convolutions replace one of 7x7"),
    "7x7 -> 1x7+7x1": ("1x7 加 7x1 卷积代替一个 7x7 卷积", "a 1x7 and a 7x1 convolution replace one of 7x7"),
    "3x3 -> 3x1+1x3": ("3x1 加 1x3 卷积代替一个 3x3 卷积", "a 3x1 and a 1x3 convolution replace one of 3x3"),
    "3x3 -> two 2x2": ("2 个 2x2 卷积代替一个 3x3 卷积", "two 2x2 convolutions replace one of 3x3"),
}


def factorization(arguments: Mapping[str, Any], numbers: Mapping[str, Any]) -> Exercise:
    """Return the question for the percentage a factorisation saves."""
    zh, en = _SAID[arguments["rule"]]
    before, after = RULES[arguments["rule"]]
    old, new = before[0] * before[1], sum(h * w for h, w in after)
    answer = numbers["saving_pct"]
    kernels = " + ".join(f"{h}·{w}" for h, w in after)
    last = f"1 - {new}/{old} = {answer:.4g}%"
    return Exercise(
        demo="inception_cost",
        arguments=arguments,
        question_zh=f"用 {zh}，各层通道数相同。参数量节省百分之多少？",
        question_en=f"If {en} and all channels are equal, what percentage of the parameters is saved?",
        answer=answer,
        steps_zh=(f"原来每对通道 {before[0]}·{before[1]} = {old} 个权重", f"现在 {kernels} = {new} 个", last),
        steps_en=(
            f"per pair of channels {before[0]}·{before[1]} = {old} weights",
            f"now {kernels} = {new}",
            last,
        ),
        hint_zh="通道数相同，只需比较每对通道之间核的权重个数。",
        hint_en="The channels cancel: compare the weights of the kernels between one pair of channels.",
        mistakes=(
            Mistake(100 - answer, "这是剩下的比例", "this is what is left"),
            Mistake(100 * (old / new - 1), "除以了新的参数量", "divided by the new number"),
        ),
        unit="%",
    )


def bottleneck(arguments: Mapping[str, Any], numbers: Mapping[str, Any]) -> Exercise:
    """Return the question for the multiply-adds with a 1x1 reduction."""
    size, k, c_in, c_out, r = (arguments[name] for name in ("size", "kernel", "c_in", "c_out", "reduce"))
    answer = numbers["bottleneck_macs_M"]
    first, second = c_in * r * size**2 / MILLION, k * k * r * c_out * size**2 / MILLION
    steps = (f"{c_in}·{r}·{size}² = {first:.6g} M", f"{k}²·{r}·{c_out}·{size}² = {second:.6g} M")
    return Exercise(
        demo="inception_cost",
        arguments=arguments,
        question_zh=f"{size}x{size} 的特征图有 {c_in} 通道，先用 1x1 卷积降到 {r} 通道，再用 {k}x{k} 卷积（保持尺寸）"
        f"得到 {c_out} 通道。一共多少百万次乘加？",
        question_en=f"A {size}x{size} map of {c_in} channels is reduced to {r} by a 1x1 convolution, then a {k}x{k} "
        f"one of the same size makes {c_out}. How many million multiply-adds are that?",
        answer=answer,
        steps_zh=(f"1x1：{steps[0]}", f"{k}x{k}：{steps[1]}", f"相加：{answer:.6g} M"),
        steps_en=(f"1x1: {steps[0]}", f"{k}x{k}: {steps[1]}", f"their sum: {answer:.6g} M"),
        hint_zh="两层分别算：权重个数乘以特征图面积。",
        hint_en="Count both layers: weights times the area of the map.",
        mistakes=(
            Mistake(numbers["direct_macs_M"], "算成了不降维的卷积", "this is without the reduction"),
            Mistake(second, "漏了 1x1 降维那一层", "the 1x1 layer is missing"),
            Mistake(numbers["bottleneck_params"] / MILLION, "只算了权重，没乘面积", "the map is missing"),
        ),
        unit="M",
    )


def module(arguments: Mapping[str, Any], numbers: Mapping[str, Any]) -> Exercise:
    """Return the question for the weights of one of GoogLeNet's modules."""
    size, c_in, n1, r3, n3, r5, n5, pool = MODULES[arguments["name"]]
    answer = numbers["params"]
    branch = numbers["branch_params"]
    steps = (
        f"1x1：{c_in}·{n1} = {branch['1x1']}",
        f"3x3：{c_in}·{r3} + 9·{r3}·{n3} = {branch['3x3']}",
        f"5x5：{c_in}·{r5} + 25·{r5}·{n5} = {branch['5x5']}",
        f"pool：{c_in}·{pool} = {branch['pool']}",
    )
    return Exercise(
        demo="inception_cost",
        arguments=arguments,
        question_zh=f"一个 Inception 模块，输入 {c_in} 通道，{size}x{size}。四个分支：1x1 出 {n1}；"
        f"1x1 降到 {r3} 再 3x3 出 {n3}；"
        f"1x1 降到 {r5} 再 5x5 出 {n5}；池化后 1x1 出 {pool}。不计偏置，一共多少个权重？",
        question_en=f"An Inception module sees {c_in} channels at {size}x{size}. Its branches: 1x1 to {n1}; 1x1 to "
        f"{r3}, then 3x3 to {n3}; 1x1 to {r5}, then 5x5 to {n5}; pooling, then 1x1 to {pool}. "
        "How many weights has it, biases aside?",
        answer=answer,
        steps_zh=(*steps, f"合计：{answer}"),
        steps_en=(*(step.replace("：", ": ") for step in steps), f"in all: {answer}"),
        hint_zh="权重个数与特征图大小无关；逐个分支相加。",
        hint_en="The size of the map does not matter for weights; add up the branches.",
        mistakes=(
            Mistake(answer - branch["pool"], "漏了池化后的 1x1 卷积", "the 1x1 after the pooling is missing"),
            Mistake(answer - c_in * (r3 + r5), "漏了两个 1x1 降维", "the two 1x1 reductions are missing"),
            Mistake(
                c_in * (n1 + 9 * n3 + 25 * n5 + pool), "没有用降维后的通道数", "the reductions are ignored"
            ),
        ),
        tolerance=0,
    )
