"""How noisy the batch statistics of batch normalisation are, by batch size: why BN regularises a little.

Theory for Gaussian activations beside draws of the statistics; no network is trained.
"""

from __future__ import annotations

import math
from typing import Annotated, Any

import numpy as np
from annotated_types import Interval, Len
from numpy.typing import NDArray

from assistant.demo_kit.exercises import Exercise, Mistake
from assistant.demo_kit.question import Facts
from assistant.demo_kit.types import DemoError, DemoResult, Fault, Plot, Series, Table
from assistant.demo_parts.clear_draws import draw_clear
from assistant.demo_parts.spoken_batch_norm import read_bn_noise

TOPICS = (
    "BN noise", "batch norm as regularizer", "BN regularization", "BN 噪声", "BN 的正则化效果",
    "batch size 对 BN 的影响", "batch statistics", "批统计量",
)  # fmt: skip
FORMULA = (
    "xᵢ ~ N(μ, σ²): std(batch mean) = σ/√m; batch variance (divided by m): mean (m − 1)/m·σ², "
    "std √(2(m − 1))/m·σ²"
)
SOURCE = (
    "Ioffe & Szegedy 2015, arXiv:1502.03167, section 3.4; Cochran's theorem (mean and χ² variance of a normal "
    "sample are independent)"
)

Array = NDArray[np.float64]
Size = Annotated[int, Interval(ge=1, le=4096)]


def bn_noise(
    *,
    batch_sizes: Annotated[list[Size], Len(1, 10)] = [4, 16, 64, 256],  # noqa: B006
    sigma: Annotated[float, Interval(gt=0, le=1e6)] = 1.0,
    n_trials: Annotated[int, Interval(ge=100, le=100_000)] = 2000,
    seed: Annotated[int, Interval(ge=0, le=2**31 - 1)] = 0,
) -> DemoResult:
    """Noise of batch-norm statistics by batch size: batch mean, batch variance, and one sample's normalised value.

    Args:
        batch_sizes: Batch sizes to compare, each 2 to 4096.
        sigma: Standard deviation of the activation over the whole data.
        n_trials: Random batches per size.
        seed: Seed of the random batches.
    """
    if 1 in batch_sizes:
        raise DemoError(
            Fault.OUT_OF_RANGE,
            param="batch_sizes",
            got=1,
            allowed="2 to 4096",
            hint_en="A batch of one has no variance to normalise by.",
            hint_zh="batch size 为 1 时方差恒为 0，BN 无法归一化。",
        )
    random = np.random.default_rng(seed)
    draws = [_draws(random, m, n_trials) for m in batch_sizes]
    m = np.array(batch_sizes, dtype=float)
    mean_std = sigma / np.sqrt(m)
    var_mean, var_std = (m - 1) / m * sigma**2, np.sqrt(2 * (m - 1)) / m * sigma**2
    simulated = {
        "std_of_batch_mean": [sigma * float(mean.std()) for mean, _, _ in draws],
        "mean_of_batch_var": [sigma**2 * float(var.mean()) for _, var, _ in draws],
        "std_of_batch_var": [sigma**2 * float(var.std()) for _, var, _ in draws],
    }
    xhat = {
        "mean": [float(values.mean()) for _, _, values in draws],
        "std": [float(values.std()) for _, _, values in draws],
    }
    order = np.argsort(m)
    return DemoResult(
        demo="bn_noise",
        args_used={},
        numbers={
            "std_of_batch_mean": mean_std,
            "variance": {"mean_of_batch_var": var_mean, "std_of_batch_var": var_std},
            "simulated": simulated,
            "xhat_of_one_sample": xhat,
        },
        formula=FORMULA,
        source=SOURCE,
        table=Table(
            ("batch size", "std of mean", "drawn", "mean of variance", "std of variance", "std of one x̂"),
            tuple(
                zip(
                    batch_sizes,
                    mean_std.tolist(),
                    simulated["std_of_batch_mean"],
                    var_mean.tolist(),
                    var_std.tolist(),
                    xhat["std"],
                    strict=True,
                )
            ),
        ),
        plot=Plot(
            "line",
            tuple(
                Series(
                    label,
                    m[order].tolist(),
                    np.array(values)[order].tolist(),
                    drawn="points" if label == "drawn" else "",
                )
                for label, values in (
                    ("std of batch mean, σ/√m", mean_std),
                    ("drawn", simulated["std_of_batch_mean"]),
                    ("std of batch variance", var_std),
                )
            ),
            "batch size",
            "noise",
            log="xy",
        ),
        notes=(
            "The line for the mean has slope -1/2: four times the batch, half the noise.",
            f"x̂ of one sample: a sample one σ above the mean, with m − 1 random companions; {n_trials} draws.",
            "The same sample gets another x̂ in every batch; at test time the running statistics end this noise.",
        ),
        warnings=_warnings(batch_sizes),
    )


def _draws(random: np.random.Generator, m: int, trials: int) -> tuple[Array, Array, Array]:
    """Return means and biased variances of `trials` batches of N(0, 1), and x̂ of a sample fixed at 1.

    By Cochran's theorem the mean is N(0, 1/m) and, independently, the squared deviations sum to χ²(m − 1):
    two draws per batch, whatever its size. The fixed sample joins m − 1 others by Welford's update.
    """
    means = random.normal(size=trials) / math.sqrt(m)
    variances = random.chisquare(m - 1, size=trials) / m
    others = random.normal(size=trials) / math.sqrt(m - 1)
    spread = random.chisquare(m - 2, size=trials) if m > 2 else np.zeros(trials)
    var = (spread + (m - 1) / m * (1 - others) ** 2) / m
    return means, variances, (1 - others) * (m - 1) / m / np.sqrt(var)


def _warnings(batch_sizes: list[int]) -> tuple[str, ...]:
    if 2 in batch_sizes:
        return ("With two samples x̂ is always +1 or -1: only their order is left.",)
    return ()


def read_question(facts: Facts) -> dict[str, Any] | None:
    """Return the batch sizes and sigma that a question about the noise of BN's statistics names."""
    return read_bn_noise(bn_noise, facts)


def exercise(random: np.random.Generator, level: int) -> Exercise:
    """Return a drill on the noise of the mean (1), the bias of the variance (2) or its noise (3)."""
    return draw_clear(lambda: _drill(random, level))


def _drill(random: np.random.Generator, level: int) -> Exercise:
    m, sigma = int(random.choice([4, 8, 16])), float(random.choice([1, 2, 3, 5]))
    if level == 1:
        m = int(random.choice([4, 16, 25, 64, 100]))
    arguments: dict[str, Any] = {"batch_sizes": [m], "sigma": sigma}
    numbers = bn_noise(**arguments, n_trials=100).numbers
    given_zh = f"激活服从标准差 σ={sigma:g} 的正态分布，batch size 为 {m}。"
    given_en = f"Activations are normal with standard deviation σ={sigma:g}; the batch size is {m}."
    if level == 1:
        answer = float(numbers["std_of_batch_mean"][0])
        asked = ("batch 均值的标准差是多少？", "What is the standard deviation of the batch mean?")
        step = f"σ/√m = {sigma:g}/√{m} = {answer:.4g}"
        slips = [
            (sigma / m, "除以了 m 而不是 √m。", "Divided by m, not by √m."),
            (sigma, "这是单个激活的标准差。", "That is the spread of a single activation."),
            (
                sigma**2 / m,
                "这是 batch 均值的方差，还要开根号。",
                "That is the variance of the batch mean; take its root.",
            ),
        ]
        hint = ("独立变量之和的方差相加。", "Variances of independent values add up.")
    elif level == 2:
        answer = float(numbers["variance"]["mean_of_batch_var"][0])
        asked = (
            "BN 用的（除以 m 的）batch 方差，期望是多少？",
            "What does BN's batch variance (divided by m) average to?",
        )
        step = f"(m − 1)/m·σ² = {m - 1}/{m}·{sigma**2:g} = {answer:.4g}"
        slips = [
            (sigma**2, "有偏方差的期望比 σ² 小。", "The biased variance averages below σ²."),
            (m / (m - 1) * sigma**2, "修正因子颠倒了。", "The correction is upside down."),
            ((m - 1) / m * sigma, "用了 σ 而不是 σ²。", "Used σ in place of σ²."),
        ]
        hint = (
            "减去的是 batch 自己的均值，少一个自由度。",
            "The batch's own mean is subtracted: one degree of freedom less.",
        )
    else:
        answer = float(numbers["variance"]["std_of_batch_var"][0])
        asked = (
            "BN 用的（除以 m 的）batch 方差，它自己的标准差是多少？",
            "What is the standard deviation of BN's batch variance (divided by m)?",
        )
        step = f"√(2(m − 1))/m·σ² = √{2 * (m - 1)}/{m}·{sigma**2:g} = {answer:.4g}"
        slips = [
            (
                math.sqrt(2 / (m - 1)) * sigma**2,
                "这是无偏方差（除以 m − 1）的标准差。",
                "That belongs to the unbiased variance (m − 1).",
            ),
            (
                sigma / math.sqrt(m),
                "这是 batch 均值的标准差。",
                "That is the standard deviation of the batch mean.",
            ),
            (
                2 * (m - 1) / m**2 * sigma**4,
                "这是方差的方差，还要开根号。",
                "That is its variance; take the root.",
            ),
        ]
        hint = (
            "Σ(x − x̄)²/σ² 服从 χ²(m − 1)，其方差为 2(m − 1)。",
            "Σ(x − x̄)²/σ² is χ²(m − 1), whose variance is 2(m − 1).",
        )
    return Exercise(
        demo="bn_noise",
        arguments=arguments,
        question_zh=given_zh + asked[0],
        question_en=f"{given_en} {asked[1]}",
        answer=answer,
        steps_zh=(step,),
        steps_en=(step,),
        hint_zh=hint[0],
        hint_en=hint[1],
        mistakes=tuple(Mistake(*slip) for slip in slips),
    )
