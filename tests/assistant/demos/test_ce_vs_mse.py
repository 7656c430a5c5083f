"""Gradients, training curves and cross-entropies against torch, Keras and Nielsen's book, and in questions."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import log_loss

from assistant.demo_kit import registry
from assistant.demo_kit.question import read_facts
from assistant.demo_kit.types import DemoError, Fault
from assistant.demos.ce_vs_mse import read_question

cross_entropy = torch.nn.functional.cross_entropy
bce = torch.nn.functional.binary_cross_entropy


def run(**arguments: Any) -> dict[str, Any]:
    return registry.run("ce_vs_mse", arguments).to_dict()


def tensor(values: Any) -> torch.Tensor:
    return torch.tensor(values, dtype=torch.float64, requires_grad=True)


@pytest.mark.parametrize("y", [0, 1])
@pytest.mark.parametrize("z", [-20.0, -3.0, 0.0, 0.5, 5.0, 20.0])
def test_gradients_at_z_are_those_of_autograd(z: float, y: int) -> None:
    numbers = run(z=z, y=y)["numbers"]
    at, target = tensor(z), torch.tensor(float(y), dtype=torch.float64)
    torch.nn.functional.binary_cross_entropy_with_logits(at, target).backward()  # type: ignore[no-untyped-call]
    assert at.grad is not None
    assert numbers["gradient"]["ce"] == pytest.approx(float(at.grad), rel=1e-7, abs=1e-15)
    at = tensor(z)
    (0.5 * (torch.sigmoid(at) - target) ** 2).backward()  # type: ignore[no-untyped-call]
    assert at.grad is not None
    assert numbers["gradient"]["mse"] == pytest.approx(float(at.grad), rel=1e-6, abs=1e-15)
    assert numbers["ratio"] == pytest.approx(numbers["gradient"]["ce"] / numbers["gradient"]["mse"])


def test_the_ratio_is_finite_and_exact_at_the_ends() -> None:
    for z in (-50, 50):
        assert run(z=z)["numbers"]["ratio"] == pytest.approx(np.exp(50), rel=1e-9)
    assert run(z=0)["numbers"]["ratio"] == 4


@pytest.mark.parametrize("cost", ["mse", "ce"])
@pytest.mark.parametrize(("w", "b", "x", "y"), [(0.6, 0.9, 1, 0), (2, 2, 1, 0), (-1, 0.5, 2, 1)])
def test_training_is_gradient_descent_by_torch(cost: str, w: float, b: float, x: float, y: int) -> None:
    found = run(w=w, b=b, x=x, y=y, lr=0.15, epochs=300, cost=cost)["numbers"]
    weights = tensor([w, b])
    optimizer = torch.optim.SGD([weights], lr=0.15)
    seen = []
    for _ in range(301):
        a = torch.sigmoid(weights[0] * x + weights[1])
        seen.append(float(a.detach()))
        loss = bce(a, torch.tensor(float(y)).double()) if cost == "ce" else 0.5 * (a - y) ** 2
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
    for name, epoch in (("initial", 0), ("at150", 150), ("final", 300)):
        assert found[name] == pytest.approx(seen[epoch], rel=1e-9)
        assert found["curve"][name] == found[name]


def test_nielsens_outputs() -> None:
    easy = run(w=0.6, b=0.9, cost="mse")["numbers"]
    assert (easy["initial"], easy["final"]) == (
        pytest.approx(0.82, abs=0.005),
        pytest.approx(0.09, abs=0.005),
    )
    hard = run(w=2, b=2, cost="mse")["numbers"]
    assert (hard["initial"], hard["final"]) == (
        pytest.approx(0.98, abs=0.005),
        pytest.approx(0.20, abs=0.005),
    )


def test_both_costs_are_the_two_single_ones_side_by_side() -> None:
    both = run()["numbers"]
    for cost in ("mse", "ce"):
        assert both[cost] == run(cost=cost)["numbers"]["curve"]
    assert both["ce"]["at150"] < both["mse"]["at150"]
    assert run(epochs=100)["numbers"]["mse"]["at150"] is None


def test_the_table_shows_the_gradient_at_each_output() -> None:
    for epoch, a, slope, b, other in run()["table"]["rows"]:
        assert slope == pytest.approx(a * a * (1 - a))
        assert other == pytest.approx(b)
        assert 0 <= epoch <= 300


@given(seed=st.integers(0, 2**31 - 1), rows=st.integers(1, 8), classes=st.integers(2, 20))
def test_softmax_cross_entropy_is_that_of_torch(seed: int, rows: int, classes: int) -> None:
    random = np.random.default_rng(seed)
    values, target = random.normal(size=(rows, classes)) * 5, random.integers(0, classes, rows)
    numbers = run(logits=values.tolist(), target=target.tolist())["numbers"]
    logits = tensor(values.tolist())
    losses = cross_entropy(logits, torch.tensor(target), reduction="none")
    losses.sum().backward()  # type: ignore[no-untyped-call]
    assert logits.grad is not None
    np.testing.assert_allclose(numbers["ce_per_sample"], losses.detach().numpy(), rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(numbers["gradient"]["grad"], logits.grad.numpy(), rtol=1e-9, atol=1e-12)
    assert numbers["ce_mean"] == pytest.approx(float(losses.detach().mean()))


def test_one_sample_has_a_gradient_in_its_own_shape() -> None:
    numbers = run(logits=[2, 1, 0.1], target=0)["numbers"]
    p = np.exp([2, 1, 0.1]) / np.exp([2, 1, 0.1]).sum()
    np.testing.assert_allclose(numbers["gradient"]["grad"], p - [1, 0, 0])
    assert numbers["ce_mean"] == pytest.approx(0.4170, abs=5e-5)


def test_huge_logits_do_not_overflow() -> None:
    assert run(logits=[1e6, -1e6], target=1)["numbers"]["ce_mean"] == 2e6


def test_values_of_keras() -> None:
    logits = [[8.0, 1.0, 1.0], [0.0, 9.0, 1.0], [2.0, 3.0, 5.0]]
    numbers = run(logits=logits, target=[0, 1, 2])["numbers"]
    np.testing.assert_allclose(numbers["ce_per_sample"], [0.001822, 0.000459, 0.169846], atol=1e-6)
    rows = [[0.9, 0.05, 0.05], [0.05, 0.89, 0.06], [0.05, 0.01, 0.94]]
    found = run(p=rows, target=[0, 1, 2], kind="softmax_probs")["numbers"]
    np.testing.assert_allclose(found["ce_per_sample"], [0.10536, 0.11653, 0.06188], atol=1e-5)


def test_probabilities_give_the_log_loss_of_scikit_learn() -> None:
    rows, target = [[0.1, 0.9], [0.9, 0.1], [0.8, 0.2], [0.35, 0.65]], [1, 0, 0, 1]
    assert run(p=rows, target=target)["numbers"]["ce_mean"] == pytest.approx(log_loss(target, rows))
    assert run(p=[0.2, 0.8], target=1)["numbers"]["ce_mean"] == pytest.approx(-np.log(0.8))


def test_rows_are_normalised_only_on_request() -> None:
    rows = [[1, 1, 2], [0.5, 0.25, 0.25]]
    found = run(p=rows, target=[2, 0], kind="softmax_probs", normalise=True)["numbers"]
    np.testing.assert_allclose(found["ce_per_sample"], [np.log(2), np.log(2)])
    with pytest.raises(DemoError) as error:
        run(p=rows, target=[2, 0], kind="softmax_probs")
    assert (error.value.fault, error.value.param) == (Fault.INCONSISTENT, "p")
    assert "sums to 4" in error.value.hint_en


@given(seed=st.integers(0, 2**31 - 1), rows=st.integers(1, 6))
def test_binary_cross_entropy_is_that_of_torch(seed: int, rows: int) -> None:
    random = np.random.default_rng(seed)
    p, y = random.uniform(0.01, 0.99, (rows, 3)), random.integers(0, 2, (rows, 3)).astype(float)
    found = run(p=p.tolist(), y=y.tolist(), kind="binary")["numbers"]["bce"]
    assert found == pytest.approx(float(bce(torch.tensor(p), torch.tensor(y))))


def test_one_probability_takes_one_target_and_a_list_a_list() -> None:
    assert run(p=[0.8], y=1, kind="binary")["numbers"]["bce"] == pytest.approx(-np.log(0.8))
    assert run(p=[0.8, 0.4], y=[1, 0])["args_used"]["kind"] == "binary"


def test_a_probability_of_zero_is_clipped_and_mentioned() -> None:
    binary = run(p=[[0.0, 1.0]], y=[[1, 0]], kind="binary")
    assert binary["numbers"]["bce"] == pytest.approx(-np.log(1e-12), rel=1e-4)
    assert "clipped at 1e-12" in binary["warnings"][0]
    rows = run(p=[[0, 1]], target=[0])
    assert rows["numbers"]["ce_mean"] == pytest.approx(-np.log(1e-12))
    assert "clipped at 1e-12" in rows["warnings"][0]
    assert run(p=[[0, 1]], y=[[0, 1]])["warnings"] == []
    assert run(p=[[0, 1]], target=[1])["warnings"] == []


@pytest.mark.parametrize(
    ("arguments", "fault", "param"),
    [
        ({"logits": [1, 2], "target": 2}, Fault.OUT_OF_RANGE, "target"),
        ({"logits": [1, 2], "target": -1}, Fault.OUT_OF_RANGE, "target"),
        ({"logits": [1, 2], "target": 0.5}, Fault.WRONG_TYPE, "target"),
        ({"logits": [1, 2]}, Fault.INCONSISTENT, "target"),
        ({"logits": [[1, 2], [3, 4]], "target": 0}, Fault.SHAPE_MISMATCH, "target"),
        ({"logits": [1], "target": 0}, Fault.SHAPE_MISMATCH, "logits"),
        ({"logits": [], "target": 0}, Fault.SHAPE_MISMATCH, "logits"),
        ({"logits": [[1, 2], [3]], "target": [0, 0]}, Fault.SHAPE_MISMATCH, "logits"),
        ({"logits": [1, 1e7], "target": 0}, Fault.OUT_OF_RANGE, "logits"),
        ({"logits": ["1", 2], "target": 0}, Fault.WRONG_TYPE, "logits"),
        ({"p": [[0.5, 0.6]], "target": [0]}, Fault.INCONSISTENT, "p"),
        ({"p": [[-0.5, 1.5]], "target": [0]}, Fault.OUT_OF_RANGE, "p"),
        ({"p": [[0, 0]], "target": [0], "normalise": True}, Fault.INCONSISTENT, "p"),
        ({"p": [[0.5, 0.5]], "kind": "softmax_probs"}, Fault.INCONSISTENT, "target"),
        ({"p": [1.2], "y": [1]}, Fault.OUT_OF_RANGE, "p"),
        ({"p": [0.2], "y": [2]}, Fault.OUT_OF_RANGE, "y"),
        ({"p": [0.2, 0.3], "y": [1]}, Fault.SHAPE_MISMATCH, "y"),
        ({"p": [0.2, 0.8], "kind": "softmax"}, Fault.INCONSISTENT, "kind"),
        ({"kind": "softmax"}, Fault.INCONSISTENT, "kind"),
        ({"z": 1, "kind": "softmax_probs"}, Fault.INCONSISTENT, "kind"),
        ({"z": 1, "logits": [1, 2]}, Fault.INCONSISTENT, "logits"),
        ({"z": 1, "y": [1]}, Fault.INCONSISTENT, "y"),
        ({"y": 2}, Fault.OUT_OF_RANGE, "y"),
        ({"y": True}, Fault.WRONG_TYPE, "y"),
        ({"z": 51}, Fault.OUT_OF_RANGE, "z"),
        ({"z": float("nan")}, Fault.NOT_FINITE, "z"),
        ({"lr": 0}, Fault.OUT_OF_RANGE, "lr"),
        ({"epochs": 2001}, Fault.OUT_OF_RANGE, "epochs"),
        ({"cost": "hinge"}, Fault.OUT_OF_RANGE, "cost"),
        ({"loss": "mse"}, Fault.UNKNOWN_ARG, "loss"),
    ],
)
def test_arguments_that_do_not_fit_are_refused(arguments: dict[str, Any], fault: Fault, param: str) -> None:
    with pytest.raises(DemoError) as error:
        run(**arguments)
    assert (error.value.fault, error.value.param) == (fault, param)


def test_extreme_training_stays_finite() -> None:
    for cost in ("mse", "ce"):
        result = run(w=50, b=50, x=50, lr=10, epochs=2000, cost=cost)
        assert 0 <= result["numbers"]["final"] <= 1


@pytest.mark.parametrize(
    ("question", "arguments"),
    [
        ("为什么分类用交叉熵不用MSE？z=5,y=0的梯度各是多少", {"z": 5, "y": 0}),
        ("sigmoid neuron starting at w=2,b=2 with quadratic cost", {"w": 2, "b": 2, "cost": "mse"}),
        ("softmax gradient for logits 2,1,0.1, class 0", {"logits": [2, 1, 0.1], "target": 0}),
        ("softmax 交叉熵，logits=[1, 2, 3]，标签为2", {"logits": [1, 2, 3], "target": 2}),
        ("为什么分类用交叉熵不用均方误差", {}),
        ("sigmoid neuron with w=1, b=-1, cross-entropy, lr 0.5, 100 epochs",
         {"w": 1, "b": -1, "lr": 0.5, "epochs": 100, "cost": "ce"}),
    ],
)  # fmt: skip
def test_arguments_are_read_from_a_question(question: str, arguments: dict[str, Any]) -> None:
    assert read_question(read_facts(question)) == arguments


@pytest.mark.parametrize(
    "question",
    [
        "交叉熵和KL散度的关系",
        "MSE 和 MAE 对离群点的区别",
        "sigmoid 导数最大是多少",
        "softmax 为什么要减最大值",
        "知识蒸馏用 MSE 还是交叉熵",
        "10分类刚开始loss应该是多少",
        "LSGAN 用 MSE 代替交叉熵",
    ],
)
def test_questions_about_something_else_are_left_alone(question: str) -> None:
    assert read_question(read_facts(question)) is None
