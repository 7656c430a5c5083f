"""How the gradient grows or shrinks on its way down a deep random network, layer by layer.

Fully connected layers of one width at initialisation; nothing is trained. Variances on the way up are
`init_variance`'s business.
"""

from __future__ import annotations

import math
from typing import Annotated, Any, Literal

import numpy as np
from annotated_types import Interval

from assistant.demo_kit.exercises import Exercise, Mistake
from assistant.demo_kit.question import Facts
from assistant.demo_kit.types import MAX_ROWS, DemoResult, Plot, Series, Table
from assistant.demo_parts.activations import Activation, Array
from assistant.demo_parts.clear_draws import draw_clear
from assistant.demo_parts.deep_networks import UNITS, Unit, moments_at, orthogonal, product, refuse_work
from assistant.demo_parts.spoken_networks import read_gradient_flow

TOPICS = (
    "vanishing gradient", "exploding gradient", "梯度消失", "梯度爆炸", "gradient flow", "梯度传播", "梯度流",
    "residual connection and gradients", "残差连接与梯度",
)  # fmt: skip
FORMULA = (
    "z_l = W_l h_{l−1}, h_l = φ(z_l), W ~ N(0, σ_w²/n); ∂L/∂h_{l−1} = W_lᵀ(φ′(z_l) ∘ ∂L/∂h_l); per layer "
    "E‖∂L/∂h‖² changes by σ_w²·E[φ′(z)²], with residual by about 1 + that; |φ′| ≤ 1/4 bounds sigmoid by 0.25ᴸ"
)
SOURCE = (
    "Glorot & Bengio 2010, section 4; He et al. 2015, arXiv:1502.01852, section 2.2; Schoenholz et al. 2017, "
    "arXiv:1611.01232 (mean field)"
)

Init = Literal["lecun", "xavier", "he", "orthogonal", "normal"]

#: Beyond a thousandfold, one learning rate no longer suits the first and the last layer.
_FAR = 1e3
#: Multiply-adds of the forward passes; backward takes twice as much.
_MOST_WORK = 4.5e8
_BN_EPS = 1e-5


def gradient_flow(
    *,
    activation: Unit = "sigmoid",
    init: Init = "lecun",
    scale: Annotated[float, Interval(ge=0.01, le=10)] = 1.0,
    depth: Annotated[int, Interval(ge=1, le=100)] = 20,
    width: Annotated[int, Interval(ge=8, le=512)] = 256,
    batch: Annotated[int, Interval(ge=2, le=256)] = 64,
    batchnorm: bool = False,
    residual: bool = False,
    seed: Annotated[int, Interval(ge=0, le=2**31 - 1)] = 0,
) -> DemoResult:
    """Vanishing and exploding gradients: the gradient's norm at every layer of a deep random network.

    Args:
        activation: Nonlinearity of every layer.
        init: Weight std 1/sqrt(n) for lecun and xavier, sqrt(2/n) for he, 1 for normal, or orthogonal.
        scale: Factor on all weights.
        depth: Number of hidden layers.
        width: Units per layer.
        batch: Random inputs that go through the network.
        batchnorm: Normalise before every activation.
        residual: Add the layer's input to its output.
        seed: Seed of weights, inputs and of the gradient at the last layer.
    """
    refuse_work(
        f"depth {depth}, width {width}, batch {batch}",
        # A plain network is drawn beside one with extras; an orthogonal matrix costs more than its layer.
        (1 + (batchnorm or residual))
        * depth
        * width**2
        * (max(batch, width) if init == "orthogonal" else batch),
        _MOST_WORK,
        "The network is too big for a demo; take fewer layers, units or samples.",
        "网络太大；请减小层数、宽度或 batch。",
    )
    norms = _norms(activation, init, scale, depth, width, batch, batchnorm, residual, seed)
    ratio = float(norms[0] / norms[-1])
    factor = ratio ** (1 / (depth - 1)) if depth > 1 and ratio > 0 else None
    numbers: dict[str, Any] = {
        "ratio": ratio,
        "per_layer_factor": factor,
        "verdict": _verdict(ratio),
        "norms": norms,
        "upper_bound": _bound(UNITS[activation], depth),
        "mean_field": None
        if batchnorm or residual
        else _mean_field(UNITS[activation], _squared_gain(init, width) * scale**2, depth),
    }
    layers = list(range(1, depth + 1))
    lines = [("this network", norms)]
    if batchnorm or residual:
        lines.append(("plain", _norms(activation, init, scale, depth, width, batch, False, False, seed)))
    step = -(-depth // MAX_ROWS)
    return DemoResult(
        demo="gradient_flow",
        args_used={},
        numbers=numbers,
        formula=FORMULA,
        source=SOURCE,
        table=Table(
            ("layer", "norm of dL/dh", "relative to the last"),
            tuple(
                (layer, float(norms[layer - 1]), float(norms[layer - 1] / norms[-1]))
                for layer in layers[::step]
            ),
        ),
        plot=Plot(
            "line",
            tuple(Series(label, layers, values.tolist()) for label, values in lines),
            "layer",
            "norm of dL/dh",
            log="y",
        ),
        notes=_notes(activation, batchnorm, residual),
        warnings=()
        if math.isfinite(ratio) and ratio > 0
        else ("The gradient leaves the range of a float on its way.",),
    )


def _norms(
    activation: Unit,
    init: Init,
    scale: float,
    depth: int,
    width: int,
    batch: int,
    batchnorm: bool,
    residual: bool,
    seed: int,
) -> Array:
    """Return ‖∂L/∂h_l‖ for every layer's output, first layer first; at the last one it is a random gradient."""
    random = np.random.default_rng(seed)
    unit = UNITS[activation]
    h = random.normal(size=(batch, width))
    gradient = random.normal(size=(batch, width))
    trail: list[tuple[Array, Array, Array | None]] = []
    with np.errstate(all="ignore"):
        for _ in range(depth):
            weights = scale * _weights(random, init, width)
            z = product(h, weights)
            inv_std = None
            if batchnorm:
                inv_std = 1 / np.sqrt(z.var(axis=0) + _BN_EPS)
                z = (z - z.mean(axis=0)) * inv_std
            trail.append((weights, z, inv_std))
            h = unit.value(z) + (h if residual else 0)
        norms = [_norm(gradient)]
        # The first layer's weights lead to the input, whose gradient is not a layer's.
        for weights, z, inv_std in trail[:0:-1]:
            flow = gradient * unit.slope(z)
            if inv_std is not None:
                flow = (flow - flow.mean(axis=0) - z * (flow * z).mean(axis=0)) * inv_std
            gradient = product(flow, weights.T) + (gradient if residual else 0)
            norms.append(_norm(gradient))
    return np.array(norms[::-1])


def _norm(values: Array) -> float:
    """Return the Euclidean norm; the largest value is taken out first, so that its square cannot overflow."""
    largest = float(np.abs(values).max())
    return largest * math.sqrt(np.square(values / largest).sum()) if 0 < largest < math.inf else largest


def _weights(random: np.random.Generator, init: Init, width: int) -> Array:
    if init == "orthogonal":
        return orthogonal(random, width)
    return random.normal(size=(width, width)) * math.sqrt(_squared_gain(init, width) / width)


def _squared_gain(init: Init, width: int) -> float:
    """Return σ_w², the variance of a weight times the width."""
    return {"he": 2.0, "normal": float(width)}.get(init, 1.0)


def _bound(unit: Activation, depth: int) -> dict[str, float]:
    """Return the largest slope and its power: what the activations of `depth` layers can let through at most."""
    slope = float(unit.slope(np.linspace(-5, 5, 10_001)).max())
    return {"max_slope": slope, "max_product": slope**depth}


def _mean_field(unit: Activation, squared_gain: float, depth: int) -> dict[str, Any]:
    """Return the ratio first/last that an infinitely wide network has, and the last layer's factor on E‖·‖²."""
    # The input has variance 1; q is that of the pre-activation.
    q, ratio, factor = squared_gain, 1.0, 1.0
    for layer in range(depth):
        _, second, slope = moments_at(unit, min(q, 1e12))
        factor = squared_gain * slope
        # The gradient at h_1 has passed layers 2 to depth.
        ratio *= math.sqrt(factor) if layer > 0 else 1.0
        q = squared_gain * second
    return {"ratio": ratio, "factor": factor}


def _verdict(ratio: float) -> str:
    if ratio < 1 / _FAR:
        return "vanishing"
    return "exploding" if not ratio <= _FAR else "healthy"


def _notes(activation: Unit, batchnorm: bool, residual: bool) -> tuple[str, ...]:
    notes = [
        "ratio is the norm at the first layer's output over that at the last layer's: depth - 1 layers apart.",
        f"Verdict: vanishing below {1 / _FAR:g}, exploding above {_FAR:g}, else healthy.",
    ]
    if activation == "sigmoid":
        notes.append(
            "Sigmoid's slope is at most 1/4, so without large weights each layer costs at least a factor 4."
        )
    if activation == "gelu":
        notes.append("GELU is computed by its tanh formula here.")
    if residual:
        notes.append(
            "The identity path carries the gradient past every layer: it cannot vanish, but it adds up."
        )
    if batchnorm:
        notes.append("Batch norm divides by the pre-activations' std, so the scale of the weights cancels.")
    return tuple(notes)


def read_question(facts: Facts) -> dict[str, Any] | None:
    """Return network and depth that a question about vanishing or exploding gradients names."""
    return read_gradient_flow(gradient_flow, facts)


def exercise(random: np.random.Generator, level: int) -> Exercise:
    """Return a drill on sigmoid's bound (1), ReLU with LeCun weights (2) or scaled He weights (3)."""
    return draw_clear(lambda: _drill(random, level))


def _drill(random: np.random.Generator, level: int) -> Exercise:
    depth = int(random.integers(3, 13))
    arguments: dict[str, Any] = {"depth": depth, "width": 8, "batch": 2}
    if level == 1:
        arguments |= {"activation": "sigmoid"}
        answer = float(gradient_flow(**arguments).numbers["upper_bound"]["max_product"])
        asked = (
            f"{depth} 层 sigmoid 的导数连乘，最大能是多少？",
            f"How large can the product of the slopes of {depth} sigmoid layers be at most?",
        )
        steps = ("σ′ = σ(1 − σ) ≤ 1/4", f"0.25^{depth} = {answer:.4g}")
        slips = [
            (0.5**depth, "用了 σ(0)=0.5；σ′(0)=0.25。", "Used σ(0) = 0.5; σ′(0) is 0.25."),
            (0.25 ** (depth - 1), "少乘了一层。", "One layer too few."),
            (0.25 * depth, "导数是连乘，不是相加。", "Slopes multiply, they do not add up."),
        ]
        hint = ("先求 sigmoid 导数的最大值。", "Find the largest slope of sigmoid first.")
    else:
        scale = 1.0 if level == 2 else float(random.choice([0.5, 1.5, 2, 3]))
        arguments |= {"activation": "relu", "init": "lecun" if level == 2 else "he", "scale": scale}
        answer = float(gradient_flow(**arguments).numbers["mean_field"]["ratio"])
        squared = 0.5 if level == 2 else scale**2
        weights = "1/n" if level == 2 else "2/n"
        scaled = (f"，所有权重再乘以 {scale:g}", f", then all multiplied by {scale:g}")
        times_zh, times_en = ("", "") if level == 2 else scaled
        asked = (
            f"{depth} 层等宽 ReLU 网络，权重方差 {weights}{times_zh}。"
            f"宽度很大时，第 1 层输出处的梯度范数是第 {depth} 层输出处的多少倍？",
            f"A ReLU network of {depth} equally wide layers has weights of variance {weights}{times_en}. When it is "
            f"very wide, what is the gradient's norm at layer 1's output relative to layer {depth}'s?",
        )
        steps = (
            f"E‖g‖²: n·Var(w)·E[φ′²] = {squared:g}",
            f"{squared:g}^({depth - 1}/2) = {answer:.4g}",
        )
        slips = [
            (
                squared ** (depth - 1),
                "这是范数平方的比，还要开根号。",
                "That is the ratio of squared norms; take the root.",
            ),
            (
                squared ** (depth / 2),
                f"两处之间只隔 {depth - 1} 层。",
                f"Only {depth - 1} layers lie between the two.",
            ),
            (
                (2 * squared) ** ((depth - 1) / 2),
                "漏了 ReLU 的 E[φ′²]=1/2。",
                "ReLU's E[φ′²] = 1/2 is missing.",
            ),
        ]
        hint = ("每层让 E‖g‖² 乘以 n·Var(w)·E[φ′²]。", "Each layer multiplies E‖g‖² by n·Var(w)·E[φ′²].")
    return Exercise(
        demo="gradient_flow",
        arguments=arguments,
        question_zh=asked[0],
        question_en=asked[1],
        answer=answer,
        steps_zh=steps,
        steps_en=steps,
        hint_zh=hint[0],
        hint_en=hint[1],
        mistakes=tuple(Mistake(*slip) for slip in slips),
    )
