"""Worked examples of the notes on normalization, dropout, sigmoid, softmax and mixed precision, recomputed.

Each function returns the words of its note with the figures found by another road: differences instead of
derivatives, masks enumerated instead of formulas, rounding carried out instead of predicted.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator, Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def gradient(f: Callable[[Array], float], x: Array, h: float = 1e-5) -> Array:
    """Return central differences."""
    steps = h * np.eye(len(x))
    return np.array([(f(x + step) - f(x - step)) / (2 * h) for step in steps])


def row(values: Sequence[float] | Array, spec: str = "g") -> str:
    return "(" + ", ".join(format(round(float(v), 9) + 0.0, spec) for v in values) + ")"


def normalize(x: Array, of: Array | None = None, spread_of: Array | None = None) -> Array:
    """Return x less the mean of `of`, over the standard deviation of `spread_of`; both are x when left out."""
    mean = (x if of is None else of).mean()
    spread = x if spread_of is None else spread_of
    return np.asarray((x - mean) / np.sqrt(np.mean((spread - spread.mean()) ** 2)))


def batch_norm_backward() -> list[str]:
    x = np.array([3.0, 9, 11, 17])
    up = np.array([1.0, 0, 0, 0])

    def through(f: Callable[[Array], Array], at: Array = x, g: Array = up) -> Array:
        return gradient(lambda v: float(g @ f(v)), at)

    direct = through(lambda v: normalize(v, of=x, spread_of=x))
    by_mean = through(lambda v: normalize(x, of=v, spread_of=x))
    by_spread = through(lambda v: normalize(x, of=x, spread_of=v))
    whole, scaled = through(normalize), through(normalize, 10 * x)
    assert np.allclose(whole, direct + by_mean + by_spread, atol=1e-9)
    gamma = gradient(lambda v: float(up @ (v[0] * normalize(x) + v[1])), np.array([1.0, 0]))
    pair = np.array([1.0, 3])
    assert abs(whole @ normalize(x)) < 1e-9
    assert abs(whole.sum()) < 1e-9
    assert round((1 - up.mean() - 1.4 * 0.35) / 5, 9) == 0.052
    assert round(float(np.mean(up * normalize(x))), 9) == -0.35
    return [
        f"一个通道的 4 个输入是 {row(x)},均值是 {x.mean():g},方差是 {x.var():g},归一化后是 {row(normalize(x))}",
        f"取 $\\gamma=1$,忽略 $\\epsilon$,上游梯度是 {row(up)}",
        f"直接路径的贡献是 {row(direct)},均值路径的贡献是 {row(by_mean)},方差路径的贡献是 {row(by_spread)}",
        f"输入梯度是 {row(whole)},四个分量之和是 {abs(round(float(whole.sum()), 9)):g},"
        f"与归一化后的向量的内积也是 {abs(round(float(whole @ normalize(x)), 9)):g}",
        f"$\\gamma$ 的梯度是 {gamma[0]:.3g},$\\beta$ 的梯度是 {gamma[1]:.3g}",
        f"第一个分量是 (1 - {up.mean():g} - 1.4×0.35)/5 = {whole[0]:.3g}",
        f"输入整体放大 10 倍时,输入梯度缩小为 {row(scaled)}",
        f"batch 只有两个标量 1 和 3 时,BN 的输出固定为 {row(normalize(pair))},"
        f"输入梯度是 {row(abs(through(normalize, pair, np.array([1.0, 0]))))}",
        f"用固定的均值 {x.mean():g} 和方差 {x.var():g},同样的上游梯度给出输入梯度 {row(direct)},"
        f"分量之和是 {direct.sum():.3g}",
    ]


def layer_norm_group_norm() -> list[str]:
    n, c, h, w = np.indices((8, 64, 32, 32), dtype=np.int32)
    keys = {
        "BN": c,
        "图像上的 LN": n,
        "IN": 64 * n + c,
        "GN": 32 * n + c * 32 // 64,
        "每个位置的通道 LN": (32 * n + h) * 32 + w,
    }
    table = []
    for name, key in keys.items():
        sizes = np.bincount(key.ravel())
        assert len(set(sizes.tolist())) == 1
        table.append(f"| {name} | {len(sizes)} | {sizes[0]} |")

    def rms(x: Array) -> Array:
        return x * math.sqrt(len(x)) / float(np.linalg.norm(x))

    x = np.array([2.0, 4, 4, 8])
    channels = np.array([1.0, 3, 10, 30])
    shifted, scaled = x + 10, x * 10
    grouped = np.concatenate([normalize(channels[:2]), normalize(channels[2:])])
    tokens = np.zeros((2, 128, 768))
    assert np.allclose(normalize(shifted), normalize(x))
    assert np.allclose(normalize(scaled), normalize(x))
    assert np.allclose(rms(scaled), rms(x))
    return [
        "输入是 8×64×32×32,GN 取 32 组",
        *table,
        f"输入是 2×128×768 时,LN 有 {tokens[..., 0].size} 组统计量,每组 {tokens[0, 0].size} 个数;"
        f"一层 LN 有 {2 * tokens[0, 0].size} 个参数,一层 RMSNorm 有 {tokens[0, 0].size} 个参数",
        f"一个 token 的特征是 {row(x)}:均值是 {x.mean()},方差是 {np.mean(x**2) - x.mean() ** 2:g},"
        f"LN 的输出是 {row(normalize(x), '.3f')};"
        f"均方根是 {x[0] / rms(x)[0]:g},RMSNorm 的输出是 {row(rms(x))}",
        f"特征整体加 10 变成 {row(shifted)} 时,LN 的输出不变,RMSNorm 的输出变成 {row(rms(shifted), '.3f')}",
        f"特征整体乘 10 变成 {row(scaled)} 时",
        f"四个通道各一个像素 {row(channels)}:分 2 组的 GN 输出 {row(grouped)},"
        f"LN 输出 {row(normalize(channels), '.3f')}",
    ]


def masks(keep: float, count: int) -> Iterator[tuple[Array, float]]:
    """Yield every mask of `count` units with its probability."""
    for bits in itertools.product((0.0, 1.0), repeat=count):
        kept = int(sum(bits))
        yield np.array(bits), keep**kept * (1 - keep) ** (count - kept)


def moments(values: Sequence[float] | Array, chances: Sequence[float] | Array) -> tuple[float, float]:
    v, p = np.asarray(values, float), np.asarray(chances, float)
    mean = float(p @ v / p.sum())
    return mean, float(p @ (v - mean) ** 2 / p.sum())


def dropped(
    values: Sequence[float] | Array, chances: Sequence[float] | Array, keep: float
) -> tuple[Array, Array]:
    """Return the outcomes of inverted dropout on a discrete variable with their chances."""
    v, p = np.asarray(values, float), np.asarray(chances, float)
    return np.concatenate([v / keep, 0 * v]), np.concatenate([p * keep, p * (1 - keep)])


def batch_norm_with_dropout() -> list[str]:
    half = [0.5, 0.5]
    train = moments(*dropped([1, -1], half, 0.5))
    test = moments([1, -1], half)
    plain = moments(dropped([1, -1], half, 0.5)[0] * 0.5, dropped([1, -1], half, 0.5)[1])[1]
    plain_test = moments([0.5, -0.5], half)[1]
    values, chances = np.array([1.0, -1]), np.array(half)
    clean = values.copy()
    for _ in range(3):  # dropout, then BN with the statistics of training
        values, chances = dropped(values, chances, 0.5)
        spread = math.sqrt(moments(values, chances)[1])
        values, clean = values / spread, clean / spread
    assert round(moments(values, chances)[1], 9) == 1
    lifted, lifted_test = moments(*dropped([1, 3], half, 0.5)), moments([1, 3], half)
    assert lifted[0] == lifted_test[0]
    grid = np.linspace(-9, 9, 180001)
    bell = np.exp(-(grid**2) / 2)
    relu = np.maximum(grid, 0)

    def shift(keep: float) -> str:
        return f"{moments(relu, bell)[1] / moments(*dropped(relu, bell, keep))[1]:.4f}"

    def layer(inputs: int, correlation: float) -> float:
        """The ratio behind a sum of inputs of variance 1: given k kept, the sum of 2x varies by 4(k+rk(k-1))."""
        train = sum(
            math.comb(inputs, k) / 2.0**inputs * 4 * (k + correlation * k * (k - 1))
            for k in range(inputs + 1)
        )
        return (inputs + correlation * inputs * (inputs - 1)) / train

    everything = sum(p * 4 * (m.sum() + 0.5 * m.sum() * (m.sum() - 1)) for m, p in masks(0.5, 9))
    assert round(everything, 9) == round((9 + 0.5 * 72) / layer(9, 0.5), 9)
    assert round(layer(9, 0), 9) == round(layer(100, 0), 9) == 0.5
    noise = 1 + (np.arange(20000) + 0.5) / 100000 - 0.1
    return [
        f"输入等概率取 1 和 -1,保留率 0.5:inverted dropout 训练时的方差是 {train[1]:g},测试时的方差是 {test[1]:g},"
        f"偏移比是 {test[1] / train[1]:g},测试时 BN 输出的标准差只有 {math.sqrt(test[1] / train[1]):.4f}",
        f"训练时的方差是 {plain:g},测试时的方差是 {plain_test:g},偏移比仍是 {plain_test / plain:g}",
        f"零均值输入、保留率 0.5,dropout 加 BN 连续串联 3 次,"
        f"最后一个 BN 的输出方差在测试时只有 {clean.var():.3g},训练时是 1",
        f"输入等概率取 1 和 3,保留率 0.5:训练和测试的均值都是 {lifted[0]:g},"
        f"训练时的方差是 {lifted[1]:g},测试时的方差是 {lifted_test[1]:g},"
        f"偏移比是 {lifted_test[1] / lifted[1]:.4f}",
        f"保留率 0.5、0.8、0.9 的偏移比分别是 {shift(0.5)}、{shift(0.8)}、{shift(0.9)}",
        "输入均值为 0、两两相关系数 0.5、权重相等、保留率 0.5",
        f"9 个输入的偏移比是 {layer(9, 0.5):.4f},100 个输入的偏移比是 {layer(100, 0.5):.4f};"
        f"相关系数为 0 时,9 个和 100 个输入的偏移比都是 {layer(9, 0):g}",
        f"Uout 把掩码换成 $1+r$,$r$ 在 (-0.1, 0.1) 上均匀分布,零均值输入的偏移比是 {1 / np.mean(noise**2):.4f}",
    ]


def dropout_in_conv_layers() -> list[str]:
    def recovered(distance: int) -> float:
        """Explained variance of the best linear guess from all points at least `distance` away, 20 each side."""
        seen = np.array([s * d for d in range(distance, distance + 20) for s in (-1, 1)])
        among = 0.9 ** np.abs(seen[:, None] - seen)
        to_centre = 0.9 ** np.abs(seen)
        return float(to_centre @ np.linalg.solve(among, to_centre))

    nine = moments([m.mean() / 0.5 for m, _ in masks(0.5, 9)], [p for _, p in masks(0.5, 9)])
    chances = [math.comb(49, k) / 2**49 for k in range(50)]
    pooled = moments([k / 49 / 0.5 for k in range(50)], chances)
    channel = math.sqrt(moments([0, 2], [0.5, 0.5])[1])
    widths = [3, 64, 64, 128, 128, 256, 256, 256, 512, 512, 512, 512, 512, 512]
    conv = sum(9 * a * b + b for a, b in itertools.pairwise(widths))
    dense = sum(a * b + b for a, b in itertools.pairwise([512 * 7 * 7, 4096, 4096, 1000]))
    seeds = list(itertools.product(range(14 - 7 + 1), repeat=2))
    covers = np.zeros((14, 14))
    for r, c in seeds:
        covers[r : r + 7, c : c + 7] += 1
    gamma = 0.1 * 14 * 14 / covers.sum()  # the seed rate whose expected count of drops is 10%
    rate = float(np.mean(1 - (1 - gamma) ** covers))
    rng = np.random.default_rng(0)
    lost = []
    for drawn in rng.random((4000, 8, 8)) < gamma:
        hole = np.zeros((14, 14))
        for r, c in np.argwhere(drawn):
            hole[r : r + 7, c : c + 7] = 1
        lost.append(float(hole.mean()))
    assert abs(np.mean(lost) - rate) < 4 * np.std(lost) / math.sqrt(len(lost))
    return [
        f"相邻相关系数 0.9:丢掉一个点,左右邻居能恢复 {recovered(1):.1%} 的方差;"
        f"丢掉一段 7 个点,中间的点由距离 4 的两个点恢复,只剩 {recovered(4):.1%}",
        f"窗口内的值全部相同、保留率 0.5:3×3 窗口平均后独立 dropout 的噪声标准差是信号的 {math.sqrt(nine[1]):.4f} 倍,"
        f"7×7 全局平均池化后是 {math.sqrt(pooled[1]):.4f} 倍,SpatialDropout 两种情况都是 {channel:g} 倍",
        f"VGG16 一共有 {conv + dense} 个参数,卷积层有 {conv} 个,占 {conv / (conv + dense):.1%};"
        f"三个全连接层有 {dense} 个,占 {dense / (conv + dense):.1%}",
        f"在 14×14 的特征图上取方块边长 7、保留率 0.9:种子区域有 {len(seeds)} 个位置,$\\gamma$ 是 {gamma:.5f};"
        f"计入重叠后,实际的平均丢弃比例是 {rate:.4f},略小于 0.1",
    ]


def sigmoid(z: float) -> float:
    return (1 + math.tanh(z / 2)) / 2


def softmax(z: Sequence[float] | Array) -> Array:
    shifted = np.exp(np.asarray(z, float) - np.max(z))
    return np.asarray(shifted / shifted.sum())


def sigmoid_function() -> list[str]:
    def slope(f: Callable[[float], float], at: float) -> float:
        return float(gradient(lambda v: f(float(v[0])), np.array([at]))[0])

    def wrong(z: float) -> float:
        """The loss of label 0: minus the log of the other share, summed without rounding to 1."""
        return float(np.logaddexp(0.0, z))

    low, high = 0.0, 20.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if slope(sigmoid, middle) > 0.01 else (low, middle)
    single = np.float32(1) / (np.float32(1) + np.exp(np.float32(-20)))
    with np.errstate(divide="ignore"):
        assert np.isposinf(-np.log(np.float32(1) - single))
    assert round(slope(sigmoid, 2), 6) == round(slope(sigmoid, -2), 6)
    kernel = np.ones((256, 3, 3))

    def after(z: float) -> float:
        return math.prod([sigmoid(z)] * 100)

    return [
        f"sigmoid 在 2 处的值是 {sigmoid(2):.4f},在 -2 处的值是 {sigmoid(-2):.4f},"
        f"两者之和是 {sigmoid(2) + sigmoid(-2):g};两处的导数都是 {slope(sigmoid, 2):.3g}",
        f"输入的绝对值超过 {low:.3f} 时,sigmoid 的导数小于 0.01",
        f"logit 为 (1, 3) 的二分类 softmax,第二类的概率是 {softmax([1, 3])[1]:.4f},与 sigmoid 在 2 处的值相同",
        f"标签为 0、logit 为 20:float32 的 sigmoid 等于 {single:g}",
        f"BCE 是 {wrong(20):g},对 logit 的梯度是 {slope(wrong, 20):.6g}",
        f"3×3 卷积、输入 256 个通道,每个输出要 {kernel.size} 次乘加,sigmoid 只加 1 次指数",
        f"遗忘门的 logit 是 5 时,门的值是 {sigmoid(5):.4f},连乘 100 步还剩 {after(5):.3g};"
        f"logit 是 0 时门的值是 {sigmoid(0):g},连乘 100 步只剩 {after(0):.3g}",
    ]


def softmax_label_smoothing() -> list[str]:
    z = np.array([2.0, 1, 0])

    def cross_entropy(logits: Array, target: Array) -> float:
        return float(np.log(np.exp(logits).sum()) - target @ logits)

    hard = np.array([1.0, 0, 0])
    soft = 0.9 * hard + 0.1 / 3
    slopes = [gradient(partial(cross_entropy, target=target), z) for target in (hard, soft)]
    assert all(abs(s.sum()) < 1e-8 for s in slopes)

    def best(classes: int) -> tuple[float, float]:
        """The gap that minimizes the smoothed loss, by ternary search, and the loss there."""

        def loss(gap: float) -> float:
            others = classes - 1
            right = 0.9 + 0.1 / classes
            return math.log(math.exp(gap) + others) - right * gap

        low, high = 0.0, 30.0
        for _ in range(200):
            a, b = low + (high - low) / 3, high - (high - low) / 3
            low, high = (low, b) if loss(a) < loss(b) else (a, high)
        return low, loss(low)

    (gap10, loss10), (gap1000, loss1000) = best(10), best(1000)

    def pull(target: float) -> float:
        """The slope on the right logit of 10 classes at probability 0.99."""
        start = np.zeros(10)
        start[0] = math.log(0.99 / (0.01 / 9))
        goal = np.full(10, (1 - target) / 9)
        goal[0] = target
        return float(gradient(lambda v: cross_entropy(v, goal), start)[0])

    def ceiling(kind: type[np.floating]) -> float:
        """The largest exponent whose exponential is finite, by bisection."""
        low, high = 0.0, 1000.0
        with np.errstate(over="ignore"):
            for _ in range(60):
                middle = (low + high) / 2
                low, high = (middle, high) if np.isfinite(np.exp(kind(middle))) else (low, middle)
        return low

    with np.errstate(over="ignore"):
        assert np.isposinf(np.exp(np.array([1000.0, 1001, 1002]))).all()
    heats = "、".join(row(softmax(z / t), ".4f") for t in (0.5, 1, 2))
    return [
        f"logit 是 {row(z)}:温度 0.5、1、2 的概率分别是 {heats}",
        f"温度为 1:one-hot 标签的梯度是 {row(slopes[0], '.4f')};"
        f"$\\varepsilon=0.1$ 的软标签是 {row(soft, '.4f')},梯度是 {row(slopes[1], '.4f')};"
        f"两个梯度的分量之和都是 0",
        f"$\\varepsilon=0.1$ 时,10 类的最优 logit 差是 {gap10:.3f},1000 类的最优 logit 差是 {gap1000:.3f};"
        f"10 类的软标签里正确类占 {softmax([gap10] + [0] * 9)[0]:.4g},"
        f"1000 类占 {softmax([gap1000] + [0] * 999)[0]:.4g}",
        f"$\\varepsilon=0.1$ 时,10 类的损失最小只能到 {loss10:.4f},1000 类的损失最小只能到 {loss1000:.4f},都不是 0",
        f"10 类、正确类的概率已经到 0.99 时,one-hot 标签对正确类 logit 的梯度是 {pull(1):.3g},仍在推高;"
        f"label smoothing 的梯度是 {pull(0.91):.3g}",
        "logit 是 (1000, 1001, 1002) 时,直接求指数在 float64 里上溢;"
        f"减去最大值后,概率是 {row(softmax([1000, 1001, 1002]), '.4f')}",
        f"fp16 是 {ceiling(np.float16):.2f},fp32 是 {ceiling(np.float32):.2f},fp64 是 {ceiling(np.float64):.2f}",
    ]


def bfloat(value: float) -> float:
    """Round to bfloat16: the upper half of a float32, to nearest, ties to even."""
    bits = int(np.float32(value).view(np.uint32))
    bits += 0x7FFF + (bits >> 16 & 1)
    return float(np.uint32(bits & 0xFFFF0000).view(np.float32))


def half(value: float) -> float:
    with np.errstate(over="ignore"):
        return float(np.float16(value))


def single(value: float) -> float:
    return float(np.float32(value))


ROUND: dict[str, Callable[[float], float]] = {"fp16": half, "bf16": bfloat, "fp32": single}


def mixed_precision() -> list[str]:
    def add(kind: str, step: float, times: int, start: float) -> float:
        rounding = ROUND[kind]
        total, step = rounding(start), rounding(step)
        for _ in range(times):
            total = rounding(total + step)
        return total

    def spacing(kind: str) -> float:
        return 2.0 ** next(k for k in range(0, -60, -1) if ROUND[kind](1 + 2.0 ** (k - 1)) == 1)

    def largest(kind: str) -> float:
        """Fill mantissa bits below the largest power of two for as long as the number stays as written."""
        f = ROUND[kind]
        top = max(2.0**k for k in range(128) if math.isfinite(f(2.0**k)))
        return top + sum(top / 2.0**k for k in range(1, 60) if f(1 + 2.0**-k) == 1 + 2.0**-k)

    def normal(kind: str) -> float:
        """The least power of two at which the spacing is still relative, as it is at 1."""
        f, gap = ROUND[kind], spacing(kind)
        return min(2.0**k for k in range(-140, 1) if f(2.0**k * (1 + gap)) == 2.0**k * (1 + gap))

    def exponential(value: float) -> str:
        return f"{value:.2e}".replace("e+", "e")

    maxima = [f"{largest('fp16'):g}", *(exponential(largest(kind)) for kind in ("bf16", "fp32"))]
    gaps = [f"{spacing(kind):.3g}" for kind in ROUND]
    tiny = 2.0**-26
    saved = half(tiny * 1024)
    assert half(tiny) == 0.0
    assert bfloat(tiny) == tiny == saved / 1024
    assert math.isinf(half(300.0**2))
    assert half(2.0**-25) == 0 < half(2.0**-25 * 1.001) == 2.0**-24
    per_parameter = {"mixed": 2 + 2 + 4 + 4 + 4, "fp32": 4 + 4 + 4 + 4}
    assert len(set(per_parameter.values())) == 1
    return [
        "| 1 之后的间隔 |",
        *(
            f"| {kind} | {top} | {normal(kind):.2e} | {gap} |"
            for kind, top, gap in zip(ROUND, maxima, gaps, strict=True)
        ),
        f"300 的平方是 {300**2},fp16 得到无穷大,bf16 得到 {bfloat(300.0**2):g}",
        f"梯度 {tiny:.3g}(2 的 -26 次方)在 fp16 里变成 {half(tiny):g};损失放大 1024 倍后,梯度是 {saved:.3g}",
        f"权重为 1,每步加 0.0004,走 1000 步:fp16 的权重仍是 {add('fp16', 0.0004, 1000, 1):g},"
        f"fp32 的权重是 {add('fp32', 0.0004, 1000, 1):.4g}",
        f"权重为 1,每步加 0.003,走 1000 步:bf16 的权重仍是 {add('bf16', 0.003, 1000, 1):g},"
        f"fp16 的权重因每步舍入走到 {add('fp16', 0.003, 1000, 1):.3g},"
        f"fp32 的权重是 {add('fp32', 0.003, 1000, 1):.4g}",
        f"从 0 开始逐个加 1,加 4096 次,fp16 停在 {add('fp16', 1, 4096, 0):g},bf16 停在 {add('bf16', 1, 4096, 0):g},"
        f"fp32 得到 {add('fp32', 1, 4096, 0):g}",
        "一个 70 亿参数的模型用 Adam,混合精度和纯 fp32 的权重、梯度与优化器状态都是 "
        f"{per_parameter['mixed'] * 7} GB(按 10 亿字节计)",
    ]


EXAMPLES: dict[str, Callable[[], list[str]]] = {
    function.__name__.replace("_", "-"): function
    for function in (
        batch_norm_backward,
        batch_norm_with_dropout,
        dropout_in_conv_layers,
        layer_norm_group_norm,
        mixed_precision,
        sigmoid_function,
        softmax_label_smoothing,
    )
}
