"""Soft threshold and L2 shrinkage against scikit-learn and a search for the minimum, and in questions."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from sklearn.linear_model import Lasso, Ridge

from assistant.demo_kit import registry
from assistant.demo_kit.question import read_facts
from assistant.demo_kit.types import DemoError, Fault
from assistant.demos.shrinkage_1d import read_question


def run(**arguments: Any) -> dict[str, Any]:
    return registry.run("shrinkage_1d", arguments).to_dict()


@given(
    z=st.lists(st.floats(-1e3, 1e3, allow_nan=False), min_size=1, max_size=50),
    lam=st.floats(0, 100, allow_nan=False),
)
def test_l1_is_the_softshrink_of_torch(z: list[float], lam: float) -> None:
    numbers = run(z=z, lam=lam)["numbers"]
    shrunk = torch.nn.functional.softshrink(torch.tensor(z, dtype=torch.float64), lam).numpy()
    np.testing.assert_allclose(numbers["l1"], shrunk, rtol=1e-12, atol=1e-12)
    assert numbers["nonzero_l1"] == np.count_nonzero(numbers["l1"])
    assert numbers["nonzero_l1"] + numbers["zeros_l1"] == len(z)


@given(z=st.floats(-20, 20, allow_nan=False), lam=st.floats(0, 20, allow_nan=False))
def test_no_weight_is_better_than_the_solutions(z: float, lam: float) -> None:
    numbers = run(z=z, lam=lam)["numbers"]
    w = np.linspace(-25, 25, 2001)
    for name, penalty in (("l1", np.abs), ("l2", lambda v: v**2 / 2)):
        best = (numbers[name] - z) ** 2 / 2 + lam * penalty(numbers[name])
        assert best <= ((w - z) ** 2 / 2 + lam * penalty(w)).min() + 1e-9


def test_both_are_the_lasso_and_ridge_of_scikit_learn_on_orthonormal_columns() -> None:
    z, lam, n = [-2.0, -0.3, 0.3, 1.0], 0.5, 4
    # Columns scaled so that XᵀX = nI: Lasso divides the squared error by 2n, Ridge does not.
    x = np.sqrt(n) * np.eye(n)
    y = np.sqrt(n) * np.asarray(z)
    numbers = run(z=z, lam=lam)["numbers"]
    lasso = Lasso(alpha=lam, fit_intercept=False, tol=1e-12).fit(x, y)
    np.testing.assert_allclose(numbers["l1"], lasso.coef_, atol=1e-9)
    ridge = Ridge(alpha=lam * n, fit_intercept=False).fit(x, y)
    np.testing.assert_allclose(numbers["l2"], ridge.coef_, atol=1e-9)


def test_a_number_gives_a_number_and_a_list_a_list() -> None:
    one = run(z=2, lam=0.5)["numbers"]
    assert one == {"l1": 1.5, "l2": pytest.approx(4 / 3), "nonzero_l1": 1, "nonzero_l2": 1, "zeros_l1": 0}
    assert run(z=[2], lam=0.5)["numbers"]["l1"] == [1.5]


def test_only_l1_reaches_zero() -> None:
    numbers = run()["numbers"]
    assert numbers["l1"] == [-1.5, 0, 0, 0.5]
    assert (numbers["nonzero_l1"], numbers["nonzero_l2"]) == (2, 4)
    assert "-0.0" not in repr(numbers["l1"])


def test_a_point_on_the_threshold_is_zero_and_mentioned() -> None:
    result = run(z=-0.5, lam=0.5)
    assert result["numbers"]["l1"] == 0
    assert "on the threshold" in result["warnings"][0]
    assert run(z=0, lam=0)["warnings"] == []


@pytest.mark.parametrize(
    ("arguments", "fault", "param"),
    [
        ({"lam": -0.1}, Fault.OUT_OF_RANGE, "lam"),
        ({"lam": 101}, Fault.OUT_OF_RANGE, "lam"),
        ({"z": []}, Fault.OUT_OF_RANGE, "z"),
        ({"z": [0.0] * 51}, Fault.TOO_BIG, "z"),
        ({"z": "0.3"}, Fault.WRONG_TYPE, "z"),
        ({"z": [True]}, Fault.WRONG_TYPE, "z[0]"),
        ({"z": float("inf")}, Fault.NOT_FINITE, "z"),
        ({"design": "general"}, Fault.OUT_OF_RANGE, "design"),
        ({"lambda": 1}, Fault.UNKNOWN_ARG, "lambda"),
    ],
)
def test_arguments_that_do_not_fit_are_refused(arguments: dict[str, Any], fault: Fault, param: str) -> None:
    with pytest.raises(DemoError) as error:
        run(**arguments)
    assert (error.value.fault, error.value.param) == (fault, param)


@pytest.mark.parametrize(
    ("question", "arguments"),
    [
        ("L1正则为什么会产生稀疏，z=0.3, λ=0.5", {"z": 0.3, "lam": 0.5}),
        ("soft threshold 2.0 with lambda 0.5", {"z": 2, "lam": 0.5}),
        ("soft thresholding of z=[-1, 0.2, 3] with lambda=0.4", {"z": [-1, 0.2, 3], "lam": 0.4}),
        ("为什么 lasso 会把权重压到0，岭回归不会", {}),
        ("软阈值是什么", {}),
        ("L1与L2正则的区别", {}),
        ("Difference between lasso style and ridge style regularization", {}),
    ],
)
def test_arguments_are_read_from_a_question(question: str, arguments: dict[str, Any]) -> None:
    assert read_question(read_facts(question)) == arguments


@pytest.mark.parametrize(
    "question",
    [
        "为什么L1损失对离群点更鲁棒？加一个100试试",
        "at which lambda do all lasso weights vanish",
        "画一下L1的正则路径，10个特征3个有用",
        "用 L1 做 BN 层的稀疏剪枝",
        "稀疏注意力的复杂度",
        "正则化能防止过拟合吗",
        "学习率为0会怎样",
        "L1 loss 和 L2 loss 各自的优点是啥",
    ],
)
def test_questions_about_something_else_are_left_alone(question: str) -> None:
    assert read_question(read_facts(question)) is None
