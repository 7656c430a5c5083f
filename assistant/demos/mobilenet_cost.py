"""What MobileNet v1 costs at any width and resolution, and where its multiply-adds and parameters are.

Weights of convolutions and the classifier only: batch normalisation, biases and activations are left out, as
in the paper's tables. One layer by itself is `conv_cost`.
"""

from __future__ import annotations

import re
from typing import Annotated, Any

import numpy as np
from annotated_types import Interval

from assistant.demo_kit.exercises import Exercise, Mistake
from assistant.demo_kit.question import Facts
from assistant.demo_kit.slots import Spoken, fill
from assistant.demo_kit.types import DemoResult, Plot, Series, Table
from assistant.demo_parts.costs import MILLION, Layer, conv, separable, total
from assistant.demo_parts.spoken_costs import asks_cost

FORMULA = (
    "channels = max(⌊α·c⌋, 8), side = ρ·224 halved five times; per block K²·αM·F² + αM·αN·F² multiply-adds, "
    "so the cost goes with about α²ρ²"
)
SOURCE = "Howard et al. 2017, MobileNets, arXiv:1704.04861, Table 1, equations 6 and 7, Tables 2 and 4 to 7"
TOPICS = (
    "MobileNet",
    "MobileNet computation",
    "MobileNet 计算量",
    "MobileNet 参数量",
    "width multiplier",
    "宽度因子",
    "resolution multiplier",
    "分辨率因子",
    "轻量级网络",
)

#: Output channels and stride of the 13 blocks; the paper prints a stride of 2 for the last, its sizes need 1.
_BLOCKS = (
    (64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2), (512, 1), (512, 1), (512, 1), (512, 1), (512, 1),
    (1024, 2), (1024, 1),
)  # fmt: skip
#: The five equal blocks at 14x14 that the shallow variant leaves out.
_MIDDLE = slice(6, 11)
_FEWEST = 8


def mobilenet_cost(
    *,
    alpha: Annotated[float, Interval(gt=0, le=2)] = 1.0,
    resolution: Annotated[int, Interval(ge=32, le=1024)] = 224,
    separable: bool = True,
    shallow: bool = False,
    include_fc: bool = True,
    num_classes: Annotated[int, Interval(ge=1, le=100_000)] = 1000,
) -> DemoResult:
    """Multiply-adds and parameters of MobileNet v1 for a width multiplier and a resolution.

    Args:
        alpha: Width multiplier: the share of the channels that is kept.
        resolution: Side of the input image in pixels; multiples of 32 divide evenly.
        separable: Depthwise separable blocks; false puts standard 3x3 convolutions in their place.
        shallow: Leave out the five equal blocks at 14x14.
        include_fc: Count the fully connected layer at the end.
        num_classes: Outputs of that layer.
    """
    blocks = _network(alpha, resolution, separable, shallow)
    if include_fc:
        features = blocks[-1][-1].c_out
        blocks.append([conv("fc", 1, features, num_classes, 1)])
    layers = [layer for block in blocks for layer in block]
    macs, params = total(layers, "macs"), total(layers, "params")
    kinds = {kind: [layer for layer in layers if _kind(layer) == kind] for kind in _KINDS}
    return DemoResult(
        demo="mobilenet_cost",
        args_used={},
        numbers={
            "macs": macs,
            "macs_M": macs / MILLION,
            "flops": 2 * macs,
            "params": params,
            "params_M": params / MILLION,
            "macs_pct": {kind: 100 * total(part, "macs") / macs for kind, part in kinds.items()},
            "params_pct": {kind: 100 * total(part, "params") / params for kind, part in kinds.items()},
        },
        formula=FORMULA,
        source=SOURCE,
        table=Table(
            ("block", "layers", "channels", "output side", "multiply-adds (M)", "parameters"),
            tuple(_row(i, block) for i, block in enumerate(blocks)),
        ),
        plot=Plot("bar", tuple(_bars(kind, blocks) for kind in _KINDS), "block", "multiply-adds (M)"),
        notes=(
            "The unit is one multiply-add; FLOPs are twice as many.",
            "Almost everything is in the 1x1 convolutions, which are plain matrix products.",
        ),
        warnings=()
        if resolution % 32 == 0
        else (
            f"{resolution} is no multiple of 32: sizes are rounded up wherever the stride does not divide.",
        ),
    )


_KINDS = ("conv1x1", "dw3x3", "conv3x3", "fc")


def _kind(layer: Layer) -> str:
    if layer.name == "fc":
        return "fc"
    if layer.groups > 1:
        return "dw3x3"
    return "conv1x1" if layer.kernel == (1, 1) else "conv3x3"


def _network(alpha: float, resolution: int, is_separable: bool, shallow: bool) -> list[list[Layer]]:
    """Return the first convolution and the blocks, each a list of layers."""
    size, c_in = -(-resolution // 2), _thinned(32, alpha)
    blocks = [[conv("conv", 3, 3, c_in, size)]]
    left_out = range(len(_BLOCKS))[_MIDDLE] if shallow else ()
    for i, (channels, stride) in enumerate(_BLOCKS):
        if i in left_out:
            continue
        c_out, size = _thinned(channels, alpha), -(-size // stride)
        standard = [conv("conv", 3, c_in, c_out, size)]
        blocks.append(separable(3, c_in, c_out, size) if is_separable else standard)
        c_in = c_out
    return blocks


def _thinned(channels: int, alpha: float) -> int:
    return max(int(channels * alpha), _FEWEST)


def _row(i: int, block: list[Layer]) -> tuple[Any, ...]:
    return (
        i,
        " + ".join(layer.name for layer in block),
        f"{block[0].c_in} → {block[-1].c_out}",
        block[-1].size[0],
        total(block, "macs") / MILLION,
        total(block, "params"),
    )


def _bars(kind: str, blocks: list[list[Layer]]) -> Series:
    heights = [sum(layer.macs for layer in block if _kind(layer) == kind) / MILLION for block in blocks]
    return Series(kind, range(len(blocks)), heights)


_SPOKEN: Spoken = {
    "alpha": (
        "alpha", "α", "width multiplier", "width", "宽度", "宽度因子", "宽度乘子", "宽度系数",
        "{}倍宽度", "{}倍宽", "{}倍", "mobilenet", "mobilenet v1",
    ),
    "num_classes": ("num classes", "{}类", "{}classes", "{}分类"),
    "separable": {
        False: (
            "without depthwise", "no depthwise", "without separable", "standard convolution", "full convolution",
            "regular convolution", "ordinary convolution", "不用深度可分离", "没有深度可分离", "不使用深度可分离",
            "不用 depthwise",
            "换成标准卷积", "用标准卷积", "换成普通卷积", "用普通卷积", "全用标准卷积", "全部用普通卷积",
        )
    },
    "shallow": ("shallow", "shallower", "浅层", "浅的"),
    "include_fc": {
        False: (
            "without fc", "without the fc", "without the fully connected layer", "without fully connected layers",
            "excluding fc", "不算全连接", "不含全连接", "不包括全连接", "去掉全连接",
            "不算fc", "不含fc", "除去全连接", "without the classifier",
        )
    },
}  # fmt: skip
_OTHER = (
    "v2", "v3", "mobilenetv2", "mobilenetv3", "mobilenet v2", "mobilenet v3", "ssd", "感受野", "receptive field",
)  # fmt: skip


def read_question(facts: Facts) -> dict[str, Any] | None:
    """Return width, resolution and variant of a question about the cost of MobileNet."""
    if not facts.says("mobilenet", "mobilenets", "mobilenetv1", "mobilenet v1") or facts.says(*_OTHER):
        return None
    # Its version is no figure of it.
    rest = Facts(re.sub(r"(?<=mobilenet)[\s_-]?v1", "", facts.text))
    found = fill(mobilenet_cost, _SPOKEN, rest)
    near = rest.size_before("resolution", "分辨率", "input", "输入", "图像", "image")
    sides = [int(n) for n in re.findall(r"(?<![\d.])(\d{2,4})(?![\d.]|\s?[个类分年月])", rest.text)]
    if near is not None and near[0] == near[1]:
        found["resolution"] = near[0]
    elif len(sides) == 1 and 32 <= sides[0] <= 1024 and asks_cost(facts) and "num_classes" not in found:
        found["resolution"] = sides[0]
    if found.get("alpha", 1) > 2:  # MobileNet 192 is a resolution
        del found["alpha"]
    return found if found or asks_cost(facts) else None


def exercise(random: np.random.Generator, level: int) -> Exercise:
    """Return a drill: 1 the resolution's effect, 2 the parameters' width effect, 3 one block counted by hand."""
    if level == 1:
        return _resolution_exercise(int(random.choice([128, 160, 192])))
    alpha = float(random.choice([0.25, 0.5, 0.75]))
    if level == 2:
        return _head_exercise(alpha, int(random.choice([10, 100, 200, 500, 1000])))
    return _scaling_exercise(alpha, int(random.choice([128, 160, 192])))


def _macs(**arguments: Any) -> float:
    return float(mobilenet_cost(**arguments).numbers["macs_M"])


def _resolution_exercise(resolution: int) -> Exercise:
    arguments = {"resolution": resolution, "include_fc": False}
    whole, answer = _macs(include_fc=False), _macs(**arguments)
    scale = f"({resolution}/224)² = {(resolution / 224) ** 2:.4f}"
    return Exercise(
        demo="mobilenet_cost",
        arguments=arguments,
        question_zh=f"MobileNet v1（α=1，不含全连接层）在 224x224 上需要 {whole:.1f} 百万次乘加。"
        f"输入改成 {resolution}x{resolution} 后是多少百万次？",
        question_en=f"MobileNet v1 (α=1, without its fully connected layer) takes {whole:.1f} million multiply-adds at "
        f"224x224. How many million are they at {resolution}x{resolution}?",
        answer=answer,
        steps_zh=(f"每一层的特征图边长同比例缩小，面积比 {scale}", f"{whole:.1f} 乘以该比例：{answer:.1f} M"),
        steps_en=(f"every map shrinks alike, its area by {scale}", f"{whole:.1f} times that: {answer:.1f} M"),
        hint_zh="乘加数与特征图的面积成正比。",
        hint_en="The multiply-adds go with the area of the maps.",
        mistakes=(
            Mistake(whole * resolution / 224, "按边长而不是面积缩放", "scaled with the side, not the area"),
            Mistake(whole, "以为与分辨率无关（那是参数量）", "this ignores the resolution, as parameters do"),
        ),
        unit="M",
    )


def _head_exercise(alpha: float, classes: int) -> Exercise:
    arguments = {"alpha": alpha, "num_classes": classes}
    with_fc = mobilenet_cost(**arguments).numbers["params"]  # type: ignore[arg-type]
    body = mobilenet_cost(alpha=alpha, include_fc=False).numbers["params"]
    features = round(1024 * alpha)
    fc = f"{features}·{classes} = {features * classes}"
    return Exercise(
        demo="mobilenet_cost",
        arguments=arguments,
        question_zh=f"宽度因子 α={alpha} 的 MobileNet v1 去掉全连接层有 {body} 个参数（α=1 时最后的特征是 1024 维）。"
        f"接上 {classes} 类的全连接层（不计偏置）后一共多少个参数？",
        question_en=f"MobileNet v1 with width multiplier α={alpha} has {body} parameters without its fully connected "
        f"layer (at α=1 the last features are 1024). How many has it with a layer for {classes} classes, biases aside?",
        answer=with_fc,
        steps_zh=(f"特征维数 1024·{alpha} = {features}", f"全连接层：{fc}", f"合计：{with_fc}"),
        steps_en=(f"features: 1024·{alpha} = {features}", f"fully connected: {fc}", f"in all: {with_fc}"),
        hint_zh="宽度因子也作用在最后一层的通道上。",
        hint_en="The width multiplier holds for the last channels, too.",
        mistakes=(
            Mistake(body + 1024 * classes, "特征维数没有乘宽度因子", "the features are not thinned"),
            Mistake(body + classes, "全连接层漏乘特征维数", "the layer's inputs are missing"),
        ),
        tolerance=0,
    )


def _scaling_exercise(alpha: float, resolution: int) -> Exercise:
    side, m, n = resolution // 16, int(512 * alpha), int(512 * alpha)
    arguments = {"alpha": alpha, "resolution": resolution, "include_fc": False}
    shallow = arguments | {"shallow": True}
    answer = _macs(**arguments)
    less = _macs(**shallow)
    block = (9 * m + m * n) * side**2 / MILLION
    one = f"(9·{m} + {m}·{n})·{side}² = {block:.6g} M"
    return Exercise(
        demo="mobilenet_cost",
        arguments=arguments,
        question_zh=f"MobileNet v1 取 α={alpha}、输入 {resolution}x{resolution}，去掉中间五个相同的块（α=1 时 "
        f"512 通道，特征图边长是输入的 1/16）后剩 {less:.4f} 百万次乘加。加回这五个块，总共多少百万次？",
        question_en=f"MobileNet v1 with α={alpha} at {resolution}x{resolution} takes {less:.4f} million multiply-adds "
        "without its five equal middle blocks (512 channels at α=1, maps a 16th of the input's side). How many million "
        "does it take with them?",
        answer=answer,
        steps_zh=(f"一个块：{one}", f"五个块：{5 * block:.6g} M", f"合计：{answer:.6g} M"),
        steps_en=(f"one block: {one}", f"five blocks: {5 * block:.6g} M", f"in all: {answer:.6g} M"),
        hint_zh="一个块 = 3x3 depthwise + 1x1 pointwise，通道和边长都要按因子缩小。",
        hint_en="A block is a 3x3 depthwise and a 1x1 convolution; scale its channels and its side.",
        mistakes=(
            Mistake(
                less + 5 * 9 * m * n * side**2 / MILLION,
                "把块算成了标准 3x3 卷积",
                "counted standard convolutions",
            ),
            Mistake(less + block, "只加了一个块", "only one block is added"),
            Mistake(
                less + 5 * (9 * 512 + 512 * 512) * side**2 / MILLION, "通道没有乘宽度因子", "α is missing"
            ),
        ),
        unit="M",
    )
