"""How a question says optimizers: one Adam step with lr 0.1; SGD 动量在二次函数上走 20 步.

It only reads what is written, and turns away questions that merely share a word, such as BN's momentum.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from assistant.demo_kit.parameters import Demonstration
from assistant.demo_kit.question import Facts
from assistant.demo_kit.slots import Spoken, fill

#: "SGD with momentum" and "Nesterov momentum" are one optimizer, not two.
_OPTIMIZERS: Mapping[str, tuple[str, ...]] = {
    "sgd": ("sgd", "随机梯度下降"),
    "momentum": (
        "momentum", "动量", "sgd momentum", "sgd with momentum", "sgd w/ momentum", "sgd+momentum", "sgd + momentum",
        "sgd 动量", "sgd带动量", "sgd加动量", "带动量的sgd", "动量sgd", "动量的sgd", "momentum sgd",
    ),
    "nesterov": (
        "nesterov", "nag", "nesterov momentum", "nesterov 动量", "nesterov的动量", "nesterov accelerated momentum",
        "nesterov's momentum", "nesterov accelerated gradient",
    ),
    "adagrad": ("adagrad",),
    "rmsprop": ("rmsprop", "rms prop"),
    "adam": ("adam", "amsgrad"),
}  # fmt: skip
_ABOUT_STEPS = ("优化", "optimizer", "optimization", "梯度下降", "gradient descent", "学习率", "learning rate",
                "lr", "收敛", "converge", "更新", "update", "步", "step")  # fmt: skip
_OTHER_SUBJECTS = (
    "bn", "batchnorm", "batch norm", "batch normalization", "归一化", "moco", "对比学习", "ema", "adamw",
    "weight decay", "权重衰减", "预热", "warmup", "显存", "memory", "batch size", "分布式", "distributed", "gan",
)  # fmt: skip


_SPOKEN: Spoken = {
    "surface": {
        "quadratic": ("quadratic", "二次", "病态", "ill conditioned"),
        "rosenbrock": ("rosenbrock", "香蕉函数"),
        "beale": ("beale",),
        "himmelblau": ("himmelblau",),
        "saddle": ("saddle", "鞍点", "鞍面", "马鞍面"),
    },
    "curvature": ("curvature", "曲率"),
    "x0": ("x0", "起点", "初始点", "start", "starting point"),
    "lr": ("lr", "learning rate", "学习率", "步长"),
    "momentum": ("momentum", "动量", "动量系数", "mu", "μ"),
    "rho": ("rho", "decay rate", "衰减率", "ρ"),
    "beta1": ("beta1", "β1"),
    "beta2": ("beta2", "β2"),
    "eps": ("eps", "epsilon", "ε"),
    "amsgrad": ("amsgrad",),
    "centered": ("centered",),
    "convention": {"pytorch": ("pytorch", "torch"), "keras": ("keras",), "velocity": ("cs231n",)},
    "w": ("w", "weights", "weight", "权重", "参数", "θ", "theta"),
    "grad": ("grad", "gradient", "梯度", "g"),
    "velocity": ("velocity", "速度"),
    "m": ("m", "一阶矩"),
    "v": ("v", "二阶矩"),
    "t_before": ("已走", "已经走了"),
}
_STEPS = re.compile(
    r"(?<![\d.第])(\d+)\s*(?:步|次迭代|次更新|(?:[a-z]+\s+)?(?:steps?|iterations?|updates?)(?![a-z]))"
)


def read_optimizer(demo: Demonstration, facts: Facts) -> dict[str, Any] | None:
    """Return optimizer, surface, rates and steps by hand as the question names them; None if not about them."""
    said = facts.which(_OPTIMIZERS)
    if facts.says(*_OTHER_SUBJECTS):
        return None
    if "阶动量" in facts.text:  # 一阶动量 and 二阶动量 are moments, which several optimizers keep
        return {}
    if said == ["momentum"] and not facts.says(*_ABOUT_STEPS):
        return None
    if not said and not facts.says("优化器", "optimizer", "优化算法", "optimiser"):
        return None
    if "momentum" in said and len(said) == 2 and facts.number("momentum", "动量") is not None:
        # A momentum with a value is an argument of the other one; SGD with it is momentum.
        said = ["nesterov"] if "nesterov" in said else ["momentum"] if "sgd" in said else said
    optimizer = said[0] if len(said) == 1 else "all"
    found = fill(demo, _SPOKEN, facts)
    kappa = facts.number("condition number", "条件数")
    # A curvature without a rate or steps asks for the best rate, which another demo computes.
    is_run = "lr" in found or _STEPS.search(facts.text) is not None
    if set(said) <= {"sgd", "momentum"} and (kappa or "curvature" in found) and not is_run:
        return None
    if kappa is not None:
        found["curvature"] = [1, kappa]
    elif len(found.get("curvature", (0, 0))) != 2:
        del found["curvature"]
    if optimizer not in ("momentum", "nesterov", "all"):
        found.pop("momentum", None)
    steps = _STEPS.search(facts.text)
    w, g = found.pop("w", ()), found.pop("grad", ())
    if w and len(w) == len(g):
        found |= {"w": w, "grads": [g] * (int(steps[1]) if steps else 1)}
    else:
        for name in ("velocity", "m", "v", "t_before"):
            found.pop(name, None)
        found |= {"steps": int(steps[1])} if steps else {}
    return {} if optimizer == "all" and not found else {"optimizer": optimizer} | found
