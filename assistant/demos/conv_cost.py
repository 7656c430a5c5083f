"""What one convolution costs, or a whole VGG-16 or AlexNet: parameters, multiply-adds and activation memory.

Arithmetic only: how fast that runs is `roofline`, whole MobileNets are `mobilenet_cost`.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

import numpy as np
from annotated_types import Interval, Len

from assistant.demo_kit.exercises import Exercise
from assistant.demo_kit.question import Facts
from assistant.demo_kit.types import DemoError, DemoResult, Fault, Plot, Series, Table
from assistant.demo_parts.cost_drills import multiply_adds, parameters, separable_multiply_adds
from assistant.demo_parts.costs import (
    MILLION,
    Kind,
    Layer,
    NetworkName,
    conv,
    inconsistent,
    network,
    separable,
    total,
)
from assistant.demo_parts.spoken_costs import read_conv_cost

FORMULA = (
    "standard: K²·M·N·H·W multiply-adds, K²·M·N weights; separable: (K²·M + M·N)·H·W; "
    "separable / standard = 1/N + 1/K²; FLOPs = 2 × multiply-adds"
)
SOURCE = (
    "Howard et al. 2017, MobileNets, arXiv:1704.04861, section 3.1 and Table 3; VGG-16: Simonyan & Zisserman 2014, "
    "arXiv:1409.1556, Table 1; AlexNet: Krizhevsky et al. 2012, section 3.5"
)
TOPICS = (
    "convolution cost",
    "卷积计算量",
    "卷积参数量",
    "depthwise separable convolution",
    "深度可分离卷积",
    "parameter count",
    "FLOPs",
    "分组卷积",
    "grouped convolution",
)

Channels = Annotated[int, Interval(ge=1, le=65536)]
Side = Annotated[int, Interval(ge=1, le=4096)]


def conv_cost(
    *,
    kernel: Annotated[int, Interval(ge=1, le=31)] | None = None,
    c_in: Channels = 512,
    c_out: Channels | None = None,
    out_size: Side | Annotated[list[Side], Len(2, 2)] = 14,
    kind: Kind = "standard",
    groups: Channels | None = None,
    bias: bool = False,
    bytes_per_value: Literal[1, 2, 4, 8] = 4,
    preset: NetworkName | None = None,
) -> DemoResult:
    """Parameters, multiply-adds and activation memory of a convolution, next to its cheaper kinds.

    Args:
        kernel: Side of the square kernel; 3 when left out, 1 for pointwise.
        c_in: Input channels.
        c_out: Output channels; as many as c_in when left out.
        out_size: Side of the output map, or [h, w].
        kind: standard, separable (depthwise, then pointwise), one of these two parts, or grouped.
        groups: Number of groups, only with kind grouped, where it is 2 when left out.
        bias: Count one bias per output channel, too.
        bytes_per_value: Bytes of one activation value.
        preset: A whole network with its biases and fully connected layers, instead of one convolution.
    """
    if preset is not None:
        single = (kernel, c_in, c_out, out_size, kind, groups)
        if single != (None, 512, None, 14, "standard", None):
            raise inconsistent(
                "preset",
                preset,
                "either preset or a single convolution",
                "A preset brings its own layers; leave out kernel, channels, out_size, kind and groups.",
                "preset 自带各层的设置，不能再给 kernel、通道数、out_size、kind 或 groups。",
            )
        return _network(preset, bytes_per_value)
    kernel = kernel or (1 if kind == "pointwise" else 3)
    c_out = c_out or c_in
    groups = groups or (2 if kind == "grouped" else None)
    _check(kind, kernel, c_in, c_out, groups)
    size = (out_size[0], out_size[1]) if isinstance(out_size, list) else (out_size, out_size)
    layers = _layers(kind, kernel, c_in, c_out, size, groups or 1, bias)
    standard = conv("standard", kernel, c_in, c_out, size, bias=bias)
    ratio = total(layers, "macs") / standard.macs
    rows = {
        "standard": [standard],
        "separable": separable(kernel, c_in, c_out, size, bias=bias),
        kind: layers,
    }
    return DemoResult(
        demo="conv_cost",
        args_used={"kernel": kernel, "c_out": c_out, "groups": groups},
        numbers={
            **_totals(layers),
            "neurons": total(layers, "outputs"),
            "unshared_params": sum(layer.outputs * (layer.fan_in + bias) for layer in layers),
            "standard_params": standard.params,
            "standard_macs_M": standard.macs / MILLION,
            "ratio": {"ratio": ratio, "times_cheaper": 1 / ratio},
            "activation_memory": _memory(total(layers, "outputs"), bytes_per_value),
        },
        formula=FORMULA,
        source=SOURCE,
        table=Table(
            ("kind", "parameters", "multiply-adds (M)", "of standard"),
            tuple(
                (name, total(row, "params"), total(row, "macs") / MILLION, total(row, "macs") / standard.macs)
                for name, row in rows.items()
            ),
        ),
        plot=Plot(
            "bar",
            (Series("cost", range(len(rows)), [total(row, "macs") / MILLION for row in rows.values()]),),
            "kind of convolution",
            "multiply-adds (M)",
            categories=tuple(rows),
        ),
        notes=(
            "unshared_params: what the layer would need if every output position had weights of its own.",
            "activation_memory counts the outputs of one image, not the input.",
            "Fewer multiply-adds are not as much faster: a depthwise convolution is bound by memory.",
        ),
    )


def _check(kind: Kind, kernel: int, c_in: int, c_out: int, groups: int | None) -> None:
    if kind == "pointwise" and kernel != 1:
        raise inconsistent(
            "kernel",
            kernel,
            "1 with kind pointwise",
            "A pointwise convolution is 1x1.",
            "逐点卷积的核就是 1x1。",
        )
    if kind == "depthwise" and c_in != c_out:
        raise inconsistent(
            "c_out",
            c_out,
            f"{c_in}, as many as c_in",
            "A depthwise convolution filters every channel by itself, so it has as many outputs as inputs.",
            f"depthwise 卷积逐通道计算，输出通道必须等于输入通道 {c_in}；要改变通道数请用 kind=separable。",
        )
    if kind != "grouped" and groups not in (None, 1):
        raise inconsistent(
            "groups", groups, "only with kind grouped", f"A {kind} convolution has no groups to choose.",
            f"kind={kind} 没有可选的 groups，请改用 kind=grouped。",
        )  # fmt: skip
    if groups and (c_in % groups or c_out % groups):
        raise DemoError(
            Fault.INCONSISTENT,
            param="groups",
            got=groups,
            allowed=f"a divisor of {c_in} and {c_out}",
            hint_en=f"The groups must divide both {c_in} input and {c_out} output channels.",
            hint_zh=f"groups 必须同时整除输入通道 {c_in} 和输出通道 {c_out}。",
        )


def _layers(
    kind: Kind, kernel: int, c_in: int, c_out: int, size: tuple[int, int], groups: int, bias: bool
) -> list[Layer]:
    if kind == "separable":
        return separable(kernel, c_in, c_out, size, bias=bias)
    if kind == "depthwise":
        return separable(kernel, c_in, c_out, size, bias=bias)[:1]
    return [conv(kind, kernel, c_in, c_out, size, groups, bias=bias)]


def _totals(layers: list[Layer]) -> dict[str, Any]:
    params, macs = total(layers, "params"), total(layers, "macs")
    return {
        "params": params,
        "params_M": params / MILLION,
        "weights": total(layers, "weights"),
        "macs": macs,
        "macs_M": macs / MILLION,
        "flops": 2 * macs,
    }


def _memory(values: int, each: int) -> dict[str, Any]:
    return {"values": values, "values_M": values / MILLION, "MB": values * each / MILLION}


def _network(name: NetworkName, each: int) -> DemoResult:
    image, layers = network(name)
    values = image + total(layers, "outputs")
    rows = [layer for layer in layers if layer.weights]
    return DemoResult(
        demo="conv_cost",
        # A preset has no single kernel or channel count; nothing is filled in.
        args_used={"bias": True},
        numbers={
            **_totals(layers),
            "neurons": total(layers, "outputs"),
            "activation_memory": _memory(values, each),
            "fc_params_pct": 100
            * sum(r.params for r in rows if r.name.startswith("fc"))
            / total(layers, "params"),
        },
        formula=FORMULA,
        source=SOURCE,
        table=Table(
            ("layer", "kernel", "channels", "map", "parameters", "multiply-adds (M)"),
            tuple(
                (r.name, r.kernel[0], f"{r.c_in} → {r.c_out}", r.size[0], r.params, r.macs / MILLION)
                for r in rows
            ),
        ),
        plot=Plot(
            "bar",
            (
                Series("parameters (M)", range(len(rows)), [r.params / MILLION for r in rows]),
                Series("multiply-adds (100 M)", range(len(rows)), [r.macs / 1e8 for r in rows]),
            ),
            "layer with weights",
            "cost",
            categories=tuple(r.name for r in rows),
        ),
        notes=(
            "Biases are counted; ReLU is taken to work in place; the input image and the poolings are activations.",
            "1 MB is 10^6 bytes; training needs about twice the activations, for the gradients.",
        ),
    )


def read_question(facts: Facts) -> dict[str, Any] | None:
    """Return network, kind, kernel, channels and map of a question about the cost of a convolution."""
    return read_conv_cost(facts)


def exercise(random: np.random.Generator, level: int) -> Exercise:
    """Return a drill: 1 parameters, 2 multiply-adds of a standard convolution, 3 those of a separable one."""
    c_in, c_out = (int(n) for n in random.choice([16, 32, 64, 128, 256], 2))
    arguments: dict[str, Any] = {"kernel": int(random.choice([3, 5, 7])), "c_in": c_in, "c_out": c_out}
    arguments["out_size"] = int(random.choice([7, 14, 28, 56]))
    arguments |= {"bias": True} if level == 1 else {"kind": "separable"} if level == 3 else {}
    ask = (parameters, multiply_adds, separable_multiply_adds)[level - 1]
    return ask(arguments, conv_cost(**arguments).numbers)
