"""Layers as a caller writes them, `{k, s, p, d}`: their types, and their windows.

The arithmetic is in `_convolution`, reading layers from a question in `_spoken_layers`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal, NotRequired, TypeVar

from annotated_types import Interval, Len
from typing_extensions import TypedDict  # pydantic takes the one of typing only from Python 3.12 on

from assistant.demo_kit.types import DemoError, Fault
from assistant.demo_parts.convolution import Field, Window

T = TypeVar("T")

_LARGEST_FIELD = 10**9

Length = Annotated[int, Interval(ge=1, le=512)]
Margin = Annotated[int, Interval(ge=0, le=512)]
Spread = Annotated[int, Interval(ge=1, le=64)]
#: One number for both axes, or [h, w].
Kernel = Length | Annotated[list[Length], Len(2, 2)]
Padding = Margin | Annotated[list[Margin], Len(2, 2)]
Dilation = Spread | Annotated[list[Spread], Len(2, 2)]


class Layer(TypedDict):
    """A convolution or pooling: kernel, stride (1), padding per side (0) or "same", dilation (1)."""

    k: Kernel
    s: NotRequired[Kernel]
    p: NotRequired[Padding | Literal["same"]]
    d: NotRequired[Dilation]


def on_axis(value: T | list[int], axis: int) -> T | int:
    """Return the part of an int or [h, w] that belongs to `axis`."""
    return value[axis] if isinstance(value, list) else value


def windows(layers: Sequence[Layer], axis: int) -> list[Window]:
    """Return the windows of `layers` along `axis`, 0 for height and 1 for width."""
    return [
        Window(
            on_axis(layer["k"], axis),
            on_axis(layer.get("s", 1), axis),
            on_axis(layer.get("p", 0), axis),
            on_axis(layer.get("d", 1), axis),
        )
        for layer in layers
    ]


def per_axis(layers: Sequence[Layer]) -> bool:
    """Tell whether any layer is written as [h, w], so that results have to be, too."""
    return any(isinstance(value, list) for layer in layers for value in layer.values())


def refuse_huge(field: Field, param: str) -> None:
    """Raise where strides multiply beyond any image, before the numbers outgrow a float."""
    if max(field.size, field.stride) > _LARGEST_FIELD:
        raise DemoError(
            Fault.TOO_BIG,
            param=param,
            got=f"about 10^{len(str(max(field.size, field.stride))) - 1} pixels",
            allowed=f"a receptive field and stride up to {_LARGEST_FIELD}",
            hint_en="The strides multiply to a receptive field larger than any image.",
            hint_zh="步幅相乘后的感受野比任何图像都大。",
        )
