"""The figures of the worked examples on losses, optimizers, normalization and convolution, the first ten notes.

Each is found by another road than its note takes: minima by search, gradients by differences, receptive fields
by following positions backwards. The functions return fragments of the notes' text; they do not read the notes.

The file is long because every note brings one function with the arithmetic of its example.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Sequence
from functools import partial
from itertools import product
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

Array = NDArray[np.float64]
Layer = tuple[int, int, int, int]  # kernel, stride, padding, dilation


def minimum(loss: Callable[[Array], Array], low: float, high: float, step: float) -> float:
    """Return the grid point at which `loss` is least."""
    grid: Array = low + step * np.arange(round((high - low) / step) + 1, dtype=np.float64)
    return round(float(grid[np.argmin(loss(grid))]), 6)


def slope(f: Callable[[float], float], at: float, h: float = 1e-4) -> float:
    """Return a central difference."""
    return (f(at + h) - f(at - h)) / (2 * h)


def row(values: Sequence[float] | Array, spec: str = "g") -> str:
    return "(" + ", ".join(format(float(v) + 0.0, spec) for v in values) + ")"


def l1_vs_l2_loss() -> list[str]:
    clean, dirty = [1.0, 2, 3, 4], [1.0, 2, 3, 4, 100]

    def best(loss: Callable[[Array], Array]) -> float:
        return minimum(lambda c: sum((loss(c - y) for y in dirty), np.zeros_like(c)), 0, 100, 0.5)

    def pull(loss: Callable[[float], float], labels: Sequence[float]) -> float:
        return sum(slope(loss, 3.0 - y) for y in labels)

    def squared(r: float) -> float:
        return r * r

    mean, median = best(np.square), best(np.abs)
    assert np.mean(clean) == np.median(clean) == 2.5
    assert {round(abs(pull(abs, [y])), 6) for y in dirty if y != 3} == {1}
    assert pull(abs, [3]) == 0
    return [
        "1、2、3、4、100,其中 100 是离群点",
        f"均值 {mean:g},L1 loss 的最优常数是中位数 {median:g};去掉离群点 100 后,均值和中位数都是 2.5",
        f"L2 的答案移动了 {mean - 2.5:g},只使 L1 的答案移动了 {median - 2.5:g}",
        f"在 $c=3$ 处,离群点的 L2 梯度是 {pull(squared, [100]):.6g},"
        f"其余四个样本的 L2 梯度之和是 {pull(squared, clean):.6g}",
        f"在 $c=3$ 处,离群点的 L1 梯度是 {pull(abs, [100]):.6g},和其它残差不为 0 的样本的梯度一样大",
        "像素值归一化到 0 到 1 时",
        *(f"MSE 为 {mse} 对应 PSNR {-10 * math.log10(mse):g} dB" for mse in (0.01, 0.001)),
    ]


def l1_vs_l2_regularization() -> list[str]:
    def shrink(a: float, penalty: Callable[[Array], Array]) -> float:
        return minimum(lambda w: (w - a) ** 2 / 2 + penalty(w), -4, 4, 0.05)

    a = (3, 0.5, -0.8, -2)
    lasso = [shrink(value, np.abs) for value in a]
    ridge = [shrink(value, lambda w: w**2 / 2) for value in a]
    decay = np.cumprod(np.full(50, 1 - 0.1))
    walk = [0.25]
    for _ in range(4):
        walk.append(round(walk[-1] - math.copysign(0.1, walk[-1]), 12))
    assert round(1 - 10 * 0.1, 12) == 0

    features = np.array([[1, 1, 1], [1, -1, -1], [-1, 1, -1], [-1, -1, 1]])
    least, labels = (3, 0.5, -2), features @ (3, 0.5, -2)
    grid = np.array(list(product(np.arange(-4, 4.5, 0.5), repeat=3)))

    def penalised(w: Array, strength: float) -> Array:
        half_mse = np.mean((labels - w @ features.T) ** 2, axis=-1) / 2
        return np.asarray(half_mse + strength * np.abs(w).sum(axis=-1))

    def lasso_of(strength: float) -> Array:
        return np.asarray(grid[np.argmin(penalised(grid, strength))])

    assert (features.T @ features == 4 * np.eye(3)).all()
    assert not features.sum(axis=0).any()
    assert lasso_of(0).tolist() == list(least)
    vanishes = next(strength for strength in range(10) if not lasso_of(strength + 1e-6).any())
    step = 0.005 * np.eye(3)[0]  # just before, a small step away from 0 still pays
    assert penalised(step, vanishes - 0.01) < penalised(0 * step, vanishes - 0.01)
    return [
        "$a=(3,\\ 0.5,\\ -0.8,\\ -2)$,正则强度 $\\lambda=1$",
        f"L1 正则化的解是 {row(lasso)}:绝对值不超过 1 的两个权重精确为 0,另外两个各减小 1",
        f"L2 正则化的解是 {row(ridge)}:每个权重都减半,没有一个为 0",
        f"四个样本的特征是 {features.tolist()},各列均值为零、两两正交,"
        f"标签是 {row(labels)},最小二乘的权重是 {row(least)}",
        f"$\\lambda=1$ 的 lasso 得到 {row(lasso_of(1))},$\\lambda$ 增大到 {vanishes} 时全部权重变成 0",
        f"从 $w=1$ 出发、$\\eta\\lambda=0.1$:L2 正则化走 10 步后剩 {decay[9]:.4f},"
        f"走 50 步后剩 {decay[49]:.5f},始终大于 0",
        "L1 正则化每步减 0.1,走 10 步正好到 0",
        f"直接用次梯度下降会越过 0:从 $w={walk[0]}$ 出发、步长 0.1,权重依次是 {'、'.join(map(str, walk[1:]))}",
        f"在 {walk[2]} 和 {walk[3]} 之间震荡,要用软阈值(近端梯度)才能得到精确的 0",
    ]


def checkerboard_artifacts() -> list[str]:
    def cover(kernel: int, inputs: int = 5, stride: int = 2) -> list[int]:
        hits = np.zeros((inputs - 1) * stride + kernel, int)
        for i in range(inputs):
            hits[i * stride : i * stride + kernel] += 1
        return hits.tolist()

    def inner(kernel: int) -> list[int]:
        """The counts that occur in the plane, away from the border, largest first."""
        line = cover(kernel, inputs=12)[8:16]
        return sorted(set(np.outer(line, line).ravel().tolist()), reverse=True)

    three, four, five = inner(3), inner(4), inner(5)
    assert cover(3, inputs=12)[8:16] == [2, 1] * 4
    assert set(cover(4)[2:-2]) == {2}
    assert cover(5, inputs=12)[8:16] == [3, 2] * 4
    return [
        "取 5 个全为 1 的输入、全为 1 的 kernel、stride 为 2、padding 为 0",
        f"kernel 为 3 时,输出长度是 {len(cover(3))},覆盖次数是 {' '.join(map(str, cover(3)))},内部按 2 和 1 交替",
        f"kernel 为 4 时,输出长度是 {len(cover(4))},覆盖次数是 {' '.join(map(str, cover(4)))},内部全部是 2",
        "kernel 为 5 时,内部的覆盖次数按 3 和 2 交替",
        f"二维、stride 为 2 时,kernel 3×3 的内部覆盖次数是 {'、'.join(map(str, three))} 三种,"
        f"最大与最小之比是 {three[0] / three[-1]:g}",
        f"kernel 5×5 的内部覆盖次数是 {'、'.join(map(str, five))} 三种,"
        f"最大与最小之比是 {five[0] / five[-1]:g}",
        f"kernel 4×4 的内部覆盖次数全部是 {'、'.join(map(str, four))}",
    ]


def optimizers() -> list[str]:
    lr, (g, h) = 0.1, (0.5, 0.1)
    ada, rms = (g, math.hypot(g, h)), (math.sqrt(0.1) * g, math.sqrt(0.09 * g**2 + 0.1 * h**2))
    mean = (0.9 * 0.1 * g + 0.1 * h) / (1 - 0.9**2)
    size = math.sqrt((0.999 * 0.001 * g**2 + 0.001 * h**2) / (1 - 0.999**2))
    steps = {
        "SGD": (g, h),
        "Momentum": (g, 0.9 * g + h),
        "Nesterov": (g + 0.9 * g, h + 0.9 * (0.9 * g + h)),
        "AdaGrad": (g / ada[0], h / ada[1]),
        "RMSProp": (g / rms[0], h / rms[1]),
        "Adam": (g / g, mean / size),
    }
    constant = [lr / math.sqrt(t) for t in range(1, 101)]
    kappa = 100.0
    rate = minimum(lambda eta: np.maximum(abs(1 - eta), abs(1 - eta * kappa)), 0, 0.1, 1e-6)
    # Heavy ball at its best step and momentum (Polyak 1964): the roots of its recurrence, per curvature.
    mu = ((math.sqrt(kappa) - 1) / (math.sqrt(kappa) + 1)) ** 2
    eta = 4 / (math.sqrt(kappa) + 1) ** 2
    radius = [max(abs(np.roots([1, -(1 + mu - eta * c), mu]))) for c in (1.0, 10.0, kappa)]
    assert radius == pytest.approx([math.sqrt(mu)] * 3, abs=1e-6)
    return [
        "一个参数 $w=1$,学习率 0.1,连续两步的梯度是 0.5 和 0.1,动量系数和 $\\rho$ 都取 0.9,Adam 取默认的 0.9 和 0.999",
        *(f"| {n} | {1 - lr * a:.4f} | {1 - lr * (a + b):.4f} |" for n, (a, b) in steps.items()),
        f"Adam 第一步走了 {lr * steps['Adam'][0]:g}",
        f"第一步走了 {lr * steps['RMSProp'][0]:.4f},是学习率的 {steps['RMSProp'][0]:.3f} 倍",
        f"学习率 0.1 在第 100 步只剩 {constant[99]:g}",
        f"条件数为 100 时,梯度下降每步的最优收缩率是 {abs(1 - rate):.4f},Momentum 是 {radius[0]:.4f}",
    ]


def sigmoid(z: float) -> float:
    return 1 / (1 + math.exp(-z))


def cross_entropy_vs_mse() -> list[str]:
    def entropy(z: float) -> float:
        return math.log1p(math.exp(-z))  # the label is 1

    def square(z: float) -> float:
        return (sigmoid(z) - 1) ** 2 / 2

    def third(z: Array) -> float:
        return float(np.log(np.exp(z).sum()) - z[2])

    def along(axis: int) -> float:
        return slope(lambda step: third(z + step * np.eye(3)[axis]), 0.0)

    def brier(*p: float) -> float:
        return math.dist(p, (1, 0, 0)) ** 2

    z = np.array([2.0, 1, 0])
    shares = np.exp(z) / np.exp(z).sum()
    wrong, middle = (slope(entropy, at) / slope(square, at) for at in (-5, 0))
    return [
        f"标签 $y=1$,logit $z=-5$,这是一个错得很离谱的预测,sigmoid 输出 $p={sigmoid(-5):.6f}$",
        f"交叉熵的损失是 {entropy(-5):.4f},对 logit 的梯度是 {slope(entropy, -5):.4f}",
        f"的损失是 {square(-5):.4f},对 logit 的梯度是 {slope(square, -5):.6f},只有交叉熵梯度的 1/{wrong:.1f}",
        f"logit 为 0 时 $p={sigmoid(0)}$,交叉熵的梯度是 {slope(entropy, 0):.3g},"
        f"MSE 的梯度是 {slope(square, 0):.3g},相差 {middle:.3g} 倍",
        f"logit 为 {row(z)}、正确类是第三类时,softmax 概率是 {row(shares, '.4f')},交叉熵是 {third(z):.4f},"
        f"梯度是 {row([along(0), along(1), along(2)], '.4f')}",
        f"正确类概率都是 0.5 时,(0.5, 0.25, 0.25) 和 (0.5, 0.5, 0) 的交叉熵都是 {-math.log(0.5):.4f},"
        f"平方误差之和却分别是 {brier(0.5, 0.25, 0.25):g} 和 {brier(0.5, 0.5, 0):g}",
    ]


def pooling_backward() -> list[str]:
    x = np.array([[1.0, 3, 2, 0], [4, 2, 1, 5], [0, 1, 7, 2], [6, 2, 3, 1]])

    def pool(x: Array, how: Callable[[Array], Any], kernel: int, stride: int, padding: int = 0) -> Array:
        x = np.pad(x, padding)
        starts = range(0, len(x) - kernel + 1, stride)
        return np.array([[how(x[i : i + kernel, j : j + kernel]) for j in starts] for i in starts])

    def backward(forward: Callable[[Array], Array], upstream: Array) -> Array:
        """Differences are exact here: both poolings are linear near an input without ties."""
        grad, h = np.zeros_like(x), 2.0**-10
        for at in np.ndindex(x.shape):
            moved = x.copy()
            moved[at] += h
            grad[at] = np.sum(upstream * (forward(moved) - forward(x))) / h
        return grad

    def text(matrix: Array) -> str:
        return (
            json.dumps([[float(f"{v:g}") for v in line] for line in matrix])
            .replace(" ", "")
            .replace(".0", "")
        )

    up = np.array([[1.0, 2], [3, 4]])
    largest, mean = (partial(pool, how=how, kernel=2, stride=2) for how in (np.max, np.mean))
    overlap = partial(pool, how=np.max, kernel=3, stride=1)
    padded = partial(pool, how=np.mean, kernel=2, stride=2, padding=1)
    sums = {float(backward(f, up).sum()) for f in (largest, mean)} | {float(up.sum())}
    hot = backward(overlap, np.ones((2, 2)))
    assert len(sums) == 1
    assert set(overlap(x).ravel().tolist()) == {7.0}
    assert np.count_nonzero(hot) == 1
    return [
        f"4×4 矩阵 {text(x)},窗口 2×2,stride 为 2,上游梯度是 {text(up)}",
        f"max pooling 的输出是 {text(largest(x))},输入梯度是 {text(backward(largest, up))}",
        f"mean pooling 的输出是 {text(mean(x))},输入梯度是 {text(backward(mean, up))}",
        f"输入梯度之和都是 {sums.pop():g}",
        "改用 3×3 窗口、stride 为 1,四个窗口的最大值都是 7,上游梯度全为 1 时,"
        f"数值 7 所在的位置得到 {hot[x == 7].item():g},其余位置得到 0",
        "做 2×2、stride 为 2、padding 为 1 的 mean pooling,"
        f"输出是 {len(padded(x))}×3,上游梯度全为 1 时总和是 {padded(x).size},"
        f"而输入梯度之和只有 {backward(padded, np.ones((3, 3))).sum():g}",
    ]


def activation_functions() -> list[str]:
    def gelu(v: float) -> float:
        return v * (1 + math.erf(v / math.sqrt(2))) / 2

    def approximate(v: float) -> float:
        return v / 2 * (1 + math.tanh(math.sqrt(2 / math.pi) * (v + 0.044715 * v**3)))

    low = minimum(np.vectorize(gelu), -1, -0.5, 1e-4)
    error = max(abs(gelu(v) - approximate(v)) for v in np.arange(-6, 6, 1e-3).tolist())

    def pull(value: float) -> float:
        return slope(lambda weight: -0.5 * weight * value, 0.0)

    return [
        f"sigmoid 在 0 处的导数是 {slope(sigmoid, 0):.3g},连乘 10 层就是 {0.25**10:.3g}",
        f"sigmoid 在 5 处的输出是 {sigmoid(5):.4f},导数只有 {slope(sigmoid, 5):.4g};"
        f"sigmoid 在 10 处的导数只有 {slope(sigmoid, 10):.3g}",
        f"在 x = -1 处,sigmoid 的值是 {sigmoid(-1):.4f}、导数是 {slope(sigmoid, -1):.4f},"
        f"tanh 的值是 {math.tanh(-1):.4f}、导数是 {slope(math.tanh, -1):.4g}",
        f"在 x = -1 处,ReLU 的值是 {max(0, -1)},"
        f"斜率 0.01 的 LeakyReLU 的值是 {max(0.01 * -1, -1):g},GELU 的值是 {gelu(-1):.4f}",
        f"GELU 的最小值是 {gelu(low):.4g},在 x = {low:g} 处取到;tanh 近似公式的最大误差是 {error:.3g}",
        f"$x=(0.7,\\ 0.2,\\ 0.9)$、$\\delta=-0.5$,权重梯度是 {row([pull(0.7), pull(0.2), pull(0.9)], '.3g')}",
    ]


def seen(layers: Sequence[Layer], feature: int = 0) -> set[int]:
    """Return the input positions that an output position depends on, followed back layer by layer."""
    positions = {feature}
    for kernel, stride, padding, dilation in reversed(layers):
        positions = {p * stride - padding + t * dilation for p in positions for t in range(kernel)}
    return positions


def span(layers: Sequence[Layer]) -> int:
    positions = seen(layers)
    return max(positions) - min(positions) + 1


def receptive_field() -> list[str]:
    def growth(layers: Sequence[Layer]) -> str:
        return "、".join(str(span(layers[:n])) for n in range(1, len(layers) + 1))

    def spread(depth: int) -> float:
        weights = np.ones(1)
        for _ in range(depth):
            weights = np.convolve(weights, np.full(3, 1 / 3))
        offsets = np.arange(len(weights)) - (len(weights) - 1) / 2
        assert len(weights) == span([conv] * depth)
        return math.sqrt(float(weights @ offsets**2))

    def resnet50(stride_on_3x3: bool) -> int:
        layers: list[Layer] = [(7, 2, 3, 1), (3, 2, 1, 1)]
        for stage, blocks in enumerate((3, 4, 6, 3)):
            for block in range(blocks):
                s = 2 if stage and not block else 1
                a, b = (1, s) if stride_on_3x3 else (s, 1)
                layers += [(1, a, 0, 1), (3, b, 1, 1), (1, 1, 0, 1)]
        return span(layers)

    conv, halve = (3, 1, 1, 1), (2, 2, 0, 1)
    vgg = [layer for n in (2, 2, 3, 3, 3) for layer in [conv] * n + [halve]]
    first, second = seen(vgg), seen(vgg, 1)
    gaps = seen([(3, 1, 2, 2)] * 3)
    assert span([conv] * 3) == span([(7, 1, 3, 1)])
    return [
        f"三个 3×3、stride 为 1 的卷积,感受野依次是 {growth([conv] * 3)},与一个 7×7 卷积相同",
        f"三个 3×3 卷积的参数是 ${3 * 9}C^2$,一个 7×7 卷积的参数是 $49C^2$,省了 {100 * (1 - 3 * 9 / 49):.1f}%",
        "按顺序堆叠 3×3 卷积、2×2 stride 2 池化、3×3 卷积、2×2 stride 2 池化、3×3 卷积,"
        f"感受野依次是 {growth([conv, halve, conv, halve, conv])}",
        f"三个 3×3 卷积的膨胀率取 1、2、4 时,感受野依次是 {growth([(3, 1, d, d) for d in (1, 2, 4)])}",
        f"感受野是 {span(vgg)},effective stride 是 {min(second) - min(first)},padding 是 {-min(first)},"
        f"第 0 个特征的中心在 {(min(first) + max(first)) / 2:g}",
        f"ResNet-50 的感受野是 {resnet50(True)},stride 放在 1×1 卷积上的原始 ResNet-50 的感受野是 {resnet50(False)}",
        f"三个膨胀率都为 2 的 3×3 卷积,感受野跨度是 {span([(3, 1, 2, 2)] * 3)},但只用到其中 {len(gaps)} 个位置",
        f"权重均匀的 3×3 卷积堆 10 层,理论感受野是 {span([conv] * 10)},有效感受野的标准差是 {spread(10):.2f},"
        f"堆 40 层时,理论感受野是 {span([conv] * 40)},标准差是 {spread(40):.2f},"
        f"只增长到 {spread(40) / spread(10):.3g} 倍",
    ]


def convolution_output_size() -> list[str]:
    def windows(
        size: int, kernel: int, stride: int = 1, padding: int = 0, dilation: int = 1
    ) -> list[list[int]]:
        """The input positions of every window that fits, by sliding one along the padded input."""
        reach = [dilation * t for t in range(kernel)]
        starts = range(-padding, size + padding - reach[-1], stride)
        return [[start + r for r in reach] for start in starts]

    cut = windows(224, 11, 4)
    unused = 224 - 1 - cut[-1][-1]
    same = -(-32 // 2)
    extra = (same - 1) * 2 + 3 - 32
    columns = [
        [0 <= r < 4 and 0 <= c < 4 for r in rows for c in cols]
        for rows in windows(4, 3, padding=1)
        for cols in windows(4, 3, padding=1)
    ]
    upsampled = max(i * 2 + t for i in range(7) for t in range(4)) + 1 - 2 * 1
    torch_like = windows(32, 3, 2, padding=1)
    assert (len(torch_like), torch_like[0][0]) == (same, -1)  # SAME starts at 0, so one pixel apart
    return [
        f"输入 224、kernel 7、stride 2、padding 3(ResNet 第一层):除法得到 {(224 + 6 - 7) / 2:g},"
        f"向下取整再加 1,输出是 {len(windows(224, 7, 2, 3))}",
        f"输入 32、kernel 3、stride 1、padding 1:输出还是 {len(windows(32, 3, padding=1))}",
        f"输入 32、kernel 3、stride 1、膨胀率 2 时等效 kernel 是 {windows(32, 3, dilation=2)[0][-1] + 1},"
        f"padding 2 输出 {len(windows(32, 3, 1, 2, 2))},"
        f"padding 1 输出 {len(windows(32, 3, 1, 1, 2))}",
        f"输入 227、kernel 11、stride 4、padding 0:输出正好 {len(windows(227, 11, 4))}",
        f"输入 224、kernel 11、stride 4、padding 0:输出是 {len(cut)},"
        f"右边有 {unused} 列、下边有 {unused} 行像素没有被用到",
        f"SAME padding、输入 32、kernel 3、stride 2:输出是 {same},一共只需要补 {extra} 列,"
        f"左边补 {extra // 2}、右边补 {extra - extra // 2},与 PyTorch 两侧各补 1",
        f"输入 7、kernel 4、stride 2、padding 1:输出是 {upsampled},正好放大到 {upsampled / 7:g} 倍",
        f"4×4 单通道图像、3×3 kernel、stride 1:不补零时 im2col 矩阵是 9×{len(windows(4, 3)) ** 2}",
        f"padding 1 时 im2col 矩阵是 {len(columns[0])}×{len(columns)},{9 * len(columns)} 个元素里有 "
        f"{sum(column.count(False) for column in columns)} 个是补的 0,左上角那一列有 {columns[0].count(False)} 个 0",
    ]


def batch_norm_vs_instance_norm() -> list[str]:
    def normalize(x: Any) -> Array:
        x = np.asarray(x, float)
        return np.asarray((x - x.mean()) / x.std())

    both = np.array([[1.0, 3], [5, 7]])
    first, second = normalize(both)
    alone = [row(normalize(pixels)) for pixels in (*both, (10, 30))]
    noise = "、".join(f"{np.linalg.norm(np.full(m, 1 / m)):.4f}" for m in (8, 32, 256))
    assert len(set(alone)) == 1
    return [
        f"样本一是 {row(both[0])},样本二是 {row(both[1])}",
        f"BN 的均值是 {both.mean():g},方差是 {both.var():g},"
        f"归一化后的两个样本是 {row(first, '.3f')} 和 {row(second, '.3f')}",
        f"归一化成 {alone[0]},样本之间的亮度差别消失;把样本一换成 (10, 30),IN 的输出仍是 {alone[2]}",
        f"标量样本 1 与 3 组成一批,归一化后是 {normalize([1, 3])[0]:g}",
        f"标量样本 1 与 -1 组成一批,归一化后是 {normalize([1, -1])[0]:g}",
        f"batch 为 8、32、256 个独立样本时,均值的标准差分别是单样本标准差的 {noise} 倍",
    ]


EXAMPLES: dict[str, Callable[[], list[str]]] = {
    function.__name__.replace("_", "-"): function
    for function in (
        activation_functions,
        batch_norm_vs_instance_norm,
        checkerboard_artifacts,
        convolution_output_size,
        cross_entropy_vs_mse,
        l1_vs_l2_loss,
        l1_vs_l2_regularization,
        optimizers,
        pooling_backward,
        receptive_field,
    )
}
