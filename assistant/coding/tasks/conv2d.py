"""Write the forward pass of a convolution."""

from __future__ import annotations

import numpy as np

from assistant.coding.types import Check, Said, Slip, Task
from assistant.demo_parts.im2col import direct


def conv2d(x: np.ndarray, w: np.ndarray, b: np.ndarray, stride: int = 1, padding: int = 0) -> np.ndarray:
    """Return the convolution [N, O, H_out, W_out] of x [N, C, H, W] with filters w [O, C, kh, kw] and bias b [O]."""
    batch, _, height, width = x.shape
    filters, _, high, wide = w.shape
    x = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    rows = (height + 2 * padding - high) // stride + 1
    columns = (width + 2 * padding - wide) // stride + 1
    out = np.zeros((batch, filters, rows, columns))
    for i in range(rows):
        for j in range(columns):
            window = x[:, :, i * stride : i * stride + high, j * stride : j * stride + wide]
            out[:, :, i, j] = np.einsum("nchw,ochw->no", window, w)
    out += b[:, None, None]
    return out


def _check(
    name: str,
    zh: str,
    en: str,
    x: tuple[int, int, int, int],
    w: tuple[int, int, int, int],
    stride: int = 1,
    padding: int = 0,
    *,
    bias: bool = False,
) -> Check:
    random = np.random.default_rng(len(name))
    # Small whole numbers, so that a person can follow what went wrong.
    image, kernel = random.integers(-3, 4, x).astype(float), random.integers(-2, 3, w).astype(float)
    shift = random.integers(1, 5, w[0]).astype(float) if bias else np.zeros(w[0])
    arguments = {"x": image, "w": kernel, "b": shift, "stride": stride, "padding": padding}
    return Check(name, Said(zh, en), arguments, direct(image, kernel, shift, stride, padding))


def _checks() -> tuple[Check, ...]:
    return (
        _check(
            "valid",
            "stride 1、padding 0、一个通道",
            "stride 1, padding 0, one channel",
            (1, 1, 4, 4),
            (1, 1, 3, 3),
        ),
        _check("bias", "偏置", "a bias", (1, 1, 3, 3), (2, 1, 2, 2), bias=True),
        _check("padding", "padding 1", "padding 1", (1, 1, 3, 3), (1, 1, 3, 3), padding=1),
        _check(
            "stride", "stride 2，除不尽", "stride 2 with a remainder", (1, 1, 6, 6), (1, 1, 3, 3), stride=2
        ),
        _check(
            "channels", "多个通道和多个滤波器", "several channels and filters", (1, 3, 4, 4), (4, 3, 2, 2)
        ),
        _check("oblong", "高和宽不相等", "height and width that differ", (1, 2, 4, 7), (2, 2, 3, 2), 1, 1),
        _check(
            "batch",
            "一批样本，全都用上",
            "a batch, everything at once",
            (3, 2, 7, 6),
            (4, 2, 3, 3),
            2,
            1,
            bias=True,
        ),
    )


TASK = Task(
    name="conv2d",
    title=Said("手写卷积的前向", "The forward pass of a convolution"),
    statement=Said(
        "不调用任何卷积函数，实现二维卷积的前向：输入 x [N, C, H, W]、滤波器 w [O, C, kh, kw]、\n"
        "偏置 b [O]，支持 stride 和 padding（上下左右都补 padding 圈 0）。\n"
        "按深度学习的习惯，滤波器不翻转（互相关）；放不下最后一步的边缘直接舍去。",
        "Write the forward pass of a 2-D convolution without calling one: input x [N, C, H, W],\n"
        "filters w [O, C, kh, kw], bias b [O], with a stride and with zero padding on all four sides.\n"
        "As everywhere in deep learning the filter is not flipped (cross-correlation), and a last\n"
        "step that does not fit is dropped.",
    ),
    solution=conv2d,
    checks=_checks,
    topics=(
        "im2col",
        "卷积 & 输出尺寸",
        "卷积 & padding",
        "卷积 & 实现",
        "convolution & output",
        "卷积 & 矩阵乘法",
        "卷积神经网络",
    ),
    terms=(
        "im2col",
        "padding",
        "stride",
        "步长",
        "填充",
        "输出尺寸",
        "滤波器",
        "卷积核",
        "互相关",
        "output size",
        "filter",
    ),
    hints=(
        Said(
            "先算输出的高和宽：(H + 2p − kh) // s + 1。", "The output's height first: (H + 2p − kh) // s + 1."
        ),
        Said(
            "先把四周补好 0，之后就不用再管边界。", "Pad once at the start; after that no border needs care."
        ),
        Said(
            "对输出的每个位置 (i, j)，取出 x[:, :, i*s:i*s+kh, j*s:j*s+kw]，和 w "
            "在通道、高、宽三个维度上求和。",
            "For each place (i, j) take x[:, :, i*s:i*s+kh, j*s:j*s+kw] and sum over channels, height "
            "and width with w.",
        ),
    ),
    slips=(
        Slip(
            "valid",
            Said(
                "滤波器被翻转了：那是数学上的卷积，深度学习里用的是互相关。",
                "The filter is flipped: that is mathematics' convolution, deep learning's is a "
                "cross-correlation.",
            ),
            "window, w)",
            "window, w[:, :, ::-1, ::-1])",
        ),
        Slip(
            "bias",
            Said("没有加偏置。", "The bias is missing."),
            "    out += b[:, None, None]\n",
            "",
        ),
        Slip(
            "stride",
            Said(
                "输出尺寸是向下取整再加 1，这里少了一行一列。",
                "The output side is floor(…) + 1; a row and a column are missing.",
            ),
            "    return out",
            "    return out[..., :-1, :-1]",
        ),
        Slip(
            "stride",
            Said(
                "步长只用来算了输出尺寸，取窗口时没有乘上去。",
                "The stride decides the output's size, but the windows move by 1.",
            ),
            "x[:, :, i * stride : i * stride + high, j * stride : j * stride + wide]",
            "x[:, :, i : i + high, j : j + wide]",
        ),
        Slip(
            "padding",
            Said("只在左上补了 0，右下没有补够。", "The padding lies on the top and the left only."),
            "((0, 0), (0, 0), (padding, padding), (padding, padding))",
            "((0, 0), (0, 0), (2 * padding, 0), (2 * padding, 0))",
        ),
        Slip(
            "channels",
            Said("通道之间取了平均，应当求和。", "The channels are averaged; they are summed."),
            "window, w)",
            "window, w) / w.shape[1]",
        ),
    ),
    follow_up=Said(
        "乘加次数是多少？怎样改成一次矩阵乘法（im2col），代价是什么？",
        "How many multiply-adds is this? How does im2col make it one matrix product, and at what price?",
    ),
    follow_up_answer=Said(
        "N·O·H_out·W_out·C·kh·kw 次乘加。把每个窗口拉成一列，得到 [C·kh·kw, H_out·W_out]，再左乘 [O, "
        "C·kh·kw] 的权重；"
        "代价是内存，步长为 1 时输入被复制约 kh·kw 份。",
        "N·O·H_out·W_out·C·kh·kw. Each window becomes a column of a matrix [C·kh·kw, H_out·W_out], which "
        "the weights "
        "[O, C·kh·kw] multiply. The price is memory: at stride 1 the input is repeated about kh·kw times.",
    ),
)
