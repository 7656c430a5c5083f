"""Activation functions against torch's autograd, published constants, and in questions."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from assistant.demo_kit import registry
from assistant.demo_kit.question import read_facts
from assistant.demo_kit.types import DemoError, Fault
from assistant.demos.activation_props import read_question

POINTS = [-50.0, -7.5, -3.0, -1.0, -0.25, 0.0, 0.25, 1.0, 3.0, 7.5, 50.0]

TORCH: dict[str, Callable[[torch.Tensor], torch.Tensor]] = {
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "relu": torch.relu,
    "leaky_relu": torch.nn.functional.leaky_relu,
    "elu": torch.nn.functional.elu,
    "gelu": torch.nn.functional.gelu,
    "gelu_tanh": lambda x: torch.nn.functional.gelu(x, approximate="tanh"),
    "silu": torch.nn.functional.silu,
    "selu": torch.selu,
}


def run(**arguments: Any) -> dict[str, Any]:
    return registry.run("activation_props", arguments).to_dict()


def autograd(f: Callable[[torch.Tensor], torch.Tensor], points: list[float]) -> tuple[Any, Any]:
    x = torch.tensor(points, dtype=torch.float64, requires_grad=True)
    y = f(x)
    y.sum().backward()  # type: ignore[no-untyped-call]
    assert x.grad is not None
    return y.detach().numpy(), x.grad.numpy()


@pytest.mark.parametrize("name", TORCH)
def test_value_and_derivative_are_those_of_torch(name: str) -> None:
    numbers = run(name=name, x=POINTS)["numbers"]
    y, grad = autograd(TORCH[name], POINTS)
    np.testing.assert_allclose(numbers["y"], y, rtol=1e-12, atol=1e-15)
    np.testing.assert_allclose(numbers["grad"], grad, rtol=1e-10, atol=1e-15)


@pytest.mark.parametrize(
    ("name", "alpha"), [("leaky_relu", 0.2), ("leaky_relu", 0.0), ("elu", 0.5), ("elu", 2)]
)
def test_alpha_changes_the_negative_side(name: str, alpha: float) -> None:
    f = torch.nn.functional.leaky_relu if name == "leaky_relu" else torch.nn.functional.elu
    y, grad = autograd(lambda x: f(x, alpha), POINTS)
    result = run(name=name, alpha=alpha, x=POINTS)
    np.testing.assert_allclose(result["numbers"]["y"], y, rtol=1e-12, atol=1e-15)
    np.testing.assert_allclose(result["numbers"]["grad"], grad, rtol=1e-12, atol=1e-15)
    assert result["numbers"]["constants"] == {"alpha": alpha}


@pytest.mark.parametrize("name", ["sigmoid", "tanh", "relu", "leaky_relu", "selu"])
def test_gain_is_the_one_in_torch_nn_init(name: str) -> None:
    expected = torch.nn.init.calculate_gain(name)  # type: ignore[arg-type]
    assert run(name=name)["numbers"]["gain"]["torch"] == pytest.approx(expected)


def test_selu_has_the_published_constants_and_keeps_mean_and_variance() -> None:
    numbers = run(name="selu")["numbers"]
    assert numbers["constants"]["alpha"] == pytest.approx(1.6733, abs=1e-4)
    assert numbers["constants"]["scale"] == pytest.approx(1.0507, abs=1e-4)
    assert numbers["moments"]["mean"] == pytest.approx(0, abs=1e-12)
    assert numbers["moments"]["var"] == pytest.approx(1, abs=1e-12)


def test_gelu_and_silu_dip_where_their_derivative_is_zero() -> None:
    for name, x_min, y_min in (("gelu", -0.7518, -0.16997), ("silu", -1.27846, -0.27846)):
        found = run(name=name)["numbers"]["minimum"]
        assert found == {"x_min": pytest.approx(x_min, abs=1e-4), "y_min": pytest.approx(y_min, abs=1e-5)}
        _, grad = autograd(TORCH[name], [found["x_min"]])
        assert abs(grad[0]) < 1e-6


def test_the_tanh_formula_of_gelu_is_off_by_half_a_thousandth() -> None:
    x = torch.linspace(-8, 8, 200_001, dtype=torch.float64)
    gelu = torch.nn.functional.gelu
    expected = float((gelu(x) - gelu(x, approximate="tanh")).abs().max())
    assert run(name="gelu")["numbers"]["tanh_approx_error"]["max_abs_err"] == pytest.approx(
        expected, rel=1e-6
    )


@pytest.mark.parametrize(
    ("name", "slope", "at"),
    [
        ("sigmoid", 0.25, 0.0),
        ("tanh", 1.0, 0.0),
        ("relu", 1.0, None),
        (
            "gelu",
            0.5 * (1 + math.erf(1)) + math.sqrt(2) * math.exp(-1) / math.sqrt(2 * math.pi),
            math.sqrt(2),
        ),
        ("selu", 1.6732632423543772 * 1.0507009873554805, 0.0),
    ],
)
def test_the_largest_slope_is_found(name: str, slope: float, at: float | None) -> None:
    found = run(name=name)["numbers"]["max_slope"]
    assert found["value"] == pytest.approx(slope, abs=1e-9)
    assert found["at"] == (None if at is None else pytest.approx(at, abs=1e-6))


@pytest.mark.parametrize(
    ("name", "below", "above"),
    [
        # s(1 - s) = 0.01 at the logit of its smaller root
        ("sigmoid", math.log((1 - math.sqrt(0.96)) / (1 + math.sqrt(0.96))), None),
        ("tanh", -math.atanh(math.sqrt(0.99)), None),
        ("relu", 0.0, None),
        ("leaky_relu", None, None),
        ("elu", math.log(0.01), None),
    ],
)
def test_saturation_is_where_the_slope_passes_a_hundredth(
    name: str, below: float | None, above: float | None
) -> None:
    found = run(name=name)["numbers"]["saturation"]
    assert found["below"] == (None if below is None else pytest.approx(below, abs=1e-9))
    is_odd = name in ("sigmoid", "tanh")
    assert found["above"] == (pytest.approx(-found["below"], abs=1e-9) if is_odd else above)


def test_moments_are_those_of_a_large_sample() -> None:
    z = torch.randn(400_000, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    for name, f in TORCH.items():
        y, grad = autograd(f, z.tolist())
        moments = run(name=name)["numbers"]["moments"]
        assert moments["mean"] == pytest.approx(y.mean(), abs=0.006)
        assert moments["var"] == pytest.approx(y.var(), rel=0.02)
        assert moments["second_moment"] == pytest.approx((y**2).mean(), rel=0.02)
        assert moments["grad_second_moment"] == pytest.approx((grad**2).mean(), rel=0.02)


def test_relu_halves_the_second_moment() -> None:
    moments = run(name="relu")["numbers"]["moments"]
    assert moments["second_moment"] == pytest.approx(0.5, abs=1e-12)
    assert moments["mean"] == pytest.approx(1 / math.sqrt(2 * math.pi), abs=1e-12)


def test_only_tanh_and_selu_are_zero_centred() -> None:
    numbers = run()["numbers"]
    assert [name for name, block in numbers.items() if block["zero_centred"]] == ["tanh", "selu"]
    assert list(numbers) == list(TORCH)


def test_the_comparison_agrees_with_the_single_functions() -> None:
    for name, block in run(x=[-1, 2])["numbers"].items():
        alone = run(name=name, x=[-1, 2])["numbers"]
        assert (block["y"], block["grad"]) == (alone["y"], alone["grad"])
        assert block["max_slope"] == alone["max_slope"]["value"]


@pytest.mark.parametrize("name", ["sigmoid", "selu", "all"])
def test_alpha_is_refused_where_there_is_none_to_choose(name: str) -> None:
    with pytest.raises(DemoError) as refusal:
        run(name=name, alpha=0.1)
    assert (refusal.value.fault, refusal.value.param) == (Fault.UNSUPPORTED, "alpha")


def test_a_kink_at_zero_is_warned_of_only_where_it_is_asked_for() -> None:
    assert "relu" in run(name="relu", x=[0])["warnings"][0]
    assert run(name="relu", x=[0.1])["warnings"] == []
    assert run(name="gelu", x=[0])["warnings"] == []
    assert run(name="elu", x=[0])["warnings"] == []


@pytest.mark.parametrize(
    ("question", "arguments"),
    [
        ("sigmoid导数最大是多少", {"name": "sigmoid"}),
        ("compare ReLU and GELU at -1", {"name": "all", "x": [-1]}),
        ("Leaky ReLU斜率0.2", {"name": "leaky_relu", "alpha": 0.2}),
        ("leaky relu 和 relu 有什么区别", {"name": "all"}),
        ("GELU 的 tanh 近似误差有多大", {"name": "gelu"}),
        ("tanh 在 x=2 处的导数", {"name": "tanh", "x": [2]}),
        ("relu(-2) 等于多少", {"name": "relu", "x": [-2]}),
        ("为什么需要激活函数", {}),
    ],
)
def test_arguments_are_read_from_a_question(question: str, arguments: dict[str, Any]) -> None:
    assert read_question(read_facts(question)) == arguments


@pytest.mark.parametrize(
    "question",
    [
        "sigmoid核是不是半正定",
        "20层sigmoid梯度会消失吗",
        "为什么分类用交叉熵不用MSE，sigmoid 输出",
        "ReLU 配合 Kaiming 初始化的标准差",
        "BN 放在 ReLU 前面还是后面",
        "学习率预热有什么好处",
        "",
    ],
)
def test_questions_about_something_else_are_left_alone(question: str) -> None:
    assert read_question(read_facts(question)) is None
