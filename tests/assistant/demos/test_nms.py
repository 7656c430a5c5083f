"""Greedy and soft NMS against a plain reference, a worked example, and in questions."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.demo_kit import registry
from assistant.demo_kit.question import read_facts
from assistant.demo_kit.types import DemoError, Fault
from assistant.demos.nms import read_question

Box = tuple[int, int, int, int]
CHAIN = {
    "boxes": [[0, 0, 10, 10], [1, 0, 11, 10], [4, 0, 14, 10], [20, 0, 30, 10]],
    "scores": [0.9, 0.8, 0.7, 0.6],
}
box = st.tuples(st.integers(0, 6), st.integers(0, 6), st.integers(1, 6), st.integers(1, 6)).map(
    lambda b: (b[0], b[1], b[0] + b[2], b[1] + b[3])
)
scored = st.lists(st.tuples(box, st.integers(1, 99)), min_size=1, max_size=8)


def run(**arguments: Any) -> dict[str, Any]:
    return registry.run("nms", arguments).to_dict()


def overlap(a: Box, b: Box) -> float:
    def cells(c: Box) -> set[tuple[int, int]]:
        return {(x, y) for x in range(c[0], c[2]) for y in range(c[1], c[3])}

    return len(cells(a) & cells(b)) / len(cells(a) | cells(b))


@given(scored=scored, percent=st.integers(0, 100))
def test_hard_keeps_exactly_the_boxes_no_kept_better_one_overlaps(
    scored: list[tuple[Box, int]], percent: int
) -> None:
    # Odd thresholds: no IoU of small integer boxes is a tie with one of them.
    threshold = (percent + 0.123) / 101
    order = sorted(range(len(scored)), key=lambda i: -scored[i][1])
    kept: list[int] = []
    for i in order:
        if all(overlap(scored[i][0], scored[j][0]) <= threshold for j in kept):
            kept.append(i)
    numbers = run(
        boxes=[list(b) for b, _ in scored], scores=[s / 100 for _, s in scored], threshold=threshold
    )["numbers"]
    assert numbers["kept"] == kept
    for i, by in enumerate(numbers["suppressed_by"]):
        assert (by is None) == (i in kept)
        if by is not None:
            first = next(j for j in kept if overlap(scored[i][0], scored[j][0]) > threshold)
            assert by == first


@given(scored=scored, soft=st.sampled_from(["linear", "gaussian"]))
def test_soft_scores_are_products_of_decays_in_the_order_of_picking(
    scored: list[tuple[Box, int]], soft: str
) -> None:
    numbers = run(
        boxes=[list(b) for b, _ in scored], scores=[s / 100 for _, s in scored], method=soft, min_score=0
    )["numbers"]
    assert sorted(numbers["kept"]) == list(range(len(scored)))
    picked = numbers["kept"]
    for at, i in enumerate(picked):
        expected = scored[i][1] / 100
        for j in picked[:at]:
            iou = overlap(scored[i][0], scored[j][0])
            expected *= math.exp(-(iou**2) / 0.5) if soft == "gaussian" else (1 - iou if iou >= 0.3 else 1)
        assert numbers["final_scores"][i] == pytest.approx(expected, abs=1e-12)
    # Whoever is picked has the highest score of those still there.
    finals = [numbers["final_scores"][i] for i in picked]
    assert finals == sorted(finals, reverse=True)


def test_a_removed_box_suppresses_nothing() -> None:
    numbers = run(**CHAIN, threshold=0.5)["numbers"]
    assert numbers["kept"] == [0, 2, 3]
    assert numbers["suppressed_by"] == [None, 0, None, None]
    assert numbers["comparisons"] == 4
    assert numbers["final_scores"] == [0.9, 0, 0.7, 0.6]
    assert run(**CHAIN, threshold=0.4)["numbers"]["kept"] == [0, 3]
    assert run(**CHAIN, threshold=0.9)["numbers"]["kept"] == [0, 1, 2, 3]


def test_soft_scores_of_the_worked_example() -> None:
    linear = run(**CHAIN, method="linear")["numbers"]["final_scores"]
    # C: 0.7 · (1 − 3/7); B: 0.8 · (1 − 9/11) · (1 − 7/13).
    np.testing.assert_allclose(linear, [0.9, 0.8 * 2 / 11 * 6 / 13, 0.4, 0.6])
    gaussian = run(**CHAIN, method="gaussian")["numbers"]["final_scores"]
    b = 0.8 * math.exp(-2 * (9 / 11) ** 2 - 2 * (7 / 13) ** 2)
    np.testing.assert_allclose(gaussian, [0.9, b, 0.7 * math.exp(-2 * (3 / 7) ** 2), 0.6])


def test_a_soft_score_below_the_floor_drops_the_box() -> None:
    numbers = run(**CHAIN, method="linear", min_score=0.1)["numbers"]
    assert numbers["kept"] == [0, 3, 2]
    assert numbers["suppressed_by"] == [None, 2, None, None]


def test_classes_leave_each_other_alone() -> None:
    assert run(**CHAIN, classes=[0, 1, 0, 0])["numbers"]["kept"] == [0, 1, 2, 3]
    assert run(**CHAIN, classes=[5, 5, 5, 5])["numbers"] == run(**CHAIN)["numbers"]


def test_an_overlap_that_equals_the_threshold_is_kept_by_hard_and_lowered_by_linear() -> None:
    pair = {"boxes": [[0, 0, 2, 1], [1, 0, 3, 1]], "scores": [0.9, 0.6], "threshold": 1 / 3}
    assert run(**pair)["numbers"]["kept"] == [0, 1]
    assert run(**pair, method="linear")["numbers"]["final_scores"][1] == pytest.approx(0.4)


def test_equal_scores_go_in_the_given_order_with_a_warning() -> None:
    result = run(boxes=[[0, 0, 2, 2], [0, 0, 2, 2]], scores=[0.5, 0.5])
    assert result["numbers"]["kept"] == [0]
    assert "Equal scores" in result["warnings"][0]


def test_scores_and_thresholds_that_are_left_out_are_told() -> None:
    used = run(boxes=[[0, 0, 1, 1], [5, 5, 6, 6]])["args_used"]
    assert (used["scores"], used["threshold"], used["sigma"]) == ([0.9, 0.8], 0.5, None)
    assert run(method="linear")["args_used"]["threshold"] == 0.3
    assert run(method="gaussian")["args_used"]["sigma"] == 0.5


@pytest.mark.parametrize(
    ("arguments", "fault", "param"),
    [
        ({"scores": [0.5]}, Fault.SHAPE_MISMATCH, "scores"),
        ({"boxes": [[i, 0, i + 1, 1] for i in range(10)]}, Fault.SHAPE_MISMATCH, "scores"),
        ({"classes": [1]}, Fault.SHAPE_MISMATCH, "classes"),
        ({"boxes": [[0, 0, 1, 0]]}, Fault.INCONSISTENT, "boxes[0]"),
        ({"sigma": 0.5}, Fault.INCONSISTENT, "sigma"),
        ({"method": "gaussian", "threshold": 0.5}, Fault.INCONSISTENT, "threshold"),
        ({"threshold": 1.5}, Fault.OUT_OF_RANGE, "threshold"),
        ({"boxes": [[0, 0, 1]]}, Fault.SHAPE_MISMATCH, "boxes[0]"),
    ],
)
def test_arguments_that_do_not_fit_are_refused(arguments: dict[str, Any], fault: Fault, param: str) -> None:
    with pytest.raises(DemoError) as error:
        run(**arguments)
    assert (error.value.fault, error.value.param) == (fault, param)


@pytest.mark.parametrize(
    ("question", "arguments"),
    [
        ("NMS 的流程是什么", {}),
        ("NMS 阈值 0.4", {"threshold": 0.4}),
        ("高斯 soft-NMS σ=0.3", {"method": "gaussian", "sigma": 0.3}),
        ("linear Soft-NMS with threshold 0.3", {"method": "linear", "threshold": 0.3}),
        (
            "NMS of (0,0,2,2) and (1,0,3,2), scores 0.9, 0.8, threshold 0.3",
            {"boxes": [[0, 0, 2, 2], [1, 0, 3, 2]], "scores": [0.9, 0.8], "threshold": 0.3},
        ),
    ],
)
def test_arguments_are_read_from_a_question(question: str, arguments: dict[str, Any]) -> None:
    assert read_question(read_facts(question)) == arguments
    run(**arguments)


@pytest.mark.parametrize("question", ["Canny 边缘检测的非极大值抑制", "mAP 与 NMS", "IoU 怎么算", "最大池化"])
def test_questions_about_something_else_are_left_alone(question: str) -> None:
    assert read_question(read_facts(question)) is None
