"""How a question says Inception's savings: 两个 3x3 代替 5x5 省多少; 1x1 bottleneck 192->16->32; 3a 的参数量."""

from __future__ import annotations

import re
from typing import Any

from assistant.demo_kit.question import Facts
from assistant.demo_parts.inceptions import MODULES
from assistant.demo_parts.spoken_costs import asks_cost, channels, kernel_and_size

_REPLACES = (
    "代替", "替代", "替换", "取代", "换成", "分解", "拆成", "拆分", "replace", "replaces", "replaced", "replacing",
    "instead of", "factorize", "factorise", "factorization", "factorisation", "factorized", "in place of",
)  # fmt: skip
_COMPARES = ("比", "vs", "versus", "than", "几倍")
_OTHER = ("感受野", "receptive field", "resnet", "残差", "residual", "mobilenet", "输出尺寸", "output size")


def read_inception(facts: Facts) -> dict[str, Any] | None:
    """Return mode and sizes; None where no cost and no replacement of kernels is asked for."""
    asks = asks_cost(facts)
    is_replaced = facts.says(*_REPLACES)
    if facts.says(*_OTHER) or not (asks or is_replaced):
        return None
    if rule := _rule(facts, is_replaced):
        return {"mode": "factorize", "rule": rule}
    is_inception = facts.says("inception", "googlenet", "inception v1")
    if asks and facts.says("瓶颈", "bottleneck", "1x1 降维", "1x1 卷积降维", "1x1降维", "1x1卷积降维"):
        return _bottleneck(facts)
    if not is_inception:
        return None
    if asks and (module := re.search(r"(?<![a-z0-9])([345][a-e])(?![a-z0-9])", facts.text)):
        return {"mode": "module", "name": module[1]} if module[1] in MODULES else None
    return {"mode": "module"} if asks and facts.says("模块", "module") else {}


def _rule(facts: Facts, is_replaced: bool) -> str | None:
    """Return which kernel is put in the place of which."""
    sizes = set(facts.sizes())
    if is_replaced and ((7, 7) in sizes or sizes == {(1, 7), (7, 1)}) and sizes & {(1, 7), (7, 1)}:
        return "7x7 -> 1x7+7x1"
    if is_replaced and sizes >= {(3, 3)} and sizes & {(3, 1), (1, 3)}:
        return "3x3 -> 3x1+1x3"
    if sizes == {(3, 3), (2, 2)}:
        return "3x3 -> two 2x2" if is_replaced else None
    if sizes == {(7, 7), (3, 3)}:
        return "7x7 -> three 3x3" if is_replaced else None
    if sizes != {(5, 5), (3, 3)}:
        return None
    count = re.search(r"(?<![\d.x])2\s*(?:个|层|stacked)?\s*3x3", facts.text)
    if count or is_replaced:
        return "5x5 -> two 3x3"
    return "5x5 vs 3x3" if facts.says(*_COMPARES) else None


def _bottleneck(facts: Facts) -> dict[str, Any] | None:
    found: dict[str, Any] = {"mode": "bottleneck"}
    ends = channels(facts)
    if len(ends) == 3:
        found |= {"c_in": ends[0], "reduce": ends[1], "c_out": ends[2]}
    # The 1x1 of the bottleneck itself is not the kernel it makes cheap.
    kernel, size = kernel_and_size(Facts(re.sub(r"(?<!\d)1x1(?!\d)", "", facts.text)))
    found |= {"kernel": kernel} if kernel and kernel > 1 else {}
    found |= {"size": size} if isinstance(size, int) else {}
    is_inception = facts.says("inception", "googlenet", "1x1")
    return found if is_inception or len(found) > 1 else None
