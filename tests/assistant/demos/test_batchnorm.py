"""Batch normalisation against torch, forward, backward and running statistics; and in questions."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.demo_kit import registry
from assistant.demo_kit.question import read_facts
from assistant.demo_kit.types import DemoError, Fault
from assistant.demos.batchnorm import read_question

X = [[1, 2], [2, 4], [3, 9], [6, 1]]


def run(**arguments: Any) -> dict[str, Any]:
    return registry.run("batchnorm", arguments).to_dict()


@settings(deadline=None)
@given(
    seed=st.integers(0, 2**31 - 1),
    samples=st.integers(2, 12),
    features=st.integers(1, 6),
    eps=st.sampled_from([1e-5, 1e-3, 0.5]),
    momentum=st.floats(0, 1),
    training=st.booleans(),
)
def test_forward_backward_and_running_statistics_are_those_of_torch(
    seed: int, samples: int, features: int, eps: float, momentum: float, training: bool
) -> None:
    random = np.random.default_rng(seed)
    values, upstream = random.normal(2, 3, size=(2, samples, features))
    gamma, beta, mean = random.normal(size=(3, features))
    var = random.uniform(0.1, 3, size=features)
    layer = torch.nn.BatchNorm1d(features, eps=eps, momentum=momentum, dtype=torch.float64)
    for parameter, value in ((layer.weight, gamma), (layer.bias, beta)):
        parameter.data = torch.tensor(value)
    layer.running_mean, layer.running_var = torch.tensor(mean), torch.tensor(var)
    layer.train(training)
    x = torch.tensor(values, requires_grad=True)
    y = layer(x)
    y.backward(torch.tensor(upstream))
    numbers = run(
        x=values,
        gamma=gamma,
        beta=beta,
        dout=upstream,
        eps=eps,
        momentum=momentum,
        training=training,
        running_mean=mean,
        running_var=var,
    )["numbers"]
    gradients: Any = (x.grad, layer.weight.grad, layer.bias.grad)
    for name, expected in zip(("dx", "dgamma", "dbeta"), gradients, strict=True):
        np.testing.assert_allclose(numbers[name], expected.numpy(), rtol=1e-7, atol=1e-9)
    np.testing.assert_allclose(numbers["y"], y.detach().numpy(), rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(numbers["running"]["running_mean"], layer.running_mean, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(numbers["running"]["running_var"], layer.running_var, rtol=1e-9, atol=1e-12)
    assert ("identities" in numbers) is training


def test_equal_upstream_gradients_are_removed_by_the_mean() -> None:
    result = run(x=X, dout=np.ones((4, 2)))
    np.testing.assert_allclose(result["numbers"]["dx"], 0, atol=1e-15)
    assert any("common shift" in note for note in result["notes"])
    assert not any("common shift" in note for note in run(x=X, dout=X)["notes"])


def test_one_number_stands_for_every_feature() -> None:
    single, each = run(x=X, gamma=2, beta=0.5), run(x=X, gamma=[2, 2], beta=[0.5, 0.5])
    assert single["numbers"] == each["numbers"]
    assert "dx" not in single["numbers"]


def test_a_constant_feature_is_explained_and_stays_finite() -> None:
    result = run(x=[[1, 5], [2, 5]], dout=[[1, 2], [3, 4]], eps=1e-300)
    assert "Feature 1" in result["warnings"][0]
    json.dumps(result, allow_nan=False)
    assert run(x=X)["warnings"] == []


def test_the_histogram_counts_every_value_before_and_after() -> None:
    plot = run(x=X)["plot"]
    assert [sum(series["y"]) for series in plot["series"]] == [8, 8]


def test_one_sample_can_be_normalised_by_running_statistics_only() -> None:
    assert run(x=[[3]], training=False, running_mean=1, running_var=4, eps=1e-12)["numbers"]["y"] == [
        [pytest.approx(1)]
    ]


@pytest.mark.parametrize(
    ("arguments", "fault", "param"),
    [
        ({"x": [[1, 2]]}, Fault.OUT_OF_RANGE, "x"),
        ({"x": [1, 2]}, Fault.SHAPE_MISMATCH, "x"),
        ({"x": [[1], [2, 3]]}, Fault.SHAPE_MISMATCH, "x"),
        ({"x": [[0] * 17] * 2}, Fault.TOO_BIG, "x"),
        ({"x": [[0]] * 65}, Fault.TOO_BIG, "x"),
        ({"x": [[1e7], [0]]}, Fault.OUT_OF_RANGE, "x"),
        ({"eps": 0}, Fault.OUT_OF_RANGE, "eps"),
        ({"gamma": [1, 2, 3]}, Fault.SHAPE_MISMATCH, "gamma"),
        ({"beta": [1]}, Fault.SHAPE_MISMATCH, "beta"),
        ({"dout": [[1, 2]]}, Fault.SHAPE_MISMATCH, "dout"),
        ({"running_var": -1}, Fault.OUT_OF_RANGE, "running_var"),
        ({"momentum": 1.5}, Fault.OUT_OF_RANGE, "momentum"),
        ({"gamma": "1"}, Fault.WRONG_TYPE, "gamma"),
        ({"training": 1}, Fault.WRONG_TYPE, "training"),
    ],
)
def test_what_cannot_be_normalised_is_refused(arguments: dict[str, Any], fault: Fault, param: str) -> None:
    with pytest.raises(DemoError) as refused:
        run(**arguments)
    assert (refused.value.fault, refused.value.param) == (fault, param)
    assert refused.value.hint_zh


@pytest.mark.parametrize(
    ("question", "arguments"),
    [
        ("BN前向算一下 [[1,2],[2,4],[3,9],[6,1]]", {"x": X}),
        ("BN backward with upstream all ones", {"dout": [[1, 1]] * 4}),
        (
            "batch norm of [[1],[3]], gamma 2, beta 0.5, eps 1e-3",
            {"x": [[1], [3]], "gamma": 2, "beta": 0.5, "eps": 0.001},
        ),
        ("BN of [[1],[3]] backward, upstream [[2],[5]]", {"x": [[1], [3]], "dout": [[2], [5]]}),
        ("BN层的反向传播推导", {}),
    ],
)
def test_arguments_are_read_from_a_question(question: str, arguments: dict[str, Any]) -> None:
    found = read_question(read_facts(question))
    assert found == arguments
    run(**found)


@pytest.mark.parametrize(
    "question",
    [
        "BN 的作用是什么",
        "BN 和 LN 的区别",
        "BN 的 momentum 是什么",
        "20层sigmoid梯度会消失吗？加BN呢",
        "卷积反向传播怎么算",
        "BN 反向传播时忽略方差的梯度会怎样",
        "batch size对BN噪声的影响",
        "Wasserstein distance",
    ],
)
def test_questions_about_something_else_are_left_alone(question: str) -> None:
    assert read_question(read_facts(question)) is None
