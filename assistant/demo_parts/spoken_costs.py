"""How a question says what a layer costs: 512→512, 14x14, 3x3 卷积; "5x5 conv, 192 to 32 channels".

It only reads what is written. Whether a cost was asked for at all, each demo decides with `asks_cost`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from assistant.demo_kit.question import Facts
from assistant.demo_parts.costs import Kind, NetworkName, network

_COST = (
    "计算量", "运算量", "参数量", "参数个数", "参数数量", "多少参数", "多少个参数", "几个参数", "省多少",
    "省了多少", "减少多少", "多少计算", "乘加", "乘法次数", "flops", "flop", "macs", "mac", "mult-adds",
    "multiply-adds", "madds", "parameters of", "parameters in", "parameter count", "number of parameters",
    "number of weights", "params", "how many parameters", "how many weights", "cost of", "cost",
    "computation", "激活内存", "activation memory", "省几成", "省几倍", "省下多少", "节省", "能省",
    "saves", "save", "saved", "saving", "savings", "mult adds", "乘加次数", "multiply adds", "参数数目", "参数是多少",
    "参数有多少", "参数多少",
)  # fmt: skip
_ENDS_WITH_COST = re.compile(
    r"(?:parameters|weights|参数总数|总参数|total parameters?)\s?[?。.!]?$|total parameters"
)
_TURNS = (
    r"[^\d,.。;?？]{0,10}?(?:\d{1,2}x\d{1,2}[^\d,.。;?？]{0,8}?)?"
    r"(?:-{1,2}>|→|=>|到|成|(?<![a-z])to(?![a-z]))\s*"
)
_SIDE = r"(?<![\dx.])(\d{1,6})(?![\dx.])"
#: 64→128, 64 通道变成 128, 192 先降到 16 再做 5x5 到 32.
_CHAIN = re.compile(rf"{_SIDE}{_TURNS}{_SIDE}(?:{_TURNS}{_SIDE})?")
_CHANNEL = re.compile(r"通道|channel|maps|-{1,2}>|→|=>")
_CHANNEL_COUNT = re.compile(
    r"\d+\s?个?(?:输入|输出)通道|(?:输入|输出)通道数?\D{0,3}\d+|\d+ (?:in|out)(?:put)? channels?"
)
_NO_CHANNELS = re.compile(r"输入|尺寸|大小|分辨率|图|层数|步|轮|batch|input|size|step|epoch")
#: 输入 64 通道输出 128 通道; 64 input and 128 output channels.
_IN_OUT = re.compile(
    r"(?:输入|进|(?<![a-z])in(?:put)?)\s?(?:通道数?|channels?)?\s?[为是有=:]?\s?(\d{1,6})(?![\dx.])(?:个|维|\s)*(?:通道|channels?)?"
    r"[^\d。;?？]{0,4}(?:输出|出|(?<![a-z])out(?:put)?)\s?(?:通道数?|channels?)?\s?[为是有=:]?\s?(\d{1,6})(?![\dx.])"
    r"|(?<![\dx.])(\d{1,6})\s?(?:个\s?)?(?:输入|in(?:puts?)?(?![a-z]))(?:通道|\schannels?|\sfeatures?)?[^\da-z。;?？]{0,3}(?:and\s)?"
    r"(\d{1,6})\s?(?:个\s?)?(?:输出|out(?:puts?)?(?![a-z]))"
    r"|(?<![\dx.])(\d{1,6})(?:个|维)?通道(?:输入|进)[^\d。;?？]{0,3}(\d{1,6})(?:个|维)?通道(?:输出|出)"
)
_BOTH = re.compile(
    r"输入(?:和|与|、)?输出(?:的?通道数?)?(?:都|均|各|皆|也)*(?:是|为|有|=)?\s?(\d{1,5})(?![\dx.])"
    r"|(\d{1,5})\s?in(?:put)?\s?(?:and|/)\s?out(?:put)?\schannels"
    r"|in(?:put)?\s?(?:and|/)\s?out(?:put)?\schannels?(?:\s|=|both|are|of|is)*(\d{1,5})(?![\dx.])"
)
_KERNEL_NOUN = (
    r"\s*的?\s*(?:深度可分离|深度|逐点|分组|标准|普通|depthwise[\s-]*|separable[\s-]*|standard[\s-]*)*"
    r"(?:卷积|conv|kernel|filter|核)"
)
#: No kernel in use is larger, and no feature map asked about with a kernel beside it is smaller.
_LARGEST_KERNEL = 11


def asks_cost(facts: Facts) -> bool:
    """Tell whether the question asks for parameters, multiply-adds or savings."""
    return facts.says(*_COST) or _ENDS_WITH_COST.search(facts.text) is not None


def channels(facts: Facts, *, are_named: bool = True) -> tuple[int, ...]:
    """Return input and output channels, with those between them for a bottleneck; () where not both are named.

    `are_named`: 64 到 128 counts only beside the word for channels; an arrow says as much by itself.
    """
    named: tuple[int, ...] = ()
    for found in _CHAIN.finditer(facts.text):
        before, near = facts.text[max(found.start() - 8, 0) : found.start()], facts.text[found.start() :]
        near = before[-6:] + near[: found.end() - found.start() + 16]
        if _CHANNEL.search(near) or not (are_named or _NO_CHANNELS.search(before)):
            named = tuple(int(n) for n in found.groups() if n)
            break
    if not named and (both := _BOTH.search(facts.text)):
        named = (int(next(n for n in both.groups() if n)),) * 2
    if not named and (ends := _IN_OUT.search(facts.text)):
        named = tuple(int(n) for n in ends.groups() if n)
    if not named:
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
    rest = Facts(_CHANNEL_COUNT.sub("", facts.text))
    if size is None and (near := rest.size_before("特征图", "feature map", "输出", "output size")):
        size = near[0] if near[0] == near[1] else list(near)
    return kernel, size


_KINDS: Mapping[Kind, tuple[str, ...]] = {
    "separable": (
        "深度可分离",
        "depthwise separable",
        "separable conv",
        "separable convolution",
        "separable",
    ),
    "depthwise": ("depthwise", "逐通道卷积", "深度卷积"),
    "pointwise": ("pointwise", "逐点卷积"),
    "grouped": ("分组卷积", "组卷积", "分组", "grouped", "group conv", "group convolution", "groups"),
}
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
    kind = next(iter(facts.which(_KINDS)), None)
    if kind is None and not (facts.says("conv", "convs", "convolution", "conv2d") or "卷积" in facts.text):
        return None
    found: dict[str, Any] = {"kind": kind} if kind else {}
    kernel, size = kernel_and_size(facts)
    found |= {"kernel": kernel} if kernel and kind != "pointwise" else {}
    found |= {"out_size": size} if size else {}
    if len(ends := channels(facts, are_named=False)) == 2 and (kind != "depthwise" or ends[0] == ends[1]):
        found |= {"c_in": ends[0], "c_out": ends[1]}
    elif not ends and (width := facts.count("通道", "通道数", "channels")):
        found["c_in"] = width
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
