"""What a question says about a loss that does not converge: which check it asks for, and its numbers."""

from __future__ import annotations

import re
from typing import Any

from assistant.demo_kit.question import Facts

_LOSS = ("loss", "损失", "损失函数", "代价", "cost")
_FIRST = (
    "刚开始", "一开始", "初始loss", "初始 loss", "初始损失", "initial loss", "first loss", "at initialization",
    "at init", "before training", "开始训练", "训练开始", "初始值", "第一个loss", "第一步", "starting loss", "未训练",
)  # fmt: skip
_INITIAL = re.compile(
    r"初始(?:的|\s)?(?:[a-z]+\s?)*(?:loss|损失)|(?<![a-z])(?:initial|starting|first)\s(?:[a-z-]+\s){0,3}loss|(?:刚|随机|未)\S{0,4}初始化"
    r"|loss (?:at|in) the (?:start|beginning)|loss \w{0,8}\s?(?:right )?(?:after|at|upon) (?:random )?init"
)
_STUCK = (
    "不收敛", "不下降", "降不下来", "不降", "不动", "震荡", "发散", "diverge", "diverging", "diverges", "converge",
    "not decreasing", "stuck", "oscillate", "oscillating", "oscillates", "plateau", "nan", "爆炸", "抖动", "loss goes",
    "loss curve", "not going down", "损失曲线", "loss曲线",
)  # fmt: skip
_ELSEWHERE = (
    "gan", "生成器", "判别器", "kl", "em算法", "牛顿", "k-means", "kmeans", "聚类", "svm 对偶", "dirac", "momentum",
    "动量", "过拟合", "overfitting", "overfit", "kl divergence", "convergence rate", "收敛速度",
)  # fmt: skip
#: A number in a run of losses: "2.3, 2.9, 8, nan".
_RUN = re.compile(
    r"(?:(?:\d+(?:\.\d+)?(?:e[-+]?\d+)?|nan)\s*(?:,|、|->|→|\s)\s*){4,}(?:\d+(?:\.\d+)?(?:e[-+]?\d+)?|nan)"
)


def read_diagnose_training(facts: Facts) -> dict[str, Any] | None:
    """Return the check and its numbers; None for a question that is not about training that goes wrong."""
    if facts.says(*_ELSEWHERE):
        return None
    if found := _initial_loss(facts) or _update_ratio(facts) or _curve(facts) or _learning_rate(facts):
        return found
    return {} if facts.says(*_LOSS) and facts.says(*_STUCK) else None


def _initial_loss(facts: Facts) -> dict[str, Any] | None:
    if not (facts.says(*_LOSS, "hinge") and (facts.says(*_FIRST) or _INITIAL.search(facts.text))):
        return None
    classes = facts.count("分类", "类", "class", "类别", "way classification", "way", "classification")
    found: dict[str, Any] = {"check": "initial_loss"}
    if classes is not None and 2 <= classes <= 1_000_000:
        found["n_classes"] = classes
    elif facts.says("下降", "decrease"):
        return None
    if facts.says("hinge", "svm"):
        found["loss"] = "svm_hinge"
    return found


def _update_ratio(facts: Facts) -> dict[str, Any] | None:
    if not facts.says(
        "update ratio", "更新比例", "更新量与权重", "更新幅度", "ratio of updates", "update to weight"
    ):
        return None
    found: dict[str, Any] = {"check": "update_ratio"}
    weights = facts.number("param norm", "weight norm", "权重范数", "参数范数")
    update = facts.number("update norm", "更新范数", "更新量范数", "更新量的范数")
    if weights is not None and update is not None and weights > 0 and update >= 0:
        found |= {"param_norm": weights, "update_norm": update}
    return found


def _curve(facts: Facts) -> dict[str, Any] | None:
    run = _RUN.search(facts.text) if facts.says(*_LOSS) else None
    if run is None:
        return None
    values = re.findall(r"\d+(?:\.\d+)?(?:e[-+]?\d+)?|nan", run[0])
    return {"check": "curve", "losses": [None if value == "nan" else float(value) for value in values[:500]]}


def _learning_rate(facts: Facts) -> dict[str, Any] | None:
    lr = facts.number("学习率", "lr", "learning rate", "步长")
    curvature = facts.numbers("曲率", "curvature", "lambda max", "特征值", "eigenvalue")
    if not facts.says(*_STUCK) or (lr is None and not curvature):
        return None
    found: dict[str, Any] = {"check": "learning_rate"}
    if curvature and len(curvature) <= 50 and all(0 < value <= 1e6 for value in curvature):
        found["curvature"] = curvature
    if lr is not None and 0 < lr <= 1e6:
        found["lr"] = lr
    steps = facts.count("步", "step")
    if steps is not None and 1 <= steps <= 1000:
        found["steps"] = steps
    return found
