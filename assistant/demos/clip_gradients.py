"""Gradient clipping by norm and by value: what is left of a gradient, how long it is and where it points.

One gradient, or all of a model's parameters in one list, whose norm is then the global one.
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
from assistant.demo_parts.clear_draws import draw_clear, listed, short

FORMULA = "by norm: g · min(1, c / ‖g‖₂); by value: each gᵢ to [−c, c]"
SOURCE = "Pascanu, Mikolov & Bengio 2013, arXiv:1211.5063, algorithm 1 (norm); Mikolov 2012 (value)"
TOPICS = (
    "gradient clipping", "梯度裁剪", "clip by norm", "clip by value", "梯度截断", "max_norm", "按范数裁剪梯度",
)  # fmt: skip

Array = NDArray[np.float64]
#: What is clipped where nothing at all is given; a gradient without a threshold is refused.
_EXAMPLE = ([3.0, 4.0], 1.0)

Threshold = Annotated[float, Interval(gt=0, le=1e100)]


def clip_gradients(
    *,
    grads: Annotated[list[Annotated[float, Interval(ge=-1e100, le=1e100)]], Len(1, 200)] | None = None,
    max_norm: Threshold | None = None,
    clip_value: Threshold | None = None,
) -> DemoResult:
    """A gradient clipped by its norm, which keeps the direction, or by value, which bends it.

    Args:
        grads: The gradient, all components in one list; must be finite, clipping repairs no nan. Without any
            argument [3, 4] is clipped to norm 1.
        max_norm: Largest L2 norm; give this or clip_value.
        clip_value: Largest absolute value of a component; give this or max_norm.
    """
    if grads is None and max_norm is None and clip_value is None:
        grads, max_norm = _EXAMPLE
    if (max_norm is None) == (clip_value is None):
        raise _refusal("max_norm", max_norm, "exactly one of max_norm and clip_value",
                       "Give exactly one of max_norm and clip_value.",
                       "max_norm 和 clip_value 必须且只能给一个。")  # fmt: skip
    if grads is None:
        raise _refusal("grads", None, "a list of numbers", "grads is missing: what is to be clipped?",
                       "缺少 grads：要裁剪的梯度是什么？")  # fmt: skip
    before = np.asarray(grads, float)
    norm = float(np.linalg.norm(before))
    scale = None
    if max_norm is not None:
        scale = min(1.0, max_norm / norm) if norm > max_norm else 1.0
        after = before * scale
    else:
        after = np.clip(before, -float(clip_value or 0), clip_value)
    changed = int((before != after).sum())
    return DemoResult(
        demo="clip_gradients",
        args_used={"grads": grads, "max_norm": max_norm},
        numbers={
            "clipped": after,
            "norm_before": norm,
            "norm_after": float(np.linalg.norm(after)),
            "scale": scale,
            "angle_degrees": 0.0 if scale is not None else _angle(before, after),
            "changed": changed,
        },
        formula=FORMULA,
        source=SOURCE,
        table=Table(
            ("component", "before", "after"),
            tuple((i, b, a) for i, (b, a) in enumerate(zip(before.tolist(), after.tolist(), strict=True))),
        ),
        plot=_plot(before, after),
        notes=(
            "Clipping by norm keeps the direction; clipping by value bends it towards the diagonal.",
            "PyTorch's clip_grad_norm_ divides by the norm + 1e-6, so its result is shorter by a hair.",
        ),
        warnings=() if changed else ("Nothing was clipped: the gradient is within the threshold.",),
    )


def _refusal(param: str, got: Any, allowed: str, en: str, zh: str) -> DemoError:
    return DemoError(Fault.INCONSISTENT, param=param, got=got, allowed=allowed, hint_en=en, hint_zh=zh)


def _angle(a: Array, b: Array) -> float:
    """Return the angle between two gradients in degrees; 0 where there is none to speak of.

    By the half-angle of Kahan: the arc cosine loses half the digits of a small angle.
    """
    if not (a.any() and b.any()) or (a == b).all():
        return 0.0
    u, v = (vector / np.abs(vector).max() for vector in (a, b))
    u, v = u / np.linalg.norm(u), v / np.linalg.norm(v)
    return math.degrees(2 * math.atan2(float(np.linalg.norm(u - v)), float(np.linalg.norm(u + v))))


def _plot(before: Array, after: Array) -> Plot:
    """Return two arrows for a gradient of two components, else bars."""
    pairs = (("before", before.tolist()), ("after", after.tolist()))
    if before.size == 2:
        return Plot(
            "path", tuple(Series(n, [0.0, g[0]], [0.0, g[1]]) for n, g in pairs), "g[0]", "g[1]", equal=True
        )
    places = list(range(before.size))
    return Plot("bar", tuple(Series(n, places, g) for n, g in pairs), "component", "gradient")


_CLIPPING = ("裁剪", "截断", "剪裁", "clip", "clipping", "clipped")
_NAMED = (
    "clip by value", "clip by norm", "clip_value", "clip_norm", "clipnorm", "clipvalue", "clip_grad_norm",
    "clip_grad_norm_", "clip_grad_value", "clip_grad_value_", "global norm clipping",
)  # fmt: skip
_BY_VALUE = (
    "by value", "clip_value", "clipvalue", "clip_grad_value", "clip_grad_value_", "按值", "逐元素",
    "elementwise",
)  # fmt: skip
_THRESHOLD = (
    "max_norm", "max norm", "clip_norm", "clipnorm", "clip_value", "clipvalue", "clip by value", "clip by norm",
    "by norm", "by value", "to norm", "范数到", "限制到", "限制在", "限制为", "不超过", "压到", "at most", "阈值",
    "threshold", "裁剪", "截断", "clip", "clipping", "clipped", "按值裁剪", "按范数裁剪", "最大范数",
)  # fmt: skip
_ELSEWHERE = (
    "ppo", "wgan", "权重裁剪", "weight clipping", "图像", "image", "数据增强", "augmentation", "crop", "直通",
    "straight through", "bptt", "截断反向传播", "时间截断", "差分隐私", "differential privacy", "stop gradient",
    "stop_gradient", "detach",
)  # fmt: skip


def read_question(facts: Facts) -> dict[str, Any] | None:
    """Return gradient and threshold of a question about gradient clipping."""
    is_subject = facts.says(*_NAMED) or (
        facts.says("梯度", "gradient", "grads", "grad") and facts.says(*_CLIPPING)
    )
    if facts.says(*_ELSEWHERE) or not is_subject:
        return None
    grads = facts.vector() or facts.vector("gradient", "grads", "grad", "梯度")
    if not grads:
        return {}
    value = next((v for name in _THRESHOLD if (v := facts.number(name)) is not None), None)
    # A gradient alone cannot be clipped; without a threshold the usual 1 of textbooks and this demo is taken.
    return {
        "grads": grads,
        "clip_value" if facts.says(*_BY_VALUE) else "max_norm": _EXAMPLE[1] if value is None else value,
    }


def exercise(random: np.random.Generator, level: int) -> Exercise:
    """Return a drill: clipping by norm 1 in two and 2 in three dimensions, 3 the angle that clipping by value costs."""
    return draw_clear(lambda: _draw_angle(random) if level == 3 else _draw_norm(random, level + 1))


_WHOLE_NORMS = {
    2: ((3, 4), (5, 12), (8, 6), (8, 15)),
    3: ((1, 2, 2), (2, 3, 6), (1, 4, 8), (4, 4, 7), (2, 6, 9)),
}


def _draw_norm(random: np.random.Generator, size: int) -> Exercise:
    sides = _WHOLE_NORMS[size][int(random.integers(len(_WHOLE_NORMS[size])))]
    g = [float(side * sign) for side, sign in zip(sides, random.choice([-1, 1], size), strict=True)]
    c = float(random.choice([0.5, 1, 2, 2.5]))
    numbers = clip_gradients(grads=g, max_norm=c).numbers
    answer = tuple(float(v) for v in numbers["clipped"])
    norm, by_sum = float(numbers["norm_before"]), sum(map(abs, g))
    squares = " + ".join(f"{v * v:g}" for v in g)
    return Exercise(
        demo="clip_gradients",
        arguments={"grads": g, "max_norm": c},
        question_zh=f"梯度 g = {listed(g)} 按 L2 范数裁剪，max_norm = {c:g}，裁剪后是多少？",
        question_en=f"The gradient g = {listed(g)} is clipped by its L2 norm with max_norm = {c:g}. What is left?",
        answer=answer,
        steps_zh=(
            f"‖g‖ = √({squares}) = {norm:g}",
            f"{norm:g} > {c:g}，乘以 {c:g}/{norm:g} = {short(c / norm)}",
            f"得 [{', '.join(map(short, answer))}]",
        ),
        steps_en=(
            f"‖g‖ = √({squares}) = {norm:g}",
            f"{norm:g} > {c:g}, so multiply by {c:g}/{norm:g} = {short(c / norm)}",
            f"which gives [{', '.join(map(short, answer))}]",
        ),
        hint_zh="方向不变，只把长度缩到 max_norm。",
        hint_en="The direction stays; only the length becomes max_norm.",
        mistakes=(
            Mistake(
                tuple(float(v) for v in np.clip(g, -c, c)),
                "这是按值裁剪，方向变了。",
                "That is clipping by value, which changes the direction.",
            ),
            Mistake(
                tuple(v * c / by_sum for v in g),
                "除以了 Σ|g|，应除以 L2 范数。",
                "Divided by Σ|g|; it should be the L2 norm.",
            ),
            Mistake(
                tuple(v * c / norm**2 for v in g),
                "除以了范数的平方，忘了开方。",
                "Divided by the squared norm; the root was forgotten.",
            ),
        ),
    )


def _draw_angle(random: np.random.Generator) -> Exercise:
    small, c = float(random.choice([0.2, 0.25, 0.4, 0.5, 0.8])), float(random.choice([1, 2]))
    g = [float(random.choice([3, 4, 5, 8, 10])), small * c]
    numbers = clip_gradients(grads=g, clip_value=c).numbers
    answer = float(numbers["angle_degrees"])
    after, first = listed(numbers["clipped"]), math.degrees(math.atan2(g[1], g[0]))
    second = math.degrees(math.atan2(g[1], c))
    return Exercise(
        demo="clip_gradients",
        arguments={"grads": g, "clip_value": c},
        question_zh=f"梯度 g = {listed(g)} 按值裁剪，clip_value = {c:g}，方向转了多少度？",
        question_en=(
            f"The gradient g = {listed(g)} is clipped by value with clip_value = {c:g}. "
            "By how many degrees does it turn?"
        ),
        answer=answer,
        steps_zh=(
            f"裁剪后为 {after}",
            f"裁剪前的方向 atan({g[1]:g}/{g[0]:g}) = {short(first)}°",
            f"裁剪后的方向 atan({g[1]:g}/{c:g}) = {short(second)}°",
            f"转了 {short(answer)}°",
        ),
        steps_en=(
            f"after clipping: {after}",
            f"direction before: atan({g[1]:g}/{g[0]:g}) = {short(first)}°",
            f"direction after: atan({g[1]:g}/{c:g}) = {short(second)}°",
            f"turned by {short(answer)}°",
        ),
        hint_zh="只有超过阈值的分量被截断，比较前后两个方向角。",
        hint_en="Only the component beyond the threshold is cut; compare the two direction angles.",
        mistakes=(
            Mistake(0.0, "按范数裁剪才不改变方向。", "Only clipping by norm keeps the direction."),
            Mistake(
                second,
                "这是裁剪后的方向角，没有减去原来的。",
                "That is the direction after clipping; the one before is not subtracted.",
            ),
            Mistake(math.radians(answer), "这是弧度。", "That is in radians."),
        ),
        unit="°",
    )
