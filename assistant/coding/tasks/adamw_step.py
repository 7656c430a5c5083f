"""Write one step of AdamW."""

from __future__ import annotations

import numpy as np

from assistant.coding.types import Array, Check, Said, Slip, Task
from assistant.demo_parts.update_rules import RULES, Settings


def adamw_step(
    w: np.ndarray,
    g: np.ndarray,
    m: np.ndarray,
    v: np.ndarray,
    t: int,
    lr: float = 0.001,
    beta1: float = 0.9,
    beta2: float = 0.999,
    eps: float = 1e-8,
    weight_decay: float = 0.01,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return w, m and v after step t, which counts from 1, for the gradient g."""
    w = w - lr * weight_decay * w
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g**2
    m_hat = m / (1 - beta1**t)
    v_hat = v / (1 - beta2**t)
    w = w - lr * m_hat / (np.sqrt(v_hat) + eps)
    return w, m, v


def _check(name: str, zh: str, en: str, state: dict[str, Array], t: int, **given: float) -> Check:
    chosen = {"lr": 0.001, "beta1": 0.9, "beta2": 0.999, "eps": 1e-8, "weight_decay": 0.01} | given
    decay = chosen["lr"] * chosen["weight_decay"]
    settings = Settings(chosen["lr"], beta1=chosen["beta1"], beta2=chosen["beta2"], eps=chosen["eps"])
    before = {"m": state["m"], "v": state["v"], "t": np.asarray(t - 1.0)}
    # Decoupled decay is a shrinking of its own beside Adam's step (Loshchilov & Hutter 2019, algorithm 2).
    w, after = RULES["adam"]((1 - decay) * state["w"], state["g"], before, settings)
    return Check(name, Said(zh, en), state | {"t": t} | chosen, (w, after["m"], after["v"]))


def _checks() -> tuple[Check, ...]:
    random = np.random.default_rng(6)
    w, g, m = random.normal(size=(3, 4))
    v = random.uniform(0.1, 1, 4)
    start = {"w": w, "g": g, "m": np.zeros(4), "v": np.zeros(4)}
    later = {"w": w, "g": g, "m": m, "v": v}
    still = {"w": w, "g": np.zeros(4), "m": np.zeros(4), "v": np.zeros(4)}
    return (
        _check("first", "第 1 步", "the first step", start, 1, lr=0.1, weight_decay=0.0),
        _check(
            "later", "第 7 步，带着之前的状态", "step 7, with a state", later, 7, lr=0.1, weight_decay=0.0
        ),
        _check("decay", "权重衰减", "weight decay", later, 7, lr=0.1, weight_decay=0.3),
        _check(
            "no_gradient",
            "梯度为 0：只剩权重衰减",
            "no gradient: only the decay is left",
            still,
            1,
            lr=0.1,
            weight_decay=0.5,
        ),
        _check("eps", "较大的 ε", "a large ε", start, 1, lr=0.1, eps=0.5, weight_decay=0.0),
    )


TASK = Task(
    name="adamw_step",
    title=Said("手写一步 AdamW", "One step of AdamW"),
    statement=Said(
        "给定权重 w、梯度 g、一阶矩 m、二阶矩 v 和步数 t（从 1 数起，也就是第 t 步），\n"
        "按 AdamW 更新一步，返回新的 (w, m, v)。要做偏差修正，eps 加在根号外面，\n"
        "权重衰减与梯度解耦：w 先减去 lr · weight_decay · w。不要修改传入的数组。",
        "Given weights w, gradient g, moments m and v and the step t (counting from 1), do one\n"
        "step of AdamW and return the new (w, m, v). Correct the bias, add eps outside the root,\n"
        "and decouple the decay: w first loses lr · weight_decay · w. Leave the arrays you are given alone.",
    ),
    solution=adamw_step,
    checks=_checks,
    topics=("adamw", "adam", "优化器", "optimizer"),
    terms=(
        "adam",
        "adamw",
        "偏差修正",
        "一阶矩",
        "二阶矩",
        "权重衰减",
        "weight decay",
        "moment",
        "bias correction",
        "解耦",
    ),
    hints=(
        Said("m 和 v 是 g 和 g² 的指数滑动平均。", "m and v are moving averages of g and g²."),
        Said(
            "从 0 开始的滑动平均偏小，要除以 1 − βᵗ。",
            "An average that starts at 0 is too small: divide by 1 − βᵗ.",
        ),
        Said(
            "权重衰减不经过 m 和 v，直接作用在 w 上。",
            "The decay does not pass through m and v; it acts on w itself.",
        ),
    ),
    slips=(
        Slip(
            "decay",
            Said(
                "把衰减加进了梯度，那是 Adam + L2，衰减会被自适应学习率缩放。",
                "The decay is added to the gradient: that is Adam with L2, and the adaptive rate "
                "rescales it.",
            ),
            "    w = w - lr * weight_decay * w\n",
            "    g = g + weight_decay * w\n",
        ),
        Slip(
            "decay",
            Said("权重衰减没有乘学习率。", "The decay is not multiplied by the learning rate."),
            "lr * weight_decay * w",
            "weight_decay * w",
        ),
        Slip(
            "decay",
            Said("没有做权重衰减。", "There is no weight decay."),
            "    w = w - lr * weight_decay * w\n",
            "",
        ),
        Slip(
            "first",
            Said("没有做偏差修正。", "The bias is not corrected."),
            "    m_hat = m / (1 - beta1**t)\n    v_hat = v / (1 - beta2**t)\n",
            "    m_hat, v_hat = m, v\n",
        ),
        Slip(
            "first",
            Said(
                "偏差修正的步数多了 1：t 已经从 1 数起。",
                "One step too many in the correction: t counts from 1 already.",
            ),
            "    m_hat = m / (1 - beta1**t)\n",
            "    t = t + 1\n    m_hat = m / (1 - beta1**t)\n",
        ),
        Slip(
            "eps",
            Said("ε 加在了根号里面。", "ε is inside the root."),
            "np.sqrt(v_hat) + eps",
            "np.sqrt(v_hat + eps)",
        ),
        Slip(
            "later",
            Said(
                "二阶矩用的是 g，应当是 g 的平方。", "The second moment averages g; it should be g squared."
            ),
            "g**2",
            "np.abs(g)",
        ),
        Slip(
            "later",
            Said("β₁ 和 1 − β₁ 用反了。", "β₁ and 1 − β₁ are swapped."),
            "beta1 * m + (1 - beta1) * g",
            "(1 - beta1) * m + beta1 * g",
        ),
    ),
    follow_up=Said(
        "AdamW 和 Adam + L2 正则有什么区别？优化器状态占多少显存？",
        "How does AdamW differ from Adam with L2 regularisation, and how much memory does its state take?",
    ),
    follow_up_answer=Said(
        "L2 的梯度会进入 m 和 v，梯度大的权重衰减反而小；AdamW 对所有权重按同一比例衰减。"
        "m 和 v 各和参数一样大，fp32 下每个参数多 8 字节。",
        "L2's gradient passes through m and v, so weights with large gradients decay less; AdamW shrinks "
        "all by one factor. "
        "m and v are each as large as the parameters: 8 more bytes per parameter in fp32.",
    ),
    returns=("w", "m", "v"),
)
