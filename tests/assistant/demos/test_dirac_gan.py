"""The Dirac-GAN against torch's gradients and Jacobians of the losses, and in questions."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import torch
from torch.nn.functional import logsigmoid

from assistant.demo_kit import registry
from assistant.demo_kit.question import read_facts
from assistant.demo_kit.types import DemoError, Fault
from assistant.demos.dirac_gan import read_question

OBJECTIVES = ("gan", "nsgan", "wgan")


def run(**arguments: Any) -> dict[str, Any]:
    return registry.run("dirac_gan", arguments).to_dict()


def field(objective: str, reg: float, at: torch.Tensor) -> torch.Tensor:
    """Return (θ', ψ'), down the generator's and up the discriminator's loss, by autograd."""
    theta, psi = at
    t = theta * psi
    # f(t) = −log(1 + e^−t): what the discriminator gains on the fake sample at θ; the real one at 0 is constant.
    value = t if objective == "wgan" else logsigmoid(t)
    generator_loss = -logsigmoid(-t) if objective == "nsgan" else value
    # The sign of the data term follows the paper: the discriminator ascends f(θψ) + f(0).
    discriminator_gain = value - reg / 2 * psi**2
    (down,) = torch.autograd.grad(generator_loss, theta, create_graph=True)
    (up,) = torch.autograd.grad(discriminator_gain, psi, create_graph=True)
    return torch.stack([-down, up])


@pytest.mark.parametrize("objective", OBJECTIVES)
@pytest.mark.parametrize("update", ["simultaneous", "alternating"])
@pytest.mark.parametrize(("reg", "d_steps"), [(0.0, 1), (0.3, 1), (0.3, 3)])
def test_the_run_is_gradient_steps_on_the_losses(
    objective: str, update: str, reg: float, d_steps: int
) -> None:
    d_steps = 1 if update == "simultaneous" else d_steps
    at = torch.tensor([1.0, -0.5], dtype=torch.float64)
    for _ in range(25):
        moved = at + 0.2 * field(objective, reg, at.detach().requires_grad_()).detach()
        if update == "simultaneous":
            at = moved
            continue
        at = torch.stack([moved[0], at[1]])
        for _ in range(d_steps):
            step = field(objective, reg, at.detach().requires_grad_()).detach()
            at = torch.stack([at[0], at[1] + 0.2 * step[1]])
    numbers = run(
        objective=objective, update=update, reg=reg, d_steps=d_steps, steps=25, theta0=1, psi0=-0.5
    )["numbers"]
    assert [numbers["theta"], numbers["psi"]] == pytest.approx(at.tolist(), rel=1e-9)
    assert numbers["radius"] == pytest.approx(float(at.norm()), rel=1e-9)


@pytest.mark.parametrize("objective", OBJECTIVES)
@pytest.mark.parametrize("reg", [0.0, 0.3, 1.0, 2.0, 5.0])
def test_eigenvalues_are_those_of_the_fields_jacobian(objective: str, reg: float) -> None:
    zero = torch.zeros(2, dtype=torch.float64)
    jacobian = torch.autograd.functional.jacobian(  # type: ignore[no-untyped-call]
        lambda at: field(objective, reg, at), zero
    )
    expected = sorted([v.real, abs(v.imag)] for v in np.linalg.eigvals(jacobian.numpy()))
    block = run(objective=objective, reg=reg, steps=1)["numbers"]["eigenvalues"]
    np.testing.assert_allclose(sorted(block["re_im"]), expected, atol=1e-7)
    assert block["critical_gamma"] == (2 if objective == "wgan" else 1)


@pytest.mark.parametrize("lr", [0.1, 1.0, 3.9])
def test_alternating_stays_on_the_unit_circle_while_h_is_below_four(lr: float) -> None:
    assert run(update="alternating", lr=lr, steps=1)["numbers"]["step_factor"]["abs_eig"] == pytest.approx(1)
    outward = run(lr=lr, steps=1)["numbers"]["step_factor"]["abs_eig"]
    assert outward == pytest.approx(math.hypot(1, lr / 2))


def test_alternating_beyond_four_leaves_it() -> None:
    assert run(update="alternating", lr=5, steps=1)["numbers"]["step_factor"]["abs_eig"] == pytest.approx(4)


def test_the_bilinear_game_grows_by_a_known_factor() -> None:
    numbers = run(objective="wgan", lr=0.1, steps=100)["numbers"]
    assert numbers["radius"] == pytest.approx(math.sqrt(2) * 1.01**50, rel=1e-12)


@pytest.mark.parametrize(
    ("arguments", "verdict"),
    [
        ({}, "diverges"),
        ({"update": "alternating"}, "orbits"),
        ({"update": "alternating", "reg": 0.3}, "converges"),
        ({"objective": "nsgan"}, "slow"),
        ({"objective": "wgan"}, "diverges"),
        ({"objective": "wgan", "update": "alternating"}, "orbits"),
        ({"theta0": 0, "psi0": 0}, "converges"),
    ],
)
def test_each_run_gets_its_verdict(arguments: dict[str, Any], verdict: str) -> None:
    assert run(**arguments)["numbers"]["verdict"] == verdict


def test_a_run_that_overflows_stops_and_says_so() -> None:
    result = run(objective="wgan", lr=10, steps=5000)
    assert result["numbers"]["verdict"] == "diverges"
    assert "Diverged" in result["warnings"][0]
    assert math.isfinite(result["numbers"]["radius"])


def test_both_updates_are_reported_side_by_side() -> None:
    both = run()["numbers"]["radius_by_update"]
    assert both == {
        "simultaneous": run()["numbers"]["radius"],
        "alternating": run(update="alternating")["numbers"]["radius"],
    }


@pytest.mark.parametrize(
    ("arguments", "fault", "param"),
    [
        ({"d_steps": 2}, Fault.INCONSISTENT, "d_steps"),
        ({"lr": 0}, Fault.OUT_OF_RANGE, "lr"),
        ({"lr": 11}, Fault.OUT_OF_RANGE, "lr"),
        ({"steps": 5001}, Fault.OUT_OF_RANGE, "steps"),
        ({"reg": -1}, Fault.OUT_OF_RANGE, "reg"),
        ({"objective": "lsgan"}, Fault.OUT_OF_RANGE, "objective"),
        ({"theta0": float("inf")}, Fault.NOT_FINITE, "theta0"),
        ({"update": True}, Fault.WRONG_TYPE, "update"),
    ],
)
def test_what_is_no_game_is_refused(arguments: dict[str, Any], fault: Fault, param: str) -> None:
    with pytest.raises(DemoError) as error:
        run(**arguments)
    assert (error.value.fault, error.value.param) == (fault, param)


@pytest.mark.parametrize(
    ("question", "arguments"),
    [
        ("GAN为什么不收敛，同时更新和交替更新", {}),
        ("Dirac GAN with R1 0.3", {"reg": 0.3}),
        ("Dirac GAN with R1 0.3, alternating", {"reg": 0.3, "update": "alternating"}),
        ("WGAN 学习率0.1 走100步 会收敛吗", {"objective": "wgan", "lr": 0.1, "steps": 100}),
        ("why do GANs oscillate", {}),
        ("非饱和GAN交替更新会收敛吗", {"objective": "nsgan", "update": "alternating"}),
    ],
)
def test_arguments_are_read_from_a_question(question: str, arguments: dict[str, Any]) -> None:
    assert read_question(read_facts(question)) == arguments
    run(**arguments)


@pytest.mark.parametrize(
    "question",
    [
        "GAN的损失函数是什么",
        "GAN和VAE的区别",
        "GAN的模式崩溃为什么不收敛",
        "训练不收敛怎么办",
        "Adam会收敛吗",
        "elegant solutions converge",
        "",
    ],
)
def test_questions_about_something_else_are_left_alone(question: str) -> None:
    assert read_question(read_facts(question)) is None
