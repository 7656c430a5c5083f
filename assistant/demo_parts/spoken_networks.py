"""What a question says about deep random networks: activation, depth, initialisation and extras."""

from __future__ import annotations

from typing import Any

from assistant.demo_kit.question import Facts
from assistant.demo_parts.batch_norm import SPOKEN as BATCH_NORM
from assistant.demo_parts.deep_networks import Unit

SPOKEN_UNITS: tuple[tuple[Unit, tuple[str, ...]], ...] = (
    ("leaky_relu", ("leaky relu", "lrelu")),
    ("sigmoid", ("sigmoid",)),
    ("tanh", ("tanh", "双曲正切")),
    ("gelu", ("gelu",)),
    ("selu", ("selu",)),
    ("silu", ("silu", "swish")),
    ("elu", ("elu",)),
    ("relu", ("relu",)),
    ("linear", ("linear network", "线性网络", "线性激活", "linear activation")),
)


_FLOW = (
    "梯度消失", "梯度爆炸", "梯度弥散", "梯度会消失", "梯度会爆炸", "vanishing gradient", "exploding gradient",
    "vanish", "explode", "gradient vanish", "gradient explode", "gradient flow", "gradients vanish", "梯度流",
    "梯度传播", "梯度会不会消失", "vanishing", "exploding", "梯度衰减",
)  # fmt: skip
_RESIDUAL = ("残差", "residual", "skip connection", "跳跃连接", "shortcut", "resnet")
_ELSEWHERE = (
    "rnn", "lstm", "gru", "循环", "裁剪", "clip", "clipping", "gan", "判别器", "生成器", "transformer", "attention",
    "注意力",
)  # fmt: skip
_SPOKEN_INITS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("he", ("he init", "he initialization", "kaiming", "he初始化", "he 初始化")),
    ("xavier", ("xavier", "glorot")),
    ("lecun", ("lecun",)),
    ("orthogonal", ("orthogonal", "正交")),
)


def read_gradient_flow(facts: Facts) -> dict[str, Any] | None:
    """Return network and depth that a question about vanishing or exploding gradients names."""
    if facts.says(*_ELSEWHERE):
        return None
    found: dict[str, Any] = {}
    unit = next((name for name, words in SPOKEN_UNITS if facts.says(*words)), None)
    if unit:
        found["activation"] = unit
    depth = facts.count("层", "layer", "hidden layer", "relu layer", "sigmoid layer", "tanh layer")
    if depth is None:
        depth = facts.count(*(f"层{word}" for _, words in SPOKEN_UNITS for word in words), "depth", "深度")
    if depth is not None and 1 <= depth <= 100:
        found["depth"] = depth
    if facts.says(*_RESIDUAL):
        found["residual"] = True
    if facts.says(*BATCH_NORM):
        found["batchnorm"] = True
    init = next((name for name, words in _SPOKEN_INITS if facts.says(*words)), None)
    if init:
        found["init"] = init
    # "The effect of residual on 50 ReLU layers" asks for gradients without the word.
    is_network = {"activation", "depth", "residual"} <= found.keys()
    return found if facts.says(*_FLOW) or is_network else None


_INIT = (
    "初始化", "init", "initialize", "initialise", "initialization", "initialisation", "xavier", "glorot",
    "kaiming", "lecun", "lsuv", "calculate gain", "fan in", "fan out",
)  # fmt: skip
_SCHEMES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("lsuv", ("lsuv",)),
    ("kaiming", ("kaiming", "he init", "he initialization", "he初始化", "he 初始化", "何恺明初始化")),
    ("xavier", ("xavier", "glorot")),
    ("lecun", ("lecun",)),
    ("orthogonal", ("orthogonal init", "orthogonal initialization", "正交初始化")),
)
_NOT_WEIGHTS = (
    "聚类", "k-means", "kmeans", "centroid", "em算法", "gmm", "随机种子", "learning rate init", "warmup", "lenet",
    "word2vec", "embedding", "词向量", "对比学习",
)  # fmt: skip


def read_init_variance(facts: Facts) -> dict[str, Any] | None:
    """Return scheme, activation, fans and depth that a question about initialisation names."""
    if not facts.says(*_INIT) or facts.says(*_NOT_WEIGHTS) or facts.says(*_FLOW):
        return None
    found: dict[str, Any] = {}
    schemes = [name for name, words in _SCHEMES if facts.says(*words)]
    if len(schemes) == 1:
        uniform = facts.says("uniform", "均匀") and schemes[0] in ("kaiming", "xavier")
        plain = {"orthogonal": "orthogonal", "lsuv": "lsuv"}.get(schemes[0], f"{schemes[0]}_normal")
        found["scheme"] = f"{schemes[0]}_uniform" if uniform else plain
    unit = next((name for name, words in SPOKEN_UNITS if facts.says(*words)), None)
    if unit:
        found["activation"] = unit
    if unit == "leaky_relu":
        slope = facts.number("negative slope", "负斜率", "斜率", "slope", "alpha", "leaky relu")
        if slope is not None and 0 <= slope <= 10:
            found["negative_slope"] = slope
    fans = {name: facts.number(name) for name in ("fan_in", "fan_out")}
    found |= {name: fan for name, fan in fans.items() if isinstance(fan, int) and 1 <= fan <= 1_000_000}
    if found.keys() & fans.keys():
        if found.get("scheme", "kaiming").startswith("kaiming") and "fan_in" not in found:
            found["mode"] = "fan_out"
    elif (sizes := facts.sizes()) and found.get("scheme", "").startswith("kaiming"):
        channels = facts.count("通道", "channel", "个卷积核", "filter", "卷积核", "kernel")
        if channels and len(sizes) == 1:
            # He et al. count the filters: fan_out = k² · filters.
            found |= {"mode": "fan_out", "fan_out": sizes[0][0] * sizes[0][1] * channels}
    depth = facts.count("层", "layer") or facts.count("depth", "深度")
    if depth is not None and 1 <= depth <= 50:
        found["depth"] = depth
    width = facts.number("width", "宽度")
    if isinstance(width, int) and 8 <= width <= 512:
        found["width"] = width
    std = facts.number("std", "标准差", "standard deviation")
    if not schemes and std is not None and 0 < std <= 10:
        found["fixed_std"] = std
    asked = (
        "方差", "variance", "标准差", "std", "standard deviation", "gain", "增益", "bound", "范围", "多少", "算",
        "what does", "compute", "calculate", "多大", "公式", "推导", "derive",
    )  # fmt: skip
    # A name alone asks for words; a number or one of these asks for computing.
    is_computing = facts.says(*asked) or bool(found.keys() - {"scheme", "activation"})
    return found if is_computing else None
