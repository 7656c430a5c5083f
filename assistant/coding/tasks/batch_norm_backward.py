"""Write the backward pass of batch normalisation."""

from __future__ import annotations

import numpy as np

from assistant.coding.types import Array, Check, Said, Slip, Task
from assistant.demos.batchnorm import batchnorm


def batch_norm_backward(
    dout: np.ndarray, x: np.ndarray, gamma: np.ndarray, eps: float = 1e-5
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return dx [N, D], dgamma [D] and dbeta [D] from dout [N, D], for y = gamma * x_hat + beta in training."""
    inv_std = 1 / np.sqrt(x.var(axis=0) + eps)
    x_hat = (x - x.mean(axis=0)) * inv_std
    dbeta = dout.sum(axis=0)
    dgamma = (dout * x_hat).sum(axis=0)
    dx_hat = dout * gamma
    mean_path = dx_hat.mean(axis=0)
    var_path = x_hat * (dx_hat * x_hat).mean(axis=0)
    dx = inv_std * (dx_hat - mean_path - var_path)
    return dx, dgamma, dbeta


def _check(name: str, zh: str, en: str, dout: Array, x: Array, gamma: Array, eps: float = 1e-5) -> Check:
    numbers = batchnorm(x=x.tolist(), gamma=gamma.tolist(), eps=eps, dout=dout.tolist()).numbers
    arguments = {"dout": dout, "x": x, "gamma": gamma, "eps": eps}
    return Check(name, Said(zh, en), arguments, (numbers["dx"], numbers["dgamma"], numbers["dbeta"]))


def _checks() -> tuple[Check, ...]:
    random = np.random.default_rng(1)
    x, dout = random.normal(2, 3, (6, 3)), random.normal(size=(6, 3))
    small = np.array([[1.0], [2.0], [6.0]])
    ones = np.ones(1)
    return (
        _check(
            "one_feature",
            "3 个样本、1 个特征",
            "3 samples of 1 feature",
            np.array([[1.0], [0.0], [0.0]]),
            small,
            ones,
        ),
        _check(
            "constant",
            "上游梯度全相同：dx 应当是 0",
            "equal upstream gradients: dx is 0",
            np.ones((3, 1)),
            small,
            ones,
        ),
        _check("gamma", "γ 不是 1", "a γ other than 1", dout, x, np.array([0.5, 2.0, -1.5])),
        _check("eps", "较大的 ε", "a large ε", dout, x, np.ones(3), 0.5),
        _check("pair", "一批只有 2 个样本", "a batch of 2", dout[:2], x[:2], np.ones(3)),
    )


TASK = Task(
    name="batch_norm_backward",
    title=Said("手写 BN 的反向传播", "The backward pass of batch normalisation"),
    statement=Said(
        "BN 的前向（训练模式）是 x_hat = (x − 均值) / sqrt(方差 + eps)，y = gamma * x_hat + beta，\n"
        "均值和有偏方差沿 batch 维（axis 0）统计。给定上游梯度 dout [N, D]、输入 x [N, D] 和\n"
        "gamma [D]，返回 (dx, dgamma, dbeta)。注意均值和方差都是 x 的函数。",
        "In training BN computes x_hat = (x − mean) / sqrt(var + eps) and y = gamma * x_hat + beta,\n"
        "with the mean and the biased variance over the batch (axis 0). Given the upstream gradient\n"
        "dout [N, D], the input x [N, D] and gamma [D], return (dx, dgamma, dbeta).\n"
        "Mind that mean and variance are functions of x.",
    ),
    solution=batch_norm_backward,
    checks=_checks,
    topics=(
        "bn & 反向",
        "bn & 求导",
        "bn & 梯度",
        "bn & 反传",
        "批归一化 & 反向",
        "批归一化",
        "batch norm & backward",
        "batch norm & gradient",
        "batch normalization & backpropagation",
        "backpropagation & batch normalization",
        "batch normalization",
    ),
    terms=("均值", "方差", "路径", "反向", "求导", "归一化", "γ", "gamma", "mean", "variance", "backward"),
    hints=(
        Said(
            "先求最简单的：dbeta = Σ dout，dgamma = Σ dout · x_hat。",
            "The easy ones first: dbeta = Σ dout, dgamma = Σ dout · x_hat.",
        ),
        Said(
            "x 通过三条路径影响 x_hat：自身、均值、方差。三条路径的梯度要加起来。",
            "x reaches x_hat by three paths: itself, the mean and the variance. Their gradients add up.",
        ),
        Said(
            "化简后 dx = (dx_hat − mean(dx_hat) − x_hat · mean(dx_hat · x_hat)) / sqrt(var + eps)，其中 "
            "dx_hat = dout · gamma。",
            "Simplified: dx = (dx_hat − mean(dx_hat) − x_hat · mean(dx_hat · x_hat)) / sqrt(var + eps), "
            "dx_hat = dout · gamma.",
        ),
    ),
    slips=(
        Slip(
            "one_feature",
            Said(
                "漏了经过均值的那条路径：dx 在 batch 上的和应当是 0。",
                "The path through the mean is missing: dx sums to 0 over the batch.",
            ),
            "(dx_hat - mean_path - var_path)",
            "(dx_hat - var_path)",
        ),
        Slip(
            "one_feature",
            Said("漏了经过方差的那条路径。", "The path through the variance is missing."),
            "(dx_hat - mean_path - var_path)",
            "(dx_hat - mean_path)",
        ),
        Slip(
            "one_feature",
            Said(
                "把均值和方差当成了常数，那是推理模式的反向。",
                "Mean and variance are taken for constants, as in evaluation mode.",
            ),
            "(dx_hat - mean_path - var_path)",
            "dx_hat",
        ),
        Slip(
            "gamma",
            Said("dx 里漏乘了 γ。", "γ is missing in dx."),
            "    dx_hat = dout * gamma",
            "    dx_hat = dout",
        ),
        Slip(
            "gamma",
            Said("dgamma 要乘归一化之后的 x_hat，不是 x。", "dgamma takes the normalised x_hat and not x."),
            "(dout * x_hat).sum(axis=0)",
            "(dout * x).sum(axis=0)",
        ),
        Slip(
            "gamma",
            Said(
                "dgamma 和 dbeta 要在 batch 上求和，不是取平均。",
                "dgamma and dbeta are sums over the batch, not means.",
            ),
            "    return dx, dgamma, dbeta",
            "    return dx, dgamma / len(x), dbeta / len(x)",
        ),
        Slip(
            "one_feature",
            Said(
                "用了无偏方差（除以 N − 1）；BN 归一化用的是有偏方差。",
                "The variance is the unbiased one; BN normalises by the biased.",
            ),
            "x.var(axis=0)",
            "x.var(axis=0, ddof=1)",
        ),
        Slip("eps", Said("漏了 ε。", "ε is missing."), "x.var(axis=0) + eps", "x.var(axis=0)"),
    ),
    follow_up=Said(
        "为什么 dx 在 batch 上的和是 0？这对 BN 前面那层卷积的 bias 意味着什么？",
        "Why does dx sum to 0 over the batch, and what does that mean for the bias of the layer before?",
    ),
    follow_up_answer=Said(
        "给一列 x 整体加一个常数，减均值后输出不变，所以沿这个方向的导数是 0，也就是 dx 之和为 0。"
        "前一层的 bias 正是这样一个常数，它的梯度恒为 0，可以不要。",
        "Adding a constant to a column of x changes nothing once the mean is taken off, so the "
        "derivative along that "
        "direction, the sum of dx, is 0. A bias of the layer before is such a constant: its gradient is "
        "0, leave it out.",
    ),
    returns=("dx", "dgamma", "dbeta"),
)
