"""Inception as data: GoogLeNet's modules and first layers, and the kernels that replace larger ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from assistant.demo_parts.costs import Layer, conv

Rule = Literal[
    "5x5 -> two 3x3", "7x7 -> three 3x3", "7x7 -> 1x7+7x1", "3x3 -> 3x1+1x3", "3x3 -> two 2x2", "5x5 vs 3x3"
]
ModuleName = Literal["3a", "3b", "4a", "4b", "4c", "4d", "4e", "5a", "5b"]
Name = Literal[
    "3a", "3b", "4a", "4b", "4c", "4d", "4e", "5a", "5b",
    "conv1 7x7/2 3->64", "conv2 (1x1 64->64, 3x3 64->192, 56x56)",
]  # fmt: skip
Shape = tuple[int, int]

#: What is replaced, and by what, one after the other. Szegedy et al. 2015, sections 3.1 and 3.2.
RULES: Mapping[str, tuple[Shape, tuple[Shape, ...]]] = {
    "5x5 -> two 3x3": ((5, 5), ((3, 3), (3, 3))),
    "7x7 -> three 3x3": ((7, 7), ((3, 3), (3, 3), (3, 3))),
    "7x7 -> 1x7+7x1": ((7, 7), ((1, 7), (7, 1))),
    "3x3 -> 3x1+1x3": ((3, 3), ((3, 1), (1, 3))),
    "3x3 -> two 2x2": ((3, 3), ((2, 2), (2, 2))),
    "5x5 vs 3x3": ((5, 5), ((3, 3),)),
}
#: Side, input channels, 1x1, 3x3 reduce, 3x3, 5x5 reduce, 5x5, pool projection. Szegedy et al. 2014, Table 1.
MODULES: Mapping[str, tuple[int, int, int, int, int, int, int, int]] = {
    "3a": (28, 192, 64, 96, 128, 16, 32, 32),
    "3b": (28, 256, 128, 128, 192, 32, 96, 64),
    "4a": (14, 480, 192, 96, 208, 16, 48, 64),
    "4b": (14, 512, 160, 112, 224, 24, 64, 64),
    "4c": (14, 512, 128, 128, 256, 24, 64, 64),
    "4d": (14, 512, 112, 144, 288, 32, 64, 64),
    "4e": (14, 528, 256, 160, 320, 32, 128, 128),
    "5a": (7, 832, 256, 160, 320, 32, 128, 128),
    "5b": (7, 832, 384, 192, 384, 48, 128, 128),
}
#: The layers before the first module, of the same table.
STEMS: Mapping[str, list[Layer]] = {
    "conv1 7x7/2 3->64": [conv("conv1 7x7/2", 7, 3, 64, 112)],
    "conv2 (1x1 64->64, 3x3 64->192, 56x56)": [
        conv("conv2 1x1", 1, 64, 64, 56),
        conv("conv2 3x3", 3, 64, 192, 56),
    ],
}


def field(kernels: Sequence[Shape]) -> Shape:
    """Return the receptive field (height, width) of kernels with stride 1 one after the other."""
    return 1 + sum(h - 1 for h, _ in kernels), 1 + sum(w - 1 for _, w in kernels)


def branches(m: Mapping[str, Any]) -> dict[str, list[Layer]]:
    """Return the four branches of a module with the counts `m`."""
    size, c_in = m["size"], m["c_in"]
    return {
        "1x1": [conv("1x1", 1, c_in, m["n1x1"], size)],
        "3x3": [conv("1x1 reduce", 1, c_in, m["r3x3"], size), conv("3x3", 3, m["r3x3"], m["n3x3"], size)],
        "5x5": [conv("1x1 reduce", 1, c_in, m["r5x5"], size), conv("5x5", 5, m["r5x5"], m["n5x5"], size)],
        "pool": [conv("1x1 projection", 1, c_in, m["pool_proj"], size)],
    }


def direct(m: Mapping[str, Any]) -> list[Layer]:
    """Return the layers that make the same outputs without the reductions before 3x3 and 5x5."""
    size, c_in = m["size"], m["c_in"]
    plain = branches(m)
    return [
        *plain["1x1"],
        conv("3x3", 3, c_in, m["n3x3"], size),
        conv("5x5", 5, c_in, m["n5x5"], size),
        *plain["pool"],
    ]
