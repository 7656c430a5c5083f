"""Squared, absolute and Huber loss side by side: best constant with and without an outlier, means, gradients.

Losses of a regression only; cross-entropy is `ce_vs_mse`, L1 and L2 as penalties are `shrinkage_1d`.
"""

from __future__ import annotations

import re
from typing import Annotated, Any

import numpy as np
from annotated_types import Interval, Len
from numpy.typing import NDArray

from assistant.demo_kit.exercises import Exercise
from assistant.demo_kit.question import Facts
from assistant.demo_kit.slots import Spoken, fill
from assistant.demo_kit.types import DemoError, DemoResult, Fault, Plot, Series, Table
from assistant.demo_parts.loss_drills import draw_loss_drill
from assistant.demo_parts.regression_losses import fits, gradient, losses

FORMULA = (
    "L2: e², gradient 2e, best constant = mean; L1: |e|, gradient sign(e), best constant = median; "
    "Huber: ½e² for |e| ≤ δ, else δ|e| − ½δ², gradient e clipped to [−δ, δ]"
)
SOURCE = (
    "Huber 1964, Robust estimation of a location parameter; Hastie et al. 2009, ESL section 10.6, eq. 10.23"
)
TOPICS = (
    "L1 vs L2 loss", "L1损失和L2损失", "MAE 与 MSE 损失", "Huber loss", "Huber 损失", "smooth L1 loss",
    "outlier robust loss", "损失对离群点的鲁棒性",
)  # fmt: skip

Array = NDArray[np.float64]
Value = Annotated[float, Interval(ge=-1e6, le=1e6)]
Values = Annotated[list[Value], Len(1, 200)]


def loss_compare(
    *,
    values: Annotated[list[Value], Len(2, 200)] = [1, 2, 3, 4, 5],  # noqa: B006
    outlier: Value | None = 100,
    y_true: Values | None = None,
    y_pred: Values | None = None,
    residual: Value | None = None,
    delta: Annotated[float, Interval(gt=0, le=1e3)] = 1.0,
) -> DemoResult:
    """L1, L2 and Huber loss: the best constant before and after an outlier, mean losses and gradients.

    Args:
        values: Data to which a constant is fitted.
        outlier: Value added to the data; null adds none.
        y_true: Targets, together with y_pred, for mean losses.
        y_pred: Predictions, one per target.
        residual: Prediction minus target at which the gradients are reported; the outlier's where left out.
        delta: Where Huber turns from quadratic to linear; towards 0 its shape is that of L1.
    """
    data = np.asarray(values, float)
    numbers: dict[str, Any] = _means(y_true, y_pred, delta)
    if residual is not None:
        numbers["gradient"] = gradient(residual, delta)
    before, after, pulls = fits(data, delta), None, None
    numbers |= {f"{name}_fit_before": fit for name, fit in before.items()}
    if outlier is not None:
        after = fits(np.append(data, outlier), delta)
        pulls = {name: gradient(fit - outlier, delta)[name] for name, fit in after.items()}
        numbers |= {f"{name}_fit_after": fit for name, fit in after.items()}
        numbers |= {f"{name}_shift": after[name] - before[name] for name in before}
        numbers.setdefault("gradient", pulls)
    return DemoResult(
        demo="loss_compare",
        args_used={},
        numbers=numbers,
        formula=FORMULA,
        source=SOURCE,
        table=Table(
            ("loss", "fit", "fit with outlier", "shift", "gradient at the outlier"),
            tuple(
                (name, fit, after and after[name], after and after[name] - fit, pulls and pulls[name])
                for name, fit in before.items()
            ),
        ),
        plot=_curves(delta, residual),
        notes=(
            "The gradient is with respect to the prediction; with half the squared error L2's would be e.",
            "L2 pulls in proportion to the residual, L1 equally at every residual, Huber at most by delta.",
        ),
        warnings=_warnings(data, outlier, residual),
    )


def _means(y_true: list[float] | None, y_pred: list[float] | None, delta: float) -> dict[str, float]:
    """Return the mean losses of predictions; nothing where none are given."""
    if y_true is None and y_pred is None:
        return {}
    if y_true is None or y_pred is None:
        missing, other = ("y_true", "y_pred") if y_true is None else ("y_pred", "y_true")
        raise DemoError(
            Fault.INCONSISTENT,
            param=missing,
            got=None,
            allowed=f"a list as long as {other}",
            hint_en=f"Mean losses need both y_true and y_pred; {missing} is missing.",
            hint_zh=f"计算平均损失需要同时给出 y_true 和 y_pred，缺少 {missing}。",
        )
    if len(y_true) != len(y_pred):
        raise DemoError(
            Fault.SHAPE_MISMATCH,
            param="y_pred",
            got=len(y_pred),
            allowed=f"{len(y_true)} numbers",
            hint_en=f"y_true has {len(y_true)} numbers and y_pred {len(y_pred)}; they must be as many.",
            hint_zh=f"y_true 有 {len(y_true)} 个数，y_pred 有 {len(y_pred)} 个，两者必须等长。",
        )
    each = losses(np.asarray(y_pred, float) - np.asarray(y_true, float), delta)
    return {name: float(each[key].mean()) for name, key in (("mse", "l2"), ("mae", "l1"), ("huber", "huber"))}


def _curves(delta: float, residual: float | None) -> Plot:
    edge = max(3.0, min(3 * delta, 30.0), min(abs(residual or 0.0), 30.0))
    e = np.linspace(-edge, edge, 301)
    lines = [(name, loss) for name, loss in losses(e, delta).items()]
    lines += [
        ("l2 gradient", 2 * e),
        ("l1 gradient", np.sign(e)),
        ("huber gradient", np.clip(e, -delta, delta)),
    ]
    return Plot(
        "line", tuple(Series(name, e.tolist(), y.tolist()) for name, y in lines), "residual", "loss, gradient"
    )


def _warnings(data: Array, outlier: float | None, residual: float | None) -> tuple[str, ...]:
    said = []
    fitted = [("", data)] + ([(" with the outlier", np.append(data, outlier))] if outlier is not None else [])
    for when, x in fitted:
        low, high = np.sort(x)[(len(x) - 1) // 2], np.sort(x)[len(x) // 2]
        if low < high:
            said.append(
                f"An even count{when}: every constant in [{low:g}, {high:g}] is an L1 fit; the middle is given."
            )
    if residual == 0:
        said.append("L1 has no derivative at 0; its gradient is set to 0 there.")
    return tuple(said)


_LOSSES = (
    "l1", "l2", "mae", "mse", "huber", "smooth l1", "绝对误差", "平方误差", "均方误差", "absolute error",
    "squared error",
)  # fmt: skip
_SUBJECT = (
    "损失", "loss", "离群", "异常值", "outlier", "鲁棒", "robust", "残差", "residual", "gradient", "梯度",
    "均值", "中位数", "median", "预测", "真实值", "真值", "predictions", "y_pred", "y_true", "targets",
)  # fmt: skip
_ELSEWHERE = (
    "正则", "惩罚", "regularization", "regularizer", "regularisation", "penalty", "lasso", "ridge",
    "weight decay", "权重衰减", "稀疏", "sparse", "sparsity", "交叉熵", "cross entropy", "softmax", "sigmoid",
    "分类", "classification", "gan", "感知损失", "perceptual", "蒸馏", "distillation", "范数", "归一化",
    "normalization", "裁剪", "clip", "clipping", "resnet", "残差网络", "残差连接", "residual connection", "iou",
)  # fmt: skip
_ADDED = re.compile(
    r"(?:加(?:上|入)?|添加|add(?:ing)?)\s*(?:1?个|an?\s+)?(?:离群点|异常值|outlier(?:\s+of)?)?\s*"
    r"([-+]?\d+(?:\.\d+)?)(?![\d.]|\s*(?:步|层|%))"
)


_SPOKEN: Spoken = {
    "values": ("values", "data", "数据", "样本", "一组数", "这组数", "constant for", "numbers"),
    "y_true": ("y_true", "y", "targets", "target", "true values", "真实值", "真值", "标签"),
    "y_pred": ("y_pred", "ŷ", "y_hat", "predictions", "prediction", "predicted", "预测值", "预测"),
    "outlier": ("outlier", "离群点", "离群值", "异常值", "异常点"),
    "residual": ("residual", "残差", "误差", "error"),
    "delta": ("delta", "δ"),
}


def read_question(facts: Facts) -> dict[str, Any] | None:
    """Return data, outlier, residual and delta of a question about L1, L2 or Huber loss."""
    is_fit = facts.says("mean", "均值", "平均数") and facts.says("median", "中位数") and facts.says(*_OUTLIER)
    if facts.says(*_ELSEWHERE) or not (
        facts.says("huber", "smooth l1") or (facts.says(*_LOSSES) and facts.says(*_SUBJECT)) or is_fit
    ):
        return None
    found = fill(loss_compare, _SPOKEN, facts)
    if "outlier" not in found and (added := _ADDED.search(facts.text)):
        found["outlier"] = float(added[1])
    # One number is no data, and targets are of use beside predictions only.
    if len(found.get("values", (0, 0))) < 2:
        del found["values"]
    if len(found.get("y_true", ())) != len(found.get("y_pred", ())) and len(found.get("y_true", (0,))) < 2:
        del found["y_true"]
    return found


_OUTLIER = ("outlier", "离群点", "离群值", "异常值", "异常点")


def exercise(random: np.random.Generator, level: int) -> Exercise:
    """Return a drill: 1 the mean absolute error, 2 the fit with an outlier, 3 the mean Huber loss."""
    return draw_loss_drill(loss_compare, random, level)
