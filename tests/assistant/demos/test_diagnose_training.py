"""Checks of a loss that does not converge: against torch's losses and plain gradient descent; and in questions."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.demo_kit import registry
from assistant.demo_kit.question import read_facts
from assistant.demo_kit.types import DemoError, Fault
from assistant.demo_parts.loss_curves import CANDIDATES, Label
from assistant.demos.diagnose_training import EXAMPLE_CURVE, read_question


def run(**arguments: Any) -> dict[str, Any]:
    return registry.run("diagnose_training", arguments).to_dict()


def numbers(**arguments: Any) -> Any:
    return run(**arguments)["numbers"]


@pytest.mark.parametrize("classes", [2, 10, 1000])
def test_the_first_loss_is_torchs_for_equal_scores(classes: int) -> None:
    scores, target = torch.zeros(1, classes), torch.tensor([0])
    softmax = torch.nn.functional.cross_entropy(scores, target)
    # multi_margin_loss divides by the number of classes.
    hinge = torch.nn.functional.multi_margin_loss(scores, target) * classes
    assert numbers(check="initial_loss", n_classes=classes)["expected"] == pytest.approx(float(softmax))
    assert numbers(check="initial_loss", n_classes=classes, loss="svm_hinge")["expected"] == pytest.approx(
        float(hinge)
    )


@settings(deadline=None)
@given(
    curvature=st.lists(st.floats(0.1, 20), min_size=1, max_size=4),
    lr=st.floats(0.001, 0.5),
    steps=st.integers(1, 60),
)
def test_the_final_loss_is_that_of_plain_gradient_descent(
    curvature: list[float], lr: float, steps: int
) -> None:
    x, c = np.ones(len(curvature)), np.array(curvature)
    first = float((c * x**2).sum() / 2)
    for _ in range(steps):
        x = x - lr * c * x
    found = numbers(check="learning_rate", curvature=curvature, lr=lr, steps=steps)
    assert found["final_loss"] == pytest.approx(float((c * x**2).sum() / 2), rel=1e-6, abs=1e-12)
    assert found["first_loss"] == pytest.approx(first)
    assert (found["label"] == "diverging") is (lr > found["lr_limit"] * (1 + 1e-12))


@pytest.mark.parametrize(
    ("lr", "label"),
    [
        (0.001, "too_slow"),
        (0.1, "ok"),
        (0.11, "oscillating"),
        (0.19, "oscillating"),
        (0.2, "oscillating"),
        (0.21, "diverging"),
    ],
)
def test_learning_rates_on_either_side_of_the_limits(lr: float, label: str) -> None:
    result = run(check="learning_rate", curvature=[1, 10], lr=lr, steps=100, x0=[1, 1])
    assert result["numbers"]["label"] == label
    assert len(result["plot"]["series"]) == 5
    assert result["table"]["rows"][0][1] == CANDIDATES[Label(label)][0][0]


@pytest.mark.parametrize(
    ("update", "label"),
    [(1e-3, "ok"), (1e-4, "ok"), (9e-5, "too_slow"), (0, "too_slow"), (1e-2, "ok"), (0.02, "too_fast")],
)
def test_updates_are_healthy_around_a_thousandth_of_the_weights(update: float, label: str) -> None:
    found = numbers(check="update_ratio", param_norm=2, update_norm=2 * update)
    assert found["ratio"] == pytest.approx(update)
    assert found["label"] == label


@pytest.mark.parametrize(
    ("losses", "label"),
    [
        ([2.3, 2.9, 8, 40, None], "nan"),
        ([None] * 5, "nan"),
        ([2.3, 2.5, 3.1, 5, 12], "diverging"),
        ([2, 0.5, 2, 0.5, 2, 0.5, 2, 0.5], "oscillating"),
        ([2.3, 2.31, 2.3, 2.3, 2.31, 2.3], "plateau"),
        (list(EXAMPLE_CURVE), "plateau"),
        ([2.3, 2.28, 2.25, 2.22, 2.19, 2.15], "too_slow"),
        ([2.3, 1.5, 0.9, 0.5, 0.3, 0.2], "ok"),
        ([2.3, 1.0, 0.2, 0.05, 0.02, 0.02, 0.02], "ok"),
        ([0.0] * 5, "ok"),
        ([-1.0, -2, -3, -4, -5], "ok"),
    ],
)
def test_curves_are_labelled_by_their_shape(losses: list[Any], label: str) -> None:
    result = run(check="curve", losses=losses)
    assert result["numbers"]["label"] == label
    assert result["numbers"]["rule"]
    assert any("not a diagnosis" in note for note in result["notes"])
    json.dumps(result, allow_nan=False)
    assert bool(result["warnings"]) is (losses[-1] == -5)


@settings(deadline=None)
@given(st.lists(st.none() | st.floats(-1e12, 1e12), min_size=5, max_size=60))
def test_every_curve_has_a_label_with_candidates(losses: list[float | None]) -> None:
    result = run(check="curve", losses=losses)
    assert Label(result["numbers"]["label"]) in CANDIDATES
    assert result["table"]["rows"]
    assert (result["numbers"]["label"] == "nan") is (None in losses)


def test_a_hinge_loss_may_be_negative_without_a_warning_about_softmax() -> None:
    assert run(check="curve", losses=[1, 0, -1, -2, -3], loss="svm_hinge")["warnings"] == []


def test_overflow_is_a_result_with_a_warning() -> None:
    result = run(check="learning_rate", curvature=[1e6], lr=1e6, steps=1000)
    assert result["numbers"]["final_loss"] is None
    assert result["numbers"]["label"] == "diverging"
    assert "range of a float" in result["warnings"][0]
    json.dumps(result, allow_nan=False)


def test_a_start_that_hides_the_diverging_direction_is_pointed_out() -> None:
    result = run(check="learning_rate", curvature=[1, 10], lr=0.3, x0=[1, 0])
    assert result["numbers"]["label"] == "diverging"
    assert "does not show it" in result["warnings"][0]
    assert math.isfinite(run(check="learning_rate", x0=[0, 0])["numbers"]["final_loss"])


@pytest.mark.parametrize(
    ("arguments", "fault", "param"),
    [
        ({"check": "curve", "losses": [1, 2, 3, 4]}, Fault.OUT_OF_RANGE, "losses"),
        ({"check": "curve", "losses": [1.0] * 501}, Fault.TOO_BIG, "losses"),
        ({"losses": [1.0] * 5}, Fault.INCONSISTENT, "losses"),
        ({"curvature": [1, 2], "x0": [1]}, Fault.SHAPE_MISMATCH, "x0"),
        ({"curvature": [0]}, Fault.OUT_OF_RANGE, "curvature[0]"),
        ({"lr": -0.1}, Fault.OUT_OF_RANGE, "lr"),
        ({"check": "initial_loss", "n_classes": 1}, Fault.OUT_OF_RANGE, "n_classes"),
        ({"check": "update_ratio", "param_norm": 0}, Fault.OUT_OF_RANGE, "param_norm"),
        ({"check": "loss"}, Fault.OUT_OF_RANGE, "check"),
    ],
)
def test_what_cannot_be_checked_is_refused(arguments: dict[str, Any], fault: Fault, param: str) -> None:
    with pytest.raises(DemoError) as refused:
        run(**arguments)
    assert (refused.value.fault, refused.value.param) == (fault, param)
    assert refused.value.hint_zh


@pytest.mark.parametrize(
    ("question", "arguments"),
    [
        ("10分类刚开始loss应该是多少", {"check": "initial_loss", "n_classes": 10}),
        ("loss goes 2.3, 2.9, 8, 40, nan", {"check": "curve", "losses": [2.3, 2.9, 8, 40, None]}),
        ("学习率0.21会发散吗,曲率10", {"check": "learning_rate", "curvature": [10], "lr": 0.21}),
        ("1000类的 hinge loss 初始值", {"check": "initial_loss", "n_classes": 1000, "loss": "svm_hinge"}),
        (
            "lr=0.3, curvature 1, 10: does it diverge in 50 steps?",
            {"check": "learning_rate", "curvature": [1, 10], "lr": 0.3, "steps": 50},
        ),
        ("loss不收敛怎么办", {}),
    ],
)
def test_arguments_are_read_from_a_question(question: str, arguments: dict[str, Any]) -> None:
    found = read_question(read_facts(question))
    assert found == arguments
    run(**found)


@pytest.mark.parametrize(
    "question",
    [
        "GAN 训练不收敛怎么办",
        "牛顿法收敛速度",
        "逻辑回归的损失函数梯度",
        "训练loss不下降，是过拟合还是欠拟合",
        "学习率预热有什么好处",
        "KL divergence 是什么",
        "10分类的交叉熵怎么算",
    ],
)
def test_questions_about_something_else_are_left_alone(question: str) -> None:
    assert read_question(read_facts(question)) is None
