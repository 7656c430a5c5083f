"""Activation functions side by side: value, slope, where they saturate and what they do to N(0, 1).

Closed forms only; nothing is trained, and what happens over many layers is `gradient_flow`'s business.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any, Literal

import numpy as np
from annotated_types import Interval, Len

from assistant.demo_kit.exercises import Exercise
from assistant.demo_kit.question import Facts
from assistant.demo_kit.slots import Spoken, fill
from assistant.demo_kit.types import DemoError, DemoResult, Fault, Plot, Series, Table
from assistant.demo_parts.activation_drills import drill
from assistant.demo_parts.activations import (
    FUNCTIONS,
    SELU_ALPHA,
    SELU_SCALE,
    Activation,
    Array,
    Name,
    elu,
    leaky_relu,
    moments,
    normal_cdf,
    tanh_gelu,
)

TOPICS = (
    "activation function", "激活函数", "relu", "sigmoid", "tanh", "gelu", "leaky relu", "selu", "elu", "silu",
    "swish", "dying relu", "saturation", "饱和",
)  # fmt: skip
SOURCES: dict[Name, str] = {
    "sigmoid": "LeCun et al. 1998, Efficient BackProp, section 4.4",
    "tanh": "LeCun et al. 1998, Efficient BackProp, section 4.4",
    "relu": "Nair & Hinton 2010",
    "leaky_relu": "Maas, Hannun & Ng 2013",
    "elu": "Clevert et al. 2015, arXiv:1511.07289",
    "gelu": "Hendrycks & Gimpel 2016, arXiv:1606.08415, section 2",
    "gelu_tanh": "Hendrycks & Gimpel 2016, arXiv:1606.08415, section 2",
    "silu": "Elfwing et al. 2017, arXiv:1702.03118",
    "selu": "Klambauer et al. 2017, arXiv:1706.02515, section 2",
}

#: A unit with a smaller slope counts as saturated.
SATURATED = 0.01
_EDGE = 50.0


def activation_props(
    *,
    name: Name | Literal["all"] = "all",
    x: Annotated[Sequence[Annotated[float, Interval(ge=-50, le=50)]], Len(1, 50)] = (-3, -1, 0, 1, 3),
    alpha: Annotated[float, Interval(ge=0, le=10)] | None = None,
) -> DemoResult:
    """Activation functions: value, slope, saturation, and mean and variance of the output for N(0, 1) input.

    Args:
        name: The function, or all of them to compare.
        x: Points at which value and derivative are reported.
        alpha: Negative slope of leaky_relu (0.01 when left out) or scale of elu's negative side (1).
    """
    if alpha is not None and name not in ("leaky_relu", "elu"):
        raise DemoError(
            Fault.UNSUPPORTED,
            param="alpha",
            got=alpha,
            allowed="only with leaky_relu or elu",
            hint_en=f"{name} has no alpha to choose; leave it out.",
            hint_zh=f"{name} 没有可调的 alpha，请去掉该参数。",
        )
    points = np.array(x, dtype=float)
    if name == "all":
        return _compared(points)
    function = FUNCTIONS[name]
    if alpha is not None:
        function = leaky_relu(alpha) if name == "leaky_relu" else elu(alpha)
    y, grad = function.value(points), function.slope(points)
    numbers: dict[str, Any] = {"y": y, "grad": grad, **_properties(function)}
    if name in ("gelu", "gelu_tanh"):
        numbers["tanh_approx_error"] = _tanh_error()
    if name in ("gelu", "gelu_tanh", "silu"):
        numbers["minimum"] = _minimum(function)
    if name == "selu":
        numbers["constants"] = {"alpha": SELU_ALPHA, "scale": SELU_SCALE}
    if name in ("leaky_relu", "elu"):
        numbers["constants"] = {
            "alpha": alpha if alpha is not None else 0.01 if name == "leaky_relu" else 1.0
        }
    axis = np.linspace(-5, 5, 401)
    return DemoResult(
        demo="activation_props",
        args_used={},
        numbers=numbers,
        formula=function.formula,
        source=SOURCES[name],
        table=Table(
            ("x", "y", "derivative"), tuple(zip(points.tolist(), y.tolist(), grad.tolist(), strict=True))
        ),
        plot=Plot(
            "line",
            (
                Series(name, axis.tolist(), function.value(axis).tolist()),
                Series("derivative", axis.tolist(), function.slope(axis).tolist()),
            ),
            "x",
            "value",
        ),
        notes=_NOTES,
        warnings=_kinks([name] if function.kink else [], points),
    )


_NOTES = (
    f"Saturated: slope below {SATURATED}. Moments are those of the output when the input is N(0, 1).",
    "gain.torch is None where torch defines none; gain.from_moments = 1/sqrt(E[f^2]) keeps the second moment.",
)


def _compared(points: Array) -> DemoResult:
    """Return one block of numbers per function, and a table of what tells them apart."""
    numbers: dict[str, Any] = {}
    rows = []
    for name, function in FUNCTIONS.items():
        p = _properties(function)
        numbers[name] = {
            "y": function.value(points),
            "grad": function.slope(points),
            "max_slope": p["max_slope"]["value"],
            "saturated_below": p["saturation"]["below"],
            "saturated_above": p["saturation"]["above"],
            "zero_centred": p["zero_centred"],
            "mean": p["moments"]["mean"],
            "var": p["moments"]["var"],
            "gain": p["gain"]["torch"],
        }
        rows.append((name, *(v for key, v in numbers[name].items() if key not in ("y", "grad"))))
    axis = np.linspace(-5, 5, 201)
    return DemoResult(
        demo="activation_props",
        args_used={},
        numbers=numbers,
        formula="; ".join(f"{name}: {function.formula}" for name, function in FUNCTIONS.items()),
        source="; ".join(dict.fromkeys(SOURCES.values())),
        table=Table(
            ("function", "max slope", "flat below", "flat above", "centred", "mean", "variance", "gain"),
            tuple(rows),
        ),
        plot=Plot(
            "line",
            tuple(Series(name, axis.tolist(), f.value(axis).tolist()) for name, f in FUNCTIONS.items()),
            "x",
            "value",
        ),
        notes=_NOTES,
        warnings=_kinks([name for name, f in FUNCTIONS.items() if f.kink], points),
    )


def _properties(function: Activation) -> dict[str, Any]:
    grid = np.linspace(-_EDGE, _EDGE, 10_001)
    slope = function.slope(grid)
    best = int(slope.argmax())
    at, value = _highest(
        function.slope, float(grid[max(best - 1, 0)]), float(grid[min(best + 1, len(grid) - 1)])
    )
    if slope[best] >= value - 1e-12:
        at, value = float(grid[best]), float(slope[best])
    is_flat = bool((slope == slope[best]).sum() > 1)
    mean, second, slope_second = moments(function)
    # What is left of a cancelled integral is rounding.
    mean = 0.0 if abs(mean) < 1e-12 else mean
    return {
        # A piecewise linear function has its largest slope on a whole half-line.
        "max_slope": {"value": value, "at": None if is_flat else at},
        "saturation": {"below": _saturated(function, grid), "above": _saturated(function, grid[::-1])},
        "zero_centred": abs(mean) < 1e-9,
        "moments": {
            "mean": mean,
            "var": second - mean**2,
            "second_moment": second,
            "grad_second_moment": slope_second,
        },
        "gain": {"torch": function.gain, "from_moments": 1 / math.sqrt(second)},
    }


def _highest(f: Callable[[Array], Array], low: float, high: float) -> tuple[float, float]:
    """Return place and value of the maximum of `f`, unimodal on [low, high], by ternary search."""
    for _ in range(60):
        a, b = low + (high - low) / 3, high - (high - low) / 3
        left, right = f(np.array([a, b])).tolist()
        low, high = (a, high) if left < right else (low, b)
    middle = (low + high) / 2
    return middle, float(f(np.array([middle]))[0])


def _saturated(function: Activation, grid: Array) -> float | None:
    """Return where, coming from the outer end grid[0], the slope first reaches `SATURATED`; None if at once."""
    steep = np.abs(function.slope(grid)) >= SATURATED
    first = int(steep.argmax())
    if first == 0:
        return None
    flat, sloped = float(grid[first - 1]), float(grid[first])
    for _ in range(60):
        middle = (flat + sloped) / 2
        if abs(float(function.slope(np.array([middle]))[0])) >= SATURATED:
            sloped = middle
        else:
            flat = middle
    return round(sloped, 10) + 0.0


def _minimum(function: Activation) -> dict[str, float]:
    """Return the dip of GELU and SiLU left of 0, the zero of the derivative."""
    x, _ = _highest(lambda v: -function.value(v), -2.0, 0.0)
    return {"x_min": x, "y_min": float(function.value(np.array([x]))[0])}


def _tanh_error() -> dict[str, float]:
    """Return the largest distance of the tanh formula from the exact GELU and where it is (also at -x)."""

    def error(x: Array) -> Array:
        return np.abs(x * normal_cdf(x) - tanh_gelu(x)[0])

    grid = np.linspace(0, 8, 801)
    best = int(error(grid).argmax())
    at, value = _highest(error, float(grid[best - 1]), float(grid[best + 1]))
    return {"max_abs_err": value, "at": at}


def _kinks(names: list[Any], points: Array) -> tuple[str, ...]:
    if not names or not (points == 0).any():
        return ()
    return (f"At 0 {', '.join(names)} has no derivative; the left one is reported, as torch does (relu: 0).",)


_FUNCTIONS: Mapping[Name, tuple[str, ...]] = {
    "sigmoid": ("sigmoid", "logistic function"),
    "tanh": ("tanh", "双曲正切"),
    "leaky_relu": ("leaky relu", "lrelu"),
    "relu": ("relu",),
    "elu": ("elu",),
    "gelu": ("gelu", "gelu tanh", "tanh gelu", "tanh 近似的 gelu"),
    "silu": ("silu", "swish"),
    "selu": ("selu",),
}
_SPOKEN: Spoken = {
    "x": ("x", "at", "在", "输入", "点", "input"),
    "alpha": ("alpha", "α", "negative slope", "负斜率", "负半轴斜率", "斜率", "slope"),
}
_CALL = re.compile(r"(?:sigmoid|tanh|swish|[a-z]lu)\s?\(\s?([-+]?\d+(?:\.\d+)?)\s?\)")
_ELSEWHERE = (
    "核", "kernel", "svm", "梯度消失", "梯度爆炸", "vanishing", "exploding", "交叉熵", "cross entropy", "损失",
    "loss", "cost", "mse", "初始化", "init", "initialization", "xavier", "kaiming", "lecun", "归一化", "batch norm",
    "batchnorm", "bn", "layer norm", "norm", "卷积", "conv", "roofline", "内存", "memory", "softmax", "lstm", "gru",
    "rnn", "attention", "gan", "判别器", "生成器", "dropout", "残差", "residual", "优化器", "optimizer", "逻辑回归",
    "logistic regression", "prelu", "rrelu", "relu6", "hard swish", "mish", "swiglu", "geglu",
    "不可导", "可导", "differentiable",
)  # fmt: skip


def read_question(facts: Facts) -> dict[str, Any] | None:
    """Return the function, points and alpha that a question about activation functions names."""
    if facts.says(*_ELSEWHERE) or facts.count("层", "layer") is not None:
        return None
    named = facts.which(_FUNCTIONS)
    if "gelu" in named and "tanh" in named and facts.says("近似", "approximation", "approximate", "approx"):
        named.remove("tanh")
    if not named and not facts.says("激活函数", "activation function", "activations"):
        return None
    found: dict[str, Any] = {"name": named[0]} if len(named) == 1 else {"name": "all"} if named else {}
    found |= fill(activation_props, _SPOKEN, facts)
    if named not in (["leaky_relu"], ["elu"]):
        found.pop("alpha", None)
    if calls := _CALL.findall(facts.text):
        found["x"] = [float(point) for point in calls]
    return found


def exercise(random: np.random.Generator, level: int) -> Exercise:
    """Return a drill: the slope of sigmoid or tanh (level 1), the value of ELU (2), the slope of SiLU or GELU (3)."""
    return drill(activation_props, random, level)
