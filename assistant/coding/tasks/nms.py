"""Write greedy non-maximum suppression."""

from __future__ import annotations

import numpy as np

from assistant.coding.types import Array, Check, Said, Slip, Task
from assistant.demos import nms as demo


def nms(boxes: np.ndarray, scores: np.ndarray, threshold: float) -> list[int]:
    """Return the indices of the boxes [N, 4] that are kept, the highest of the scores [N] first."""
    x1, y1, x2, y2 = boxes.T
    areas = (x2 - x1) * (y2 - y1)
    order = np.argsort(-scores, kind="stable")
    kept = []
    while len(order):
        best, rest = order[0], order[1:]
        kept.append(int(best))
        width = np.minimum(x2[best], x2[rest]) - np.maximum(x1[best], x1[rest])
        height = np.minimum(y2[best], y2[rest]) - np.maximum(y1[best], y1[rest])
        inner = np.maximum(width, 0) * np.maximum(height, 0)
        overlap = inner / (areas[best] + areas[rest] - inner)
        order = rest[overlap <= threshold]
    return kept


def _check(
    name: str, zh: str, en: str, boxes: list[list[float]], scores: list[float], threshold: float
) -> Check:
    # The demo refuses an empty list; what is kept of nothing is nothing.
    kept = demo.nms(boxes=boxes, scores=scores, threshold=threshold).numbers["kept"] if boxes else []
    arguments = {
        "boxes": np.array(boxes, float).reshape(-1, 4),
        "scores": np.array(scores, float),
        "threshold": threshold,
    }
    return Check(name, Said(zh, en), arguments, list(kept))


def _checks() -> tuple[Check, ...]:
    random = np.random.default_rng(3)
    corners: Array = random.integers(0, 30, (25, 2)).astype(float)
    crowd = np.hstack([corners, corners + random.integers(8, 16, (25, 2))]).tolist()
    scores = (random.permutation(25) / 25 + 0.01).tolist()
    # Each of the three overlaps its neighbour by more than a half, and the first does not overlap the last as much.
    chain: list[list[float]] = [[0, 0, 10, 1], [3, 0, 13, 1], [6, 0, 16, 1]]
    return (
        _check(
            "unsorted",
            "分数没有排好序",
            "scores in no order",
            [[0, 0, 10, 10], [1, 0, 11, 10], [20, 20, 30, 30]],
            [0.6, 0.9, 0.8],
            0.5,
        ),
        _check(
            "chain",
            "被删掉的框不再压制别人",
            "a box that is gone suppresses nobody",
            chain,
            [0.9, 0.8, 0.7],
            0.5,
        ),
        _check(
            "threshold",
            "IoU 恰好等于阈值",
            "an IoU that equals the threshold",
            [[0, 0, 3, 1], [1, 0, 4, 1]],
            [0.9, 0.8],
            0.5,
        ),
        _check("identical", "完全相同的框", "identical boxes", [[2, 2, 5, 5]] * 3, [0.2, 0.9, 0.4], 0.5),
        _check(
            "apart",
            "在对角方向上不相交的框",
            "boxes apart on both axes",
            [[0, 0, 4, 4], [9, 9, 13, 13]],
            [0.5, 0.9],
            0.3,
        ),
        _check("crowd", "25 个框", "25 boxes", crowd, scores, 0.4),
        _check("empty", "没有框", "no boxes at all", [], [], 0.5),
    )


TASK = Task(
    name="nms",
    title=Said("手写 NMS", "Non-maximum suppression from scratch"),
    statement=Said(
        "给你检测框 boxes [N, 4]（x1, y1, x2, y2）、对应的分数 scores [N] 和 IoU 阈值 threshold，\n"
        "实现贪心 NMS：每次留下剩余框里分数最高的，删掉和它的 IoU 大于阈值的框（等于阈值的留下）。\n"
        "返回留下的框的下标，按分数从高到低；N 可能是 0。",
        "You are given boxes [N, 4] as x1, y1, x2, y2, their scores [N] and an IoU threshold.\n"
        "Write greedy NMS: keep the best box that is left, drop every box whose IoU with it is\n"
        "above the threshold (one that equals it stays), and so on.\n"
        "Return the indices of the boxes kept, best score first. N may be 0.",
    ),
    solution=nms,
    checks=_checks,
    topics=("nms", "非极大值抑制", "非极大抑制", "non maximum suppression", "目标检测", "object detection"),
    terms=(
        "分数最高",
        "最高分",
        "最高",
        "删掉",
        "删除",
        "贪心",
        "阈值",
        "greedy",
        "highest",
        "threshold",
        "抑制",
        "suppress",
    ),
    hints=(
        Said(
            "先按分数从高到低排出下标，下标始终指向原数组。",
            "Sort the indices by score first; they point into the original array.",
        ),
        Said(
            "每一轮只拿当前最高分的框和还剩下的框算 IoU，一次向量化算完。",
            "In each round compare the best box with those still left, all of them in one vectorised step.",
        ),
        Said(
            "用布尔掩码 overlap <= threshold 筛出下一轮的下标。",
            "The mask overlap <= threshold picks the indices of the next round.",
        ),
    ),
    slips=(
        Slip(
            "unsorted",
            Said(
                "没有按分数排序，直接按给定的顺序处理了。", "The boxes are taken as given and not by score."
            ),
            'np.argsort(-scores, kind="stable")',
            "np.arange(len(scores))",
        ),
        Slip(
            "chain",
            Said("按分数从低到高处理了：argsort 默认升序。", "Lowest score first: argsort sorts upwards."),
            "np.argsort(-scores,",
            "np.argsort(scores,",
        ),
        Slip(
            "threshold",
            Said(
                "IoU 等于阈值的框被删掉了；题目要求大于阈值才删。",
                "A box whose IoU equals the threshold is dropped; only those above it go.",
            ),
            "overlap <= threshold",
            "overlap < threshold",
        ),
        Slip(
            "chain",
            Said("已经被删掉的框还在压制别的框。", "Boxes that were dropped still suppress others."),
            "        order = rest[overlap <= threshold]\n    return kept",
            "        order, gone = rest, rest[overlap > threshold]\n"
            "        scores = np.where(np.isin(np.arange(len(scores)), gone), -np.inf, scores)\n"
            "    return [i for i in kept if scores[i] > -np.inf]",
        ),
        Slip(
            "unsorted",
            Said(
                "返回的是排序之后的位置，不是原来的下标。",
                "These are positions after sorting and not the original indices.",
            ),
            "    return kept",
            '    return [np.argsort(-scores, kind="stable").tolist().index(i) for i in kept]',
        ),
        Slip(
            "apart",
            Said(
                "交集的边长没有截断到 0，不相交的框也被当成重叠。",
                "The sides of the intersection are not clipped at 0, so boxes far apart overlap.",
            ),
            "np.maximum(width, 0) * np.maximum(height, 0)",
            "width * height",
        ),
        Slip(
            "crowd",
            Said(
                "留下了重叠的、删掉了不重叠的：掩码反了。",
                "The mask is the wrong way round: overlapping boxes stay.",
            ),
            "rest[overlap <= threshold]",
            "rest[overlap > threshold]",
        ),
    ),
    follow_up=Said(
        "最坏情况下的复杂度是多少？多类别检测怎样只调用一次 NMS？",
        "What is its worst-case complexity, and how do you run it once for many classes?",
    ),
    follow_up_answer=Said(
        "排序 O(N log N)，抑制最坏 O(N²)（谁也不压制谁）。多类别时给每个类的框加上一个足够大的坐标偏移，"
        "不同类的框就不会相交，一次 NMS 即可。",
        "Sorting is O(N log N), suppression O(N²) at worst, when no box suppresses another. For many "
        "classes shift the "
        "boxes of each class by an offset larger than the image: those of different classes cannot overlap.",
    ),
)
