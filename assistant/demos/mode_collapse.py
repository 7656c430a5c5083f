"""Mode collapse in the smallest GAN that has modes: K of them, a softmax over them and one score for each.

No network and no sampling: both players follow exact gradients, so what happens is the game's doing and not
the noise's. Why training need not converge at all is `dirac_gan`.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np
from annotated_types import Interval
from numpy.typing import NDArray

from assistant.demo_kit.exercises import Exercise
from assistant.demo_kit.question import Facts
from assistant.demo_kit.slots import Spoken, fill
from assistant.demo_kit.types import DemoError, DemoResult, Fault, Plot, Series, Table
from assistant.demo_parts.gan_drills import critical_steps, loop_gain, round_factor
from assistant.demo_parts.spoken_gans import read_players

FORMULA = (
    "q = softmax(l); per round d_steps times s += lr_d (σ(−s)/K − q σ(s)), then g_steps times l += lr_g q (s − Σ q s); "
    "unstable near the uniform q where lr_g lr_d g_steps / (2K²) > 4 − lr_d/K; effective modes = exp(entropy of q)"
)
SOURCE = (
    "Own construction: the minimax game of Goodfellow et al. 2014, arXiv:1406.2661, on K points, the generator "
    "rewarded with the logit log D/(1 − D); compare Metz et al. 2016, arXiv:1611.02163, section 3.1 (mode hopping)"
)
TOPICS = (
    "mode collapse", "模式坍塌", "模式崩溃", "模式坍缩", "mode hopping", "生成器多样性",
    "generator steps per discriminator step",
)  # fmt: skip

Array = NDArray[np.float64]

#: Runs with fewer effective modes at some time count as collapsed; even two modes are two before they collapse.
COLLAPSED = 1.5
#: The generator starts this far from uniform; from exactly uniform nothing would ever move.
_UNEVEN = 0.01
#: Generator steps in all, about two seconds.
_MOST_STEPS = 500_000
#: Beyond this a single step could overflow the exponential, and every step is centred first.
_STEEP = 1000.0


def mode_collapse(
    *,
    n_modes: Annotated[int, Interval(ge=2, le=32)] = 8,
    g_steps: Annotated[int, Interval(ge=1, le=5000)] = 1,
    d_steps: Annotated[int, Interval(ge=1, le=100)] = 1,
    lr_g: Annotated[float, Interval(gt=0, le=20)] = 1.0,
    lr_d: Annotated[float, Interval(gt=0, le=20)] = 1.0,
    steps: Annotated[int, Interval(ge=10, le=1000)] = 400,
) -> DemoResult:
    """Mode collapse of a GAN over K modes: how many modes the generator keeps, and whether it hops.

    Args:
        n_modes: Modes K of the data, all equally likely.
        g_steps: Generator steps per round; many of them collapse it.
        d_steps: Discriminator steps per round.
        lr_g: Learning rate of the generator.
        lr_d: Learning rate of the discriminator.
        steps: Rounds.
    """
    if g_steps * steps > _MOST_STEPS:
        raise DemoError(
            Fault.TOO_BIG,
            param="g_steps",
            got=g_steps * steps,
            allowed=f"g_steps × steps up to {_MOST_STEPS}",
            hint_en=f"{g_steps} generator steps in each of {steps} rounds take "
            f"too long; {_MOST_STEPS // g_steps} rounds do not.",
            hint_zh=f"{steps} 轮、每轮生成器 {g_steps} 步太多；g_steps × steps 不能超过 {_MOST_STEPS}。",
        )
    run = _trained(n_modes, g_steps, d_steps, lr_g, lr_d, steps)
    gain, limit = lr_g * lr_d * g_steps / (2 * n_modes**2), 4 - lr_d / n_modes
    factor = _round_factor(n_modes, g_steps * lr_g, d_steps, lr_d)
    least = float(run.effective.min())
    numbers: dict[str, Any] = {
        "min_effective_modes": least,
        "final_effective_modes": float(run.effective[-1]),
        "collapsed": least < COLLAPSED,
        "modes_visited": len(set(run.leaders)),
        "hops": sum(a != b for a, b in zip(run.leaders, run.leaders[1:], strict=False)),
        "predicted_unstable": factor > 1 + 1e-12,
        "round_factor": factor,
        # The two sides of the threshold hold for one discriminator step; round_factor holds for any number.
        "threshold": {"gain": gain, "limit": limit},
        "critical_g_steps": _critical(gain / g_steps, limit) if d_steps == 1 else None,
    }
    shown = sorted({round(i) for i in np.linspace(0, steps - 1, 11)})
    return DemoResult(
        demo="mode_collapse",
        args_used={},
        numbers=numbers,
        formula=FORMULA,
        source=SOURCE,
        table=Table(
            ("round", "effective modes", "largest mode", "its share"),
            tuple(
                (i + 1, float(run.effective[i]), int(run.mass[i].argmax()), float(run.mass[i].max()))
                for i in shown
            ),
        ),
        plot=Plot(
            "line",
            tuple(Series(f"mode {k}", range(1, steps + 1), run.mass[:, k].tolist()) for k in range(n_modes)),
            "round",
            "share of the generated samples",
        ),
        notes=_notes(numbers, d_steps),
    )


@dataclass(frozen=True, slots=True)
class _Run:
    """`mass` [rounds, K] is q after each round, `effective` [rounds] its exp(entropy).

    `leaders` are the modes that held more than half of it, round by round, rounds without one left out.
    """

    mass: Array
    effective: Array
    leaders: list[int]


def _trained(k: int, g_steps: int, d_steps: int, lr_g: float, lr_d: float, steps: int) -> _Run:
    logits, scores = np.linspace(-_UNEVEN, _UNEVEN, k), np.zeros(k)
    mass = np.empty((steps, k))
    for i in range(steps):
        q = _softmax(logits)
        for _ in range(d_steps):
            real = 0.5 * (1 + np.tanh(scores / 2))
            scores = scores + lr_d * ((1 - real) / k - q * real)
        logits = _moved(logits, scores, lr_g, g_steps)
        mass[i] = _softmax(logits)
    with np.errstate(divide="ignore", invalid="ignore"):
        entropy = -np.where(mass > 0, mass * np.log(mass), 0.0).sum(axis=1)
    return _Run(mass, np.exp(entropy), [int(row.argmax()) for row in mass if row.max() > 0.5])


def _softmax(logits: Array) -> Array:
    e: Array = np.exp(logits - logits.max())
    e /= e.sum()
    return e


def _moved(logits: Array, scores: Array, lr: float, steps: int) -> Array:
    """Return the logits after `steps` exact gradient steps of E_q[s] with the discriminator held still."""
    logits, gains = logits - logits.max(), lr * scores
    is_steep = bool(np.ptp(gains) > _STEEP)
    e, change, ones = np.empty_like(logits), np.empty_like(logits), np.ones_like(logits)
    # The loop is all of the demo's time: no array is made in it.
    for _ in range(steps):
        if is_steep:
            logits -= logits.max()
        np.exp(logits, out=e)
        share = 1.0 / e.dot(ones)
        np.subtract(gains, e.dot(gains) * share, out=change)
        np.multiply(change, e, out=change)
        np.multiply(change, share, out=change)
        np.add(logits, change, out=logits)
    return logits


def _critical(gain: float, limit: float) -> float:
    """Return how many generator steps of `gain` each reach the threshold."""
    return max(limit, 0) / gain if gain else math.inf


def _round_factor(k: int, g_move: float, d_steps: int, lr_d: float) -> float:
    """Return the spectral radius of one round, linearised at the uniform generator and all scores 0.

    For a deviation orthogonal to the ones: s ← (1 − lr_d/2K) s − lr_d/2 q, d_steps times, then q ← q + g_move/K² s.
    """
    score = np.array([[1 - lr_d / (2 * k), -lr_d / 2], [0.0, 1.0]])
    generator = np.array([[1.0, 0.0], [g_move / k**2, 1.0]])
    return float(np.abs(np.linalg.eigvals(generator @ np.linalg.matrix_power(score, d_steps))).max())


def _notes(numbers: dict[str, Any], d_steps: int) -> tuple[str, ...]:
    notes = [
        f"Collapsed: fewer than {COLLAPSED} effective modes at some round.",
        "A mode is visited when it holds more than half of the samples.",
    ]
    if numbers["collapsed"]:
        notes.append(
            "The generator puts everything on the best-scored mode; the discriminator then lowers its score."
        )
    if numbers["collapsed"] != numbers["predicted_unstable"]:
        notes.append("The prediction holds close to the uniform generator; this run went beyond that.")
    if d_steps > 1:
        notes.append(
            "The threshold is that of one discriminator step; round_factor above 1 is the prediction here."
        )
    return tuple(notes)


_COLLAPSE = (
    "mode collapse", "mode hopping", "mode dropping", "模式坍塌", "模式崩溃",
    "模式崩塌", "模式坍缩", "模式塌陷", "模式丢失", "模式塌缩",
)  # fmt: skip
_SPOKEN: Spoken = {
    "n_modes": ("n modes", "number of modes", "模式数", "{}个模式", "{}种模式", "{}modes", "{}mode"),
    "steps": ("{}轮", "{}rounds", "{}个回合"),
}
_HOPS = re.compile(
    r"(?:generator|生成器)[^，。,.?？]{0,30}(?:hop|跳|同一种|一种样本|only one|same (?:sample|image))"
    r"|hop[^，。,.?？]{0,20}modes"
)
#: Asking for a remedy or a metric by name is no call to see the collapse.
_OTHER = (
    "奖励",
    "reward",
    "rlhf",
    "语言模型",
    "language model",
    "llm",
    "unrolled",
    "minibatch discrimination",
    "packgan",
    "fid",
    "inception score",
    "vqgan",
    "vq vae",
    "codebook",
    "码本",
)


def read_question(facts: Facts) -> dict[str, Any] | None:
    """Return modes, steps and rates of a question about mode collapse."""
    if not (facts.says(*_COLLAPSE) or _HOPS.search(facts.text)) or facts.says(*_OTHER):
        return None
    found = fill(mode_collapse, _SPOKEN, facts) | read_players(facts)
    if found.get("g_steps", 1) * found.get("steps", 400) > _MOST_STEPS and "steps" not in found:
        found["steps"] = _MOST_STEPS // found["g_steps"]
    return found


def exercise(random: np.random.Generator, level: int) -> Exercise:
    """Return a drill: 1 the gain of the two players' loop, 2 the critical g_steps, 3 the factor of a round."""
    modes, lr_d = int(random.choice([4, 8, 16])), float(random.choice([1.0, 2.0, 4.0]))
    arguments: dict[str, Any] = {"n_modes": modes, "lr_d": lr_d, "steps": 10}
    if level == 1:
        arguments |= {
            "g_steps": int(random.choice([10, 20, 50, 100])),
            "lr_g": float(random.choice([0.5, 1.0, 2.0])),
        }
    elif level == 2:
        arguments |= {"lr_g": float(random.choice([0.5, 1.0, 2.0]))}
    else:
        # Few enough that the pair is complex: the gain stays well below the limit, and above overdamping.
        arguments |= {"g_steps": math.ceil(modes**2 / lr_d)}
    ask = (loop_gain, critical_steps, round_factor)[level - 1]
    return ask(arguments, mode_collapse(**arguments).numbers)
