"""The roofline against NVIDIA's table, torch's FLOP counts, faults of units and questions."""

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
from assistant.demos.roofline import read_question

V100 = {"peak_flops": 1.25e14, "bandwidth": 9e11}


def run(**arguments: Any) -> dict[str, Any]:
    return registry.run("roofline", arguments).to_dict()


@pytest.mark.parametrize(
    ("arguments", "intensity"),
    [
        ({"op": "linear", "batch": 512, "in": 1024, "out": 4096}, 315),
        ({"op": "linear", "batch": 1, "in": 1024, "out": 4096}, 1),
        ({"op": "maxpool", "kernel": 3, "stride": 1}, 2.25),
        ({"op": "relu"}, 0.25),
    ],
)
def test_intensities_are_those_of_nvidias_table_for_fp16(arguments: dict[str, Any], intensity: float) -> None:
    assert run(**arguments, bytes=2)["numbers"]["intensity"] == pytest.approx(intensity, rel=0.002)


def test_a_layer_norm_stays_below_nvidias_bound_of_ten() -> None:
    assert 0 < run(op="layernorm", batch=512, bytes=2)["numbers"]["intensity"] < 10


# The first count of all imports half of torch.
@settings(deadline=None)
@given(
    op=st.sampled_from(["conv", "depthwise"]),
    batch=st.integers(1, 3),
    kernel=st.sampled_from([1, 3, 5]),
    c_in=st.integers(1, 6),
    size=st.integers(1, 8),
    stride=st.integers(1, 3),
    each=st.sampled_from([1, 2, 4]),
)
def test_flops_are_torchs_and_bytes_those_of_the_tensors(
    op: str, batch: int, kernel: int, c_in: int, size: int, stride: int, each: int
) -> None:
    depthwise = op == "depthwise"
    with torch.device("meta"):
        layer = torch.nn.Conv2d(
            c_in,
            c_in if depthwise else 4,
            kernel,
            stride,
            kernel // 2,
            groups=c_in if depthwise else 1,
            bias=False,
        )
        x = torch.empty(batch, c_in, size * stride, size * stride)
        with FlopCounterMode(display=False) as counter:
            y = layer(x)
    sizes: dict[str, Any] = {
        "batch": batch,
        "kernel": kernel,
        "c_in": c_in,
        "out_size": size,
        "stride": stride,
    }
    numbers = run(op=op, **sizes, bytes=each, **({} if depthwise else {"c_out": 4}))["numbers"]
    assert numbers["flops"] == counter.get_total_flops()
    if stride <= kernel:
        assert numbers["bytes"] == each * (x.numel() + layer.weight.numel() + y.numel())
    assert numbers["intensity"] == numbers["flops"] / numbers["bytes"]


def test_a_depthwise_layer_hits_the_slope_and_a_standard_one_comes_nearer_the_ridge() -> None:
    numbers = run(**V100)["numbers"]
    assert numbers["ridge"] == pytest.approx(138.9, abs=0.05)
    assert numbers["bound"] == "memory"
    assert numbers["time_us"] == pytest.approx(1e6 * numbers["bytes"] / 9e11)
    assert run(op="conv", **V100)["numbers"]["intensity"] == pytest.approx(90.32, abs=0.01)


@given(intensity=st.floats(0.01, 1e6), peak=st.floats(1e9, 1e15), bandwidth=st.floats(1e8, 1e13))
def test_what_is_attainable_is_under_both_roofs(intensity: float, peak: float, bandwidth: float) -> None:
    numbers = run(intensity=intensity, peak_flops=peak, bandwidth=bandwidth)["numbers"]
    assert numbers["attainable_flops"] == min(peak, intensity * bandwidth)
    assert (numbers["bound"] == "memory") == (intensity < numbers["ridge"])
    assert "time_us" not in numbers


@pytest.mark.parametrize(
    ("arguments", "fault", "param"),
    [
        ({"peak_flops": 1.25e14, "bandwidth": 900}, Fault.OUT_OF_RANGE, "bandwidth"),
        ({"peak_flops": 125, "bandwidth": 9e11}, Fault.OUT_OF_RANGE, "peak_flops"),
        ({"peak_flops": 1.25e14}, Fault.INCONSISTENT, "bandwidth"),
        ({"bandwidth": 9e11}, Fault.INCONSISTENT, "peak_flops"),
        ({"intensity": 10, "op": "conv"}, Fault.INCONSISTENT, "op"),
        ({"intensity": 10, "kernel": 3}, Fault.INCONSISTENT, "kernel"),
        ({"op": "relu", "kernel": 3}, Fault.INCONSISTENT, "kernel"),
        ({"op": "depthwise", "c_in": 8, "c_out": 16}, Fault.INCONSISTENT, "c_out"),
        ({"op": "linear", "out_size": 7}, Fault.INCONSISTENT, "out_size"),
        ({"op": "A100"}, Fault.OUT_OF_RANGE, "op"),
        ({"bandwidth": "A100", "peak_flops": 1e14}, Fault.WRONG_TYPE, "bandwidth"),
        ({"bytes": 3}, Fault.OUT_OF_RANGE, "bytes"),
        ({"in_": 3}, Fault.UNKNOWN_ARG, "in_"),
    ],
)
def test_what_makes_no_roof_is_refused(arguments: dict[str, Any], fault: Fault, param: str) -> None:
    with pytest.raises(DemoError) as error:
        run(**arguments)
    assert (error.value.fault, error.value.param) == (fault, param)


def test_gigabytes_are_told_how_to_be_written() -> None:
    with pytest.raises(DemoError, match="9e11"):
        run(peak_flops=1.25e14, bandwidth=900)


def test_as_many_outputs_as_inputs_are_no_contradiction_to_depthwise() -> None:
    assert run(op="depthwise", c_in=8, c_out=8)["numbers"] == run(op="depthwise", c_in=8)["numbers"]


@pytest.mark.parametrize(
    ("question", "arguments"),
    [
        ("depthwise卷积为什么在GPU上不快", {"op": "depthwise"}),
        (
            "is batch-1 linear layer memory bound on 125 TFLOPS, 900 GB/s",
            {"op": "linear", "batch": 1, **V100},
        ),
        ("roofline模型是什么", {}),
        (
            "计算强度 100 在 400 TFLOPS 1600 GB/s 上受什么限制",
            {"intensity": 100, "peak_flops": 4e14, "bandwidth": 1.6e12},
        ),
        (
            "arithmetic intensity of 3x3 conv 512->512 14x14 fp16",
            {"op": "conv", "kernel": 3, "c_in": 512, "c_out": 512, "out_size": 14, "bytes": 2},
        ),
    ],
)
def test_arguments_are_read_from_a_question(question: str, arguments: dict[str, Any]) -> None:
    assert read_question(read_facts(question)) == arguments
    run(**arguments)


@pytest.mark.parametrize(
    "question",
    [
        "深度可分离卷积是什么",
        "A100的显存带宽是多少",
        "ReLU有什么优点",
        "batch size 怎么选",
        "训练为什么很慢",
        "模型的内存占用",
        "",
    ],
)
def test_questions_about_something_else_are_left_alone(question: str) -> None:
    assert read_question(read_facts(question)) is None
