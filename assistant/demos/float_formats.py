"""A number in fp32, fp16, bf16 and fp8: how it is rounded, when it is lost, and what a loss scale saves.

Also a sum of many small terms held in each format. No kernel's arithmetic: hardware sums in fp32 inside.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Annotated, Any, Literal

import numpy as np
from annotated_types import Interval

from assistant.demo_kit.exercises import Exercise
from assistant.demo_kit.question import Facts
from assistant.demo_kit.slots import Spoken, fill
from assistant.demo_kit.types import DemoResult, Plot, Series, Table
from assistant.demo_parts.costs import inconsistent
from assistant.demo_parts.number_format_drills import draw_number_format_drill
from assistant.demo_parts.number_formats import FORMATS, Format, FormatName

FORMULA = (
    "x = ±1.f · 2^e; gap = 2^(e − mantissa bits), below the least normal number constant; rounding to nearest, "
    "ties to even; with a loss scale S the format holds S·g, and S·g / S is taken in fp32"
)
SOURCE = (
    "IEEE 754-2019 (binary16, binary32); Kalamkar et al. 2019, arXiv:1905.12322 (bf16); Micikevicius et al. 2022, "
    "FP8 Formats, arXiv:2209.05433, table 1; Micikevicius et al. 2018, Mixed Precision Training, arXiv:1710.03740"
)
TOPICS = (
    "fp16 and bf16", "fp16 和 bf16 的区别", "混合精度", "mixed precision", "loss scaling", "半精度 下溢", "bfloat16",
    "fp8", "梯度下溢",
)  # fmt: skip

#: Points of the plotted sum at most.
_SHOWN = 200


def float_formats(
    *,
    value: Annotated[float, Interval(ge=-1e300, le=1e300)] = 0.1,
    loss_scale: Annotated[float, Interval(ge=2**-40, le=2**40)] = 1.0,
    add: Annotated[float, Interval(ge=-1e30, le=1e30)] | None = None,
    times: Annotated[int, Interval(ge=1, le=20_000)] | None = None,
    format: FormatName | Literal["all"] = "all",
) -> DemoResult:
    """A number in fp32, fp16, bf16 and fp8 e4m3: rounding, gaps, under- and overflow, loss scale, long sums.

    Args:
        value: The number, such as a gradient; where a sum is kept, what it starts from.
        loss_scale: Factor on the value before it is rounded, taken out again afterwards.
        add: Number that is added to the value again and again, rounding after every step.
        times: How often it is added; 1000 when left out.
        format: One format, or all of them.
    """
    if times is not None and add is None:
        raise inconsistent("times", times, "together with add", "times counts additions; give add, too.",
                           "times 是累加的次数，请同时给出 add。")  # fmt: skip
    if add is not None and loss_scale != 1:
        raise inconsistent("loss_scale", loss_scale, "1 together with add", "A sum is unscaled; leave loss_scale out.",
                           "累加时不使用 loss_scale，请去掉该参数。")  # fmt: skip
    chosen = {name: kind for name, kind in FORMATS.items() if format in ("all", name)}
    numbers: dict[str, Any] = {
        name: _stored(value, loss_scale, kind) | _limits(kind) for name, kind in chosen.items()
    }
    sums: dict[str, list[float]] = {}
    if add is not None:
        times = 1000 if times is None else times
        sums = {name: _summed(value, add, times, kind) for name, kind in chosen.items()}
        for name, kept in sums.items():
            numbers[name]["accumulated"] = kept[-1]
        numbers["exact_sum"] = value + times * add
    return DemoResult(
        demo="float_formats",
        args_used={"times": times},
        numbers=numbers,
        formula=FORMULA,
        source=SOURCE,
        table=_table(numbers, tuple(chosen)),
        plot=_plot(sums, chosen),
        notes=_notes(loss_scale, bool(sums)),
        warnings=_warnings(numbers, tuple(chosen)),
    )


def _stored(value: float, scale: float, kind: Format) -> dict[str, Any]:
    """Return what becomes of one number; its error is that of the number after the scale is taken out."""
    held = kind.rounded(value * scale)
    back = FORMATS["fp32"].rounded(held / scale)
    size = abs(value * scale)
    status = (
        "overflow" if math.isinf(held)
        else "underflow" if value and not held
        else "subnormal" if held and abs(held) < kind.least_normal
        else "normal"
    )  # fmt: skip
    return {
        "rounded": held,
        "unscaled": back,
        "relative_error": abs(back - value) / abs(value) if value else 0.0,
        "status": status,
        "spacing": kind.spacing(size) if size <= kind.largest else None,
    }


def _limits(kind: Format) -> dict[str, Any]:
    return {
        "max": kind.largest,
        "min_normal": kind.least_normal,
        "min_subnormal": kind.least_subnormal,
        "epsilon": kind.epsilon,
        "exponent_bits": kind.exponent_bits,
        "mantissa_bits": kind.mantissa,
    }


def _summed(start: float, add: float, times: int, kind: Format) -> list[float]:
    """Return the sum before and after every addition, all held in the format."""
    step, kept = kind.rounded(add), [kind.rounded(start)]
    for _ in range(times):
        kept.append(kind.rounded(kept[-1] + step))
        if kept[-1] == kept[-2]:
            # Nothing changes any more, however often it is added.
            return kept + [kept[-1]] * (times + 1 - len(kept))
    return kept


def _table(numbers: dict[str, Any], chosen: Sequence[str]) -> Table:
    told = ("rounded", "status", "spacing", "max", "min_normal", "min_subnormal", "accumulated")
    columns = [key for key in told if key in numbers[chosen[0]]]
    return Table(
        ("format", *columns), tuple((name, *(numbers[name][key] for key in columns)) for name in chosen)
    )


def _plot(sums: dict[str, list[float]], chosen: dict[FormatName, Format]) -> Plot:
    """Return the sums over the steps, or the gap of each format over the size of a number."""
    if sums:
        at = np.unique(np.linspace(0, len(next(iter(sums.values()))) - 1, _SHOWN).astype(int)).tolist()
        return Plot(
            "line", tuple(Series(name, at, [kept[i] for i in at]) for name, kept in sums.items()), "additions", "sum"
        )  # fmt: skip
    sizes = [math.ldexp(1.0, e) for e in range(-30, 19)]
    return Plot(
        "line",
        tuple(
            Series(name, [s for s in sizes if s <= kind.largest], [kind.spacing(s) for s in sizes if s <= kind.largest])
            for name, kind in chosen.items()
        ),
        "size of the number",
        "gap to the next",
        log="xy",
    )  # fmt: skip


def _notes(scale: float, is_sum: bool) -> tuple[str, ...]:
    notes = [
        "fp8_e4m3 is the variant without infinity (torch.float8_e4m3fn): beyond 448 there is only NaN, and a "
        "conversion that saturates, like PyTorch's, stays at 448."
    ]
    if scale != 1:
        notes.append(
            "rounded is the scaled number as the format holds it; unscaled is it divided again in fp32."
        )
    if is_sum:
        notes.append("A term below half the gap of the sum is rounded away: the sum stands still.")
    return tuple(notes)


def _warnings(numbers: dict[str, Any], chosen: Sequence[str]) -> tuple[str, ...]:
    lost = {
        status: [name for name in chosen if numbers[name]["status"] == status] for status in ("overflow", "underflow")
    }  # fmt: skip
    return tuple(
        f"{', '.join(names)}: {'beyond the largest number' if status == 'overflow' else 'rounded to 0'}."
        for status, names in lost.items()
        if names
    )


_NAMED: dict[FormatName, tuple[str, ...]] = {
    "fp32": ("fp32", "float32", "单精度", "single precision"),
    "fp16": ("fp16", "float16", "半精度", "half precision"),
    "bf16": ("bf16", "bfloat16"),
    "fp8_e4m3": ("fp8", "e4m3"),
}
_GENERAL = (
    "loss scaling", "loss scale", "损失缩放", "gradscaler", "混合精度", "mixed precision", "amp", "主权重",
    "master weights",
)  # fmt: skip
_ELSEWHERE = (
    "roofline", "计算强度", "访存", "带宽", "bandwidth", "tflops", "flops", "参数量", "显存", "memory", "量化",
    "quantization", "quantisation", "int8", "推理速度", "gb", "mb", "tensorrt",
)  # fmt: skip
_SPOKEN: Spoken = {
    "value": ("梯度", "gradient", "数值", "value", "x"),
    "loss_scale": ("loss scale", "loss scaling", "缩放因子", "放大"),
    "add": ("每步加", "每次加", "逐个加", "反复加", "adding", "add"),
    "times": ("{}步", "{}次", "{}times", "{}steps"),
    "format": _NAMED,
}


def read_question(facts: Facts) -> dict[str, Any] | None:
    """Return number, loss scale and format of a question about floating-point formats in training."""
    narrow = [name for name in facts.which(_NAMED) if name != "fp32"]
    if facts.says(*_ELSEWHERE) or not (narrow or facts.says(*_GENERAL)):
        return None
    found = fill(float_formats, _SPOKEN, facts)
    if "add" in found:
        found.pop("loss_scale", None)
    else:
        found.pop("times", None)
    return found


def exercise(random: np.random.Generator, level: int) -> Exercise:
    """Return a drill: 1 the gap at a power of two, 2 a rounded number, 3 where a sum of ones stops."""
    return draw_number_format_drill(float_formats, random, level)
