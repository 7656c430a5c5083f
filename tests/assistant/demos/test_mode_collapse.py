"""Mode collapse against torch's gradients of the game and its linearisation, and in questions."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.func import grad, jacrev
from torch.nn.functional import logsigmoid

from assistant.demo_kit import registry
from assistant.demo_kit.question import read_facts
from assistant.demo_kit.types import DemoError, Fault
from assistant.demos.mode_collapse import read_question


def run(**arguments: Any) -> dict[str, Any]:
    return registry.run("mode_collapse", arguments).to_dict()


def one_round(
    at: torch.Tensor, k: int, g_steps: int = 1, d_steps: int = 1, lr_g: float = 1.0, lr_d: float = 1.0
) -> torch.Tensor:
    """Return logits and scores after a round, by autograd on the two objectives."""
    logits, scores = at[:k], at[k:]
    for _ in range(d_steps):
        fake = logits.softmax(0)
        up = grad(lambda s, q: (logsigmoid(s) / k + q * logsigmoid(-s)).sum())(scores, fake)
        scores = scores + lr_d * up
    for _ in range(g_steps):
        logits = logits + lr_g * grad(lambda x, s: (x.softmax(0) * s).sum())(logits, scores)
    return torch.cat([logits, scores])


@pytest.mark.parametrize(
    ("k", "g_steps", "d_steps", "lr_g", "lr_d"),
    [(4, 1, 1, 1, 1), (3, 7, 2, 3, 4), (8, 30, 1, 1, 2)],
)
def test_rounds_are_exact_gradient_steps(
    k: int, g_steps: int, d_steps: int, lr_g: float, lr_d: float
) -> None:
    at = torch.cat([torch.linspace(-0.01, 0.01, k), torch.zeros(k)]).double()
    shares = []
    for _ in range(10):
        at = one_round(at, k, g_steps, d_steps, lr_g, lr_d)
        shares.append(at[:k].softmax(0).tolist())
    result = run(n_modes=k, g_steps=g_steps, d_steps=d_steps, lr_g=lr_g, lr_d=lr_d, steps=10)
    found = np.array([series["y"] for series in result["plot"]["series"]]).T
    # torch.linspace starts in float32.
    np.testing.assert_allclose(found, shares, rtol=1e-4)
    entropy = -(found[-1] * np.log(found[-1])).sum()
    assert result["numbers"]["final_effective_modes"] == pytest.approx(np.exp(entropy))


@settings(deadline=None, max_examples=15)
@given(
    k=st.integers(2, 6),
    g_steps=st.integers(1, 12),
    d_steps=st.integers(1, 3),
    lr_d=st.floats(0.1, 10),
    lr_g=st.floats(0.1, 10),
)
def test_the_round_factor_is_the_spectral_radius_of_a_round(
    k: int, g_steps: int, d_steps: int, lr_d: float, lr_g: float
) -> None:
    start = torch.zeros(2 * k, dtype=torch.float64)
    jacobian = jacrev(lambda at: one_round(at, k, g_steps, d_steps, lr_g, lr_d))(start)
    # Shifting all logits changes nothing and all scores together only decay: both are projected away.
    centre = np.eye(k) - 1 / k
    project = np.kron(np.eye(2), centre)
    expected = np.abs(np.linalg.eigvals(project @ jacobian.numpy() @ project)).max()
    numbers = run(n_modes=k, g_steps=g_steps, d_steps=d_steps, lr_g=lr_g, lr_d=lr_d, steps=10)["numbers"]
    assert numbers["round_factor"] == pytest.approx(expected, rel=1e-6)
    threshold = numbers["threshold"]
    if d_steps == 1 and abs(threshold["gain"] - threshold["limit"]) > 1e-6:
        assert numbers["predicted_unstable"] == (threshold["gain"] > threshold["limit"])


def test_a_thousand_generator_steps_collapse_and_hop_where_one_or_two_hundred_do_not() -> None:
    for g_steps in (1, 200):
        calm = run(g_steps=g_steps)["numbers"]
        assert (calm["collapsed"], calm["predicted_unstable"]) == (False, False)
        assert calm["min_effective_modes"] == pytest.approx(8, abs=0.005)
    wild = run(g_steps=1000)["numbers"]
    assert (wild["collapsed"], wild["predicted_unstable"]) == (True, True)
    assert wild["min_effective_modes"] == pytest.approx(1.006, abs=0.005)
    assert wild["modes_visited"] == 8
    assert wild["hops"] > 200


def test_the_most_violent_game_stays_finite() -> None:
    for k in (2, 32):
        numbers = run(n_modes=k, g_steps=100, d_steps=100, lr_g=20, lr_d=20, steps=100)["numbers"]
        assert 1 - 1e-9 <= numbers["min_effective_modes"] <= k
        assert all(value is not None for name, value in numbers.items() if name != "critical_g_steps")


@pytest.mark.parametrize(
    ("arguments", "fault", "param"),
    [
        ({"g_steps": 5000, "steps": 1000}, Fault.TOO_BIG, "g_steps"),
        ({"n_modes": 1}, Fault.OUT_OF_RANGE, "n_modes"),
        ({"n_modes": 33}, Fault.OUT_OF_RANGE, "n_modes"),
        ({"lr_d": 0}, Fault.OUT_OF_RANGE, "lr_d"),
        ({"lr_g": 21}, Fault.OUT_OF_RANGE, "lr_g"),
        ({"steps": 9}, Fault.OUT_OF_RANGE, "steps"),
        ({"g_steps": 1.5}, Fault.WRONG_TYPE, "g_steps"),
        ({"seed": 0}, Fault.UNKNOWN_ARG, "seed"),
    ],
)
def test_what_is_no_game_or_takes_too_long_is_refused(
    arguments: dict[str, Any], fault: Fault, param: str
) -> None:
    with pytest.raises(DemoError) as error:
        run(**arguments)
    assert (error.value.fault, error.value.param) == (fault, param)


@pytest.mark.parametrize(
    ("question", "arguments"),
    [
        ("模式坍塌演示，生成器每轮更新1000步", {"g_steps": 1000}),
        ("why does the generator hop between modes", {}),
        ("GAN的模式崩溃是什么", {}),
        ("mode collapse with 16 modes and 1000 generator steps", {"n_modes": 16, "g_steps": 1000}),
        ("模式坍塌：判别器走5步，8个模式", {"d_steps": 5, "n_modes": 8}),
        ("mode collapse with 5000 generator steps", {"g_steps": 5000, "steps": 100}),
    ],
)
def test_arguments_are_read_from_a_question(question: str, arguments: dict[str, Any]) -> None:
    assert read_question(read_facts(question)) == arguments


@pytest.mark.parametrize(
    "question",
    [
        "GAN为什么不收敛",
        "FID怎么算",
        "训练模式和推理模式的区别",
        "VQ-VAE的码本坍塌",
        "奖励黑客和模式坍缩",
        "梯度消失",
        "generator的结构",
        "",
    ],
)
def test_questions_about_something_else_are_left_alone(question: str) -> None:
    assert read_question(read_facts(question)) is None
