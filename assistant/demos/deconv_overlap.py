"""Checkerboard artefacts: how many taps reach each output of a transposed convolution, and what evens them out.

Counts only, as if every weight were 1: learned weights may cancel the pattern or make one of their own.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

import numpy as np
from annotated_types import Interval, Len

from assistant.demo_kit.exercises import Exercise, Mistake
from assistant.demo_kit.question import Facts
from assistant.demo_kit.slots import Spoken, fill
from assistant.demo_kit.types import DemoError, DemoResult, Fault, Plot, Series, Table
from assistant.demo_parts.clear_draws import draw_clear
from assistant.demo_parts.overlap import Method, length_after, pattern, ratio_of, shortest, stacked

TOPICS = (
    "checkerboard artifacts",
    "棋盘格效应",
    "转置卷积",
    "反卷积",
    "transposed convolution overlap",
    "pixel shuffle",
)
FORMULA = (
    "taps at output j: those t < k with t ≡ j (mod s), ⌈k/s⌉ or ⌊k/s⌋; even iff s divides k; "
    "in 2-D counts multiply; pixel shuffle: [N, C·r², H, W] → [N, C, H·r, W·r]"
)
SOURCE = (
    "Odena, Dumoulin & Olah 2016, Deconvolution and Checkerboard Artifacts, Distill, doi:10.23915/distill.00003; "
    "pixel shuffle: Shi et al. 2016, arXiv:1609.05158, equation 4"
)

Side = Annotated[int, Interval(ge=1, le=100_000)]
_MAX_OUTPUTS = 65_536


def deconv_overlap(
    *,
    input_size: Annotated[int, Interval(ge=2, le=64)] = 8,
    kernel: Annotated[int, Interval(ge=1, le=32)] = 3,
    stride: Annotated[int, Interval(ge=1, le=16)] = 2,
    dims: Literal[1, 2] = 1,
    layers: Annotated[int, Interval(ge=1, le=4)] = 1,
    method: Method = "transposed",
    x_shape: Annotated[list[Side], Len(4, 4)] | None = None,
) -> DemoResult:
    """Overlap counts of a transposed convolution and of its cures: where the checkerboard comes from.

    Args:
        input_size: Side of the input in pixels.
        kernel: Side of the kernel in pixels.
        stride: Factor of upsampling, per layer.
        dims: 1 for a line, 2 for an image.
        layers: Equal layers in a row.
        method: transposed; resize_conv is nearest-neighbour resizing and a convolution; pixel_shuffle is a
            convolution and rearranged channels.
        x_shape: Input of pixel_shuffle, [N, C, H, W], for the shape of its output.
    """
    out_shape = _shuffled(x_shape, stride, method)
    length = length_after(input_size, kernel, stride, layers, method)
    if length**dims > _MAX_OUTPUTS:
        raise DemoError(
            Fault.TOO_BIG,
            param="input_size" if layers == 1 else "layers",
            got=input_size if layers == 1 else layers,
            allowed=f"at most {_MAX_OUTPUTS} outputs (this makes {length**dims})",
            hint_en=f"There would be {length**dims} outputs to count, more than {_MAX_OUTPUTS}.",
            hint_zh=f"需要统计 {length**dims} 个输出，超过上限 {_MAX_OUTPUTS}。",
        )
    line = stacked(np.ones(input_size, dtype=np.int64), kernel, stride, layers, method)
    period = pattern(kernel, stride, layers, method)
    ratio = ratio_of(period, dims)
    uniform = bool((period == period[0]).all())
    numbers: dict[str, Any] = {
        "ratio": ratio,
        "uniform": uniform,
        "interior": int(period[0]) ** dims if uniform else period if dims == 1 else np.outer(period, period),
        "period": shortest(period),
        "next_even_kernel": -(-kernel // stride) * stride,
        "cures": {
            name: ratio_of(pattern(kernel, stride, layers, name), dims)
            for name in ("transposed", "resize_conv", "pixel_shuffle")
        },
    }
    counts = line if dims == 1 else np.outer(line, line)
    if out_shape is None:
        numbers = {"counts": counts, "output_size": length, **numbers}
    else:
        numbers = {"out_shape": out_shape, **numbers}
    return DemoResult(
        demo="deconv_overlap",
        args_used={},
        numbers=numbers,
        formula=FORMULA,
        source=SOURCE,
        table=_table(kernel, stride, dims),
        plot=Plot("bar", (Series(method, range(length), line.tolist()),), "output position", "taps")
        if dims == 1
        else Plot("heatmap", (), "column", "row", grid=counts.tolist(), cells="taps"),
        notes=_notes(method, kernel, stride, uniform, numbers["next_even_kernel"], layers),
        warnings=_warnings(method, kernel, stride, layers),
    )


def _shuffled(x_shape: list[int] | None, factor: int, method: Method) -> list[int] | None:
    if x_shape is None:
        return None
    if method != "pixel_shuffle":
        raise DemoError(
            Fault.INCONSISTENT,
            param="x_shape",
            got=x_shape,
            allowed="only with method pixel_shuffle",
            hint_en="x_shape belongs to pixel_shuffle; the other methods take input_size.",
            hint_zh="x_shape 只用于 pixel_shuffle，其他方法用 input_size。",
        )
    n, channels, height, width = x_shape
    if channels % factor**2:
        raise DemoError(
            Fault.INCONSISTENT,
            param="x_shape",
            got=x_shape,
            allowed=f"channels divisible by {factor**2}",
            hint_en=f"Pixel shuffle by {factor} needs channels divisible by {factor**2}, here C={channels}.",
            hint_zh=f"{factor} 倍 pixel shuffle 要求通道数能被 {factor**2} 整除，现在 C={channels}。",
        )
    return [n, channels // factor**2, height * factor, width * factor]


def _table(kernel: int, stride: int, dims: int) -> Table:
    kernels = sorted({1, 2, 3, 4, 5, 6, 8, 9, kernel})
    strides = sorted({2, 3, 4, stride})
    rows = []
    for k in kernels:
        ratios = [ratio_of(pattern(k, s, 1, "transposed"), dims) for s in strides]
        rows.append((k, *("gaps" if r is None else "even" if r == 1 else f"{r:g}x" for r in ratios)))
    return Table(("kernel", *(f"stride {s}" for s in strides)), tuple(rows))


def _notes(
    method: Method, kernel: int, stride: int, uniform: bool, cure: int, layers: int
) -> tuple[str, ...]:
    notes = ["ratio and interior are those far from the edges, where fewer taps reach in any case."]
    if method == "transposed" and not uniform:
        notes.append(f"Cures: kernel {cure}, which stride {stride} divides; resize_conv; pixel_shuffle.")
        if layers > 1:
            notes.append(
                "Stacking makes it worse: the uneven counts of one layer are multiplied by the next."
            )
    if uniform:
        notes.append(
            "Even counts are no guarantee: unlucky weights, e.g. at the start, can still show a pattern."
        )
    if method == "pixel_shuffle":
        notes.append(
            f"The same as a transposed convolution with kernel {kernel * stride}, which {stride} divides."
        )
    return tuple(notes)


def _warnings(method: Method, kernel: int, stride: int, layers: int) -> tuple[str, ...]:
    if method == "transposed" and kernel < stride:
        return (
            "gaps: the kernel is smaller than the stride, so some outputs get nothing; the ratio is infinite.",
        )
    return ()


_SUBJECT = (
    "棋盘格", "棋盘效应", "棋盘伪影", "棋盘", "checkerboard", "checker board", "pixel shuffle", "pixelshuffle",
    "sub pixel", "亚像素卷积", "像素重排",
)  # fmt: skip
_UPSAMPLING = ("转置卷积", "反卷积", "deconv", "deconvolution", "transposed conv", "transposed convolution")
_SPOKEN: Spoken = {
    "kernel": ("kernel", "卷积核", "核", "kernel size", "核大小", "k"),
    "stride": ("stride", "步长", "步幅", "s", "upscale factor", "upscaling factor", "放大倍数", "上采样倍数", "放大"),
    "layers": ("{}层", "{}layer", "{}个转置卷积", "{}个反卷积", "{}transposed conv", "{}deconv"),
    "dims": {
        2: ("棋盘格", "棋盘效应", "棋盘伪影", "checkerboard", "checker board", "2d", "2维", "二维"),
        1: ("1d", "1维", "一维"),
    },
    "method": {
        "pixel_shuffle": ("pixel shuffle", "pixelshuffle", "sub pixel", "亚像素卷积", "像素重排"),
        "resize_conv": (
            "resize", "resize conv", "resize convolution", "上采样再卷积", "插值再卷积", "先插值", "先上采样", "插值",
            "上采样+卷积", "nearest neighbour", "nearest neighbor", "upsample",
        ),
    },
}  # fmt: skip


def read_question(facts: Facts) -> dict[str, Any] | None:
    """Return kernel, stride, dimensions and method of a question about uneven overlap."""
    found = fill(deconv_overlap, _SPOKEN, facts)
    about = facts.says(*_SUBJECT) or (
        facts.says(*_UPSAMPLING)
        and facts.says("重叠", "overlap", "不均匀", "uneven", "artifact", "artefact", "伪影")
    )
    # "does kernel 4 stride 2 fix it" follows up on an artefact without naming it.
    is_follow_up = facts.says("fix", "解决", "消除") and not facts.says(
        "conv", "卷积", "pooling", "池化", "padding"
    )
    if facts.says("标定", "相机", "calibration", "camera", "chess", "象棋"):
        return None
    if not about and not (is_follow_up and found.keys() >= {"kernel", "stride"}):
        return None
    if found.get("method") == "pixel_shuffle":
        if shapes := facts.shapes(4):
            return found | {"x_shape": shapes[0]}
        if facts.says(*_UPSAMPLING):
            del found["method"]  # one beside the other is a comparison, which the usual run makes
    size = facts.size_before("输入", "input", "feature map", "特征图")
    if found.keys() <= {"dims"} and not size and not facts.says("2d", "2维", "1d", "1维"):
        return {}  # the pattern's name alone gives nothing to compute with
    return found | ({"input_size": size[0]} if size and size[0] == size[1] else {})


#: Kernel and stride of the drills: uneven, and after two layers unlike one layer and its square.
_UNEVEN = ((3, 2), (5, 2), (7, 2), (4, 3), (5, 3), (7, 3), (8, 3), (5, 4), (6, 4), (7, 4))


def exercise(random: np.random.Generator, level: int) -> Exercise:
    """Return a drill on overlap, most over fewest taps: on a line, in the plane, and after two layers."""
    return draw_clear(lambda: _draw(random, level))


def _draw(random: np.random.Generator, level: int) -> Exercise:
    kernel, stride = _UNEVEN[int(random.integers(len(_UNEVEN)))]
    dims, layers = (2 if level == 2 else 1), (2 if level >= 3 else 1)
    arguments: dict[str, Any] = {
        "input_size": int(random.choice([8, 10, 12, 16])),
        "kernel": kernel,
        "stride": stride,
        "dims": dims,
        "layers": layers,
    }
    answer = deconv_overlap(**arguments).numbers["ratio"]
    high, low = -(-kernel // stride), kernel // stride
    steps = [f"⌈k/s⌉ = ⌈{kernel}/{stride}⌉ = {high}", f"⌊k/s⌋ = ⌊{kernel}/{stride}⌋ = {low}"]
    one = high / low
    if level == 2:
        steps.append(f"({high}/{low})² = {answer:.4g}")
        mistakes = [(one, "那是一维的，二维要平方", "that is the line; in the plane it is squared")]
    elif level >= 3:
        period = pattern(kernel, stride, layers, "transposed")
        steps += [
            f"1: {pattern(kernel, stride, 1, 'transposed').tolist()}",
            f"2: {period.tolist()}",
            f"{period.max()}/{period.min()} = {answer:.4g}",
        ]
        mistakes = [
            (one, "那只是一层的比值", "that is the ratio of one layer"),
            (one**2, "两层的最多与最少不会都落在同一处", "the extremes of two layers do not all meet"),
        ]
    else:
        steps.append(f"{high}/{low} = {answer:.4g}")
        mistakes = [
            (kernel / stride, "覆盖次数是整数：要向上、向下取整", "taps are whole: round up and down")
        ]
    mistakes.append((1 / answer, "是最多比最少，不是反过来", "it is most over fewest, not the reverse"))
    space = ("二维", "two-dimensional") if dims == 2 else ("一维", "one-dimensional")
    stack = (f"连续 {layers} 层", f"{layers} layers of ") if layers > 1 else ("", "a ")
    size = arguments["input_size"]
    return Exercise(
        demo="deconv_overlap",
        arguments=arguments,
        question_zh=f"边长 {size} 的输入经过{stack[0]}{space[0]}转置卷积，kernel={kernel}，stride={stride}。"
        "远离边缘处，一个输出位置最多和最少被卷积核覆盖几次，两者之比是多少？",
        question_en=f"An input of side {size} passes through {stack[1]}{space[1]} transposed convolution with kernel "
        f"{kernel} and stride {stride}. Away from the edges, what is the ratio of most to fewest taps per output?",
        answer=answer,
        steps_zh=tuple(steps),
        steps_en=tuple(steps),
        hint_zh="输出位置 j 只被核里与 j 模 stride 同余的那些位置覆盖。",
        hint_en="Output j is reached only by the taps that leave the same remainder by the stride as j.",
        mistakes=tuple(Mistake(*slip) for slip in mistakes),
    )
