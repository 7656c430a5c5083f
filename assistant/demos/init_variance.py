"""Weight initialisation: gain and standard deviation by scheme, and what becomes of the variance with depth.

Forward only; gradients are `gradient_flow`'s business. The schemes are in `_initialisation`.
"""

from __future__ import annotations

import math
from typing import Annotated, Any, Literal

import numpy as np
from annotated_types import Interval, Len

from assistant.demo_kit.exercises import Exercise, Mistake
from assistant.demo_kit.question import Facts
from assistant.demo_kit.types import MAX_ROWS, DemoResult, Plot, Series, Table
from assistant.demo_parts.activations import Activation
from assistant.demo_parts.clear_draws import draw_clear
from assistant.demo_parts.deep_networks import Unit, moments_at
from assistant.demo_parts.initialisation import (
    BATCH,
    Passage,
    Scheme,
    expected_variances,
    pass_through,
    std_of,
)
from assistant.demo_parts.initialisation_arguments import Fan, Layers, check, refuse_large, unit_of
from assistant.demo_parts.spoken_networks import read_init_variance

TOPICS = (
    "weight initialization", "initialization variance", "初始化方差", "参数初始化", "权重初始化", "Xavier", "Glorot",
    "Kaiming", "He initialization", "LeCun 初始化", "LSUV", "gain", "方差保持",
)  # fmt: skip
FORMULA = (
    "xavier: Var(w) = 2/(fan_in + fan_out); kaiming: gain²/fan; lecun: 1/fan_in; uniform: bound = √3·std; "
    "layer by layer: Var(z_l) = n·Var(w)·E[f(z_{l−1})²]"
)
SOURCE = (
    "Glorot & Bengio 2010; He et al. 2015, arXiv:1502.01852, section 2.2; LeCun et al. 1998; Mishkin & Matas 2016, "
    "arXiv:1511.06422, Algorithm 1; gains: torch.nn.init.calculate_gain"
)


def init_variance(
    *,
    scheme: Scheme = "kaiming_normal",
    activation: Unit = "relu",
    negative_slope: Annotated[float, Interval(ge=0, le=10)] | None = None,
    mode: Literal["fan_in", "fan_out"] = "fan_in",
    fan_in: Fan | None = None,
    fan_out: Fan | None = None,
    depth: Annotated[int, Interval(ge=1, le=50)] = 10,
    width: Annotated[int, Interval(ge=8, le=512)] = 256,
    input_var: Annotated[float, Interval(gt=0, le=1e4)] = 1.0,
    fixed_std: Annotated[float, Interval(gt=0, le=10)] | None = None,
    layers: Annotated[list[Layers], Len(1, 200)] | None = None,
    tol: Annotated[float, Interval(gt=0, lt=1)] = 0.1,
    t_max: Annotated[int, Interval(ge=1, le=100)] = 10,
    seed: Annotated[int, Interval(ge=0, le=2**31 - 1)] = 0,
) -> DemoResult:
    """Weight initialisation: gain, standard deviation and bound, and the variance layer by layer in a deep network.

    Args:
        scheme: The rule; xavier alone is xavier_normal.
        activation: Nonlinearity after every layer.
        negative_slope: Slope of leaky_relu left of 0; 0.01 when left out.
        mode: What kaiming divides by: fan_in keeps the forward variance, fan_out the backward one.
        fan_in: Inputs of one unit (k*k*channels of a convolution); the width when left out.
        fan_out: Outputs one input reaches (k*k*filters of a convolution); the width when left out.
        depth: Layers of the simulated network.
        width: Units per layer of the simulated network.
        input_var: Variance of the network's input, also the one at which the moments are taken.
        fixed_std: One standard deviation for all weights in place of the scheme's.
        layers: Layers over which fixed_std is compared with kaiming, fan_out; needs fixed_std.
        tol: LSUV's tolerance around variance 1.
        t_max: LSUV's most rescalings per layer.
        seed: Seed of weights and inputs.
    """
    unit = unit_of(activation, negative_slope)
    check(scheme, unit, activation, mode, fan_in, fan_out, fixed_std, layers)
    is_orthogonal = scheme in ("orthogonal", "lsuv") and fixed_std is None
    refuse_large(depth, width, is_orthogonal=is_orthogonal)
    gain = unit.gain or 1.0
    std = fixed_std or std_of(scheme, gain, fan_in or width, fan_out or width, mode)
    # The simulated network is square, whatever fans were asked for.
    square = fixed_std or std_of(scheme, gain, width, width, mode)
    passage = pass_through(
        unit,
        scheme,
        None if is_orthogonal else square,
        gain=gain if scheme == "orthogonal" else 1.0,
        depth=depth,
        width=width,
        input_var=input_var,
        tol=tol,
        t_max=t_max,
        seed=seed,
    )
    expected = _expected(unit, square, passage, depth, width, input_var)
    mean, second, slope = moments_at(unit, input_var)
    numbers: dict[str, Any] = {
        "gain": {"gain": unit.gain, "from_moments": math.sqrt(input_var / second) if second else math.inf},
        "moments": {"mean": mean, "second_moment": second, "grad_second_moment": slope},
        "preact_var": {
            "by_layer": passage.variances,
            "last_over_first": passage.last_over_first,
            "expected_last_over_first": expected[-1] / expected[0] if expected[0] else None,
        },
    }
    if std is not None:
        numbers["std"] = std
        numbers["bound"] = math.sqrt(3) * std if scheme.endswith("uniform") and fixed_std is None else None
    if unit.gain is not None and square is not None:
        numbers["std_ratio_vs_he"] = _versus_he(unit.gain, square, width, depth)
    if fixed_std is not None:
        stack = layers or [{"fan_out": width, "count": depth}]
        numbers["attenuation"] = _attenuation(unit.gain, fixed_std, stack)
    if passage.iterations:
        numbers["all_within_tol"] = bool((np.abs(passage.variances - 1) < tol).all())
        numbers["max_iters"] = max(passage.iterations)
        numbers["iterations"] = passage.iterations
    depths = list(range(1, depth + 1))
    step = -(-depth // MAX_ROWS)
    return DemoResult(
        demo="init_variance",
        args_used={},
        numbers=numbers,
        formula=FORMULA,
        source=SOURCE,
        table=Table(
            ("layer", "variance before activation", "expected"),
            tuple((i, float(passage.variances[i - 1]), expected[i - 1]) for i in depths[::step]),
        ),
        plot=Plot(
            "line",
            (
                Series("measured", depths, passage.variances.tolist()),
                Series("expected", depths, expected),
            ),
            "layer",
            "variance before activation",
            log="y",
        ),
        notes=_notes(scheme, unit, activation, passage),
        warnings=_warnings(scheme, fan_in, fan_out, fixed_std, unit),
    )


def _expected(
    unit: Activation, std: float | None, passage: Passage, depth: int, width: int, input_var: float
) -> list[float]:
    """Return the wide network's variances; LSUV's are 1 by construction, orthogonal layers keep the sum of squares."""
    if passage.iterations:
        return [1.0] * depth
    squared_gain = width * (std or 0.0) ** 2
    return expected_variances(unit, squared_gain, squared_gain * input_var, depth)


def _versus_he(gain: float, std: float, width: int, depth: int) -> dict[str, float]:
    """Return how far the scheme's std falls behind kaiming's, per layer and over the depth."""
    per_layer = std * math.sqrt(width) / gain
    return {
        "per_layer": per_layer,
        "factor": per_layer**depth,
        "inverse_factor": _power(1 / per_layer, depth),
    }


def _attenuation(gain: float | None, fixed_std: float, stack: list[Layers]) -> dict[str, Any] | None:
    """Return by how much the signal is divided in all, compared with kaiming, fan_out."""
    if gain is None:
        return None
    stds = [gain / math.sqrt(layer["fan_out"]) for layer in stack]
    digits = sum(
        layer.get("count", 1) * math.log10(std / fixed_std) for layer, std in zip(stack, stds, strict=True)
    )
    return {"factor": _power(10.0, digits), "right_stds": stds}


def _power(base: float, exponent: float) -> float:
    """Return the power, infinity beyond the range of a float."""
    try:
        return float(base**exponent)
    except OverflowError:
        return math.inf


def _notes(scheme: Scheme, unit: Activation, activation: str, passage: Passage) -> tuple[str, ...]:
    notes = [f"Variances are the mean of {passage.networks} random networks on a batch of {BATCH}."]
    if scheme.startswith("xavier") and unit.gain not in (None, 1.0):
        notes.append(
            f"Xavier here has no gain, as Glorot & Bengio derived it; with torch's for {activation} the std is "
            f"{unit.gain:.4g} times as large."
        )
    if scheme == "lsuv":
        notes.append(
            "LSUV: orthogonal weights, divided by the std of their output on the same batch: once is enough."
        )
    if unit.gain is None:
        notes.append(
            f"torch has no gain for {activation}; from_moments is 1/√E[f²], which keeps the variance."
        )
    return tuple(notes)


def _warnings(
    scheme: Scheme, fan_in: int | None, fan_out: int | None, fixed_std: float | None, unit: Activation
) -> tuple[str, ...]:
    warnings = []
    if scheme.startswith("kaiming") and fan_in and fan_out and fan_in != fan_out:
        warnings.append(
            "fan_in keeps the variance going up, fan_out the gradient's coming down; not both here."
        )
    if fixed_std is not None and unit.gain is None:
        warnings.append("Without a gain there is no right std to compare fixed_std with.")
    return tuple(warnings)


def read_question(facts: Facts) -> dict[str, Any] | None:
    """Return scheme, activation, fans and depth that a question about initialisation names."""
    return read_init_variance(init_variance, facts)


def exercise(random: np.random.Generator, level: int) -> Exercise:
    """Return a drill on Kaiming's std (1), that of a convolution (2) or Xavier under many ReLU layers (3)."""
    return draw_clear(lambda: _drill(random, level))


def _drill(random: np.random.Generator, level: int) -> Exercise:
    small: dict[str, Any] = {"depth": 1, "width": 8}
    if level == 1:
        fan = int(random.choice([50, 128, 200, 256, 512, 800]))
        arguments = small | {"scheme": "kaiming_normal", "activation": "relu", "fan_in": fan}
        answer = float(init_variance(**arguments).numbers["std"])
        asked = (
            f"全连接层有 {fan} 个输入，后接 ReLU。Kaiming 正态初始化（fan_in）的标准差是多少？",
            f"A fully connected layer has {fan} inputs and ReLU behind it. Which std does Kaiming normal (fan_in) use?",
        )
        steps = ("gain = √2", f"√2/√{fan} = {answer:.4g}")
        slips = [
            (1 / math.sqrt(fan), "漏了 ReLU 的 gain √2。", "ReLU's gain √2 is missing."),
            (2 / fan, "这是方差，还要开根号。", "That is the variance; take its root."),
            (math.sqrt(6 / fan), "这是均匀分布的边界。", "That is the bound of the uniform one."),
        ]
    elif level == 2:
        kernel, filters = int(random.choice([3, 5, 7])), int(random.choice([32, 64, 128, 256]))
        arguments = small | {"scheme": "kaiming_normal", "mode": "fan_out", "fan_out": kernel**2 * filters}
        answer = float(init_variance(**arguments).numbers["std"])
        asked = (
            f"{kernel}×{kernel} 卷积，{filters} 个卷积核，后接 ReLU。Kaiming 正态初始化（fan_out）的标准差是多少？",
            f"A {kernel}x{kernel} convolution has {filters} filters and ReLU behind it. "
            "Which std does Kaiming normal (fan_out) use?",
        )
        steps = (f"fan_out = {kernel}²·{filters} = {kernel**2 * filters}", f"√(2/fan_out) = {answer:.4g}")
        slips = [
            (math.sqrt(2 / filters), "fan_out 漏了 k²。", "fan_out lacks k²."),
            (math.sqrt(1 / (kernel**2 * filters)), "漏了 ReLU 的 gain √2。", "ReLU's gain √2 is missing."),
            (math.sqrt(2 / (kernel * filters)), "fan_out 里是 k²，不是 k。", "fan_out has k², not k."),
        ]
    else:
        depth = int(random.integers(4, 31))
        arguments = {"scheme": "xavier_normal", "activation": "relu", "depth": depth, "width": 8}
        answer = float(init_variance(**arguments).numbers["std_ratio_vs_he"]["inverse_factor"])
        asked = (
            f"{depth} 层等宽 ReLU 网络分别用 Kaiming 和 Xavier 初始化，最后一层信号的标准差，前者是后者的多少倍？",
            f"A ReLU network of {depth} equally wide layers is initialised by Xavier. "
            "By which factor is the signal's std smaller in the end than with Kaiming?",
        )
        steps = ("√(2/n) ÷ √(1/n) = √2", f"√2^{depth} = {answer:.4g}")
        slips = [
            (
                2.0**depth,
                "这是方差之比，标准差还要开根号。",
                "That is the ratio of variances; take the root.",
            ),
            (depth * math.sqrt(2), "倍数逐层相乘，不是相加。", "The factors multiply, they do not add up."),
            (1 / answer, "倒过来了。", "That is the inverse."),
        ]
    return Exercise(
        demo="init_variance",
        arguments=arguments,
        question_zh=asked[0],
        question_en=asked[1],
        answer=answer,
        steps_zh=steps,
        steps_en=steps,
        hint_zh="方差：Kaiming 是 2/fan，Xavier 是 2/(fan_in + fan_out)。",
        hint_en="Kaiming: Var(w) = 2/fan; Xavier: 2/(fan_in + fan_out).",
        mistakes=tuple(Mistake(*slip) for slip in slips),
    )
