"""Rates on a quadratic against torch's SGD, the spectral radius and a search over settings, and in questions."""

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
from assistant.demos.quadratic_convergence import read_question


def run(**arguments: Any) -> dict[str, Any]:
    return registry.run("quadratic_convergence", arguments).to_dict()


def radius(eigenvalue: float, lr: float, beta: float) -> float:
    """Return the spectral radius of one step as a matrix on (velocity, position)."""
    step = np.array([[beta, eigenvalue], [-lr * beta, 1 - lr * eigenvalue]])
    return float(np.abs(np.linalg.eigvals(step)).max())


@pytest.mark.parametrize(
    ("method", "lr", "beta"),
    [("gd", 0.1, 0.0), ("gd", 0.21, 0.0), ("momentum", 0.05, 0.9), ("momentum", 0.3, 0.5)],
)
def test_the_steps_are_those_of_torch(method: str, lr: float, beta: float) -> None:
    eigenvalues, x0 = [1.0, 4.0, 10.0], [1.0, -2.0, 0.5]
    given_beta = {"beta": beta} if method == "momentum" else {}
    found = run(eigenvalues=eigenvalues, method=method, lr=lr, steps=30, x0=x0, **given_beta)["numbers"][
        "x_last"
    ]
    x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.SGD([x], lr=lr, momentum=beta)
    for _ in range(30):
        optimizer.zero_grad()
        (0.5 * torch.tensor(eigenvalues) * x**2).sum().backward()  # type: ignore[no-untyped-call]
        optimizer.step()
    np.testing.assert_allclose(found, x.detach().numpy(), rtol=1e-9)


@given(low=st.floats(0.01, 10), kappa=st.floats(1, 1e4), lr=st.floats(1e-3, 1), beta=st.floats(0, 0.99))
def test_the_rate_is_the_largest_spectral_radius(low: float, kappa: float, lr: float, beta: float) -> None:
    eigenvalues = [low, low * kappa]
    numbers = run(eigenvalues=eigenvalues, method="momentum", lr=lr, beta=beta, lr_limit=True)["numbers"]
    expected = max(radius(e, lr, beta) for e in eigenvalues)
    # A double root is sensitive to rounding.
    assert numbers["rate"] == pytest.approx(expected, rel=1e-6)
    if abs(expected - 1) > 1e-6:
        assert numbers["diverges"] == (expected > 1)
        assert numbers["diverges"] == (lr > numbers["lr_max"])


@pytest.mark.parametrize("kappa", [1.0, 2.0, 10.0, 100.0])
def test_no_setting_is_faster_than_the_best(kappa: float) -> None:
    gd = run(eigenvalues=[2, 2 * kappa], method="gd")["numbers"]
    momentum = run(eigenvalues=[2, 2 * kappa], method="momentum")["numbers"]
    assert gd["rate"] == pytest.approx(gd["rate_opt"], abs=1e-12)
    assert momentum["rate"] == pytest.approx(momentum["rate_opt"], abs=1e-7)
    for lr in np.linspace(0.01, 1, 60):
        assert max(radius(e, lr, 0) for e in (2, 2 * kappa)) >= gd["rate_opt"] - 1e-9
        for beta in np.linspace(0, 0.95, 20):
            assert max(radius(e, lr, beta) for e in (2, 2 * kappa)) >= momentum["rate_opt"] - 1e-7


@pytest.mark.parametrize("beta", [0.0, 0.2, 0.6, 0.9])
def test_the_learning_rate_left_out_is_the_best_for_the_beta_given(beta: float) -> None:
    numbers = run(eigenvalues=[1, 50], method="momentum", beta=beta)["numbers"]
    searched = min(max(radius(e, lr, beta) for e in (1, 50)) for lr in np.linspace(1e-3, 0.08, 4000))
    assert numbers["rate"] <= searched + 1e-9


def test_the_formulas_of_goh() -> None:
    gd = run(eigenvalues=[1, 10], method="gd")["numbers"]
    assert gd["lr_max"] == pytest.approx(0.2)
    assert gd["lr_opt"] == pytest.approx(2 / 11)
    assert gd["rate_opt"] == pytest.approx(9 / 11)
    momentum = run(eigenvalues=[1, 100], method="momentum")["numbers"]
    assert momentum["lr_opt"] == pytest.approx((2 / 11) ** 2)
    assert momentum["beta_opt"] == pytest.approx((9 / 11) ** 2)
    assert momentum["rate_opt"] == pytest.approx(9 / 11)
    assert run(eigenvalues=[1], method="momentum", beta=0.9, lr_limit=True)["numbers"][
        "lr_max"
    ] == pytest.approx(3.8)


def test_steps_to_a_millionth_are_those_that_are_needed() -> None:
    needed = run(eigenvalues=[1, 30])["numbers"]["steps_to_1e-6"]
    assert run(eigenvalues=[1, 30], steps=needed)["numbers"]["x_last"][0] <= 1e-6
    assert run(eigenvalues=[1, 30], steps=needed - 1)["numbers"]["x_last"][0] > 1e-6
    assert run(eigenvalues=[7])["numbers"]["steps_to_1e-6"] == 1


def test_the_limit_itself_neither_converges_nor_diverges() -> None:
    result = run(eigenvalues=[1, 10], lr=0.2)
    assert result["numbers"]["diverges"] is False
    assert "at the limit" in result["warnings"][0]
    assert result["numbers"]["x_last"][1] == pytest.approx(1)


def test_a_diverging_run_stops_before_it_overflows() -> None:
    result = run(eigenvalues=[1, 100], lr=10, steps=1000)
    assert result["numbers"]["diverges"] is True
    assert abs(result["numbers"]["x_last"][1]) <= 1e100
    assert "The steps stop at" in result["warnings"][0]
    assert "stop" not in run(eigenvalues=[1, 10], lr=0.21, steps=5)["warnings"][0]


def test_the_limit_alone_takes_no_steps() -> None:
    result = run(lr_limit=True)
    assert "x_last" not in result["numbers"]
    assert result["plot"]["xlabel"] == "learning rate"


@pytest.mark.parametrize(
    ("arguments", "fault", "param"),
    [
        ({"eigenvalues": [1, 0]}, Fault.OUT_OF_RANGE, "eigenvalues"),
        ({"eigenvalues": [-1]}, Fault.OUT_OF_RANGE, "eigenvalues"),
        ({"eigenvalues": [1e10]}, Fault.OUT_OF_RANGE, "eigenvalues[0]"),
        ({"eigenvalues": []}, Fault.OUT_OF_RANGE, "eigenvalues"),
        ({"eigenvalues": [1] * 11}, Fault.TOO_BIG, "eigenvalues"),
        ({"x0": [1]}, Fault.SHAPE_MISMATCH, "x0"),
        ({"beta": 0.9}, Fault.INCONSISTENT, "beta"),
        ({"method": "momentum", "beta": 1}, Fault.OUT_OF_RANGE, "beta"),
        ({"lr": 0}, Fault.OUT_OF_RANGE, "lr"),
        ({"steps": 1001}, Fault.OUT_OF_RANGE, "steps"),
        ({"steps": 1.5}, Fault.WRONG_TYPE, "steps"),
        ({"lr_limit": 1}, Fault.WRONG_TYPE, "lr_limit"),
        ({"eigenvalues": [float("inf")]}, Fault.NOT_FINITE, "eigenvalues[0]"),
        ({"method": "adam"}, Fault.OUT_OF_RANGE, "method"),
        ({"kappa": 10}, Fault.UNKNOWN_ARG, "kappa"),
    ],
)
def test_arguments_that_do_not_fit_are_refused(arguments: dict[str, Any], fault: Fault, param: str) -> None:
    with pytest.raises(DemoError) as error:
        run(**arguments)
    assert (error.value.fault, error.value.param) == (fault, param)


def test_a_negative_eigenvalue_is_called_not_convex() -> None:
    with pytest.raises(DemoError, match="not strictly convex"):
        run(eigenvalues=[-1, 2])


@pytest.mark.parametrize(
    ("question", "arguments"),
    [
        ("学习率最大能取多少，最大曲率10", {"eigenvalues": [10]}),
        ("optimal momentum for condition number 100", {"eigenvalues": [1, 100], "method": "momentum"}),
        ("Hessian 特征值为 1 和 25 时梯度下降的收敛速度", {"eigenvalues": [1, 25]}),
        ("gradient descent with eigenvalues [1, 10], lr=0.1, 20 steps",
         {"eigenvalues": [1, 10], "lr": 0.1, "steps": 20}),
        ("条件数对梯度下降收敛速度的影响", {}),
    ],
)  # fmt: skip
def test_arguments_are_read_from_a_question(question: str, arguments: dict[str, Any]) -> None:
    assert read_question(read_facts(question)) == arguments


@pytest.mark.parametrize(
    "question",
    [
        "学习率0.21会发散吗,曲率10",
        "Adam和SGD动量在病态二次函数上走几步",
        "核矩阵的特征值为什么非负",
        "学习率预热有什么好处",
        "BN 的 momentum 是什么",
        "牛顿法怎么利用曲率加快收敛",
        "GAN 的收敛和特征值有什么关系",
    ],
)
def test_questions_about_something_else_are_left_alone(question: str) -> None:
    assert read_question(read_facts(question)) is None
