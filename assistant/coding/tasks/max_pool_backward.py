"""Write the backward pass of max pooling."""

from __future__ import annotations

import numpy as np

from assistant.coding.types import Array, Check, Said, Slip, Task
from assistant.demos.pooling import pooling


def max_pool_backward(dout: np.ndarray, x: np.ndarray, kernel: int, stride: int) -> np.ndarray:
    """Return dx of x's shape [H, W] from dout [H_out, W_out]; of equal maxima the first in row order gets it."""
    dx = np.zeros_like(x)
    for i, j in np.ndindex(*dout.shape):
        window = x[i * stride : i * stride + kernel, j * stride : j * stride + kernel]
        row, column = divmod(int(window.argmax()), kernel)
        dx[i * stride + row, j * stride + column] += dout[i, j]
    return dx


def _check(name: str, zh: str, en: str, x: Array, kernel: int, stride: int) -> Check:
    out = [(side - kernel) // stride + 1 for side in x.shape]
    dout = np.arange(1.0, 1 + out[0] * out[1]).reshape(out)
    grad = pooling(x=x.tolist(), kernel=kernel, stride=stride, upstream=dout.tolist()).numbers["grad"]
    return Check(name, Said(zh, en), {"dout": dout, "x": x, "kernel": kernel, "stride": stride}, grad)


def _checks() -> tuple[Check, ...]:
    random = np.random.default_rng(5)
    distinct = random.permutation(36).reshape(6, 6).astype(float)
    peak = np.zeros((3, 3))
    peak[1, 1] = 9
    return (
        _check("apart", "2×2 的窗口，步长 2", "2x2 windows, stride 2", distinct[:4, :4].copy(), 2, 2),
        _check("shared", "窗口重叠，同一个最大值被用了 4 次", "one maximum shared by 4 windows", peak, 2, 1),
        _check("ties", "窗口里有并列的最大值", "equal maxima in a window", np.ones((4, 4)), 2, 2),
        _check("negative", "输入全是负数", "negative inputs", distinct[:4, :4] - 50, 2, 2),
        _check(
            "border", "窗口盖不到右边和下边", "a border that no window reaches", distinct[:5, :6].copy(), 2, 2
        ),
        _check("overlapping", "3×3 的窗口，步长 1", "3x3 windows, stride 1", distinct, 3, 1),
    )


TASK = Task(
    name="max_pool_backward",
    title=Said("手写 max pooling 的反向传播", "The backward pass of max pooling"),
    statement=Said(
        "max pooling 的窗口是 kernel×kernel，步长 stride，没有 padding。给定输出的梯度 dout [H_out, W_out]\n"
        "和前向的输入 x [H, W]，返回和 x 同形状的输入梯度。\n"
        "最大值有并列时，梯度给按行数第一个（和 PyTorch 一致）；窗口可能重叠，也可能盖不到边缘。",
        "Max pooling with kernel x kernel windows, a stride and no padding: given the gradient of the "
        "output,\n"
        "dout [H_out, W_out], and the input x [H, W] of the forward pass, return the gradient of x.\n"
        "Of equal maxima the first in row order gets it, as in PyTorch. Windows may overlap, and they\n"
        "may not reach the border.",
    ),
    solution=max_pool_backward,
    checks=_checks,
    topics=("pooling & backward", "pooling", "池化"),
    terms=("最大值", "max pooling", "max", "池化", "pooling", "梯度", "argmax", "位置"),
    hints=(
        Said(
            "每个输出的梯度只流回它窗口里的最大值，其余位置是 0。",
            "Each output's gradient goes to the maximum of its window, and nowhere else.",
        ),
        Said(
            "argmax 给的是展平后的下标，用 divmod(下标, kernel) 还原成行和列。",
            "argmax counts the flattened window; divmod(index, kernel) gives row and column.",
        ),
        Said(
            "窗口重叠时同一个位置会收到多次梯度，要用 +=。",
            "Where windows overlap, one place is hit several times: use +=.",
        ),
    ),
    slips=(
        Slip(
            "shared",
            Said(
                "窗口重叠时后一次的梯度覆盖了前一次，应当累加。",
                "Where windows overlap, gradients overwrite each other; they add up.",
            ),
            "] += dout[i, j]",
            "] = dout[i, j]",
        ),
        Slip(
            "ties",
            Said(
                "并列的最大值都拿到了梯度，应当只给第一个。",
                "All equal maxima get the gradient; only the first should.",
            ),
            "        dx[i * stride + row, j * stride + column] += dout[i, j]",
            "        mask = window == window.max()\n"
            "        dx[i * stride : i * stride + kernel, j * stride : j * stride + kernel] += mask * "
            "dout[i, j]",
        ),
        Slip(
            "ties",
            Said("并列时给了最后一个，应当给第一个。", "The last of equal maxima gets it; the first should."),
            "int(window.argmax())",
            "window.size - 1 - int(window.ravel()[::-1].argmax())",
        ),
        Slip(
            "apart",
            Said(
                "梯度平均分给了窗口里的每个位置，那是 mean pooling。",
                "The gradient is spread over the window: that is mean pooling.",
            ),
            "        dx[i * stride + row, j * stride + column] += dout[i, j]",
            "        dx[i * stride : i * stride + kernel, j * stride : j * stride + kernel] += dout[i, "
            "j] / kernel**2",
        ),
        Slip(
            "apart",
            Said("行和列弄反了。", "Row and column are swapped."),
            "row, column = divmod",
            "column, row = divmod",
        ),
        Slip(
            "negative",
            Said(
                "把窗口补了 0 再取最大值：输入全是负数时会错。",
                "The maximum is taken with a 0: wrong where all inputs are negative.",
            ),
            "window.argmax()",
            "np.maximum(window, 0).argmax()",
        ),
    ),
    follow_up=Said(
        "前向时应该存什么，反向才不用重新找最大值？mean pooling 的反向有什么不同？",
        "What should the forward pass store so that no maximum is searched again, and how does mean "
        "pooling differ?",
    ),
    follow_up_answer=Said(
        "存每个输出的 argmax 下标，每个输出一个整数，反向直接 scatter-add。"
        "mean pooling 不用存下标，梯度除以 k² 后平均分给窗口里的每个位置。",
        "The argmax of each window, one integer per output; backward is then a scatter-add. Mean pooling "
        "stores no index: "
        "the gradient divided by k² goes to every place of the window.",
    ),
)
