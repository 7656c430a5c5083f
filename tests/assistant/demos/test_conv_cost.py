"""Costs of convolutions against torch's own counts, published totals, faults and questions."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.utils.flop_counter import FlopCounterMode

from assistant.demo_kit import registry
from assistant.demo_kit.question import read_facts
from assistant.demo_kit.types import DemoError, Fault
from assistant.demos.conv_cost import read_question


def run(**arguments: Any) -> dict[str, Any]:
    return registry.run("conv_cost", arguments).to_dict()


def counted(network: torch.nn.Module, channels: int, side: int) -> tuple[int, int]:
    """Return parameters and FLOPs as torch counts them."""
    with FlopCounterMode(display=False) as counter:
        network(torch.empty(1, channels, side, side, device="meta"))
    return sum(p.numel() for p in network.parameters()), counter.get_total_flops()


# The first count of all imports half of torch.
@settings(deadline=None)
@given(
    kernel=st.sampled_from([1, 3, 5]),
    groups=st.integers(1, 4),
    width=st.tuples(st.integers(1, 5), st.integers(1, 5)),
    side=st.integers(1, 9),
    bias=st.booleans(),
)
def test_parameters_and_flops_are_those_torch_counts(
    kernel: int, groups: int, width: tuple[int, int], side: int, bias: bool
) -> None:
    c_in, c_out = (groups * w for w in width)
    with torch.device("meta"):
        grouped = torch.nn.Conv2d(c_in, c_out, kernel, padding="same", groups=groups, bias=bias)
        depthwise = torch.nn.Conv2d(c_in, c_in, kernel, padding="same", groups=c_in, bias=bias)
        pair = torch.nn.Sequential(depthwise, torch.nn.Conv2d(c_in, c_out, 1, bias=bias))
    sizes = {"kernel": kernel, "c_in": c_in, "c_out": c_out, "out_size": side, "bias": bias}
    for kind, network in (("grouped", grouped), ("separable", pair)):
        numbers = run(**sizes, kind=kind, **({"groups": groups} if kind == "grouped" else {}))["numbers"]
        assert (numbers["params"], numbers["flops"]) == counted(network, c_in, side)


def test_a_standard_convolution_is_a_grouped_one_of_one_group() -> None:
    assert run()["numbers"] == run(kind="grouped", groups=1)["numbers"]
    assert run(kind="pointwise")["numbers"]["params"] == run(kernel=1)["numbers"]["params"]
    assert run(kind="depthwise")["numbers"]["params"] == 9 * 512


@pytest.mark.parametrize(("kernel", "c_out"), [(3, 512), (5, 64), (7, 1)])
def test_the_ratio_is_one_over_n_plus_one_over_k_squared(kernel: int, c_out: int) -> None:
    ratio = run(kernel=kernel, c_out=c_out, kind="separable")["numbers"]["ratio"]
    assert ratio["ratio"] == pytest.approx(1 / c_out + 1 / kernel**2)
    assert ratio["times_cheaper"] * ratio["ratio"] == pytest.approx(1)


def test_alexnets_first_layer_is_that_of_the_cs231n_notes() -> None:
    numbers = run(kernel=11, c_in=3, c_out=96, out_size=55, bias=True)["numbers"]
    assert (numbers["neurons"], numbers["weights"], numbers["params"]) == (290_400, 34_848, 34_944)
    assert numbers["unshared_params"] == 290_400 * 364


def test_whole_networks_have_the_published_totals() -> None:
    vgg, alexnet = run(preset="vgg16")["numbers"], run(preset="alexnet")["numbers"]
    # torchvision's vgg16, and Caffe's AlexNet with its two groups.
    assert vgg["params"] == 138_357_544
    assert alexnet["params"] == 60_965_224
    assert vgg["macs_M"] == pytest.approx(15_470, abs=1)
    assert vgg["activation_memory"]["MB"] == pytest.approx(60.95, abs=0.01)
    half = run(preset="vgg16", bytes_per_value=2)["numbers"]["activation_memory"]
    assert half["MB"] == pytest.approx(30.475, abs=0.01)
    assert run(preset="vgg16")["args_used"]["bias"] is True


def test_a_map_may_be_a_rectangle() -> None:
    assert run(out_size=[7, 28])["numbers"] == run(out_size=14)["numbers"]


@pytest.mark.parametrize(
    ("arguments", "fault", "param"),
    [
        ({"kind": "grouped", "groups": 3}, Fault.INCONSISTENT, "groups"),
        ({"groups": 2}, Fault.INCONSISTENT, "groups"),
        ({"kind": "depthwise", "c_in": 8, "c_out": 16}, Fault.INCONSISTENT, "c_out"),
        ({"kind": "pointwise", "kernel": 3}, Fault.INCONSISTENT, "kernel"),
        ({"preset": "vgg16", "kernel": 3}, Fault.INCONSISTENT, "preset"),
        ({"preset": "vgg16", "out_size": 7}, Fault.INCONSISTENT, "preset"),
        ({"preset": "vgg19"}, Fault.OUT_OF_RANGE, "preset"),
        ({"kernel": 32}, Fault.OUT_OF_RANGE, "kernel"),
        ({"c_in": 0}, Fault.OUT_OF_RANGE, "c_in"),
        ({"bytes_per_value": 3}, Fault.OUT_OF_RANGE, "bytes_per_value"),
        ({"kernel": "3"}, Fault.WRONG_TYPE, "kernel"),
        ({"stride": 2}, Fault.UNKNOWN_ARG, "stride"),
    ],
)
def test_what_is_no_convolution_is_refused(arguments: dict[str, Any], fault: Fault, param: str) -> None:
    with pytest.raises(DemoError) as error:
        run(**arguments)
    assert (error.value.fault, error.value.param) == (fault, param)


@pytest.mark.parametrize(
    ("question", "arguments"),
    [
        (
            "深度可分离卷积省多少计算 512→512 14x14",
            {"kind": "separable", "c_in": 512, "c_out": 512, "out_size": 14},
        ),
        (
            "parameters of AlexNet conv1",
            {"kernel": 11, "c_in": 3, "c_out": 96, "out_size": 55, "bias": True},
        ),
        ("VGG16有多少参数", {"preset": "vgg16"}),
        ("3x3卷积 64→128 的参数量", {"kernel": 3, "c_in": 64, "c_out": 128}),
        ("分组卷积分成 4 组的参数量", {"kind": "grouped", "groups": 4}),
        ("深度可分离卷积的计算量怎么算", {"kind": "separable"}),
        ("卷积层的参数量怎么计算", {}),
        ("FLOPs of AlexNet", {"preset": "alexnet"}),
    ],
)
def test_arguments_are_read_from_a_question(question: str, arguments: dict[str, Any]) -> None:
    assert read_question(read_facts(question)) == arguments
    run(**arguments)


@pytest.mark.parametrize(
    "question",
    [
        "卷积和全连接的区别",
        "深度可分离卷积是什么",
        "MobileNet的计算量是多少",
        "逻辑回归的代价函数是什么",
        "3x3卷积的感受野",
        "BERT有多少参数",
        "两个3x3卷积代替一个5x5省多少参数",
        "",
    ],
)
def test_questions_about_something_else_are_left_alone(question: str) -> None:
    assert read_question(read_facts(question)) is None
