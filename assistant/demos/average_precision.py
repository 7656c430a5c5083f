"""Average precision of a ranked list of detections: the raw sum and the interpolations of VOC and COCO.

Whether a detection is a hit is given here, not decided by IoU, and mAP is the mean of such figures over classes.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Annotated, Any

import numpy as np
from annotated_types import Interval, Len
from numpy.typing import NDArray

from assistant.demo_kit.exercises import Exercise
from assistant.demo_kit.question import Facts
from assistant.demo_kit.slots import Spoken, fill
from assistant.demo_kit.types import MAX_ROWS, DemoError, DemoResult, Fault, Plot, Series, Table
from assistant.demo_parts.costs import inconsistent
from assistant.demo_parts.precision_drills import draw_precision_drill

FORMULA = (
    "precision = TP / k, recall = TP / P after k detections; raw AP = Σ (r_k − r_{k−1}) p_k; "
    "interpolated p(r) = max of p at recalls ≥ r: its area (VOC from 2010), its mean over 11 (VOC 2007) "
    "or 101 (COCO) recalls"
)
SOURCE = (
    "Everingham et al. 2010, The PASCAL Visual Object Classes Challenge, section 4.2 (11 points); "
    "VOC 2012 development kit, section 3.4.1 (all points); COCO detection evaluation, cocodataset.org (101 points)"
)
TOPICS = (
    "average precision", "AP 计算", "mAP 怎么算", "平均精度", "PR 曲线", "precision-recall curve", "11 点插值",
    "101 点 AP", "mean average precision",
)  # fmt: skip

Array = NDArray[np.float64]
Flag = Annotated[int, Interval(ge=0, le=1)]


def average_precision(
    *,
    tp: Annotated[Sequence[Flag], Len(1, 200)] = (1, 0, 1, 1, 0, 0),
    scores: Annotated[list[Annotated[float, Interval(ge=-1e6, le=1e6)]], Len(1, 200)] | None = None,
    positives: Annotated[int, Interval(ge=1, le=1_000_000)] | None = None,
) -> DemoResult:
    """Precision, recall and average precision of ranked detections, by VOC's and COCO's rules.

    Args:
        tp: One flag per detection: 1 a true positive, 0 a false one; best score first unless scores are given.
        scores: Score of each detection, by which they are ranked; equal scores stay in the given order.
        positives: All objects there are, found or not; as many as there are ones in tp when left out.
    """
    flags = np.array(tp)
    if scores is not None:
        if len(scores) != len(tp):
            raise DemoError(
                Fault.SHAPE_MISMATCH, param="scores", got=len(scores), allowed=f"{len(tp)} items",
                hint_en=f"There are {len(tp)} detections; scores must hold {len(tp)} items.",
                hint_zh=f"共有 {len(tp)} 个检测，scores 应有 {len(tp)} 项。",
            )  # fmt: skip
        flags = flags[np.argsort(-np.array(scores), kind="stable")]
    found = int(flags.sum())
    whole = found if positives is None else positives
    if whole < max(found, 1):
        raise inconsistent(
            "positives", positives, f">= {max(found, 1)}",
            f"There are {found} hits; positives counts every object and cannot be less, nor 0.",
            f"命中了 {found} 个，positives 是全部目标的个数，不能更少，也不能为 0。",
        )  # fmt: skip
    hits = flags.cumsum()
    precision, recall = hits / np.arange(1, len(flags) + 1), hits / whole
    envelope = np.maximum.accumulate(precision[::-1])[::-1]
    steps = flags / whole
    numbers: dict[str, Any] = {
        "ap_raw": float(steps @ precision),
        "ap_all_points": float(steps @ envelope),
        "ap_11": _at_points(hits, whole, envelope, 10),
        "ap_101": _at_points(hits, whole, envelope, 100),
        "missed": whole - found,
        "precision": precision,
        "recall": recall,
        "envelope": envelope,
    }
    ranked = zip(flags.tolist(), precision.tolist(), recall.tolist(), envelope.tolist(), strict=True)
    rows = tuple((rank, *row) for rank, row in enumerate(ranked, 1))
    return DemoResult(
        demo="average_precision",
        args_used={"positives": whole},
        numbers=numbers,
        formula=FORMULA,
        source=SOURCE,
        table=Table(("rank", "tp", "precision", "recall", "interpolated"), rows[:MAX_ROWS]),
        plot=Plot(
            "line",
            (
                Series("precision", recall.tolist(), precision.tolist()),
                Series("interpolated", *_staircase(recall, envelope)),
            ),
            "recall",
            "precision",
        ),
        notes=(
            "interpolated: the best precision at this recall or a higher one; false positives behind the last hit "
            "change no AP.",
            "ap_raw is scikit-learn's average_precision_score where no two scores are equal.",
        ),
        warnings=_warnings(scores, whole - found),
    )


def _at_points(hits: NDArray[np.int_], whole: int, envelope: Array, parts: int) -> float:
    """Return the mean interpolated precision at the recalls 0, 1/parts, ..., 1; 0 where none is that high."""
    # In whole numbers: 0.29 as a float may lie just above a recall of 29/100.
    at = np.searchsorted(hits * parts, np.arange(parts + 1) * whole)
    return float(np.append(envelope, 0.0)[at].mean())


def _staircase(recall: Array, envelope: Array) -> tuple[list[float], list[float]]:
    """Return the corners of the interpolated curve."""
    last = envelope[-1]
    x = np.repeat(np.append(0.0, recall), 2)[1:-1]
    return [*x.tolist(), float(recall[-1])], [
        *np.repeat(envelope, 2).tolist(),
        0.0 if recall[-1] < 1 else float(last),
    ]


def _warnings(scores: list[float] | None, missed: int) -> tuple[str, ...]:
    warnings = []
    if scores is not None and len(set(scores)) < len(scores):
        warnings.append("Equal scores are ranked as given; scikit-learn counts them as one step.")
    if missed:
        warnings.append(
            f"{missed} objects are never found: recall stays below 1 and AP counts precision 0 there."
        )
    return tuple(warnings)


_PLAIN = (
    "average precision",
    "平均精度",
    "ap50",
    "map@0.5",
    "pr 曲线",
    "precision recall curve",
    "mean average precision",
)
_SHORT = ("ap", "map")
_BESIDE = (
    "tp", "fp", "iou", "voc", "coco", "recall", "precision", "查准率", "召回率", "精度", "检测", "detection",
    "detector", "怎么算", "计算", "插值", "101 点", "11 点", "101点", "11点",
)  # fmt: skip
_ELSEWHERE = (
    "feature map", "activation map", "attention map", "heat map", "saliency map", "class activation", "特征图",
    "最大后验", "先验", "posterior", "bayes", "贝叶斯", "hash map", "cam", "roc", "auc", "量化", "nms", "非极大值抑制",
)  # fmt: skip

_SPOKEN: Spoken = {
    "positives": (
        "positives", "{}真值框", "{}真值", "{}目标", "{}ground truth boxes", "{}ground truths", "{}objects", "{}gt",
    ),
}  # fmt: skip


def read_question(facts: Facts) -> dict[str, Any] | None:
    """Return the ranked hits and the number of objects of a question about average precision."""
    is_subject = facts.says(*_PLAIN) or (facts.says(*_SHORT) and facts.says(*_BESIDE))
    if not is_subject or facts.says(*_ELSEWHERE):
        return None
    flags = [int(name == "tp") for name in re.findall(r"(?<![a-z])(tp|fp)(?![a-z])", facts.text)]
    found = fill(average_precision, _SPOKEN, facts)
    # TP and FP alone may stand for their definition.
    return {"tp": flags, **found} if len(flags) > 3 or (len(flags) == 3 and found) else {}


def exercise(random: np.random.Generator, level: int) -> Exercise:
    """Return a drill on six detections: 1 the raw sum, 2 the area under the envelope, 3 VOC's 11 points."""
    return draw_precision_drill(average_precision, random, level)
