"""Optimizer steps against torch.optim, against cs231n's and Keras's printed numbers, and in questions."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from assistant.demo_kit.question import read_facts
from assistant.demo_kit.types import DemoError, Fault
from assistant.demo_parts.surfaces import SurfaceName, surface
from assistant.demos.optimizer_steps import optimizer_steps, read_question

W = [1.0, -2.0, 0.5]
GRADS = np.random.default_rng(0).normal(size=(7, 3)).tolist()

TORCH: list[tuple[dict[str, Any], Callable[[Any], torch.optim.Optimizer]]] = [
    ({"optimizer": "sgd"}, lambda p: torch.optim.SGD(p, lr=0.1)),
    ({"optimizer": "momentum"}, lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9)),
    ({"optimizer": "nesterov"}, lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9, nesterov=True)),
    (
        {"optimizer": "sgd", "nesterov": True, "momentum": 0.5},
        lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.5, nesterov=True),
    ),
    ({"optimizer": "adagrad", "eps": 1e-10}, lambda p: torch.optim.Adagrad(p, lr=0.1)),
    (
        {"optimizer": "adagrad", "accumulator0": 0.3, "eps": 0.01},
        lambda p: torch.optim.Adagrad(p, lr=0.1, initial_accumulator_value=0.3, eps=0.01),
    ),
    ({"optimizer": "rmsprop"}, lambda p: torch.optim.RMSprop(p, lr=0.1)),
    (
        {"optimizer": "rmsprop", "rho": 0.8, "centered": True, "eps": 0.01},
        lambda p: torch.optim.RMSprop(p, lr=0.1, alpha=0.8, centered=True, eps=0.01),
    ),
    ({"optimizer": "adam"}, lambda p: torch.optim.Adam(p, lr=0.1)),
    (
        {"optimizer": "adam", "beta1": 0.5, "beta2": 0.7, "eps": 0.01, "amsgrad": True},
        lambda p: torch.optim.Adam(p, lr=0.1, betas=(0.5, 0.7), eps=0.01, amsgrad=True),
    ),
]


def numbers(**arguments: Any) -> Any:
    return optimizer_steps(**arguments).numbers


@pytest.mark.parametrize(("arguments", "make"), TORCH)
def test_every_optimizer_takes_the_steps_of_torch(
    arguments: dict[str, Any], make: Callable[[Any], torch.optim.Optimizer]
) -> None:
    w = torch.tensor(W, dtype=torch.float64, requires_grad=True)
    optimizer = make([w])
    expected = []
    for row in GRADS:
        w.grad = torch.tensor(row, dtype=torch.float64)
        optimizer.step()
        expected.append(w.tolist())
    found = numbers(**arguments, w=W, grads=GRADS, lr=0.1)
    np.testing.assert_allclose(found["trajectory"], expected, rtol=0, atol=1e-12)
    assert found["w"] == found["trajectory"][-1]


def spread(first: float, last: float, n: int = 20) -> list[float]:
    return [float(value) for value in np.linspace(first, last, n)]


# The inputs and outputs of the checks in cs231n's FullyConnectedNets notebook.
CS231N: dict[str, Any] = {"w": spread(-0.4, 0.6), "grad": spread(-0.6, 0.4)}


def test_cs231n_momentum_has_the_learning_rate_inside_the_velocity() -> None:
    found = numbers(
        **CS231N,
        optimizer="momentum",
        velocity=spread(0.6, 0.9),
        lr=1e-3,
        momentum=0.9,
        convention="velocity",
    )
    np.testing.assert_allclose(found["w"][:3], [0.1406, 0.20738947, 0.27417895], atol=1e-8)
    np.testing.assert_allclose([found["v"][0], found["v"][-1]], [0.5406, 0.8096], atol=1e-8)


def test_cs231n_rmsprop() -> None:
    found = numbers(**CS231N, optimizer="rmsprop", cache=spread(0.6, 0.9), lr=1e-2, rho=0.99)
    np.testing.assert_allclose(found["w"][:3], [-0.39223849, -0.34037513, -0.28849239], atol=1e-7)
    np.testing.assert_allclose(found["cache"][:3], [0.5976, 0.6126277, 0.6277108], atol=1e-7)


def test_cs231n_adam_counts_the_step_before_it_uses_it() -> None:
    found = numbers(**CS231N, optimizer="adam", m=spread(0.6, 0.9), v=spread(0.7, 0.5), t_before=5, lr=1e-2)
    np.testing.assert_allclose(found["w"][:3], [-0.40094747, -0.34836187, -0.29577703], atol=1e-7)
    np.testing.assert_allclose(found["m"][:3], [0.48, 0.49947368, 0.51894737], atol=1e-7)
    np.testing.assert_allclose(found["v"][:3], [0.69966, 0.68908382, 0.67851319], atol=1e-7)


def test_keras_adds_eps_inside_the_root() -> None:
    step: dict[str, Any] = {"w": [1.0], "grad": [1.0], "lr": 1.0, "eps": 0.5}
    assert numbers(**step, optimizer="adagrad", convention="keras")["w"][0] == pytest.approx(1 - 1.5**-0.5)
    assert numbers(**step, optimizer="adagrad")["w"][0] == pytest.approx(1 - 1 / 1.5)
    rmsprop = numbers(**step, optimizer="rmsprop", rho=0.9, convention="keras")
    assert rmsprop["w"][0] == pytest.approx(1 - 0.6**-0.5)


def test_keras_adds_the_eps_of_adam_before_bias_correction() -> None:
    found = numbers(w=[0.0], grad=[1.0], optimizer="adam", lr=1.0, eps=0.1, convention="keras")
    root = 0.001**0.5
    assert found["w"][0] == pytest.approx(-(root / 0.1) * 0.1 / (root + 0.1))


def test_the_two_forms_of_nesterov_walk_the_same_path() -> None:
    forms: list[Any] = ["pytorch", "velocity", "keras"]
    paths = [
        numbers(w=W, grads=GRADS, optimizer="nesterov", lr=0.1, convention=form)["trajectory"]
        for form in forms
    ]
    np.testing.assert_allclose(paths[0], paths[1], atol=1e-12)
    np.testing.assert_allclose(paths[0], paths[2], atol=1e-12)


def test_the_first_adam_step_is_as_long_as_the_learning_rate_on_both_axes() -> None:
    found = numbers(optimizer="adam", steps=1, lr=0.1, eps=0)
    np.testing.assert_allclose(found["trajectory"], [[0.9, 0.9]], atol=1e-12)


def test_gradient_descent_on_the_quadratic_shrinks_each_axis_by_its_own_factor() -> None:
    found = numbers(optimizer="sgd", curvature=[1, 10], lr=0.05, steps=20)
    np.testing.assert_allclose(found["w"], [0.95**20, 0.5**20], rtol=1e-12)
    assert found["loss_end"] == pytest.approx((0.95**40 + 10 * 0.5**40) / 2)
    assert len(found["losses"]) == 21
    assert found["losses"][10] == found["loss_at_10"]


def test_the_effective_learning_rate_of_adagrad_falls() -> None:
    found = numbers(optimizer="adagrad", steps=50)
    assert all(
        last < first
        for first, last in zip(found["effective_lr_first"], found["effective_lr_last"], strict=True)
    )


@pytest.mark.parametrize(
    "arguments",
    [
        {"optimizer": "sgd", "lr": 10, "steps": 1000},
        {"optimizer": "sgd", "lr": 0.21, "steps": 50},
        {"optimizer": "momentum", "surface": "rosenbrock", "lr": 1},
        {"optimizer": "sgd", "surface": "beale", "x0": [1000, -1000]},
        {"optimizer": "adagrad", "w": [0.0], "grad": [0.0], "eps": 0},
        {"optimizer": "adagrad", "w": [0.0], "grad": [1e200]},
    ],
)
def test_divergence_is_a_result_and_no_error(arguments: dict[str, Any]) -> None:
    result = optimizer_steps(**arguments)
    assert result.numbers["diverged"] is True
    assert result.warnings
    json.dumps(result.to_dict(), allow_nan=False)


def test_all_runs_the_six_side_by_side_and_names_the_convention() -> None:
    result = optimizer_steps()
    assert list(result.numbers) == ["sgd", "momentum", "nesterov", "adagrad", "rmsprop", "adam"]
    assert all(not report["diverged"] for report in result.numbers.values())
    assert result.table is not None
    assert len(result.table.rows) == 6
    assert result.plot is not None
    assert len(result.plot.series[0].x) == 51
    assert "pytorch" in result.notes[0]


SURFACES: list[SurfaceName] = ["quadratic", "rosenbrock", "beale", "himmelblau", "saddle"]


@given(st.sampled_from(SURFACES), st.floats(-3, 3), st.floats(-3, 3))
def test_gradients_of_the_surfaces_are_their_slopes(name: SurfaceName, x: float, y: float) -> None:
    place = surface(name, (2.0, 5.0))
    at = np.array([x, y])
    gradient = place.at(at)[1]
    h = 1e-5
    for axis in (0, 1):
        step = np.eye(2)[axis] * h
        slope = (place.at(at + step)[0] - place.at(at - step)[0]) / (2 * h)
        assert gradient[axis] == pytest.approx(slope, rel=1e-4, abs=1e-3)


@pytest.mark.parametrize("name", SURFACES)
def test_at_a_minimum_the_value_is_zero_and_the_gradient_vanishes(name: SurfaceName) -> None:
    place = surface(name, (2.0, 5.0))
    for minimum in place.minima:
        value, gradient = place.at(np.asarray(minimum))
        assert value == pytest.approx(0, abs=1e-9)
        assert np.abs(gradient).max() < 1e-4
        assert place.distance(np.asarray(minimum)) == 0
    if name == "saddle":
        assert place.distance(np.zeros(2)) is None


@pytest.mark.parametrize(
    ("arguments", "fault", "param"),
    [
        ({"w": [1.0]}, Fault.INCONSISTENT, "grad"),
        ({"grad": [1.0]}, Fault.INCONSISTENT, "w"),
        ({"w": [1.0], "grad": [1.0], "grads": [[1.0]]}, Fault.INCONSISTENT, "grad"),
        ({"w": [1.0], "grads": [[1.0], [1.0, 2.0]]}, Fault.SHAPE_MISMATCH, "grads"),
        ({"w": [1.0], "grads": [[1.0]], "steps": 3}, Fault.INCONSISTENT, "steps"),
        ({"optimizer": "adam", "w": [1.0], "grad": [1.0], "m": [0.0, 0.0]}, Fault.SHAPE_MISMATCH, "m"),
        ({"optimizer": "sgd", "w": [1.0], "grad": [1.0], "velocity": [0.0]}, Fault.INCONSISTENT, "velocity"),
        ({"optimizer": "momentum", "w": [1.0], "grad": [1.0], "v": [0.0]}, Fault.INCONSISTENT, "v"),
        ({"optimizer": "adam", "w": [1.0], "grad": [1.0], "velocity": [0.0]}, Fault.INCONSISTENT, "velocity"),
        ({"optimizer": "sgd", "t_before": 2}, Fault.INCONSISTENT, "t_before"),
        ({"optimizer": "sgd", "amsgrad": True}, Fault.INCONSISTENT, "amsgrad"),
        ({"optimizer": "adam", "centered": True}, Fault.INCONSISTENT, "centered"),
        ({"optimizer": "adam", "nesterov": True}, Fault.INCONSISTENT, "nesterov"),
    ],
)
def test_what_does_not_go_together_is_refused(arguments: Any, fault: Fault, param: str) -> None:
    with pytest.raises(DemoError) as refused:
        optimizer_steps(**arguments)
    assert (refused.value.fault, refused.value.param) == (fault, param)
    assert refused.value.hint_zh


@pytest.mark.parametrize(
    ("question", "arguments"),
    [
        ("one Adam step with lr 0.1", {"optimizer": "adam", "lr": 0.1, "steps": 1}),
        (
            "one RMSProp step, w=1, grad=1, lr 0.5, rho 0.9",
            {"optimizer": "rmsprop", "w": [1], "grads": [[1]], "lr": 0.5, "rho": 0.9},
        ),
        ("Adam和SGD动量在病态二次函数上走几步", {"optimizer": "all", "surface": "quadratic"}),
        ("Adagrad为什么后期学习率越来越小", {"optimizer": "adagrad"}),
        (
            "SGD with momentum 0.9, lr 0.01, 20 steps on Rosenbrock",
            {"optimizer": "momentum", "momentum": 0.9, "lr": 0.01, "steps": 20, "surface": "rosenbrock"},
        ),
        ("Nesterov 动量 lr 0.1 走10步", {"optimizer": "nesterov", "lr": 0.1, "steps": 10}),
        ("Keras 的 RMSprop 走 5 步", {"optimizer": "rmsprop", "convention": "keras", "steps": 5}),
        ("AMSGrad 修复了 Adam 的什么问题", {"optimizer": "adam", "amsgrad": True}),
        ("adam、SGD、RMSProp区别", {}),
        ("优化器怎么选", {}),
        ("what does Nesterov momentum do differently from plain momentum?", {}),
        ("一阶动量和二阶动量分别是什么", {}),
        ("学习率预热有什么好处", None),
        ("BN 的 momentum 是什么", None),
        ("AdamW 和 Adam 的区别", None),
        ("牛顿动量定理", None),
        ("explain dropout", None),
    ],
)
def test_questions_are_read(question: str, arguments: dict[str, Any] | None) -> None:
    found = read_question(read_facts(question))
    assert found == arguments
    if found is not None:
        optimizer_steps(**found)
