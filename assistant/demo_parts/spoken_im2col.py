"""How a question says the shapes of an im2col: 输入 1x3x32x32, 卷积核 5x5, stride 2."""

from __future__ import annotations

import re
from typing import Any

from assistant.demo_kit.parameters import Demonstration
from assistant.demo_kit.question import Facts
from assistant.demo_kit.slots import Spoken, fill

_SPOKEN: Spoken = {
    "kernel": ("kernel", "kernel size", "卷积核", "核", "filter", "滤波器"),
    "stride": ("stride", "步长", "步幅"),
    "padding": ("padding", "填充", "pad"),
    "seed": ("seed", "随机种子"),
}
_FILTERS = r"(?:kernels?|filters?|weights?|卷积核|核|滤波器|权重)"


def read_im2col(demo: Demonstration, facts: Facts) -> dict[str, Any] | None:
    """Return shapes, stride and padding of a question about im2col."""
    if not facts.says("im2col", "im2row", "unfold"):
        return None
    if facts.says("alexnet") and facts.says("第1层", "第一层", "首层", "conv1", "first layer", "first conv"):
        return {"x_shape": [1, 3, 227, 227], "w_shape": [96, 3, 11, 11], "stride": 4}
    found = fill(demo, _SPOKEN, facts)
    filters = re.search(
        rf"{_FILTERS}\D{{0,6}}(\d+(?:x\d+){{3}})|(\d+(?:x\d+){{3}})\s?的?{_FILTERS}", facts.text
    )
    if filters:
        found["w_shape"] = [int(side) for side in (filters[1] or filters[2]).split("x")]
        found.pop("kernel", None)
    images = [[1, c, h, h] if h == w else [1, h, w, c] for h, w, c in facts.shapes(3)]
    shapes = [shape for shape in [*facts.shapes(4), *images] if shape != found.get("w_shape")]
    place = facts.size_before("input", "image", "feature map", "输入", "图像", "特征图")
    spare = [size for size in facts.sizes() if size != place and size[0] == size[1] <= 16]
    if not filters and "kernel" not in found and spare:
        found["kernel"] = spare[0][0]
    if matrix := facts.matrix():
        return found | {"x": matrix}
    if shapes or "kernel" not in found:
        return found | ({"x_shape": shapes[0]} if shapes else {})
    side, channels = found["kernel"], facts.count("input channels", "channels", "输入通道", "通道")
    if place is None:
        if not (facts.says("memory", "内存", "显存", "blow up", "膨胀") and side % 2):
            return found
        del found["kernel"]
        return {"x_shape": [1, 64, 56, 56], "w_shape": [64, 64, side, side], "padding": side // 2, **found}
    return {"x_shape": [1, 3 if channels is None else channels, *place], **found}
