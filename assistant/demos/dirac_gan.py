"""The Dirac-GAN: the smallest GAN that does not converge, and what alternating updates and R1 change.

The data is a point at 0, the generator a point at θ, the discriminator D(x) = ψx; the only equilibrium is
(0, 0). Two numbers, no network and no sampling; a generator that loses modes is `mode_collapse`.
"""

from __future__ import annotations

import cmath
import math
import re
from collections.abc import Callable, Mapping
from typing import Annotated, Any, Literal

import numpy as np
from annotated_types import Interval

from assistant.demo_kit.exercises import Exercise
from assistant.demo_kit.question import Facts
from assistant.demo_kit.slots import Spoken, fill
from assistant.demo_kit.types import DemoResult, Mark, Plot, Series, Table
from assistant.demo_parts.costs import inconsistent
from assistant.demo_parts.gan_drills import bilinear_radius, step_factor, turning_speed
from assistant.demo_parts.spoken_gans import read_players

FORMULA = (
    "θ' = −ψ f'(θψ), ψ' = θ f'(θψ) − γψ; at (0, 0) the eigenvalues are −γ/2 ± √(γ²/4 − f'(0)²); "
    "simultaneous: factor 1 + hλ; alternating: determinant 1 − hγ, on the unit circle while h f'(0) ≤ 2 and γ = 0"
)
SOURCE = (
    "Mescheder, Geiger & Nowozin 2018, Which Training Methods for GANs do actually Converge?, arXiv:1801.04406, "
    "sections 2 to 4 and the authors' notebook (h = 0.2, 500 steps, start (1, 1))"
)
TOPICS = (
    "GAN convergence",
    "GAN 不收敛",
    "Dirac-GAN",
    "GAN training dynamics",
    "alternating and simultaneous updates",
    "同时更新和交替更新",
    "R1 regularization",
    "R1 正则",
    "gradient penalty",
    "梯度惩罚",
)

Objective = Literal["gan", "nsgan", "wgan"]
Update = Literal["simultaneous", "alternating"]
Slope = Callable[[float], float]
Matrix = np.ndarray[tuple[int, ...], np.dtype[np.float64]]


def _sigmoid(t: float) -> float:
    return 0.5 * (1 + math.tanh(t / 2))


#: f'(θψ) in the step of the generator and in that of the discriminator; f(t) = −log(1 + e^−t), for wgan f(t) = t.
_SLOPES: Mapping[Objective, tuple[Slope, Slope]] = {
    "gan": (lambda t: _sigmoid(-t), lambda t: _sigmoid(-t)),
    "nsgan": (_sigmoid, lambda t: _sigmoid(-t)),
    "wgan": (lambda t: 1.0, lambda t: 1.0),
}
#: Farther out the run has diverged; its squares would soon overflow.
_FAR = 1e100


def dirac_gan(
    *,
    objective: Objective = "gan",
    update: Update = "simultaneous",
    lr: Annotated[float, Interval(gt=0, le=10)] = 0.2,
    steps: Annotated[int, Interval(ge=1, le=5000)] = 500,
    reg: Annotated[float, Interval(ge=0, le=10)] = 0.0,
    d_steps: Annotated[int, Interval(ge=1, le=20)] = 1,
    theta0: Annotated[float, Interval(ge=-1e3, le=1e3)] = 1.0,
    psi0: Annotated[float, Interval(ge=-1e3, le=1e3)] = 1.0,
) -> DemoResult:
    """Training of the smallest GAN: does it reach its equilibrium, circle around it or run away?

    Args:
        objective: gan (minimax), nsgan (non-saturating) or wgan, without clipping.
        update: Both players at once, or the generator first and the discriminator with the new generator.
        lr: Learning rate h of both.
        steps: Number of generator steps.
        reg: Weight γ of the gradient penalty R1 on the discriminator.
        d_steps: Discriminator steps per generator step; only with alternating.
        theta0: Where the generator starts; the data is at 0.
        psi0: Slope of the discriminator at the start.
    """
    if d_steps > 1 and update == "simultaneous":
        raise inconsistent(
            "d_steps", d_steps, "1 with simultaneous updates", "Simultaneous updates are one step of each player.",
            "同时更新时双方各走一步；d_steps > 1 请用 update=alternating。",
        )  # fmt: skip
    path = _trained(objective, update, lr, reg, d_steps, steps, (theta0, psi0))
    radii = [math.hypot(*point) for point in path]
    other: Update = "alternating" if update == "simultaneous" else "simultaneous"
    beside = _trained(objective, other, lr, reg, 1, steps, (theta0, psi0))
    slope = _SLOPES[objective][0](0.0)
    root = cmath.sqrt(reg**2 / 4 - slope**2)
    pair = [-reg / 2 + root, -reg / 2 - root]
    factor = _step_factor(update, lr, reg, d_steps, slope)
    verdict = _verdict(radii, steps)
    return DemoResult(
        demo="dirac_gan",
        args_used={},
        numbers={
            "radius_start": radii[0],
            "radius": radii[-1],
            "theta": path[-1][0],
            "psi": path[-1][1],
            "verdict": verdict,
            "radius_by_update": {update: radii[-1], other: math.hypot(*beside[-1])},
            # The two are conjugates or real, so the size of the imaginary part says all.
            "eigenvalues": {
                "re_im": [[v.real + 0.0, abs(v.imag)] for v in pair],
                "critical_gamma": 2 * slope,
            },
            "step_factor": {"abs_eig": factor, "radius_per_100_steps": factor**100 if factor < 1e3 else None},
        },
        formula=FORMULA,
        source=SOURCE,
        table=_table(path, radii),
        plot=Plot(
            "path",
            (_line(update, path), _line(other, beside)),
            "θ (generator)",
            "ψ (discriminator)",
            marks=(Mark("equilibrium", 0.0, 0.0),),
            equal=True,
        ),
        notes=_notes(objective, update, reg, factor, 2 * slope),
        warnings=(f"Diverged: stopped after {len(path) - 1} steps, where it left all bounds.",)
        if len(path) <= steps
        else (),
    )


def _trained(
    objective: Objective,
    update: Update,
    lr: float,
    reg: float,
    d_steps: int,
    steps: int,
    start: tuple[float, float],
) -> list[tuple[float, float]]:
    """Return (θ, ψ) before the first step and after each, as long as both stay within bounds."""
    generator, discriminator = _SLOPES[objective]
    theta, psi = start
    path = [start]
    for _ in range(steps):
        seen = theta
        theta -= lr * psi * generator(theta * psi)
        if update == "alternating":
            seen = theta
        for _ in range(d_steps):
            psi += lr * (seen * discriminator(seen * psi) - reg * psi)
        if max(abs(theta), abs(psi)) > _FAR:
            break
        path.append((theta, psi))
    return path


def _step_factor(update: Update, lr: float, reg: float, d_steps: int, slope: float) -> float:
    """Return the largest modulus by which one step multiplies what is close to (0, 0)."""
    jacobian = np.array([[0.0, -slope], [slope, -reg]])
    if update == "simultaneous":
        step = np.eye(2) + lr * jacobian
    else:
        first, second = (np.eye(2) + lr * jacobian * [[k], [1 - k]] for k in (1, 0))
        step = np.linalg.matrix_power(second, d_steps) @ first
    half, det = np.trace(step) / 2, float(np.linalg.det(step))
    root = cmath.sqrt(half**2 - det)
    # A complex pair has the modulus √det exactly; computed roots would be off by rounding.
    return math.sqrt(det) if root.imag else max(abs(half + root), abs(half - root))


def _verdict(radii: list[float], steps: int) -> str:
    """Return what the run did: `diverges`, `orbits`, `converges`, or `slow` for shrinking without arriving."""
    if len(radii) <= steps:
        return "diverges"
    if radii[-1] <= 1e-3 * radii[0]:
        return "converges"
    middle = len(radii) // 2
    # Maxima: an orbit is no circle, so its radius goes up and down.
    early, late = max(radii[: middle + 1]), max(radii[middle:])
    if late > 1.02 * early:
        return "diverges"
    return "slow" if late < 0.98 * early else "orbits"


def _line(label: str, path: list[tuple[float, float]]) -> Series:
    return Series(label, [theta for theta, _ in path], [psi for _, psi in path])


def _table(path: list[tuple[float, float]], radii: list[float]) -> Table:
    shown = np.unique(np.linspace(0, len(path) - 1, 11).astype(int)).tolist()
    return Table(("step", "θ", "ψ", "radius"), tuple((i, *path[i], radii[i]) for i in shown))


def _notes(objective: str, update: str, reg: float, factor: float, critical: float) -> tuple[str, ...]:
    notes = ["step_factor holds close to the equilibrium; verdict is what this run did from its start."]
    if reg == 0:
        notes.append(
            "Without regularisation the eigenvalues are imaginary: the field turns, nothing pulls inward."
        )
    elif reg < critical:
        notes.append(
            f"R1 pulls inward; from γ = {critical:g} on nothing turns, and more only slows one direction."
        )
    if update == "simultaneous" and reg == 0:
        notes.append(
            "Every simultaneous step leads outward near 0: |1 + ih f'(0)| > 1 for any learning rate."
        )
    if objective == "nsgan" and reg == 0:
        notes.append("Far out the non-saturating loss shrinks the radius, but at no linear rate.")
    if factor > 1 and reg > 0:
        notes.append("Even with R1 this learning rate is too large near the equilibrium.")
    return tuple(notes)


_GAN = (
    "gan",
    "gans",
    "dcgan",
    "wgan",
    "nsgan",
    "dirac gan",
    "diracgan",
    "生成对抗网络",
    "对抗训练",
    "生成对抗",
)
_CONVERGES = re.compile(
    r"收敛|震荡|振荡|绕圈|轨道|不稳定|稳定性|converg|diverg|oscillat|orbit|unstable|stabili|dynamics|动力学"
)
_UPDATES = {
    "simultaneous": ("simultaneous", "simultaneously", "同时更新", "同步更新", "同时训练"),
    "alternating": ("alternating", "alternately", "alternate", "交替更新", "交替训练", "交替"),
}
_SPOKEN: Spoken = {
    "objective": {
        "wgan": ("wgan", "wasserstein"),
        "nsgan": ("nsgan", "ns gan", "non saturating", "nonsaturating", "非饱和"),
        "gan": ("minimax", "极小极大", "原始gan"),
    },
    "update": _UPDATES,
    "lr": ("lr", "learning rate", "学习率", "步长", "h"),
    "steps": ("{}步", "{}steps", "{}iterations", "{}次迭代"),
    "reg": (
        "r1", "gradient penalty", "r1 penalty", "r1 regularization", "梯度惩罚",
        "r1正则", "r1惩罚", "r1正则化", "惩罚系数", "reg", "gamma", "γ",
    ),
    "theta0": ("theta0", "theta", "θ", "θ0"),
    "psi0": ("psi0", "psi", "ψ", "ψ0"),
}  # fmt: skip
_OTHER = (
    "mode collapse",
    "模式坍塌",
    "模式崩溃",
    "模式坍缩",
    "fid",
    "inception score",
    "spectral norm",
    "谱归一化",
)


def read_question(facts: Facts) -> dict[str, Any] | None:
    """Return objective, update, penalty and rates of a question about whether GAN training converges."""
    is_dirac = facts.says("dirac gan", "diracgan", "dirac")
    found = fill(dirac_gan, _SPOKEN, facts)
    if not is_dirac and not facts.says(*_GAN):
        return None
    if not is_dirac and (facts.says(*_OTHER) or not (_CONVERGES.search(facts.text) or facts.which(_UPDATES))):
        return None
    if (d_steps := read_players(facts).get("d_steps")) is not None:
        found["d_steps"] = d_steps
    # Only players who take turns can take different numbers of steps.
    return {"update": "alternating"} | found if found.get("d_steps", 1) > 1 else found


def exercise(random: np.random.Generator, level: int) -> Exercise:
    """Return a drill: 1 the radius in the bilinear game, 2 an eigenvalue under R1, 3 the factor of a step."""
    arguments: dict[str, Any]
    if level == 1:
        arguments = {"objective": "wgan", "theta0": 1.0, "psi0": 0.0}
        arguments |= {"lr": float(random.choice([0.1, 0.2, 0.3, 0.4, 0.5]))}
        arguments |= {"steps": int(random.choice([2, 5, 10, 20]))}
    elif level == 2:
        arguments = {"reg": float(random.choice([0.2, 0.3, 0.4, 0.6, 0.8]))}
    else:
        arguments = {"lr": float(random.choice([0.4, 0.5, 0.8, 1.0, 1.5, 2.0]))}
    ask = (bilinear_radius, turning_speed, step_factor)[level - 1]
    return ask(arguments, dirac_gan(**arguments).numbers)
