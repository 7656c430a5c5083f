"""How a question says layers and sizes: 三层 3x3 卷积, stride 2; 224 输入; 7x7 的卷积核, 步长 2.

It only reads what is written. What the layers are good for is the demos' business.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from assistant.demo_kit.question import Facts
from assistant.demo_kit.spelling import chinese_number
from assistant.demo_parts.layers import Layer

_STRIDE = ("stride", "步长", "步幅")
_PADDING = ("padding", "pad", "填充")
_DILATION = ("dilation", "dilation rate", "膨胀率", "空洞率", "扩张率", "膨胀系数")
_INPUT = ("输入", "input", "feature map", "特征图", "图像", "图片", "image")
_NOUN = r"(?:输入|input|feature map|特征图|图像|图片|图|image)"
_IS = r"(?:\s|的|大小|尺寸|为|是|:|=|of|size|is)*"
_COUNT = r"(?<![\da-z.第])(\d+)\s*(?:个|层|-?\s*layers?(?: of)?)?\s*"
_KIND = r"(?:连续的?|堆叠的?|空洞|stacked|consecutive|successive|dilated)?\s*的?\s*"
_KERNELS = re.compile(rf"(?:{_COUNT}{_KIND})?(?<![\dx.])(\d+)x(\d+)(?![\dx])(?!{_IS}{_NOUN})")
_LAYERS = re.compile(
    rf"{_COUNT}{_KIND}(?:层|layers?|convs?(?![a-z])|convolutions?|卷积(?!核))|(?<![\da-z.第x])(\d+)\s*层"
)
#: In 膨胀率为 2 的 3x3 卷积 the 2 belongs to the rate and counts no layers.
_NAMED_OF = re.compile(
    rf"(?:{'|'.join((*_STRIDE, *_PADDING, *_DILATION))}){_IS}\d+(?:\s*[,、/和及]\s*\d+)*\s*的"
)
#: 两个 3x3 代替一个 5x5 sets two stacks side by side instead of putting one on the other.
_INSTEAD = (
    "代替", "替代", "替换", "等价", "等效", "相当", "一样", "相同", "还是", "比", "而不是",
    "replace", "equivalent", "equal", "same as", "instead", "vs", "than", "compare",
)  # fmt: skip


_ORDINALS = {
    "first": 1,
    "second": 2,
    "third": 3,
    "fourth": 4,
    "fifth": 5,
    "首": 1,
    "last": 0,
    "最后一": 0,
    "末": 0,
}
_ORDINAL = re.compile(
    r"(?:第([\d一二三四五六七八九十]+)|(?<![a-z])(first|second|third|fourth|fifth|last)|(首|末|最后一))"
    r"(?:个|\s)*(?:层|layer|conv(?:olution)?|卷积层?|one(?![a-z]))的?"
)
_POOL = re.compile(r"\s*(?:的|最大|平均|max|average|avg|\s|-)*(?:池化|pool)")
_NAMES = {"s": _STRIDE, "p": _PADDING, "d": _DILATION}


def read_layers(facts: Facts) -> list[Layer]:
    """Return the layers a question spells out; none where no kernel is named or the values do not match.

    A value said of 第二层 belongs to that layer. Beside several kernels, each with values of its own or in a
    clause of its own, a value belongs to its kernel; any other value is for all layers, a list for one each.
    """
    common, singled = _one_by_one(re.sub(rf"{_NOUN}{_IS}\d+x\d+", "", facts.text))
    counted = _NAMED_OF.sub(lambda m: " " * len(m[0]), common)
    kernels = list(_KERNELS.finditer(counted))
    groups = [(m[1], int(m[2]), int(m[3])) for m in kernels]
    if not groups and (
        side := Facts(common).number("kernel", "kernel size", "卷积核", "核大小", "核", "filter size", "k")
    ):
        groups = [(None, int(side), int(side))]
    if len(groups) > 1 and facts.says(*_INSTEAD):
        groups, kernels = [max(groups, key=lambda g: int(g[0] or 1))], []
    named: dict[str, list[int | None]] = {
        key: [int(v) for v in Facts(common).numbers(*names)] for key, names in _NAMES.items()
    }
    longest = max(map(len, named.values()), default=0)
    if len(groups) == 1 and groups[0][0] is None:
        said = _LAYERS.search(counted)
        groups = [((said[1] or said[2]) if said else str(max(longest, 1)), *groups[0][1:])]
    counts = [min(int(n or 1), 301) for n, _, _ in groups]
    sides: list[Any] = [
        h if h == w else [h, w] for n, (_, h, w) in zip(counts, groups, strict=True) for _ in range(n)
    ]
    if len(sides) > 300 or any(number > len(sides) for number, _ in singled):
        return []
    if (
        len(kernels) == len(groups) >= 1
        and longest <= 1
        and (len(groups) > 1 or _POOL.match(common[kernels[0].end() :]))
    ):
        own = _by_kernel(common, kernels)
        named = {
            key: [v for n, some in zip(counts, values, strict=True) for v in [some] * n]
            for key, values in own.items()
        }
    if any(len(values) not in (0, 1, len(sides)) for values in named.values()):
        return []
    layers: list[Any] = [{"k": side} for side in sides]
    for key, values in named.items():
        for i, layer in enumerate(layers if values else []):
            if values[i % len(values)] is not None:
                layer[key] = values[i % len(values)]
    for number, own_values in singled:
        layers[number - 1] |= own_values
    return layers


def _one_by_one(text: str) -> tuple[str, list[tuple[int, dict[str, int]]]]:
    """Return what is said of all layers, and (place, values) of those singled out: 第二层 stride 2; 0 is the last."""
    common, singled, end = "", [], 0
    for found in _ORDINAL.finditer(text):
        clause = re.split(r"[,，;；。?？的]|(?<![a-z])and(?![a-z])", text[found.end() :], maxsplit=1)[0]
        values = {
            key: int(v) for key, names in _NAMES.items() if (v := Facts(clause).number(*names)) is not None
        }
        if not values:
            continue
        said = found[1] or found[2] or found[3]
        number = (
            _ORDINALS[said] if said in _ORDINALS else int(said) if said.isdigit() else chinese_number(said)
        )
        singled.append((number, values))
        common, end = common + text[end : found.start()], found.end() + len(clause)
    return common + text[end:], singled


def _by_kernel(text: str, kernels: Sequence[re.Match[str]]) -> dict[str, list[int | None]]:
    """Return the values of each kernel by key; one that stands alone in the last clause holds for all of them.

    A pooling whose stride is not said moves by its window.
    """
    ends = [*(m.start() for m in kernels[1:]), len(text)]
    parts = [text[m.end() : end] for m, end in zip(kernels, ends, strict=True)]
    found: dict[str, list[int | None]] = {}
    for key, names in _NAMES.items():
        values = [None if (v := Facts(part).number(*names)) is None else int(v) for part in parts]
        before = Facts(text[: kernels[0].start()]).number(*names)
        clause = re.split(r"[,，;；]", parts[-1], maxsplit=1)[0]
        is_for_all = values[:-1] == [None] * (len(values) - 1) and Facts(clause).number(*names) is None
        if before is not None or (is_for_all and values[-1] is not None):
            alone = values[-1] if before is None else int(before)
            values = [alone] * len(values)
        if key == "s":
            values = [
                int(m[2]) if v is None and _POOL.match(part) else v
                for m, v, part in zip(kernels, values, parts, strict=True)
            ]
        found[key] = values
    return found


def read_input(facts: Facts) -> tuple[int, int] | None:
    """Return the size of the input as (height, width), where the question names one."""
    before = re.search(rf"(?<![\dx.])(\d+)x(\d+)(?:x\d+)?\s*的?\s*{_NOUN}", facts.text)
    return (int(before[1]), int(before[2])) if before else facts.size_before(*_INPUT, "图")


_OTHER_WORDS = r"[^，。,.?？]{0,8}"
_ASKS_SIZE = re.compile(
    rf"输出{_OTHER_WORDS}(?:大小|尺寸|形状|多大|多少|size|shape|几)"
    rf"|(?:特征图|feature map){_OTHER_WORDS}(?:大小|尺寸|多大)"
    rf"|卷积{_OTHER_WORDS}(?:多大|大小怎么|尺寸)"
    rf"|(?:出来|得到|变成|变为|变|剩|之后|后){_OTHER_WORDS}(?:多大|几乘几|什么尺寸|多少乘多少)"
    r"|[,，;]\s?(?:输出|output)\s?(?:是|为|=|is)?\s?[?？]"
    r"|尺寸[^，。,.?？]{0,4}(?:不变|变化|怎么|如何|多少|公式|减半)"
    r"|output[\s-]+(?:\w+\s+){0,2}(?:size|shape|dim|height|width|resolution)"
    r"|(?:size|shape|dimension)s? of the (?:output|feature map|result)"
    r"|(?:keep|preserve)s? the (?:\w+ )?size|how (?:big|large) is the (?:output|result|feature map)"
)
_MODE = re.compile(
    r"(?<![a-z])(same|valid)['\"]?\s*(?:模式的?)?\s*(?:padding|填充|卷积|conv)"
    r"|(?:padding|填充)\s*[=为是]?\s*['\"]?(same|valid)(?![a-z])"
)
_CONVOLVES = ("卷积", "conv", "convolution", "conv2d", "cnn", "池化", "pool", "pooling", "kernel", "特征图",
              "feature map", "padding", "填充", "stride", "步长", "步幅")  # fmt: skip


def _asks_output_size(facts: Facts) -> bool:
    """Tell whether the question asks how large what comes out of a layer is."""
    spatial = facts.says(*_CONVOLVES, *_INPUT[2:]) or bool(facts.sizes()) or "卷积" in facts.text
    return spatial and _ASKS_SIZE.search(facts.text) is not None


def _padding_mode(facts: Facts) -> str | None:
    """Return `same` or `valid` where the question says so of a padding."""
    found = _MODE.search(facts.text)
    return (found[1] or found[2]) if found else None


def _without_padding_mode(text: str) -> str:
    """Return `text` without its words for SAME or VALID padding."""
    return _MODE.sub("", text)


def _without_output_padding(text: str) -> str:
    """Return `text` without its output padding, which would be taken for the padding."""
    return re.sub(r"(?:output[\s_-]*padding|输出填充)\D{0,4}\d+", "", text)


_TRANSPOSED = (
    "反卷积", "转置卷积", "transposed conv", "transposed convolution", "transpose convolution", "deconv",
    "deconvolution", "convtranspose", "convtranspose2d", "conv transpose",
)  # fmt: skip
_OTHER_SUBJECTS = (
    "参数量", "参数", "parameter", "计算量", "flops", "macs", "im2col", "棋盘", "checkerboard", "反向",
    "backward", "gradient", "梯度", "初始化", "dropblock",
)  # fmt: skip


def read_output_size(facts: Facts) -> dict[str, Any] | None:
    """Return the sizes the question names; None if it does not ask how large an output is."""
    if facts.says("感受野", "receptive field", "im2col"):
        return None
    # What "padding" is said of is settled first, so that its number is not taken for the ordinary padding.
    extra = facts.number("output padding", "输出填充")
    mode = _padding_mode(facts)
    rest = Facts(_without_output_padding(facts.text) if mode is None else _without_padding_mode(facts.text))
    size = read_input(rest)
    if size is None and mode and (side := facts.number(f"{mode} padding", f"{mode} 填充")):
        size = int(side), int(side)
    sides = rest.sizes()
    if size is None and len(sides) > 1 and sides[0][0] > max(max(side) for side in sides[1:]):
        size = sides[0]
        rest = Facts(rest.text.replace(f"{size[0]}x{size[1]}", "", 1))
    layers = read_layers(rest)
    if not (_asks_output_size(facts) or mode):
        says_enough = size is not None and bool(layers) and len(layers[0]) > 1
        if not says_enough or facts.says(*_OTHER_SUBJECTS):
            return None
    found: dict[str, Any] = {}
    if size:
        found["input_size"] = size[0] if size[0] == size[1] else list(size)
    if len(layers) > 1:
        return found | {"chain": layers}
    names = {"k": "kernel", "s": "stride", "p": "padding", "d": "dilation"}
    found |= {names[key]: value for layer in layers for key, value in layer.items()}
    if mode and layers:
        found["mode"] = mode
        found.pop("padding", None)
    if facts.says(*_TRANSPOSED):
        found["transposed"] = True
        if extra:
            found["output_padding"] = int(extra)
    return found
