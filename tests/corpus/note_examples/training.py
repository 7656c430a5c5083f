"""The figures of the worked examples about training, each found by another road than its note takes.

Gradients come from differences, expectations from sums over a fine grid, schedules and optimizers from being
run step by step. The functions return fragments of the notes' text; they do not read the notes.

The file is long because every note brings one function with the arithmetic of its example.
"""

from __future__ import annotations

import cmath
import math
from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def slope(f: Callable[[float], float], at: float, h: float = 1e-4) -> float:
    """Return a central difference."""
    return (f(at + h) - f(at - h)) / (2 * h)


def gradient(f: Callable[[Array], float], at: Array, h: float = 1e-5) -> Array:
    """Return the central differences of `f` along every axis of `at`."""
    found = np.zeros_like(at)
    for place in np.ndindex(at.shape):
        step = np.zeros_like(at)
        step[place] = h
        found[place] = (f(at + step) - f(at - step)) / (2 * h)
    return found


def expect(f: Callable[[Array], Array], low: float = -12.0, high: float = 12.0) -> float:
    """Return the mean of `f` under the standard normal restricted to [low, high], by the midpoint rule."""
    edges = np.linspace(low, high, 240_001)
    middle = (edges[1:] + edges[:-1]) / 2
    weight = np.exp(-(middle**2) / 2)
    return float((f(middle) * weight).sum() / weight.sum())


def relu(x: Array) -> Array:
    """Return the positive part."""
    return np.maximum(x, 0.0)


def row(values: Sequence[float] | Array, spec: str = "g") -> str:
    """Return numbers the way the notes write a vector."""
    return "(" + ", ".join(format(float(v) + 0.0, spec) for v in values) + ")"


def matrix(values: Array) -> str:
    """Return rows the way the notes write a matrix."""
    return "[" + ", ".join("[" + row(line)[1:-1] + "]" for line in values.round(6)) + "]"


def vanishing_exploding_gradients() -> list[str]:
    """Products of gains, a recurrent matrix, clipping, residual chains and batch normalization."""
    sigmoid_slope = slope(lambda z: 1 / (1 + math.exp(-z)), 0.0)
    shrink, grow = (float(np.multiply.reduce(np.full(100, gain))) for gain in (0.9, 1.1))

    kept = expect(lambda z: (z > 0).astype(np.float64))  # E[relu'(z)^2]
    xavier, he = (math.sqrt(variance * kept) for variance in (1.0, 2.0))

    recurrent = np.array([[0.9, 1.0], [0.0, 0.9]])
    power, norms = np.eye(2), []
    for _ in range(100):
        power = power @ recurrent
        norms.append(math.sqrt(max(np.linalg.eigvalsh(power.T @ power))))
    peak = int(np.argmax(norms))
    radius = max(abs(np.linalg.eigvals(recurrent)))

    g = np.array([3.0, 4.0])
    scaled, cut = g / max(1.0, float(np.linalg.norm(g))), np.clip(g, -1, 1)
    angle = math.degrees(math.atan2(g[1], g[0]) - math.atan2(cut[1], cut[0]))

    def chain(block: Callable[[float], float]) -> float:
        def run(x: float) -> float:
            for _ in range(50):
                x = block(x)
            return x

        return slope(run, 0.0)

    plain, residual, tamed = (
        chain(block) for block in (lambda x: 0.1 * x, lambda x: x + 0.1 * x, lambda x: x + 0.1 * x / 50)
    )
    growth = kept / (expect(lambda z: relu(z) ** 2) - expect(relu) ** 2)
    assert abs(_batch_norm_growth() / growth - 1) < 0.05
    return [
        f"每层增益是 0.9 时，100 层之后梯度只剩 {shrink:.3g}；每层增益是 1.1 时，100 层之后梯度放大到 {grow:.0f} 倍",
        f"sigmoid 在 0 处的导数是 {sigmoid_slope:.3g}，单个神经元串成的链要不衰减，"
        f"权重绝对值的几何平均至少要 {1 / sigmoid_slope:.3g}",
        f"30 层等宽 ReLU 网络，权重方差取 1/n 时，梯度的均方根每层乘 {xavier:.4f}，30 层后剩 {xavier**30:.3g}；"
        f"权重方差取 2/n 时，每层乘 {he:.3g}",
        f"回传 30 次正好跨 {len(range(30)) + 1} 层",
        f"循环矩阵 [[0.9, 1], [0, 0.9]] 的谱半径是 {radius:g}，矩阵 t 次幂的谱范数先从 {norms[0]:.2f} "
        f"涨到第 {peak + 1} 步的 {norms[peak]:.2f}，再降到第 100 步的 {norms[99]:.3g}",
        f"梯度 (3, 4) 的范数是 {math.hypot(*g):g}，阈值取 1：按范数裁剪得到 {row(scaled)}，方向不变；"
        f"按值裁剪得到 {row(cut)}，方向偏了 {angle:.2f} 度",
        f"每块的局部导数都是 0.1 时，50 层直连网络的梯度是 {plain:.3g}，50 个残差块的梯度是 {residual:.1f}，"
        f"分支再乘 1/50 后是 {tamed:.3f}",
        f"随机初始化、大 batch、没有残差连接的 BN 加 ReLU 网络，梯度平方往输入方向每层约乘 {growth:.3f}，"
        f"30 层后梯度范数约为 {growth**15:.0f} 倍",
    ]


def _batch_norm_growth(width: int = 384, batch: int = 384, depth: int = 12) -> float:
    """Return by how much the squared gradient grows per layer, in one random network of BN and ReLU."""
    rng = np.random.default_rng(0)
    h = rng.standard_normal((batch, width))
    tape: list[tuple[Array, Array, Array]] = []
    for _ in range(depth):
        weight = rng.standard_normal((width, width)) / math.sqrt(width)
        z = h @ weight
        spread = z.std(axis=0)
        normal = (z - z.mean(axis=0)) / spread
        tape.append((weight, spread, normal))
        h = relu(normal)
    delta = rng.standard_normal((batch, width))
    sizes = [float((delta**2).sum())]
    for weight, spread, normal in reversed(tape):
        d = delta * (normal > 0)
        d = (d - d.mean(axis=0) - normal * (d * normal).mean(axis=0)) / spread
        delta = d @ weight.T
        sizes.append(float((delta**2).sum()))
    return float(np.mean([later / earlier for earlier, later in pairwise(sizes[:-1])]))


def weight_initialization() -> list[str]:
    """Standard deviations of the schemes, what ReLU does to moments, symmetry, truncation, orthogonality."""
    rng = np.random.default_rng(0)

    def needed(fans: int, moment: float = 1.0, shape: float = 1.0) -> float:
        """Bisect for the width `s` with `fans * moment * shape * s**2 = 1`."""
        low, high = 0.0, 10.0
        for _ in range(200):
            middle = (low + high) / 2
            low, high = (middle, high) if fans * moment * shape * middle**2 < 1 else (low, middle)
        return high

    uniform = float(np.mean(np.linspace(-1, 1, 200_001) ** 2))  # the variance of U(-1, 1)
    second, mean = expect(lambda z: relu(z) ** 2), expect(relu)
    # Xavier's compromise: the mean of both fans takes the place of either one.
    glorot, bound = needed((512 + 256) // 2), needed((512 + 256) // 2, shape=uniform)
    kaiming, conv = needed(512, second), needed(9 * 64, second)
    torch_bound = math.sqrt(6 / ((1 + 5) * 512))
    torch_gain = 512 * torch_bound**2 * uniform * second

    x, target = np.array([1.0, 2.0]), 2.0

    def loss(parameters: Array) -> float:
        """Two tanh units on two inputs, then two weights and a bias; half the squared error."""
        hidden = np.tanh(parameters[:4].reshape(2, 2) @ x)
        return float((parameters[4:6] @ hidden + parameters[6] - target) ** 2 / 2)

    same = gradient(loss, np.array([0.5] * 6 + [0.0]))
    zero = gradient(loss, np.zeros(7))
    assert np.allclose(same[:2], same[2:4])
    assert np.allclose(zero[:6], 0)

    deep = np.eye(64)
    for _ in range(20):
        deep = deep @ np.linalg.qr(rng.standard_normal((64, 64)))[0]
    probe = rng.standard_normal(64)
    ratio = float(np.linalg.norm(deep @ probe) / np.linalg.norm(probe))
    truncated = math.sqrt(expect(np.square, -2, 2))
    odds = min(np.linspace(-10, 0, 1_000_001).tolist(), key=lambda b: abs(1 / (1 + math.exp(-b)) - 0.01))
    return [
        f"fan_in 是 512、fan_out 是 256 的全连接层：Xavier 的标准差是 {glorot:.5f}，均匀分布的边界是 {bound:.5f}；"
        f"He 的标准差是 {kaiming:.4f}",
        f"3×3 卷积、64 个输入通道、128 个输出通道：fan_in 是 {np.ones((3, 3, 64)).size}，"
        f"fan_out 是 {np.ones((3, 3, 128)).size}，He 的标准差是 {conv:.5f}",
        f"输入服从标准正态时，ReLU 输出的均值是 {mean:.4f}、方差是 {second - mean**2:.4f}、二阶矩是 {second:.4g}",
        f"20 层等宽 ReLU 网络：权重方差取 1/n 时，激活的均方根每层乘 {math.sqrt(second):.4f}，"
        f"20 层后剩 {math.sqrt(second) ** 20:.3g}；权重方差取 2/n 时，每层乘 {math.sqrt(2 * second):.3g}",
        f"PyTorch 全连接层的默认边界在 fan_in 是 512 时为 {torch_bound:.5f}，"
        f"接 ReLU 时二阶矩每层只乘 1/{1 / torch_gain:.3g}",
        "输入 (1, 2)、两个 tanh 隐藏单元、线性输出、目标是 2、偏置为 0、损失取误差平方的一半：权重全取 0.5 时，"
        f"两个隐藏单元的权重梯度都是 {row(same[:2], '.4f')}；"
        f"权重全取 0 时，全部权重的梯度都是 0，只有输出偏置的梯度是 {zero[6]:.3g}",
        f"正交初始化的 20 层线性网络，输出长度与输入长度之比是 {ratio:.3g}",
        f"标准正态在 ±2 处截断后，标准差降到 {truncated:.4f}",
        f"前景概率取 0.01 时，检测头分类偏置的初始值是 {odds:.3f}",
    ]


def training_not_converging() -> list[str]:
    """Losses of constant predictions, a doubled softmax, a broadcast target and the limit of the step."""
    rng = np.random.default_rng(0)

    def entropy(logits: Array, label: int = 0) -> float:
        return float(np.log(np.exp(logits).sum()) - logits[label])

    def softmax(logits: Array) -> Array:
        shares = np.exp(logits - logits.max())
        return np.asarray(shares / shares.sum())

    def doubled(classes: int) -> float:
        """The least loss when probabilities are passed where logits belong."""
        return min(entropy(softmax(z * np.eye(classes)[0])) for z in np.linspace(0, 60, 601))

    logits = rng.standard_normal((2000, 1000))
    noisy = float(np.mean(np.log(np.exp(logits).sum(axis=1)) - logits.mean(axis=1)))  # mean over labels
    share = np.linspace(0.001, 0.999, 999)
    skewed = -(0.9 * np.log(1 - share) + 0.1 * np.log(share))

    labels = np.array([1.0, 2, 3, 4])

    def crossed(prediction: Array) -> float:
        return float(np.mean((prediction.reshape(4, 1) - labels) ** 2))

    def descend(rate: float, steps: int = 50, curvature: float = 10.0) -> float:
        w = 1.0
        for _ in range(steps):
            w -= rate * curvature * w
        return abs(w)

    curvatures = np.array([1.0, 100.0]) ** 2  # of a linear fit: the variances of its two features
    w, count = np.ones(2), 0
    while abs(w[0]) > 0.1:
        w, count = w - 2 / curvatures.sum() * curvatures * w, count + 1
    stable = max(rate for rate in range(1, 400) if descend(rate / 1000, 100) <= 1.0 + 1e-6) / 1000
    return [
        f"输出均匀时，2 类、10 类、1000 类的初始交叉熵分别是 {entropy(np.zeros(2)):.4f}、{entropy(np.zeros(10)):.4f}、"
        f"{entropy(np.zeros(1000)):.4f}",
        f"1000 类的初始 logit 若是标准差为 1 的独立噪声，初始交叉熵约为 {noisy:.2f}，比 ln 1000 多 0.5",
        f"负正样本是 9:1 的二分类，loss 停在 {skewed.min():.4f} 附近、正类概率都接近 {share[skewed.argmin()]:.2g}，"
        f"而准确率已有 {max(0.9, 0.1):.0%}",
        f"交叉熵之前多做一次 softmax：10 类的 loss 再怎么训练也不低于 {doubled(10):.4f}，"
        f"2 类不低于 {doubled(2):.4f}",
        "四个标签 1、2、3、4，预测的形状是 (4, 1) 而标签的形状是 (4,)：预测完全正确时 MSE 是 "
        f"{crossed(labels):g}，全部预测成均值 {labels.mean():g} 时 MSE 是 {crossed(np.full(4, labels.mean())):g}",
        f"最大曲率是 10 的二次函数，学习率超过 {stable:g} 就发散：从 1 出发走 50 步，"
        f"学习率 0.19 时剩 {descend(0.19):.3g}，学习率 0.21 时变成 {descend(0.21):.1f}",
        f"两个零均值、互不相关的特征，标准差是 1 和 100 时，条件数是 {curvatures[1] / curvatures[0]:g}，"
        f"最优固定学习率下误差缩到 1/10 要 {count} 步",
    ]


def gradients_in_different_networks() -> list[str]:
    """Differences through one small layer of each kind."""
    weight, x, up = np.array([[1.0, 2], [3, 4]]), np.array([1.0, -1]), np.array([1.0, 0.5])
    dense_x = gradient(lambda v: float(up @ weight @ v), x)
    dense_w = gradient(lambda m: float(up @ m @ x), weight)

    signal, kernel, after = np.array([1.0, 2, 3, 4]), np.array([1.0, 0, -1]), np.array([1.0, 2])

    def correlate(v: Array, k: Array, stride: int = 1) -> Array:
        starts = range(0, len(v) - len(k) + 1, stride)
        return np.array([v[i : i + len(k)] @ k for i in starts])

    conv_x = gradient(lambda v: float(after @ correlate(v, kernel)), signal)
    conv_w = gradient(lambda k: float(after @ correlate(signal, k)), kernel)
    strided = gradient(lambda v: float(correlate(v, np.ones(3), 2).sum()), np.zeros(7))
    pointwise = gradient(lambda m: float(m[::2, ::2].sum()), np.zeros((4, 4)))

    patch = np.array([[1.0, 3], [2, 0]])
    largest = gradient(lambda m: float(m.max()), patch)
    mean = gradient(lambda m: float(m.mean()), patch)

    def recur(w: float) -> float:
        h = 0.0
        for _ in range(3):
            h = w * h + 1.0
        return h

    def unrolled(weights: Array) -> float:
        h = 0.0
        for w in weights:
            h = float(w) * h + 1.0
        return h

    shares = gradient(unrolled, np.full(3, 0.5)).round(6) + 0.0

    def carry(gate: float) -> float:
        return float(np.multiply.reduce(np.full(50, gate)))

    def share(gap: float) -> float:
        return 1 / (1 + math.exp(-gap))

    rng = np.random.default_rng(0)
    spread = float(
        (rng.standard_normal((100_000, 64)) * rng.standard_normal((100_000, 64))).sum(axis=1).std()
    )
    assert abs(spread - 8) < 0.05
    near, far = slope(share, 1.0), slope(share, 8.0)
    return [
        f"全连接：W = {matrix(weight)}、x = {row(x)}、上游梯度是 {row(up)}，输入梯度是 {row(dense_x.round(6))}，"
        f"权重梯度是 {matrix(dense_w)}",
        f"一维卷积：输入 {row(signal)}、kernel {row(kernel)}、上游梯度 {row(after)}，"
        f"输入梯度是 {row(conv_x.round(6))}，权重梯度是 {row(conv_w.round(6))}",
        f"kernel 3、stride 2、权重全为 1、上游梯度全为 1 时，7 个输入得到的梯度是 {row(strided.round(6))}",
        f"1×1 卷积取 stride 2 时，4×4 输入里只有 {np.count_nonzero(pointwise)} 个位置有梯度，"
        f"其余 {np.count_nonzero(pointwise == 0)} 个位置的梯度是 0",
        f"池化：窗口 {matrix(patch)}、上游梯度是 1，max pooling 的输入梯度是 {matrix(largest)}，"
        f"mean pooling 的输入梯度是 {matrix(mean)}",
        f"循环：$h_t=wh_{{t-1}}+1$、$h_0=0$、$w=0.5$，损失取 $h_3$，对 $w$ 的梯度是 {slope(recur, 0.5):.3g}",
        f"同一个 w 在三个时间步上的贡献依次是 {'、'.join(f'{s:g}' for s in shares)}，加起来才是总梯度",
        f"传 50 步后，循环权重 0.9 剩 {carry(0.9):.3g}，遗忘门 0.99 剩 {carry(0.99):.3f}，"
        f"遗忘门 0.5 剩 {carry(0.5):.3g}",
        f"注意力：d = 64、分量独立且方差为 1 时，点积的标准差是 {round(spread)}，除以 √64 后是 {round(spread) / 8:g}",
        f"两个 key 的分数差是 1 时，softmax 的导数是 {near:.4f}；分数差是 8 时，softmax 的导数只有 {far:.3g}，"
        f"约为 1/{near / far:.0f}",
    ]


def gradient_checking() -> list[str]:
    """Both difference quotients in exact and in rounded arithmetic, a kink, and what a penalty hides."""

    def cube(x: float) -> float:
        return x * x * x

    def forward(h: float) -> float:
        return (cube(1 + h) - cube(1.0)) / h

    def error(h: float) -> float:
        return abs(slope(cube, 1.0, h) - 3)

    def coarse(h: float) -> float:
        one, step = np.float32(1), np.float32(h)
        up, down = one + step, one - step
        return abs(float((up * up * up - down * down * down) / (2 * step)) - 3)

    def relative(a: float, b: float) -> float:
        return abs(a - b) / max(abs(a), abs(b))

    x, up = np.array([3.0, 9, 11, 17]), np.array([1.0, 0, 0, 0])

    def normalized(v: Array, spread: Array) -> float:
        return float(up @ (v - v.mean()) / spread.std())

    whole, forgetful = (gradient(f, x) for f in (lambda v: normalized(v, v), lambda v: normalized(v, x)))
    assert whole[-1] > 0 > forgetful[-1]
    kink = slope(lambda v: max(v, 0.0), 1e-6, 1e-5)
    z = complex(1, 1e-20)
    return [
        f"对 $f(x)=x^3$ 在 $x=1$ 处求导，真值是 3：h = 0.1 时前向差分是 {forward(0.1):.4g}、"
        f"中心差分是 {slope(cube, 1.0, 0.1):.4g}",
        f"h = 0.01 时前向差分是 {forward(0.01):.6g}、中心差分是 {slope(cube, 1.0, 0.01):.6g}",
        "h 缩小 10 倍，前向差分的误差缩小约 10 倍，中心差分的误差缩小 100 倍",
        f"float64 的中心差分误差在 h = 1e-3 时是 {error(1e-3):.0e}，在 h = 1e-5 时约为 {error(1e-5):.0e}，"
        f"在 h = 1e-11 时又升到约 {error(1e-11):.0e}",
        f"float32 的中心差分误差在 h = 1e-2 时约为 {coarse(1e-2):.0e}，在 h = 1e-5 时是 {coarse(1e-5):.2g}",
        f"ReLU 在 x = 1e-6 处的导数是 1，h = 1e-5 的中心差分跨过了折点，得到 {kink:.3g}",
        f"数据梯度真值是 0.001，代码错算成 -0.001，相对误差是 {relative(0.001, -0.001):.3g}；"
        f"加上大小为 1 的正则项梯度后，相对误差只剩 {relative(1.001, 0.999):.2g}",
        f"BN 的输入是 {row(x)}、上游梯度是 {row(up)}，反向漏写经过方差的路径时，"
        f"第一个分量的解析梯度是 {forgetful[0]:.2f}，中心差分是 {whole[0]:.3f}",
        f"100 万个参数逐个做中心差分要 {2 * 10**6 // 10**4} 万次前向，一个随机方向的方向导数只要 2 次前向",
        f"复步长法取 h = 1e-20，$x^3$ 在 1 处的导数算出来是 {(z * z * z).imag / 1e-20:.15g}",
    ]


def learning_rate_schedules() -> list[str]:
    """Schedules run step by step, the noise floor of a constant step, and small steps against a large one."""

    def milestones(epoch: int) -> float:
        rate = 0.1
        for milestone in (30, 60, 80):
            rate *= 0.1 if epoch >= milestone else 1.0
        return rate

    def cosine(share: float) -> float:
        return (cmath.exp(1j * math.pi * share).real + 1) * 0.1 / 2

    def noam(step: int) -> float:
        return min(step / math.pow(4000, 1.5), 1 / math.sqrt(step)) / math.sqrt(512)

    peak = max(range(1, 20_001), key=noam)

    def floor(rate: float) -> float:
        variance = 1.0
        for _ in range(20_000):
            variance = (1 - rate) ** 2 * variance + rate**2
        return variance

    def both(rate: float) -> tuple[float, float]:
        """Four steps on (w - a)^2 / 2, one sample each, against one step of four times the rate."""
        samples = (1.0, 2.0, 3.0, 4.0)
        w = 0.0
        for a in samples:
            w -= rate * (w - a)
        return w, 4 * rate * float(np.mean(samples))

    small, large = both(0.01)
    rough, once = both(0.1)
    ramp = [0.1 + (0.1 * 8192 / 256 - 0.1) * epoch / 5 for epoch in range(6)]
    average = float(np.mean([cosine(share) for share in np.linspace(0, 1, 100_001)]))
    return [
        f"初始学习率 0.1，在第 30、60、80 个 epoch 各乘 0.1，四段学习率依次是 "
        f"{'、'.join(f'{milestones(epoch):g}' for epoch in (0, 30, 60, 80))}",
        f"余弦退火从 0.1 降到 0：走完 25%、50%、75%、90% 时，学习率分别是 "
        f"{'、'.join(f'{cosine(s):.4f}' for s in (0.25, 0.5, 0.75, 0.9))}，全程平均是 {average:.3g}",
        f"batch 256 配学习率 0.1，线性缩放到 batch 8192 时学习率是 {ramp[-1]:.2g}；"
        f"用 5 个 epoch 从 0.1 线性 warmup 时，每个 epoch 末的学习率依次是 "
        f"{'、'.join(f'{rate:.3g}' for rate in ramp[1:])}",
        f"Transformer 原文的调度取 d_model = 512、warmup 4000 步：峰值在第 {peak} 步，是 {noam(peak):.3g}；"
        f"第 100 步是 {noam(100):.3g}，第 100000 步是 {noam(100_000):.3g}",
        "曲率和梯度噪声方差都为 1 的一维二次函数，固定学习率时稳态方差：学习率 0.1 时是 "
        f"{floor(0.1):.4f}，学习率 0.01 时是 {floor(0.01):.5f}",
        f"四个样本的目标是 1、2、3、4，从 w = 0 出发：学习率 0.01 走 4 小步到 {small:.4f}，"
        f"学习率 0.04 走一大步到 {large:.4g}，相差 {100 * (large / small - 1):.1f}%",
        f"学习率 0.1 走 4 小步到 {rough:.4f}，学习率 0.4 走一大步到 {once:.4g}，"
        f"相差 {100 * (once / rough - 1):.1f}%",
    ]


def adamw_weight_decay() -> list[str]:
    """Adam and SGD run with the penalty in the gradient and with the decay beside it."""

    def adam(
        gradients: Sequence[float],
        rate: float = 0.01,
        penalty: float = 0.0,
        decay: float = 0.0,
        w: float = 1.0,
    ) -> float:
        m = v = 0.0
        for t, loss_gradient in enumerate(gradients, start=1):
            g = loss_gradient + penalty * w
            m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g * g
            step = (m / (1 - 0.9**t)) / (math.sqrt(v / (1 - 0.999**t)) + 1e-8)
            w -= rate * (step + decay * w)
        return w

    def momentum(mu: float, coupled: bool, steps: int = 100) -> float:
        w, velocity = 1.0, 0.0
        for _ in range(steps):
            velocity = mu * velocity + (0.1 * w if coupled else 0.0)
            w -= 0.01 * (velocity + (0.0 if coupled else 0.1 * w))
        return w

    def swinging(size: float) -> list[float]:
        return [size, -size] * 500

    (first,) = {f"{adam([0.0], penalty=penalty):.3g}" for penalty in (0.001, 0.1)}
    coupled = [adam(swinging(size), penalty=0.1) for size in (10.0, 1.0)]
    beside = [adam(swinging(size), decay=0.1) for size in (10.0, 1.0)]
    bare = [adam(swinging(size)) for size in (10.0, 1.0)]
    bound = -adam([1.0] * 20_000, decay=0.1, w=0.0)
    half = 1
    while (1 - 1e-3 * 0.01) ** half > 0.5:
        half += 1
    sgd = {f"{1 - 0.01 * (10 + 0.1 * 1.0):.3f}", f"{(1 - 0.01 * 0.1) * 1.0 - 0.01 * 10:.3f}"}
    assert len(sgd) == 1
    assert abs(momentum(0.0, True) - momentum(0.0, False)) < 1e-12
    assert f"{beside[0]:.3f}" == f"{beside[1]:.3f}"
    assert f"{bare[0]:.3f}" == f"{bare[1]:.3f}"
    return [
        f"普通 SGD 的 w = 1、损失梯度是 10、λ = 0.1、学习率 0.01：两种写法走一步都得到 {sgd.pop()}",
        f"Adam 的 w = 1、损失梯度是 0、学习率 0.01：L2 写进梯度时，"
        f"不论 λ 取 0.001 还是 0.1，第一步都走到 {first}；"
        f"AdamW 第一步分别走到 {adam([0.0], decay=0.001):.5f} 和 {adam([0.0], decay=0.1):.3f}",
        "损失梯度正负交替、λ = 0.1、学习率 0.01，从 w = 1 出发走 1000 步：Adam 加 L2 在梯度大小是 10 时剩 "
        f"{coupled[0]:.3f}，在梯度大小是 1 时剩 {coupled[1]:.3f}",
        f"AdamW 在两种梯度下都剩 {beside[0]:.3f}；完全不加正则时，两种梯度下都剩 {bare[0]:.3f}",
        f"梯度恒为 1、λ = 0.1 时，AdamW 的权重绝对值停在 {bound:.3g}，正好是 1/λ",
        f"学习率 0.001、weight decay 0.01 时，只靠衰减把权重减半要 {half} 步",
        f"SGD 动量 0.9、学习率 0.01、λ = 0.1、损失梯度为 0，走 100 步：L2 写进梯度时 w 剩 {momentum(0.9, True):.3f}，"
        f"解耦时 w 剩 {momentum(0.9, False):.3f}",
    ]


EXAMPLES: dict[str, Callable[[], list[str]]] = {
    function.__name__.replace("_", "-"): function
    for function in (
        adamw_weight_decay,
        gradient_checking,
        gradients_in_different_networks,
        learning_rate_schedules,
        training_not_converging,
        vanishing_exploding_gradients,
        weight_initialization,
    )
}
