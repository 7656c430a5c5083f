"""Inception's savings against torch's counts, GoogLeNet's Table 1, faults and questions."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from assistant.demo_kit import registry
from assistant.demo_kit.question import read_facts
from assistant.demo_kit.types import DemoError, Fault
from assistant.demos.inception_cost import read_question

CONV1, CONV2 = "conv1 7x7/2 3->64", "conv2 (1x1 64->64, 3x3 64->192, 56x56)"


def run(**arguments: Any) -> dict[str, Any]:
    return registry.run("inception_cost", arguments).to_dict()


def counted(layers: list[torch.nn.Module], c_in: int, size: int) -> tuple[int, int]:
    """Return weights and multiply-adds of layers one after the other, as torch counts them."""
    network = torch.nn.Sequential(*layers)
    with FlopCounterMode(display=False) as counter:
        network(torch.empty(1, c_in, size, size, device="meta"))
    return sum(p.numel() for p in network.parameters()), counter.get_total_flops() // 2


def conv(c_in: int, c_out: int, kernel: int | tuple[int, int]) -> torch.nn.Conv2d:
    return torch.nn.Conv2d(c_in, c_out, kernel, padding="same", bias=False, device="meta")


# An even kernel keeps the size only with one more zero on one side.
@pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel")
@pytest.mark.parametrize(
    ("rule", "saving", "before", "after"),
    [
        ("5x5 -> two 3x3", 28, (5, 5), [(3, 3), (3, 3)]),
        ("7x7 -> three 3x3", 44.9, (7, 7), [(3, 3)] * 3),
        ("7x7 -> 1x7+7x1", 71.43, (7, 7), [(1, 7), (7, 1)]),
        ("3x3 -> 3x1+1x3", 33.33, (3, 3), [(3, 1), (1, 3)]),
        ("3x3 -> two 2x2", 11.11, (3, 3), [(2, 2), (2, 2)]),
    ],
)
def test_a_factorisation_saves_what_the_paper_says_and_torch_counts(
    rule: str, saving: float, before: tuple[int, int], after: list[tuple[int, int]]
) -> None:
    numbers = run(rule=rule, c_in=6, size=9)["numbers"]
    old, new = counted([conv(6, 6, before)], 6, 9), counted([conv(6, 6, kernel) for kernel in after], 6, 9)
    assert numbers["saving_pct"] == pytest.approx(saving, abs=0.05)
    assert (numbers["params_before"], numbers["params_after"]) == (old[0], new[0])
    assert numbers["macs_M_after"] == pytest.approx(new[1] / 1e6)
    assert numbers["ratio"] == pytest.approx(old[1] / new[1])
    assert numbers["same_rf"]
    assert numbers["extra_nonlinearities"] == len(after) - 1


def test_a_smaller_kernel_is_cheaper_but_no_replacement() -> None:
    result = run(rule="5x5 vs 3x3")
    assert result["numbers"]["ratio"] == pytest.approx(25 / 9)
    assert not result["numbers"]["same_rf"]
    assert "receptive fields differ" in result["warnings"][0]


def test_a_bottleneck_costs_what_torch_counts() -> None:
    numbers = run(mode="bottleneck", size=9, c_in=12, kernel=3, c_out=8, reduce=4)["numbers"]
    assert (numbers["direct_params"], 1e6 * numbers["direct_macs_M"]) == counted([conv(12, 8, 3)], 12, 9)
    params, macs = counted([conv(12, 4, 1), conv(4, 8, 3)], 12, 9)
    assert (numbers["bottleneck_params"], 1e6 * numbers["bottleneck_macs_M"]) == (params, macs)


def test_a_reduction_that_reduces_nothing_is_warned_of() -> None:
    assert "not a bottleneck" in run(mode="bottleneck", c_in=16, reduce=16)["warnings"][0]
    assert run(mode="bottleneck")["warnings"] == []


# params and ops as printed where they follow from the printed filters, else as counted from them.
@pytest.mark.parametrize(
    ("name", "params", "ops", "c_out"),
    [
        ("3a", 159.5, 128, 256), ("3b", 379, 304, 480), ("4a", 366.75, 73.6, 512), ("4b", 438, 88, 512),
        ("4c", 497.5, 100, 512), ("4d", 590.5, 119, 528), ("4e", 847, 170, 832), ("5a", 1018, 51.1, 832),
        ("5b", 1409, 71, 1024),
    ],
)  # fmt: skip
def test_modules_are_those_of_googlenets_table(name: str, params: float, ops: float, c_out: int) -> None:
    numbers = run(mode="module", name=name)["numbers"]
    assert numbers["params_Ki"] == pytest.approx(params, abs=0.01)
    assert numbers["ops_M"] == pytest.approx(ops, abs=0.55)
    assert numbers["c_out"] == c_out
    assert sum(numbers["branch_params"].values()) == numbers["params"]
    assert numbers["direct_ops_M"] > numbers["ops_M"]


def test_given_filters_count_and_not_the_names() -> None:
    changed = run(mode="module", name="3a", n1x1=128)
    assert changed["numbers"]["params"] - run(mode="module")["numbers"]["params"] == 192 * 64
    assert "n1x1" in changed["warnings"][0]
    assert changed["args_used"]["c_in"] == 192


def test_the_first_layers_are_counted_by_name() -> None:
    assert run(mode="stem")["numbers"]["params"] == 9408
    numbers = run(mode="stem", name=CONV2)["numbers"]
    assert numbers["params_Ki"] == 112
    assert numbers["ops_M"] == pytest.approx(360, abs=0.5)
    assert run(mode="stem", name=CONV1)["numbers"]["ops_M"] == pytest.approx(118.01, abs=0.01)


@pytest.mark.parametrize(
    ("arguments", "fault", "param"),
    [
        ({"mode": "factorize", "kernel": 5}, Fault.INCONSISTENT, "kernel"),
        ({"mode": "bottleneck", "rule": "5x5 -> two 3x3"}, Fault.INCONSISTENT, "rule"),
        ({"mode": "module", "reduce": 16}, Fault.INCONSISTENT, "reduce"),
        ({"mode": "stem", "n1x1": 16}, Fault.INCONSISTENT, "n1x1"),
        ({"mode": "stem", "name": "3a"}, Fault.INCONSISTENT, "name"),
        ({"mode": "module", "name": CONV1}, Fault.INCONSISTENT, "name"),
        ({"mode": "module", "name": "6a"}, Fault.OUT_OF_RANGE, "name"),
        ({"rule": "9x9 -> four 3x3"}, Fault.OUT_OF_RANGE, "rule"),
        ({"mode": "bottleneck", "reduce": 0}, Fault.OUT_OF_RANGE, "reduce"),
        ({"mode": "bottleneck", "c_in": 1.5}, Fault.WRONG_TYPE, "c_in"),
    ],
)
def test_what_the_mode_does_not_have_is_refused(arguments: dict[str, Any], fault: Fault, param: str) -> None:
    with pytest.raises(DemoError) as error:
        run(**arguments)
    assert (error.value.fault, error.value.param) == (fault, param)


@pytest.mark.parametrize(
    ("question", "arguments"),
    [
        ("两个3x3代替5x5省多少", {"mode": "factorize", "rule": "5x5 -> two 3x3"}),
        (
            "cost of 1x1 bottleneck 192->16->32 at 28x28",
            {"mode": "bottleneck", "size": 28, "c_in": 192, "c_out": 32, "reduce": 16},
        ),
        ("为什么用1x7和7x1代替7x7", {"mode": "factorize", "rule": "7x7 -> 1x7+7x1"}),
        ("3x3 分解成 1x3 和 3x1", {"mode": "factorize", "rule": "3x3 -> 3x1+1x3"}),
        ("why replace 7x7 by three 3x3 convolutions", {"mode": "factorize", "rule": "7x7 -> three 3x3"}),
        ("5x5卷积的计算量是3x3的几倍", {"mode": "factorize", "rule": "5x5 vs 3x3"}),
        ("Inception 3a 的参数量", {"mode": "module", "name": "3a"}),
    ],
)
def test_arguments_are_read_from_a_question(question: str, arguments: dict[str, Any]) -> None:
    assert read_question(read_facts(question)) == arguments
    run(**arguments)


@pytest.mark.parametrize(
    "question",
    [
        "Inception的优点",
        "两个3x3卷积的感受野和5x5一样吗",
        "ResNet的bottleneck参数量",
        "信息瓶颈理论",
        "用GELU代替ReLU",
        "3x3卷积 64→128 的参数量",
        "",
    ],
)
def test_questions_about_something_else_are_left_alone(question: str) -> None:
    assert read_question(read_facts(question)) is None
