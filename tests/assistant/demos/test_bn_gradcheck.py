"""The gradient check of batch normalisation: against autograd, with forgotten paths, over steps; and in questions."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.demo_kit import registry
from assistant.demo_kit.question import read_facts
from assistant.demo_kit.types import DemoError, Fault
from assistant.demos.bn_gradcheck import read_question


def run(**arguments: Any) -> dict[str, Any]:
    return registry.run("bn_gradcheck", arguments).to_dict()


def loss(
    x: torch.Tensor, frozen: tuple[str, ...], upstream: torch.Tensor, gamma: torch.Tensor
) -> torch.Tensor:
    """Return the loss with the statistics in `frozen` cut off from the graph."""
    mean, var = x.mean(0), x.var(0, unbiased=False)
    mean = mean.detach() if "mean" in frozen else mean
    var = var.detach() if "var" in frozen else var
    return (upstream * gamma * (x - mean) / torch.sqrt(var + 1e-5)).sum()


@settings(deadline=None)
@given(
    seed=st.integers(0, 2**31 - 1),
    samples=st.integers(3, 10),
    features=st.integers(1, 4),
    formula=st.sampled_from(
        [("correct", ()), ("ignore_var", ("var",)), ("ignore_mean_var", ("mean", "var"))]
    ),
)
def test_each_formula_is_autograd_with_that_path_detached(
    seed: int, samples: int, features: int, formula: tuple[str, tuple[str, ...]]
) -> None:
    random = np.random.default_rng(seed)
    values, upstream = random.normal(size=(2, samples, features))
    gamma = random.uniform(0.5, 2, size=features)
    x = torch.tensor(values, requires_grad=True)
    loss(x, formula[1], torch.tensor(upstream), torch.tensor(gamma)).backward()  # type: ignore[no-untyped-call]
    numbers = run(x=values, dout=upstream, gamma=gamma, formula=formula[0])["numbers"]
    assert x.grad is not None
    np.testing.assert_allclose(numbers["analytic"], x.grad.numpy(), rtol=1e-9, atol=1e-9)
    whole = sum(np.array(part) for part in numbers["paths"].values())
    np.testing.assert_allclose(numbers["numeric"], whole, rtol=1e-4, atol=1e-6)


def test_the_right_formula_passes_and_the_others_do_not() -> None:
    right = run()
    assert right["numbers"]["pass"] is True
    assert right["numbers"]["max_rel_error"] < 1e-8
    assert right["warnings"] == []
    for formula in ("ignore_var", "ignore_mean_var"):
        wrong = run(formula=formula)["numbers"]
        assert wrong["pass"] is False
        assert wrong["max_rel_error"] > 0.01


def test_the_error_over_the_step_is_v_shaped() -> None:
    by_step = run()["numbers"]["by_step"]
    errors = by_step["max_rel_error"]
    best = int(np.argmin(errors))
    assert by_step["h"][0] == 0.01
    assert 0 < best < len(errors) - 1
    assert errors[0] > 10 * errors[best] < errors[-1]


@pytest.mark.parametrize("h", [1e-2, 1e-8])
def test_a_bad_step_is_blamed_and_not_the_formula(h: float) -> None:
    result = run(h=h)
    assert result["numbers"]["pass"] is False
    assert "formula is right" in result["warnings"][0]


def test_gradients_of_zero_agree_within_rounding() -> None:
    result = run(x=[[1], [2], [5]], dout=[[3], [3], [3]])
    assert result["numbers"]["pass"] is True
    assert any("within rounding" in note for note in result["notes"])


def test_a_mistake_that_these_numbers_cannot_show_is_pointed_out() -> None:
    # dout = x̂² is even and x̂ odd, so the path through the variance is 0.
    result = run(x=[[-2], [-1], [1], [2]], dout=[[4], [1], [1], [4]], formula="ignore_var")
    assert result["numbers"]["pass"] is True
    assert "cannot see" in result["warnings"][0]


@pytest.mark.parametrize(
    ("arguments", "fault", "param"),
    [
        ({"h": 1e-9}, Fault.OUT_OF_RANGE, "h"),
        ({"h": 0.1}, Fault.OUT_OF_RANGE, "h"),
        ({"x": [[1, 2]]}, Fault.OUT_OF_RANGE, "x"),
        ({"dout": [[1]]}, Fault.SHAPE_MISMATCH, "dout"),
        ({"gamma": [1, 2, 3]}, Fault.SHAPE_MISMATCH, "gamma"),
        ({"formula": "ignore_mean"}, Fault.OUT_OF_RANGE, "formula"),
        ({"eps": -1}, Fault.OUT_OF_RANGE, "eps"),
    ],
)
def test_what_cannot_be_checked_is_refused(arguments: dict[str, Any], fault: Fault, param: str) -> None:
    with pytest.raises(DemoError) as refused:
        run(**arguments)
    assert (refused.value.fault, refused.value.param) == (fault, param)
    assert "ounding" in refused.value.hint_en or arguments != {"h": 1e-9}


@pytest.mark.parametrize(
    ("question", "arguments"),
    [
        ("BN反向推导对不对，数值检验一下", {}),
        ("what if I forget the variance path", {"formula": "ignore_var"}),
        ("BN 反向传播时忽略方差的梯度会怎样", {"formula": "ignore_var"}),
        (
            "batch norm backward: treat mean and variance gradient as ignored? I ignore both",
            {"formula": "ignore_mean_var"},
        ),
        ("gradient check of BN with h=1e-4", {"h": 1e-4}),
        ("BN 梯度检验 [[1],[2],[4]]", {"x": [[1], [2], [4]]}),
    ],
)
def test_arguments_are_read_from_a_question(question: str, arguments: dict[str, Any]) -> None:
    found = read_question(read_facts(question))
    assert found == arguments
    run(**found)


@pytest.mark.parametrize(
    "question",
    [
        "BN层的反向传播推导",
        "BN 的作用",
        "卷积层的梯度检验怎么做",
        "偏差和方差的区别",
        "BN 推理时的均值和方差从哪来",
        "forget gate 的作用",
        "",
    ],
)
def test_questions_about_something_else_are_left_alone(question: str) -> None:
    assert read_question(read_facts(question)) is None
