"""How a question says what a layer costs: 512→512, 14x14, 3x3 卷积; "5x5 conv, 192 to 32 channels".

It only reads what is written. Whether a cost was asked for at all, each demo decides with `asks_cost`.
"""

from __future__ import annotations

import re
from typing import Any

from assistant.demo_kit.question import Facts
from assistant.demo_parts.costs import Kind, NetworkName, network

_COST = (
    "计算量", "运算量", "参数量", "参数个数", "参数数量", "多少参数", "多少个参数", "几个参数", "省多少",
    "省了多少", "减少多少", "多少计算", "乘加", "乘法次数", "flops", "flop", "macs", "mac", "mult-adds",
    "multiply-adds", "madds", "parameters of", "parameters in", "parameter count", "number of parameters",
    "number of weights", "params", "how many parameters", "how many weights", "cost of", "cost",
    "computation", "激活内存", "activation memory",
)  # fmt: skip
_ARROW = re.compile(
    r"(?<![\dx.])(\d{1,5})\s*(?:->|→|=>|-->)\s*(\d{1,5})(?:\s*(?:->|→|=>|-->)\s*(\d{1,5}))?(?![\dx])"
)
_TO = re.compile(
    r"(?<![\dx.])(\d{1,5})\s*(?:channels?\s*)?(?:to|到)\s*(\d{1,5})\s*(?:个|output\s*)?(?:channels?|通道|maps)"
)
_KERNEL_NOUN = (
    r"\s*的?\s*(?:深度可分离|深度|逐点|分组|标准|普通|depthwise[\s-]*|separable[\s-]*|standard[\s-]*)*"
    r"(?:卷积|conv|kernel|filter|核)"
)
#: No kernel in use is larger, and no feature map asked about with a kernel beside it is smaller.
_LARGEST_KERNEL = 11


def asks_cost(facts: Facts) -> bool:
    """Tell whether the question asks for parameters, multiply-adds or savings."""
    return facts.says(*_COST)


def channels(facts: Facts) -> tuple[int, ...]:
    """Return input and output channels, with those between them for a bottleneck; () where not both are named."""
    if found := _ARROW.search(facts.text) or _TO.search(facts.text):
        named = tuple(int(n) for n in found.groups() if n)
    else:
        c_in = facts.count("输入通道", "输入通道数", "input channels", "in channels", "c_in", "cin")
        c_out = facts.count(
            "输出通道", "输出通道数", "output channels", "out channels", "c_out", "cout", "filters"
        )
        named = (c_in, c_out) if c_in and c_out else ()
    return named if named and all(1 <= n <= 65536 for n in named) else ()


def kernel_and_size(facts: Facts) -> tuple[int | None, int | list[int] | None]:
    """Return the side of the kernel and the size of the map, each as far as the question names it."""
    kernel: int | None = None
    size: int | list[int] | None = None
    for high, wide in facts.sizes():
        as_kernel = re.search(rf"(?<!\d){high}x{wide}(?!\d){_KERNEL_NOUN}", facts.text)
        if high == wide and high <= 31 and (as_kernel or high <= _LARGEST_KERNEL) and kernel is None:
            kernel = high
        elif size is None and max(high, wide) <= 4096:
            size = high if high == wide else [high, wide]
    if kernel is None and (named := facts.number("kernel", "kernel size", "卷积核", "核大小")):
        kernel = int(named) if named == int(named) and 1 <= named <= 31 else None
    if size is None and (near := facts.size_before("特征图", "feature map", "输出", "output size")):
        size = near[0] if near[0] == near[1] else list(near)
    return kernel, size


_KINDS: tuple[tuple[Kind, tuple[str, ...]], ...] = (
    (
        "separable",
        ("深度可分离", "depthwise separable", "separable conv", "separable convolution", "separable"),
    ),
    ("depthwise", ("depthwise", "逐通道卷积", "深度卷积")),
    ("pointwise", ("pointwise", "逐点卷积")),
    (
        "grouped",
        ("分组卷积", "组卷积", "grouped conv", "grouped convolution", "group conv", "group convolution"),
    ),
)
#: Their costs have demos of their own, or are no convolution's.
_OTHER = (
    "mobilenet", "inception", "googlenet", "瓶颈", "bottleneck", "代替", "替代", "replace", "roofline", "transformer",
    "attention", "注意力", "lstm", "bert", "gpt", "resnet", "感受野", "receptive field", "cost function", "代价函数",
)  # fmt: skip


def read_conv_cost(facts: Facts) -> dict[str, Any] | None:
    """Return network, kind, kernel, channels and map of a question about the cost of a convolution."""
    if not asks_cost(facts) or facts.says(*_OTHER):
        return None
    whole = {"vgg16": facts.says("vgg16", "vgg 16", "vgg"), "alexnet": facts.says("alexnet")}
    named = re.search(r"conv(?:olution)?[\s-]?(\d(?:_\d)?)(?!\d|x)|第\s?1个?(?:卷积层|层卷积)", facts.text)
    for name in ("vgg16", "alexnet"):
        if whole[name]:
            return _named_layer(name, f"conv{named[1] or 1}") if named else {"preset": name}
    kind = next((kind for kind, words in _KINDS if facts.says(*words)), None)
    if kind is None and not (facts.says("conv", "convs", "convolution", "conv2d") or "卷积" in facts.text):
        return None
    found: dict[str, Any] = {"kind": kind} if kind else {}
    kernel, size = kernel_and_size(facts)
    found |= {"kernel": kernel} if kernel and kind != "pointwise" else {}
    found |= {"out_size": size} if size else {}
    if len(ends := channels(facts)) == 2 and (kind != "depthwise" or ends[0] == ends[1]):
        found |= {"c_in": ends[0], "c_out": ends[1]}
    if kind == "grouped" and (groups := facts.count("组", "groups", "分组")):
        both = found.get("c_in", 512), found.get("c_out", 512)
        found |= {"groups": groups} if not any(c % groups for c in both) else {}
    if facts.says("with bias", "with biases", "含偏置", "带偏置", "包括偏置", "加上偏置", "biases included"):
        found["bias"] = True
    return found


def _named_layer(name: NetworkName, layer: str) -> dict[str, Any] | None:
    """Return one convolution of a network as arguments, or the network where it has no layer of that name."""
    there = next((part for part in network(name)[1] if part.name == layer), None)
    if there is None:
        return {"preset": name}
    grouped = {"kind": "grouped", "groups": there.groups} if there.groups > 1 else {}
    ends = {"kernel": there.kernel[0], "c_in": there.c_in, "c_out": there.c_out, "out_size": there.size[0]}
    return ends | grouped | {"bias": True}
