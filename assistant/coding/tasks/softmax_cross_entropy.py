"""Write softmax with cross-entropy, and its gradient."""

from __future__ import annotations

import numpy as np

from assistant.coding.types import Array, Check, Said, Slip, Task
from assistant.demos.ce_vs_mse import ce_vs_mse


def softmax_cross_entropy(logits: np.ndarray, target: np.ndarray) -> tuple[float, np.ndarray]:
    """Return the mean loss of logits [N, K] for classes target [N], and its gradient [N, K]."""
    rows = np.arange(len(logits))
    shifted = logits - logits.max(axis=1, keepdims=True)
    powers = np.exp(shifted)
    sums = powers.sum(axis=1, keepdims=True)
    loss = (np.log(sums[:, 0]) - shifted[rows, target]).mean()
    grad = powers / sums
    grad[rows, target] -= 1
    return float(loss), grad / len(logits)


def _check(name: str, zh: str, en: str, logits: Array, target: list[int]) -> Check:
    numbers = ce_vs_mse(logits=logits.tolist(), target=target).numbers
    # The demo gives each sample's own gradient; that of the mean is an Nth of it.
    expected = (numbers["ce_mean"], np.asarray(numbers["gradient"]["grad"]) / len(logits))
    return Check(name, Said(zh, en), {"logits": logits, "target": np.array(target)}, expected)


def _checks() -> tuple[Check, ...]:
    random = np.random.default_rng(2)
    return (
        _check("single", "一个样本", "one sample", np.array([[2.0, 1.0, 0.0]]), [0]),
        _check("batch", "4 个样本、3 类", "4 samples, 3 classes", random.normal(0, 2, (4, 3)), [2, 0, 1, 1]),
        _check(
            "uniform",
            "logits 全相同：loss 应当是 ln K",
            "equal logits: the loss is ln K",
            np.full((2, 4), 7.0),
            [3, 0],
        ),
        _check(
            "large",
            "logits 大到 1000",
            "logits of 1000",
            np.array([[1000.0, 990.0, -1000.0], [0.0, 1000.0, 998.0]]),
            [0, 2],
        ),
        _check(
            "hopeless",
            "正确类的概率下溢成 0",
            "a right class whose probability underflows",
            np.array([[0.0, 900.0], [3.0, 1.0]]),
            [0, 1],
        ),
    )


TASK = Task(
    name="softmax_cross_entropy",
    title=Said("手写 softmax 交叉熵和梯度", "Softmax cross-entropy with its gradient"),
    statement=Said(
        "给定 logits [N, K] 和每个样本的正确类别 target [N]（从 0 数起的整数），\n"
        "返回 (loss, grad)：loss 是 N 个样本交叉熵的平均值，一个标量；grad [N, K] 是 loss 对 logits "
        "的梯度。\n"
        "logits 可能有上千，结果不能出现 nan 或 inf。",
        "Given logits [N, K] and the right classes target [N] (integers from 0), return (loss, grad):\n"
        "the mean cross-entropy of the N samples, one number, and its gradient [N, K] with respect to\n"
        "the logits. Logits may be in the thousands; nothing may become nan or inf.",
    ),
    solution=softmax_cross_entropy,
    checks=_checks,
    topics=("softmax", "交叉熵", "cross entropy", "分类 & loss"),
    terms=(
        "softmax",
        "交叉熵",
        "logit",
        "cross entropy",
        "cross-entropy",
        "梯度",
        "数值稳定",
        "溢出",
        "overflow",
    ),
    hints=(
        Said(
            "每一行先减去自己的最大值，softmax 不变，exp 不会溢出。",
            "Subtract each row's maximum: softmax stays, exp cannot overflow.",
        ),
        Said(
            "不要先算概率再取 log；用 log-sum-exp：loss = ln Σ exp(z − m) − (z_y − m)。",
            "Do not take the log of a probability; use log-sum-exp: loss = ln Σ exp(z − m) − (z_y − m).",
        ),
        Said(
            "对 logits 的梯度是 p − onehot(target)；loss 取了平均，梯度也要除以 N。",
            "The gradient is p − onehot(target), and since the loss is a mean, divided by N.",
        ),
    ),
    slips=(
        Slip(
            "large",
            Said(
                "没有减去每行的最大值，exp 溢出成 inf，结果是 nan。",
                "The row's maximum is not subtracted: exp overflows and the result is nan.",
            ),
            "logits - logits.max(axis=1, keepdims=True)",
            "logits * 1.0",
        ),
        Slip(
            "hopeless",
            Said(
                "先算概率再取 log：概率下溢成 0，log 得到 inf。",
                "The log of a probability: it underflows to 0, and its log is infinite.",
            ),
            "(np.log(sums[:, 0]) - shifted[rows, target]).mean()",
            "-np.log((powers / sums)[rows, target]).mean()",
        ),
        Slip(
            "batch",
            Said(
                "loss 取了平均，梯度却没有除以 N。",
                "The loss is a mean, but the gradient is not divided by N.",
            ),
            "grad / len(logits)",
            "grad",
        ),
        Slip(
            "batch",
            Said("loss 求了和，应当取平均。", "The loss is a sum; a mean was asked for."),
            "target]).mean()",
            "target]).sum()",
        ),
        Slip(
            "single",
            Said("梯度的符号反了：是 p − onehot。", "The sign of the gradient is wrong: it is p − onehot."),
            "grad / len(logits)",
            "-grad / len(logits)",
        ),
        Slip(
            "single",
            Said(
                "梯度漏减了 onehot，返回的只是概率。",
                "These are the probabilities: the one-hot target is not subtracted.",
            ),
            "target] -= 1",
            "target] -= 0",
        ),
    ),
    follow_up=Said(
        "为什么框架把 softmax 和交叉熵合成一个算子？label smoothing 要改哪里？",
        "Why do frameworks fuse softmax and cross-entropy, and what does label smoothing change here?",
    ),
    follow_up_answer=Said(
        "合起来可以用 log-sum-exp 保证数值稳定，梯度也化简成 p − q，不用存中间结果。"
        "label smoothing 只是把 onehot 换成 q = (1 − ε)·onehot + ε/K。",
        "Fused, the loss is stable by log-sum-exp and the gradient is simply p − q, with nothing in "
        "between to store. "
        "Label smoothing replaces the one-hot target by q = (1 − ε)·onehot + ε/K.",
    ),
    returns=("loss", "grad"),
)
