"""Optimizers step by step: on a test surface, or by hand from given weights and gradients.

The update rules with their conventions are in `_update_rules`, the surfaces in `_surfaces`. How fast momentum
can be on a quadratic is `quadratic_convergence`; this demo only takes the steps.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Annotated, Any, Literal

import numpy as np
from annotated_types import Interval, Len

from assistant.demo_kit.exercises import Exercise
from assistant.demo_kit.question import Facts
from assistant.demo_kit.types import DemoResult, Plot, Series, Table
from assistant.demo_parts.optimizer_arguments import (
    DEFAULT_STEPS,
    check_flags,
    given_gradients,
    given_state,
    with_nesterov,
)
from assistant.demo_parts.optimizer_drills import drill
from assistant.demo_parts.path_plot import path_plot
from assistant.demo_parts.spoken_optimizers import read_optimizer
from assistant.demo_parts.surfaces import Surface, SurfaceName
from assistant.demo_parts.surfaces import surface as surface_named
from assistant.demo_parts.update_rules import (
    RULES,
    STATE,
    Array,
    Convention,
    Settings,
    effective_rate,
    initial,
)

FORMULAS = {
    "sgd": "w ← w − ηg",
    "momentum": "v ← μv + g, w ← w − ηv",
    "nesterov": "v ← μv + g, w ← w − η(g + μv)",
    "adagrad": "c ← c + g², w ← w − ηg / (√c + ε)",
    "rmsprop": "c ← ρc + (1 − ρ)g², w ← w − ηg / (√c + ε)",
    "adam": "m ← β₁m + (1 − β₁)g, v ← β₂v + (1 − β₂)g², m̂ = m / (1 − β₁ᵗ), v̂ = v / (1 − β₂ᵗ), w ← w − ηm̂ / (√v̂ + ε)",
}
SOURCES = {
    "sgd": "Robbins & Monro 1951",
    "momentum": "Polyak 1964; Sutskever et al. 2013",
    "nesterov": "Sutskever et al. 2013",
    "adagrad": "Duchi, Hazan & Singer 2011",
    "rmsprop": "Tieleman & Hinton 2012, lecture 6e",
    "adam": "Kingma & Ba 2015, arXiv:1412.6980, Algorithm 1",
}
TOPICS = (
    "optimizer",
    "优化器",
    "Adam",
    "SGD",
    "momentum",
    "动量",
    "Nesterov",
    "RMSProp",
    "AdaGrad",
    "AMSGrad",
    "自适应学习率",
)

#: Beyond this a run is called diverged and stopped, long before the numbers overflow.
_FAR = 1e12

Vector = Annotated[list[float], Len(1, 200)]
OneRate = Annotated[float, Interval(ge=0, lt=1)]


@dataclass(frozen=True, slots=True)
class _Run:
    """The steps of one optimizer: positions from the start on, and the state after each step."""

    positions: list[Array]
    states: list[Mapping[str, Array]]
    diverged: bool


def optimizer_steps(
    *,
    optimizer: Literal["sgd", "momentum", "nesterov", "adagrad", "rmsprop", "adam", "all"] = "all",
    surface: SurfaceName = "quadratic",
    curvature: Annotated[list[Annotated[float, Interval(gt=0, le=1e4)]], Len(2, 2)] = [1, 10],  # noqa: B006
    x0: Annotated[list[Annotated[float, Interval(ge=-1e3, le=1e3)]], Len(2, 2)] | None = None,
    lr: Annotated[float, Interval(gt=0, le=10)] = 0.1,
    momentum: Annotated[float, Interval(ge=0, le=0.999)] = 0.9,
    rho: Annotated[float, Interval(ge=0, le=0.9999)] = 0.99,
    beta1: OneRate = 0.9,
    beta2: OneRate = 0.999,
    eps: Annotated[float, Interval(ge=0, le=1)] = 1e-8,
    amsgrad: bool = False,
    centered: bool = False,
    nesterov: bool = False,
    accumulator0: Annotated[float, Interval(ge=0, le=1e6)] = 0.0,
    steps: Annotated[int, Interval(ge=1, le=1000)] = DEFAULT_STEPS,
    convention: Convention = "pytorch",
    w: Vector | None = None,
    grad: Vector | None = None,
    grads: Annotated[list[Vector], Len(1, 200)] | None = None,
    velocity: Vector | None = None,
    cache: Vector | None = None,
    m: Vector | None = None,
    v: Vector | None = None,
    t_before: Annotated[int, Interval(ge=0, le=1_000_000)] = 0,
) -> DemoResult:
    """Steps of SGD, momentum, Nesterov, AdaGrad, RMSProp and Adam, on a surface or from given gradients.

    Args:
        optimizer: Which rule; all runs the six side by side.
        surface: Function to descend when no w is given.
        curvature: Second derivatives along the two axes, of quadratic and saddle.
        x0: Start on the surface; without it [1, 1] on the quadratic, elsewhere a customary start.
        lr: Learning rate.
        momentum: Decay of the velocity, of momentum and nesterov.
        rho: Decay of the squared gradients, of rmsprop; PyTorch's default is 0.99, Keras's 0.9.
        beta1: Decay of Adam's first moment.
        beta2: Decay of Adam's second moment.
        eps: Small number added to the denominator.
        amsgrad: Adam with the maximum of the second moments so far.
        centered: RMSProp with the variance in place of the second moment.
        nesterov: Look ahead with momentum; the same as optimizer nesterov.
        accumulator0: What AdaGrad's accumulator starts from.
        steps: Number of steps on the surface; with gradients given, one step per gradient.
        convention: pytorch (v = mu v + g, eps outside the root), velocity (cs231n: the learning rate inside
            v) or keras (as velocity, eps inside the root of AdaGrad and RMSProp).
        w: Weights for steps by hand, together with grad or grads.
        grad: Gradient of a single step by hand.
        grads: Gradients of several steps by hand, one row per step.
        velocity: Velocity before the first step, of momentum and nesterov.
        cache: Accumulated squared gradients before the first step, of adagrad and rmsprop.
        m: Adam's first moment before the first step.
        v: Adam's second moment before the first step.
        t_before: Steps Adam has already taken.
    """
    rule = with_nesterov(optimizer, nesterov)
    check_flags(rule, {"amsgrad": ("adam", amsgrad), "centered": ("rmsprop", centered)})
    h = Settings(lr, momentum, rho, beta1, beta2, eps, amsgrad, centered, convention)
    rows = given_gradients(w, grad, grads, steps)
    given = given_state(rule, w, {"velocity": velocity, "cache": cache, "m": m, "v": v}, t_before)
    names = list(RULES) if rule == "all" else [rule]
    place = surface_named(surface, (curvature[0], curvature[1]))
    start = np.asarray(w if w is not None else x0 or place.start, float)

    def run(name: str) -> _Run:
        state = initial(name, start.size, given, t_before)
        if name == "adagrad" and "cache" not in given:
            state["cache"] = state["cache"] + accumulator0
        if rows is None:
            return _descend(name, start, state, h, lambda i, at: place.at(at)[1], steps)
        return _descend(name, start, state, h, lambda i, at: np.asarray(rows[i], float), len(rows))

    runs = {name: run(name) for name in names}
    reports = {
        name: _report(name, run, h, place if rows is None else None, whole=rule != "all")
        for name, run in runs.items()
    }
    return DemoResult(
        demo="optimizer_steps",
        args_used={},
        numbers=reports[rule] if rule != "all" else reports,
        formula="; ".join(f"{name}: {FORMULAS[name]}" for name in names),
        source="; ".join(dict.fromkeys(SOURCES[name] for name in names)),
        table=_table(reports, by_hand=rows is not None),
        plot=_coordinates(runs)
        if rows is not None
        else path_plot({name: np.asarray(run.positions) for name, run in runs.items()}, place),
        notes=_notes(names, h, surface if rows is None else None),
        warnings=tuple(
            f"{name} diverged; the numbers are those of step {len(runs[name].states)}, the last within bounds."
            for name, report in reports.items()
            if report["diverged"]
        ),
    )


def _descend(
    name: str,
    w: Array,
    state: Mapping[str, Array],
    h: Settings,
    gradient: Callable[[int, Array], Array],
    steps: int,
) -> _Run:
    """Take `steps` steps from `w`, or as many as stay within bounds."""
    run = _Run([w], [], False)
    with np.errstate(all="ignore"):
        for i in range(steps):
            w, new = RULES[name](w, gradient(i, w), state, h)
            state = {**state, **new}
            if not all(np.isfinite(array).all() for array in (w, *new.values())) or np.abs(w).max() > _FAR:
                return replace(run, diverged=True)
            run.positions.append(w)
            run.states.append(new)
    return run


def _report(name: str, run: _Run, h: Settings, place: Surface | None, *, whole: bool) -> dict[str, Any]:
    """Return the numbers of one run; `whole` adds the trajectory, `place` what only a surface can tell."""
    path = np.asarray(run.positions)
    moves = np.linalg.norm(np.diff(path, axis=0), axis=1)
    report: dict[str, Any] = {
        "w": path[-1].tolist(),
        "first_step": float(moves[0]) if moves.size else None,
        "path_length": float(moves.sum()),
        "diverged": run.diverged,
    }
    if whole:
        report["trajectory"] = path[1:].tolist()
        report |= {key: run.states[-1][key].tolist() for key in STATE[name] if run.states}
        rates = [effective_rate(name, run.states[i], h) for i in (0, -1) if run.states]
        report |= {
            f"effective_lr_{when}": rate.tolist()
            for when, rate in zip(("first", "last"), rates, strict=False)
            if rate is not None
        }
    if place is not None:
        losses = [float(place.at(at)[0]) for at in run.positions]
        report["loss_at_10"] = losses[10] if len(losses) > 10 else None
        report["loss_end"] = losses[-1]
        report["final_distance"] = place.distance(path[-1])
        # Growing tenfold is no detour: it is a learning rate beyond the stable range, caught early.
        report["diverged"] = run.diverged or bool(place.minima and losses[-1] > 10 * losses[0])
        if whole:
            report["losses"] = losses
    return report


def _table(reports: Mapping[str, Mapping[str, Any]], *, by_hand: bool) -> Table:
    keys = (
        ["first_step", "path_length"] if by_hand else ["first_step", "loss_at_10", "loss_end", "path_length"]
    )
    keys.append("diverged")
    return Table(
        ("optimizer", *keys),
        tuple((name, *(report[key] for key in keys)) for name, report in reports.items()),
    )


def _coordinates(runs: Mapping[str, _Run]) -> Plot:
    """Return the first coordinate of each optimizer, or the first few of a single one."""
    lines = []
    for name, run in runs.items():
        path = np.asarray(run.positions)
        shown = 1 if len(runs) > 1 else min(path.shape[1], 8)
        steps = list(range(len(path)))
        lines += [Series(f"{name} w[{i}]", steps, path[:, i].tolist()) for i in range(shown)]
    return Plot("line", tuple(lines), "step", "weight")


def _notes(names: list[str], h: Settings, surface: str | None) -> tuple[str, ...]:
    notes = [_CONVENTIONS[h.convention]]
    if "rmsprop" in names:
        notes.append(f"RMSProp here has rho {h.rho}; PyTorch's default is 0.99, Keras's 0.9.")
    if "adagrad" in names:
        notes.append("AdaGrad's accumulator only grows, so its effective learning rate only falls.")
    if surface == "quadratic" and {"adagrad", "rmsprop", "adam"} & set(names):
        notes.append("Dividing by the gradient's own size makes the first step the same on both axes.")
    if len(names) > 1:
        notes.append("One learning rate for all is no fair race: each optimizer has its own good range.")
    return tuple(notes)


_CONVENTIONS: Mapping[Convention, str] = {
    "pytorch": "Convention pytorch: v = mu v + g, w -= lr v; eps is added outside the root.",
    "velocity": "Convention velocity (cs231n): v = mu v - lr g, w += v; eps is added outside the root.",
    "keras": (
        "Convention keras: v = mu v - lr g, w += v; eps is inside the root of AdaGrad and RMSProp, and "
        "Adam's is added before bias correction."
    ),
}


def read_question(facts: Facts) -> dict[str, Any] | None:
    """Return optimizer, surface, rates and steps as the question names them; None if it is not about them."""
    return read_optimizer(optimizer_steps, facts)


def exercise(random: np.random.Generator, level: int) -> Exercise:
    """Return a drill on the weight after a step of momentum (level 1), RMSProp (2) or Adam (3)."""
    return drill(optimizer_steps, random, level)
