"""One step of SGD, momentum, Nesterov, AdaGrad, RMSProp and Adam in the conventions of three codebases.

Array in, array out; nothing is modified in place. Where they differ is written out at `Convention`.
Sources: Sutskever et al. 2013 (momentum, Nesterov), Duchi et al. 2011 (AdaGrad), Hinton's Coursera lecture 6e
(RMSProp), Graves 2013 eq. 38-40 (centered), Kingma & Ba 2015 Algorithm 1 (Adam), Reddi et al. 2018 (AMSGrad).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
State = Mapping[str, Array]

#: `pytorch`: the velocity is free of the learning rate, eps outside the root. `velocity` (cs231n): the learning
#: rate inside the velocity. `keras`: that, and eps inside the root (AdaGrad, RMSProp) or, for Adam, added to
#: the root before bias correction.
Convention = Literal["pytorch", "keras", "velocity"]


@dataclass(frozen=True, slots=True)
class Settings:
    """The numbers a rule needs; each rule reads its own."""

    lr: float
    momentum: float = 0.9
    rho: float = 0.99
    beta1: float = 0.9
    beta2: float = 0.999
    eps: float = 1e-8
    amsgrad: bool = False
    centered: bool = False
    convention: Convention = "pytorch"


Rule = Callable[[Array, Array, State, Settings], tuple[Array, dict[str, Array]]]


def _scale(accumulated: Array, eps: float, convention: Convention) -> Array:
    """Return the root that gradients are divided by."""
    return np.sqrt(accumulated + eps) if convention == "keras" else np.sqrt(accumulated) + eps


def _sgd(w: Array, g: Array, state: State, h: Settings) -> tuple[Array, dict[str, Array]]:
    return w - h.lr * g, {}


def _momentum(w: Array, g: Array, state: State, h: Settings) -> tuple[Array, dict[str, Array]]:
    if h.convention == "pytorch":
        v = h.momentum * state["v"] + g
        return w - h.lr * v, {"v": v}
    v = h.momentum * state["v"] - h.lr * g
    return w + v, {"v": v}


def _nesterov(w: Array, g: Array, state: State, h: Settings) -> tuple[Array, dict[str, Array]]:
    """The gradient is taken at w, the look-ahead is in the step (Bengio et al. 2013, eq. 6-7)."""
    if h.convention == "pytorch":
        v = h.momentum * state["v"] + g
        return w - h.lr * (g + h.momentum * v), {"v": v}
    v = h.momentum * state["v"] - h.lr * g
    return w + h.momentum * v - h.lr * g, {"v": v}


def _adagrad(w: Array, g: Array, state: State, h: Settings) -> tuple[Array, dict[str, Array]]:
    cache = state["cache"] + g * g
    return w - h.lr * g / _scale(cache, h.eps, h.convention), {"cache": cache}


def _rmsprop(w: Array, g: Array, state: State, h: Settings) -> tuple[Array, dict[str, Array]]:
    cache = h.rho * state["cache"] + (1 - h.rho) * g * g
    new = {"cache": cache}
    spread = cache
    if h.centered:
        new["mean"] = h.rho * state["mean"] + (1 - h.rho) * g
        spread = np.maximum(cache - new["mean"] ** 2, 0)  # a variance; rounding may leave it below 0
    return w - h.lr * g / _scale(spread, h.eps, h.convention), new


def _adam(w: Array, g: Array, state: State, h: Settings) -> tuple[Array, dict[str, Array]]:
    t = state["t"] + 1  # counted before it is used, so that the first correction is 1 - beta
    m = h.beta1 * state["m"] + (1 - h.beta1) * g
    v = h.beta2 * state["v"] + (1 - h.beta2) * g * g
    new = {"t": t, "m": m, "v": v}
    if h.amsgrad:
        new["v_max"] = np.maximum(state["v_max"], v)
    correction = np.sqrt(1 - h.beta2**t)
    # Keras adds eps to the uncorrected root ("epsilon hat" in the paper), the others to the corrected one.
    eps = h.eps / correction if h.convention == "keras" else h.eps
    root = np.sqrt(new.get("v_max", v)) / correction + eps
    return w - h.lr * m / (1 - h.beta1**t) / root, new


RULES: Mapping[str, Rule] = {
    "sgd": _sgd,
    "momentum": _momentum,
    "nesterov": _nesterov,
    "adagrad": _adagrad,
    "rmsprop": _rmsprop,
    "adam": _adam,
}
#: The state each rule carries from step to step, apart from what amsgrad and centered add.
STATE: Mapping[str, tuple[str, ...]] = {
    "sgd": (),
    "momentum": ("v",),
    "nesterov": ("v",),
    "adagrad": ("cache",),
    "rmsprop": ("cache",),
    "adam": ("m", "v"),
}


def initial(name: str, size: int, given: Mapping[str, Any], t: int = 0) -> dict[str, Array]:
    """Return the state of rule `name` before its first step: zeros, or what is `given` of it."""
    state = {key: np.zeros(size) for key in ("v", "cache", "mean", "m", "v_max")}
    state["t"] = np.asarray(float(t))
    return state | {key: np.asarray(given[key], float) for key in STATE[name] if key in given}


def effective_rate(name: str, state: State, h: Settings) -> Array | None:
    """Return the learning rate per coordinate after a step: what the gradient (or its mean) is scaled by."""
    if name in ("adagrad", "rmsprop"):
        spread = np.maximum(state["cache"] - state["mean"] ** 2, 0) if "mean" in state else state["cache"]
        return h.lr / _scale(spread, h.eps, h.convention)
    if name == "adam":
        return h.lr / (np.sqrt(state.get("v_max", state["v"]) / (1 - h.beta2 ** state["t"])) + h.eps)
    return None
