"""Gradient norms by layer against autograd, verdicts and mean-field factors; and in questions."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
import torch

from assistant.demo_kit import registry
from assistant.demo_kit.question import read_facts
from assistant.demo_kit.types import DemoError, Fault
from assistant.demo_parts.deep_networks import LINEAR, UNITS, moments_at, orthogonal, product
from assistant.demos.gradient_flow import read_question

TORCH: dict[str, Any] = {
    "linear": torch.nn.Identity(),
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "relu": torch.relu,
    "leaky_relu": torch.nn.LeakyReLU(0.01),
    "elu": torch.nn.ELU(),
    "gelu": torch.nn.GELU(approximate="tanh"),
    "silu": torch.nn.SiLU(),
    "selu": torch.nn.SELU(),
}


def run(**arguments: Any) -> dict[str, Any]:
    return registry.run("gradient_flow", arguments).to_dict()


def autograd_norms(
    activation: str, depth: int, width: int, batch: int, seed: int, bn: bool, residual: bool
) -> list[float]:
    """Return the norms of an independent network of the same draws, LeCun weights."""
    random = np.random.default_rng(seed)
    h = torch.tensor(random.normal(size=(batch, width)))
    upstream = torch.tensor(random.normal(size=(batch, width)))
    outputs = []
    for _ in range(depth):
        z = h @ torch.tensor(random.normal(size=(width, width)) / width**0.5)
        if bn:
            z = torch.nn.functional.batch_norm(z, None, None, training=True)
        h = (h if residual else 0) + TORCH[activation](z)
        h.requires_grad_(True) if h.is_leaf else h.retain_grad()
        outputs.append(h)
    h.backward(upstream)  # type: ignore[no-untyped-call]
    return [float(output.grad.norm()) for output in outputs]


@pytest.mark.parametrize("activation", list(TORCH))
@pytest.mark.parametrize(("bn", "residual"), [(False, False), (True, False), (False, True), (True, True)])
def test_the_norms_are_those_of_autograd(activation: str, bn: bool, residual: bool) -> None:
    size: dict[str, Any] = {"depth": 5, "width": 12, "batch": 7, "seed": 3}
    found = run(activation=activation, batchnorm=bn, residual=residual, **size)["numbers"]
    expected = autograd_norms(activation, bn=bn, residual=residual, **size)
    np.testing.assert_allclose(found["norms"], expected, rtol=1e-7)
    assert found["ratio"] == pytest.approx(expected[0] / expected[-1])
    assert found["per_layer_factor"] ** 4 == pytest.approx(found["ratio"])


@pytest.mark.parametrize(
    ("arguments", "verdict"),
    [
        ({"activation": "sigmoid"}, "vanishing"),
        ({"activation": "relu", "init": "he"}, "healthy"),
        ({"activation": "relu", "init": "he", "scale": 2.0}, "exploding"),
        ({"activation": "sigmoid", "batchnorm": True}, "healthy"),
        ({"activation": "linear", "init": "orthogonal"}, "healthy"),
        ({"activation": "relu", "init": "normal"}, "exploding"),
    ],
)
def test_the_verdict_is_the_textbooks(arguments: dict[str, Any], verdict: str) -> None:
    assert run(**arguments)["numbers"]["verdict"] == verdict


def test_orthogonal_linear_layers_keep_every_norm() -> None:
    norms = run(activation="linear", init="orthogonal", depth=6, width=32)["numbers"]["norms"]
    np.testing.assert_allclose(norms, norms[0])
    q = orthogonal(np.random.default_rng(0), 9)
    np.testing.assert_allclose(q @ q.T, np.eye(9), atol=1e-12)
    # The same matrix as LAPACK's, once the diagonal of R is positive, and so as evenly distributed.
    expected, r = np.linalg.qr(np.random.default_rng(0).normal(size=(9, 9)))
    np.testing.assert_allclose(q, expected * np.sign(np.diagonal(r)), atol=1e-12)


@pytest.mark.parametrize(
    ("many", "rows", "inner", "columns"), [(3, 64, 256, 256), (1, 7, 5, 3), (2, 600, 512, 4)]
)
def test_a_product_in_slices_is_the_product(many: int, rows: int, inner: int, columns: int) -> None:
    random = np.random.default_rng(0)
    a, b = random.normal(size=(many, rows, inner)), random.normal(size=(many, inner, columns))
    np.testing.assert_allclose(product(a, b), a @ b, atol=1e-10)


def test_a_wide_network_follows_the_mean_field_factor() -> None:
    for activation in ("relu", "tanh", "sigmoid"):
        numbers = run(activation=activation, width=512, depth=6, batch=128)["numbers"]
        assert np.log(numbers["ratio"]) == pytest.approx(np.log(numbers["mean_field"]["ratio"]), rel=0.15)
    assert run(batchnorm=True)["numbers"]["mean_field"] is None


@pytest.mark.parametrize(("unit", "slope"), [("relu", 0.5), ("tanh", 0.4644029), ("sigmoid", 0.0448362)])
def test_the_printed_factors_at_variance_one(unit: Any, slope: float) -> None:
    assert moments_at(UNITS[unit], 1.0)[2] == pytest.approx(slope, abs=1e-6)


@pytest.mark.parametrize("variance", [0.01, 1.0, 50.0, 1e4])
def test_moments_are_those_of_hermite_quadrature_or_closed_forms(variance: float) -> None:
    np.testing.assert_allclose(
        moments_at(LINEAR, variance), (0, variance, 1), atol=1e-9 * variance, rtol=1e-9
    )
    mean, second, slope = moments_at(UNITS["relu"], variance)
    np.testing.assert_allclose(
        [mean, second, slope], [(variance / (2 * np.pi)) ** 0.5, variance / 2, 0.5], rtol=1e-9
    )
    # For a steep tanh the slope's second moment is that of a peak: 4/3 times the density at 0.
    if variance == 1e4:
        assert moments_at(UNITS["tanh"], variance)[2] == pytest.approx(
            4 / 3 / (2 * np.pi * variance) ** 0.5, rel=1e-3
        )


@pytest.mark.parametrize(
    ("activation", "slope"), [("sigmoid", 0.25), ("tanh", 1), ("relu", 1), ("gelu", 1.128993)]
)
def test_the_bound_is_the_power_of_the_largest_slope(activation: str, slope: float) -> None:
    bound = run(activation=activation, depth=10, width=8)["numbers"]["upper_bound"]
    assert bound["max_slope"] == pytest.approx(slope, abs=2e-3 if activation == "gelu" else 1e-12)
    assert bound["max_product"] == pytest.approx(bound["max_slope"] ** 10)


def test_a_plain_network_is_drawn_beside_one_with_extras() -> None:
    assert [series["label"] for series in run(residual=True)["plot"]["series"]] == ["this network", "plain"]
    assert len(run()["plot"]["series"]) == 1


def test_one_layer_has_a_ratio_of_one_and_extremes_stay_json() -> None:
    single = run(depth=1)["numbers"]
    assert (single["ratio"], single["per_layer_factor"]) == (1, None)
    for arguments in (
        {"init": "normal", "scale": 10.0, "activation": "selu", "residual": True, "depth": 100, "width": 64},
        {"activation": "sigmoid", "scale": 0.01, "depth": 100, "width": 16},
        {"activation": "tanh", "scale": 10.0, "init": "normal", "depth": 100, "width": 64},
    ):
        json.dumps(run(**arguments), allow_nan=False)


def test_a_ratio_beyond_floats_is_explained() -> None:
    result = run(activation="sigmoid", scale=0.01, depth=100, width=8)
    assert result["numbers"]["verdict"] == "vanishing"
    assert bool(result["warnings"]) is (result["numbers"]["ratio"] == 0)


def test_the_table_reads_from_the_first_layer_up() -> None:
    layers = [row[0] for row in run(depth=50, width=8)["table"]["rows"]]
    assert layers[0] == 1
    assert len(layers) <= 20
    assert all(low < high for low, high in pairwise(layers))


@pytest.mark.parametrize(
    ("arguments", "fault", "param"),
    [
        ({"depth": 100, "width": 512, "batch": 256}, Fault.TOO_BIG, "depth"),
        ({"depth": 100, "width": 256, "init": "orthogonal"}, Fault.TOO_BIG, "depth"),
        ({"depth": 0}, Fault.OUT_OF_RANGE, "depth"),
        ({"width": 4}, Fault.OUT_OF_RANGE, "width"),
        ({"batch": 1}, Fault.OUT_OF_RANGE, "batch"),
        ({"scale": 0}, Fault.OUT_OF_RANGE, "scale"),
        ({"init": "zeros"}, Fault.OUT_OF_RANGE, "init"),
        ({"batchnorm": "yes"}, Fault.WRONG_TYPE, "batchnorm"),
    ],
)
def test_what_cannot_be_built_is_refused(arguments: dict[str, Any], fault: Fault, param: str) -> None:
    with pytest.raises(DemoError) as refused:
        run(**arguments)
    assert (refused.value.fault, refused.value.param) == (fault, param)


@pytest.mark.parametrize(
    ("question", "arguments"),
    [
        ("20层sigmoid梯度会消失吗？加BN呢", {"activation": "sigmoid", "depth": 20, "batchnorm": True}),
        ("effect of residual on 50 ReLU layers", {"activation": "relu", "depth": 50, "residual": True}),
        ("梯度消失的原因", {}),
        ("为什么残差网络能解决梯度消失", {"residual": True}),
        (
            "vanishing gradient in a 30-layer tanh network with Xavier",
            {"activation": "tanh", "depth": 30, "init": "xavier"},
        ),
    ],
)
def test_arguments_are_read_from_a_question(question: str, arguments: dict[str, Any]) -> None:
    found = read_question(read_facts(question))
    assert found == arguments
    run(**found)


@pytest.mark.parametrize(
    "question",
    [
        "LSTM 如何解决梯度消失",
        "梯度裁剪怎么防止梯度爆炸",
        "sigmoid 导数最大是多少",
        "残差连接的作用",
        "20层的网络有多少参数",
        "GAN 的梯度消失问题",
    ],
)
def test_questions_about_something_else_are_left_alone(question: str) -> None:
    assert read_question(read_facts(question)) is None
