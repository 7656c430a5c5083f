"""Scaled dot-product attention: scores, weights and output of small matrices, and what n tokens cost.

One head is computed; heads only count in the cost. No projections, no SE or CBAM gate, which compare no positions.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Annotated, Any, Literal

import numpy as np
from annotated_types import Interval
from numpy.typing import NDArray

from assistant.demo_kit.arrays import read_array
from assistant.demo_kit.exercises import Exercise
from assistant.demo_kit.question import Facts
from assistant.demo_kit.slots import Spoken, fill
from assistant.demo_kit.types import DemoError, DemoResult, Fault, Plot, Series, Table
from assistant.demo_parts.attention_drills import draw_attention_drill
from assistant.demo_parts.costs import refuse_unused

FORMULA = (
    "softmax(QKᵀ / √d) V, causal: −∞ where key > query; QKᵀ and AV: n²d multiply-adds each; "
    "map: heads · n² values; a ViT layer's linear parts: 12 n d²"
)
SOURCE = (
    "Vaswani et al. 2017, Attention Is All You Need, arXiv:1706.03762, equation 1 and table 1; "
    "Dosovitskiy et al. 2021, ViT, arXiv:2010.11929, section 3.1 (MLP of 4d)"
)
TOPICS = (
    "self-attention", "自注意力", "scaled dot-product attention", "缩放点积注意力", "注意力 计算复杂度",
    "causal mask attention", "attention 为什么除以根号 d",
)  # fmt: skip

Array = NDArray[np.float64]
_EXAMPLE = (((1, 0), (0, 1), (1, 1)), ((1, 0), (0, 1), (1, 1)), ((1, 0), (0, 1), (2, 2)))
#: Larger entries differ by more than any weight can show.
_LARGEST = 1e6
#: Projections of Q, K, V and output, and an MLP that widens four times: 4 d² + 8 d² weights.
_LINEAR = 12


def attention(
    *,
    q: Sequence[Any] | None = None,
    k: Sequence[Any] | None = None,
    v: Sequence[Any] | None = None,
    causal: bool = False,
    scale: bool = True,
    n: Annotated[int, Interval(ge=1, le=1_000_000)] | None = None,
    d: Annotated[int, Interval(ge=1, le=65_536)] | None = None,
    heads: Annotated[int, Interval(ge=1, le=1024)] = 1,
    bytes: Literal[1, 2, 4] = 4,
) -> DemoResult:
    """Attention weights and output of small Q, K and V, and the multiply-adds and memory for n tokens.

    Args:
        q: Queries, a matrix with a row per token, sides up to 64; an example when nothing is given.
        k: Keys, rows as long as the queries'; q when left out.
        v: Values, as many rows as keys; k when left out.
        causal: Hide keys that come after the query, by row number.
        scale: Divide the scores by the root of the row length of q.
        n: Tokens, in place of q, k and v: only the costs are counted then.
        d: Width of a token over all heads together; 64 when left out beside n.
        heads: Heads that divide d; each has a map of its own.
        bytes: Bytes per value of the attention map.
    """
    numbers: dict[str, Any] = {}
    used: dict[str, Any] = {}
    weights: Array | None = None
    if n is None and d is None:
        matrices = _matrices(q, k, v)
        used = {name: array.tolist() for name, array in zip("qkv", matrices, strict=True)}
        numbers, weights = _attended(*matrices, causal=causal, scale=scale)
        tokens, width = matrices[0].shape
        keys, outputs = matrices[2].shape
    else:
        refuse_unused({"q": q, "k": k, "v": v, "causal": causal or None}, (), "counting n tokens")
        tokens = keys = n or 196
        width = outputs = d or 64
        used = {"n": tokens, "d": width}
    if width % heads:
        raise DemoError(
            Fault.INCONSISTENT, param="heads", got=heads, allowed=f"a divisor of {width}",
            hint_en=f"{heads} heads do not divide a width of {width}.",
            hint_zh=f"宽度 {width} 不能被 {heads} 个头整除。",
        )  # fmt: skip
    pairs = tokens * keys
    qk, av, linear = pairs * width, pairs * outputs, _LINEAR * tokens * width**2
    numbers["cost"] = {
        "macs_qk": qk,
        "macs_av": av,
        "map_values": heads * pairs,
        "map_bytes": heads * pairs * bytes,
        "macs_linear": linear,
        "attention_pct": 100 * (qk + av) / (qk + av + linear),
    }
    return DemoResult(
        demo="attention",
        args_used=used,
        numbers=numbers,
        formula=FORMULA,
        source=SOURCE,
        table=_table(weights, numbers),
        plot=_growth(width)
        if weights is None
        else Plot("heatmap", (), "key", "query", grid=weights.tolist(), cells="weight"),
        notes=_notes(weights is not None, scale),
    )


def _matrices(
    q: Sequence[Any] | None, k: Sequence[Any] | None, v: Sequence[Any] | None
) -> tuple[Array, Array, Array]:
    """Return Q [n, d], K [m, d] and V [m, e]."""
    if q is None:
        refuse_unused({"k": k, "v": v}, (), "leaving out q")
        q, k, v = _EXAMPLE
    queries = read_array("q", q, ndim=(2, 2))
    keys = queries if k is None else read_array("k", k, ndim=(2, 2))
    values = keys if v is None else read_array("v", v, ndim=(2, 2))
    for param, matrix in (("q", queries), ("k", keys), ("v", values)):
        if np.abs(matrix).max() > _LARGEST:
            raise DemoError(
                Fault.OUT_OF_RANGE, param=param, got=float(np.abs(matrix).max()), allowed=f"up to {_LARGEST:g}",
                hint_en=f"{param} holds a number beyond {_LARGEST:g}.",
                hint_zh=f"{param} 中有绝对值超过 {_LARGEST:g} 的数。",
            )  # fmt: skip
    for param, got, allowed in (
        ("k", keys.shape[1], queries.shape[1]),
        ("v", values.shape[0], keys.shape[0]),
    ):
        if got != allowed:
            what, what_zh = ("columns", "列") if param == "k" else ("rows", "行")
            raise DemoError(
                Fault.SHAPE_MISMATCH, param=param, got=got, allowed=f"{allowed} {what}",
                hint_en=f"{param} must have {allowed} {what}, as {'q' if param == 'k' else 'k'} has.",
                hint_zh=f"{param} 应有 {allowed} {what_zh}，与 {'q' if param == 'k' else 'k'} 一致。",
            )  # fmt: skip
    return queries, keys, values


def _attended(q: Array, k: Array, v: Array, *, causal: bool, scale: bool) -> tuple[dict[str, Any], Array]:
    scores = q @ k.T / (math.sqrt(q.shape[1]) if scale else 1.0)
    # PyTorch's is_causal, too, counts rows and columns from the upper left.
    seen = np.tril(np.ones(scores.shape, bool)) if causal else np.ones(scores.shape, bool)
    hidden = np.where(seen, scores, -np.inf)
    powers = np.exp(hidden - hidden.max(axis=1, keepdims=True))
    weights = powers / powers.sum(axis=1, keepdims=True)
    logs = np.log(weights, out=np.zeros_like(weights), where=weights > 0)
    return {
        "scores": scores,
        "weights": weights,
        "out": weights @ v,
        "entropy": -(weights * logs).sum(axis=1) + 0.0,
    }, weights


def _table(weights: Array | None, numbers: dict[str, Any]) -> Table:
    if weights is None:
        return Table(("cost", "value"), tuple(numbers["cost"].items()))
    rows = tuple(
        (i, str(np.round(row, 4).tolist()), str(np.round(out, 4).tolist()))
        for i, (row, out) in enumerate(zip(weights[:20], numbers["out"], strict=False))
    )
    return Table(("query", "weights", "output"), rows)


def _growth(width: int) -> Plot:
    """Return how both parts of a layer grow with the number of tokens."""
    tokens = [2**i for i in range(4, 15)]
    parts = {
        "attention": [2 * n * n * width for n in tokens],
        "linear": [_LINEAR * n * width**2 for n in tokens],
    }
    return Plot(
        "line", tuple(Series(name, tokens, macs) for name, macs in parts.items()), "tokens", "multiply-adds", log="xy"
    )  # fmt: skip


def _notes(is_computed: bool, scale: bool) -> tuple[str, ...]:
    notes = [
        "cost: multiply-adds of one layer; the linear part is four projections and an MLP of width 4d. "
        "Softmax is not counted; FlashAttention never stores the map.",
        "An SE gate weighs C channels by one vector and compares no positions: 2C²/r weights, no n² term.",
    ]
    if is_computed and not scale:
        notes.append(
            "Without the scale, scores of d independent unit terms have variance d: softmax saturates."
        )
    return tuple(notes)


_SUBJECT = (
    "self attention", "自注意力", "scaled dot product", "缩放点积", "点积注意力", "dot product attention", "qkv",
    "multi head attention", "多头注意力", "mhsa",
)  # fmt: skip
_BESIDE = ("复杂度", "complexity", "根号", "causal", "因果", "softmax")
_ELSEWHERE = (
    "se", "senet", "cbam", "squeeze", "通道注意力", "空间注意力", "channel attention", "spatial attention", "roofline",
    "flash attention", "flashattention", "kv cache", "linear attention", "线性注意力", "non local", "swin", "窗口",
    "位置编码", "positional", "梯度", "gradient",
)  # fmt: skip
_SPOKEN: Spoken = {
    "n": ("{}token", "{}patch", "序列长度", "sequence length", "n"),
    "d": ("{}维", "{}dims", "{}dimensional", "d_model", "hidden size", "宽度", "维度", "d"),
    "heads": ("{}头", "{}heads", "heads", "头数"),
    "causal": ("causal", "因果"),
}


def read_question(facts: Facts) -> dict[str, Any] | None:
    """Return tokens, width, heads or Q of a question about dot-product attention."""
    is_subject = facts.says(*_SUBJECT) or (facts.says("attention", "注意力") and facts.says(*_BESIDE))
    if not is_subject or facts.says(*_ELSEWHERE):
        return None
    found = fill(attention, _SPOKEN, facts)
    causal = {"causal": True} if found.pop("causal", False) else {}
    matrix = facts.matrix()
    # Tokens are counted, a matrix is computed; a width alone is neither.
    return {**causal, "q": matrix} if matrix else found if "n" in found else causal


def exercise(random: np.random.Generator, level: int) -> Exercise:
    """Return a drill: 1 values of the attention maps, 2 multiply-adds, 3 the weight of one key."""
    return draw_attention_drill(attention, random, level)
