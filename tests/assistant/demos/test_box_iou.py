"""IoU and its kin against counted grid cells, hand-computed examples and their known bounds; and in questions."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.demo_kit import registry
from assistant.demo_kit.question import read_facts
from assistant.demo_kit.types import DemoError, Fault
from assistant.demos.box_iou import read_question

corner = st.integers(-8, 8)
extent = st.integers(1, 8)
boxes = st.tuples(corner, corner, extent, extent).map(lambda b: [b[0], b[1], b[0] + b[2], b[1] + b[3]])


def run(**arguments: Any) -> dict[str, Any]:
    return registry.run("box_iou", arguments).to_dict()


def cells(box: list[int]) -> set[tuple[int, int]]:
    return {(x, y) for x in range(box[0], box[2]) for y in range(box[1], box[3])}


@given(a=boxes, b=boxes)
def test_areas_are_counted_cells(a: list[int], b: list[int]) -> None:
    numbers = run(a=a, b=b)["numbers"]
    both, either = cells(a) & cells(b), cells(a) | cells(b)
    hull = [min(a[0], b[0]), min(a[1], b[1]), max(a[2], b[2]), max(a[3], b[3])]
    assert numbers["intersection"] == len(both)
    assert numbers["union"] == len(either)
    assert numbers["enclosing"] == len(cells(hull))
    assert numbers["iou"] == pytest.approx(len(both) / len(either))
    assert numbers["giou"] == pytest.approx(
        numbers["iou"] - (len(cells(hull)) - len(either)) / len(cells(hull))
    )
    assert numbers["dice"] == pytest.approx(2 * len(both) / (len(cells(a)) + len(cells(b))))


@given(a=boxes, b=boxes)
def test_the_penalties_only_lower_and_keep_their_bounds(a: list[int], b: list[int]) -> None:
    numbers = run(a=a, b=b)["numbers"]
    assert -1 < numbers["giou"] <= numbers["iou"] + 1e-12 <= 1 + 1e-12
    assert -1 < numbers["diou"] <= numbers["iou"]
    assert numbers["ciou"] <= numbers["diou"]
    swapped = run(a=b, b=a)["numbers"]
    for name in ("iou", "giou", "diou", "ciou"):
        assert swapped[name] == pytest.approx(numbers[name])


@given(a=boxes, b=boxes)
def test_a_centre_and_a_size_are_the_same_box(a: list[int], b: list[int]) -> None:
    def centred(box: list[int]) -> list[float]:
        return [(box[0] + box[2]) / 2, (box[1] + box[3]) / 2, box[2] - box[0], box[3] - box[1]]

    assert run(a=centred(a), b=centred(b), format="cxcywh")["numbers"] == run(a=a, b=b)["numbers"]


def test_diou_and_ciou_by_hand() -> None:
    # 2x8 and 4x4 around the same centre: intersection 8, union 24.
    numbers = run(a=[-1, -4, 1, 4], b=[-2, -2, 2, 2])["numbers"]
    v = 4 / math.pi**2 * (math.atan(2 / 8) - math.atan(1)) ** 2
    assert numbers["iou"] == pytest.approx(1 / 3)
    assert numbers["diou"] == pytest.approx(1 / 3)
    assert numbers["ciou"] == pytest.approx(1 / 3 - v * v / (2 / 3 + v))
    # Two 2x2 boxes 2 apart: hull 6x2, centres 4 apart, diagonal² 40.
    apart = run(a=[0, 0, 2, 2], b=[4, 0, 6, 2])
    assert (apart["numbers"]["giou"], apart["numbers"]["diou"]) == (
        pytest.approx(-1 / 3),
        pytest.approx(-0.4),
    )
    assert any("do not overlap" in note for note in apart["notes"])


def test_equal_boxes_have_every_figure_one() -> None:
    numbers = run(a=[1, 2, 3, 5], b=[1, 2, 3, 5])["numbers"]
    assert [numbers[name] for name in ("iou", "dice", "giou", "diou", "ciou")] == [1, 1, 1, 1, 1]


def test_a_box_inside_another_has_no_giou_penalty() -> None:
    result = run(a=[0, 0, 10, 10], b=[6, 6, 10, 10])
    assert result["numbers"]["giou"] == result["numbers"]["iou"] == 0.16
    assert any("wherever the inner box lies" in note for note in result["notes"])


def test_inclusive_corners_count_pixels() -> None:
    result = run(a=[0, 0, 1, 1], b=[1, 1, 2, 2], inclusive=True)
    # 2x2 pixels each, one shared.
    assert result["numbers"]["area_a"] == 4
    assert result["numbers"]["iou"] == pytest.approx(1 / 7)
    assert "VOC" in result["notes"][0]
    assert run(a=[0, 0, 1, 1], b=[1, 1, 2, 2])["numbers"]["iou"] == 0


@pytest.mark.parametrize(
    ("arguments", "fault", "param"),
    [
        ({"a": [2, 0, 1, 1]}, Fault.INCONSISTENT, "a"),
        ({"b": [0, 0, 0, 1]}, Fault.INCONSISTENT, "b"),
        ({"a": [0, 0, 0, 1], "format": "cxcywh"}, Fault.INCONSISTENT, "a"),
        ({"a": [0, 0, 1e-200, 1e-200]}, Fault.INCONSISTENT, "a"),
        ({"a": [1e6, 0, 1e-12, 1], "format": "cxcywh"}, Fault.INCONSISTENT, "a"),
        ({"format": "cxcywh", "inclusive": True}, Fault.INCONSISTENT, "inclusive"),
        ({"a": [0, 0, 1]}, Fault.SHAPE_MISMATCH, "a"),
        ({"a": [0, 0, 1, "1"]}, Fault.WRONG_TYPE, "a[3]"),
        ({"a": [0, 0, 1, float("nan")]}, Fault.NOT_FINITE, "a[3]"),
        ({"format": "xywh"}, Fault.OUT_OF_RANGE, "format"),
    ],
)
def test_boxes_that_are_none_are_refused(arguments: dict[str, Any], fault: Fault, param: str) -> None:
    with pytest.raises(DemoError) as error:
        run(**arguments)
    assert (error.value.fault, error.value.param) == (fault, param)


@pytest.mark.parametrize(
    ("question", "arguments"),
    [
        ("框 (0,0,4,4) 和 (2,2,6,6) 的 IoU 是多少", {"a": [0, 0, 4, 4], "b": [2, 2, 6, 6]}),
        ("GIoU of [0, 0, 2, 2] and [4, 0, 6, 2]", {"a": [0, 0, 2, 2], "b": [4, 0, 6, 2]}),
        (
            "中心点格式 [1,1,2,2] 与 [2,2,2,2] 的交并比",
            {"a": [1, 1, 2, 2], "b": [2, 2, 2, 2], "format": "cxcywh"},
        ),
        (
            "按 +1 的像素约定算 (0,0,1,1) 和 (1,1,2,2) 的 IoU",
            {"a": [0, 0, 1, 1], "b": [1, 1, 2, 2], "inclusive": True},
        ),
        ("IoU loss 为什么没有梯度", {}),
    ],
)
def test_arguments_are_read_from_a_question(question: str, arguments: dict[str, Any]) -> None:
    assert read_question(read_facts(question)) == arguments
    run(**arguments)


@pytest.mark.parametrize(
    "question",
    ["NMS 的 IoU 阈值怎么选", "mAP 的 IoU 阈值", "mIoU 分割怎么算", "L1 loss 和 IoU 有关吗，mAP 呢", ""],
)
def test_questions_about_something_else_are_left_alone(question: str) -> None:
    assert read_question(read_facts(question)) is None
