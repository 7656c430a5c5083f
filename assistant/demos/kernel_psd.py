"""Is a Gram matrix positive semi-definite: eigenvalues, and a witness where it is not.

One set of points can refute a kernel, never prove one: `psd` speaks of these points only.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Annotated, Any

import numpy as np
from annotated_types import Interval

from assistant.demo_kit.arrays import read_array
from assistant.demo_kit.exercises import Exercise, Mistake
from assistant.demo_kit.question import Facts
from assistant.demo_kit.types import DemoError, DemoResult, Fault, Plot, Series, Table
from assistant.demo_parts.kernels import KERNELS, KNOWN, Array, Name
from assistant.demo_parts.spoken_kernels import read_kernel

TOPICS = (
    "positive semidefinite kernel",
    "半正定核",
    "Mercer's condition",
    "Mercer 定理",
    "Gram matrix",
    "核函数",
    "SVM kernel",
)
FORMULA = (
    "K_ij = k(x_i, x_j); PSD iff cᵀKc ≥ 0 for every c iff all eigenvalues ≥ 0. linear xᵀy · polynomial "
    "(γxᵀy + r)^d · rbf exp(−γ‖x−y‖²) · laplacian exp(−γ‖x−y‖₁) · sigmoid tanh(γxᵀy + r) · "
    "one_plus_sqdist 1 + ‖x−y‖² · neg_sqdist −‖x−y‖² · min min(x, y)"
)
SOURCE = (
    "Schölkopf & Smola 2002, Learning with Kernels, section 2.2 (definition 2.4), section 2.3; kernels and "
    "defaults as in sklearn.metrics.pairwise"
)

_MAX_POINTS = 50


def kernel_psd(
    *,
    kernel: Name = "rbf",
    points: Sequence[Any] | None = None,
    gamma: Annotated[float, Interval(ge=-1000, le=1000)] | None = None,
    degree: Annotated[int, Interval(ge=1, le=10)] = 3,
    coef0: Annotated[float, Interval(ge=-1000, le=1000)] = 1.0,
    X: Sequence[Any] | None = None,
    Y: Sequence[Any] | None = None,
) -> DemoResult:
    """Gram matrix of a kernel, its eigenvalues, and whether it is positive semi-definite on these points.

    Args:
        kernel: Kernel function.
        points: 2 to 50 numbers or vectors of equal length; 9 numbers from -2 to 2 when left out.
        gamma: Factor γ of rbf, laplacian, polynomial and sigmoid; 1 / dimension when left out.
        degree: Degree d of the polynomial kernel.
        coef0: Constant r of the polynomial and the sigmoid kernel.
        X: Rows of a cross matrix K(X, Y); alone it stands for points.
        Y: Columns of the cross matrix.
    """
    if Y is not None and X is None:
        raise _inconsistent("Y", "only together with X", "Y needs X: K is k(X, Y).", "有 Y 就要有 X。")
    if X is not None and points is not None:
        raise _inconsistent(
            "points", "points, or X", "Give points or X, not both.", "points 与 X 只能给一种。"
        )
    rows = _vectors("points" if X is None else "X", _first(X, points), least=1 if Y is not None else 2)
    columns = rows if Y is None else _vectors("Y", Y, least=1)
    if rows.shape[1] != columns.shape[1]:
        raise DemoError(
            Fault.SHAPE_MISMATCH,
            param="Y",
            got=list(columns.shape),
            allowed=f"vectors of length {rows.shape[1]}",
            hint_en=f"The vectors of Y must be as long as those of X, {rows.shape[1]}.",
            hint_zh=f"Y 的向量长度应与 X 相同，为 {rows.shape[1]}。",
        )
    dimension = rows.shape[1]
    if kernel == "min" and dimension > 1:
        raise DemoError(
            Fault.UNSUPPORTED,
            param="kernel",
            got=kernel,
            allowed="numbers, not vectors",
            hint_en="min(x, y) is defined for numbers only.",
            hint_zh="min(x, y) 只对标量有定义。",
        )
    factor = 1 / dimension if gamma is None else gamma
    with np.errstate(over="ignore", invalid="ignore"):
        gram = KERNELS[kernel](rows, columns, factor, coef0, degree)
    # The trace and the witness add up entries, so these must stay well inside the range of a float.
    if not np.isfinite(gram).all() or np.abs(gram).max() > 1e290:
        raise DemoError(
            Fault.NOT_FINITE,
            param="gamma" if gamma is not None else "points",
            got=gamma if gamma is not None else "too far apart",
            allowed="values for which the kernel stays finite",
            hint_en="The kernel overflows on these points.",
            hint_zh="核函数在这些点上溢出。",
        )
    args: dict[str, Any] = {"gamma": factor}
    if X is None:
        args["points"] = rows[:, 0] if dimension == 1 else rows
    if Y is not None:
        note = "K(X, Y) is no Gram matrix: it has no definiteness."
        return _result(args, {"K": gram}, gram, None, (note,), ())
    return _result(args, *_spectrum(gram), _notes(kernel), _warnings(kernel, rows, factor))


def _spectrum(gram: Array) -> tuple[dict[str, Any], Array, Array]:
    """Return the numbers of a symmetric matrix, the matrix and its eigenvalues, rising."""
    values, vectors = np.linalg.eigh(gram)
    tolerance = float(len(gram) * np.finfo(float).eps * np.abs(values).max())
    is_psd = bool(values[0] >= -tolerance)
    numbers: dict[str, Any] = {
        "gram": gram,
        "K": gram,
        "eigenvalues": values,
        "psd": is_psd,
        "rank": int((np.abs(values) > tolerance).sum()),
        "trace": float(np.trace(gram)),
        "tolerance": tolerance,
        "witness": None,
        "witness_value": None,
    }
    if not is_psd:
        # Largest entry 1: (1, -1) reads better than the same direction at length 1.
        c = vectors[:, 0] / np.abs(vectors[:, 0]).max()
        c = c * np.sign(c[np.abs(c) > 1e-9][0])
        numbers |= {"witness": c, "witness_value": float(c @ gram @ c)}
    return numbers, gram, values


def _result(
    args: dict[str, Any],
    numbers: dict[str, Any],
    gram: Array,
    values: Array | None,
    notes: tuple[str, ...],
    warnings: tuple[str, ...],
) -> DemoResult:
    if values is None:
        plot = Plot("heatmap", (), "Y", "X", grid=gram.tolist(), cells="k(x, y)")
        table = Table(tuple(f"y{j}" for j in range(gram.shape[1])), tuple(map(tuple, gram.tolist())))
    else:
        plot = Plot(
            "bar", (Series("eigenvalues", range(len(values)), values.tolist()),), "index", "eigenvalue"
        )
        table = Table(("index", "eigenvalue"), tuple(enumerate(values.tolist())))
    return DemoResult(
        demo="kernel_psd",
        args_used=args,
        numbers=numbers,
        formula=FORMULA,
        source=SOURCE,
        table=table,
        plot=plot,
        notes=notes,
        warnings=warnings,
    )


def _first(x: Sequence[Any] | None, points: Sequence[Any] | None) -> Sequence[Any]:
    given = points if x is None else x
    return np.linspace(-2, 2, 9).tolist() if given is None else given


def _vectors(param: str, value: Sequence[Any], *, least: int) -> Array:
    """Return points as rows [n, dimension]; a plain list is a list of numbers."""
    array = read_array(param, value, ndim=(1, 2))
    if not least <= len(array) <= _MAX_POINTS:
        raise DemoError(
            Fault.TOO_BIG if len(array) > _MAX_POINTS else Fault.OUT_OF_RANGE,
            param=param,
            got=len(array),
            allowed=f"{least} to {_MAX_POINTS} points",
            hint_en=f"{param} must have {least} to {_MAX_POINTS} points.",
            hint_zh=f"{param} 应有 {least} 到 {_MAX_POINTS} 个点。",
        )
    return array[:, None] if array.ndim == 1 else array


def _inconsistent(param: str, allowed: str, en: str, zh: str) -> DemoError:
    return DemoError(Fault.INCONSISTENT, param=param, got="given", allowed=allowed, hint_en=en, hint_zh=zh)


def _notes(kernel: Name) -> tuple[str, ...]:
    return (
        KNOWN[kernel],
        "PSD on these points proves no kernel; one negative eigenvalue refutes it.",
        "Eigenvalues above −n·eps·max|λ| count as 0: rounding makes tiny negative ones.",
    )


def _warnings(kernel: Name, points: Array, gamma: float) -> tuple[str, ...]:
    warnings = []
    if len(np.unique(points, axis=0)) < len(points):
        warnings.append("Some points are equal: their rows of K are equal, so K has a zero eigenvalue.")
    if kernel in ("rbf", "laplacian") and gamma < 0:
        warnings.append("A negative gamma makes the kernel grow with distance: it is none.")
    return tuple(warnings)


def read_question(facts: Facts) -> dict[str, Any] | None:
    """Return kernel, points and constants of a question about the definiteness of a kernel."""
    return read_kernel(kernel_psd, facts)


def exercise(random: np.random.Generator, level: int) -> Exercise:
    """Return a drill on the smaller eigenvalue of a 2x2 Gram matrix: equal diagonals first, then any."""
    first, gap = int(random.integers(1, 4)), int(random.integers(2, 4))
    points = [first, first + gap]
    arguments: dict[str, Any] = {"kernel": "one_plus_sqdist", "points": points}
    name = "k(x, y) = 1 + (x − y)²"
    slip = Mistake(1, "对角元不是特征值，除非 K₁₂ = 0", "a diagonal entry is no eigenvalue unless K₁₂ = 0")
    if level == 2:
        gamma = float(random.choice([0.1, 0.15, 0.2, 0.25]))
        arguments = {"kernel": "rbf", "points": points, "gamma": gamma}
        name = f"k(x, y) = exp(−{gamma:g}·(x − y)²)"
        slip = Mistake(1 - math.exp(-gamma * gap), "漏了距离的平方", "the distance must be squared")
    elif level >= 3:
        constant = int(random.choice([-8, -4, -2, 2]))
        arguments = {"kernel": "polynomial", "points": points, "gamma": 1.0, "degree": 2, "coef0": constant}
        name = f"k(x, y) = (xy {'+' if constant > 0 else '−'} {abs(constant)})²"
    numbers = kernel_psd(**arguments).numbers
    (a, b), (_, c) = np.asarray(numbers["gram"]).tolist()
    answer, largest = (float(value) for value in numbers["eigenvalues"])
    steps = [f"K = [[{a:.4g}, {b:.4g}], [{b:.4g}, {c:.4g}]]"]
    mistakes = [Mistake(largest, "这是较大的特征值", "that is the larger eigenvalue")]
    if level >= 3:
        trace, determinant = a + c, a * c - b * b
        steps += [f"tr K = {trace:.4g}, det K = {determinant:.4g}", "λ = (tr K ± √((tr K)² − 4 det K)) / 2"]
        mistakes.append(
            Mistake(determinant, "这是行列式，即两个特征值之积", "that is the determinant, their product")
        )
    else:
        steps.append(f"λ = K₁₁ ± K₁₂ = {a:.4g} ± {b:.4g}")
        mistakes.append(slip)
    steps.append(f"λ_min = {answer:.4g}")
    return Exercise(
        demo="kernel_psd",
        arguments=arguments,
        question_zh=f"核函数 {name} 在点 {points[0]} 和 {points[1]} 上的 Gram 矩阵，"
        "较小的特征值是多少？（为负则不是半正定）",
        question_en=f"The kernel {name} is taken on the points {points[0]} and {points[1]}. What is the smaller "
        "eigenvalue of its Gram matrix? (Below 0 it is not positive semi-definite.)",
        answer=answer,
        steps_zh=tuple(steps),
        steps_en=tuple(steps),
        hint_zh="2×2 对称矩阵的两个特征值之和是迹，之积是行列式。",
        hint_en="The two eigenvalues of a symmetric 2x2 matrix add up to the trace and multiply to the determinant.",
        mistakes=tuple(mistakes),
        tolerance=0.005,
    )
