"""MobileNet's cost against torch's count of the same network, the paper's tables, faults and questions."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from assistant.demo_kit import registry
from assistant.demo_kit.question import read_facts
from assistant.demo_kit.types import DemoError, Fault
from assistant.demos.mobilenet_cost import read_question


def run(**arguments: Any) -> dict[str, Any]:
    return registry.run("mobilenet_cost", arguments).to_dict()


def in_torch(alpha: float, separable: bool, middle: int) -> torch.nn.Sequential:
    widths = [32, 64, 128, 128, 256, 256, 512, *[512] * middle, 1024, 1024]
    strides = [2, 1, 2, 1, 2, 1, 2, *[1] * middle, 2, 1]
    sides = [3, *(max(int(w * alpha), 8) for w in widths)]
    layers: list[torch.nn.Module] = []
    for i, (a, b, stride) in enumerate(zip(sides, sides[1:], strides, strict=False)):
        if i == 0 or not separable:
            layers.append(torch.nn.Conv2d(a, b, 3, stride, 1, bias=False))
        else:
            layers.append(torch.nn.Conv2d(a, a, 3, stride, 1, groups=a, bias=False))
            layers.append(torch.nn.Conv2d(a, b, 1, bias=False))
    head = [torch.nn.AdaptiveAvgPool2d(1), torch.nn.Flatten(), torch.nn.Linear(sides[-1], 1000, bias=False)]
    return torch.nn.Sequential(*layers, *head)


@pytest.mark.parametrize(
    ("alpha", "resolution", "separable", "shallow"),
    [
        (1, 224, True, False),
        (0.75, 160, True, True),
        (0.25, 100, False, False),
        (0.1, 33, True, False),
        (2, 64, True, False),
    ],
)
def test_parameters_and_flops_are_those_torch_counts(
    alpha: float, resolution: int, separable: bool, shallow: bool
) -> None:
    with torch.device("meta"):
        network = in_torch(alpha, separable, 0 if shallow else 5)
        with FlopCounterMode(display=False) as counter:
            network(torch.empty(1, 3, resolution, resolution))
    numbers = run(alpha=alpha, resolution=resolution, separable=separable, shallow=shallow)["numbers"]
    assert numbers["params"] == sum(p.numel() for p in network.parameters())
    assert numbers["flops"] == counter.get_total_flops()


def test_totals_are_those_of_the_tensorflow_docstring() -> None:
    numbers = run(include_fc=False)["numbers"]
    assert (numbers["params"], numbers["macs"]) == (3_185_088, 567_716_352)


def test_shares_are_those_of_table_2() -> None:
    numbers = run()["numbers"]
    # The paper prints 1.19 for the first convolution, with two digits swapped.
    macs = {"conv1x1": 94.86, "dw3x3": 3.06, "conv3x3": 1.91, "fc": 0.18}
    params = {"conv1x1": 74.59, "dw3x3": 1.06, "conv3x3": 0.02, "fc": 24.33}
    assert numbers["macs_pct"] == pytest.approx(macs, abs=0.005)
    assert numbers["params_pct"] == pytest.approx(params, abs=0.005)
    assert sum(numbers["macs_pct"].values()) == pytest.approx(100)


def test_thin_networks_keep_eight_channels_and_classes_count() -> None:
    assert run(alpha=0.01)["table"]["rows"][-2][2] == "10 → 10"
    assert run(alpha=0.01)["table"]["rows"][0][2] == "3 → 8"
    more = run(num_classes=1001)["numbers"]["params"] - run()["numbers"]["params"]
    assert more == 1024


def test_uneven_resolutions_are_warned_of() -> None:
    assert run()["warnings"] == []
    assert "multiple of 32" in run(resolution=225)["warnings"][0]


@pytest.mark.parametrize(
    ("arguments", "fault", "param"),
    [
        ({"alpha": 0}, Fault.OUT_OF_RANGE, "alpha"),
        ({"alpha": 2.5}, Fault.OUT_OF_RANGE, "alpha"),
        ({"resolution": 16}, Fault.OUT_OF_RANGE, "resolution"),
        ({"resolution": 224.5}, Fault.WRONG_TYPE, "resolution"),
        ({"separable": 1}, Fault.WRONG_TYPE, "separable"),
        ({"alpha": float("nan")}, Fault.NOT_FINITE, "alpha"),
    ],
)
def test_what_is_no_mobilenet_is_refused(arguments: dict[str, Any], fault: Fault, param: str) -> None:
    with pytest.raises(DemoError) as error:
        run(**arguments)
    assert (error.value.fault, error.value.param) == (fault, param)


@pytest.mark.parametrize(
    ("question", "arguments"),
    [
        ("MobileNet 0.75宽度多少计算量", {"alpha": 0.75}),
        ("MobileNet without depthwise", {"separable": False}),
        ("MobileNet alpha=0.5 160 input macs", {"alpha": 0.5, "resolution": 160}),
        ("MobileNet的参数量是多少", {}),
        ("MobileNet 分辨率192 的计算量", {"resolution": 192}),
    ],
)
def test_arguments_are_read_from_a_question(question: str, arguments: dict[str, Any]) -> None:
    assert read_question(read_facts(question)) == arguments
    run(**arguments)


@pytest.mark.parametrize(
    "question",
    [
        "MobileNet为什么快",
        "MobileNet的优点是什么",
        "MobileNetV2的参数量",
        "MobileNet的感受野",
        "ResNet的计算量",
        "width of a network",
        "",
    ],
)
def test_questions_about_something_else_are_left_alone(question: str) -> None:
    assert read_question(read_facts(question)) is None
