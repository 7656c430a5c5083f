"""Arguments of `init_variance`: their types, and what does not go together."""

from __future__ import annotations

import math
from typing import Annotated, NotRequired

from annotated_types import Interval
from typing_extensions import TypedDict

from assistant.demo_kit.types import DemoError, Fault
from assistant.demo_parts.activations import Activation, leaky_relu
from assistant.demo_parts.deep_networks import UNITS, Unit, moments_at, refuse_work
from assistant.demo_parts.initialisation import BATCH, Scheme, needs_both_fans, needs_gain

Fan = Annotated[int, Interval(ge=1, le=1_000_000)]


class Layers(TypedDict):
    """Equal layers of a network: how many inputs a gradient has there (k²·filters), and how many layers (1)."""

    fan_out: Fan
    count: NotRequired[Annotated[int, Interval(ge=1, le=1000)]]


def unit_of(activation: Unit, negative_slope: float | None) -> Activation:
    """Return the activation; raises `DemoError` for a slope that it does not have."""
    if negative_slope is not None and activation != "leaky_relu":
        raise DemoError(
            Fault.UNSUPPORTED,
            param="negative_slope",
            got=negative_slope,
            allowed="only with leaky_relu",
            hint_en=f"{activation} has no negative slope to choose; leave it out.",
            hint_zh=f"{activation} 没有可调的负半轴斜率，请去掉该参数。",
        )
    return UNITS[activation] if negative_slope is None else leaky_relu(negative_slope)


def check(
    scheme: Scheme,
    unit: Activation,
    activation: str,
    mode: str,
    fan_in: int | None,
    fan_out: int | None,
    fixed_std: float | None,
    layers: list[Layers] | None,
) -> None:
    """Raise where arguments do not go together."""
    if unit.gain is None and (needs_gain(scheme) or layers is not None):
        fitting = math.sqrt(1 / moments_at(unit, 1.0)[1])
        raise DemoError(
            Fault.UNSUPPORTED,
            param="activation",
            got=activation,
            allowed=", ".join(name for name, known in UNITS.items() if known.gain is not None),
            hint_en=f"torch has no gain for {activation}; E[f²] of N(0, 1) would ask for {fitting:.4g}. Use lsuv.",
            hint_zh=f"torch 没有 {activation} 的 gain；按 N(0, 1) 的 E[f²] 应为 {fitting:.4g}。可改用 lsuv。",
        )
    if layers is not None and fixed_std is None:
        raise DemoError(
            Fault.INCONSISTENT,
            param="layers",
            got=f"{len(layers)} items",
            allowed="together with fixed_std",
            hint_en="layers compare one fixed standard deviation with kaiming's; give fixed_std, too.",
            hint_zh="layers 用来比较固定标准差与 Kaiming，请同时给出 fixed_std。",
        )
    missing = None
    if needs_both_fans(scheme) and (fan_in is None) != (fan_out is None):
        missing = "fan_in" if fan_in is None else "fan_out"
    elif (
        scheme.startswith("kaiming") and (fan_in or fan_out) and not (fan_in if mode == "fan_in" else fan_out)
    ):
        missing = mode
    elif scheme == "lecun_normal" and fan_out and not fan_in:
        missing = "fan_in"
    if missing:
        raise DemoError(
            Fault.INCONSISTENT,
            param=missing,
            got=None,
            allowed="an integer in [1, 1e+06]",
            hint_en=f"{scheme} needs {missing} here.",
            hint_zh=f"{scheme} 在这里需要 {missing}。",
        )


def refuse_large(depth: int, width: int, *, is_orthogonal: bool) -> None:
    """Raise where drawing the network would take seconds: a QR decomposition costs more than its layer."""
    refuse_work(
        f"depth {depth}, width {width}",
        depth * width**2 * (width if is_orthogonal else BATCH),
        6e8 if is_orthogonal else 1e9,
        "The network is too big for a demo; take fewer or narrower layers.",
        "网络太大；请减小层数或宽度。",
    )
