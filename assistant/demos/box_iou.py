"""Two boxes and how well they agree: IoU, Dice, and the GIoU, DIoU and CIoU that also rank disjoint boxes.

Axis-aligned boxes only; the losses are 1 minus these figures.
"""

from __future__ import annotations

import math
from typing import Any, Literal

import numpy as np

from assistant.demo_kit.exercises import Exercise, Mistake
from assistant.demo_kit.question import Facts
from assistant.demo_kit.slots import Spoken, fill
from assistant.demo_kit.types import DemoResult, Plot, Series, Table
from assistant.demo_parts.boxes import Array, Box, area, check_corners, common, enclosing, sides, spoken_boxes
from assistant.demo_parts.clear_draws import draw_clear, short
from assistant.demo_parts.costs import inconsistent

FORMULA = (
    "IoU = |A∩B| / |A∪B|; Dice = 2 IoU / (1 + IoU); GIoU = IoU − (|C| − |A∪B|) / |C|, C the enclosing box; "
    "DIoU = IoU − ρ²/c²; CIoU = DIoU − αv, v = 4/π² (arctan w/h − arctan w'/h')², α = v / (1 − IoU + v)"
)
SOURCE = (
    "Rezatofighi et al. 2019, Generalized Intersection over Union, arXiv:1902.09630, algorithm 1; "
    "Zheng et al. 2020, Distance-IoU Loss, arXiv:1911.08287, equations 7 and 8-11; "
    "+1 pixel: Everingham et al. 2010, the VOC development kit"
)
TOPICS = (
    "IoU", "交并比", "intersection over union", "GIoU", "DIoU", "CIoU", "IoU 计算", "Jaccard index of two boxes",
)  # fmt: skip


def box_iou(
    *,
    a: Box = (0, 0, 4, 4),
    b: Box = (2, 2, 6, 6),
    format: Literal["xyxy", "cxcywh"] = "xyxy",
    inclusive: bool = False,
) -> DemoResult:
    """IoU of two boxes with GIoU, DIoU and CIoU, area by area.

    Args:
        a: The first box, four numbers in the given format.
        b: The second box.
        format: Two corners x1, y1, x2, y2, or the centre with width and height.
        inclusive: Corners are pixels that belong to the box, so that a side is x2 − x1 + 1; xyxy only.
    """
    if inclusive and format == "cxcywh":
        raise inconsistent(
            "inclusive", True, "with format xyxy", "A width is a width: inclusive belongs to corners, format xyxy.",
            "宽高已经给定，inclusive 只用于 xyxy 角点格式。",
        )  # fmt: skip
    first, second = (_corners(name, box, format, inclusive) for name, box in (("a", a), ("b", b)))
    overlap, hull = common(first, second), enclosing(first, second)
    figures = _figures(first, second, overlap, hull)
    return DemoResult(
        demo="box_iou",
        args_used={},
        numbers=figures,
        formula=FORMULA,
        source=SOURCE,
        table=Table(("figure", "value"), tuple(figures.items())),
        plot=Plot(
            "path",
            (_outline("a", first), _outline("b", second), _outline("enclosing", hull)),
            "x",
            "y",
            equal=True,
        ),
        notes=_notes(figures, inclusive),
    )


def _corners(param: str, box: Box, format: str, inclusive: bool) -> Array:
    """Return x1, y1, x2, y2 in continuous coordinates: a pixel spans from its number to the next."""
    x, y, right, low = box
    if format == "cxcywh":
        if min(right, low) <= 0:
            raise inconsistent(
                param, list(box), "width and height > 0", f"{param} needs a width and a height above 0.",
                f"{param} 的宽和高必须大于 0。",
            )  # fmt: skip
        corners = np.array([x - right / 2, y - low / 2, x + right / 2, y + low / 2])
    else:
        corners = np.array([x, y, right + inclusive, low + inclusive], float)
    check_corners(param, corners.tolist())
    return corners


def _figures(a: Array, b: Array, overlap: Array, hull: Array) -> dict[str, float]:
    inner, whole = float(area(overlap)), float(area(hull))
    union = float(area(a)) + float(area(b)) - inner
    iou = inner / union
    apart = float((((a[:2] + a[2:]) - (b[:2] + b[2:])) ** 2).sum() / 4)
    diagonal = float((sides(hull) ** 2).sum())
    (w, h), (w2, h2) = sides(a), sides(b)
    v = 4 / math.pi**2 * (math.atan(w / h) - math.atan(w2 / h2)) ** 2
    # Equal boxes: 0/0, and nothing to punish.
    weight = v / (1 - iou + v) if v else 0.0
    return {
        "area_a": float(area(a)),
        "area_b": float(area(b)),
        "intersection": inner,
        "union": union,
        "iou": iou,
        "dice": 2 * iou / (1 + iou),
        "enclosing": whole,
        "giou": iou - (whole - union) / whole,
        "centre_distance_squared": apart,
        "diagonal_squared": diagonal,
        "diou": iou - apart / diagonal,
        "v": v,
        "ciou": iou - apart / diagonal - weight * v,
    }


def _outline(label: str, box: Array) -> Series:
    x1, y1, x2, y2 = box.tolist()
    return Series(label, [x1, x2, x2, x1, x1], [y1, y1, y2, y2, y1])


def _notes(figures: dict[str, float], inclusive: bool) -> tuple[str, ...]:
    notes = []
    if inclusive:
        notes.append(
            "Corners are pixels that belong to the box, so each side is one longer: the convention of VOC. "
            "COCO and torchvision take corners as continuous coordinates."
        )
    else:
        notes.append("Continuous coordinates: a side is x2 − x1. Old VOC code adds 1 to it (inclusive).")
    if figures["intersection"] == 0:
        notes.append(
            "The boxes do not overlap: IoU is 0 however far apart they are, GIoU and DIoU still tell."
        )
    elif figures["enclosing"] == max(figures["area_a"], figures["area_b"]):
        notes.append("One box holds the other: GIoU is IoU, wherever the inner box lies.")
    return tuple(notes)


_SUBJECT = (
    "iou", "giou", "diou", "ciou", "交并比", "intersection over union", "jaccard", "重叠度", "generalized iou",
)  # fmt: skip
_ELSEWHERE = (
    "nms", "soft nms", "非极大值抑制", "非极大抑制", "map", "miou", "平均精度", "average precision", "anchor", "锚框",
    "分割", "segmentation", "正负样本", "assign", "匹配", "cascade", "smooth l1", "tracking", "跟踪", "iou net",
)  # fmt: skip

_SPOKEN: Spoken = {
    "format": {"cxcywh": ("cxcywh", "xywh", "中心点", "中心坐标", "center format", "centre format")},
    "inclusive": ("+1", "加 1", "加1", "inclusive", "闭区间"),
}


def read_question(facts: Facts) -> dict[str, Any] | None:
    """Return the boxes of a question about the overlap of two boxes."""
    if not facts.says(*_SUBJECT) or facts.says(*_ELSEWHERE):
        return None
    boxes = spoken_boxes(facts)
    return {"a": boxes[0], "b": boxes[1], **fill(box_iou, _SPOKEN, facts)} if len(boxes) == 2 else {}


def exercise(random: np.random.Generator, level: int) -> Exercise:
    """Return a drill: 1 IoU of overlapping boxes, 2 GIoU of them, 3 GIoU of disjoint ones."""
    return draw_clear(lambda: _draw(random, level))


def _draw(random: np.random.Generator, level: int) -> Exercise:
    w, h, w2, h2 = (int(side) for side in random.integers(3, 9, 4))
    # Overlapping by at least one unit on each axis, or apart along x.
    x = w + int(random.integers(1, 6)) if level == 3 else int(random.integers(1, w))
    y = int(random.integers(1, h))
    a, b = (0, 0, w, h), (x, y, x + w2, y + h2)
    figures = box_iou(a=a, b=b).numbers
    name = "iou" if level == 1 else "giou"
    inner, union, hull = (figures[key] for key in ("intersection", "union", "enclosing"))
    iou, answer = figures["iou"], float(figures[name])
    said = "IoU" if level == 1 else "GIoU"
    steps = [f"|A∩B| = {inner:g}", f"|A∪B| = {w * h} + {w2 * h2} − {inner:g} = {union:g}",
             f"IoU = {inner:g}/{union:g} = {short(iou)}"]  # fmt: skip
    total = inner / (w * h + w2 * h2)
    slips = [
        Mistake(2 * total, "这是 Dice：交集的两倍除以面积之和。",
                "That is Dice: twice the intersection by the summed areas."),
        Mistake(total, "分母是并集，要减去一次交集。", "The union subtracts the intersection once."),
        Mistake(inner / min(w * h, w2 * h2), "除以了较小的框。", "Divided by the smaller box."),
    ]  # fmt: skip
    if level > 1:
        steps += [
            f"|C| = {hull:g}",
            f"GIoU = {short(iou)} − ({hull:g} − {union:g})/{hull:g} = {short(answer)}",
        ]
        slips = [
            Mistake(iou, "这是 IoU，没有减去外接框的惩罚。", "That is IoU, without the penalty of the enclosing box."),
            Mistake(iou + (hull - union) / hull, "惩罚项应当减去。", "The penalty is subtracted."),
            Mistake(iou - (hull - union) / union, "惩罚项的分母是外接框，不是并集。",
                    "The penalty is divided by the enclosing box, not the union."),
        ]  # fmt: skip
    return Exercise(
        demo="box_iou",
        arguments={"a": list(a), "b": list(b)},
        question_zh=f"连续坐标，框 A = {a}，框 B = {b}（左上角和右下角），{said} 是多少？",
        question_en=f"Boxes in continuous coordinates, two corners each: A = {a}, B = {b}. What is the {said}?",
        answer=answer,
        steps_zh=tuple(steps),
        steps_en=tuple(steps),
        hint_zh="先求交集：左上取大、右下取小，边长不能小于 0。" + ("再求最小外接框。" if level > 1 else ""),
        hint_en="The intersection first: larger upper-left, smaller lower-right, no side below 0."
        + (" Then the smallest box around both." if level > 1 else ""),
        mistakes=tuple(slips),
    )
