"""What a question says about deep random networks: activation, depth, initialisation and extras."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from assistant.demo_kit.parameters import Demonstration
from assistant.demo_kit.question import Facts
from assistant.demo_kit.slots import Spoken, fill
from assistant.demo_parts.batch_norm import SPOKEN as BATCH_NORM
from assistant.demo_parts.deep_networks import Unit
from assistant.demo_parts.spoken_costs import channels

SPOKEN_UNITS: Mapping[Unit, tuple[str, ...]] = {
    "leaky_relu": ("leaky relu", "lrelu"),
    "sigmoid": ("sigmoid", "logistic"),
    "tanh": ("tanh", "双曲正切"),
    "gelu": ("gelu",),
    "selu": ("selu",),
    "silu": ("silu", "swish"),
    "elu": ("elu",),
    "relu": ("relu",),
    "linear": (
        "linear", "linear network", "线性网络", "线性激活", "linear activation", "线性层", "线性",
    ),
}  # fmt: skip
_DEPTH = (
    "depth", "深度", "{}层", "{}layer", "{}hidden layer", "{}层的",
    *(f"{{}}{word} layer" for words in SPOKEN_UNITS.values() for word in words if word.isascii()),
    *(f"{{}}层{word}" for words in SPOKEN_UNITS.values() for word in words),
)  # fmt: skip


_FLOW = re.compile(
    r"梯度[^。.;?？]{0,14}(?:消失|爆炸|弥散|衰减)|梯度(?:传播|流)|(?:消失|爆炸)[^，。,.;?？]{0,4}梯度|(?<![a-z])(?:vanish|explod)(?:es?|ing|ed)?(?![a-z])"
    r"|gradient[\s-]?flow"
)
_RESIDUAL = ("残差", "residual", "skip connection", "跳跃连接", "shortcut", "resnet")
_ELSEWHERE = (
    "rnn", "lstm", "gru", "循环", "裁剪", "clip", "clipping", "gan", "判别器", "生成器", "transformer", "attention",
    "注意力",
)  # fmt: skip
_HE = (
    "kaiming", "he init", "he initialization", "he initialisation", "he normal", "he uniform", "he初始化", "he 初始化",
    "何恺明初始化", "he正态", "he均匀",
)  # fmt: skip
_FLOW_SPOKEN: Spoken = {
    "activation": SPOKEN_UNITS,
    "init": {
        "he": _HE,
        "xavier": ("xavier", "glorot"),
        "lecun": ("lecun",),
        "orthogonal": ("orthogonal", "正交"),
    },
    "scale": (
        "scale", "scaled", "scaled by", "scaling", "权重乘", "权重乘以", "放大", "缩放", "缩小到", "factor",
    ),
    "depth": _DEPTH,
    "width": ("width", "宽度", "每层", "{}units", "{}个神经元", "{}neurons"),
    "residual": _RESIDUAL,
    "batchnorm": BATCH_NORM,
}  # fmt: skip
_NORMS = ("梯度范数", "梯度的范数", "梯度大小", "gradient norm", "norm of the gradient", "gradient magnitude")


def read_gradient_flow(demo: Demonstration, facts: Facts) -> dict[str, Any] | None:
    """Return network and depth that a question about vanishing or exploding gradients names."""
    if facts.says(*_ELSEWHERE):
        return None
    found = fill(demo, _FLOW_SPOKEN, facts)
    # "The effect of residual on 50 ReLU layers" asks for gradients without the word.
    is_network = {"activation", "depth", "residual"} <= found.keys()
    is_flow = _FLOW.search(facts.text) is not None or (facts.says(*_NORMS) and bool(found))
    return found if is_flow or is_network else None


_INIT = (
    "初始化", "init", "initialize", "initialise", "initialization", "initialisation", "xavier", "glorot",
    "kaiming", "lecun", "lsuv", "calculate gain", "fan in", "fan out",
)  # fmt: skip
_SCHEMES: Mapping[str, tuple[str, ...]] = {
    "lsuv": ("lsuv",),
    "kaiming": _HE,
    "xavier": ("xavier", "glorot"),
    "lecun": ("lecun",),
    "orthogonal": ("orthogonal init", "orthogonal initialization", "正交初始化", "orthogonal", "正交"),
}
_INIT_SPOKEN: Spoken = {
    "activation": SPOKEN_UNITS,
    "fan_in": ("fan in", "输入维度", "输入神经元", "输入单元"),
    "fan_out": ("fan out", "输出维度", "输出神经元", "输出单元"),
    "depth": _DEPTH,
    "width": ("width", "宽度", "每层", "{}units", "{}个神经元", "{}neurons"),
    "input_var": ("input variance", "input var", "输入方差"),
    "fixed_std": ("std", "标准差", "standard deviation", "σ", "sigma"),
}
_SLOPE = ("negative slope", "负斜率", "斜率", "slope", "alpha", "leaky relu")
_ASKED = (
    "方差", "variance", "标准差", "std", "standard deviation", "gain", "增益", "bound", "范围", "多少", "算",
    "what does", "compute", "calculate", "多大", "公式", "推导", "derive",
)  # fmt: skip
_NOT_WEIGHTS = (
    "聚类", "k-means", "kmeans", "centroid", "em算法", "gmm", "随机种子", "learning rate init", "warmup", "lenet",
    "word2vec", "embedding", "词向量", "对比学习",
)  # fmt: skip


def read_init_variance(demo: Demonstration, facts: Facts) -> dict[str, Any] | None:
    """Return scheme, activation, fans and depth that a question about initialisation names."""
    if not facts.says(*_INIT) or facts.says(*_NOT_WEIGHTS) or facts.says(*_NORMS) or _FLOW.search(facts.text):
        return None
    found = fill(demo, _INIT_SPOKEN, facts)
    schemes = facts.which(_SCHEMES)
    if len(schemes) == 1:
        spread = "uniform" if facts.says("uniform", "均匀") else "normal"
        found["scheme"] = {
            "kaiming": f"kaiming_{spread}",
            "xavier": f"xavier_{spread}",
            "lecun": "lecun_normal",
        }.get(schemes[0], schemes[0])
    if schemes:  # the standard deviation is what such a rule gives
        found.pop("fixed_std", None)
    if found.get("activation") == "leaky_relu" and (slope := facts.number(*_SLOPE)) is not None:
        found["negative_slope"] = slope
    if "fan_in" in found or "fan_out" in found:
        if found.get("scheme", "kaiming").startswith("kaiming") and "fan_in" not in found:
            found["mode"] = "fan_out"
    elif not facts.sizes() and len(ends := channels(facts)) == 2:
        found |= {"fan_in": ends[0], "fan_out": ends[1]}
        found.pop("width", None)
    elif (sizes := facts.sizes()) and found.get("scheme", "").startswith("kaiming"):
        filters = facts.count("输出通道", "output channel", "个输出通道") or facts.count(
            "通道", "channel", "个卷积核", "filter", "卷积核", "kernel"
        )
        if filters and len(sizes) == 1:
            # He et al. count the filters: fan_out = k² · filters.
            found |= {"mode": "fan_out", "fan_out": sizes[0][0] * sizes[0][1] * filters}
    # A name alone asks for words; a number or one of these asks for computing.
    is_computing = facts.says(*_ASKED) or bool(found.keys() - {"scheme", "activation"})
    return found if is_computing else None
