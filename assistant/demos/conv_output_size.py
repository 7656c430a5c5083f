"""Output size of a convolution, a pooling, a transposed convolution or a chain of layers.

Sizes only: what the layers cost is `conv_cost`, what they see is `receptive_field`.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

import numpy as np
from annotated_types import Interval, Len

from assistant.demo_kit.exercises import Exercise
from assistant.demo_kit.question import Facts
from assistant.demo_kit.types import DemoError, DemoResult, Fault, Plot, Series, Table
from assistant.demo_parts.convolution import Window, fields, sizes
from assistant.demo_parts.layers import (
    Dilation,
    Kernel,
    Layer,
    Padding,
    on_axis,
    per_axis,
    refuse_huge,
    windows,
)
from assistant.demo_parts.spoken_layers import read_output_size
from assistant.demo_parts.window_drills import draw_size

FORMULA = (
    "o = ⌊(i + 2p − d(k − 1) − 1) / s⌋ + 1; SAME: o = ⌈i / s⌉; "
    "transposed: o = (i − 1)s − 2p + d(k − 1) + a + 1"
)
SOURCE = (
    "Dumoulin & Visin 2016, A guide to convolution arithmetic for deep learning, arXiv:1603.07285, "
    "relations 6, 14 and 15; SAME as in TensorFlow"
)
TOPICS = (
    "convolution output size", "卷积输出尺寸", "特征图大小", "padding", "填充", "SAME and VALID padding",
    "stride", "步幅", "transposed convolution output size", "转置卷积输出尺寸",
)  # fmt: skip

Side = Annotated[int, Interval(ge=1, le=100_000)]
_SHOWN_POSITIONS = 12


def conv_output_size(
    *,
    input_size: Side | Annotated[list[Side], Len(2, 2)] = 32,
    kernel: Kernel = 3,
    stride: Kernel = 1,
    padding: Padding = 0,
    dilation: Dilation = 1,
    mode: Literal["explicit", "same", "valid"] = "explicit",
    transposed: bool = False,
    output_padding: Annotated[int, Interval(ge=0, le=511)] = 0,
    chain: Annotated[list[Layer], Len(1, 50)] | None = None,
) -> DemoResult:
    """Output size of a convolution or pooling, one layer or a chain, with padding and what is cut off.

    Args:
        input_size: Side of the input, or [h, w].
        kernel: Side of the kernel, or [h, w].
        stride: Step of the kernel, or [h, w].
        padding: Zeros on each side, or [h, w]; only with mode explicit.
        dilation: Distance between kernel taps, 1 for an ordinary convolution, or [h, w].
        mode: explicit uses padding; same keeps ceil(input / stride); valid pads nothing.
        transposed: Transposed convolution (deconvolution): the size grows by the stride.
        output_padding: Transposed only: extra size on one side, less than the stride.
        chain: Several layers in a row, each {k, s, p, d}, instead of kernel, stride, padding and dilation.
    """
    start = [on_axis(input_size, axis) for axis in (0, 1)]
    single = (kernel, stride, padding, dilation, mode, transposed, output_padding)
    if chain is not None:
        if single != (3, 1, 0, 1, "explicit", False, 0):
            raise _inconsistent(
                "chain",
                len(chain),
                "either chain or a single layer",
                "The layers of the chain bring their own kernel, stride, padding and dilation.",
                "chain 里的每一层自带 kernel、stride、padding 和 dilation，不能再单独给出。",
            )
        return _chain(chain, start, isinstance(input_size, list))
    _check_mode(mode, padding, transposed, output_padding, stride)
    layer: Layer = {"k": kernel, "s": stride, "p": "same" if mode == "same" else padding, "d": dilation}
    both = isinstance(input_size, list) or per_axis([layer])
    pair = [windows([layer], axis)[0] for axis in (0, 1)]
    axes = [
        _transposed_axis(window, size, output_padding) if transposed else _axis(window, size)
        for window, size in zip(pair, start, strict=True)
    ]
    for window, size, axis in zip(pair, start, axes, strict=True):
        if axis["output"] < 1:
            raise _cut_away(window) if transposed else _does_not_fit(window, size)
    numbers = {key: [axis[key] for axis in axes] if both else axes[0][key] for key in axes[0]}
    shown = [start, *([axis[key] for axis in axes] for key in ("effective_kernel", "output"))]
    return DemoResult(
        demo="conv_output_size",
        args_used={},
        numbers=numbers,
        formula=FORMULA,
        source=SOURCE,
        table=Table(
            ("input", "kernel", "stride", "padding", "dilation", "effective kernel", "output"),
            (
                (
                    _size(start, both),
                    *(str(v) for v in (kernel, stride, layer["p"], dilation)),
                    *(_size(values, both) for values in shown[1:]),
                ),
            ),
        ),
        plot=_positions(pair[0], start[0], transposed),
        notes=_notes(mode, transposed, axes),
        warnings=_warnings(axes, transposed),
    )


def _axis(window: Window, size: int) -> dict[str, Any]:
    exact = window.exact_output(size)
    left, right = window.pads(size)
    output = window.output(size)
    return {
        "output": output,
        "exact": float(exact),
        "divides": exact.denominator == 1,
        "dropped": size + left + right - (output - 1) * window.stride - window.reach,
        "pad_left": left,
        "pad_right": right,
        "pad_total": left + right,
        "effective_kernel": window.reach,
    }


def _transposed_axis(window: Window, size: int, extra: int) -> dict[str, Any]:
    return {"output": window.transposed_output(size, extra), "effective_kernel": window.reach}


def _chain(chain: list[Layer], start: list[int], both: bool) -> DemoResult:
    """Return the sizes after every layer of a chain."""
    both = both or per_axis(chain)
    axes = [windows(chain, axis) for axis in (0, 1)]
    trace = [sizes(axis, size) for axis, size in zip(axes, start, strict=True)]
    for axis, outputs, first in zip(axes, trace, start, strict=True):
        for window, size, output in zip(axis, [first, *outputs], outputs, strict=False):
            if output < 1:
                raise _does_not_fit(window, size)
    seen = [fields(axis, size) for axis, size in zip(axes, start, strict=True)]
    for walk in seen:
        refuse_huge(walk[-1], "chain")
    steps = [list(pair) for pair in zip(*trace, strict=True)]
    rows = [
        (
            i,
            *(str(layer.get(key, default)) for key, default in (("k", 3), ("s", 1), ("p", 0), ("d", 1))),
            _size(step, both),
            _size([axis[i - 1].size for axis in seen], both),
        )
        for i, (layer, step) in enumerate(zip(chain, steps, strict=True), 1)
    ]
    return DemoResult(
        demo="conv_output_size",
        args_used={},
        numbers={
            "output": steps[-1] if both else steps[-1][0],
            "trace": steps if both else trace[0],
            "rf": [axis[-1].size for axis in seen] if both else seen[0][-1].size,
        },
        formula=FORMULA,
        source=SOURCE,
        table=Table(("layer", "kernel", "stride", "padding", "dilation", "output", "rf"), tuple(rows)),
        plot=Plot(
            "line",
            (Series("size", list(range(len(steps) + 1)), [start[0], *trace[0]]),),
            "layer",
            "pixels per axis",
            categories=("input", *(str(i + 1) for i in range(len(steps)))),
        ),
        notes=("trace holds the size after each layer, without the input.",),
    )


def _check_mode(mode: str, padding: Padding, transposed: bool, output_padding: int, stride: Kernel) -> None:
    if mode != "explicit" and padding not in (0, [0, 0]):
        raise _inconsistent(
            "padding",
            padding,
            "0 with mode same or valid",
            f"Mode {mode} decides the padding itself; give padding only with mode explicit.",
            f"mode={mode} 自己决定填充量；只有 explicit 模式才能给 padding。",
        )
    if transposed and mode != "explicit":
        raise DemoError(
            Fault.UNSUPPORTED,
            param="mode",
            got=mode,
            allowed="explicit",
            hint_en="A transposed convolution is computed with explicit padding only.",
            hint_zh="转置卷积只支持显式 padding。",
        )
    if output_padding and not transposed:
        raise _inconsistent(
            "output_padding",
            output_padding,
            "0 unless transposed",
            "Only a transposed convolution has output padding.",
            "只有转置卷积才有 output_padding。",
        )
    smallest = min(on_axis(stride, 0), on_axis(stride, 1))
    if output_padding >= smallest and output_padding:
        raise DemoError(
            Fault.OUT_OF_RANGE,
            param="output_padding",
            got=output_padding,
            allowed=f"0 to {smallest - 1}",
            hint_en="Output padding only picks among the sizes that one stride maps together.",
            hint_zh="output_padding 必须小于 stride：它只在同一步幅对应的几个尺寸中选一个。",
        )


def _inconsistent(param: str, got: Any, allowed: str, hint_en: str, hint_zh: str) -> DemoError:
    return DemoError(
        Fault.INCONSISTENT, param=param, got=got, allowed=allowed, hint_en=hint_en, hint_zh=hint_zh
    )


def _does_not_fit(window: Window, size: int) -> DemoError:
    padded = size + sum(window.pads(size))
    return DemoError(
        Fault.OUT_OF_RANGE,
        param="kernel",
        got=window.kernel,
        allowed=f"an effective kernel of at most {padded}",
        hint_en=f"The kernel (effective {window.reach}) is larger than the padded input {padded}.",
        hint_zh=f"卷积核（有效大小 {window.reach}）比填充后的输入 {padded} 还大。",
    )


def _cut_away(window: Window) -> DemoError:
    return DemoError(
        Fault.OUT_OF_RANGE,
        param="padding",
        got=window.padding,
        allowed="an output of at least 1",
        hint_en="A transposed convolution crops its padding, and here nothing is left.",
        hint_zh="转置卷积会裁掉 padding，这里裁完后什么都不剩。",
    )


def _size(pair: list[int], both: bool) -> str:
    return f"{pair[0]}x{pair[1]}" if both else str(pair[0])


def _positions(window: Window, size: int, transposed: bool) -> Plot:
    """Return what the first windows touch: a convolution its input, a transposed one its output."""
    # A transposed convolution crops its padding from the output; both begin outside by that much.
    start = -window.pads(size)[0]
    count = min(size if transposed else window.output(size), _SHOWN_POSITIONS)
    taps = [
        (start + i * window.stride + tap * window.dilation, i)
        for i in range(count)
        for tap in range(window.kernel)
    ]
    touched, moving = ("output", "input") if transposed else ("input", "output")
    series = Series("kernel taps", [x for x, _ in taps], [y for _, y in taps])
    return Plot("scatter", (series,), f"{touched} position", f"{moving} position")


def _notes(mode: str, transposed: bool, axes: list[dict[str, Any]]) -> tuple[str, ...]:
    if transposed:
        return ("A convolution with stride s maps s input sizes to one; output_padding says which is meant.",)
    if mode == "same":
        return (
            "SAME as in TensorFlow: the odd pixel goes on the right; the padding depends on the input size.",
        )
    if axes[0]["pad_total"] == axes[0]["effective_kernel"] - 1 and axes[0]["divides"]:
        return ("2p = d(k - 1): with stride 1 the size stays the same.",)
    return ()


def _warnings(axes: list[dict[str, Any]], transposed: bool) -> tuple[str, ...]:
    if transposed or all(axis["divides"] for axis in axes):
        return ()
    left = ", ".join(str(axis["dropped"]) for axis in axes if not axis["divides"])
    return (f"The stride does not divide: rounded down, the last pixels ({left} per axis) are never seen.",)


def read_question(facts: Facts) -> dict[str, Any] | None:
    """Return input, layers and padding mode as the question names them; None if it asks for no output size."""
    return read_output_size(facts)


def exercise(random: np.random.Generator, level: int) -> Exercise:
    """Return a drill on an output side: a convolution (level 1), a dilated (2) or transposed one (3)."""
    return draw_size(conv_output_size, random, level)
