"""L1, L2 and Huber loss against torch, scikit-learn and a search for the best constant, and in questions."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import mean_absolute_error, mean_squared_error

from assistant.demo_kit import registry
from assistant.demo_kit.question import read_facts
from assistant.demo_kit.types import DemoError, Fault
from assistant.demos.loss_compare import read_question

values = st.lists(st.floats(-100, 100, allow_nan=False).map(lambda v: round(v, 3)), min_size=2, max_size=30)


def run(**arguments: Any) -> dict[str, Any]:
    return registry.run("loss_compare", arguments).to_dict()


@given(seed=st.integers(0, 2**31 - 1), size=st.integers(1, 200), delta=st.sampled_from([0.1, 1.0, 2.5]))
def test_mean_losses_are_those_of_torch_and_scikit_learn(seed: int, size: int, delta: float) -> None:
    true, predicted = np.random.default_rng(seed).normal(size=(2, size)) * 3
    numbers = run(y_true=true.tolist(), y_pred=predicted.tolist(), delta=delta)["numbers"]
    assert numbers["mse"] == pytest.approx(mean_squared_error(true, predicted))
    assert numbers["mae"] == pytest.approx(mean_absolute_error(true, predicted))
    huber = torch.nn.functional.huber_loss(torch.tensor(predicted), torch.tensor(true), delta=delta)
    assert numbers["huber"] == pytest.approx(float(huber))


def test_mean_losses_of_the_scikit_learn_docs() -> None:
    numbers = run(y_true=[3, -0.5, 2, 7], y_pred=[2.5, 0.0, 2, 8])["numbers"]
    assert (numbers["mse"], numbers["mae"]) == (0.375, 0.5)


@pytest.mark.parametrize("residual", [-5.0, -1.0, -0.3, 0.1, 0.999, 1.001, 40.0])
@pytest.mark.parametrize("delta", [0.5, 1.0, 10.0])
def test_gradients_are_those_of_autograd(residual: float, delta: float) -> None:
    found = run(residual=residual, delta=delta)["numbers"]["gradient"]
    for name, loss in (
        ("l2", lambda e: e**2),
        ("l1", torch.abs),
        ("huber", lambda e: torch.nn.functional.huber_loss(e, torch.zeros(()).double(), delta=delta)),
    ):
        e = torch.tensor(residual, dtype=torch.float64, requires_grad=True)
        loss(e).backward()
        assert e.grad is not None
        assert found[name] == pytest.approx(float(e.grad))


@given(values=values, delta=st.sampled_from([0.01, 0.5, 1.0, 7.0, 1000.0]))
def test_no_constant_is_better_than_the_fit(values: list[float], delta: float) -> None:
    numbers = run(values=values, outlier=None, delta=delta)["numbers"]
    data = torch.tensor(values, dtype=torch.float64)

    def total(name: str, c: float) -> float:
        at = torch.full_like(data, c)
        if name == "huber":
            return float(torch.nn.functional.huber_loss(at, data, reduction="sum", delta=delta))
        return float((at - data).abs().pow(2 if name == "l2" else 1).sum())

    for name in ("l2", "l1", "huber"):
        fit = numbers[f"{name}_fit_before"]
        best = total(name, fit)
        for c in (*np.linspace(min(values), max(values), 41), fit - 1e-3, fit + 1e-3):
            assert best <= total(name, float(c)) + 1e-9 * max(1.0, best)


def test_the_default_shows_how_far_an_outlier_pulls() -> None:
    numbers = run()["numbers"]
    assert numbers["l2_fit_after"] == pytest.approx(115 / 6)
    assert numbers["l1_shift"] == 0.5
    assert numbers["huber_shift"] == 0.5
    assert numbers["gradient"]["l2"] == pytest.approx(2 * (115 / 6 - 100))
    assert numbers["gradient"]["huber"] == -1


def test_a_large_delta_is_the_mean_and_a_small_one_the_median() -> None:
    assert run(delta=1000)["numbers"]["huber_fit_after"] == pytest.approx(115 / 6)
    assert run(delta=1e-9, outlier=None)["numbers"]["huber_fit_before"] == pytest.approx(3)


def test_of_equally_good_huber_fits_the_middle_is_given() -> None:
    assert run(values=[0, 10], outlier=None)["numbers"]["huber_fit_before"] == 5


def test_without_an_outlier_there_is_no_fit_after_it() -> None:
    result = run(outlier=None)
    assert not any("after" in name or name == "gradient" for name in result["numbers"])
    assert [row[2:] for row in result["table"]["rows"]] == [[None] * 3] * 3


def test_ties_and_kinks_are_warned_of() -> None:
    assert "[3, 4]" in run()["warnings"][0]
    assert run(outlier=None)["warnings"] == []
    assert "no derivative at 0" in run(outlier=None, residual=0)["warnings"][0]


@pytest.mark.parametrize(
    ("arguments", "fault", "param"),
    [
        ({"y_true": [1, 2], "y_pred": [1]}, Fault.SHAPE_MISMATCH, "y_pred"),
        ({"y_true": [1, 2]}, Fault.INCONSISTENT, "y_pred"),
        ({"y_pred": [1, 2]}, Fault.INCONSISTENT, "y_true"),
        ({"delta": 0}, Fault.OUT_OF_RANGE, "delta"),
        ({"delta": -1}, Fault.OUT_OF_RANGE, "delta"),
        ({"values": []}, Fault.OUT_OF_RANGE, "values"),
        ({"y_true": [], "y_pred": []}, Fault.OUT_OF_RANGE, "y_true"),
        ({"values": [1.0] * 201}, Fault.TOO_BIG, "values"),
        ({"outlier": 2e6}, Fault.OUT_OF_RANGE, "outlier"),
        ({"residual": float("nan")}, Fault.NOT_FINITE, "residual"),
        ({"outlier": True}, Fault.WRONG_TYPE, "outlier"),
        ({"values": ["1", 2]}, Fault.WRONG_TYPE, "values[0]"),
        ({"penalty": "l1"}, Fault.UNKNOWN_ARG, "penalty"),
    ],
)
def test_arguments_that_do_not_fit_are_refused(arguments: dict[str, Any], fault: Fault, param: str) -> None:
    with pytest.raises(DemoError) as error:
        run(**arguments)
    assert (error.value.fault, error.value.param) == (fault, param)


@pytest.mark.parametrize(
    ("question", "arguments"),
    [
        ("为什么L1损失对离群点更鲁棒？加一个100试试", {"outlier": 100}),
        ("gradient of L1 vs L2 at residual 0.1", {"residual": 0.1}),
        ("Huber loss with delta 2 and residual 5: what is the gradient?", {"delta": 2, "residual": 5}),
        ("MAE 和 MSE 损失的区别", {}),
        ("数据=[1,2,9]，L2 损失的最优常数，加上离群点50", {"values": [1, 2, 9], "outlier": 50}),
        ("mse loss for y_true=[1,2] and y_pred=[2,4]", {"y_true": [1, 2], "y_pred": [2, 4]}),
    ],
)
def test_arguments_are_read_from_a_question(question: str, arguments: dict[str, Any]) -> None:
    assert read_question(read_facts(question)) == arguments


@pytest.mark.parametrize(
    "question",
    [
        "L1正则为什么会产生稀疏",
        "为什么分类用交叉熵不用MSE",
        "残差网络为什么有效",
        "L2 归一化和 weight decay",
        "loss 不收敛怎么办",
        "L2 惩罚越接近零梯度越小说明了什么",
        "Lasso 和 ridge 对离群点鲁棒吗",
        "GAN 的 L1 loss 起什么作用",
    ],
)
def test_questions_about_something_else_are_left_alone(question: str) -> None:
    assert read_question(read_facts(question)) is None
