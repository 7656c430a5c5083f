"""Overlap of transposed convolutions against torch, its periods far from the edges, and in questions."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from assistant.demo_kit import registry
from assistant.demo_kit.question import read_facts
from assistant.demo_kit.types import DemoError, Fault
from assistant.demos.deconv_overlap import read_question


def run(**arguments: Any) -> dict[str, Any]:
    return registry.run("deconv_overlap", arguments).to_dict()


def refusal(**arguments: Any) -> tuple[Fault, str]:
    with pytest.raises(DemoError) as error:
        run(**arguments)
    return error.value.fault, error.value.param


@given(size=st.integers(2, 8), kernel=st.integers(1, 7), stride=st.integers(1, 5), layers=st.integers(1, 3))
def test_counts_are_those_of_a_transposed_convolution_with_weights_1(
    size: int, kernel: int, stride: int, layers: int
) -> None:
    line = torch.ones(1, 1, size, dtype=torch.float64)
    weight = torch.ones(1, 1, kernel, dtype=torch.float64)
    for _ in range(layers):
        line = torch.nn.functional.conv_transpose1d(line, weight, stride=stride)
    numbers = run(input_size=size, kernel=kernel, stride=stride, layers=layers)["numbers"]
    assert numbers["counts"] == line[0, 0].tolist()
    assert numbers["output_size"] == line.shape[2]


@given(size=st.integers(2, 6), kernel=st.integers(1, 5), stride=st.integers(1, 4))
def test_an_image_has_the_counts_of_torch_too(size: int, kernel: int, stride: int) -> None:
    weight = torch.ones(1, 1, kernel, kernel)
    image = torch.nn.functional.conv_transpose2d(torch.ones(1, 1, size, size), weight, stride=stride)
    assert (
        run(input_size=size, kernel=kernel, stride=stride, dims=2)["numbers"]["counts"]
        == image[0, 0].tolist()
    )


@given(
    kernel=st.integers(1, 6), stride=st.integers(1, 3), layers=st.integers(1, 3), dims=st.sampled_from([1, 2])
)
def test_the_ratio_is_that_of_the_middle_of_a_long_output(
    kernel: int, stride: int, layers: int, dims: int
) -> None:
    counts = run(input_size=64, kernel=kernel, stride=stride, layers=layers)["numbers"]["counts"]
    # Half of the output is far from both edges.
    middle = np.array(counts[len(counts) // 4 : -(len(counts) // 4)])
    numbers = run(input_size=4, kernel=kernel, stride=stride, layers=layers, dims=dims)["numbers"]
    assert numbers["uniform"] == (middle.min() == middle.max())
    if middle.min() == 0:
        assert numbers["ratio"] is None
    else:
        assert numbers["ratio"] == pytest.approx((middle.max() / middle.min()) ** dims)
    np.testing.assert_array_equal(middle[numbers["period"] :], middle[: -numbers["period"]])


@pytest.mark.parametrize(("kernel", "stride"), [(k, s) for k in range(1, 13) for s in range(1, 7)])
def test_overlap_is_even_where_the_stride_divides_the_kernel(kernel: int, stride: int) -> None:
    numbers = run(kernel=kernel, stride=stride)["numbers"]
    assert numbers["uniform"] == (kernel % stride == 0)
    assert run(kernel=numbers["next_even_kernel"], stride=stride)["numbers"]["uniform"]


def test_the_factors_of_the_article() -> None:
    assert run(kernel=3, stride=2)["numbers"]["ratio"] == 2
    assert run(kernel=3, stride=2, dims=2)["numbers"]["ratio"] == 4
    assert run(kernel=3, stride=2)["numbers"]["interior"] == [2, 1]
    assert run(kernel=4, stride=2, dims=2)["numbers"]["interior"] == 4


@pytest.mark.parametrize("method", ["resize_conv", "pixel_shuffle"])
def test_the_cures_are_even_and_as_large_as_the_factor_says(method: str) -> None:
    numbers = run(kernel=3, stride=2, method=method, dims=2)["numbers"]
    assert (numbers["ratio"], numbers["uniform"], numbers["output_size"]) == (1, True, 16)
    assert numbers["cures"] == {"transposed": 4, "resize_conv": 1, "pixel_shuffle": 1}
    assert numbers["counts"][8][8] == 9


def test_resizing_counts_are_those_of_torch() -> None:
    line = torch.nn.functional.interpolate(torch.ones(1, 1, 5), scale_factor=3)
    counts = torch.nn.functional.conv1d(line, torch.ones(1, 1, 5), padding=2)
    assert (
        run(input_size=5, kernel=5, stride=3, method="resize_conv")["numbers"]["counts"]
        == counts[0, 0].tolist()
    )


def test_pixel_shuffle_has_the_shape_of_torch() -> None:
    shape = torch.nn.functional.pixel_shuffle(torch.zeros(2, 12, 3, 5), 2).shape
    numbers = run(method="pixel_shuffle", x_shape=[2, 12, 3, 5], stride=2)["numbers"]
    assert numbers["out_shape"] == list(shape)
    assert numbers["uniform"]


def test_gaps_are_warned_of_and_have_no_ratio() -> None:
    result = run(kernel=2, stride=3)
    assert result["numbers"]["ratio"] is None
    assert "gaps" in result["warnings"][0]
    assert "gaps" in [row[2] for row in result["table"]["rows"] if row[0] == 2]


@pytest.mark.parametrize(
    ("arguments", "fault", "param"),
    [
        ({"method": "pixel_shuffle", "x_shape": [1, 8, 4, 4], "stride": 3}, Fault.INCONSISTENT, "x_shape"),
        ({"x_shape": [1, 9, 4, 4]}, Fault.INCONSISTENT, "x_shape"),
        ({"input_size": 64, "stride": 16, "dims": 2}, Fault.TOO_BIG, "input_size"),
        ({"stride": 16, "layers": 4}, Fault.TOO_BIG, "layers"),
        ({"dims": 3}, Fault.OUT_OF_RANGE, "dims"),
        ({"kernel": 33}, Fault.OUT_OF_RANGE, "kernel"),
        ({"input_size": 1}, Fault.OUT_OF_RANGE, "input_size"),
    ],
)
def test_what_does_not_fit_is_refused(arguments: dict[str, Any], fault: Fault, param: str) -> None:
    assert refusal(**arguments) == (fault, param)


@pytest.mark.parametrize(
    ("question", "arguments"),
    [
        ("转置卷积为什么有棋盘格,kernel3 stride2", {"kernel": 3, "stride": 2, "dims": 2}),
        ("does kernel 4 stride 2 fix it", {"kernel": 4, "stride": 2}),
        ("pixel shuffle 为什么没有棋盘格", {"method": "pixel_shuffle", "dims": 2}),
        ("反卷积重叠不均匀 kernel 5 stride 2 输入 16", {"kernel": 5, "stride": 2, "input_size": 16}),
    ],
)
def test_arguments_are_read_from_a_question(question: str, arguments: dict[str, Any]) -> None:
    assert read_question(read_facts(question)) == arguments
    run(**arguments)


@pytest.mark.parametrize(
    "question",
    [
        "转置卷积输出多大 kernel 3 stride 2",
        "用国际象棋棋盘格标定相机",
        "does a 3x3 conv with stride 2 fix overfitting",
        "最大池化重叠 kernel 3 stride 2",
        "转置卷积和空洞卷积的区别",
        "how to fix a learning rate",
        "",
    ],
)
def test_questions_about_something_else_are_left_alone(question: str) -> None:
    assert read_question(read_facts(question)) is None
