"""Receptive field of a stack of convolutions: size, stride, padding, and which pixels a feature sees.

It computes what *can* reach a feature, from the layers' shapes alone; how much each pixel counts (the
effective receptive field) depends on the weights and is not computed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Annotated, Any

import numpy as np
from annotated_types import Interval, Len

from assistant.demo_kit.exercises import Exercise
from assistant.demo_kit.question import Facts
from assistant.demo_kit.types import DemoError, DemoResult, Fault, Plot, Series, Table
from assistant.demo_parts.convolution import Field, Window, fields, sizes
from assistant.demo_parts.layers import Layer, per_axis, refuse_huge, windows
from assistant.demo_parts.networks import NETWORKS, OTHERS, SPOKEN, Preset
from assistant.demo_parts.spoken_layers import read_input, read_layers
from assistant.demo_parts.window_drills import draw_field

FORMULA = "r = 1 + Σ_l d_l (k_l − 1) Π_{i<l} s_i; P = Σ_l p_l Π_{i<l} s_i; centre of feature f = −P + f·S + (r − 1)/2"
SOURCE = (
    "Araujo, Norris & Sim 2019, Computing Receptive Fields of Convolutional Neural Networks, Distill, "
    "doi:10.23915/distill.00021"
)
TOPICS = ("receptive field", "感受野", "effective stride", "dilated convolution", "空洞卷积")

_DEFAULT: list[Layer] = [{"k": 3, "s": 1, "p": 1}] * 3
#: The same network in two libraries, with different receptive fields.
_TWINS: dict[Preset, Preset] = {
    "resnet_v1_50_slim": "resnet50_torchvision",
    "resnet50_torchvision": "resnet_v1_50_slim",
}
_Stack = list[tuple[str, Window]]


def receptive_field(
    *,
    preset: Preset | None = None,
    layers: Annotated[list[Layer], Len(1, 300)] | None = None,
    branches: Annotated[list[Annotated[list[Layer], Len(1, 300)]], Len(1, 16)] | None = None,
    endpoint: str | None = None,
    input_size: Annotated[int, Interval(ge=1, le=100_000)] | None = None,
    feature: Annotated[int, Interval(ge=0, le=100_000)]
    | Annotated[list[Annotated[int, Interval(ge=0, le=100_000)]], Len(2, 2)]
    | None = None,
    trace: bool = False,
) -> DemoResult:
    """Receptive field, effective stride and padding of a network, and the input region one feature sees.

    Without preset, layers and branches it takes three 3x3 convolutions with stride 1 and padding 1.

    Args:
        preset: A published network, up to its last convolution or pooling.
        layers: Layers from input to output, each {k, s, p, d}: kernel, stride, padding per side, dilation.
        branches: Parallel stacks of layers on the same input whose outputs are added or concatenated.
        endpoint: With preset: the layer to stop at, such as conv4_2 or pool5.
        input_size: Side of the input in pixels; SAME padding depends on it.
        feature: Position in the output, one number for both axes or [y, x], whose region is wanted.
        trace: Also report the receptive field after every layer.
    """
    stacks, lists = _stacks(preset, layers, branches, endpoint)
    if input_size is not None:
        _check_fits(stacks, input_size)
    rows = [_widest([[w for _, w in stack] for stack in axis], input_size) for axis in stacks]
    last = [row[1][-1] for row in rows]
    numbers: dict[str, Any] = {
        "rf": _shaped([f.size for f in last], lists),
        "stride": _shaped([f.stride for f in last], lists),
        "padding": _shaped([f.padding for f in last], lists),
    }
    index, walk = rows[0]
    names, path = zip(*stacks[0][index], strict=True)
    outputs = [
        sizes([w for _, w in axis[i]], input_size)[-1] if input_size is not None else None
        for axis, (i, _) in zip(stacks, rows, strict=True)
    ]
    if feature is not None:
        at = feature if isinstance(feature, list) else [feature, feature]
        both = lists or isinstance(feature, list)
        for position, output in zip(at, outputs, strict=True):
            _check_inside(position, output)
        numbers["center"] = _shaped([f.center(i) for f, i in zip(last, at, strict=True)], both)
        numbers["span"] = _shaped([_list(f.span(i)) for f, i in zip(last, at, strict=True)], both)
    if input_size is not None:
        numbers["output_size"] = _shaped(outputs, lists)
        numbers["share_of_image"] = min(last[0].size / input_size, 1) * min(last[1].size / input_size, 1)
    if trace:
        both_walks = zip(rows[0][1], rows[1][1], strict=False)
        numbers["rf_trace"] = [_shaped([y.size, x.size], lists) for y, x in both_walks]

    table = Table(
        ("layer", "kernel", "stride", "dilation", "rf", "effective stride", "effective padding"),
        tuple(
            (name, window.kernel, window.stride, window.dilation, field.size, field.stride, field.padding)
            for i, (name, window, field) in enumerate(zip(names, path, walk, strict=True))
            if names[i + 1 : i + 2] != (name,)  # the last layer of an endpoint
        ),
    )
    depth = list(range(len(walk) + 1))
    lines = [Series("receptive field", depth, [1, *(field.size for field in walk)])]
    if input_size is not None:
        lines.append(Series("input size", [0, len(walk)], [input_size, input_size]))
    return DemoResult(
        demo="receptive_field",
        args_used={} if preset or layers or branches else {"layers": _DEFAULT},
        numbers=numbers,
        formula=FORMULA,
        source=SOURCE,
        table=table,
        plot=Plot("line", tuple(lines), "layer", "input pixels per axis", categories=("input", *names)),
        notes=_notes(preset, path=path, last=last, size=input_size),
        warnings=_warnings(last, input_size),
    )


def _stacks(
    preset: Preset | None,
    layers: list[Layer] | None,
    branches: list[list[Layer]] | None,
    endpoint: str | None,
) -> tuple[list[list[_Stack]], bool]:
    """Return the named stacks of windows per axis, and whether results are to be [h, w]."""
    ways = {"preset": preset, "layers": layers, "branches": branches}
    given = [name for name, value in ways.items() if value is not None]
    if len(given) > 1:
        raise DemoError(
            Fault.INCONSISTENT,
            param=given[1],
            got=given,
            allowed="one of preset, layers and branches",
            hint_en="Give the network one way only: preset, layers or branches.",
            hint_zh="网络只能用一种方式给出：preset、layers 或 branches。",
        )
    if preset is not None:
        stack = _preset_stack(preset, endpoint)
        return [[stack], [stack]], False
    if endpoint is not None:
        raise DemoError(
            Fault.INCONSISTENT,
            param="endpoint",
            got=endpoint,
            allowed="only with preset",
            hint_en="Only presets have named endpoints; cut the list of layers instead.",
            hint_zh="只有 preset 有命名的端点；自定义网络请直接截断 layers。",
        )
    written = branches or [layers or _DEFAULT]
    stacks = [
        [[(f"{i}", w) for i, w in enumerate(windows(branch, axis), 1)] for branch in written]
        for axis in (0, 1)
    ]
    return stacks, any(per_axis(branch) for branch in written)


def _preset_stack(preset: Preset, endpoint: str | None) -> _Stack:
    """Return the windows of a network up to `endpoint`; a TF scope before the name is ignored."""
    network = NETWORKS[preset]
    end = endpoint.split("/")[-1].lower() if endpoint else list(network)[-1].lower()
    stack: _Stack = []
    for name, some in network.items():
        stack += [(name, window) for window in some]
        if name.lower() == end:
            return stack
    raise DemoError(
        Fault.UNSUPPORTED,
        param="endpoint",
        got=endpoint,
        allowed=", ".join(network),
        hint_en=f"{preset} has no endpoint of that name.",
        hint_zh=f"{preset} 没有这个名字的端点。",
    )


def _widest(stacks: list[list[Window]], input_size: int | None) -> tuple[int, list[Field]]:
    """Return which of parallel stacks sees farthest, and its fields; all must be aligned to be merged."""
    walks = [fields(stack, input_size) for stack in stacks]
    ends = [walk[-1] for walk in walks]
    for end in ends:
        refuse_huge(end, "layers" if len(stacks) == 1 else "branches")
    known = all(end.padding is not None for end in ends)
    # The centre of feature 0 tells whether branches look at the same place.
    if len({(end.stride, end.center(0) if known else None) for end in ends}) > 1:
        raise DemoError(
            Fault.INCONSISTENT,
            param="branches",
            got=[[end.stride, end.center(0)] for end in ends],
            allowed="equal effective stride and equal centre in all branches",
            hint_en="The branches are not aligned: [stride, centre of feature 0] differ.",
            hint_zh="各分支没有对齐：[有效步幅, 0 号特征的中心] 不同。",
        )
    index = max(range(len(ends)), key=lambda i: ends[i].size)
    # Without known padding nothing can be said of any branch's position.
    return index, walks[index] if known else [Field(f.size, f.stride, None) for f in walks[index]]


def _check_fits(stacks: list[list[_Stack]], input_size: int) -> None:
    for stack in (stack for axis in stacks for stack in axis):
        for (name, window), size in zip(stack, sizes([w for _, w in stack], input_size), strict=True):
            if size < 1:
                raise DemoError(
                    Fault.OUT_OF_RANGE,
                    param="input_size",
                    got=input_size,
                    allowed="an input that every layer's kernel fits into",
                    hint_en=f"Nothing is left of the input at layer {name} (kernel {window.reach}).",
                    hint_zh=f"输入太小：到第 {name} 层（有效核 {window.reach}）时已没有输出。",
                )


def _check_inside(position: int, output: int | None) -> None:
    if output is not None and position >= output:
        raise DemoError(
            Fault.OUT_OF_RANGE,
            param="feature",
            got=position,
            allowed=f"0 to {output - 1}",
            hint_en=f"The output is only {output} wide, counted from 0.",
            hint_zh=f"输出的边长只有 {output}，下标从 0 开始。",
        )


def _shaped(values: list[Any], both: bool) -> Any:
    return values if both else values[0]


def _list(span: tuple[int, int] | None) -> list[int] | None:
    return list(span) if span else None


def _notes(
    preset: Preset | None, *, path: Sequence[Window], last: list[Field], size: int | None
) -> tuple[str, ...]:
    notes = []
    if preset is not None and preset.startswith("inception"):
        notes.append("Of the branches of a module, the one that sees farthest is counted, per axis.")
    if preset is not None and preset in _TWINS:
        twin = _TWINS[preset]
        other = fields([w for some in NETWORKS[twin].values() for w in some])[-1].size
        notes.append(
            f"ResNet-50 has two: TF-Slim strides in the last unit of a block, torchvision (v1.5) in the "
            f"first; {twin} sees {other}."
        )
    if last[0].padding is None:
        notes.append("The padding is unknown: SAME padding depends on the input size; give input_size.")
    elif size is not None and fields(path)[-1].padding is None:
        notes.append(f"SAME padding depends on the input size; this padding holds for {size}.")
    notes.append(
        "This is the theoretical field. The effective one is roughly Gaussian around the centre and far "
        "smaller (Luo et al. 2016, arXiv:1701.04128)."
    )
    return tuple(notes)


def _warnings(last: list[Field], input_size: int | None) -> tuple[str, ...]:
    if input_size is not None and max(field.size for field in last) > input_size:
        return ("The receptive field is larger than the image: border features see mostly padding.",)
    return ()


def read_question(facts: Facts) -> dict[str, Any] | None:
    """Return the network, endpoint and input size the question names; None if it asks for something else."""
    if not facts.says("receptive field", "感受野", "感知野", "感受域"):
        return None
    found: dict[str, Any] = {}
    preset = next((preset for names, preset in SPOKEN if facts.says(*names)), None)
    if preset == "resnet_v1_50_slim" and facts.says("torchvision", "pytorch", "v1.5"):
        preset = "resnet50_torchvision"
    if preset:
        found["preset"] = preset
        ends = [name for name in NETWORKS[preset] if facts.says(name)]
        if ends:
            found["endpoint"] = max(ends, key=len)
    elif layers := read_layers(facts):
        found["layers"] = layers
    elif re.search(OTHERS, facts.text):
        return None
    size = read_input(facts)
    if found and size and size[0] == size[1]:
        found["input_size"] = size[0]
    return found


def exercise(random: np.random.Generator, level: int) -> Exercise:
    """Return a drill on a receptive field: equal layers (level 1), with strides (2), with dilations (3)."""
    return draw_field(receptive_field, random, level)
