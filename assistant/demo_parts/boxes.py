"""Axis-aligned boxes as arrays [..., 4] of x1, y1, x2, y2: areas, overlaps and boxes in a question.

Coordinates are continuous: a box spans x2 − x1. Knows no demo and no pixel convention.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Annotated

import numpy as np
from annotated_types import Interval, Len
from numpy.typing import NDArray

from assistant.demo_kit.question import Facts
from assistant.demo_kit.types import DemoError, Fault

Array = NDArray[np.float64]
Coordinate = Annotated[float, Interval(ge=-1e6, le=1e6)]
#: Four numbers; which four is said by the demo that takes them.
Box = Annotated[Sequence[Coordinate], Len(4, 4)]
#: Thinner boxes are taken for empty: their area could round to 0.
_LEAST_SIDE = 1e-6


def sides(boxes: Array) -> Array:
    """Return width and height [..., 2], 0 where the corners are the wrong way round."""
    return np.maximum(boxes[..., 2:] - boxes[..., :2], 0.0)


def area(boxes: Array) -> Array:
    """Return the area [...] of boxes [..., 4]."""
    return np.asarray(sides(boxes).prod(axis=-1))


def common(a: Array, b: Array) -> Array:
    """Return the intersection as a box; disjoint boxes give one without area."""
    return np.concatenate(
        [np.maximum(a[..., :2], b[..., :2]), np.minimum(a[..., 2:], b[..., 2:])], axis=-1, dtype=np.float64
    )


def enclosing(a: Array, b: Array) -> Array:
    """Return the smallest box that holds both."""
    return np.concatenate(
        [np.minimum(a[..., :2], b[..., :2]), np.maximum(a[..., 2:], b[..., 2:])], axis=-1, dtype=np.float64
    )


def pairwise_iou(boxes: Array) -> Array:
    """Return the IoU [N, N] of boxes [N, 4], each with each. Every box must have an area."""
    shape = (len(boxes), len(boxes), 4)
    overlap = area(common(np.broadcast_to(boxes[:, None], shape), np.broadcast_to(boxes[None], shape)))
    areas = area(boxes)
    return np.asarray(overlap / (areas[:, None] + areas[None] - overlap))


def check_corners(param: str, box: Sequence[float]) -> None:
    """Refuse a box x1, y1, x2, y2 without width or height."""
    if min(box[2] - box[0], box[3] - box[1]) < _LEAST_SIDE:
        raise DemoError(
            Fault.INCONSISTENT,
            param=param,
            got=list(box),
            allowed="x1 < x2 and y1 < y2",
            hint_en=f"{param} has no area: it must be x1, y1, x2, y2 with x1 < x2 and y1 < y2.",
            hint_zh=f"{param} 没有面积：应依次为 x1、y1、x2、y2，且 x1 < x2、y1 < y2。",
        )


def spoken_boxes(facts: Facts) -> list[list[float]]:
    """Return every four numbers in brackets, `(0, 0, 4, 4)` or `[0,0,4,4]`, in order."""
    number = r"\s*([-+]?\d{1,6}(?:\.\d{1,6})?)\s*"
    found = re.finditer(rf"[\[(]{number},{number},{number},{number}[\])]", facts.text)
    return [[float(value) for value in match.groups()] for match in found]
