"""Figures that a demo computed against figures that an answer asserts."""

from __future__ import annotations

from typing import Any

import pytest

from assistant.answering.figures import contradictions
from assistant.demo_kit import registry
from assistant.events import ToolRun

ARGUMENTS = {"input_size": 32, "kernel": 3, "stride": 2, "padding": 1}


def ran(name: str, **arguments: Any) -> ToolRun:
    return ToolRun(name, arguments, registry.run(name, arguments).to_dict())


CONV = ran("conv_output_size", **ARGUMENTS)  # 16, as torch.nn.Conv2d gives
FIELD = ran("receptive_field", preset="vgg_16")  # 212, Araujo et al. 2019, table 1


def wrong(text: str, *runs: ToolRun, known: tuple[str, ...] = ()) -> list[str]:
    return [found.written for found in contradictions(text, runs or (CONV,), known)]


@pytest.mark.parametrize(
    "text",
    [
        "输出是 16 [1]。",
        "output = 16.",
        "输入是 32，卷积核为 3，输出等于 **16**。",
        "(32 + 2 - 3)/2 + 1 = 31/2 + 1 = 16",
        "(32 + 2 - 3)/2 + 1 = 16.5，向下取整得 16",
        "大约是 15.9",
        "输出缩小了一半，步骤如下：\n1. 先补边\n2. 再滑动",
        "在 ResNet-50 和 VGG16 里，3x3 卷积很常见，见第 4 章。",
        "代码：```python\nx = 99\n```",
        "没有数字的一句话。",
        "The result is 2 times smaller: 32 becomes 16.",
    ],
)
def test_what_agrees_or_asserts_nothing_is_left_alone(text: str) -> None:
    assert wrong(text) == []


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("输出是 15 [1]。", ["15"]),
        ("output = 17", ["17"]),
        ("The output size is about 40.", ["40"]),
        ("输入是 32，输出为 **14.5**。", ["14.5"]),
        ("得到 1.6 万个", ["1.6 万"]),
        ("输出是 15，再说一遍，是 15。", ["15"]),
        ("输出是 15，也可能是 17。", ["15", "17"]),
    ],
)
def test_an_asserted_figure_that_nothing_computed_is_found_as_it_is_written(
    text: str, written: list[str]
) -> None:
    assert wrong(text) == written


def test_what_stands_in_a_passage_or_in_the_question_may_be_said() -> None:
    assert wrong("动量是 0.9。", known=("默认的动量为 0.9",)) == []
    assert wrong("动量是 0.9。") == ["0.9"]


@pytest.mark.parametrize("text", ["感受野是 212。", "感受野约 210 像素。", "It is 212 px."])
def test_the_receptive_field_of_vgg_16_is_right(text: str) -> None:
    assert wrong(text, FIELD) == []


def test_the_run_that_is_contradicted_is_given() -> None:
    [found] = contradictions("感受野是 300。", [FIELD], ())
    assert found.run is FIELD


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.125, "占 12.5%"),
        (25_557_032, "参数量是 25.6M"),
        (3_870_000_000, "乘加约 38.7 亿次"),
        (1.5e-3, "等于 1.5e-3"),
        (1.2e6, "等于 1.2×10^6"),
        (1_234_567, "是 1,234,567 个"),
        (0.3333333, "是 0.33"),
        (-2.0, "是 -2"),
    ],
)
def test_figures_are_read_as_people_write_them(value: float, text: str) -> None:
    run = ToolRun("d", {}, {"numbers": {"value": value}})
    assert wrong(text, run) == []
    off = ToolRun("d", {}, {"numbers": {"value": value * 1.5}})
    assert wrong(text if "占" not in text else "是 12.5%", off) != []


def test_without_a_successful_run_nothing_is_judged() -> None:
    refused = ToolRun("pooling", {"kernel": 0}, {"error": {"code": "range"}})
    assert wrong("输出是 15。", refused) == []
    assert contradictions("输出是 15。", (), ()) == ()
