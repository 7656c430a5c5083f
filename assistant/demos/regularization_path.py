"""Regression weights over many strengths of an L1 or L2 penalty: which vanish, and when all of them have.

The intercept is not penalised, the columns are not rescaled. A single weight by hand is `shrinkage_1d`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import numpy as np
from annotated_types import Interval, Len
from numpy.typing import NDArray

from assistant.demo_kit.arrays import read_array
from assistant.demo_kit.exercises import Exercise
from assistant.demo_kit.question import Facts
from assistant.demo_kit.slots import Spoken, fill
from assistant.demo_kit.types import DemoError, DemoResult, Fault, Plot, Series, Table
from assistant.demo_parts.coordinate_descent import lasso, ridge, violation
from assistant.demo_parts.regularization_drills import draw_regularization_drill

FORMULAS: Mapping[tuple[str, str], str] = {
    ("l1", "1/(2n)"): "min ‖y − Xw‖² / (2n) + λ‖w‖₁",
    ("l1", "sum"): "min ‖y − Xw‖² + λ‖w‖₁",
    ("l2", "1/(2n)"): "min ‖y − Xw‖² / (2n) + ½λ‖w‖₂²",
    ("l2", "sum"): "min ‖y − Xw‖² + λ‖w‖₂²",
}
SOURCES = {
    "l1": "Tibshirani 1996; Friedman, Hastie & Tibshirani 2010, eq. 5-6 (coordinate descent)",
    "l2": "Hoerl & Kennard 1970; ESL 2009, eq. 3.44",
}
TOPICS = (
    "regularization path", "正则化路径", "lasso path", "lasso 的 lambda", "ridge 的 lambda", "岭回归路径",
    "L1正则路径",
)  # fmt: skip
#: What scikit-learn's Lasso and Ridge minimise.
USUAL: Mapping[str, Literal["1/(2n)", "sum"]] = {"l1": "1/(2n)", "l2": "sum"}

#: Beyond this violation of the optimum's conditions, relative to the largest |Xᵀy|, weights are called approximate.
_ROUGH = 1e-6

Array = NDArray[np.float64]
_LAMBDAS = [float(f"{v:.6g}") for v in np.logspace(-3, 1, 20)]


@dataclass(frozen=True, slots=True)
class _Data:
    """Rows to fit; for drawn data also rows to test on and the weights they were drawn with."""

    x: Array
    y: Array
    test: tuple[Array, Array] | None = None
    weights: Array | None = None


def regularization_path(
    *,
    penalty: Literal["l1", "l2"] = "l1",
    lambdas: Annotated[list[Annotated[float, Interval(ge=0, le=1e6)]], Len(1, 40)] = _LAMBDAS,
    objective: Literal["1/(2n)", "sum"] | None = None,
    X: Sequence[Any] | None = None,
    y: Annotated[list[Annotated[float, Interval(ge=-1e6, le=1e6)]], Len(2, 64)] | None = None,
    n: Annotated[int, Interval(ge=10, le=200)] = 40,
    d: Annotated[int, Interval(ge=2, le=30)] = 8,
    n_informative: Annotated[int, Interval(ge=1, le=30)] = 3,
    noise: Annotated[float, Interval(ge=0, le=10)] = 0.5,
    seed: Annotated[int, Interval(ge=0, le=2**31 - 1)] = 0,
) -> DemoResult:
    """Lasso or ridge weights for each strength of the penalty, with the strength at which all lasso weights are 0.

    Args:
        penalty: l1 (lasso) or l2 (ridge).
        lambdas: Strengths of the penalty.
        objective: Scaling of the squared error; when left out as in scikit-learn, 1/(2n) for l1, sum for l2.
        X: Matrix of your own data, one row per sample, together with y; without it data are drawn.
        y: Targets of your own data, one per row.
        n: Number of drawn samples.
        d: Number of drawn features.
        n_informative: How many drawn features the target depends on; at most d.
        noise: Standard deviation of the noise in the drawn targets.
        seed: Seed of the drawn data.
    """
    scaling = objective or USUAL[penalty]
    data = _drawn(n, d, n_informative, noise, seed) if X is None and y is None else _given(X, y)
    centre, shift = data.x.mean(axis=0), float(data.y.mean())
    rows = len(data.y) if scaling == "1/(2n)" else 1
    gram = (data.x - centre).T @ (data.x - centre) / rows
    target = (data.x - centre).T @ (data.y - shift) / rows
    strengths = np.asarray(lambdas, float)
    # The squared error as a sum is twice the form solved here; in ridge the halves of both terms cancel.
    solved = strengths / 2 if penalty == "l1" and scaling == "sum" else strengths
    path = _path(penalty, gram, target, solved)
    rough = [
        lam
        for lam, used, w in zip(lambdas, solved, path, strict=True)
        if penalty == "l1" and violation(gram, target, used, w) > _ROUGH
    ]
    intercepts = shift - path @ centre
    numbers: dict[str, Any] = {}
    if penalty == "l1":
        numbers["lambda_max"] = float(np.abs(target).max()) * (2 if scaling == "sum" else 1)
    numbers |= {
        "coef": path,
        "intercept": intercepts,
        "nonzero": np.count_nonzero(path, axis=1),
        "l1_norm": np.abs(path).sum(axis=1),
        "l2_norm": np.sqrt((path**2).sum(axis=1)),
        "train_mse": _mse(data.x, data.y, path, intercepts),
    }
    if data.test is not None:
        numbers["test_mse"] = _mse(*data.test, path, intercepts)
    columns = [key for key in ("nonzero", "l1_norm", "l2_norm", "train_mse", "test_mse") if key in numbers]
    table = Table(
        ("lambda", *columns), tuple(zip(lambdas, *(numbers[key].tolist() for key in columns), strict=True))
    )
    if len(lambdas) == 1:
        numbers |= {key: value[0] for key, value in numbers.items() if isinstance(value, np.ndarray)}
    if data.weights is not None:
        numbers["true_coef"] = data.weights
    return DemoResult(
        demo="regularization_path",
        args_used={"objective": scaling},
        numbers=numbers,
        formula=FORMULAS[penalty, scaling],
        source=SOURCES[penalty],
        table=table,
        plot=_plot(strengths, path),
        notes=_notes(penalty),
        warnings=_warnings(penalty, data.x, gram, lambdas, max(rough, default=0.0)),
    )


def _drawn(n: int, d: int, informative: int, noise: float, seed: int) -> _Data:
    if informative > d:
        raise DemoError(
            Fault.INCONSISTENT,
            param="n_informative",
            got=informative,
            allowed=f"at most d = {d}",
            hint_en=f"There are only d = {d} features, so {informative} of them cannot be informative.",
            hint_zh=f"特征只有 d = {d} 个，有用的特征不可能有 {informative} 个。",
        )
    random = np.random.default_rng(seed)
    weights = np.zeros(d)
    weights[:informative] = np.linspace(3, 1, informative) * np.where(np.arange(informative) % 2, -1, 1)
    x = random.normal(size=(2 * n, d))
    y = x @ weights + noise * random.normal(size=2 * n)
    return _Data(x[:n], y[:n], (x[n:], y[n:]), weights)


def _given(matrix: Sequence[Any] | None, y: list[float] | None) -> _Data:
    if matrix is None or y is None:
        missing, other = ("X", "y") if matrix is None else ("y", "X")
        raise DemoError(
            Fault.INCONSISTENT,
            param=missing,
            got=None,
            allowed="X and y together, or neither",
            hint_en=f"{other} is given without {missing}; give X and y together, or neither.",
            hint_zh=f"只给了 {other}，缺少 {missing}：X 和 y 要么都给，要么都不给。",
        )
    x = read_array("X", matrix, ndim=(2, 2))
    if len(x) != len(y):
        raise DemoError(
            Fault.SHAPE_MISMATCH,
            param="y",
            got=len(y),
            allowed=f"{len(x)} numbers, one per row of X",
            hint_en=f"X has {len(x)} rows and y {len(y)} numbers; they must be as many.",
            hint_zh=f"X 有 {len(x)} 行，y 有 {len(y)} 个数，两者必须相等。",
        )
    if np.abs(x).max() > 1e6:
        raise DemoError(
            Fault.OUT_OF_RANGE,
            param="X",
            got=float(np.abs(x).max()),
            allowed="numbers in [-1e6, 1e6]",
            hint_en="X holds a number beyond 1e6; rescale its columns.",
            hint_zh="X 中有绝对值超过 1e6 的数，请先缩放各列。",
        )
    constant = np.flatnonzero(np.ptp(x, axis=0) == 0)
    if constant.size:
        raise DemoError(
            Fault.INCONSISTENT,
            param="X",
            got=f"column {constant[0]}",
            allowed="columns that vary",
            hint_en=f"Column {constant[0]} of X is constant and cannot be told from the intercept; remove it.",
            hint_zh=f"X 的第 {constant[0]} 列（从 0 数起）是常数，与截距无法区分，请去掉。",
        )
    return _Data(x, np.asarray(y, float))


def _path(penalty: str, gram: Array, target: Array, lambdas: Array) -> Array:
    """Return the weights [number of lambdas, d], in the order of `lambdas`."""
    path = np.zeros((lambdas.size, target.size))
    w = np.zeros_like(target)
    # From the strongest penalty on: the weights of one are a good start for the next.
    for i in np.argsort(-lambdas, kind="stable"):
        lam = float(lambdas[i])
        w = lasso(gram, target, lam, w) if penalty == "l1" else ridge(gram, target, lam)
        path[i] = w
    return path + 0.0


def _mse(x: Array, y: Array, path: Array, intercepts: Array) -> Array:
    """Return the mean squared error for each row of `path`."""
    residuals: Array = y[:, None] - x @ path.T - intercepts
    return np.asarray((residuals**2).mean(axis=0), float)


def _plot(lambdas: Array, path: Array) -> Plot:
    order = np.argsort(lambdas)
    axis = lambdas[order].tolist()
    series = tuple(Series(f"w[{j}]", axis, path[order, j].tolist()) for j in range(path.shape[1]))
    return Plot("line", series, "λ", "weight", log="x" if axis[0] > 0 else "")


def _notes(penalty: str) -> tuple[str, ...]:
    return (
        "scikit-learn scales the two differently, Lasso by 1/(2n) and Ridge by the sum, so the same lambda is "
        "not the same strength.",
        "Lasso weights reach 0 one by one; above lambda_max all of them are 0."
        if penalty == "l1"
        else "Ridge weights shrink towards 0 and reach it for no lambda.",
    )


def _warnings(penalty: str, x: Array, gram: Array, lambdas: Sequence[float], rough: float) -> tuple[str, ...]:
    """Return what to beware of; `rough` is the largest lambda whose weights are approximate, or 0."""
    said = []
    if penalty == "l1" and np.unique(x, axis=1).shape[1] < x.shape[1]:
        said.append(
            "Identical columns: only the sum of their weights is determined; coordinate descent gives all of it "
            "to the first."
        )
    if 0 in lambdas and np.linalg.matrix_rank(gram) < len(gram):
        said.append(
            "Without a penalty dependent columns leave the weights undetermined; one solution is given."
        )
    if rough:
        said.append(
            f"Nearly dependent columns: up to lambda {rough:g} the weights are approximate, as coordinate "
            "descent was stopped before it had settled."
        )
    return tuple(said)


_PATH = (
    "正则路径", "正则化路径", "系数路径", "解路径", "regularization path", "regularisation path", "lasso path",
    "ridge path", "coefficient path", "岭回归路径", "岭迹", "ridge trace",
)  # fmt: skip
_STRENGTH = ("lambda", "lambdas", "λ", "alpha", "正则强度", "正则系数")
_ELSEWHERE = (
    "软阈值", "soft threshold", "soft thresholding", "逻辑回归", "logistic", "核", "kernel", "贝叶斯",
    "bayesian",
)  # fmt: skip
_INFORMATIVE = re.compile(
    r"(\d+)\s?(?:个|of\s(?:them|which|these)|are|is|which\sare|\s)*(?:真正)?(?:有用|有效|相关|informative|useful|relevant)"
)


_SPOKEN: Spoken = {
    "d": ("{}特征", "{}个特征", "{}维", "{}feature", "{}features"),
    "n": ("{}样本", "{}个样本", "{}sample", "{}samples", "{}条数据"),
    "noise": ("noise", "噪声", "noise std"),
    "seed": ("seed", "随机种子"),
    "lambdas": _STRENGTH,
}


def read_question(facts: Facts) -> dict[str, Any] | None:
    """Return penalty, data sizes and lambdas of a question about a regularization path or lasso's lambda."""
    is_lasso, is_ridge = facts.says("lasso", "l1"), facts.says("ridge", "ridge regression", "岭回归", "l2")
    is_named = facts.says("lasso", "ridge", "岭回归")
    if facts.says(*_ELSEWHERE) or not (facts.says(*_PATH) or (is_named and facts.says(*_STRENGTH))):
        return None
    found = fill(regularization_path, _SPOKEN, facts)
    if is_lasso != is_ridge:
        found["penalty"] = "l1" if is_lasso else "l2"
    if informative := _INFORMATIVE.search(facts.text):
        found["n_informative"] = int(informative[1])
    matrix, y = facts.matrix(), facts.vector("y")
    return found | ({"X": matrix, "y": y} if matrix and y else {})


def exercise(random: np.random.Generator, level: int) -> Exercise:
    """Return a drill: 1 ridge and 2 lasso with one feature, 3 the lambda at which two weights have vanished."""
    return draw_regularization_drill(regularization_path, random, level)
