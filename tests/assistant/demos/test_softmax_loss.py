"""Softmax losses against torch: cross-entropy with smoothing, focal loss and distillation with autograd."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st

from assistant.demo_kit import registry
from assistant.demo_kit.question import read_facts
from assistant.demo_kit.types import DemoError, Fault
from assistant.demos.softmax_loss import read_question

scores = st.lists(st.floats(-20, 20), min_size=2, max_size=8)
temperatures = st.floats(0.1, 50)


def run(**arguments: Any) -> dict[str, Any]:
    return registry.run("softmax_loss", arguments).to_dict()


def check(numbers: dict[str, Any], loss: torch.Tensor, logits: torch.Tensor) -> None:
    loss.backward()  # type: ignore[no-untyped-call]
    assert logits.grad is not None
    assert numbers["loss"] == pytest.approx(float(loss.detach()), rel=1e-8, abs=1e-10)
    np.testing.assert_allclose(numbers["gradient"], logits.grad.numpy(), rtol=1e-7, atol=1e-10)
    assert numbers["gradient_norm"] == pytest.approx(float(logits.grad.norm()), abs=1e-10)


def leaf(values: list[float]) -> torch.Tensor:
    return torch.tensor(values, dtype=torch.float64, requires_grad=True)


@given(logits=scores, temperature=temperatures, epsilon=st.floats(0, 1), at=st.integers(0, 7))
def test_smoothed_cross_entropy_is_that_of_torch(
    logits: list[float], temperature: float, epsilon: float, at: int
) -> None:
    z, target = leaf(logits), at % len(logits)
    loss = F.cross_entropy(z / temperature, torch.tensor(target), label_smoothing=epsilon)
    numbers = run(logits=logits, target=target, temperature=temperature, label_smoothing=epsilon)["numbers"]
    check(numbers, loss, z)
    assert sum(numbers["labels"]) == pytest.approx(1)
    assert numbers["loss"] >= numbers["least_loss"] - 1e-12


@given(logits=scores, gamma=st.floats(0, 5), alpha=st.floats(0.05, 1), at=st.integers(0, 7))
def test_focal_loss_and_its_gradient_are_those_of_autograd(
    logits: list[float], gamma: float, alpha: float, at: int
) -> None:
    z, target = leaf(logits), at % len(logits)
    others = [i for i in range(len(logits)) if i != target]
    log_p = F.log_softmax(z, 0)
    # The share of the others and not 1 − p, which rounds to 0 for a sure prediction.
    loss = -alpha * torch.exp(gamma * torch.logsumexp(log_p[others], 0)) * log_p[target]
    check(run(logits=logits, target=target, loss="focal", gamma=gamma, alpha=alpha)["numbers"], loss, z)


@given(pair=st.integers(2, 8).flatmap(lambda k: st.tuples(*[st.lists(st.floats(-9, 9), min_size=k, max_size=k)] * 2)),
       temperature=temperatures)  # fmt: skip
def test_distillation_is_torchs_kl_times_t_squared(
    pair: tuple[list[float], list[float]], temperature: float
) -> None:
    student, teacher = leaf(pair[0]), torch.tensor(pair[1], dtype=torch.float64)
    kl = F.kl_div(
        F.log_softmax(student / temperature, 0),
        F.log_softmax(teacher / temperature, 0),
        reduction="sum",
        log_target=True,
    )
    numbers = run(logits=pair[0], teacher=pair[1], temperature=temperature)["numbers"]
    assert numbers["kl"] == pytest.approx(float(kl.detach()), rel=1e-6, abs=1e-12)
    (kl * temperature**2).backward()  # type: ignore[no-untyped-call]
    assert student.grad is not None
    np.testing.assert_allclose(numbers["gradient"], student.grad.numpy(), rtol=1e-6, atol=1e-9 * temperature)


def test_the_sigmoid_focal_loss_of_an_easy_and_a_hard_sample() -> None:
    easy = run(p=[0.9, 0.1], gamma=2)["numbers"]
    assert easy["loss"] == pytest.approx(0.01 * -math.log(0.9))
    z = leaf([math.log(9)])
    loss = (1 - torch.sigmoid(z)) ** 2 * F.softplus(-z)
    loss.backward()  # type: ignore[no-untyped-call]
    assert z.grad is not None
    assert easy["gradient"][0] == pytest.approx(float(z.grad))
    assert easy["ce_gradient"][0] == pytest.approx(-0.1)


def test_the_least_loss_under_smoothing_is_the_entropy_of_the_labels() -> None:
    best = [math.log(0.91), *[math.log(0.01)] * 9]
    numbers = run(logits=best, label_smoothing=0.1)["numbers"]
    assert numbers["least_loss"] == pytest.approx(-0.91 * math.log(0.91) - 0.09 * math.log(0.01))
    assert numbers["loss"] == pytest.approx(numbers["least_loss"])
    np.testing.assert_allclose(numbers["gradient"], 0, atol=1e-12)


def test_what_is_meant_is_found_out_from_the_arguments() -> None:
    assert run()["args_used"] | {"target": 0, "loss": "ce", "label_smoothing": 0} == run()["args_used"]
    assert run(alpha=0.25)["args_used"]["loss"] == "focal"
    assert run(alpha=0.25)["args_used"]["gamma"] == 2
    assert run(teacher=[3, 2, 1])["args_used"]["loss"] == "distillation"


def test_large_logits_neither_overflow_nor_lose_their_loss() -> None:
    numbers = run(logits=[1000, 1001, 1002])["numbers"]
    np.testing.assert_allclose(numbers["probabilities"], np.exp([-2, -1, 0]) / np.exp([-2, -1, 0]).sum())
    assert run(logits=[-5000, 5000])["numbers"]["loss"] == pytest.approx(10_000)
    for gap in (30, 400, 710, 744, 5000):
        for gamma in (0, 0.1, 0.5, 2):
            numbers = run(logits=[gap, 0], gamma=gamma)["numbers"]
            # Near certainty cross-entropy is the others' share r, and focal loss r^(1 + γ).
            rest = math.exp(-gap)
            assert numbers["gradient"][1] == pytest.approx(
                (1 + gamma) * rest ** (1 + gamma), rel=1e-9, abs=1e-300
            )


@pytest.mark.parametrize(
    ("arguments", "fault", "param"),
    [
        ({"logits": [1, 2], "p": [0.5, 0.5]}, Fault.INCONSISTENT, "p"),
        ({"p": [0.5, 0.6]}, Fault.INCONSISTENT, "p"),
        ({"target": 3}, Fault.INCONSISTENT, "target"),
        ({"teacher": [1, 2]}, Fault.INCONSISTENT, "teacher"),
        ({"loss": "distillation"}, Fault.INCONSISTENT, "teacher"),
        ({"loss": "ce", "gamma": 2}, Fault.INCONSISTENT, "gamma"),
        ({"gamma": 2, "label_smoothing": 0.1}, Fault.INCONSISTENT, "label_smoothing"),
        ({"teacher": [1, 2, 3], "target": 0}, Fault.INCONSISTENT, "target"),
        ({"temperature": 0}, Fault.OUT_OF_RANGE, "temperature"),
        ({"label_smoothing": 1.1}, Fault.OUT_OF_RANGE, "label_smoothing"),
        ({"logits": [1]}, Fault.OUT_OF_RANGE, "logits"),
    ],
)
def test_arguments_that_do_not_fit_are_refused(arguments: dict[str, Any], fault: Fault, param: str) -> None:
    with pytest.raises(DemoError) as error:
        run(**arguments)
    assert (error.value.fault, error.value.param) == (fault, param)


@pytest.mark.parametrize(
    ("question", "arguments"),
    [
        ("label smoothing 是什么", {}),
        (
            "label smoothing 0.1, logits [2,1,0], class 0",
            {"logits": [2, 1, 0], "target": 0, "label_smoothing": 0.1},
        ),
        ("focal loss γ=2 α=0.25 p=0.9", {"loss": "focal", "gamma": 2, "alpha": 0.25, "p": [0.9, 0.1]}),
        ("蒸馏温度 T=4", {"temperature": 4, "teacher": [5, 1, -6], "logits": [0, 0, 0]}),
        (
            "蒸馏，教师 [3,1]，学生 [1,1]，温度 2",
            {"temperature": 2, "teacher": [3, 1], "logits": [1, 1]},
        ),
        ("softmax 温度为 0.5，logits [2,1,0]", {"temperature": 0.5, "logits": [2, 1, 0]}),
    ],
)
def test_arguments_are_read_from_a_question(question: str, arguments: dict[str, Any]) -> None:
    assert read_question(read_facts(question)) == arguments
    run(**arguments)


@pytest.mark.parametrize(
    "question",
    [
        "为什么分类用交叉熵不用 MSE",
        "softmax 的梯度怎么推导，logits [2,1,0]",
        "GAN 里 label smoothing 有什么用",
        "对比学习的温度系数",
        "注意力的 softmax 为什么要除以温度",
        "label smoothing 和知识蒸馏有什么关系",
        "模拟退火的温度",
    ],
)
def test_questions_about_something_else_are_left_alone(question: str) -> None:
    assert read_question(read_facts(question)) is None
