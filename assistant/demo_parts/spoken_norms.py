"""How a question says what a normalization averages over: GN 分 8 组, 输入 [2, 32, 10, 10]."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from assistant.demo_kit.question import Facts

_METHODS: Mapping[str, tuple[str, ...]] = {
    "bn": ("bn", "batch norm", "batchnorm", "batch normalization", "批归一化", "批量归一化", "批标准化"),
    "ln": ("ln", "layer norm", "layernorm", "layer normalization", "层归一化", "层标准化"),
    "in": ("instance norm", "instancenorm", "instance normalization", "实例归一化"),
    "gn": ("gn", "group norm", "groupnorm", "group normalization", "组归一化"),
}
_ABOUT = (
    "维度", "维上", "轴", "axis", "axes", "dimension", "dims", "求均值", "统计量", "statistics", "个均值",
    "均值有", "方差各",
    "batch size", "batch=1", "batch 1", "normalize over", "normalizes over", "averaged over", "average over",
    "how many means", "number of means", "多少个元素", "多少元素", "how many elements",
)  # fmt: skip


def read_norm(facts: Facts) -> dict[str, Any] | None:
    """Return shape, method and groups of a question about what a normalization averages over."""
    named = facts.which(_METHODS)
    # "in" is an English word: it is the method only beside another one in a Chinese question.
    if named and "in" not in named and any(c > "\u3400" for c in facts.text) and facts.says("in"):
        named.append("in")
    given = next(iter([*facts.shapes(4), *facts.shapes(3)]), None) or facts.vector(*_TENSOR) or facts.vector()
    shape = [int(side) for side in given] if given and all(side == int(side) for side in given) else []
    channels, groups = facts.count("channels", "通道"), facts.count("groups", "组")
    has_figures = 2 <= len(shape) <= 4 and bool(named)
    if groups and channels and channels % groups == 0 and named in ([], ["gn"]):
        sides = shape if len(shape) == 4 else [20, channels, 10, 10]
        return {"shape": sides, "method": "gn", "groups": groups} if named else None
    if not named or not (
        has_figures or facts.says(*_ABOUT) or (len(named) > 1 and facts.says("区别", "difference", "vs"))
    ):
        return None
    if facts.says("dropout", "位置", "before relu", "动量", "momentum"):
        return None
    found: dict[str, Any] = {"method": named[0] if len(named) == 1 else "all"}
    if 2 <= len(shape) <= 4:
        found["shape"] = shape
    if groups is not None and "gn" in named:
        found["groups"] = groups
    return found


_TENSOR = ("shape", "形状", "张量", "输入", "input", "tensor")
