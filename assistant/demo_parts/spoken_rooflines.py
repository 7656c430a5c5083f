"""How a question says a layer and a machine: batch-1 linear layer on 125 TFLOPS, 900 GB/s; 深度卷积为什么不快.

It only reads what is written: a GPU's name is no number.
"""

from __future__ import annotations

import re
from typing import Any

from assistant.demo_kit.question import Facts
from assistant.demo_parts.operations import Operation
from assistant.demo_parts.spoken_costs import channels, kernel_and_size

_SPOKEN: tuple[tuple[Operation, tuple[str, ...]], ...] = (
    ("depthwise", ("depthwise", "逐通道卷积", "深度卷积", "深度可分离", "dw 卷积", "dw conv")),
    ("maxpool", ("max pool", "maxpool", "max pooling", "最大池化")),
    ("layernorm", ("layernorm", "layer norm", "layer normalization", "层归一化")),
    ("linear", ("linear", "linear layer", "fully connected", "全连接", "线性层", "矩阵乘")),
    ("relu", ("relu",)),
    ("conv", ("conv", "convolution", "conv2d")),
)
_ASKS = re.compile(
    r"roofline|屋顶线|(?:计算|运算|算术)强度|(?:arithmetic|operational) intensity|flops?\s?(?:per|/)\s?byte(?![a-z])"
    r"|访存(?:受限|瓶颈|密集|比)|带宽(?:受限|瓶颈|限制)|计算(?:受限|瓶颈|密集)"
    r"|(?:memory|compute|bandwidth|io)[\s-](?:bandwidth[\s-])?(?:bound|limited)"
)
_DEPTHWISE = r"(?:depthwise|深度可分离|深度卷积|逐通道卷积)"
_SLOW = re.compile(
    rf"{_DEPTHWISE}[^，。,.?？]{{0,30}}(?:不快|慢|没有?变快|不够快|slow|not fast|no faster|not .{{0,12}}faster)"
    rf"|(?:slow|慢)[^，。,.?？]{{0,20}}{_DEPTHWISE}"
)
_SCALES = {"": 1.0, "k": 1e3, "m": 1e6, "g": 1e9, "t": 1e12, "p": 1e15}
_PEAK = re.compile(r"(?<![\d.])(\d+(?:\.\d+)?)\s*([gtp])\s?flops?(?:/s)?(?![a-z])")
_BANDWIDTH = re.compile(r"(?<![\d.])(\d+(?:\.\d+)?)\s*([mgt])i?b(?:/s|ps)(?![a-z])")


def read_roofline(facts: Facts) -> dict[str, Any] | None:
    """Return operation, sizes and machine; None if the question does not ask what limits the speed."""
    if not (_ASKS.search(facts.text) or _SLOW.search(facts.text)):
        return None
    found: dict[str, Any] = {}
    peak, speed = (_rate(pattern, facts.text) for pattern in (_PEAK, _BANDWIDTH))
    if peak and speed:
        found |= {"peak_flops": peak, "bandwidth": speed}
    op = next((op for op, words in _SPOKEN if facts.says(*words)), None) or (
        "conv" if "卷积" in facts.text else None
    )
    if op is None:
        given = facts.number("intensity", "强度", "arithmetic intensity", "operational intensity")
        if given is None:
            given = facts.amount("flop/byte", "flops/byte", "flop per byte", "flops per byte")
        return found | ({"intensity": given} if given is not None and 0 < given <= 1e9 else {})
    found |= {"op": op} | _sizes(facts, op)
    if each := next((n for n, words in _PRECISIONS if facts.says(*words)), None):
        found["bytes"] = each
    batch = facts.number("batch", "batch size", "批大小", "批量")
    if isinstance(batch, int) and 1 <= batch <= 65536:
        found["batch"] = batch
    return found


_PRECISIONS = (
    (2, ("fp16", "bf16", "float16", "half precision", "半精度")),
    (1, ("int8", "fp8")),
    (4, ("fp32", "float32")),
)


def _sizes(facts: Facts, op: Operation) -> dict[str, Any]:
    """Return the sizes `op` uses, as far as the question names them."""
    ends = channels(facts, are_named=op != "linear")
    if op == "linear" and not ends and len(shapes := facts.shapes(2)) == 1:
        ends = (shapes[0][0], shapes[0][1])
    if op in ("linear", "layernorm"):
        return {"in": ends[0], "out": ends[1]} if op == "linear" and len(ends) == 2 else {}
    found: dict[str, Any] = {}
    kernel, size = kernel_and_size(facts)
    width = facts.count("通道", "channels")
    if op == "conv" and len(ends) == 2:
        found |= {"c_in": ends[0], "c_out": ends[1]}
    elif len(set(ends)) == 1 or (not ends and width and width <= 65536):
        found["c_in"] = ends[0] if ends else width
    if op != "relu" and kernel:
        found["kernel"] = kernel
    stride = facts.number("stride", "步长", "步幅")
    if op != "relu" and isinstance(stride, int) and 1 <= stride <= 16:
        found["stride"] = stride
    return found | ({"out_size": size} if isinstance(size, int) else {})


def _rate(pattern: re.Pattern[str], text: str) -> float | None:
    found = pattern.search(text)
    return float(found[1]) * _SCALES[found[2]] if found else None
