"""The variance shift of dropout before BN: by formula, by simulation, by brute force, and in questions."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from assistant.demo_kit import registry
from assistant.demo_kit.question import read_facts
from assistant.demo_kit.types import DemoError, Fault
from assistant.demos.dropout_bn_shift import read_question


def run(**arguments: Any) -> dict[str, Any]:
    return registry.run("dropout_bn_shift", arguments).to_dict()


def refusal(**arguments: Any) -> tuple[Fault, str]:
    with pytest.raises(DemoError) as error:
        run(**arguments)
    return error.value.fault, error.value.param


def test_torch_dropout_shifts_the_variance_as_the_formula_says() -> None:
    generator = torch.manual_seed(0)
    x = 0.7 + 1.5 * torch.randn(400_000, generator=generator, dtype=torch.float64)
    dropped = torch.nn.functional.dropout(x, p=0.3)
    numbers = run(p_keep=0.7, mean=0.7, var=2.25)["numbers"]
    assert numbers["var_train"] == pytest.approx(float(dropped.var()), rel=0.01)
    assert numbers["ratio"] == pytest.approx(float(x.var() / dropped.var()), rel=0.01)


@pytest.mark.parametrize(("p", "ratio"), [(0.5, 0.5), (0.7, 0.7), (1.0, 1.0)])
def test_without_a_mean_the_ratio_is_the_keep_probability(p: float, ratio: float) -> None:
    assert run(p_keep=p)["numbers"]["ratio"] == pytest.approx(ratio, rel=1e-12)


def test_a_convolution_of_correlated_inputs_has_the_exact_variance_of_its_covariance_matrix() -> None:
    d, rho, v, c, p, cos2 = 8, 0.3, 1.7, 0.4, 0.6, 0.5
    ones = np.ones(d) / np.sqrt(d)
    across = np.zeros(d)
    across[:2] = np.sqrt(0.5), -np.sqrt(0.5)
    w = np.sqrt(cos2) * ones + np.sqrt(1 - cos2) * across
    covariance = v * ((1 - rho) * np.eye(d) + rho * np.ones((d, d)))
    dropped = covariance + np.eye(d) * ((c**2 + v) / p - c**2 - v)
    numbers = run(order="dropout-conv-bn", d=d, corr=rho, var=v, mean=c, p_keep=p, cos2=cos2)["numbers"]
    assert numbers["var_test"] == pytest.approx(w @ covariance @ w, rel=1e-12)
    assert numbers["var_train"] == pytest.approx(w @ dropped @ w, rel=1e-12)


@given(
    p=st.floats(0.2, 1),
    mean=st.floats(-1, 1),
    var=st.floats(0.1, 5),
    order=st.sampled_from(["dropout-bn", "dropout-conv-bn", "bn-then-dropout"]),
    d=st.integers(2, 64),
    corr=st.floats(0, 0.9),
    cos2=st.floats(0.05, 1),
    seed=st.integers(0, 1000),
)
def test_the_simulation_agrees_with_the_formula(
    p: float, mean: float, var: float, order: str, d: int, corr: float, cos2: float, seed: int
) -> None:
    numbers = run(
        p_keep=p, mean=mean, var=var, order=order, d=d, corr=corr, cos2=cos2, seed=seed, n_samples=20_000
    )["numbers"]
    assert 0 < numbers["ratio"] <= 1 + 1e-12
    assert numbers["simulated_ratio"] == pytest.approx(numbers["ratio"], rel=0.15)


def test_dropout_after_bn_shifts_nothing() -> None:
    numbers = run(order="bn-then-dropout", p_keep=0.3)["numbers"]
    assert numbers["ratio"] == 1
    assert numbers["simulated_ratio"] == pytest.approx(1, abs=1e-12)


def test_wide_layers_of_correlated_inputs_tolerate_dropout() -> None:
    ratios = [run(order="dropout-conv-bn", d=d, corr=0.1)["numbers"]["ratio"] for d in (16, 64, 512, 4096)]
    assert ratios == sorted(ratios)
    assert ratios[-1] > 0.99
    flat = run(order="dropout-conv-bn", d=4096)
    assert flat["numbers"]["ratio"] == 0.5
    assert any("no effect" in note for note in flat["notes"])


def test_layers_compound_the_shift() -> None:
    assert run(p_keep=0.5)["numbers"]["compounded"][:3] == pytest.approx([0.5, 0.25, 0.125])


def test_what_was_assumed_or_ignored_is_said() -> None:
    result = run(order="dropout-conv-bn")
    assert result["args_used"]["d"] == 64
    assert any("d was not given" in note for note in result["notes"])
    assert any("play no part" in note for note in run(d=32)["notes"])
    assert "one direction" in run(order="dropout-conv-bn", d=1, corr=0.5)["warnings"][0]
    wide = run(order="dropout-conv-bn", d=4096, n_samples=100_000)
    assert wide["numbers"]["simulated_samples"] < 100_000
    assert any("fewer samples" in note for note in wide["notes"])


@pytest.mark.parametrize(
    ("arguments", "fault", "param"),
    [
        ({"p_keep": 0}, Fault.OUT_OF_RANGE, "p_keep"),
        ({"p_keep": 1.1}, Fault.OUT_OF_RANGE, "p_keep"),
        ({"var": 0}, Fault.OUT_OF_RANGE, "var"),
        ({"corr": 1.5}, Fault.OUT_OF_RANGE, "corr"),
        ({"d": 4097}, Fault.OUT_OF_RANGE, "d"),
        ({"n_samples": 10}, Fault.OUT_OF_RANGE, "n_samples"),
        ({"order": "bn"}, Fault.OUT_OF_RANGE, "order"),
        ({"p_keep": True}, Fault.WRONG_TYPE, "p_keep"),
        ({"mean": float("nan")}, Fault.NOT_FINITE, "mean"),
        (
            {"order": "dropout-conv-bn", "p_keep": 1, "corr": 1, "cos2": 0, "d": 8},
            Fault.INCONSISTENT,
            "cos2",
        ),
    ],
)
def test_what_does_not_fit_is_refused(arguments: dict[str, Any], fault: Fault, param: str) -> None:
    assert refusal(**arguments) == (fault, param)


@pytest.mark.parametrize(
    ("question", "arguments"),
    [
        ("dropout放在BN前面为什么会有方差偏移", {}),
        ("variance shift with dropout 0.3 before BN", {"p_keep": 0.7}),
        ("WRN为什么不怕", {"order": "dropout-conv-bn", "d": 512, "corr": 0.1}),
        ("dropout 保留概率 0.8 和 BN 一起用的方差", {"p_keep": 0.8}),
    ],
)
def test_arguments_are_read_from_a_question(question: str, arguments: dict[str, Any]) -> None:
    assert read_question(read_facts(question)) == arguments
    run(**arguments)


@pytest.mark.parametrize(
    "question",
    [
        "dropout 为什么能防止过拟合",
        "BN 的作用是什么",
        "偏差和方差的区别",
        "WRN 有多少层",
        "BN 和 LN 的区别",
        "dropout 0.5 on a fully connected layer",
        "",
    ],
)
def test_questions_about_something_else_are_left_alone(question: str) -> None:
    assert read_question(read_facts(question)) is None
