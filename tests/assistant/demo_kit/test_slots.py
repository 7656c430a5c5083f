"""Arguments filled in from the names a demo lists and the types of its signature."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal

import pytest
from annotated_types import Interval

from assistant.demo_kit.question import read_facts
from assistant.demo_kit.slots import Spoken, fill
from assistant.demo_kit.types import DemoResult


def demo(
    *,
    lr: Annotated[float, Interval(gt=0, le=1)] = 0.1,
    depth: Annotated[int, Interval(ge=1, le=9)] = 3,
    z: float | list[float] = 0.0,
    rates: Sequence[int] = (),
    mode: Literal["max", "mean"] = "max",
    bias: bool = False,
) -> DemoResult:
    """A demo of every kind of parameter."""
    raise NotImplementedError


SPOKEN: Spoken = {
    "lr": ("lr", "学习率"),
    "depth": ("depth", "{}层", "{}layer"),
    "z": ("z",),
    "rates": ("膨胀率", "dilation"),
    "mode": {"max": ("最大", "max"), "mean": ("平均", "mean")},
    "bias": ("偏置", "bias"),
}


@pytest.mark.parametrize(
    ("question", "arguments"),
    [
        ("学习率0.5的三层网络", {"lr": 0.5, "depth": 3}),
        ("depth=5, lr 1e-2", {"depth": 5, "lr": 0.01}),
        ("depth 2.5", {}),
        ("z=0", {"z": 0.0}),
        ("z=1,-2,3", {"z": [1.0, -2.0, 3.0]}),
        ("膨胀率1、2、4", {"rates": [1, 2, 4]}),
        ("dilation 0.5, 1", {}),
        ("最大池化", {"mode": "max"}),
        ("max or mean", {}),
        ("带偏置", {"bias": True}),
        ("什么是网络", {}),
    ],
)
def test_each_parameter_gets_what_is_said_of_it(question: str, arguments: dict[str, Any]) -> None:
    assert fill(demo, SPOKEN, read_facts(question)) == arguments


def test_a_value_out_of_range_is_kept_for_the_demo_to_refuse() -> None:
    assert fill(demo, SPOKEN, read_facts("学习率5，50层")) == {"lr": 5, "depth": 50}


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("leaky relu 和 tanh", ["leaky", "tanh"]),
        ("relu, then leaky relu", ["relu", "leaky"]),
        ("relu6", []),
    ],
)
def test_a_name_inside_a_longer_one_is_not_said(question: str, said: list[str]) -> None:
    options = {"relu": ("relu",), "leaky": ("leaky relu",), "tanh": ("tanh",)}
    assert read_facts(question).which(options) == said


@pytest.mark.parametrize(
    ("question", "axes", "shapes"),
    [
        ("1x3x32x32 和 (8, 64, 7, 7)", 4, [[1, 3, 32, 32], [8, 64, 7, 7]]),
        ("输入224×224×3", 3, [[224, 224, 3]]),
        ("1x3x32x32", 3, []),
    ],
)
def test_shapes_are_read_with_their_axes(question: str, axes: int, shapes: list[list[int]]) -> None:
    assert read_facts(question).shapes(axes) == shapes


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("步长为二，填充一", "步长为2,填充1"),
        ("三乘三卷积", "3x3卷积"),
        ("Adam一步", "adam 1步"),
        ("一轮走300步", "一轮走300步"),
        ("十分类似", "十分类似"),
    ],
)
def test_numerals_become_digits_where_they_count(question: str, text: str) -> None:
    assert read_facts(question).text == text
