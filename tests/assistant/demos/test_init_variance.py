"""Initialisation schemes against torch.nn.init, He et al.'s printed numbers and wide networks; and in questions."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pytest
import torch

from assistant.demo_kit import registry
from assistant.demo_kit.question import read_facts
from assistant.demo_kit.types import DemoError, Fault
from assistant.demos.init_variance import read_question

#: The 3x3 layers of VGG-B behind the first one, as He et al. count them: filters x 9, how many.
HE = [
    {"fan_out": 576, "count": 1},
    {"fan_out": 1152, "count": 2},
    {"fan_out": 2304, "count": 2},
    {"fan_out": 4608, "count": 4},
]


def run(**arguments: Any) -> dict[str, Any]:
    return registry.run("init_variance", {"width": 32, **arguments}).to_dict()


def numbers(**arguments: Any) -> Any:
    return run(**arguments)["numbers"]


@pytest.mark.parametrize("activation", ["linear", "sigmoid", "tanh", "relu", "selu"])
def test_gains_are_those_of_torch(activation: Any) -> None:
    assert numbers(activation=activation)["gain"]["gain"] == pytest.approx(
        torch.nn.init.calculate_gain(activation)
    )


@pytest.mark.parametrize("slope", [None, 0.0, 0.01, 0.2, 1.0, 5.5])
def test_the_gain_of_leaky_relu_depends_on_its_slope(slope: Any) -> None:
    expected = torch.nn.init.calculate_gain("leaky_relu", slope)
    assert numbers(activation="leaky_relu", negative_slope=slope)["gain"]["gain"] == pytest.approx(expected)


@pytest.mark.parametrize(
    ("scheme", "fill"),
    [
        ("xavier_uniform", torch.nn.init.xavier_uniform_),
        ("xavier_normal", torch.nn.init.xavier_normal_),
        ("xavier", torch.nn.init.xavier_normal_),
        ("kaiming_uniform", lambda w: torch.nn.init.kaiming_uniform_(w, nonlinearity="relu")),
        ("kaiming_normal", lambda w: torch.nn.init.kaiming_normal_(w, nonlinearity="relu")),
        ("orthogonal", lambda w: torch.nn.init.orthogonal_(w, gain=math.sqrt(2))),
    ],
)
def test_the_std_is_that_of_a_large_tensor_filled_by_torch(scheme: str, fill: Any) -> None:
    torch.manual_seed(0)
    weights = fill(torch.empty(300, 500))
    found = numbers(scheme=scheme, fan_in=500, fan_out=300)
    assert found["std"] == pytest.approx(float(weights.std()), rel=0.01)
    if scheme.endswith("uniform"):
        assert found["bound"] == pytest.approx(float(weights.abs().max()), rel=1e-3)
        assert found["bound"] >= float(weights.abs().max())
    else:
        assert found["bound"] is None


def test_kaiming_divides_by_the_fan_of_its_mode_and_says_that_they_differ() -> None:
    forward = run(fan_in=100, fan_out=400)
    assert forward["numbers"]["std"] == pytest.approx(math.sqrt(2 / 100))
    assert "not both" in forward["warnings"][0]
    assert numbers(fan_in=100, fan_out=400, mode="fan_out")["std"] == pytest.approx(math.sqrt(2 / 400))
    assert numbers(scheme="lecun_normal", activation="selu", fan_in=64, fan_out=9)["std"] == pytest.approx(
        1 / 8
    )


@pytest.mark.parametrize(("fan_out", "printed"), [(576, 0.059), (1152, 0.042), (2304, 0.029), (4608, 0.021)])
def test_the_stds_printed_by_he(fan_out: int, printed: float) -> None:
    assert numbers(mode="fan_out", fan_out=fan_out)["std"] == pytest.approx(printed, abs=6e-4)


def test_a_fixed_std_of_a_hundredth_costs_he_a_factor_of_17000() -> None:
    found = numbers(fixed_std=0.01, layers=HE)
    assert found["attenuation"]["factor"] == pytest.approx(1.7e4, rel=0.03)
    np.testing.assert_allclose(found["attenuation"]["right_stds"], [0.059, 0.042, 0.029, 0.021], atol=6e-4)
    assert found["std"] == 0.01
    assert numbers(fixed_std=1e-9, layers=[{"fan_out": 2, "count": 1000}])["attenuation"]["factor"] is None


@pytest.mark.parametrize("depth", [1, 22, 30])
def test_xavier_falls_behind_by_the_root_of_two_a_layer(depth: int) -> None:
    ratio = numbers(scheme="xavier", activation="relu", depth=depth, width=8)["std_ratio_vs_he"]
    assert ratio["inverse_factor"] == pytest.approx(2 ** (depth / 2))
    assert ratio["factor"] == pytest.approx(2 ** (-depth / 2))


@pytest.mark.parametrize(
    "arguments",
    [
        {"scheme": "kaiming_normal", "activation": "relu"},
        {"scheme": "kaiming_uniform", "activation": "leaky_relu", "negative_slope": 0.3},
        {"scheme": "xavier_uniform", "activation": "tanh"},
        {"scheme": "lecun_normal", "activation": "selu"},
        {"scheme": "xavier_normal", "activation": "sigmoid", "input_var": 4.0},
        {"scheme": "orthogonal", "activation": "relu"},
        {"scheme": "xavier", "activation": "gelu"},
    ],
)
def test_variances_follow_the_expectation(arguments: dict[str, Any]) -> None:
    found = numbers(**arguments, depth=8, width=256)["preact_var"]
    assert found["last_over_first"] == pytest.approx(found["expected_last_over_first"], rel=0.35)
    first = found["by_layer"][0]
    gain = math.sqrt(2) if arguments["scheme"] == "orthogonal" else None
    if gain:
        assert first == pytest.approx(2, rel=0.1)


def test_kaiming_keeps_and_xavier_halves_the_variance_of_a_relu_network() -> None:
    assert numbers(depth=5)["preact_var"]["expected_last_over_first"] == pytest.approx(1)
    assert numbers(depth=5, scheme="xavier")["preact_var"]["expected_last_over_first"] == pytest.approx(
        1 / 16
    )


@pytest.mark.parametrize("activation", ["relu", "tanh", "gelu", "sigmoid"])
def test_lsuv_reaches_unit_variance_at_every_layer_in_one_rescaling(activation: str) -> None:
    result = run(scheme="lsuv", activation=activation, depth=6, width=64, input_var=9.0)["numbers"]
    assert result["all_within_tol"] is True
    assert result["max_iters"] == 1
    np.testing.assert_allclose(result["preact_var"]["by_layer"], 1, atol=0.1)
    assert "std" not in result


def test_lsuv_leaves_a_layer_alone_that_is_within_tolerance() -> None:
    assert numbers(scheme="lsuv", activation="linear", tol=0.9, depth=3)["iterations"] == [0, 0, 0]


def test_moments_are_taken_at_the_variance_of_the_input() -> None:
    found = numbers(input_var=9.0)["moments"]
    assert found["second_moment"] == pytest.approx(4.5)
    assert found["mean"] == pytest.approx(3 / math.sqrt(2 * math.pi))
    assert found["grad_second_moment"] == pytest.approx(0.5)


def test_extremes_stay_json_and_the_same_seed_repeats() -> None:
    for arguments in (
        {"fixed_std": 10.0, "depth": 50, "activation": "selu"},
        {"fixed_std": 1e-9, "depth": 50},
        {"activation": "leaky_relu", "negative_slope": 10, "fixed_std": 10.0, "depth": 50},
        {"activation": "sigmoid", "input_var": 1e4},
    ):
        result = run(**arguments)
        json.dumps(result, allow_nan=False)
        assert result == run(**arguments)


@pytest.mark.parametrize(
    ("arguments", "fault", "param"),
    [
        ({"activation": "gelu"}, Fault.UNSUPPORTED, "activation"),
        ({"activation": "silu", "scheme": "orthogonal"}, Fault.UNSUPPORTED, "activation"),
        ({"negative_slope": 0.2}, Fault.UNSUPPORTED, "negative_slope"),
        ({"layers": HE}, Fault.INCONSISTENT, "layers"),
        ({"fan_out": 10}, Fault.INCONSISTENT, "fan_in"),
        ({"fan_in": 10, "mode": "fan_out"}, Fault.INCONSISTENT, "fan_out"),
        ({"fan_in": 10, "scheme": "xavier_uniform"}, Fault.INCONSISTENT, "fan_out"),
        ({"fan_out": 10, "scheme": "lecun_normal"}, Fault.INCONSISTENT, "fan_in"),
        ({"fan_in": 0}, Fault.OUT_OF_RANGE, "fan_in"),
        ({"fan_in": -3}, Fault.OUT_OF_RANGE, "fan_in"),
        ({"depth": 50, "width": 512, "scheme": "lsuv"}, Fault.TOO_BIG, "depth"),
        ({"depth": 51}, Fault.OUT_OF_RANGE, "depth"),
        ({"tol": 0}, Fault.OUT_OF_RANGE, "tol"),
        ({"fixed_std": 0.01, "layers": [{"count": 2}]}, Fault.INCONSISTENT, "layers[0].fan_out"),
        ({"fixed_std": 0.01, "layers": [{"fan_out": 2, "n": 1}]}, Fault.UNKNOWN_ARG, "layers[0].n"),
    ],
)
def test_what_does_not_go_together_is_refused(arguments: dict[str, Any], fault: Fault, param: str) -> None:
    with pytest.raises(DemoError) as refused:
        run(**arguments)
    assert (refused.value.fault, refused.value.param) == (fault, param)
    assert refused.value.hint_zh


def test_without_a_gain_the_moments_are_shown_instead() -> None:
    result = run(activation="gelu", scheme="lsuv")
    assert result["numbers"]["gain"]["gain"] is None
    assert result["numbers"]["gain"]["from_moments"] == pytest.approx(1.5335, abs=1e-3)
    assert any("no gain for gelu" in note for note in result["notes"])


@pytest.mark.parametrize(
    ("question", "arguments"),
    [
        ("Kaiming初始化3x3卷积64通道标准差", {"scheme": "kaiming_normal", "mode": "fan_out", "fan_out": 576}),
        (
            "what does Xavier do with ReLU after 30 layers",
            {"scheme": "xavier_normal", "activation": "relu", "depth": 30},
        ),
        ("fan_in=512 kaiming uniform bound", {"scheme": "kaiming_uniform", "fan_in": 512}),
        (
            "leaky relu 0.2 的 kaiming gain 是多少",
            {"scheme": "kaiming_normal", "activation": "leaky_relu", "negative_slope": 0.2},
        ),
        ("LSUV 初始化 10 层要迭代几次", {"scheme": "lsuv", "depth": 10}),
    ],
)
def test_arguments_are_read_from_a_question(question: str, arguments: dict[str, Any]) -> None:
    found = read_question(read_facts(question))
    assert found == arguments
    run(**found)


@pytest.mark.parametrize(
    "question",
    [
        "K-means 初始化怎么选",
        "Xavier初始化和Kaiming初始化的区别",
        "参数初始化为0会怎样",
        "10分类刚开始loss应该是多少",
        "偏差和方差的区别",
        "20层sigmoid用Xavier初始化梯度会消失吗",
    ],
)
def test_questions_about_something_else_are_left_alone(question: str) -> None:
    assert read_question(read_facts(question)) is None
