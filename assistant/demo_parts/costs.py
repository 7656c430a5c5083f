"""What layers cost: weights, multiply-adds and values they put out. Knows no demo and no framework.

A fully connected layer is a 1x1 convolution on a 1x1 map. Pooling has outputs but neither weights nor
multiply-adds here, and neither do activations and normalisation, as in the papers' own tables.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from assistant.demo_kit.types import DemoError, Fault

MILLION = 1e6

NetworkName = Literal["vgg16", "alexnet"]
Kind = Literal["standard", "separable", "depthwise", "pointwise", "grouped"]


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer: `kernel` and `size` (of the output) are (height, width); pooling has kernel (0, 0)."""

    name: str
    kernel: tuple[int, int]
    c_in: int
    c_out: int
    size: tuple[int, int]
    groups: int = 1
    bias: bool = False

    @property
    def fan_in(self) -> int:
        """Return the weights one output value is computed with."""
        return self.kernel[0] * self.kernel[1] * self.c_in // self.groups

    @property
    def weights(self) -> int:
        """Return the number of weights, biases left out."""
        return self.fan_in * self.c_out

    @property
    def params(self) -> int:
        """Return weights and biases."""
        return self.weights + self.bias * self.c_out

    @property
    def outputs(self) -> int:
        """Return the number of output values for one image."""
        return self.size[0] * self.size[1] * self.c_out

    @property
    def macs(self) -> int:
        """Return the multiply-adds for one image."""
        return self.outputs * self.fan_in


def conv(
    name: str,
    kernel: int,
    c_in: int,
    c_out: int,
    size: int | tuple[int, int],
    groups: int = 1,
    *,
    bias: bool = False,
) -> Layer:
    """Return a convolution with a square kernel; `size` is the side of its output, or (height, width)."""
    both = size if isinstance(size, tuple) else (size, size)
    return Layer(name, (kernel, kernel), c_in, c_out, both, groups, bias)


def separable(
    kernel: int, c_in: int, c_out: int, size: int | tuple[int, int], *, bias: bool = False
) -> list[Layer]:
    """Return the depthwise and the pointwise convolution that replace a standard one."""
    return [
        conv(f"depthwise {kernel}x{kernel}", kernel, c_in, c_in, size, c_in, bias=bias),
        conv("pointwise 1x1", 1, c_in, c_out, size, bias=bias),
    ]


def network(name: NetworkName) -> tuple[int, list[Layer]]:
    """Return the values of the input image and the layers of a whole network, biases and pooling included."""
    return (224 * 224 * 3, _vgg16()) if name == "vgg16" else (227 * 227 * 3, _alexnet())


def total(layers: Iterable[Layer], what: Literal["weights", "params", "outputs", "macs"]) -> int:
    """Return one cost added up over layers."""
    return sum(getattr(layer, what) for layer in layers)


def inconsistent(param: str, got: object, allowed: str, hint_en: str, hint_zh: str) -> DemoError:
    """Return the error for arguments that contradict each other."""
    return DemoError(
        Fault.INCONSISTENT, param=param, got=got, allowed=allowed, hint_en=hint_en, hint_zh=hint_zh
    )


def refuse_unused(given: Mapping[str, object], used: Container[str], choice: str) -> None:
    """Raise for the first argument that was given but means nothing with `choice`, such as "op=relu"."""
    for param, value in given.items():
        if value is not None and param not in used:
            raise inconsistent(
                param,
                value,
                f"nothing with {choice}",
                f"{choice} does not use {param}; leave it out.",
                f"{choice} 不使用 {param}，请去掉该参数。",
            )


def _pool(name: str, channels: int, size: int) -> Layer:
    return Layer(name, (0, 0), channels, channels, (size, size))


def _vgg16() -> list[Layer]:
    """Return VGG-16, configuration D of Simonyan & Zisserman 2014, Table 1."""
    layers, c_in, size = [], 3, 224
    for stage, (channels, depth) in enumerate(((64, 2), (128, 2), (256, 3), (512, 3), (512, 3)), 1):
        for i in range(1, depth + 1):
            layers.append(conv(f"conv{stage}_{i}", 3, c_in, channels, size, bias=True))
            c_in = channels
        size //= 2
        layers.append(_pool(f"pool{stage}", channels, size))
    return layers + _classifier(7 * 7 * 512, ("fc6", "fc7", "fc8"))


def _alexnet() -> list[Layer]:
    """Return AlexNet with the two groups of Krizhevsky et al. 2012, section 3.5."""
    return [
        conv("conv1", 11, 3, 96, 55, bias=True),
        _pool("pool1", 96, 27),
        conv("conv2", 5, 96, 256, 27, 2, bias=True),
        _pool("pool2", 256, 13),
        conv("conv3", 3, 256, 384, 13, bias=True),
        conv("conv4", 3, 384, 384, 13, 2, bias=True),
        conv("conv5", 3, 384, 256, 13, 2, bias=True),
        _pool("pool5", 256, 6),
        *_classifier(6 * 6 * 256, ("fc6", "fc7", "fc8")),
    ]


def _classifier(features: int, names: tuple[str, str, str]) -> list[Layer]:
    sides = (features, 4096, 4096, 1000)
    return [
        conv(name, 1, c_in, c_out, 1, bias=True)
        for name, c_in, c_out in zip(names, sides, sides[1:], strict=False)
    ]
