"""How a question says a kernel and its points: RBF 核 γ=0.5 在点 0,1,3 上是不是半正定."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from assistant.demo_kit.parameters import Demonstration
from assistant.demo_kit.question import Facts
from assistant.demo_kit.slots import Spoken, fill
from assistant.demo_parts.kernels import Name

_KERNELS: Mapping[Name, tuple[str, ...]] = {
    "rbf": ("rbf", "gaussian kernel", "高斯核", "径向基"),
    "polynomial": ("polynomial", "多项式核", "poly kernel"),
    "laplacian": ("laplacian", "laplace kernel", "拉普拉斯核"),
    "sigmoid": ("sigmoid", "tanh kernel", "tanh核"),
    "linear": ("linear kernel", "线性核"),
    "one_plus_sqdist": ("1+|x-y|^2", "1+(x-y)^2", "1 + |x-y|^2", "1 + (x-y)^2", "1+||x-y||^2", "one plus sqdist"),
    "neg_sqdist": ("-|x-y|^2", "-(x-y)^2", "-||x-y||^2", "neg sqdist", "负平方距离", "negative squared distance"),
    "min": ("min(x,y)", "min(x, y)", "min kernel", "min核"),
}  # fmt: skip
_SPOKEN: Spoken = {
    "kernel": _KERNELS,
    "gamma": ("gamma", "γ"),
    "degree": ("degree", "次数", "阶数", "{}次", "{}阶", "d"),
    "coef0": ("coef0", "r", "常数项", "c"),
}
_DEFINITE = (
    "半正定", "正定", "positive semidefinite", "positive semi definite", "positive definite", "psd", "mercer",
    "gram", "格拉姆", "核矩阵", "kernel matrix", "valid kernel", "合法", "有效的核", "是不是核", "是核函数吗",
)  # fmt: skip


def read_kernel(demo: Demonstration, facts: Facts) -> dict[str, Any] | None:
    """Return kernel, points and constants of a question about the definiteness of a kernel."""
    named = facts.which(_KERNELS)
    about = facts.says("核", "kernel", "mercer") or (named and facts.says("gram", "格拉姆"))
    # The Gram matrix of style transfer and the Hessian of a loss are no kernels.
    other = facts.says(
        "style", "风格", "hessian", "海森", "黑塞", "协方差", "卷积核", "牛顿", "newton", "cuda", "gpu"
    )
    if not about or not facts.says(*_DEFINITE) or other:
        return None
    found = fill(demo, _SPOKEN, facts)
    points = facts.matrix() or next(
        (some for read in (facts.vector, facts.numbers) if len(some := read(*_POINTS) or []) > 1), None
    )
    if points := points or facts.vector():
        found["points"] = points
    return _EXAMPLES.get(named[0], found) if list(found) == ["kernel"] else found


_POINTS = ("points", "point", "点", "x", "data", "数据", "样本", "用", "在", "on")


#: Shown where a question names the kernel alone.
_EXAMPLES: dict[Name, dict[str, Any]] = {
    # The smallest counter-example: K_11 = 0 beside K_12 != 0.
    "sigmoid": {"kernel": "sigmoid", "gamma": 1, "coef0": -1, "points": [1, 2]},
    # The Gaussian of width 1.
    "rbf": {"kernel": "rbf", "gamma": 0.5},
}
