"""Write the IoU of every box with every other."""

from __future__ import annotations

import numpy as np

from assistant.coding.types import Array, Check, Said, Slip, Task
from assistant.demos.box_iou import box_iou


def iou(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return the IoU [N, M] of boxes a [N, 4] with boxes b [M, 4], corners x1, y1, x2, y2."""
    low = np.maximum(a[:, None, :2], b[None, :, :2])
    high = np.minimum(a[:, None, 2:], b[None, :, 2:])
    sides = np.maximum(high - low, 0)
    inner = sides[..., 0] * sides[..., 1]
    area_a = (a[:, 2] - a[:, 0]) * (a[:, 3] - a[:, 1])
    area_b = (b[:, 2] - b[:, 0]) * (b[:, 3] - b[:, 1])
    union = area_a[:, None] + area_b[None, :] - inner
    return np.asarray(inner / union)


def _check(name: str, zh: str, en: str, a: Array, b: Array) -> Check:
    expected = np.zeros((len(a), len(b)))
    for (i, j), _ in np.ndenumerate(expected):
        expected[i, j] = box_iou(a=a[i].tolist(), b=b[j].tolist()).numbers["iou"]
    return Check(name, Said(zh, en), {"a": a, "b": b}, expected)


def _boxes(*boxes: tuple[float, ...]) -> Array:
    return np.array(boxes, float).reshape(-1, 4)


def _drawn(random: np.random.Generator, count: int) -> Array:
    corners = random.integers(0, 12, (count, 2))
    return np.hstack([corners, corners + random.integers(2, 10, (count, 2))]).astype(float)


def _checks() -> tuple[Check, ...]:
    random = np.random.default_rng(0)
    one = _boxes((0, 0, 4, 4))
    return (
        _check("overlapping", "两个框部分重叠", "two boxes that overlap", one, _boxes((2, 1, 6, 4))),
        _check("apart", "两个框在对角方向上不相交", "boxes apart on both axes", one, _boxes((6, 7, 9, 9))),
        _check("touching", "两个框只共用一条边", "boxes that share an edge only", one, _boxes((4, 0, 8, 4))),
        _check("identical", "同一个框", "a box with itself", one, one),
        _check("inside", "一个框在另一个里面", "one box inside the other", one, _boxes((1, 1, 2, 3))),
        _check("pairs", "3 个框对 5 个框", "3 boxes with 5", _drawn(random, 3), _drawn(random, 5)),
        _check("empty", "没有框", "no boxes at all", _boxes(), _drawn(random, 2)),
    )


TASK = Task(
    name="iou",
    title=Said("手写 IoU", "IoU from scratch"),
    statement=Said(
        "给你两组框 a [N, 4] 和 b [M, 4]，每个框是左上角和右下角坐标 x1, y1, x2, y2（连续坐标）。\n"
        "返回形状 [N, M] 的矩阵，第 i 行第 j 列是 a[i] 和 b[j] 的 IoU。\n"
        "只用 numpy，最好不写循环；每个框的面积都大于 0，但 N 可能是 0。",
        "You are given two sets of boxes, a [N, 4] and b [M, 4], each box as x1, y1, x2, y2\n"
        "in continuous coordinates. Return the matrix [N, M] of their IoUs.\n"
        "Numpy only, preferably without a loop. Every box has an area above 0; N may be 0.",
    ),
    solution=iou,
    checks=_checks,
    topics=("iou", "交并比", "intersection over union", "目标检测", "object detection"),
    terms=("交集", "并集", "交并比", "相交", "重叠", "iou", "intersection", "union", "overlap"),
    hints=(
        Said(
            "交集也是一个框：左上角取两者较大的，右下角取两者较小的。",
            "The intersection is a box, too: the larger upper-left corner, the smaller lower-right one.",
        ),
        Said(
            "两个框不相交时边长会算成负数，想想两个负数相乘会怎样。",
            "Where boxes are apart, a side comes out negative. What is the product of two negative sides?",
        ),
        Said(
            "a[:, None] 的形状是 [N, 1, 4]，b[None] 是 [1, M, 4]，广播后就是所有的组合。",
            "a[:, None] has shape [N, 1, 4] and b[None] [1, M, 4]: broadcasting gives every pair.",
        ),
    ),
    slips=(
        Slip(
            "apart",
            Said(
                "交集的边长没有截断到 0：两边都是负数时相乘变成了正的面积。",
                "The sides of the intersection are not clipped at 0: two negative ones give a positive area.",
            ),
            "np.maximum(high - low, 0)",
            "high - low",
        ),
        Slip(
            "overlapping",
            Said(
                "并集要减去一次交集，否则交集被算了两遍。",
                "The union counts the intersection once: subtract it from the sum of the areas.",
            ),
            "area_b[None, :] - inner",
            "area_b[None, :]",
        ),
        Slip(
            "overlapping",
            Said(
                "边长多加了 1，那是旧版 VOC 的像素约定；这里是连续坐标。",
                "The sides are 1 too long: VOC's old pixel convention. These coordinates are continuous.",
            ),
            "    sides = np.maximum(high - low, 0)",
            "    sides = np.maximum(high - low + 1, 0)\n    a, b = a + [0, 0, 1, 1], b + [0, 0, 1, 1]",
        ),
        Slip(
            "overlapping",
            Said("除以了较小框的面积，而不是并集。", "Divided by the smaller area and not by the union."),
            "area_a[:, None] + area_b[None, :] - inner",
            "np.minimum(area_a[:, None], area_b[None, :])",
        ),
        Slip(
            "pairs",
            Said(
                "结果转置了：应当是 [N, M]，行对应 a。",
                "Transposed: the shape is [N, M], a row for each box of a.",
            ),
            "np.asarray(inner / union)",
            "(inner / union).T",
        ),
    ),
    follow_up=Said(
        "时间和空间复杂度是多少？如果 N = M = 10 万，内存放不下怎么办？",
        "What does it cost in time and memory, and what if N = M = 100,000 does not fit into memory?",
    ),
    follow_up_answer=Said(
        "时间和空间都是 O(NM)：10 万乘 10 万个 float64 是 80 GB。按行分块算、用完即丢，"
        "或者先按坐标排序（网格、扫描线）只算可能相交的框对。",
        "O(NM) both: 10^10 float64 values are 80 GB. Compute it in blocks of rows and keep none, or "
        "first sort by "
        "coordinate (a grid, a sweep line) so that only boxes that may meet are compared.",
    ),
)
