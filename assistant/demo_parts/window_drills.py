"""Drill questions about sliding windows: how far a stack of layers sees, and how large its output is.

The demo that gives the answer is handed in; only the slips are computed here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import ceil, prod
from typing import Any

import numpy as np

from assistant.demo_kit.exercises import Exercise, Mistake
from assistant.demo_kit.types import DemoResult
from assistant.demo_parts.clear_draws import draw_clear

Demo = Callable[..., DemoResult]
Layers = Sequence[Mapping[str, int]]


def draw_field(demo: Demo, random: np.random.Generator, level: int) -> Exercise:
    """Return a drill on the receptive field of equal layers (1), of layers with strides (2) or dilations (3)."""
    return draw_clear(lambda: _field(demo, random, level))


def draw_size(demo: Demo, random: np.random.Generator, level: int) -> Exercise:
    """Return a drill on the output side of a convolution (1), a dilated (2) or a transposed one (3)."""
    return draw_clear(lambda: (_transposed if level == 3 else _convolved)(demo, random, level))


def _field(demo: Demo, random: np.random.Generator, level: int) -> Exercise:
    layers: list[dict[str, int]]
    if level == 1:
        layers = [{"k": int(random.choice([3, 5, 7])), "s": 1}] * int(random.integers(2, 6))
    elif level == 2:
        kernels = [int(k) for k in random.choice([3, 5, 7], size=2)]
        layers = [
            {"k": kernels[0], "s": int(random.integers(1, 3))},
            {"k": 2, "s": 2},
            {"k": kernels[1], "s": 1},
        ]
    else:
        spreads = [(1, 2, 3), (1, 2, 4), (1, 2, 5), (2, 2, 4), (1, 3, 5), (2, 4, 8)][int(random.integers(6))]
        layers = [{"k": int(random.choice([3, 5])), "s": 1, "d": d} for d in spreads]
    answer = int(demo(layers=layers).numbers["rf"])
    reach = [layer.get("d", 1) * (layer["k"] - 1) for layer in layers]
    jumps = [prod(layer["s"] for layer in layers[:i]) for i in range(len(layers) + 1)]
    slips: list[tuple[int, str, str]] = [
        (
            sum(r * j for r, j in zip(reach, jumps, strict=False)),
            "漏了最初的那 1 个像素",
            "the one pixel at the start is missing",
        )
    ]
    if level == 2:
        slips += [
            (1 + sum(reach), "漏乘了前面各层的步长", "the strides of the layers before are missing"),
            (
                1 + sum(r * j for r, j in zip(reach, jumps[1:], strict=True)),
                "把本层自己的步长也乘了进去：它只影响后面的层",
                "a layer's own stride was counted, but it only widens the layers after it",
            ),
        ]
    if level == 3:
        slips += [
            (1 + sum(layer["k"] - 1 for layer in layers), "漏乘了膨胀率", "the dilations are missing"),
            (
                1 + sum(layer["d"] * layer["k"] - 1 for layer in layers),
                "膨胀后的核是 d(k − 1) + 1，不是 d·k",
                "a dilated kernel spans d(k − 1) + 1, not d·k",
            ),
        ]
    slips.append(
        (
            sum(r + 1 for r in reach),
            "把各层的核大小直接相加，没有扣掉重叠",
            "the kernels were added up although they overlap",
        )
    )
    terms = " + ".join(
        "·".join(str(factor) for factor in (layer.get("d", 1), layer["k"] - 1, jump) if factor != 1) or "1"
        for layer, jump in zip(layers, jumps, strict=False)
    )
    formula = "r = 1 + Σ d(k − 1)·" if level == 3 else "r = 1 + Σ (k − 1)·"
    described = (_layers_zh(layers), _layers_en(layers))
    return Exercise(
        demo="receptive_field",
        arguments={"layers": layers},
        question_zh=f"网络从输入起依次是：{described[0]}。最后一层输出的一个点，感受野的边长是多少像素？",
        question_en=f"From the input on, a network has {described[1]}. "
        "How many pixels wide is the receptive field of one output of its last layer?",
        answer=answer,
        steps_zh=(f"{formula}（之前各层步长之积）", f"1 + {terms} = {answer}"),
        steps_en=(f"{formula}(product of the strides before)", f"1 + {terms} = {answer}"),
        hint_zh="从一个像素开始逐层加：每层加上核跨过的间隔数，乘以它之前所有层的步长。",
        hint_en="Start from one pixel; every layer adds the gaps its kernel spans, times all strides before it.",
        mistakes=tuple(Mistake(*slip) for slip in slips),
        tolerance=0,
        unit="px",
    )


def _layers_zh(layers: Layers) -> str:
    if len({tuple(layer.items()) for layer in layers}) == 1:
        return f"{len(layers)} 个 {layers[0]['k']}x{layers[0]['k']} 卷积，步长都是 1"
    return "；".join(
        f"{layer['k']}x{layer['k']} {'池化' if layer['k'] == 2 else '卷积'}，"
        + (f"膨胀率 {layer['d']}，" if "d" in layer else "")
        + f"步长 {layer['s']}"
        for layer in layers
    )


def _layers_en(layers: Layers) -> str:
    if len({tuple(layer.items()) for layer in layers}) == 1:
        return f"{len(layers)} convolutions of {layers[0]['k']}x{layers[0]['k']}, all with stride 1"
    return "; ".join(
        f"a {layer['k']}x{layer['k']} {'pooling' if layer['k'] == 2 else 'convolution'} with "
        + (f"dilation {layer['d']} and " if "d" in layer else "")
        + f"stride {layer['s']}"
        for layer in layers
    )


def _convolved(demo: Demo, random: np.random.Generator, level: int) -> Exercise:
    size = int(random.choice([28, 32, 56, 64, 112, 224]))
    kernel, stride = int(random.choice([3, 5, 7])), int(random.integers(1, 4))
    dilation = 1 if level == 1 else int(random.integers(2, 4))
    padding = int(random.integers(0, dilation * (kernel - 1) // 2 + 1))
    arguments: dict[str, Any] = {"input_size": size, "kernel": kernel, "stride": stride, "padding": padding}
    if level > 1:
        arguments["dilation"] = dilation
    answer = int(demo(**arguments).numbers["output"])
    reach = dilation * (kernel - 1) + 1
    room = size + 2 * padding - reach
    slips = [
        (room // stride, "漏了最后的加 1", "the + 1 at the end is missing"),
        (ceil(room / stride) + 1, "除不尽时应向下取整", "a remainder is rounded down"),
        ((room - padding) // stride + 1, "填充在两边都有，应加 2p", "the padding is on both sides: add 2p"),
        (room + 1, "漏除以步长", "the division by the stride is missing"),
    ]
    steps = []
    if level > 1:
        slips.insert(
            0,
            (
                (size + 2 * padding - kernel) // stride + 1,
                "漏了膨胀率：核变宽了",
                "the dilation widens the kernel",
            ),
        )
        steps.append(f"d(k − 1) + 1 = {dilation}·{kernel - 1} + 1 = {reach}")
    steps.append(f"⌊({size} + 2·{padding} − {reach}) / {stride}⌋ + 1 = {answer}")
    spread = (f"，膨胀率 {dilation}", f", dilation {dilation}") if level > 1 else ("", "")
    return _size_exercise(
        arguments,
        answer,
        f"{kernel}x{kernel} 卷积，步长 {stride}，每边填充 {padding}{spread[0]}",
        f"a {kernel}x{kernel} convolution with stride {stride}, {padding} of padding per side{spread[1]}",
        steps,
        (
            "先算核最多能往右挪多少像素，再看能挪几步。",
            "How far can the kernel move to the right, and in how many steps?",
        ),
        slips,
    )


def _transposed(demo: Demo, random: np.random.Generator, level: int) -> Exercise:
    size, stride = int(random.choice([7, 8, 14, 16, 28])), int(random.integers(2, 5))
    kernel = int(random.integers(stride, stride + 4))
    padding, extra = int(random.integers(1, 1 + max(1, kernel // 2))), int(random.integers(0, stride))
    arguments = {
        "input_size": size,
        "kernel": kernel,
        "stride": stride,
        "padding": padding,
        "output_padding": extra,
        "transposed": True,
    }
    answer = int(demo(**arguments).numbers["output"])
    whole = (size - 1) * stride + kernel
    return _size_exercise(
        arguments,
        answer,
        f"{kernel}x{kernel} 转置卷积，步长 {stride}，padding {padding}，output_padding {extra}",
        f"a {kernel}x{kernel} transposed convolution with stride {stride}, padding {padding} "
        f"and output_padding {extra}",
        [f"({size} − 1)·{stride} − 2·{padding} + {kernel} + {extra} = {answer}"],
        (
            "把它看成反过来的卷积：padding 在这里是裁掉的。",
            "Read it as a convolution backwards: here the padding is cut off.",
        ),
        [
            (size * stride - 2 * padding + kernel + extra, "应乘 i − 1，不是 i", "i − 1 is multiplied, not i"),
            (whole + 2 * padding + extra, "padding 是裁掉的，应减去 2p", "the padding is cut off: subtract 2p"),
            (whole - padding + extra, "两边都要裁，应减去 2p", "both sides are cut: subtract 2p"),
            (
                (size + 2 * padding - kernel) // stride + 1,
                "这是普通卷积的公式，它让尺寸变小",
                "that is the ordinary convolution, which shrinks",
            ),
        ],
    )  # fmt: skip


def _size_exercise(
    arguments: Mapping[str, Any],
    answer: int,
    layer_zh: str,
    layer_en: str,
    steps: Sequence[str],
    hint: tuple[str, str],
    slips: Sequence[tuple[int, str, str]],
) -> Exercise:
    size = arguments["input_size"]
    return Exercise(
        demo="conv_output_size",
        arguments=arguments,
        question_zh=f"输入 {size}x{size}，经过 {layer_zh}。输出的边长是多少像素？",
        question_en=f"A {size}x{size} input goes through {layer_en}. How many pixels wide is the output?",
        answer=answer,
        steps_zh=tuple(steps),
        steps_en=tuple(steps),
        hint_zh=hint[0],
        hint_en=hint[1],
        mistakes=tuple(Mistake(*slip) for slip in slips if slip[0] > 0),
        tolerance=0,
        unit="px",
    )
