"""Gradient clipping against torch's clip_grad_norm_ and clip_grad_value_, its refusals, and in questions."""

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
from assistant.demos.clip_gradients import read_question

gradients = st.lists(st.floats(-1e3, 1e3, allow_nan=False), min_size=1, max_size=20)
thresholds = st.floats(1e-3, 1e3)


def run(**arguments: Any) -> dict[str, Any]:
    return registry.run("clip_gradients", arguments).to_dict()


def by_torch(clip: Any, grads: list[float], threshold: float) -> Any:
    weight = torch.zeros(len(grads), dtype=torch.float64, requires_grad=True)
    weight.grad = torch.tensor(grads, dtype=torch.float64)
    clip([weight], threshold)
    return weight.grad.numpy()


@given(grads=gradients, max_norm=thresholds)
def test_clipping_by_norm_is_that_of_torch_and_keeps_the_direction(
    grads: list[float], max_norm: float
) -> None:
    numbers = run(grads=grads, max_norm=max_norm)["numbers"]
    expected = by_torch(torch.nn.utils.clip_grad_norm_, grads, max_norm)
    # torch divides by the norm + 1e-6.
    np.testing.assert_allclose(numbers["clipped"], expected, rtol=1e-3, atol=2e-6)
    norm = float(np.linalg.norm(grads))
    assert numbers["norm_before"] == pytest.approx(norm)
    assert numbers["norm_after"] == pytest.approx(min(norm, max_norm))
    np.testing.assert_allclose(numbers["clipped"], np.multiply(grads, numbers["scale"]))
    assert numbers["angle_degrees"] == 0


@given(grads=gradients, clip_value=thresholds)
def test_clipping_by_value_is_that_of_torch(grads: list[float], clip_value: float) -> None:
    numbers = run(grads=grads, clip_value=clip_value)["numbers"]
    clipped = by_torch(torch.nn.utils.clip_grad_value_, grads, clip_value)
    np.testing.assert_array_equal(numbers["clipped"], clipped)
    assert numbers["changed"] == sum(abs(g) > clip_value for g in grads)
    assert numbers["scale"] is None
    if np.linalg.norm(grads) > 1e-3:
        cosine = clipped @ grads / np.linalg.norm(clipped) / np.linalg.norm(grads)
        assert math.cos(math.radians(numbers["angle_degrees"])) == pytest.approx(cosine, abs=1e-9)


def test_the_values_of_keras() -> None:
    np.testing.assert_allclose(run(grads=[100, 100], max_norm=1)["numbers"]["clipped"], [math.sqrt(0.5)] * 2)
    assert run(grads=[100, 100], clip_value=1)["numbers"]["clipped"] == [1, 1]


def test_without_any_argument_an_example_is_clipped() -> None:
    result = run()
    assert result["args_used"] == {"grads": [3, 4], "max_norm": 1, "clip_value": None}
    np.testing.assert_allclose(result["numbers"]["clipped"], [0.6, 0.8])


def test_the_angle_of_clipping_by_value() -> None:
    assert run(grads=[1000, 1], clip_value=1)["numbers"]["angle_degrees"] == pytest.approx(
        45 - math.degrees(math.atan(1e-3))
    )


def test_what_is_within_the_threshold_is_left_and_mentioned() -> None:
    for threshold in ({"max_norm": 5}, {"clip_value": 4}):
        result = run(grads=[3, 4], **threshold)
        assert result["numbers"]["clipped"] == [3, 4]
        assert "Nothing was clipped" in result["warnings"][0]
    assert run(grads=[0, 0], max_norm=1)["numbers"]["angle_degrees"] == 0
    assert run()["warnings"] == []


def test_gradients_of_any_size_stay_finite() -> None:
    for grads in ([1e100] * 200, [1e-100, 1e100], [-1e100]):
        for threshold in ({"max_norm": 1}, {"clip_value": 1e-3}, {"max_norm": 1e-100}):
            assert None not in run(grads=grads, **threshold)["numbers"]["clipped"]


@pytest.mark.parametrize(
    ("arguments", "fault", "param"),
    [
        ({"grads": [3, 4]}, Fault.INCONSISTENT, "max_norm"),
        ({"grads": [3, 4], "max_norm": 1, "clip_value": 1}, Fault.INCONSISTENT, "max_norm"),
        ({"max_norm": 1}, Fault.INCONSISTENT, "grads"),
        ({"grads": [], "max_norm": 1}, Fault.OUT_OF_RANGE, "grads"),
        ({"grads": [1.0] * 201, "max_norm": 1}, Fault.TOO_BIG, "grads"),
        ({"grads": [float("nan")], "max_norm": 1}, Fault.NOT_FINITE, "grads[0]"),
        ({"grads": [3], "max_norm": 0}, Fault.OUT_OF_RANGE, "max_norm"),
        ({"grads": [3], "clip_value": -1}, Fault.OUT_OF_RANGE, "clip_value"),
        ({"grads": 3, "max_norm": 1}, Fault.WRONG_TYPE, "grads"),
        ({"grads": [True], "max_norm": 1}, Fault.WRONG_TYPE, "grads[0]"),
        ({"grads": [3], "norm": 1}, Fault.UNKNOWN_ARG, "norm"),
    ],
)
def test_arguments_that_do_not_fit_are_refused(arguments: dict[str, Any], fault: Fault, param: str) -> None:
    with pytest.raises(DemoError) as error:
        run(**arguments)
    assert (error.value.fault, error.value.param) == (fault, param)


@pytest.mark.parametrize(
    ("question", "arguments"),
    [
        ("梯度[3,4]裁剪到1", {"grads": [3, 4], "max_norm": 1}),
        ("clip by value vs norm for [100,100]", {"grads": [100, 100], "clip_value": 1}),
        ("clip the gradient [6, 8] to norm 5", {"grads": [6, 8], "max_norm": 5}),
        ("梯度 [1, -5, 2] 按值裁剪，阈值 2", {"grads": [1, -5, 2], "clip_value": 2}),
        ("gradient [3,4] with max_norm=2.5 clipped", {"grads": [3, 4], "max_norm": 2.5}),
        ("梯度裁剪有什么用", {}),
        ("gradient clipping threshold 5 的作用", {}),
    ],
)
def test_arguments_are_read_from_a_question(question: str, arguments: dict[str, Any]) -> None:
    assert read_question(read_facts(question)) == arguments


@pytest.mark.parametrize(
    "question",
    [
        "PPO 的 clip 是怎么裁剪的，梯度会怎样",
        "WGAN 的权重裁剪为什么不好，和梯度惩罚比呢",
        "随机裁剪数据增强",
        "梯度消失怎么办",
        "[3,4] 的 L2 范数是多少",
        "截断 BPTT 的梯度有偏吗",
    ],
)
def test_questions_about_something_else_are_left_alone(question: str) -> None:
    assert read_question(read_facts(question)) is None
