"""Is the backward formula of batch normalisation right? It is compared with centred differences.

Forward and backward themselves are `batchnorm`; here one of the three paths can be left out on purpose.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal

import numpy as np
from annotated_types import Interval

from assistant.demo_kit.exercises import Exercise, Mistake
from assistant.demo_kit.question import Facts
from assistant.demo_kit.types import MAX_ROWS, DemoError, DemoResult, Fault, Plot, Series, Table
from assistant.demo_parts.batch_norm import (
    EXAMPLE,
    LARGEST_H,
    SMALLEST_H,
    Array,
    Epsilon,
    PerFeature,
    gradient_paths,
    normalise,
    per_feature,
    read_batch,
    read_matrix,
    refuse_single,
)
from assistant.demo_parts.clear_draws import draw_clear
from assistant.demo_parts.spoken_batch_norm import read_bn_gradcheck

TOPICS = (
    "BN gradient check", "BN 梯度检验", "gradient check", "numerical gradient", "梯度检验", "数值梯度", "数值检验",
    "BN gradient derivation", "BN backward derivation", "BN 反向推导", "BN 梯度推导",
)  # fmt: skip
FORMULA = (
    "dx = γ/√(σ² + ε) · (dy − mean(dy) − x̂·mean(dy·x̂)): the paths through x̂, μ and σ²; "
    "numeric: (L(x + h) − L(x − h)) / 2h with L = Σ dy·y; relative error |a − n| / max(1e-8, |a| + |n|)"
)
SOURCE = "Ioffe & Szegedy 2015, arXiv:1502.03167, section 3; relative error as in cs231n, neural networks 3"

#: Relative error up to which cs231n calls a gradient of smooth functions right.
PASSES_BELOW = 1e-7
Formula = Literal["correct", "ignore_mean_var", "ignore_var"]
_KEPT: dict[Formula, tuple[str, ...]] = {
    "correct": ("xhat", "mean", "var"),
    "ignore_mean_var": ("xhat",),
    "ignore_var": ("xhat", "mean"),
}


def bn_gradcheck(
    *,
    x: Sequence[Any] = EXAMPLE,
    gamma: PerFeature | None = None,
    beta: PerFeature | None = None,
    dout: Sequence[Any] | None = None,
    eps: Epsilon = 1e-5,
    h: Annotated[float, Interval(gt=0, le=LARGEST_H)] = 1e-5,
    formula: Formula = "correct",
) -> DemoResult:
    """Gradient check of batch normalisation: the backward formula against centred differences.

    Args:
        x: The batch, one row per sample and one column per feature; at most 64 rows and 16 columns.
        gamma: Scale per feature, or one number for all; 1 when left out.
        beta: Shift per feature, or one number for all; 0 when left out.
        dout: Gradient of the loss with respect to the output, of x's shape; 0, 1, 4, 9, ... when left out.
        eps: Added to the variance before the root.
        h: Step of the differences, at least 1e-8.
        formula: The whole gradient, or one that forgets the path through the variance, or both statistics.
    """
    if h < SMALLEST_H:
        raise DemoError(
            Fault.OUT_OF_RANGE,
            param="h",
            got=h,
            allowed=f"{SMALLEST_H:g} to {LARGEST_H:g}",
            hint_en=f"Rounding dominates the difference below {SMALLEST_H:g}.",
            hint_zh=f"步长小于 {SMALLEST_H:g} 时，舍入误差会盖过差分本身。",
        )
    batch = read_batch(x)
    refuse_single(len(batch))
    scale = per_feature("gamma", gamma, 1, batch.shape[1])
    shift = per_feature("beta", beta, 0, batch.shape[1])
    # Equal or evenly rising gradients can cancel; squares do not.
    upstream = (
        np.arange(batch.size, dtype=float).reshape(batch.shape) ** 2 / batch.size
        if dout is None
        else read_matrix("dout", dout, like=batch)
    )
    stats = normalise(batch, eps)
    paths = gradient_paths(stats, upstream * scale)
    analytic = sum((paths[name] for name in _KEPT[formula]), start=np.zeros_like(batch))

    def check(step: float) -> tuple[Array, Array, bool]:
        numeric, floor = _numeric(batch, scale, shift, upstream, eps, step)
        return numeric, _relative_error(analytic, numeric, floor), bool((np.abs(numeric) < floor).any())

    numeric, errors, is_noise = check(h)
    worst = float(errors.max())
    steps = [10.0**-k for k in range(2, 9)]
    by_step = [float(check(step)[1].max()) for step in steps]
    return DemoResult(
        demo="bn_gradcheck",
        args_used={},
        numbers={
            "pass": worst < PASSES_BELOW,
            "max_rel_error": worst,
            "analytic": analytic,
            "numeric": numeric,
            "paths": paths,
            "by_step": {"h": steps, "max_rel_error": by_step},
        },
        formula=FORMULA,
        source=SOURCE,
        table=Table(
            ("sample", "feature", "analytic", "numeric", "relative error"),
            tuple(
                (i, j, float(analytic[i, j]), float(numeric[i, j]), float(errors[i, j]))
                for i, j in list(np.ndindex(batch.shape))[:MAX_ROWS]
            ),
        ),
        plot=Plot(
            "line",
            # A logarithmic axis has no 0.
            (Series(formula, steps, [max(error, 1e-16) for error in by_step]),),
            "h",
            "max relative error",
            log="xy",
        ),
        notes=_notes(formula, is_noise),
        warnings=_warnings(formula, worst, h),
    )


def _numeric(
    x: Array, scale: Array, shift: Array, upstream: Array, eps: float, h: float
) -> tuple[Array, Array]:
    """Return the centred difference of Σ dout·y for every element, and the rounding it may carry.

    Features do not mix, so one sample is moved in all features at once; the losses stay apart per feature.
    """
    # moves: [which sample is moved, sample, feature]
    moves = h * np.eye(len(x))[:, :, None] * np.ones(x.shape[1])

    def losses(moved: Array) -> Array:
        total: Array = (upstream * (scale * normalise(moved, eps).xhat + shift)).sum(axis=1)
        return total

    y = scale * normalise(x, eps).xhat + shift
    floor = 8 * np.finfo(float).eps * np.abs(upstream * y).sum(axis=0) / h
    return (losses(x + moves) - losses(x - moves)) / (2 * h), np.broadcast_to(floor, x.shape)


def _relative_error(analytic: Array, numeric: Array, floor: Array) -> Array:
    """Return cs231n's relative error; where both are nothing but rounding they agree."""
    size = np.abs(analytic) + np.abs(numeric)
    error = np.abs(analytic - numeric) / np.maximum(1e-8, size)
    return np.where(size <= floor, 0.0, error)


def _notes(formula: Formula, is_noise: bool) -> tuple[str, ...]:
    notes = [
        "x reaches the loss on three paths: through x̂ directly, through the mean and through the variance.",
        "Error against h is V-shaped: truncation (h²) on the right, rounding (1e-16 / h) on the left.",
    ]
    if formula == "ignore_mean_var":
        notes.append("This formula treats mean and variance as constants, as if they came from elsewhere.")
    if formula == "ignore_var":
        notes.append(
            "This formula lets the gradient through the mean, but treats the variance as a constant."
        )
    if is_noise:
        notes.append("Some gradients are 0 within rounding; there the two count as equal if both are.")
    return tuple(notes)


def _warnings(formula: Formula, worst: float, h: float) -> tuple[str, ...]:
    if formula == "correct" and worst >= PASSES_BELOW:
        return (f"The formula is right; at h = {h:g} the numeric gradient is not precise enough to show it.",)
    if formula != "correct" and worst < PASSES_BELOW:
        return ("The forgotten paths are 0 for these numbers, so the check cannot see the mistake.",)
    return ()


def read_question(facts: Facts) -> dict[str, Any] | None:
    """Return batch, step and formula that a question about checking BN's gradient names."""
    return read_bn_gradcheck(facts)


def exercise(random: np.random.Generator, level: int) -> Exercise:
    """Return a drill on one path (1), the whole gradient (2) or what a forgotten variance path does (3)."""
    return draw_clear(lambda: _drill(random, level))


def _drill(random: np.random.Generator, level: int) -> Exercise:
    while True:
        x = random.choice(np.arange(-4, 9), size=4, replace=False).astype(float)
        dout = random.choice(np.arange(-3, 4), size=4, replace=False).astype(float)
        gamma = float(random.choice([1, 2, 3]))
        formula: Formula = "ignore_var" if level == 3 else "correct"
        arguments: dict[str, Any] = {
            "x": x[:, None].tolist(),
            "dout": dout[:, None].tolist(),
            "gamma": gamma,
            "formula": formula,
        }
        numbers = bn_gradcheck(**arguments).numbers
        parts = {name: float(part[0, 0]) for name, part in numbers["paths"].items()}
        whole, std = sum(parts.values()), float(x.std())
        xhat = float(x[0] - x.mean()) / std
        if level == 1:
            answer = parts["mean"]
            slips = [
                (-answer, "漏了负号：∂x̂/∂μ = −1/σ。", "The minus sign of ∂x̂/∂μ = −1/σ is missing."),
                (4 * answer, "μ 对每个 x 的导数是 1/m，这里漏了。", "∂μ/∂x = 1/m is missing."),
                (answer / std, "除以了方差而不是标准差。", "Divided by the variance, not by its root."),
                (parts["xhat"], "这是直接经过 x̂ 的那条路径。", "That is the path through x̂ itself."),
            ]
        elif level == 2:
            answer = float(numbers["analytic"][0, 0])
            slips = [
                (parts["xhat"], "把均值和方差当成了常数。", "Took mean and variance for constants."),
                (
                    parts["xhat"] + parts["mean"],
                    "漏了经过方差的路径。",
                    "The path through the variance is missing.",
                ),
                (whole / gamma, "漏了 γ。", "γ is missing."),
            ]
        else:
            answer = float(numbers["analytic"][0, 0])
            slips = [
                (
                    whole,
                    "这是完整的梯度，方差那条路径还在。",
                    "That is the whole gradient, variance path included.",
                ),
                (parts["xhat"], "均值那条路径也丢掉了。", "The path through the mean is gone as well."),
                (parts["var"], "这正是被忘掉的那一部分。", "That is just the forgotten part."),
            ]
        # Near 0 a relative tolerance asks for more digits than a person computes.
        if abs(answer) > 0.05 and abs(xhat) > 0.1:
            break
    shown, flow = (", ".join(f"{v:g}" for v in values) for values in (x, dout))
    given_zh = f"一个特征在 batch 里的取值是 [{shown}]，BN 输出的上游梯度是 [{flow}]，γ={gamma:g}，ε 可忽略。"
    given_en = f"A feature is [{shown}] in a batch, BN's upstream gradient is [{flow}], γ={gamma:g}, ε is negligible."
    asked = {
        1: (
            "经过均值 μ 这一条路径，第一个样本得到的 dx 是多少？",
            "How much of the first sample's dx comes through the mean?",
        ),
        2: ("第一个样本的 dx 是多少？", "What is dx of the first sample?"),
        3: (
            "如果推导时把方差当成常数，第一个样本的 dx 会算成多少？",
            "Taking the variance for a constant, which dx would one get for the first sample?",
        ),
    }
    steps = [
        f"σ = {std:.4g}, x̂₁ = {xhat:.4g}",
        f"x̂: γ·dy₁/σ = {parts['xhat']:.4g}",
        f"μ: −γ·mean(dy)/σ = {parts['mean'] + 0.0:.4g}",
        f"σ²: −γ·x̂₁·mean(dy·x̂)/σ = {parts['var']:.4g}",
    ]
    return Exercise(
        demo="bn_gradcheck",
        arguments=arguments,
        question_zh=given_zh + asked[level][0],
        question_en=f"{given_en} {asked[level][1]}",
        answer=answer,
        steps_zh=(*steps, f"结果 = {answer:.4g}"),
        steps_en=(*steps, f"result = {answer:.4g}"),
        hint_zh="dx 有三条路径：直接经过 x̂、经过均值、经过方差；σ 用有偏的。",
        hint_en="dx has three paths, through x̂, the mean and the variance; σ is the biased one.",
        mistakes=tuple(Mistake(*slip) for slip in slips),
    )
