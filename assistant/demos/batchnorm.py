"""Batch normalisation of a small matrix, forward and backward, with the running statistics it leaves behind.

Whether the backward formula is right is checked in `bn_gradcheck`, how noisy the statistics are in `bn_noise`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

import numpy as np
from annotated_types import Interval

from assistant.demo_kit.exercises import Exercise, Mistake
from assistant.demo_kit.question import Facts
from assistant.demo_kit.types import DemoError, DemoResult, Fault, Plot, Series, Table
from assistant.demo_parts.batch_norm import (
    EXAMPLE,
    Array,
    Epsilon,
    Normalised,
    PerFeature,
    gradient_paths,
    normalise,
    per_feature,
    read_batch,
    read_matrix,
    refuse_single,
)
from assistant.demo_parts.clear_draws import draw_clear
from assistant.demo_parts.spoken_batch_norm import read_batchnorm

TOPICS = (
    "batch normalization", "batch norm", "BN", "批归一化", "批标准化", "BN forward", "BN backward", "BN 前向传播",
    "BN 反向传播", "running mean", "滑动均值",
)  # fmt: skip
FORMULA = (
    "μ = Σxᵢ / m, σ² = Σ(xᵢ − μ)² / m, x̂ = (x − μ) / √(σ² + ε), y = γx̂ + β; "
    "dβ = Σdy, dγ = Σdy·x̂, dx = γ / √(σ² + ε) · (dy − mean(dy) − x̂·mean(dy·x̂)); "
    "running ← (1 − momentum)·running + momentum·batch, the batch variance there with m − 1"
)
SOURCE = "Ioffe & Szegedy 2015, arXiv:1502.03167, Algorithm 1 and section 3; running statistics as torch.nn.BatchNorm1d"


def batchnorm(
    *,
    x: Sequence[Any] = EXAMPLE,
    gamma: PerFeature | None = None,
    beta: PerFeature | None = None,
    eps: Epsilon = 1e-5,
    dout: Sequence[Any] | None = None,
    momentum: Annotated[float, Interval(ge=0, le=1)] = 0.1,
    training: bool = True,
    running_mean: PerFeature | None = None,
    running_var: PerFeature | None = None,
) -> DemoResult:
    """Batch normalisation forward, backward and its running statistics, feature by feature.

    Args:
        x: The batch, one row per sample and one column per feature; at most 64 rows and 16 columns.
        gamma: Scale per feature, or one number for all; 1 when left out.
        beta: Shift per feature, or one number for all; 0 when left out.
        eps: Added to the variance before the root.
        dout: Gradient of the loss with respect to the output, of x's shape; without it no backward pass.
        momentum: Weight of this batch in the running statistics, as in PyTorch (Keras's 0.99 is 0.01 here).
        training: Normalise by the batch (true) or by the running statistics (false).
        running_mean: Running mean before this batch, per feature or one number; 0 when left out.
        running_var: Running variance before this batch, per feature or one number; 1 when left out.
    """
    batch = read_batch(x)
    samples, features = batch.shape
    if training:
        refuse_single(samples)
    scale, shift = per_feature("gamma", gamma, 1, features), per_feature("beta", beta, 0, features)
    old_mean = per_feature("running_mean", running_mean, 0, features)
    old_var = per_feature("running_var", running_var, 1, features)
    if old_var.min() < 0:
        raise DemoError(
            Fault.OUT_OF_RANGE,
            param="running_var",
            got=float(old_var.min()),
            allowed=">= 0",
            hint_en="A variance cannot be negative.",
            hint_zh="方差不能为负。",
        )
    upstream = None if dout is None else read_matrix("dout", dout, like=batch)
    if training:
        stats = normalise(batch, eps)
        new_mean = (1 - momentum) * old_mean + momentum * stats.mean
        new_var = (1 - momentum) * old_var + momentum * batch.var(axis=0, ddof=1)
    else:
        inv_std = 1 / np.sqrt(old_var + eps)
        stats = Normalised(old_mean, old_var, inv_std, (batch - old_mean) * inv_std)
        new_mean, new_var = old_mean, old_var
    y = scale * stats.xhat + shift
    numbers: dict[str, Any] = {
        "y": y,
        "mean": stats.mean,
        "var": stats.var,
        "xhat": stats.xhat,
        "running": {"running_mean": new_mean, "running_var": new_var},
    }
    if upstream is not None:
        numbers |= _backward(stats, scale, upstream, training=training)
    return DemoResult(
        demo="batchnorm",
        args_used={},
        numbers=numbers,
        formula=FORMULA,
        source=SOURCE,
        table=Table(
            ("feature", "mean", "variance", "gamma", "beta", "running mean", "running variance"),
            tuple(
                (
                    i,
                    *(
                        float(column[i])
                        for column in (stats.mean, stats.var, scale, shift, new_mean, new_var)
                    ),
                )
                for i in range(features)
            ),
        ),
        plot=_histograms(batch, y),
        notes=_notes(training, upstream),
        warnings=_warnings(stats, eps),
    )


def _backward(stats: Normalised, scale: Array, upstream: Array, *, training: bool) -> dict[str, Any]:
    """Return dx, dgamma and dbeta; in training also the two sums that normalisation forces to 0."""
    grads = {"dgamma": (upstream * stats.xhat).sum(axis=0), "dbeta": upstream.sum(axis=0)}
    if not training:
        # The running statistics are constants: nothing flows through them.
        return {"dx": upstream * scale * stats.inv_std, **grads}
    dx = sum(gradient_paths(stats, upstream * scale).values(), start=np.zeros_like(upstream))
    sums = {"sum_dx": dx.sum(axis=0), "sum_dx_xhat": (dx * stats.xhat).sum(axis=0)}
    return {"dx": dx, **grads, "identities": sums}


def _histograms(before: Array, after: Array) -> Plot:
    """Return how often values fall into 20 shared bins, before and after, all features together."""
    edges = np.histogram_bin_edges(np.concatenate([before.ravel(), after.ravel()]), bins=20)
    middles = ((edges[1:] + edges[:-1]) / 2).tolist()
    series = tuple(
        Series(label, middles, np.histogram(values, edges)[0].tolist())
        for label, values in (("before", before), ("after", after))
    )
    return Plot("bar", series, "value", "count")


def _notes(training: bool, upstream: Array | None) -> tuple[str, ...]:
    notes = [
        "The biased variance (divided by m) normalises; the unbiased one (m − 1) goes into the running variance.",
        "momentum is PyTorch's, the weight of the new batch: Keras's 0.99 is 0.01 here.",
    ]
    if not training:
        notes.append("Evaluation: the running statistics are constants, so dx is dout·γ / √(σ² + ε) alone.")
    elif upstream is not None:
        notes.append("dx sums to 0 over the batch and, up to eps, is orthogonal to x̂.")
        if np.ptp(upstream, axis=0).max() == 0:
            notes.append(
                "The upstream gradient is the same for every sample: a common shift is removed by the mean, so dx = 0."
            )
    return tuple(notes)


def _warnings(stats: Normalised, eps: float) -> tuple[str, ...]:
    flat = [str(i) for i, var in enumerate(stats.var) if var < eps]
    if not flat:
        return ()
    return (f"Feature {', '.join(flat)}: the variance is below eps, so eps decides the result.",)


def read_question(facts: Facts) -> dict[str, Any] | None:
    """Return batch, upstream gradient and parameters that a question about computing BN names."""
    return read_batchnorm(batchnorm, facts)


def exercise(random: np.random.Generator, level: int) -> Exercise:
    """Return a drill on the variance (1), one output (2) or the running variance (3) of a batch of four."""
    return draw_clear(lambda: _drill(random, level))


def _drill(random: np.random.Generator, level: int) -> Exercise:
    values = random.choice(np.arange(-5, 10), size=4, replace=False).astype(float)
    batch = [[value] for value in values.tolist()]
    shown = "[" + ", ".join(f"{value:g}" for value in values) + "]"
    mean, var, unbiased = float(values.mean()), float(values.var()), float(values.var(ddof=1))
    steps_zh = [f"均值 = {mean:g}", f"有偏方差 = Σ(xᵢ − μ)² / 4 = {var:.4g}"]
    steps_en = [f"mean = {mean:g}", f"biased variance = Σ(xᵢ − μ)² / 4 = {var:.4g}"]
    arguments: dict[str, Any] = {"x": batch}
    if level == 1:
        answer = float(np.ravel(batchnorm(**arguments).numbers["var"])[0])
        ask_zh = f"一个特征在 batch 里的取值是 {shown}。BN 训练时用来归一化的方差是多少？"
        ask_en = f"A feature is {shown} in a batch. Which variance does BN normalise by in training?"
        slips = [
            (
                unbiased,
                "除以了 m − 1：那是更新滑动方差用的无偏方差。",
                "Divided by m − 1: that one is for the running variance.",
            ),
            (var**0.5, "开了根号：这是标准差。", "That is the standard deviation, its root."),
            (4 * var, "忘了除以 m。", "The division by m is missing."),
        ]
        hints = ("归一化用有偏方差。", "It is the biased variance.")
    elif level == 2:
        gamma, beta = float(random.choice([0.5, 1.5, 2, 3])), float(random.choice([-2, -1, 1, 2]))
        # A value at the mean would make scale and shift indistinguishable.
        sample = int(np.abs(values - mean).argmax())
        arguments |= {"gamma": gamma, "beta": beta}
        answer = float(batchnorm(**arguments).numbers["y"][sample, 0])
        offset = float(values[sample]) - mean
        xhat = offset / var**0.5
        top = f"{values[sample]:g}"
        ask_zh = (
            f"一个特征在 batch 里的取值是 {shown}，γ={gamma:g}，β={beta:g}，ε 可忽略。"
            f"x={top} 的 BN 输出是多少？"
        )
        ask_en = (
            f"A feature is {shown} in a batch; γ={gamma:g}, β={beta:g}, ε is negligible. "
            f"What does BN output for x={top}?"
        )
        slips = [
            (xhat, "只算了 x̂，没有乘 γ、加 β。", "Only x̂: γ and β are missing."),
            (gamma * xhat, "漏了 β。", "β is missing."),
            (
                gamma * offset / unbiased**0.5 + beta,
                "方差除以了 m − 1。",
                "The variance was divided by m − 1.",
            ),
            (
                gamma * offset / var + beta,
                "除以了方差而不是标准差。",
                "Divided by the variance, not by its root.",
            ),
        ]
        steps_zh += [
            f"x̂ = ({top} − {mean:g}) / √{var:.4g} = {xhat:.4g}",
            f"y = {gamma:g}·x̂ {'−' if beta < 0 else '+'} {abs(beta):g} = {answer:.4g}",
        ]
        steps_en += steps_zh[2:]
        hints = ("先归一化，再 γx̂ + β。", "Normalise first, then γx̂ + β.")
    else:
        momentum = float(random.choice([0.1, 0.2, 0.3]))
        arguments |= {"momentum": momentum}
        answer = float(batchnorm(**arguments).numbers["running"]["running_var"][0])
        ask_zh = (
            f"BN（PyTorch 约定，momentum={momentum:g}）的滑动方差现在是 1，"
            f"来了一个 batch：{shown}。更新后的滑动方差是多少？"
        )
        ask_en = (
            f"BN's running variance (PyTorch's convention, momentum={momentum:g}) is 1 "
            f"when the batch {shown} arrives. What is it afterwards?"
        )
        slips = [
            (
                1 - momentum + momentum * var,
                "用了有偏方差；写进滑动方差的是无偏方差。",
                "Used the biased variance; the unbiased one is stored.",
            ),
            (
                momentum + (1 - momentum) * unbiased,
                "momentum 的方向反了（那是 Keras 的约定）。",
                "momentum the other way round, as in Keras.",
            ),
            (
                unbiased,
                "直接用了这个 batch 的方差，没有做滑动平均。",
                "Took this batch's variance, without averaging.",
            ),
        ]
        steps_zh += [
            f"无偏方差 = {unbiased:.4g}",
            f"(1 − {momentum:g})·1 + {momentum:g}·{unbiased:.4g} = {answer:.4g}",
        ]
        steps_en += [f"unbiased variance = {unbiased:.4g}", steps_zh[-1]]
        hints = (
            "新值的权重是 momentum，方差用无偏的。",
            "momentum weighs the new batch, whose variance is unbiased.",
        )
    return Exercise(
        demo="batchnorm",
        arguments=arguments,
        question_zh=ask_zh,
        question_en=ask_en,
        answer=answer,
        steps_zh=tuple(steps_zh),
        steps_en=tuple(steps_en),
        hint_zh=hints[0],
        hint_en=hints[1],
        mistakes=tuple(Mistake(*slip) for slip in slips),
    )
