"""The roofline: how many operations a layer does per byte it moves, and which of the two limits its speed.

Every value is counted as moved once: a lower bound on the time, no prediction. Machines are given by their
two numbers, not by name, since published numbers for one name differ.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Annotated, Any, Literal

import numpy as np
from annotated_types import Interval

from assistant.demo_kit.exercises import Exercise, Mistake
from assistant.demo_kit.question import Facts
from assistant.demo_kit.types import DemoError, DemoResult, Fault, Mark, Plot, Series, Table
from assistant.demo_parts.costs import inconsistent, refuse_unused
from assistant.demo_parts.operations import DEFAULTS, Operation, counted
from assistant.demo_parts.spoken_rooflines import read_roofline

FORMULA = (
    "intensity I = FLOPs / bytes moved; ridge = peak / bandwidth; attainable = min(peak, I × bandwidth); "
    "I < ridge: bound by memory; time ≥ FLOPs / attainable"
)
SOURCE = (
    "Williams, Waterman & Patterson 2009, Roofline: an insightful visual performance model, CACM 52(4); "
    "the operations as in NVIDIA, GPU Performance Background User's Guide, table 1"
)
TOPICS = (
    "roofline", "屋顶线模型", "arithmetic intensity", "计算强度", "运算强度", "memory bound", "访存受限",
    "compute bound", "计算受限", "内存带宽瓶颈", "depthwise convolution speed", "depthwise 卷积为什么慢",
)  # fmt: skip

Count = Annotated[int, Interval(ge=1, le=65536)]
Rate = Annotated[float, Interval(ge=1, le=1e21)]

#: No machine is slower; a smaller number was meant in GB/s or TFLOPS.
_SLOWEST = 1e6


def roofline(
    *,
    op: Operation | None = None,
    batch: Count | None = None,
    in_: Annotated[int, Interval(ge=1, le=1_000_000)] | None = None,
    out: Annotated[int, Interval(ge=1, le=1_000_000)] | None = None,
    kernel: Annotated[int, Interval(ge=1, le=31)] | None = None,
    c_in: Count | None = None,
    c_out: Count | None = None,
    out_size: Annotated[int, Interval(ge=1, le=4096)] | None = None,
    stride: Annotated[int, Interval(ge=1, le=16)] | None = None,
    bytes: Literal[1, 2, 4] = 4,
    intensity: Annotated[float, Interval(ge=1e-9, le=1e9)] | None = None,
    peak_flops: Rate | None = None,
    bandwidth: Rate | None = None,
) -> DemoResult:
    """Arithmetic intensity of a layer, and whether a machine runs it bound by memory or by computing.

    Args:
        op: The operation; depthwise when left out and no intensity is given.
        batch: Images, or rows of a linear layer; 1 when left out.
        in_: Inputs of linear, values per row of layernorm.
        out: Outputs of linear.
        kernel: Side of the window of conv, depthwise and maxpool.
        c_in: Input channels of conv, channels of depthwise, maxpool and relu.
        c_out: Output channels of conv; as many as c_in when left out.
        out_size: Side of the output map.
        stride: Step of the window.
        bytes: Bytes per value: 4 for fp32, 2 for fp16 and bf16, 1 for int8.
        intensity: FLOPs per byte, in place of an operation.
        peak_flops: The machine's peak in FLOP/s; 125 TFLOPS is 1.25e14.
        bandwidth: The machine's memory bandwidth in bytes per second; 900 GB/s is 9e11.
    """
    sizes = {
        "batch": batch, "in": in_, "out": out, "kernel": kernel, "c_in": c_in, "c_out": c_out,
        "out_size": out_size, "stride": stride,
    }  # fmt: skip
    _check_machine(peak_flops, bandwidth)
    numbers: dict[str, Any] = {}
    used: dict[str, Any] = {}
    if intensity is not None:
        refuse_unused({"op": op, **sizes}, (), "A given intensity")
    else:
        op = op or "depthwise"
        used = _filled(op, sizes)
        numbers["flops"], numbers["bytes"] = counted(op, used, bytes)
        intensity = numbers["flops"] / numbers["bytes"]
    numbers["intensity"] = intensity
    if peak_flops is not None and bandwidth is not None:
        numbers |= _on_machine(intensity, numbers.get("flops"), peak_flops, bandwidth)
    name = op or "given"
    others: dict[str, float] = {name: intensity}
    for other, defaults in DEFAULTS.items():
        flops, moved = counted(other, {"batch": 1, **defaults}, bytes)
        others.setdefault(other, flops / moved)
    return DemoResult(
        demo="roofline",
        args_used={"op": op, **used},
        numbers=numbers,
        formula=FORMULA,
        source=SOURCE,
        table=_table(others, numbers.get("ridge")),
        plot=_plot(name, others, peak_flops, bandwidth),
        notes=(
            "A lower bound on the time: every input and weight is read once, every output written once.",
            f"The table's other operations have their default sizes, batch 1 and {bytes} bytes per value.",
            *(
                ()
                if "ridge" in numbers
                else ("Give peak_flops and bandwidth to learn what limits the operation.",)
            ),
        ),
    )


def _check_machine(peak_flops: float | None, bandwidth: float | None) -> None:
    if (peak_flops is None) != (bandwidth is None):
        missing, there = ("peak_flops", "bandwidth") if peak_flops is None else ("bandwidth", "peak_flops")
        raise inconsistent(
            missing, None, "a number, as the other is given", f"{there} alone makes no roof: give {missing}, too.",
            f"只有 {there} 画不出屋顶线，请同时给出 {missing}。",
        )  # fmt: skip
    said = (
        (
            "bandwidth",
            bandwidth,
            "bytes per second, 900 GB/s = 9e11",
            "带宽的单位是字节每秒，900 GB/s 写作 9e11。",
        ),
        (
            "peak_flops",
            peak_flops,
            "FLOP/s, 125 TFLOPS = 1.25e14",
            "峰值的单位是 FLOP/s，125 TFLOPS 写作 1.25e14。",
        ),
    )
    for param, value, unit, zh in said:
        if value is not None and value < _SLOWEST:
            raise DemoError(
                Fault.OUT_OF_RANGE, param=param, got=value, allowed=f">= {_SLOWEST:g}",
                hint_en=f"Give {param} in {unit}.", hint_zh=zh,
            )  # fmt: skip


def _filled(op: Operation, sizes: Mapping[str, int | None]) -> dict[str, int]:
    """Return the sizes `op` needs, defaults filled in; raises for one it does not use."""
    used = {"batch": 1, **DEFAULTS[op]} | {name: value for name, value in sizes.items() if value is not None}
    if op == "conv" and sizes["c_out"] is None:
        used["c_out"] = used["c_in"]
    if op == "depthwise" and sizes["c_out"] == used["c_in"]:
        return {name: value for name, value in used.items() if name != "c_out"}
    refuse_unused(used, {"batch", *DEFAULTS[op]}, f"op={op}")
    return used


def _on_machine(intensity: float, flops: int | None, peak: float, bandwidth: float) -> dict[str, Any]:
    ridge, attainable = peak / bandwidth, min(peak, intensity * bandwidth)
    return {
        "ridge": ridge,
        "bound": "memory" if intensity < ridge else "compute",
        "attainable_flops": attainable,
        "attainable_tflops": attainable / 1e12,
        "peak_pct": 100 * attainable / peak,
        **({} if flops is None else {"time_us": 1e6 * flops / attainable}),
    }


def _table(others: Mapping[str, float], ridge: float | None) -> Table:
    if ridge is None:
        return Table(("operation", "FLOPs per byte"), tuple(others.items()))
    return Table(
        ("operation", "FLOPs per byte", "bound by"),
        tuple((name, i, "memory" if i < ridge else "compute") for name, i in others.items()),
    )


def _plot(name: str, others: Mapping[str, float], peak: float | None, bandwidth: float | None) -> Plot:
    if peak is None or bandwidth is None:
        bars = Series("intensity", range(len(others)), tuple(others.values()))
        return Plot("bar", (bars,), "operation", "FLOPs per byte", log="y", categories=tuple(others))
    intensity, ridge = others[name], peak / bandwidth
    low, high = math.log10(min(intensity, ridge) / 30), math.log10(max(intensity, ridge) * 30)
    x = np.logspace(low, high, 121)
    roof = np.minimum(peak, x * bandwidth)
    reached = min(peak, intensity * bandwidth)
    return Plot(
        "line",
        (
            Series("roof", x.tolist(), roof.tolist()),
            Series(name, [intensity], [reached], drawn="points"),
        ),
        "FLOPs per byte",
        "FLOP/s",
        log="xy",
        marks=(Mark("ridge", x=ridge),),
    )


def read_question(facts: Facts) -> dict[str, Any] | None:
    """Return operation, sizes and machine of a question about what limits a layer's speed."""
    return read_roofline(facts)


def exercise(random: np.random.Generator, level: int) -> Exercise:
    """Return a drill: 1 a machine's ridge, 2 what it attains at an intensity, 3 a depthwise layer's intensity."""
    if level == 3:
        return _intensity_exercise(int(random.choice([64, 128, 256])), int(random.choice([7, 14, 28])))
    peak, speed = int(random.choice([14, 20, 60, 125, 312])), int(random.choice([400, 900, 1600, 2000]))
    machine: dict[str, Any] = {"peak_flops": peak * 1e12, "bandwidth": speed * 1e9}
    ridge = peak * 1e3 / speed
    asks_ridge = level == 1
    intensity = float(round(ridge * random.choice([0.1, 0.25, 0.5, 2, 4]), 1))
    arguments = machine if asks_ridge else machine | {"intensity": intensity}
    numbers = roofline(**arguments).numbers
    product = intensity * speed / 1e3
    if asks_ridge:
        zh, en = (
            "从多大的计算强度（FLOP/字节）起，它不再受带宽限制？",
            "From what intensity (FLOPs per byte) on is it not bound by memory?",
        )
        steps: tuple[str, ...] = (f"{peak}·10^12 / ({speed}·10^9) = {ridge:.6g}",)
        slips = (
            Mistake(1 / ridge, "分子分母颠倒", "upside down"),
            Mistake(peak / speed, "TFLOPS 和 GB/s 没有换算", "TFLOPS and GB/s are not converted"),
        )
    else:
        zh = f"计算强度为 {intensity} FLOP/字节的算子最多能达到多少 TFLOPS？"
        en = f"How many TFLOPS can an operation with {intensity} FLOPs per byte attain at most?"
        steps = (
            f"{intensity} · {speed} GB/s = {product:.6g} TFLOPS",
            f"min({peak}, {product:.6g}) = {min(peak, product):.6g}",
        )
        slips = (
            Mistake(max(peak, product), "两个上限取了较大的一个", "the larger of the two limits"),
            Mistake(speed / intensity / 1e3, "带宽除以了计算强度", "divided by the intensity"),
        )  # fmt: skip
    return Exercise(
        demo="roofline",
        arguments=arguments,
        question_zh=f"某 GPU 峰值 {peak} TFLOPS，显存带宽 {speed} GB/s。{zh}",
        question_en=f"A GPU has a peak of {peak} TFLOPS and {speed} GB/s of memory bandwidth. {en}",
        answer=numbers["ridge" if asks_ridge else "attainable_tflops"],
        steps_zh=steps,
        steps_en=steps,
        hint_zh="屋顶线由斜的带宽线和平的峰值线组成，两者相交处就是拐点。",
        hint_en="The roof is a slope, the bandwidth, and a ceiling, the peak; they meet at the ridge.",
        mistakes=slips,
        unit="FLOP/B" if asks_ridge else "TFLOPS",
    )


def _intensity_exercise(channels: int, size: int) -> Exercise:
    arguments = {"op": "depthwise", "c_in": channels, "out_size": size}
    numbers = roofline(op="depthwise", c_in=channels, out_size=size).numbers
    values, weights, flops = channels * size**2, 9 * channels, numbers["flops"]
    work = f"2·9·{channels}·{size}² = {flops}"
    moved = f"4·(2·{channels}·{size}² + 9·{channels}) = {numbers['bytes']}"
    answer = numbers["intensity"]
    return Exercise(
        demo="roofline",
        arguments=arguments,
        question_zh=f"3x3 depthwise 卷积，{channels} 通道，步长 1，输入输出都是 {size}x{size}，fp32。每个值只搬运一次，"
        "它的计算强度是多少 FLOP/字节？",
        question_en=f"A 3x3 depthwise convolution with {channels} channels and stride 1 maps {size}x{size} to "
        f"{size}x{size} in fp32. With every value moved once, how many FLOPs per byte does it do?",
        answer=answer,
        steps_zh=(f"FLOPs：{work}", f"字节（输入 + 输出 + 权重）：{moved}", f"相除：{answer:.4g}"),
        steps_en=(f"FLOPs: {work}", f"bytes (input, output, weights): {moved}", f"divided: {answer:.4g}"),
        hint_zh="一次乘加算两个 FLOP；别忘了输出也要写回。",
        hint_en="A multiply-add is two FLOPs; the output is written, too.",
        mistakes=(
            Mistake(answer / 2, "一次乘加只算了一个 FLOP", "a multiply-add is counted once"),
            Mistake(answer * 4, "按值的个数而不是字节数", "counted values, not bytes"),
            Mistake(flops / (4 * (values + weights)), "漏了写回输出", "the output is not written"),
        ),
        unit="FLOP/B",
    )
