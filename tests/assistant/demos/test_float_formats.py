"""Number formats against numpy's float16 and float32 and torch's bfloat16 and float8, and in questions."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from assistant.demo_kit import registry
from assistant.demo_kit.question import read_facts
from assistant.demo_kit.types import DemoError, Fault
from assistant.demos.float_formats import read_question

#: Of 24 significant bits: torch rounds a float64 to float32 first, which these survive.
numbers32 = st.floats(width=32, allow_nan=False, allow_infinity=False)
near = st.one_of(numbers32, st.floats(-1000, 1000, width=32), st.floats(2**-12, 2**-4, width=32))


def run(**arguments: Any) -> dict[str, Any]:
    return registry.run("float_formats", arguments).to_dict()


def in_torch(kind: torch.dtype) -> Callable[[float], float]:
    return lambda x: float(torch.tensor(x, dtype=torch.float32).to(kind).to(torch.float64))


def in_numpy(kind: type[np.floating[Any]]) -> Callable[[float], float]:
    def rounded(x: float) -> float:
        with np.errstate(over="ignore"):
            return float(kind(x))

    return rounded


REFERENCES = {
    "fp32": in_numpy(np.float32),
    "fp16": in_numpy(np.float16),
    "bf16": in_torch(torch.bfloat16),
    "fp8_e4m3": in_torch(torch.float8_e4m3fn),
}
each_format = pytest.mark.parametrize("name", REFERENCES)


@each_format
@given(value=near)
def test_a_number_is_rounded_like_everywhere(name: str, value: float) -> None:
    stored = run(value=value, format=name)["numbers"][name]
    expected = REFERENCES[name](value)
    if name == "fp8_e4m3" and abs(value) > 464:  # torch saturates; the next number, 480, would be NaN
        assert (stored["status"], stored["rounded"], abs(expected)) == ("overflow", None, 448)
        return
    assert stored["rounded"] == (expected if math.isfinite(expected) else None)
    assert (stored["status"] == "overflow") == (not math.isfinite(expected))
    assert (stored["status"] == "underflow") == (value != 0 and expected == 0)


@given(value=st.floats(-7e4, 7e4))
def test_float64_goes_straight_to_fp16(value: float) -> None:
    expected = REFERENCES["fp16"](value)
    assert run(value=value)["numbers"]["fp16"]["rounded"] == (expected if math.isfinite(expected) else None)


@each_format
def test_the_limits_are_those_of_torch(name: str) -> None:
    kind = {
        "fp32": torch.float32,
        "fp16": torch.float16,
        "bf16": torch.bfloat16,
        "fp8_e4m3": torch.float8_e4m3fn,
    }
    limits, info = run()["numbers"][name], torch.finfo(kind[name])
    assert (limits["max"], limits["min_normal"], limits["epsilon"]) == (
        info.max,
        info.smallest_normal,
        info.eps,
    )
    assert REFERENCES[name](limits["min_subnormal"]) == limits["min_subnormal"]
    assert REFERENCES[name](limits["min_subnormal"] / 2) == 0


@given(value=st.floats(2**-23, 2**15, width=16))
def test_the_spacing_is_numpys(value: float) -> None:
    assert run(value=value)["numbers"]["fp16"]["spacing"] == float(np.spacing(np.float16(value)))


@given(value=st.floats(2**-30, 1, width=32), power=st.integers(0, 16))
def test_a_loss_scale_is_taken_out_again_in_fp32(value: float, power: int) -> None:
    stored = run(value=value, loss_scale=2**power)["numbers"]["fp16"]
    held = np.float16(value * 2**power)
    assert stored["rounded"] == float(held)
    assert stored["unscaled"] == float(np.float32(held) / np.float32(2**power))


def test_a_small_gradient_is_saved_by_the_loss_scale_and_by_bf16() -> None:
    lost = run(value=2**-26)
    assert lost["numbers"]["fp16"]["status"] == "underflow"
    assert lost["numbers"]["bf16"]["unscaled"] == 2**-26
    assert "fp16" in lost["warnings"][0]
    kept = run(value=2**-26, loss_scale=1024)["numbers"]["fp16"]
    assert (kept["status"], kept["unscaled"], kept["relative_error"]) == ("subnormal", 2**-26, 0)


def test_a_square_overflows_fp16_only() -> None:
    numbers = run(value=90_000)["numbers"]
    assert (numbers["fp16"]["rounded"], numbers["fp16"]["status"]) == (None, "overflow")
    assert numbers["bf16"]["rounded"] == 90_112


@pytest.mark.parametrize(("name", "kind"), [("fp16", np.float16), ("fp32", np.float32)])
@pytest.mark.parametrize(("start", "add"), [(0, 1), (1, 0.0004), (1, 0.003), (0.1, -0.007)])
def test_a_sum_is_held_in_the_format(
    name: str, kind: type[np.floating[Any]], start: float, add: float
) -> None:
    total, step = kind(start), kind(add)
    for _ in range(3000):
        total = kind(total + step)
    assert run(value=start, add=add, times=3000)["numbers"][name]["accumulated"] == float(total)


def test_a_sum_of_ones_stops_where_the_gap_is_two() -> None:
    numbers = run(value=0, add=1, times=4096)["numbers"]
    stops = {name: numbers[name]["accumulated"] for name in REFERENCES}
    assert stops == {"fp32": 4096, "fp16": 2048, "bf16": 256, "fp8_e4m3": 16}
    assert numbers["exact_sum"] == 4096


@pytest.mark.parametrize(
    ("arguments", "fault", "param"),
    [
        ({"times": 5}, Fault.INCONSISTENT, "times"),
        ({"add": 1, "loss_scale": 2}, Fault.INCONSISTENT, "loss_scale"),
        ({"loss_scale": 0}, Fault.OUT_OF_RANGE, "loss_scale"),
        ({"value": float("inf")}, Fault.NOT_FINITE, "value"),
        ({"format": "fp64"}, Fault.OUT_OF_RANGE, "format"),
    ],
)
def test_arguments_that_do_not_fit_are_refused(arguments: dict[str, Any], fault: Fault, param: str) -> None:
    with pytest.raises(DemoError) as error:
        run(**arguments)
    assert (error.value.fault, error.value.param) == (fault, param)


@pytest.mark.parametrize(
    ("question", "arguments"),
    [
        ("fp16 和 bf16 有什么区别", {}),
        ("梯度 1e-8 用 fp16 会下溢吗", {"value": 1e-8, "format": "fp16"}),
        ("fp16 梯度为 1e-8，loss scale 1024", {"value": 1e-8, "loss_scale": 1024, "format": "fp16"}),
        ("bf16 里每次加 1，加 4096 次", {"add": 1, "times": 4096, "format": "bf16"}),
        ("混合精度训练的原理", {}),
    ],
)
def test_arguments_are_read_from_a_question(question: str, arguments: dict[str, Any]) -> None:
    assert read_question(read_facts(question)) == arguments
    run(**arguments)


@pytest.mark.parametrize(
    "question",
    [
        "fp16 的显存占用",
        "roofline 里 fp16 的计算强度",
        "int8 量化和 fp16 比",
        "精度和召回率",
        "梯度 1e-8 怎么办",
    ],
)
def test_questions_about_something_else_are_left_alone(question: str) -> None:
    assert read_question(read_facts(question)) is None
