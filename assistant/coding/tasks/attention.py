"""Write scaled dot-product attention."""

from __future__ import annotations

import numpy as np

from assistant.coding.types import Array, Check, Said, Slip, Task
from assistant.demos import attention as demo


def attention(q: np.ndarray, k: np.ndarray, v: np.ndarray, causal: bool = False) -> np.ndarray:
    """Return softmax(q kᵀ / √d) v [n, e] of q [n, d], k [m, d] and v [m, e]; causal hides keys after the query."""
    scores = q @ k.T / np.sqrt(q.shape[1])
    if causal:
        scores = np.where(np.tril(np.ones(scores.shape, dtype=bool)), scores, -np.inf)
    weights = np.exp(scores - scores.max(axis=1, keepdims=True))
    weights = weights / weights.sum(axis=1, keepdims=True)
    return np.asarray(weights @ v)


def _check(name: str, zh: str, en: str, q: Array, k: Array, v: Array, causal: bool = False) -> Check:
    numbers = demo.attention(q=q.tolist(), k=k.tolist(), v=v.tolist(), causal=causal).numbers
    return Check(name, Said(zh, en), {"q": q, "k": k, "v": v, "causal": causal}, numbers["out"])


def _checks() -> tuple[Check, ...]:
    random = np.random.default_rng(4)
    q, k, v = random.normal(size=(3, 4)), random.normal(size=(5, 4)), random.normal(size=(5, 2))
    return (
        _check(
            "single",
            "一个 query、两个 key",
            "one query, two keys",
            np.array([[2.0, 0, 0, 0]]),
            np.array([[1.0, 0, 0, 0], [0, 1, 0, 0]]),
            np.array([[1.0], [0]]),
        ),
        _check("cross", "n、m、d、e 都不相同", "n, m, d and e that all differ", q, k, v),
        _check("causal", "因果掩码", "a causal mask", k, k[::-1].copy(), v, True),
        _check("one_key", "只有一个 key：输出就是 v", "one key only: the output is v", q, k[:1], v[:1]),
        _check("large", "分数上千", "scores in the thousands", 100 * q, 100 * k, v),
    )


TASK = Task(
    name="attention",
    title=Said("手写缩放点积注意力", "Scaled dot-product attention"),
    statement=Said(
        "实现 softmax(q kᵀ / √d) v：q [n, d]、k [m, d]、v [m, e]，返回 [n, e]。\n"
        "causal 为真时，第 i 个 query 只能看到第 0 到第 i 个 key。\n"
        "分数可能上千，不能出现 nan；n、m、d、e 可以都不相同。",
        "Write softmax(q kᵀ / √d) v for q [n, d], k [m, d] and v [m, e]; return [n, e].\n"
        "Where causal is true, query i sees keys 0 to i only.\n"
        "Scores may be in the thousands and nothing may become nan; n, m, d and e may all differ.",
    ),
    solution=attention,
    checks=_checks,
    topics=("self attention", "自注意力", "注意力", "attention", "transformer"),
    terms=(
        "attention",
        "注意力",
        "softmax",
        "query",
        "qkᵀ",
        "qk",
        "self-attention",
        "自注意力",
        "non-local",
        "vit",
    ),
    hints=(
        Said(
            "先算分数矩阵 q @ k.T，形状是 [n, m]，再除以 √d。",
            "The scores q @ k.T [n, m] first, divided by √d.",
        ),
        Said(
            "掩码要加在 softmax 之前：看不到的位置设成 −inf。",
            "Mask before the softmax: what is hidden becomes −inf.",
        ),
        Said(
            "softmax 沿 key 那一维（axis=1）做，先减去每行最大值。",
            "The softmax runs over the keys (axis 1), each row's maximum off first.",
        ),
    ),
    slips=(
        Slip("single", Said("漏了除以 √d。", "The division by √d is missing."), " / np.sqrt(q.shape[1])", ""),
        Slip(
            "single",
            Said("除以了 d，应当除以 √d。", "Divided by d and not by its root."),
            "np.sqrt(q.shape[1])",
            "q.shape[1]",
        ),
        Slip(
            "cross",
            Said(
                "softmax 的维度错了：每个 query 对所有 key 的权重之和应当是 1。",
                "The softmax runs over the wrong axis: each query's weights over the keys sum to 1.",
            ),
            "weights / weights.sum(axis=1, keepdims=True)",
            "weights / weights.sum(axis=0, keepdims=True)",
        ),
        Slip(
            "causal",
            Said("没有用 causal 掩码。", "The causal mask is not applied."),
            "if causal:",
            "if False:",
        ),
        Slip(
            "causal",
            Said(
                "掩码加在了 softmax 之后，剩下的权重之和不再是 1。",
                "Masked after the softmax: the weights that are left no longer sum to 1.",
            ),
            "scores = np.where(np.tril(np.ones(scores.shape, dtype=bool)), scores, -np.inf)",
            "keep = np.tril(np.ones(scores.shape))\n"
            "        weights = np.exp(scores - scores.max(axis=1, keepdims=True))\n"
            "        return (weights / weights.sum(axis=1, keepdims=True) * keep) @ v",
        ),
        Slip(
            "causal",
            Said(
                "掩码的方向反了：遮住的是过去，不是未来。",
                "The mask is the wrong way round: it hides the past.",
            ),
            "np.tril(",
            "np.triu(",
        ),
        Slip(
            "large",
            Said(
                "没有减去每行的最大值，exp 溢出，结果是 nan。",
                "The row's maximum is not subtracted: exp overflows and the result is nan.",
            ),
            "scores - scores.max(axis=1, keepdims=True)",
            "scores",
        ),
    ),
    follow_up=Said(
        "n 个 token 的时间和显存是多少？为什么要除以 √d？",
        "What does it cost for n tokens in time and memory, and why the root of d?",
    ),
    follow_up_answer=Said(
        "QKᵀ 和加权各是 n²d 次乘加，注意力图占 n² 个数，所以长序列要 FlashAttention 分块、不存整张图。"
        "q、k 各分量独立、方差为 1 时点积的方差是 d，不缩放的话 softmax 会饱和，梯度几乎为 0。",
        "QKᵀ and the weighted sum take n²d multiply-adds each, and the map n² values: hence "
        "FlashAttention, which works in "
        "tiles and never stores the map. With independent components of variance 1 a dot product has "
        "variance d; "
        "unscaled, the softmax saturates and its gradient is nearly 0.",
    ),
)
