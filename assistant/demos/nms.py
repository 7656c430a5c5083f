"""Non-maximum suppression step by step: which box removes which, and what Soft-NMS makes of the scores.

Suppression is within a class where classes are given. No detector and no matrix or Fast NMS here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import numpy as np
from annotated_types import Interval, Len

from assistant.demo_kit.exercises import Exercise
from assistant.demo_kit.question import Facts
from assistant.demo_kit.slots import Spoken, fill
from assistant.demo_kit.types import MAX_ROWS, DemoError, DemoResult, Fault, Plot, Series, Table
from assistant.demo_parts.boxes import Array, Box, check_corners, pairwise_iou, spoken_boxes
from assistant.demo_parts.costs import refuse_unused
from assistant.demo_parts.suppression_drills import draw_suppression_drill

FORMULA = (
    "hard: drop i where IoU(m, i) > Nt; linear: sᵢ ← sᵢ (1 − IoU) where IoU ≥ Nt; "
    "gaussian: sᵢ ← sᵢ exp(−IoU² / σ); m is the highest score that is left"
)
SOURCE = "Bodla, Singh, Chellappa & Davis 2017, Soft-NMS, arXiv:1704.04503, figure 2 and equations 1-3"
TOPICS = (
    "NMS", "non-maximum suppression", "非极大值抑制", "Soft-NMS", "soft nms 分数", "greedy NMS", "非极大抑制",
)  # fmt: skip

Method = Literal["hard", "linear", "gaussian"]
#: What the paper and its code take.
_THRESHOLD = {"hard": 0.5, "linear": 0.3}
_SIGMA = 0.5


def nms(
    *,
    boxes: Annotated[Sequence[Box], Len(1, 100)] = (
        (0, 0, 10, 10),
        (1, 0, 11, 10),
        (4, 0, 14, 10),
        (20, 0, 30, 10),
    ),
    scores: Annotated[Sequence[Annotated[float, Interval(ge=0, le=1)]], Len(1, 100)] | None = None,
    classes: Annotated[list[Annotated[int, Interval(ge=0, le=10_000)]], Len(1, 100)] | None = None,
    method: Method = "hard",
    threshold: Annotated[float, Interval(ge=0, le=1)] | None = None,
    sigma: Annotated[float, Interval(ge=1e-3, le=100)] | None = None,
    min_score: Annotated[float, Interval(ge=0, le=1)] = 0.001,
) -> DemoResult:
    """Non-maximum suppression, greedy or soft: boxes kept, what removed the others, final scores.

    Args:
        boxes: Boxes as x1, y1, x2, y2 in continuous coordinates.
        scores: One score per box; 0.9, 0.8, 0.7, ... by rank when left out, for at most nine boxes.
        classes: Class of each box; boxes of different classes leave each other alone. One class when left out.
        method: Remove overlapping boxes (hard), or lower their scores linearly or by a Gaussian (Soft-NMS).
        threshold: IoU above which a box is suppressed; 0.5 for hard and 0.3 for linear when left out.
        sigma: Width of the Gaussian; 0.5 when left out.
        min_score: Soft-NMS drops a box once its score is below this; hard drops nothing for its score.
    """
    given = _scores(boxes, scores)
    for i, box in enumerate(boxes):
        check_corners(f"boxes[{i}]", box)
    if classes is not None and len(classes) != len(boxes):
        raise _uneven("classes", len(classes), len(boxes))
    used = {"threshold"} if method in _THRESHOLD else {"sigma"}
    refuse_unused({"threshold": threshold, "sigma": sigma}, used, f"method={method}")
    if method in _THRESHOLD:
        threshold = _THRESHOLD[method] if threshold is None else threshold
    else:
        sigma = _SIGMA if sigma is None else sigma
    iou = pairwise_iou(np.array(boxes, float))
    labels = np.zeros(len(boxes), int) if classes is None else np.array(classes)
    run = _suppress(given, iou, labels[:, None] == labels[None], _Rule(method, threshold, sigma, min_score))
    return DemoResult(
        demo="nms",
        args_used={"scores": given, "threshold": threshold, "sigma": sigma},
        numbers={
            "kept": run.kept,
            "n_kept": len(run.kept),
            "suppressed_by": run.suppressed_by,
            "final_scores": run.scores,
            "comparisons": run.comparisons,
            "iou": iou,
        },
        formula=FORMULA,
        source=SOURCE,
        table=Table(
            ("box", "score", "final score", "kept", "suppressed by"),
            tuple(
                (i, given[i], float(run.scores[i]), i in run.kept, run.suppressed_by[i])
                for i in sorted(range(len(given)), key=lambda i: -given[i])[:MAX_ROWS]
            ),
        ),
        plot=Plot(
            "bar",
            tuple(
                Series(name, list(range(len(given))), list(map(float, values)))
                for name, values in (("score", given), ("final score", run.scores))
            ),
            "box",
            "score",
        ),
        notes=(
            "kept lists box numbers from 0 in the order they were picked; a removed box suppresses nothing.",
            *(("Hard: a removed box has final score 0.",) if method == "hard" else ()),
        ),
        warnings=_warnings(given),
    )


@dataclass(frozen=True, slots=True)
class _Rule:
    """How the score of an overlapping box falls."""

    method: Method
    threshold: float | None
    sigma: float | None
    min_score: float

    def decay(self, iou: Array) -> Array:
        """Return the factor on the score of a box with this IoU."""
        if self.method == "gaussian":
            return np.exp(-(iou**2) / (self.sigma or _SIGMA))
        if self.method == "linear":
            return np.where(iou >= (self.threshold or 0.0), 1 - iou, 1.0)
        return np.where(iou > (self.threshold or 0.0), 0.0, 1.0)


@dataclass(slots=True)
class _Run:
    """What is known of the boxes while they are picked one by one."""

    scores: Array
    suppressed_by: list[int | None]
    kept: list[int]
    comparisons: int = 0


def _suppress(scores: Sequence[float], iou: Array, same: Array, rule: _Rule) -> _Run:
    """Return the run: the highest score is picked, the rest lowered; the first of equal scores goes first."""
    run = _Run(np.array(scores, float), [None] * len(scores), [])
    # Hard removes by overlap alone, which leaves a final score of 0.
    floor = np.nextafter(0, 1) if rule.method == "hard" else rule.min_score
    alive = np.ones(len(scores), bool) if rule.method == "hard" else run.scores >= floor
    while alive.any():
        best = int(np.flatnonzero(alive)[run.scores[alive].argmax()])
        run.kept.append(best)
        alive[best] = False
        rest = np.flatnonzero(alive & same[best])
        run.comparisons += len(rest)
        factor = rule.decay(iou[best, rest])
        run.scores[rest] *= factor
        gone = rest[(run.scores[rest] < floor) & (factor < 1)]
        alive[gone] = False
        for i in gone.tolist():
            run.suppressed_by[i] = best
    return run


def _scores(boxes: Sequence[Any], scores: Sequence[float] | None) -> list[float]:
    if scores is None and len(boxes) < 10:
        return [round(0.9 - i / 10, 1) for i in range(len(boxes))]
    if scores is None or len(scores) != len(boxes):
        raise _uneven("scores", 0 if scores is None else len(scores), len(boxes))
    return list(scores)


def _uneven(param: str, got: int, boxes: int) -> DemoError:
    return DemoError(
        Fault.SHAPE_MISMATCH,
        param=param,
        got=got,
        allowed=f"{boxes} items, one per box",
        hint_en=f"There are {boxes} boxes; {param} must hold {boxes} items.",
        hint_zh=f"共有 {boxes} 个框，{param} 应有 {boxes} 项。",
    )


def _warnings(scores: Sequence[float]) -> tuple[str, ...]:
    return ("Equal scores: the box given first goes first.",) if len(set(scores)) < len(scores) else ()


_SUBJECT = ("nms", "soft nms", "非极大值抑制", "非极大抑制", "non maximum suppression", "non max suppression")
_ELSEWHERE = (
    "canny",
    "边缘检测",
    "edge detection",
    "fast nms",
    "matrix nms",
    "diou nms",
    "map",
    "average precision",
)
_SPOKEN: Spoken = {
    "method": {"gaussian": ("gaussian", "高斯"), "linear": ("linear", "线性")},
    "threshold": ("iou 阈值", "阈值", "iou threshold", "nms threshold", "threshold", "nt"),
    "sigma": ("sigma", "σ"),
    "scores": ("scores", "score", "分数", "得分", "置信度", "confidence"),
}


def read_question(facts: Facts) -> dict[str, Any] | None:
    """Return boxes, method and threshold of a question about non-maximum suppression."""
    if not facts.says(*_SUBJECT) or facts.says(*_ELSEWHERE):
        return None
    found = fill(nms, _SPOKEN, facts)
    if "sigma" in found:
        found["method"] = "gaussian"
    if found.get("method") == "gaussian":
        found.pop("threshold", None)
    boxes = spoken_boxes(facts)
    scores = found.pop("scores", [])
    return found | (
        {"boxes": boxes, "scores": scores} if len(boxes) > 1 and len(scores) == len(boxes) else {}
    )


def exercise(random: np.random.Generator, level: int) -> Exercise:
    """Return a drill: 1 the comparisons of hard NMS, the third box's score in 2 linear and 3 gaussian."""
    return draw_suppression_drill(nms, random, level)
