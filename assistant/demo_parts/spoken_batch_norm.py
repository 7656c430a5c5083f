"""What a question says about batch normalisation: which of its demos it asks for, and their arguments."""

from __future__ import annotations

import re
from typing import Any

from assistant.demo_kit.parameters import Demonstration
from assistant.demo_kit.question import Facts
from assistant.demo_kit.slots import Spoken, fill
from assistant.demo_parts.batch_norm import EXAMPLE, LARGEST_H, SMALLEST_H, SPOKEN

_CHECKED = (
    "数值检验", "数值验证", "数值梯度", "数值求导", "数值微分", "梯度检验", "梯度检查", "梯度验证", "gradient check",
    "gradient checking", "gradcheck", "grad check", "numerical gradient", "numeric gradient", "numerically",
    "finite difference", "有限差分", "差分", "推导对不对", "推导对吗",
)  # fmt: skip
#: Other demos of batch normalisation, and questions that only mention it.
_NO_PASS = (
    "噪声", "noise", "正则", "regularization", "regularizer", "noisy", "不准", *_CHECKED,
    "dropout", "layer norm", "layernorm", "ln", "group norm", "gn", "instance norm", "in norm", "梯度消失", "vanishing",
    "gradient flow", "融合", "fuse", "fold", "折叠",
    "消失", "爆炸", "vanish", "explode", "计算量", "flops", "忘", "忽略", "漏", "forget", "ignore",
)  # fmt: skip
_COMPUTED = (
    "计算", "算一下", "手算", "怎么算", "前向", "反向", "推导", "forward", "backward", "compute", "calculate",
    "calculation", "derive", "backprop", "normalize", "梯度", "gradient",
)  # fmt: skip


_SPOKEN: Spoken = {
    "gamma": ("gamma", "γ"),
    "beta": ("beta", "β"),
    "eps": ("eps", "epsilon", "ε"),
    "momentum": ("momentum", "动量"),
    "running_mean": ("running mean", "moving mean", "滑动均值", "移动平均均值", "全局均值"),
    "running_var": ("running var", "running variance", "moving variance", "滑动方差", "移动平均方差", "全局方差"),
    "training": {
        False: (
            "eval mode", "eval", "inference", "test mode", "at test time",
            "推理", "推理时", "推理模式", "测试模式", "测试时", "预测时",
        ),
    },
}  # fmt: skip


def read_batchnorm(demo: Demonstration, facts: Facts) -> dict[str, Any] | None:
    """Return batch, upstream gradient and parameters that a question about computing BN names."""
    if not facts.says(*SPOKEN) or facts.says(*_NO_PASS):
        return None
    before, word, after = _split(facts.text, r"upstream|dout|上游|输出梯度|回传")
    matrix = Facts(before).matrix()
    if matrix is None and not facts.says(*_COMPUTED):
        return None
    found = fill(demo, _SPOKEN, facts)
    if matrix is None:  # the example is no inference of theirs
        found.pop("training", None)
    else:
        found["x"] = matrix
    shape = (len(matrix), len(matrix[0])) if matrix else (len(EXAMPLE), len(EXAMPLE[0]))
    upstream = Facts(after).matrix() if word else None
    if upstream is not None and (matrix or (len(upstream), len(upstream[0])) == shape):
        found["dout"] = upstream
    elif word and re.search(r"all[\s-]?ones|全(?:为|是)?\s?1|都(?:为|是)\s?1|(?<![a-z])ones", after):
        found["dout"] = [[1.0] * shape[1] for _ in range(shape[0])]
    return found


def _split(text: str, pattern: str) -> tuple[str, str, str]:
    found = re.search(pattern, text)
    return (text[: found.start()], found[0], text[found.end() :]) if found else (text, "", "")


_FORGOTTEN = (
    "forget", "ignore", "leave out", "omit", "without the variance path", "忘", "忽略", "漏", "不考虑", "当常数",
    "当成常数", "看成常数", "视为常数",
)  # fmt: skip
_PATHS = ("path", "gradient", "backward", "路径", "支路", "梯度", "反向", "求导", "常数")


def read_bn_gradcheck(facts: Facts) -> dict[str, Any] | None:
    """Return batch, step and formula that a question about checking BN's gradient names."""
    forgets = facts.says(*_FORGOTTEN) and facts.says(*_PATHS)
    of_variance, of_mean = facts.says("var", "variance", "方差"), facts.says("mean", "均值")
    if not (
        facts.says(*SPOKEN) and (facts.says(*_CHECKED) or (forgets and (of_variance or of_mean)))
    ) and not (
        # "What if I forget the variance path" follows a question about BN; no other gradient has one.
        facts.says(*_FORGOTTEN) and facts.says("variance path", "方差路径", "方差支路", "方差那条路径")
    ):
        return None
    found: dict[str, Any] = {}
    matrix = facts.matrix()
    if matrix is not None:
        found["x"] = matrix
    if forgets and of_variance:
        found["formula"] = "ignore_mean_var" if of_mean else "ignore_var"
    h = facts.number("h", "步长", "step size", "step")
    if h is not None and SMALLEST_H <= h <= LARGEST_H:
        found["h"] = h
    eps = facts.number("eps", "epsilon", "ε")
    if eps is not None and 0 < eps <= 1:
        found["eps"] = eps
    return found


_NOISY = (
    "噪声", "噪音", "noise", "noisy", "正则化", "正则", "regularization", "regularisation", "regularizer",
    "regulariser", "regularize", "不准", "有多准", "不稳定", "抖动", "波动", "fluctuate", "fluctuation", "inaccurate",
)  # fmt: skip
_SIZES = ("batch size", "批大小", "批量大小", "批次大小", "batch")
_NO_NOISE = ("dropout", "权重衰减", "weight decay", "gan", "label smoothing", "标签平滑", "l1", "l2")
_STATISTICS = ("统计量", "statistics", "估计", "estimate", "estimates", "batch mean", "batch variance")
_NOISE_SPOKEN: Spoken = {
    "batch_sizes": _SIZES,
    "sigma": ("sigma", "σ", "标准差", "std", "standard deviation"),
    "n_trials": ("n trials", "{}trials", "{}次试验", "{}次", "{}次采样", "{}次模拟"),
    "seed": ("seed", "随机种子"),
}


def read_bn_noise(demo: Demonstration, facts: Facts) -> dict[str, Any] | None:
    """Return the batch sizes and sigma that a question about the noise of BN's statistics names."""
    if not facts.says(*SPOKEN) or facts.says(*_NO_NOISE):
        return None
    asks_size = facts.says(*_SIZES[:-1]) and facts.says(
        "影响", "effect", "impact", "small", "太小", "很小", "过小", "变小", "小"
    )
    found = fill(demo, _NOISE_SPOKEN, facts)
    asks_size = asks_size or ("batch_sizes" in found and facts.says(*_STATISTICS))
    return found if facts.says(*_NOISY) or asks_size else None
