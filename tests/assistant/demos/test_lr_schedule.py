"""Learning-rate schedules against torch.optim.lr_scheduler, at their corners, and in questions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.optim import lr_scheduler

from assistant.demo_kit import registry
from assistant.demo_kit.question import read_facts
from assistant.demo_kit.types import DemoError, Fault
from assistant.demos.lr_schedule import read_question

rates, lengths, gammas = st.floats(1e-4, 10), st.integers(2, 60), st.floats(0.05, 1)


def run(**arguments: Any) -> dict[str, Any]:
    return registry.run("lr_schedule", arguments).to_dict()


def by_torch(make: Callable[[torch.optim.Optimizer], Any], lr: float, steps: int) -> list[float]:
    """Return the rates before every step and after the last."""
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=lr)
    scheduler = make(optimizer)
    rates = [optimizer.param_groups[0]["lr"]]
    for _ in range(steps):
        optimizer.step()
        scheduler.step()
        rates.append(optimizer.param_groups[0]["lr"])
    return [float(rate) for rate in rates]


def check(numbers: dict[str, Any], expected: list[float], lr: float) -> None:
    np.testing.assert_allclose(numbers["lr"], expected, rtol=1e-7, atol=1e-9 * lr)
    assert numbers["mean"] == pytest.approx(np.mean(expected))


@given(lr=rates, steps=lengths, gamma=gammas, every=st.integers(1, 20))
def test_step_decay_is_torchs_steplr(lr: float, steps: int, gamma: float, every: int) -> None:
    expected = by_torch(lambda o: lr_scheduler.StepLR(o, every, gamma), lr, steps)
    check(run(schedule="step", lr=lr, steps=steps, gamma=gamma, every=every)["numbers"], expected, lr)


@given(lr=rates, steps=lengths, gamma=gammas, milestones=st.lists(st.integers(1, 60), min_size=1, max_size=5))
def test_milestones_are_torchs_multisteplr(
    lr: float, steps: int, gamma: float, milestones: list[int]
) -> None:
    expected = by_torch(lambda o: lr_scheduler.MultiStepLR(o, milestones, gamma), lr, steps)
    numbers = run(schedule="step", lr=lr, steps=steps, gamma=gamma, milestones=milestones)["numbers"]
    check(numbers, expected, lr)


@given(lr=rates, steps=lengths, gamma=gammas)
def test_exponential_decay_is_torchs(lr: float, steps: int, gamma: float) -> None:
    expected = by_torch(lambda o: lr_scheduler.ExponentialLR(o, gamma), lr, steps)
    check(run(schedule="exponential", lr=lr, steps=steps, gamma=gamma)["numbers"], expected, lr)


@given(lr=rates, steps=lengths, share=st.floats(0, 1))
def test_cosine_annealing_is_torchs(lr: float, steps: int, share: float) -> None:
    expected = by_torch(lambda o: lr_scheduler.CosineAnnealingLR(o, steps, eta_min=share * lr), lr, steps)
    check(run(lr=lr, steps=steps, floor=share * lr)["numbers"], expected, lr)


@given(lr=rates, warmup=st.integers(1, 20), fall=lengths, share=st.floats(0.01, 1))
def test_warm_up_is_torchs_linearlr_and_cosine_follows(
    lr: float, warmup: int, fall: int, share: float
) -> None:
    def make(optimizer: torch.optim.Optimizer) -> Any:
        rising = lr_scheduler.LinearLR(optimizer, start_factor=share, total_iters=warmup)
        return lr_scheduler.SequentialLR(
            optimizer, [rising, lr_scheduler.CosineAnnealingLR(optimizer, fall)], [warmup]
        )

    numbers = run(schedule="warmup_cosine", lr=lr, steps=warmup + fall, warmup=warmup, start=share * lr)[
        "numbers"
    ]
    check(numbers, by_torch(make, lr, warmup + fall), lr)


@given(lr=rates, steps=st.integers(4, 60), data=st.data())
def test_one_cycle_is_torchs_with_its_peak_at_the_end_of_warm_up(
    lr: float, steps: int, data: st.DataObject
) -> None:
    warmup = data.draw(st.integers(1, steps - 1))
    share = (warmup + 1) / (steps + 1)
    expected = by_torch(
        lambda o: lr_scheduler.OneCycleLR(
            o, max_lr=lr, total_steps=steps + 1, pct_start=share, cycle_momentum=False
        ),
        lr,
        steps,
    )
    numbers = run(schedule="one_cycle", lr=lr, steps=steps, warmup=warmup)["numbers"]
    check(numbers, expected, lr)
    assert numbers["lr"][warmup] == numbers["peak"] == pytest.approx(lr)


def test_the_rates_asked_for_are_given_in_that_order() -> None:
    numbers = run(at=[75, 0, 50])["numbers"]
    np.testing.assert_allclose(numbers["lr_at"], [0.05 * (1 - np.sqrt(0.5)), 0.1, 0.05])
    assert numbers["mean"] == pytest.approx(0.05)


def test_defaults_depend_on_the_schedule() -> None:
    assert (
        run(schedule="step")["args_used"] | {"gamma": 0.1, "every": 30} == run(schedule="step")["args_used"]
    )
    assert run(schedule="step", milestones=[50])["args_used"]["every"] is None
    used = run(schedule="one_cycle", lr=1)["args_used"]
    assert (used["warmup"], used["start"], used["floor"]) == (30, 0.04, pytest.approx(4e-6))
    assert run(schedule="warmup_cosine", warmup=0)["numbers"]["lr"] == run()["numbers"]["lr"]


def test_a_floor_above_the_rate_is_warned_of() -> None:
    assert "rises" in run(floor=1)["warnings"][0]
    assert run()["warnings"] == []


@pytest.mark.parametrize(
    ("arguments", "fault", "param"),
    [
        ({"gamma": 0.5}, Fault.INCONSISTENT, "gamma"),
        ({"schedule": "step", "floor": 0}, Fault.INCONSISTENT, "floor"),
        ({"schedule": "step", "every": 3, "milestones": [3]}, Fault.INCONSISTENT, "every"),
        ({"schedule": "warmup_cosine", "warmup": 100}, Fault.INCONSISTENT, "warmup"),
        ({"at": [101]}, Fault.OUT_OF_RANGE, "at"),
        ({"steps": 0}, Fault.OUT_OF_RANGE, "steps"),
        ({"lr": 0}, Fault.OUT_OF_RANGE, "lr"),
        ({"schedule": "linear"}, Fault.OUT_OF_RANGE, "schedule"),
    ],
)
def test_arguments_that_do_not_fit_are_refused(arguments: dict[str, Any], fault: Fault, param: str) -> None:
    with pytest.raises(DemoError) as error:
        run(**arguments)
    assert (error.value.fault, error.value.param) == (fault, param)


@pytest.mark.parametrize(
    ("question", "arguments"),
    [
        ("余弦退火，初始学习率 0.2，共 90 个 epoch", {"schedule": "cosine", "lr": 0.2, "steps": 90}),
        (
            "step decay 学习率 0.1 每 30 个 epoch 乘 0.1，90 个 epoch",
            {"schedule": "step", "lr": 0.1, "every": 30, "gamma": 0.1, "steps": 90},
        ),
        (
            "warmup 5 个 epoch 再余弦退火，lr 3.2，共 90 个 epoch",
            {"schedule": "warmup_cosine", "lr": 3.2, "warmup": 5, "steps": 90},
        ),
        ("one-cycle lr 0.4, 100 steps", {"schedule": "one_cycle", "lr": 0.4, "steps": 100}),
        ("学习率指数衰减 γ=0.9", {"schedule": "exponential", "gamma": 0.9}),
        ("常用的学习率调度有哪些", {}),
        ("余弦退火和 step decay 哪个好", {}),
    ],
)
def test_arguments_are_read_from_a_question(question: str, arguments: dict[str, Any]) -> None:
    assert read_question(read_facts(question)) == arguments
    run(**arguments)


@pytest.mark.parametrize(
    "question",
    [
        "学习率预热有什么好处",
        "学习率 0.21 会发散吗",
        "EMA 的指数衰减系数",
        "权重衰减和学习率衰减的区别",
        "Adam 的学习率取多少",
        "为什么 Transformer 离不开 warmup 4000 步的学习率",
    ],
)
def test_questions_about_something_else_are_left_alone(question: str) -> None:
    assert read_question(read_facts(question)) is None
