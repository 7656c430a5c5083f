"""Convolution arithmetic along one axis: sizes, padding and receptive fields. Knows no demo and no framework.

Two axes are two independent problems, so everything here is one-dimensional; a demo asks twice for `[h, w]`.
Sizes: Dumoulin & Visin 2016, "A guide to convolution arithmetic", relations 6, 14 and 15. Receptive fields:
Araujo, Norris & Sim 2019, "Computing Receptive Fields of Convolutional Neural Networks" (Distill).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate
from typing import Literal


@dataclass(frozen=True, slots=True)
class Window:
    """A sliding window: convolution and pooling differ in what they do inside it, not in where it goes.

    `padding` is per side, or "same": as much as makes the output ceil(size / stride), the odd pixel on the
    right, which is what TensorFlow does and what makes the padding depend on the input's size.
    """

    kernel: int
    stride: int = 1
    padding: int | Literal["same"] = 0
    dilation: int = 1

    @property
    def reach(self) -> int:
        """Return the effective kernel: how many positions the dilated window spans."""
        return self.dilation * (self.kernel - 1) + 1

    def pads(self, size: int) -> tuple[int, int]:
        """Return the padding left and right of an input of `size`."""
        if self.padding != "same":
            return self.padding, self.padding
        missing = max((-(-size // self.stride) - 1) * self.stride + self.reach - size, 0)
        return missing // 2, missing - missing // 2

    def left_pad(self, size: int | None) -> int | None:
        """Return the padding on the left, or None where it depends on a size that is not known."""
        # The least and the most padding are needed where the stride divides the size, and one pixel later.
        sizes = (self.reach * self.stride, self.reach * self.stride + 1) if size is None else (size,)
        left = {self.pads(n)[0] for n in sizes}
        return left.pop() if len(left) == 1 else None

    def exact_output(self, size: int) -> Fraction:
        """Return the number of window positions before rounding down; below 1 the window does not fit."""
        return Fraction(size + sum(self.pads(size)) - self.reach, self.stride) + 1

    def output(self, size: int) -> int:
        """Return the number of window positions, floor((i + 2p - d(k-1) - 1) / s) + 1."""
        return self.exact_output(size).__floor__()

    def transposed_output(self, size: int, extra: int = 0) -> int:
        """Return the size a transposed convolution makes of `size`, with `extra` as output padding.

        (i - 1)s - 2p + d(k - 1) + a + 1. Only defined for explicit padding.
        """
        assert self.padding != "same"
        return (size - 1) * self.stride - 2 * self.padding + self.reach + extra


@dataclass(frozen=True, slots=True)
class Field:
    """What one feature sees of the input: `size` pixels, moving by `stride`, beginning `padding` outside it.

    `padding` is None where SAME padding depends on an input size that was not given.
    """

    size: int = 1
    stride: int = 1
    padding: int | None = 0

    def after(self, window: Window, left: int | None) -> Field:
        """Return the field once `window`, padded by `left`, is put on top."""
        return Field(
            self.size + (window.reach - 1) * self.stride,
            self.stride * window.stride,
            None if self.padding is None or left is None else self.padding + left * self.stride,
        )

    def span(self, feature: int) -> tuple[int, int] | None:
        """Return the first and last input position that `feature` sees; outside the input is padding."""
        if self.padding is None:
            return None
        first = feature * self.stride - self.padding
        return first, first + self.size - 1

    def center(self, feature: int) -> float | None:
        """Return the input position in the middle of what `feature` sees."""
        span = self.span(feature)
        return sum(span) / 2 if span else None


def sizes(windows: Iterable[Window], size: int) -> list[int]:
    """Return the size after each window, starting from an input of `size`; below 1 means it did not fit."""
    return list(accumulate(windows, lambda n, window: window.output(n), initial=size))[1:]


def fields(windows: Sequence[Window], size: int | None = None) -> list[Field]:
    """Return the field of a feature after each window; `size` is the input's, needed by SAME padding only."""
    inputs: list[int | None] = [None] * len(windows)
    if size is not None:
        inputs = [size, *sizes(windows, size)]
    seen = [Field()]
    for window, before in zip(windows, inputs, strict=False):
        seen.append(seen[-1].after(window, window.left_pad(before)))
    return seen[1:]
