"""Mixup and CutMix against torch's cross-entropy of soft labels and counted pixels, and in questions."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from assistant.demo_kit import registry
from assistant.demo_kit.question import read_facts
from assistant.demo_kit.types import DemoError, Fault
from assistant.demos.mixup_cutmix import read_question


def run(**arguments: Any) -> dict[str, Any]:
    return registry.run("mixup_cutmix", arguments).to_dict()


@given(lam=st.floats(0, 1), first=st.floats(0.01, 0.6), second=st.floats(0.01, 0.39))
def test_the_loss_is_torchs_cross_entropy_with_the_mixed_label(
    lam: float, first: float, second: float
) -> None:
    numbers = run(lam=lam, p=[first, second])["numbers"]
    rest = 1 - first - second
    logits = torch.log(torch.tensor([first, second, rest], dtype=torch.float64))
    label = torch.tensor([*numbers["labels"], 0.0], dtype=torch.float64)
    assert numbers["loss"] == pytest.approx(float(torch.nn.functional.cross_entropy(logits, label)))
    assert numbers["least_loss"] <= numbers["loss"] + 1e-12


def test_the_least_loss_is_reached_at_the_label_itself() -> None:
    numbers = run(lam=0.7, p=[0.7, 0.3])["numbers"]
    assert numbers["loss"] == pytest.approx(numbers["least_loss"])
    assert run(lam=1)["numbers"]["least_loss"] == 0


@given(
    lam=st.floats(0, 1),
    size=st.tuples(st.integers(1, 40), st.integers(1, 40)),
    share=st.tuples(st.floats(0, 0.999), st.floats(0, 0.999)),
)
def test_the_pasted_area_is_counted(lam: float, size: tuple[int, int], share: tuple[float, float]) -> None:
    height, width = size
    centre = [int(share[0] * width), int(share[1] * height)]
    numbers = run(method="cutmix", lam=lam, size=list(size), centre=centre)["numbers"]
    mask = np.zeros(size, bool)
    half_x, half_y = int(width * math.sqrt(1 - lam)) // 2, int(height * math.sqrt(1 - lam)) // 2
    mask[max(0, centre[1] - half_y) : centre[1] + half_y, max(0, centre[0] - half_x) : centre[0] + half_x] = (
        True
    )
    assert numbers["area"] == mask.sum()
    assert numbers["labels"] == [pytest.approx(1 - mask.mean()), pytest.approx(mask.mean())]
    x1, y1, x2, y2 = numbers["box"]
    assert mask[y1:y2, x1:x2].all()


def test_the_mean_area_is_that_over_all_centres() -> None:
    areas = [
        run(method="cutmix", lam=0.6, size=[5, 8], centre=[x, y])["numbers"]["area_pct"]
        for x in range(8)
        for y in range(5)
    ]
    assert run(method="cutmix", lam=0.6, size=[5, 8])["numbers"]["mean_area_pct"] == pytest.approx(
        np.mean(areas)
    )


def test_a_box_in_the_corner_is_clipped_to_a_quarter() -> None:
    result = run(method="cutmix", lam=0.75, centre=[0, 0])
    numbers = result["numbers"]
    assert numbers["box_sides"] == [112, 112]
    assert numbers["area_pct"] == 6.25
    assert numbers["lam_adjusted"] == 0.9375
    assert numbers["mean_area_pct"] == pytest.approx(19.14, abs=0.01)
    assert "clips" in result["warnings"][0]
    inside = run(method="cutmix", lam=0.75)
    assert inside["numbers"]["lam_adjusted"] == 0.75
    assert inside["warnings"] == []


@pytest.mark.parametrize(
    ("arguments", "fault", "param"),
    [
        ({"p": [0.6, 0.5]}, Fault.INCONSISTENT, "p"),
        ({"p": [0.6, 0]}, Fault.OUT_OF_RANGE, "p[1]"),
        ({"size": 32}, Fault.INCONSISTENT, "size"),
        ({"centre": [0, 0]}, Fault.INCONSISTENT, "centre"),
        ({"method": "cutmix", "size": 8, "centre": [8, 0]}, Fault.OUT_OF_RANGE, "centre"),
        ({"lam": 1.1}, Fault.OUT_OF_RANGE, "lam"),
        ({"p": [0.2]}, Fault.SHAPE_MISMATCH, "p"),
    ],
)
def test_arguments_that_do_not_fit_are_refused(arguments: dict[str, Any], fault: Fault, param: str) -> None:
    with pytest.raises(DemoError) as error:
        run(**arguments)
    assert (error.value.fault, error.value.param) == (fault, param)


@pytest.mark.parametrize(
    ("question", "arguments"),
    [
        ("mixup 的标签怎么处理", {}),
        ("mixup λ=0.7，预测概率 0.6、0.3，损失多少", {"lam": 0.7, "p": [0.6, 0.3]}),
        (
            "CutMix 224x224 图像 λ=0.75，框在角上",
            {"method": "cutmix", "lam": 0.75, "size": 224, "centre": [0, 0]},
        ),
        ("CutMix 和 mixup 的区别", {}),
        ("Cutout 遮住多少面积", {"method": "cutmix"}),
    ],
)
def test_arguments_are_read_from_a_question(question: str, arguments: dict[str, Any]) -> None:
    assert read_question(read_facts(question)) == arguments
    run(**arguments)


@pytest.mark.parametrize("question", ["数据增强有哪些", "随机裁剪", "label smoothing 的软标签"])
def test_questions_about_something_else_are_left_alone(question: str) -> None:
    assert read_question(read_facts(question)) is None
