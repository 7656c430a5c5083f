"""Nested lists as arrays: what annotations cannot check, that the lists are even and hold nothing but numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assistant.demo_kit.types import DemoError, Fault

#: No side of a tensor is longer, so that results can still be read.
MAX_SIDE = 64
MAX_ELEMENTS = 65_536


def read_array(param: str, value: Sequence[Any], *, ndim: tuple[int, int]) -> NDArray[np.float64]:
    """Return nested lists as an array with at least `ndim[0]` and at most `ndim[1]` axes.

    Raises `DemoError`: `shape_mismatch` for uneven or empty lists and a wrong number of axes, `wrong_type`
    for an element that is no number, `not_finite`, and `too_big` beyond `MAX_SIDE` or `MAX_ELEMENTS`.
    """
    low, high = ndim
    axes = f"{low} to {high} axes" if low < high else f"{low} axes"

    def refuse(fault: Fault, got: Any, en: str, zh: str) -> DemoError:
        allowed = f"nested lists with {axes}, sides up to {MAX_SIDE}"
        return DemoError(fault, param=param, got=got, allowed=allowed, hint_en=en, hint_zh=zh)

    shape: list[int] = []
    level: list[Any] = [list(value)]
    while any(isinstance(item, list | tuple) for item in level):
        sides = {len(item) if isinstance(item, list | tuple) else -1 for item in level}
        if len(sides) > 1 or 0 in sides or len(shape) == high:
            raise refuse(
                Fault.SHAPE_MISMATCH,
                [*shape, *sorted(sides)],
                f"{param} must be nested lists of equal lengths with {axes}.",
                f"{param} 必须是各行等长的嵌套列表（{low} 到 {high} 维）。",
            )
        shape += sides
        # Checked before going deeper: a level holds the product of the sides.
        if shape[-1] > MAX_SIDE or np.prod(shape) > MAX_ELEMENTS:
            raise refuse(
                Fault.TOO_BIG,
                shape,
                f"{param} has a side over {MAX_SIDE} or more than {MAX_ELEMENTS} elements.",
                f"{param} 的某一边超过 {MAX_SIDE}，或元素超过 {MAX_ELEMENTS} 个。",
            )
        level = [element for item in level for element in item]
    wrong = next((e for e in level if isinstance(e, bool) or not isinstance(e, int | float)), None)
    if wrong is not None or None in level:
        raise refuse(
            Fault.WRONG_TYPE, repr(wrong), f"{param} must hold numbers only.", f"{param} 只能包含数。"
        )
    if len(shape) < low:
        raise refuse(
            Fault.SHAPE_MISMATCH, shape, f"{param} must have {axes}.", f"{param} 应有 {low} 到 {high} 维。"
        )
    try:
        array = np.array(level, dtype=np.float64).reshape(shape)
    except OverflowError:
        array = np.array([np.inf])
    if not np.isfinite(array).all():
        raise refuse(
            Fault.NOT_FINITE, "nan or infinity", f"{param} must be finite.", f"{param} 不能含 nan 或无穷大。"
        )
    return array
