"""Convolution as one matrix product: what im2col lays out, how much it repeats, and that the result is the same.

Forward only, no dilation and no groups. As everywhere in deep learning it is a cross-correlation: no flip.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Annotated, Any

import numpy as np
from annotated_types import Interval, Len
from numpy.typing import NDArray

from assistant.demo_kit.arrays import read_array
from assistant.demo_kit.exercises import Exercise, Mistake
from assistant.demo_kit.question import Facts
from assistant.demo_kit.types import DemoError, DemoResult, Fault, Plot, Table
from assistant.demo_parts.convolution import Window
from assistant.demo_parts.im2col import direct, im2col
from assistant.demo_parts.spoken_im2col import read_im2col

TOPICS = (
    "im2col",
    "convolution as matrix multiplication",
    "卷积转矩阵乘法",
    "im2col 内存",
    "GEMM convolution",
)
FORMULA = (
    "X_col: [C·kh·kw, H_out·W_out], W_row: [C_out, C·kh·kw], out = W_row · X_col + b; "
    "H_out = ⌊(H + 2p − kh)/s⌋ + 1"
)
SOURCE = (
    "Chellapilla, Puri & Simard 2006, High Performance Convolutional Neural Networks for Document Processing, "
    "section 4 (unrolling); column order as in torch.nn.Unfold"
)

Array = NDArray[np.float64]
Side = Annotated[int, Interval(ge=1, le=100_000)]
Length = Annotated[int, Interval(ge=1, le=512)]
Shape = Annotated[list[Side], Len(4, 4)]
_MAX_ELEMENTS = 1_000_000
_MAX_PRODUCT = 50_000_000
_SHOWN = 1024
_BYTES = 4


def im2col_conv(
    *,
    x_shape: Shape | None = None,
    w_shape: Shape | None = None,
    kernel: Length | Annotated[list[Length], Len(2, 2)] | None = None,
    stride: Annotated[int, Interval(ge=1, le=512)] = 1,
    padding: Annotated[int, Interval(ge=0, le=512)] = 0,
    x: Sequence[Any] | None = None,
    w: Sequence[Any] | None = None,
    b: Sequence[Any] | None = None,
    seed: Annotated[int, Interval(ge=0, le=2**31 - 1)] = 0,
) -> DemoResult:
    """Convolution by im2col: matrix shapes, duplication, memory, and the check against the direct sum.

    Args:
        x_shape: Shape of the input, [N, C, H, W]; [1, 3, 32, 32] when left out.
        w_shape: Shape of the filters, [C_out, C, kh, kw]; 8 filters of 3x3 when left out.
        kernel: Side of the filters or [kh, kw], where only the columns are asked for.
        stride: Step of the filters in pixels.
        padding: Zeros on each side in pixels.
        x: Input, a matrix [H, W] or nested lists [C, H, W] or [N, C, H, W].
        w: Filters, a matrix [kh, kw] or nested lists [C, kh, kw] or [C_out, C, kh, kw].
        b: One bias per filter; zeros when left out.
        seed: Seed of the tensors that were not given.
    """
    image = None if x is None else read_array("x", x, ndim=(2, 4))
    filters = None if w is None else read_array("w", w, ndim=(2, 4))
    x_sides = _agreed("x_shape", x_shape, image) or [1, 3, 32, 32]
    w_sides = _agreed("w_shape", w_shape, filters)
    only_kernel = kernel is not None and w_sides is None
    if w_sides is None:
        area = kernel if isinstance(kernel, list) else [kernel or 3] * 2
        w_sides = [8, x_sides[1], *area]
    elif kernel is not None and (kernel if isinstance(kernel, list) else [kernel] * 2) != w_sides[2:]:
        raise _mismatch("kernel", kernel, f"{w_sides[2:]}, as the filters", f"{w_sides[2:]}，与滤波器一致")
    if w_sides[1] != x_sides[1]:
        raise _mismatch(
            "w" if w is not None else "w_shape",
            w_sides,
            f"{x_sides[1]} channels, as the input (it has {w_sides[1]})",
            f"{x_sides[1]} 个通道，与输入一致（现为 {w_sides[1]}）",
        )
    bias = None if b is None else read_array("b", b, ndim=(1, 1))
    if bias is not None and len(bias) != w_sides[0]:
        raise _mismatch(
            "b", len(bias), f"{w_sides[0]} numbers, one per filter", f"{w_sides[0]} 个数，每个滤波器一个"
        )

    windows = [Window(k, stride, padding) for k in w_sides[2:]]
    high, wide = (w.output(size) for w, size in zip(windows, x_sides[2:], strict=True))
    if min(high, wide) < 1:
        raise _too_large(w_sides[2:], [size + 2 * padding for size in x_sides[2:]])
    n, taps = x_sides[0], math.prod(w_sides[1:])
    batch = [n] if n > 1 else []
    shapes = {"x_col": [*batch, taps, high * wide], "out_hw": [high, wide]}
    shapes["out_shape"] = [n, w_sides[0], high, wide]
    entries, inputs = n * taps * high * wide, math.prod(x_sides)
    numbers: dict[str, Any] = {
        **shapes,
        "w_row": [w_sides[0], taps],
        "out": [*batch, w_sides[0], high * wide],
    }
    if only_kernel:
        numbers = {"x_col": shapes["x_col"], "out_hw": shapes["out_hw"]}
    numbers |= {
        "duplication": entries / inputs,
        "x_col_MB": entries * _BYTES / 1e6,
        "input_MB": inputs * _BYTES / 1e6,
    }
    notes = ["Cross-correlation: the filter is not flipped. MB are 10^6 bytes of 4-byte floats."]
    padded = math.prod([*x_sides[:2], *(side + 2 * padding for side in x_sides[2:])])
    largest = max(padded, entries, math.prod(shapes["out_shape"]))
    is_small = largest <= _MAX_ELEMENTS and entries * w_sides[0] <= _MAX_PRODUCT
    if not is_small:
        notes.append("Too large to compute here: shapes and memory only.")
    elif only_kernel and image is not None and entries <= _SHOWN:
        columns = im2col(image.reshape(x_sides), w_sides[2], w_sides[3], stride, padding)
        numbers["columns"] = columns[0] if n == 1 else columns
    elif not only_kernel:
        random = np.random.default_rng(seed)
        image4 = random.normal(size=x_sides) if image is None else image.reshape(x_sides)
        filters4 = random.normal(size=w_sides) if filters is None else filters.reshape(w_sides)
        columns = im2col(image4, w_sides[2], w_sides[3], stride, padding)
        shift = np.zeros(w_sides[0]) if bias is None else bias
        out = (filters4.reshape(w_sides[0], taps) @ columns + shift[:, None]).reshape(shapes["out_shape"])
        numbers["max_abs_diff"] = float(np.abs(out - direct(image4, filters4, shift, stride, padding)).max())
        if image is not None or filters is not None:
            numbers["out"] = _like(out, image, filters)
        if entries <= _SHOWN:
            numbers["columns"] = columns[0] if n == 1 else columns
    return DemoResult(
        demo="im2col_conv",
        args_used={"x_shape": x_sides} | ({} if only_kernel else {"w_shape": w_sides}),
        numbers=numbers,
        formula=FORMULA,
        source=SOURCE,
        table=_table(x_sides, w_sides, shapes, only_kernel),
        plot=_usage(windows, x_sides[2:]),
        notes=tuple(notes),
        warnings=_warnings(windows, x_sides[2:]),
    )


def _agreed(param: str, shape: list[int] | None, array: Array | None) -> list[int] | None:
    """Return the four sides of a tensor from its values or from the shape given; both must say the same."""
    if array is None:
        return shape
    sides = [1] * (4 - array.ndim) + list(array.shape)
    if shape is not None and shape != sides:
        raise _mismatch(param, shape, f"{sides}, the shape of {param[0]}", f"{sides}，即 {param[0]} 的形状")
    return sides


def _like(out: Array, x: Array | None, w: Array | None) -> Array:
    """Return the output with as few axes as the input has: an image and one filter give an image."""
    axes = 4 if x is None else x.ndim
    if axes == 2 and (w is None or (w.shape[0] > 1 and w.ndim == 4)):
        axes = 3
    return out[0, 0] if axes == 2 else out[0] if axes == 3 else out


def _mismatch(param: str, got: Any, en: str, zh: str) -> DemoError:
    hint_en, hint_zh = f"{param} must be or have {en}.", f"{param} 应为 {zh}。"
    return DemoError(Fault.SHAPE_MISMATCH, param=param, got=got, allowed=en, hint_en=hint_en, hint_zh=hint_zh)


def _too_large(kernel: list[int], room: list[int]) -> DemoError:
    return DemoError(
        Fault.INCONSISTENT,
        param="kernel",
        got=kernel,
        allowed=f"at most {room}",
        hint_en=f"The filter {kernel} is larger than the padded input {room}.",
        hint_zh=f"滤波器 {kernel} 比填充后的输入 {room} 还大。",
    )


def _table(x: list[int], w: list[int], shapes: dict[str, list[int]], only_kernel: bool) -> Table:
    rows = [("X", x), ("X_col", shapes["x_col"])]
    if not only_kernel:
        rows += [("W_row", [w[0], math.prod(w[1:])]), ("output", shapes["out_shape"])]
    return Table(
        ("matrix", "shape", "elements", "MB (float32)"),
        tuple((name, str(s), math.prod(s), math.prod(s) * _BYTES / 1e6) for name, s in rows),
    )


def _usage(windows: list[Window], sides: list[int]) -> Plot:
    """Return in how many columns each input pixel lands, at most 64x64 of them."""
    counts = []
    for window, side in zip(windows, sides, strict=True):
        assert window.padding != "same"
        at = np.arange(min(side, 64)) + window.padding
        last = np.minimum(at // window.stride, window.output(side) - 1)
        first = np.maximum(-((window.kernel - 1 - at) // window.stride), 0)
        counts.append(np.maximum(last - first + 1, 0))
    return Plot(
        "heatmap", (), "column", "row", grid=np.outer(*counts).tolist(), cells="windows over the pixel"
    )


def _warnings(windows: list[Window], sides: list[int]) -> tuple[str, ...]:
    cut = [w for w, side in zip(windows, sides, strict=True) if w.exact_output(side).denominator != 1]
    return (
        ("The stride does not divide the way: the last rows or columns of the input are not used.",)
        if cut
        else ()
    )


def read_question(facts: Facts) -> dict[str, Any] | None:
    """Return shapes, stride and padding of a question about im2col."""
    return read_im2col(im2col_conv, facts)


def exercise(random: np.random.Generator, level: int) -> Exercise:
    """Return a drill on the shape of X_col: stride 1, then stride and padding, then how often pixels repeat."""
    side, c, k = (int(random.choice(options)) for options in ((12, 15, 20, 27), (3, 6, 16), (3, 5)))
    stride, padding = (1, 0) if level == 1 else (int(random.choice([2, 3])), int(random.choice([1, 2])))
    shape = [1, c, side, side]
    arguments = {"x_shape": shape, "kernel": k, "stride": stride, "padding": padding}
    numbers = im2col_conv(x_shape=shape, kernel=k, stride=stride, padding=padding).numbers
    rows, columns = numbers["x_col"]
    place = numbers["out_hw"][0]
    given_zh = f"输入 [1, {c}, {side}, {side}]，{k}×{k} 卷积，步长 {stride}，填充 {padding}"
    given_en = f"Input [1, {c}, {side}, {side}], {k}×{k} convolution, stride {stride}, padding {padding}"
    steps = [
        f"C·k·k = {c}·{k}·{k} = {rows}",
        f"H_out = ⌊({side} + 2·{padding} − {k})/{stride}⌋ + 1 = {place}",
        f"H_out·W_out = {place}·{place} = {columns}",
    ]
    if level < 3:
        answer: float | tuple[float, ...] = (rows, columns)
        steps.append(f"X_col: {rows}×{columns}")
        ask = (
            "im2col 得到的 X_col（核的每个位置一列）是几行几列？",
            "How many rows and columns does im2col's X_col have, with a column per place of the kernel?",
        )
        mistakes = [
            Mistake((k * k, columns), "行数漏乘了通道数", "the rows must be multiplied by the channels"),
            Mistake((rows, (place - 1) ** 2), "输出边长漏加 1", "the output's side lacks the + 1"),
        ]
    else:
        answer = numbers["duplication"]
        ask = (
            "X_col 的元素数是输入的多少倍？",
            "How many times as many elements as the input does X_col have?",
        )
        steps.append(f"{rows}·{columns} / ({c}·{side}·{side}) = {answer:.4g}")
        mistakes = [
            Mistake(
                k * k, "k² 倍只在步长 1、不缩小时成立", "k² holds only for stride 1 and an output as large"
            ),
            Mistake(rows * columns / side**2, "分母漏了通道数", "the input's channels are missing below"),
        ]
    return Exercise(
        demo="im2col_conv",
        arguments=arguments,
        question_zh=f"{given_zh}。{ask[0]}",
        question_en=f"{given_en}. {ask[1]}",
        answer=answer,
        steps_zh=tuple(steps),
        steps_en=tuple(steps),
        hint_zh="一列是卷积核停在一个位置时看到的全部像素；有多少个位置就有多少列。",
        hint_en="A column is everything the filter sees at one place; there are as many columns as places.",
        mistakes=tuple(mistakes),
        tolerance=0 if level < 3 else 0.01,
    )
