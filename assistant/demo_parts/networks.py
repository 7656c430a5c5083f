"""Published networks as stacks of windows: data for the receptive field, without channels and weights.

Every network but the torchvision one is the TF-Slim model of that name, with its endpoint names. Of several
branches only the one that sees farthest is kept, per axis: 1x7 and 7x1 together count as one 7 on each axis.
Checked against the table of google-research/receptive_field (Araujo, Norris & Sim 2019).
"""

from __future__ import annotations

from typing import Literal

from assistant.demo_parts.convolution import Window

Preset = Literal[
    "alexnet_v2",
    "inception_resnet_v2",
    "inception_v2",
    "inception_v3",
    "mobilenet_v1",
    "resnet50_torchvision",
    "resnet_v1_101_slim",
    "resnet_v1_152_slim",
    "resnet_v1_50_slim",
    "vgg_16",
    "vgg_a",
]

#: Endpoint name -> the windows between the endpoint before it and this one.
Network = dict[str, tuple[Window, ...]]


def _same(*kernels: int, stride: int = 1) -> tuple[Window, ...]:
    return tuple(Window(k, stride, "same") for k in kernels)


def _valid(kernel: int, stride: int = 1) -> tuple[Window, ...]:
    return (Window(kernel, stride),)


def _alexnet() -> Network:
    return {
        "conv1": _valid(11, 4),
        "pool1": _valid(3, 2),
        "conv2": _same(5),
        "pool2": _valid(3, 2),
        "conv3": _same(3),
        "conv4": _same(3),
        "conv5": _same(3),
        "pool5": _valid(3, 2),
    }


def _vgg(*depths: int) -> Network:
    network: Network = {}
    for block, depth in enumerate(depths, 1):
        network |= {f"conv{block}_{i}": _same(3) for i in range(1, depth + 1)}
        network[f"pool{block}"] = _valid(2, 2)
    return network


def _mobilenet() -> Network:
    network: Network = {"Conv2d_0": _same(3, stride=2)}
    for i, stride in enumerate([1, 2, 1, 2, 1, 2, 1, 1, 1, 1, 1, 2, 1], 1):
        network[f"Conv2d_{i}_depthwise"] = _same(3, stride=stride)
        network[f"Conv2d_{i}_pointwise"] = _same(1)
    return network


def _resnet_slim(*units: int) -> Network:
    """Stride 2 is in the *last* unit of a block, and block4 has none; only the pool is padded SAME."""
    network: Network = {"conv1": (Window(7, 2, 3),), "pool1": _same(3, stride=2)}
    for block, depth in enumerate(units, 1):
        last = 2 if block < len(units) else 1
        network[f"block{block}"] = (Window(3, 1, 1),) * (depth - 1) + (Window(3, last, 1),)
    return network


def _resnet_torchvision(*units: int) -> Network:
    """Stride 2 is in the *first* unit's 3x3 of layer2 to layer4 (ResNet "v1.5"); all padding is explicit."""
    network: Network = {"conv1": (Window(7, 2, 3),), "maxpool": (Window(3, 2, 1),)}
    for layer, depth in enumerate(units, 1):
        first = 2 if layer > 1 else 1
        network[f"layer{layer}"] = (Window(3, first, 1),) + (Window(3, 1, 1),) * (depth - 1)
    return network


def _inception_v2() -> Network:
    network: Network = {
        "Conv2d_1a_7x7": _same(7, stride=2),
        "MaxPool_2a_3x3": _same(3, stride=2),
        "Conv2d_2b_1x1": _same(1),
        "Conv2d_2c_3x3": _same(3),
        "MaxPool_3a_3x3": _same(3, stride=2),
    }
    for name in ("3b", "3c", "4a", "4b", "4c", "4d", "4e", "5a", "5b", "5c"):
        reduces = name in ("4a", "5a")
        network[f"Mixed_{name}"] = _same(3) + _same(3, stride=2 if reduces else 1)
    return network


def _inception_stem() -> Network:
    return {
        "Conv2d_1a_3x3": _valid(3, 2),
        "Conv2d_2a_3x3": _valid(3),
        "Conv2d_2b_3x3": _same(3),
        "MaxPool_3a_3x3": _valid(3, 2),
        "Conv2d_3b_1x1": _valid(1),
        "Conv2d_4a_3x3": _valid(3),
        "MaxPool_5a_3x3": _valid(3, 2),
    }


def _inception_v3() -> Network:
    return (
        _inception_stem()
        | {f"Mixed_5{block}": _same(3, 3) for block in "bcd"}
        | {"Mixed_6a": _same(3) + _valid(3, 2)}
        | {f"Mixed_6{block}": _same(7, 7) for block in "bcde"}
        | {"Mixed_7a": _same(7) + _valid(3, 2)}
        | {f"Mixed_7{block}": _same(3, 3) for block in "bc"}
    )


def _inception_resnet_v2() -> Network:
    return _inception_stem() | {
        "Mixed_5b": _same(3, 3),
        "Mixed_6a": _same(3, 3) * 10 + _same(3) + _valid(3, 2),
        "PreAuxLogits": _same(7) * 20,
        "Mixed_7a": _same(3) + _valid(3, 2),
        "Conv2d_7b_1x1": _same(3) * 10 + _same(1),
    }


NETWORKS: dict[Preset, Network] = {
    "alexnet_v2": _alexnet(),
    "inception_resnet_v2": _inception_resnet_v2(),
    "inception_v2": _inception_v2(),
    "inception_v3": _inception_v3(),
    "mobilenet_v1": _mobilenet(),
    "resnet50_torchvision": _resnet_torchvision(3, 4, 6, 3),
    "resnet_v1_101_slim": _resnet_slim(3, 4, 23, 3),
    "resnet_v1_152_slim": _resnet_slim(3, 8, 36, 3),
    "resnet_v1_50_slim": _resnet_slim(3, 4, 6, 3),
    "vgg_16": _vgg(2, 2, 3, 3, 3),
    "vgg_a": _vgg(1, 1, 2, 2, 2),
}

#: What people call them; the first that a text says wins.
SPOKEN: tuple[tuple[tuple[str, ...], Preset], ...] = (
    (("vgg 16", "vgg d"), "vgg_16"),
    (("vgg 11", "vgg a"), "vgg_a"),
    (("alexnet", "alexnet v2"), "alexnet_v2"),
    (("inception resnet v2",), "inception_resnet_v2"),
    (("inception v2",), "inception_v2"),
    (("inception v3",), "inception_v3"),
    (("mobilenet", "mobilenet v1"), "mobilenet_v1"),
    (("resnet 101", "resnet v1 101"), "resnet_v1_101_slim"),
    (("resnet 152", "resnet v1 152"), "resnet_v1_152_slim"),
    (("resnet 50", "resnet v1 50"), "resnet_v1_50_slim"),
)

#: Networks that are no preset here, or whose kind is named without saying which.
OTHERS = (
    r"(?<![a-z])(?:vgg|resnet|resnext|inception|googlenet|mobilenet|densenet|efficientnet|shufflenet|yolo"
    r"|u-?net|vit|wavenet|tcn|hrnet|deeplab|lenet|segnet|fpn|xception|squeezenet)(?![a-z]{2})"
)
