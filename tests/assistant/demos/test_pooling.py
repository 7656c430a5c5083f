"""Pooling against torch's max_pool2d and avg_pool2d, on ties, on 4-D input, and in questions."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from assistant.demo_kit import registry
from assistant.demo_kit.question import read_facts
from assistant.demo_kit.types import DemoError, Fault
from assistant.demos.pooling import read_question

SQUARE = np.arange(1, 17).reshape(4, 4).tolist()


def run(**arguments: Any) -> dict[str, Any]:
    return registry.run("pooling", arguments).to_dict()


def refusal(**arguments: Any) -> tuple[Fault, str]:
    with pytest.raises(DemoError) as error:
        run(**arguments)
    return error.value.fault, error.value.param


@given(
    seed=st.integers(0, 2**31 - 1),
    height=st.integers(1, 9),
    width=st.integers(1, 9),
    kernel=st.integers(1, 4),
    stride=st.integers(1, 5),
    mode=st.sampled_from(["max", "mean"]),
    distinct=st.booleans(),
)
def test_output_argmax_and_gradient_are_those_of_torch(
    seed: int, height: int, width: int, kernel: int, stride: int, mode: Literal["max", "mean"], distinct: bool
) -> None:
    kernel = min(kernel, height, width)
    random = np.random.default_rng(seed)
    # Few values make ties, which torch gives to the first maximum, too.
    values = (
        random.normal(size=(2, 3, height, width))
        if distinct
        else random.integers(0, 3, (2, 3, height, width))
    )
    x = torch.tensor(values, dtype=torch.float64, requires_grad=True)
    if mode == "max":
        y, where = torch.nn.functional.max_pool2d(x, kernel, stride, return_indices=True)
    else:
        y, where = torch.nn.functional.avg_pool2d(x, kernel, stride), None
    upstream = torch.tensor(random.normal(size=y.shape))
    y.backward(upstream)  # type: ignore[no-untyped-call]
    numbers = run(
        x=values.tolist(), kernel=kernel, stride=stride, mode=mode, upstream=upstream.numpy().tolist()
    )["numbers"]
    np.testing.assert_allclose(numbers["out"], y.detach().numpy(), rtol=1e-12)
    assert x.grad is not None
    np.testing.assert_allclose(numbers["grad"], x.grad.numpy(), rtol=1e-12, atol=1e-12)
    assert numbers["conservation"]["conserved"]
    if where is not None:
        np.testing.assert_array_equal(np.array(numbers["argmax"]) @ [width, 1], where.numpy())


def test_a_matrix_and_the_same_matrix_as_a_batch_of_one_pool_alike() -> None:
    flat, batch = run(x=SQUARE)["numbers"], run(x=[[SQUARE]])["numbers"]
    assert batch["out"] == [[flat["out"]]]
    assert batch["grad"] == [[flat["grad"]]]


def test_stride_is_the_kernel_where_none_is_given() -> None:
    assert run(x=SQUARE, kernel=2)["numbers"] == run(x=SQUARE, kernel=2, stride=2)["numbers"]


def test_ties_go_to_the_first_maximum_or_to_each_of_them() -> None:
    first = run(x=[[1, 1], [1, 1]], upstream=[[1]])
    assert first["numbers"]["grad"] == [[1, 0], [0, 0]]
    assert "first in row-major order" in first["warnings"][0]
    every = run(x=[[1, 1], [1, 1]], upstream=[[1]], ties="all")
    assert every["numbers"]["grad"] == [[1, 1], [1, 1]]
    assert every["numbers"]["conservation"] == {"sum_upstream": 1, "sum_grad": 4, "conserved": False}
    assert "too often" in every["warnings"][0]


def test_mean_pooling_and_distinct_values_have_no_tie_to_warn_of() -> None:
    assert run(x=[[1, 1], [1, 1]], mode="mean")["warnings"] == []
    assert run(x=SQUARE)["warnings"] == []


def test_rows_that_no_window_reaches_are_mentioned_and_get_no_gradient() -> None:
    result = run(x=np.ones((5, 5)).tolist(), kernel=2, mode="mean")
    assert result["numbers"]["grad"][4] == [0] * 5
    assert any("dropped" in note for note in result["notes"])
    assert not any("dropped" in note for note in run(x=SQUARE)["notes"])


def test_overlapping_windows_add_their_gradients() -> None:
    result = run(x=[[0, 0, 0], [0, 9, 0], [0, 0, 0]], kernel=2, stride=1)
    assert result["numbers"]["grad"] == [[0, 0, 0], [0, 4, 0], [0, 0, 0]]
    assert any("overlap" in note for note in result["notes"])


@pytest.mark.parametrize(
    ("arguments", "fault", "param"),
    [
        ({"kernel": 5}, Fault.INCONSISTENT, "kernel"),
        ({"upstream": [[1]]}, Fault.SHAPE_MISMATCH, "upstream"),
        ({"x": [[1, 2], [3]]}, Fault.SHAPE_MISMATCH, "x"),
        ({"x": [[1, 2], 3]}, Fault.SHAPE_MISMATCH, "x"),
        ({"x": []}, Fault.SHAPE_MISMATCH, "x"),
        ({"x": [[]]}, Fault.SHAPE_MISMATCH, "x"),
        ({"x": [1, 2, 3]}, Fault.SHAPE_MISMATCH, "x"),
        ({"x": [[[[[1]]]]]}, Fault.SHAPE_MISMATCH, "x"),
        ({"x": [["1", 2], [3, 4]]}, Fault.WRONG_TYPE, "x"),
        ({"x": [[True, 2], [3, 4]]}, Fault.WRONG_TYPE, "x"),
        ({"x": [[None, 2], [3, 4]]}, Fault.WRONG_TYPE, "x"),
        ({"x": [[float("nan"), 2], [3, 4]]}, Fault.NOT_FINITE, "x"),
        ({"x": [[10**400, 2], [3, 4]]}, Fault.NOT_FINITE, "x"),
        ({"x": [[0.0] * 65] * 65}, Fault.TOO_BIG, "x"),
        ({"x": [[[[0.0] * 64] * 64] * 64] * 64}, Fault.TOO_BIG, "x"),
        ({"x": "[[1,2],[3,4]]"}, Fault.WRONG_TYPE, "x"),
        ({"mode": "min"}, Fault.OUT_OF_RANGE, "mode"),
    ],
)
def test_what_cannot_be_pooled_is_refused(arguments: dict[str, Any], fault: Fault, param: str) -> None:
    assert refusal(**arguments) == (fault, param)


@pytest.mark.parametrize(
    ("question", "arguments"),
    [
        ("最大池化怎么反向传播", {"mode": "max"}),
        ("mean pooling backward of 2x2", {"mode": "mean", "kernel": 2}),
        ("池化和全连接的区别", {}),
        ("3x3卷积和池化有什么不同", {}),
        ("4x4特征图做最大池化", {"mode": "max"}),
        (
            "2x2 max pooling, stride 2, of [[1,2],[3,4]]",
            {"mode": "max", "x": [[1, 2], [3, 4]], "kernel": 2, "stride": 2},
        ),
        (
            "最大池化 kernel 2, upstream [[1,2],[3,4]]",
            {"mode": "max", "kernel": 2, "upstream": [[1, 2], [3, 4]]},
        ),
    ],
)
def test_arguments_are_read_from_a_question(question: str, arguments: dict[str, Any]) -> None:
    found = read_question(read_facts(question))
    assert found == arguments
    run(**arguments)


@pytest.mark.parametrize(
    "question", ["全局平均池化为什么能代替全连接", "RoI pooling 是什么", "线程池怎么实现", ""]
)
def test_questions_about_something_else_are_left_alone(question: str) -> None:
    assert read_question(read_facts(question)) is None
