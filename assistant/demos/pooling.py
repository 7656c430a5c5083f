"""Max and mean pooling, forward and backward: which input each output came from and where its gradient goes.

Valid windows only: no padding and no dilation (`conv_output_size` has those).
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Annotated, Any, Literal

import numpy as np
from annotated_types import Interval
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from assistant.demo_kit.arrays import read_array
from assistant.demo_kit.exercises import Exercise
from assistant.demo_kit.question import Facts
from assistant.demo_kit.types import MAX_ROWS, DemoError, DemoResult, Fault, Plot, Table
from assistant.demo_parts.pooling_drills import drill

TOPICS = (
    "pooling",
    "max pooling",
    "average pooling",
    "池化",
    "最大池化",
    "平均池化",
    "mean pooling",
    "池化反向传播",
)
FORMULA = (
    "max: y = max x_i, dx_i = dy at the maximum, else 0; mean: y = Σ x_i / k², dx_i = dy / k²; "
    "where windows overlap, gradients add up"
)
SOURCE = (
    "LeCun et al. 1998, Gradient-based learning applied to document recognition, section II.B (subsampling); "
    "Dumoulin & Visin 2016, arXiv:1603.07285, chapter 3; tie rule as in torch.nn.MaxPool2d"
)

Array = NDArray[np.float64]

#: Elements of all windows together: 16 MB a copy, and a dozen copies are made.
_MOST_ELEMENTS = 2**21


def pooling(
    *,
    x: Sequence[Any] = ((1, 2, 3, 4), (5, 6, 7, 8), (9, 10, 11, 12), (13, 14, 15, 16)),
    kernel: Annotated[int, Interval(ge=1, le=16)] = 2,
    stride: Annotated[int, Interval(ge=1, le=16)] | None = None,
    mode: Literal["max", "mean"] = "max",
    upstream: Sequence[Any] | None = None,
    ties: Literal["first", "all"] = "first",
) -> DemoResult:
    """Max or mean pooling with its input gradient.

    Args:
        x: Input, a matrix [H, W] or nested lists [C, H, W] or [N, C, H, W], sides up to 64.
        kernel: Side of the square window in pixels.
        stride: Step of the window in pixels; the kernel's side when left out.
        mode: Take the maximum or the mean of each window.
        upstream: Gradient of the loss with respect to the output, of the output's shape; ones when left out.
        ties: Which of several equal maxima gets the gradient: the first in row-major order, or each of them.
    """
    step = kernel if stride is None else stride
    image = read_array("x", x, ndim=(2, 4))
    height, width = image.shape[-2:]
    if kernel > min(height, width):
        raise DemoError(
            Fault.INCONSISTENT,
            param="kernel",
            got=kernel,
            allowed=f"1 to {min(height, width)}",
            hint_en=f"The kernel is larger than the {height}x{width} input.",
            hint_zh=f"池化核比 {height}x{width} 的输入还大。",
        )
    _refuse_many(image, kernel, step)
    # windows: [..., H_out, W_out, k*k]
    windows = sliding_window_view(image, (kernel, kernel), axis=(-2, -1))[..., ::step, ::step, :, :]
    windows = windows.reshape(*windows.shape[:-2], kernel * kernel)
    out = windows.max(axis=-1) if mode == "max" else windows.mean(axis=-1)
    flow = np.ones_like(out) if upstream is None else read_array("upstream", upstream, ndim=(2, 4))
    if flow.shape != out.shape:
        raise DemoError(
            Fault.SHAPE_MISMATCH,
            param="upstream",
            got=list(flow.shape),
            allowed=f"shape {list(out.shape)}",
            hint_en=f"The output has shape {list(out.shape)}, and upstream must have the same.",
            hint_zh=f"输出的形状是 {list(out.shape)}，upstream 必须与它相同。",
        )
    first = windows.argmax(axis=-1)
    is_maximum = windows == windows.max(axis=-1, keepdims=True)
    tied = int((is_maximum.sum(axis=-1) > 1).sum()) if mode == "max" else 0
    if mode == "mean":
        share = np.full(windows.shape, 1 / kernel**2)
    elif ties == "all":
        share = is_maximum.astype(float)
    else:
        share = np.eye(kernel**2)[first]
    grad = _scattered(share * flow[..., None], image.shape, kernel, step)

    numbers: dict[str, Any] = {"out": out, "grad": grad, "out_shape": list(out.shape)}
    if mode == "max":
        rows = np.arange(out.shape[-2])[:, None] * step + first // kernel
        columns = np.arange(out.shape[-1]) * step + first % kernel
        numbers["argmax"] = np.stack([rows, columns], axis=-1)
    numbers["conservation"] = {
        "sum_upstream": float(flow.sum()),
        "sum_grad": float(grad.sum()),
        "conserved": bool(np.isclose(grad.sum(), flow.sum(), rtol=1e-9, atol=1e-9)),
    }
    return DemoResult(
        demo="pooling",
        args_used={},
        numbers=numbers,
        formula=FORMULA,
        source=SOURCE,
        table=_table(out, numbers.get("argmax"), flow, mode),
        plot=Plot(
            "heatmap", (), "column", "row", grid=grad.reshape(-1, height, width)[0].tolist(), cells="dL/dx"
        ),
        notes=_notes(mode, step, kernel, (height, width), upstream is None),
        warnings=_warnings(tied, ties),
    )


def _refuse_many(image: Array, kernel: int, step: int) -> None:
    """Raise where the windows together hold too many elements: they are copied out, several times over."""
    high, wide = ((side - kernel) // step + 1 for side in image.shape[-2:])
    elements = math.prod(image.shape[:-2]) * high * wide * kernel**2
    if elements > _MOST_ELEMENTS:
        raise DemoError(
            Fault.TOO_BIG,
            param="x",
            got=list(image.shape),
            allowed=f"up to {_MOST_ELEMENTS} elements in all windows; these are {elements}",
            hint_en="The windows overlap too often; take a larger stride or a smaller kernel or input.",
            hint_zh="窗口重叠过多；请增大步幅，或减小池化核或输入。",
        )


def _scattered(parts: Array, shape: tuple[int, ...], kernel: int, step: int) -> Array:
    """Return the input gradient: every window's part [..., H_out, W_out, k*k] added back where it came from."""
    grad = np.zeros(shape)
    high, wide = parts.shape[-3:-1]
    for i in range(kernel * kernel):
        row, column = divmod(i, kernel)
        # One offset inside the window at a time: its targets never overlap, so += is exact.
        grad[..., row : row + high * step : step, column : column + wide * step : step] += parts[..., i]
    return grad


def _table(out: Array, argmax: Array | None, flow: Array, mode: str) -> Table:
    columns = ("output position", "output", "came from", "upstream")
    places = list(np.ndindex(out.shape))[:MAX_ROWS]
    came = [
        str(argmax[place].tolist()) if argmax is not None else f"{mode} of the window" for place in places
    ]
    rows = [
        (str(list(place)), float(out[place]), source, float(flow[place]))
        for place, source in zip(places, came, strict=True)
    ]
    return Table(columns, tuple(rows))


def _notes(mode: str, step: int, kernel: int, size: tuple[int, int], is_ones: bool) -> tuple[str, ...]:
    notes = []
    if is_ones:
        notes.append("No upstream gradient was given: ones, so grad counts how often each input is used.")
    if mode == "max":
        notes.append("argmax is [row, column] in the input; all other inputs of a window get no gradient.")
    if step < kernel:
        notes.append("The windows overlap: an input in several of them gets the sum of their gradients.")
    if any((side - kernel) % step for side in size):
        notes.append("The windows do not reach the border: the last rows or columns are dropped, gradient 0.")
    return tuple(notes)


def _warnings(tied: int, ties: str) -> tuple[str, ...]:
    if tied == 0:
        return ()
    if ties == "all":
        return (
            f"{tied} windows have several maxima: each gets the whole gradient, so it is counted too often.",
        )
    return (f"{tied} windows have several maxima: the first in row-major order gets the gradient.",)


#: Operations that are called pooling, too, but take other arguments.
_OTHER = ("roi", "global", "全局", "spp", "pyramid", "金字塔", "attention", "注意力", "adaptive", "自适应")
_KERNEL = ("pooling", "pool", "池化", "池化核", "池化窗口", "kernel", "窗口", "window", "核")


def read_question(facts: Facts) -> dict[str, Any] | None:
    """Return matrix, upstream gradient, kernel, stride and mode as a question about pooling names them."""
    if not facts.says("pooling", "max pool", "maxpool", "avg pool", "avgpool", "池化") or facts.says(*_OTHER):
        return None
    found: dict[str, Any] = {}
    is_max = facts.says("max pooling", "max pool", "maxpool", "最大池化", "最大值池化")
    is_mean = facts.says("mean pooling", "average pooling", "avg pool", "avgpool", "平均池化", "均值池化")
    if is_max != is_mean:
        found["mode"] = "max" if is_max else "mean"
    before, word, after = _split(facts.text, r"upstream|上游|输出梯度|回传")
    matrix = Facts(before).matrix()
    if matrix is not None:
        found["x"] = matrix
    elif facts.says("卷积", "conv", "convolution", "全连接", "fully connected"):
        # The numbers may be the other layer's.
        return found
    kernel = facts.number(*_KERNEL) or _only_size(facts)
    # The example has 4 rows; a question about a larger kernel brings its own input or none.
    if isinstance(kernel, int) and 1 <= kernel <= (min(len(matrix), len(matrix[0])) if matrix else 4):
        found["kernel"] = kernel
        stride = facts.number("stride", "步长", "步幅")
        if isinstance(stride, int) and 1 <= stride <= 16:
            found["stride"] = stride
    upstream = Facts(after).matrix() if word else None
    if upstream is not None and (matrix or (len(upstream), len(upstream[0])) == (2, 2)):
        found["upstream"] = upstream
    return found


def _split(text: str, pattern: str) -> tuple[str, str, str]:
    found = re.search(pattern, text)
    return (text[: found.start()], found[0], text[found.end() :]) if found else (text, "", "")


def _only_size(facts: Facts) -> int | None:
    """Return the one square size of a question that speaks of no input."""
    sizes = facts.sizes()
    if len(sizes) != 1 or facts.says(
        "输入", "input", "特征图", "feature map", "图像", "image", "矩阵", "matrix"
    ):
        return None
    high, wide = sizes[0]
    return high if high == wide else None


def exercise(random: np.random.Generator, level: int) -> Exercise:
    """Return a drill on pooling: what comes out (level 1), a gradient under max (2) or mean pooling (3)."""
    return drill(pooling, random, level)
