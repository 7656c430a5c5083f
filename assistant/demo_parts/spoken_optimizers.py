"""How a question says optimizers: one Adam step with lr 0.1; SGD 动量在二次函数上走 20 步.

It only reads what is written, and turns away questions that merely share a word, such as BN's momentum.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from assistant.demo_kit.question import Facts
from assistant.demo_parts.surfaces import SurfaceName
from assistant.demo_parts.update_rules import Convention

_SAID: Mapping[str, tuple[str, ...]] = {
    "sgd": ("sgd", "随机梯度下降"),
    "momentum": ("momentum", "动量"),
    "nesterov": ("nesterov", "nag"),
    "adagrad": ("adagrad",),
    "rmsprop": ("rmsprop", "rms prop"),
    "adam": ("adam", "amsgrad"),
}
#: "SGD with momentum" and "Nesterov momentum" are one optimizer, not two.
_ONE = (
    (
        re.compile(r"sgd\s*(?:with|w/|\+|带|加)?\s*(?:momentum|动量)|(?:momentum|动量)(?:的|\s)*sgd"),
        " momentum ",
    ),
    (re.compile(r"nesterov(?:'s|的|\s)*(?:accelerated\s+)?(?:momentum|动量)"), " nesterov "),
)
_SURFACES: Mapping[SurfaceName, tuple[str, ...]] = {
    "quadratic": ("quadratic", "二次", "病态", "ill conditioned"),
    "rosenbrock": ("rosenbrock", "香蕉函数"),
    "beale": ("beale",),
    "himmelblau": ("himmelblau",),
    "saddle": ("saddle", "鞍点", "鞍面"),
}
_ABOUT_STEPS = ("优化", "optimizer", "optimization", "梯度下降", "gradient descent", "学习率", "learning rate",
                "lr", "收敛", "converge", "更新", "update", "步", "step")  # fmt: skip
_OTHER_SUBJECTS = (
    "bn", "batchnorm", "batch norm", "batch normalization", "归一化", "moco", "对比学习", "ema", "adamw",
    "weight decay", "权重衰减", "预热", "warmup", "显存", "memory", "batch size", "分布式", "distributed", "gan",
)  # fmt: skip


_RATES: Mapping[str, tuple[str, ...]] = {
    "lr": ("lr", "learning rate", "学习率"),
    "momentum": ("momentum", "动量", "mu"),
    "rho": ("rho", "decay rate", "衰减率"),
    "beta1": ("beta1", "β1"),
    "beta2": ("beta2", "β2"),
    "eps": ("eps", "epsilon"),
}
_CODEBASES: Mapping[Convention, tuple[str, ...]] = {
    "pytorch": ("pytorch", "torch"),
    "keras": ("keras",),
    "velocity": ("cs231n",),
}


def read_optimizer(facts: Facts) -> dict[str, Any] | None:
    """Return optimizer, surface, rates and steps by hand as the question names them; None if not about them."""
    if facts.says(*_OTHER_SUBJECTS):
        return None
    text = facts.text
    for phrase, name in _ONE:
        text = phrase.sub(name, text)
    said = {name for name, words in _SAID.items() if Facts(text).says(*words)}
    if "阶动量" in text:  # 一阶动量 and 二阶动量 are moments, which several optimizers keep
        return {}
    if not said:
        return {} if facts.says("优化器", "optimizer") else None
    if said == {"momentum"} and not facts.says(*_ABOUT_STEPS):
        return None
    optimizer = said.pop() if len(said) == 1 else "all"
    found: dict[str, Any] = {}
    for surface, words in _SURFACES.items():
        if facts.says(*words):
            found["surface"] = surface
    for param, words in _RATES.items():
        if (value := facts.number(*words)) is not None:
            found[param] = value
    if optimizer not in ("momentum", "nesterov", "all"):
        found.pop("momentum", None)
    if (kappa := facts.number("condition number", "条件数")) is not None:
        found["curvature"] = [1, kappa]
    elif len(curvature := facts.numbers("curvature", "曲率")) == 2:
        found["curvature"] = curvature
    if (start := facts.vector("x0", "起点", "初始点", "start")) and len(start) == 2:
        found["x0"] = start
    for flag in ("amsgrad", "centered"):
        if facts.says(flag):
            found[flag] = True
    for convention, words in _CODEBASES.items():
        if facts.says(*words):
            found["convention"] = convention
    steps = re.search(
        r"(?<![\d.第])(\d+)\s*(?:步|次迭代|(?:[a-z]+\s+)?(?:steps?|iterations?)(?![a-z]))", facts.text
    )
    count = int(steps[1]) if steps else None
    w, g = (facts.numbers(*words) for words in (("w", "weights", "权重"), ("grad", "gradient", "梯度")))
    if w and len(w) == len(g):
        found |= {"w": w, "grads": [g] * (count or 1)}
    elif count:
        found["steps"] = count
    return {} if optimizer == "all" and not found else {"optimizer": optimizer} | found
