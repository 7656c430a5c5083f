"""im2col against torch's unfold and conv2d, its sizes, and in questions."""

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
from assistant.demos.im2col_conv import read_question


def run(**arguments: Any) -> dict[str, Any]:
    return registry.run("im2col_conv", arguments).to_dict()


def refusal(**arguments: Any) -> tuple[Fault, str]:
    with pytest.raises(DemoError) as error:
        run(**arguments)
    return error.value.fault, error.value.param


@given(
    seed=st.integers(0, 2**31 - 1),
    n=st.integers(1, 2),
    channels=st.integers(1, 3),
    filters=st.integers(1, 3),
    sides=st.tuples(st.integers(3, 8), st.integers(3, 8)),
    kernel=st.tuples(st.integers(1, 3), st.integers(1, 3)),
    stride=st.integers(1, 4),
    padding=st.integers(0, 2),
)
def test_columns_and_output_are_those_of_torch(
    seed: int,
    n: int,
    channels: int,
    filters: int,
    sides: tuple[int, int],
    kernel: tuple[int, int],
    stride: int,
    padding: int,
) -> None:
    random = np.random.default_rng(seed)
    x, w = random.normal(size=(n, channels, *sides)), random.normal(size=(filters, channels, *kernel))
    b = random.normal(size=filters)
    numbers = run(x=x.tolist(), w=w.tolist(), b=b.tolist(), stride=stride, padding=padding)["numbers"]
    image, weight, bias = (torch.tensor(value) for value in (x, w, b))
    out = torch.nn.functional.conv2d(image, weight, bias, stride=stride, padding=padding).numpy()
    columns = torch.nn.functional.unfold(image, kernel, padding=padding, stride=stride).numpy()
    np.testing.assert_allclose(numbers["out"], out, rtol=1e-9, atol=1e-9)
    assert numbers["out_shape"] == list(out.shape)
    assert numbers["x_col"] == list(columns.shape)[0 if n > 1 else 1 :]
    assert numbers["max_abs_diff"] < 1e-9
    if "columns" in numbers:
        np.testing.assert_array_equal(numbers["columns"], columns if n > 1 else columns[0])
    assert numbers["duplication"] == pytest.approx(columns.size / x.size)


def test_the_first_layer_of_alexnet_fills_the_matrix_of_the_course_notes() -> None:
    numbers = run(x_shape=[1, 3, 227, 227], w_shape=[96, 3, 11, 11], stride=4)["numbers"]
    assert (numbers["x_col"], numbers["w_row"], numbers["out"]) == ([363, 3025], [96, 363], [96, 3025])
    assert numbers["x_col_MB"] == pytest.approx(363 * 3025 * 4 / 1e6)


def test_a_batch_gives_one_matrix_per_image() -> None:
    assert run(x_shape=[2, 5, 3, 4], kernel=[2, 3])["numbers"]["x_col"] == [2, 30, 4]
    assert run(x_shape=[1, 5, 3, 4], kernel=[2, 3])["numbers"]["x_col"] == [30, 4]


def test_an_image_and_one_filter_give_an_image() -> None:
    x, w = [[1, 2, 3], [4, 5, 6], [7, 8, 9]], [[1, 0], [0, 2]]
    assert run(x=x, w=w)["numbers"]["out"] == [[11, 14], [20, 23]]
    assert run(x=[x], w=[w])["numbers"]["out"] == [[[11, 14], [20, 23]]]
    assert run(x=x, w=[[w], [w]])["numbers"]["out"] == [[[11, 14], [20, 23]]] * 2
    assert run(x=x, kernel=2)["numbers"]["columns"][0] == [1, 2, 4, 5]


def test_the_filter_is_not_flipped() -> None:
    result = run(x=[[1, 2]], w=[[1, 10]])
    assert result["numbers"]["out"] == [[21]]
    assert "not flipped" in result["notes"][0]


def test_what_is_too_large_is_given_in_shapes_only() -> None:
    result = run(x_shape=[1, 64, 224, 224], w_shape=[64, 64, 3, 3], padding=1)
    assert result["numbers"]["x_col"] == [576, 50176]
    assert "max_abs_diff" not in result["numbers"]
    assert any("shapes and memory only" in note for note in result["notes"])
    # Little to compute, but a margin that would not fit into memory.
    padded = run(x_shape=[100, 100, 1, 1], w_shape=[2, 100, 1, 1], stride=512, padding=512)
    assert padded["numbers"]["out_hw"] == [3, 3]
    assert "max_abs_diff" not in padded["numbers"]


@given(size=st.integers(1, 7), kernel=st.integers(1, 4), stride=st.integers(1, 5), padding=st.integers(0, 2))
def test_the_plot_counts_the_columns_each_pixel_lands_in(
    size: int, kernel: int, stride: int, padding: int
) -> None:
    kernel = min(kernel, size + 2 * padding)
    result = run(x_shape=[1, 1, size, size], kernel=kernel, stride=stride, padding=padding)
    columns = run(
        x=np.arange(1, size * size + 1).reshape(size, size).tolist(),
        kernel=kernel,
        stride=stride,
        padding=padding,
    )["numbers"]["columns"]
    pixels = np.array(columns, dtype=int).ravel()
    counts = np.bincount(pixels, minlength=size * size + 1)[1:].reshape(size, size)
    np.testing.assert_array_equal(result["plot"]["grid"], counts)


def test_a_stride_that_does_not_divide_is_warned_of() -> None:
    assert "not used" in run(x_shape=[1, 3, 10, 10], kernel=3, stride=2)["warnings"][0]
    assert run(x_shape=[1, 3, 11, 11], kernel=3, stride=2)["warnings"] == []


@pytest.mark.parametrize(
    ("arguments", "fault", "param"),
    [
        ({"x_shape": [1, 3, 8, 8], "w_shape": [2, 4, 3, 3]}, Fault.SHAPE_MISMATCH, "w_shape"),
        ({"x": [[1, 2]], "w": [[[1]], [[2]]]}, Fault.SHAPE_MISMATCH, "w"),
        ({"x": [[1, 2]], "x_shape": [1, 1, 2, 2]}, Fault.SHAPE_MISMATCH, "x_shape"),
        ({"w": [[1, 2]], "kernel": 2}, Fault.SHAPE_MISMATCH, "kernel"),
        ({"x": [[1, 2]], "w": [[1]], "b": [1, 2]}, Fault.SHAPE_MISMATCH, "b"),
        ({"x": [[1, 2]], "w": [[1, 1], [1, 1]]}, Fault.INCONSISTENT, "kernel"),
        ({"x": [1, 2]}, Fault.SHAPE_MISMATCH, "x"),
        ({"x": [[1, "2"]]}, Fault.WRONG_TYPE, "x"),
        ({"x_shape": [1, 3, 8]}, Fault.SHAPE_MISMATCH, "x_shape"),
        ({"stride": 0}, Fault.OUT_OF_RANGE, "stride"),
    ],
)
def test_what_does_not_fit_is_refused(arguments: dict[str, Any], fault: Fault, param: str) -> None:
    assert refusal(**arguments) == (fault, param)


@pytest.mark.parametrize(
    ("question", "arguments"),
    [
        (
            "im2col后矩阵多大，AlexNet第一层",
            {"x_shape": [1, 3, 227, 227], "w_shape": [96, 3, 11, 11], "stride": 4},
        ),
        (
            "memory blow-up of im2col for 3x3",
            {"x_shape": [1, 64, 56, 56], "w_shape": [64, 64, 3, 3], "padding": 1},
        ),
        ("im2col 是什么", {}),
        ("unfold 3x3 on a 10x12 input, stride 2", {"x_shape": [1, 3, 10, 12], "kernel": 3, "stride": 2}),
    ],
)
def test_arguments_are_read_from_a_question(question: str, arguments: dict[str, Any]) -> None:
    assert read_question(read_facts(question)) == arguments
    run(**arguments)


@pytest.mark.parametrize(
    "question",
    [
        "卷积为什么快",
        "3x3卷积占多少内存",
        "AlexNet 第一层输出多大",
        "how does a GPU multiply matrices",
        "卷积和互相关的区别",
        "memory of a 3x3 convolution",
        "",
    ],
)
def test_questions_about_something_else_are_left_alone(question: str) -> None:
    assert read_question(read_facts(question)) is None
