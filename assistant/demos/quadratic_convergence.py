"""How fast gradient descent and heavy-ball momentum converge on a quadratic, and which learning rates diverge.

The quadratic is diagonal, ½ Σ λᵢ xᵢ²: every eigen-direction goes its own way. Other optimizers and surfaces are
`optimizer_steps`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Annotated, Any, Literal

import numpy as np
from annotated_types import Interval, Len
from numpy.typing import NDArray

from assistant.demo_kit.exercises import Exercise
from assistant.demo_kit.question import Facts
from assistant.demo_kit.slots import Spoken, fill
from assistant.demo_kit.types import DemoError, DemoResult, Fault, Plot, Series, Table
from assistant.demo_parts.convergence_drills import draw_convergence_drill

FORMULAS = {
    "gd": "x ← x − ηλx; stable for η < 2/L; best η = 2/(μ + L), rate (κ − 1)/(κ + 1), κ = L/μ",
    "momentum": (
        "v ← βv + λx, x ← x − ηv; stable for η < (2 + 2β)/L; best η = (2/(√μ + √L))², "
        "β = ((√κ − 1)/(√κ + 1))², rate (√κ − 1)/(√κ + 1), κ = L/μ"
    ),
}
SOURCE = "Goh 2017, Why Momentum Really Works, Distill, doi:10.23915/distill.00006; Polyak 1964 (heavy ball)"
TOPICS = (
    "convergence rate of gradient descent", "梯度下降的收敛速度", "condition number and learning rate",
    "条件数与学习率", "maximum learning rate for a curvature", "曲率与最大学习率",
    "optimal momentum for a condition number", "最优动量与条件数",
)  # fmt: skip

Array = NDArray[np.float64]

#: The error is called gone when it has shrunk by this factor.
_GONE = 1e-6
#: The steps stop here, long before the numbers overflow.
_FAR = 1e100
#: Smaller eigenvalues are flat for every purpose, and their inverse is no learning rate.
_LEAST = 1e-9


def quadratic_convergence(
    *,
    eigenvalues: Annotated[list[Annotated[float, Interval(le=1e9)]], Len(1, 10)] = [1, 100],  # noqa: B006
    method: Literal["gd", "momentum"] = "gd",
    lr: Annotated[float, Interval(gt=0, le=1e9)] | None = None,
    beta: Annotated[float, Interval(ge=0, le=0.999)] | None = None,
    steps: Annotated[int, Interval(ge=1, le=1000)] = 100,
    x0: Annotated[list[Annotated[float, Interval(ge=-1e6, le=1e6)]], Len(1, 10)] | None = None,
    lr_limit: bool = False,
) -> DemoResult:
    """Stable learning rates, the best ones and the rate of gradient descent or momentum on a quadratic.

    Args:
        eigenvalues: Curvatures of the quadratic, the eigenvalues of its Hessian; all above 0.
        method: gd (gradient descent) or momentum (heavy ball).
        lr: Learning rate; the best one when left out.
        beta: Decay of the velocity, of momentum; the best one when left out.
        steps: Steps to take.
        x0: Start, one coordinate per eigenvalue; ones when left out.
        lr_limit: Report the rates only and take no steps.
    """
    _check(eigenvalues, method, beta, x0)
    curvature = np.asarray(eigenvalues, float)
    low, high = float(curvature.min()), float(curvature.max())
    best_beta = (
        ((math.sqrt(high / low) - 1) / (math.sqrt(high / low) + 1)) ** 2 if method == "momentum" else 0.0
    )
    used_beta = best_beta if beta is None else beta
    used_lr = best_lr(low, high, used_beta) if lr is None else lr
    rate = _rate(curvature, used_lr, used_beta)
    best_rate = _best_rate(high / low, method)
    numbers: dict[str, Any] = {
        "lr_max": (2 + 2 * used_beta) / high,
        "lr_opt": best_lr(low, high, best_beta),
        **({"beta_opt": best_beta} if method == "momentum" else {}),
        "rate_opt": best_rate,
        "kappa": high / low,
        "steps_to_1e-6": _steps_needed(best_rate),
        "rate": rate,
        "diverges": rate > 1 + 1e-12,
    }
    path = None
    if not lr_limit:
        start = np.ones_like(curvature) if x0 is None else np.asarray(x0, float)
        path = _descend(curvature, start, used_lr, used_beta, steps)
        numbers |= {"x_last": path[-1], "error_last": float(np.linalg.norm(path[-1]))}
    return DemoResult(
        demo="quadratic_convergence",
        args_used={"lr": used_lr, **({"beta": used_beta} if method == "momentum" else {})},
        numbers=numbers,
        formula=FORMULAS[method],
        source=SOURCE,
        table=_table(low, high),
        plot=_plot(curvature, path, used_beta),
        notes=(
            "The rate is the factor per step in the slowest direction; steps_to_1e-6 = ln 1e-6 / ln rate_opt, "
            "to which momentum adds a few at the start.",
        ),
        warnings=_warnings(rate, used_lr, numbers["lr_max"], steps if path is None else len(path) - 1, steps),
    )


def best_lr(low: float, high: float, beta: float) -> float:
    """Return the learning rate with the smallest rate for this `beta`: 2(1 + beta) / (low + high).

    It makes both ends of the spectrum equally slow. For beta 0 it is Goh's 2/(λ₁ + λₙ), for the best beta his
    (2/(√λ₁ + √λₙ))².
    """
    return 2 * (1 + beta) / (low + high)


def _best_rate(kappa: float, method: str) -> float:
    k = math.sqrt(kappa) if method == "momentum" else kappa
    return (k - 1) / (k + 1)


def _rate(curvature: Array, lr: float, beta: float) -> float:
    """Return the largest spectral radius: |roots| of r² − (1 + β − ηλ) r + β = 0, over all directions."""
    trace = 1 + beta - lr * curvature
    inside = trace**2 - 4 * beta
    real = (np.abs(trace) + np.sqrt(np.maximum(inside, 0))) / 2
    return float(np.where(inside >= 0, real, math.sqrt(beta)).max())


def _descend(curvature: Array, x: Array, lr: float, beta: float, steps: int) -> Array:
    """Return the positions [steps + 1, d], fewer where they leave all bounds."""
    path, v = [x], np.zeros_like(x)
    for _ in range(steps):
        v = beta * v + curvature * x
        x = x - lr * v
        if np.abs(x).max() > _FAR:
            break
        path.append(x)
    return np.asarray(path)


def _steps_needed(rate: float) -> int:
    """Return the steps after which the slowest direction has shrunk to `_GONE`."""
    return 1 if rate <= _GONE else math.ceil(math.log(_GONE) / math.log(rate) - 1e-9)


def _check(eigenvalues: Sequence[float], method: str, beta: float | None, x0: Sequence[float] | None) -> None:
    if min(eigenvalues) < _LEAST:
        raise DemoError(
            Fault.OUT_OF_RANGE,
            param="eigenvalues",
            got=min(eigenvalues),
            allowed="numbers > 0, at least 1e-9",
            hint_en=f"An eigenvalue is {min(eigenvalues):g}: not strictly convex, so the rate is undefined.",
            hint_zh=f"有一个特征值是 {min(eigenvalues):g}：二次函数不是严格凸的，收敛率没有定义。",
        )
    if method == "gd" and beta:
        raise DemoError(
            Fault.INCONSISTENT,
            param="beta",
            got=beta,
            allowed="only with method momentum",
            hint_en="Gradient descent has no beta; choose method momentum.",
            hint_zh="梯度下降没有 beta，请把 method 设为 momentum。",
        )
    if x0 is not None and len(x0) != len(eigenvalues):
        raise DemoError(
            Fault.SHAPE_MISMATCH,
            param="x0",
            got=len(x0),
            allowed=f"{len(eigenvalues)} numbers, one per eigenvalue",
            hint_en=f"x0 has {len(x0)} coordinates for {len(eigenvalues)} eigenvalues; they must be as many.",
            hint_zh=f"x0 有 {len(x0)} 个坐标，特征值有 {len(eigenvalues)} 个，两者必须相等。",
        )


def _table(low: float, high: float) -> Table:
    rows = []
    for method in ("gd", "momentum"):
        rate = _best_rate(high / low, method)
        beta = rate**2 if method == "momentum" else 0.0
        rows.append((method, best_lr(low, high, beta), beta, rate, _steps_needed(rate)))
    return Table(("method", "best lr", "best beta", "rate", "steps to 1e-6"), tuple(rows))


def _plot(curvature: Array, path: Array | None, beta: float) -> Plot:
    """Return |error| per direction over the steps, or without steps the rate over the learning rate."""
    if path is not None:
        steps = list(range(len(path)))
        # A logarithm of 0 is a gap.
        error = np.where(path == 0, np.nan, np.abs(path))
        lines = tuple(Series(f"λ = {c:g}", steps, error[:, i].tolist()) for i, c in enumerate(curvature))
        return Plot("line", lines, "step", "|x|", log="y")
    rates = np.linspace(0, 1.2 * (2 + 2 * beta) / float(curvature.max()), 200)
    lines = tuple(
        Series(f"λ = {c:g}", rates.tolist(), [_rate(np.asarray([c]), lr, beta) for lr in rates.tolist()])
        for c in curvature.tolist()
    )
    return Plot("line", lines, "learning rate", "factor per step")


def _warnings(rate: float, lr: float, limit: float, taken: int, steps: int) -> tuple[str, ...]:
    if rate > 1 + 1e-12:
        stopped = f" The steps stop at {taken}, the last below 1e100." if taken < steps else ""
        return (f"lr {lr:g} is above the limit {limit:g}: it diverges.{stopped}",)
    if rate >= 1 - 1e-12:
        return (f"lr {lr:g} is at the limit {limit:g}: the error neither grows nor shrinks.",)
    return ()


_CURVATURE = ("特征值", "eigenvalue", "曲率", "curvature", "条件数", "condition number", "kappa", "κ")
_DESCENT = (
    "学习率", "learning rate", "lr", "步长", "step size", "收敛", "converge", "convergence", "动量", "momentum",
    "heavy ball", "梯度下降", "gradient descent", "rate",
)  # fmt: skip
_ELSEWHERE = (
    "adam", "rmsprop", "adagrad", "nesterov", "核矩阵", "kernel", "pca", "主成分", "协方差", "covariance",
    "牛顿", "newton", "共轭", "conjugate", "发散", "diverge", "diverges", "gan", "sharpness", "sam",
    "batch norm", "bn", "谱归一化", "spectral norm", "初始化", "initialization", "鞍点", "saddle",
)  # fmt: skip


_SPOKEN: Spoken = {
    "eigenvalues": ("eigenvalue", "eigenvalue of the hessian", "hessian", "特征值", "曲率", "curvature"),
    "lr": ("lr", "learning rate", "学习率", "步长", "step size"),
    "steps": ("{}步", "{}step", "{}iteration", "{}次迭代"),
    "x0": ("x0", "起点", "初始点", "start"),
}
_ENDS = (
    (
        "最小特征值",
        "最小曲率",
        "smallest eigenvalue",
        "smallest curvature",
        "minimum eigenvalue",
        "lambda min",
        "λmin",
    ),
    (
        "最大特征值",
        "最大曲率",
        "largest eigenvalue",
        "largest curvature",
        "maximum eigenvalue",
        "lambda max",
        "λmax",
    ),
)


def read_question(facts: Facts) -> dict[str, Any] | None:
    """Return eigenvalues, method and rates of a question about convergence on a quadratic."""
    if facts.says(*_ELSEWHERE) or not (facts.says(*_CURVATURE) and facts.says(*_DESCENT)):
        return None
    found = fill(quadratic_convergence, _SPOKEN, facts)
    kappa = facts.number("condition number", "条件数", "kappa", "κ")
    ends = [v for names in _ENDS if (v := facts.number(*names)) is not None]
    if len(ends) == 2:
        found["eigenvalues"] = ends
    elif "eigenvalues" not in found and kappa is not None:
        found["eigenvalues"] = [1.0, kappa]
    if facts.says("momentum", "动量", "heavy ball", "重球"):
        found["method"] = "momentum"
        beta = facts.number("beta", "β", "momentum", "动量", "动量系数", "mu", "μ")
        found |= {} if beta is None else {"beta": beta}
    return found


def exercise(random: np.random.Generator, level: int) -> Exercise:
    """Return a drill: 1 the largest stable learning rate, 2 the rate of gradient descent, 3 the best momentum."""
    return draw_convergence_drill(quadratic_convergence, random, level)
