"""Lasso and ridge paths against scikit-learn and the conditions of the optimum, their refusals, and questions."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import ElasticNet, Lasso, Ridge

from assistant.demo_kit import registry
from assistant.demo_kit.question import read_facts
from assistant.demo_kit.types import DemoError, Fault
from assistant.demos.regularization_path import read_question

LAMBDAS = [1.0, 0.01, 0.3]


def run(**arguments: Any) -> dict[str, Any]:
    return registry.run("regularization_path", arguments).to_dict()


def drawn(seed: int, n: int, d: int) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    x = random.normal(1, 2, size=(n, d))
    return x, x @ random.normal(size=d) + random.normal(size=n)


def reference(penalty: str, objective: str, lam: float, n: int) -> Any:
    """Return scikit-learn's model with the same minimum."""
    if penalty == "l1":
        return Lasso(alpha=lam if objective == "1/(2n)" else lam / (2 * n), tol=1e-12, max_iter=200_000)
    return Ridge(alpha=lam * n if objective == "1/(2n)" else lam)


@settings(deadline=None, max_examples=40)
@given(
    seed=st.integers(0, 2**31 - 1),
    n=st.integers(12, 60),
    d=st.integers(1, 8),
    penalty=st.sampled_from(["l1", "l2"]),
    objective=st.sampled_from(["1/(2n)", "sum"]),
)
def test_weights_and_intercept_are_those_of_scikit_learn(
    seed: int, n: int, d: int, penalty: Literal["l1", "l2"], objective: Literal["1/(2n)", "sum"]
) -> None:
    x, y = drawn(seed, n, d)
    numbers = run(X=x.tolist(), y=y.tolist(), penalty=penalty, objective=objective, lambdas=LAMBDAS)[
        "numbers"
    ]
    for i, lam in enumerate(LAMBDAS):
        model = reference(penalty, objective, lam, n).fit(x, y)
        np.testing.assert_allclose(numbers["coef"][i], model.coef_, atol=1e-7)
        assert numbers["intercept"][i] == pytest.approx(model.intercept_, abs=1e-6)
        assert numbers["train_mse"][i] == pytest.approx(((y - model.predict(x)) ** 2).mean(), abs=1e-6)
        assert numbers["nonzero"][i] == np.count_nonzero(numbers["coef"][i])
        assert numbers["l1_norm"][i] == pytest.approx(np.abs(model.coef_).sum(), abs=1e-6)


def test_scaled_ridge_is_the_elastic_net_without_its_l1_part() -> None:
    x, y = drawn(3, 40, 3)
    found = run(X=x.tolist(), y=y.tolist(), penalty="l2", objective="1/(2n)", lambdas=[0.5])["numbers"][
        "coef"
    ]
    model = ElasticNet(alpha=0.5, l1_ratio=1e-9, tol=1e-10, max_iter=100_000).fit(x, y)
    np.testing.assert_allclose(found, model.coef_, atol=1e-6)


@pytest.mark.parametrize(
    ("arguments", "coef", "intercept"),
    [
        # From the docstrings of Lasso and LassoLars and from the user guide on ridge regression.
        ({"X": [[0, 0], [1, 1], [2, 2]], "y": [0, 1, 2], "lambdas": [0.1]}, [0.85, 0], 0.15),
        ({"X": [[-1, 1], [0, 0], [1, 1]], "y": [-1, 0, -1], "lambdas": [0.01]}, [0, -0.955], -0.03),
        (
            {"X": [[0, 0], [0, 0], [1, 1]], "y": [0, 0.1, 1], "lambdas": [0.5], "penalty": "l2"},
            [0.34545455, 0.34545455],
            0.13636364,
        ),
    ],
)
def test_the_examples_of_the_scikit_learn_docs(
    arguments: dict[str, Any], coef: list[float], intercept: float
) -> None:
    numbers = run(**arguments)["numbers"]
    np.testing.assert_allclose(numbers["coef"], coef, atol=5e-9)
    assert numbers["intercept"] == pytest.approx(intercept, abs=1e-3)


@pytest.mark.parametrize("objective", ["1/(2n)", "sum"])
def test_lambda_max_is_where_the_last_weight_vanishes(objective: str) -> None:
    top = run(objective=objective)["numbers"]["lambda_max"]
    nonzero = run(objective=objective, lambdas=[top * 1.0001, top * 0.999])["numbers"]["nonzero"]
    assert nonzero == [0, 1]
    assert "lambda_max" not in run(penalty="l2")["numbers"]


def test_the_default_finds_the_informative_features() -> None:
    result = run()
    numbers = result["numbers"]
    assert np.shape(numbers["coef"]) == (20, 8)
    best = int(np.argmin(numbers["test_mse"]))
    assert (np.abs(numbers["coef"][best])[:3] > 0.5).all()
    assert numbers["true_coef"][3:] == [0] * 5
    assert result["args_used"]["objective"] == "1/(2n)"
    assert run(penalty="l2")["args_used"]["objective"] == "sum"


def test_ridge_weights_never_vanish_and_shrink() -> None:
    numbers = run(penalty="l2")["numbers"]
    assert set(numbers["nonzero"]) == {8}
    assert numbers["l2_norm"] == sorted(numbers["l2_norm"], reverse=True)


def test_the_order_of_the_lambdas_is_kept() -> None:
    up, down = run(lambdas=[0.1, 1])["numbers"], run(lambdas=[1, 0.1])["numbers"]
    np.testing.assert_allclose(up["coef"], down["coef"][::-1], atol=1e-12)


def test_no_penalty_is_least_squares() -> None:
    x, y = drawn(5, 30, 4)
    centred = x - x.mean(axis=0)
    expected = np.linalg.lstsq(centred, y - y.mean(), rcond=None)[0]
    for penalty in ("l1", "l2"):
        found = run(X=x.tolist(), y=y.tolist(), lambdas=[0], penalty=penalty)
        np.testing.assert_allclose(found["numbers"]["coef"], expected, rtol=1e-9)
        assert found["warnings"] == []


def test_the_hardest_matrices_give_the_optimum_or_a_warning() -> None:
    random = np.random.default_rng(0)
    for x in (random.normal(size=(5, 40)), np.repeat(random.normal(size=(40, 20)), 2, axis=1)):
        y = random.normal(size=len(x))
        result = run(X=x.tolist(), y=y.tolist(), lambdas=[0.01, 0.1])
        assert not any("approximate" in warning for warning in result["warnings"])
        for lam, coef in zip([0.01, 0.1], result["numbers"]["coef"], strict=True):
            centred = x - x.mean(axis=0)
            pull = centred.T @ (y - y.mean() - centred @ coef) / len(y)
            assert np.abs(pull).max() <= lam * (1 + 1e-6)
    powers = np.vander(np.linspace(0.1, 1, 30), 12, increasing=True)[:, 1:]
    y = random.normal(size=30)
    assert "approximate" in run(X=powers.tolist(), y=y.tolist(), lambdas=[1e-9])["warnings"][0]


def test_identical_columns_are_warned_of() -> None:
    twice = {"X": [[0, 0], [1, 1], [2, 2]], "y": [0, 1, 2], "lambdas": [0.1]}
    assert "only the sum" in run(**twice)["warnings"][0]
    assert run(**twice, penalty="l2")["warnings"] == []
    assert "undetermined" in run(**(twice | {"lambdas": [0]}), penalty="l2")["warnings"][0]


@pytest.mark.parametrize(
    ("arguments", "fault", "param"),
    [
        ({"X": [[1], [2]]}, Fault.INCONSISTENT, "y"),
        ({"y": [1, 2]}, Fault.INCONSISTENT, "X"),
        ({"X": [[1], [2]], "y": [1, 2, 3]}, Fault.SHAPE_MISMATCH, "y"),
        ({"X": [[1, 5], [2, 5]], "y": [1, 2]}, Fault.INCONSISTENT, "X"),
        ({"X": [[1, 5], [2]], "y": [1, 2]}, Fault.SHAPE_MISMATCH, "X"),
        ({"X": [[1e7], [2]], "y": [1, 2]}, Fault.OUT_OF_RANGE, "X"),
        ({"X": [["1"], [2]], "y": [1, 2]}, Fault.WRONG_TYPE, "X"),
        ({"X": [[0.0] * 65, [1.0] * 65], "y": [1, 2]}, Fault.TOO_BIG, "X"),
        ({"d": 4, "n_informative": 5}, Fault.INCONSISTENT, "n_informative"),
        ({"n": 5}, Fault.OUT_OF_RANGE, "n"),
        ({"d": 31}, Fault.OUT_OF_RANGE, "d"),
        ({"lambdas": []}, Fault.OUT_OF_RANGE, "lambdas"),
        ({"lambdas": [-0.1]}, Fault.OUT_OF_RANGE, "lambdas[0]"),
        ({"lambdas": [0.1] * 41}, Fault.TOO_BIG, "lambdas"),
        ({"penalty": "l0"}, Fault.OUT_OF_RANGE, "penalty"),
        ({"noise": float("nan")}, Fault.NOT_FINITE, "noise"),
        ({"alpha": 1}, Fault.UNKNOWN_ARG, "alpha"),
    ],
)
def test_arguments_that_do_not_fit_are_refused(arguments: dict[str, Any], fault: Fault, param: str) -> None:
    with pytest.raises(DemoError) as error:
        run(**arguments)
    assert (error.value.fault, error.value.param) == (fault, param)


@pytest.mark.parametrize(
    ("question", "arguments"),
    [
        ("画一下L1的正则路径，10个特征3个有用", {"penalty": "l1", "d": 10, "n_informative": 3}),
        ("at which lambda do all lasso weights vanish", {"penalty": "l1"}),
        ("regularization path with 12 features, 4 of them informative", {"d": 12, "n_informative": 4}),
        ("岭回归 λ=0.5 的系数", {"penalty": "l2", "lambdas": [0.5]}),
        ("lasso with X=[[0,0],[1,1],[2,2]], y=[0,1,2], lambda=0.1",
         {"penalty": "l1", "lambdas": [0.1], "X": [[0, 0], [1, 1], [2, 2]], "y": [0, 1, 2]}),
        ("正则化路径是什么", {}),
    ],
)  # fmt: skip
def test_arguments_are_read_from_a_question(question: str, arguments: dict[str, Any]) -> None:
    assert read_question(read_facts(question)) == arguments


@pytest.mark.parametrize(
    "question",
    [
        "L1正则为什么会产生稀疏，z=0.3, λ=0.5",
        "soft threshold 2.0 with lambda 0.5",
        "L2 正则和权重衰减在 Adam 里为什么不等价",
        "focal loss 的 alpha 怎么选",
        "leaky relu alpha 0.2",
        "数据增强算不算正则化",
        "L1 loss 和 L2 loss 的区别",
    ],
)
def test_questions_about_something_else_are_left_alone(question: str) -> None:
    assert read_question(read_facts(question)) is None
