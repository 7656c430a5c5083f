"""The arithmetic of the worked examples about convolutions, by another road than the notes take.

Gradients by differences, costs by counting connections, fields by following positions backwards,
thresholds by search. It draws nothing from the package.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Back = Callable[[int], set[int]]  # the input positions that one output position reads


def matrix(values: Array) -> str:
    return "[" + ",".join("[" + ",".join(f"{v:g}" for v in line) + "]" for line in values) + "]"


def row(values: Iterable[float], spec: str = "g") -> str:
    return "(" + ", ".join(format(float(v), spec) for v in values) + ")"


def gradient(f: Callable[[Array], float], at: Array) -> Array:
    """Return central differences, exact for what is linear or quadratic in each element."""
    grad, h = np.zeros_like(at), 2.0**-10
    for index in np.ndindex(at.shape):
        step = np.zeros_like(at)
        step[index] = h
        grad[index] = (f(at + step) - f(at - step)) / (2 * h)
    return grad


def links(inputs: int, outputs: int, groups: int = 1) -> int:
    """Count the pairs of an input and an output channel that lie in the same group."""
    one, other = (np.arange(n) * groups // n for n in (inputs, outputs))
    return int((one[:, None] == other).sum())


@dataclass(frozen=True, slots=True)
class Convolution:
    """A square convolution with stride 1 that keeps its side; its cost follows from its connections."""

    inputs: int
    outputs: int
    side: int
    kernel: int = 1
    groups: int = 1
    batch: int = 1

    @property
    def parameters(self) -> int:
        return links(self.inputs, self.outputs, self.groups) * self.kernel**2

    @property
    def macs(self) -> int:
        return self.parameters * self.side**2 * self.batch

    def traffic(self, width: int) -> int:
        """Bytes moved when every input, output and weight of `width` bytes crosses memory once."""
        return width * (self.batch * self.side**2 * (self.inputs + self.outputs) + self.parameters)

    def intensity(self, width: int) -> float:
        return 2 * self.macs / self.traffic(width)


@dataclass(frozen=True, slots=True)
class Machine:
    """A peak in FLOP/s and a bandwidth in byte/s."""

    peak: float
    bandwidth: float

    def attainable(self, intensity: float) -> float:
        return min(self.peak, self.bandwidth * intensity)

    def ridge(self) -> float:
        """Search for the intensity from which on more of it brings nothing."""
        low, high = 0.0, 1e4
        for _ in range(100):
            middle = (low + high) / 2
            low, high = (middle, high) if self.attainable(middle) < self.peak else (low, middle)
        return high

    def seconds(self, layer: Convolution, width: int) -> float:
        return max(2 * layer.macs / self.peak, layer.traffic(width) / self.bandwidth)


A100 = Machine(312e12, 1555e9)  # dense FP16 tensor cores, the 40 GB card
PHONE = Machine(40e9, 20e9)  # an assumed mobile core


def im2col() -> list[str]:
    x, w = np.arange(1.0, 10).reshape(3, 3), np.array([[1.0, 2], [3, 4]])
    corners = [(i, j) for i in range(2) for j in range(2)]

    def slide(x: Array, w: Array) -> Array:
        return np.array([np.sum(x[i : i + 2, j : j + 2] * w) for i, j in corners])

    def total(x: Array, w: Array) -> float:
        return float(slide(x, w).sum())

    columns = [x[i : i + 2, j : j + 2].ravel() for i, j in corners]
    spectra = np.fft.fft2(x, (4, 4)) * np.fft.fft2(w, (4, 4))
    convolved = np.fft.ifft2(spectra).real[1:3, 1:3].ravel().round(9)
    covered = np.array(
        [[sum(i in (a, a + 1) and j in (b, b + 1) for a, b in corners) for j in range(3)] for i in range(3)]
    )

    def unrolled(channels: int, side: int, stride: int = 1) -> tuple[int, int]:
        taps = [(c, i, j) for c in range(channels) for i in range(3) for j in range(3)]
        return len(taps), len(range(-1, side - 1, stride)) ** 2

    rows, places = unrolled(64, 56)
    halved = unrolled(64, 56, 2)
    image = 64 * 56 * 56
    tall, wide = unrolled(64, 224)
    layer = Convolution(64, 64, 56, 3)
    assert layer.macs == 64 * rows * places
    return [
        f"数值按行是 1 到 9,kernel 是 {matrix(w)},stride 为 1、不补零",
        "输入 3×3、单通道",
        f"im2col 矩阵是 {len(columns[0])}×{len(columns)},四列依次是 {'、'.join(map(row, columns))}",
        f"拉平的 kernel {row(w.ravel())} 乘以 im2col 矩阵,得到输出 {row(slide(x, w))}",
        f"先把 kernel 翻转成 {matrix(w[::-1, ::-1])},输出是 {row(convolved)}",
        f"上游梯度全为 1 时,kernel 的梯度是 {row(gradient(partial(total, x), w).ravel())},"
        f"输入的梯度是 {matrix(gradient(lambda v: total(v, w), x))}",
        f"每个像素都被乘以覆盖次数 {matrix(covered)},中心的 5 变成 {5 * covered[1, 1]}",
        f"56×56、64 通道、3×3、padding 1 的卷积:im2col 矩阵是 {rows}×{places},"
        f"元素数是输入的 {rows * places / image:g} 倍,fp32 下从 {4 * image / 1e6:.3f} MB 变成 "
        f"{4 * rows * places / 1e6:.2f} MB,GEMM 是 64×{rows} 乘以 {rows}×{places},共 {layer.macs} 次乘加",
        f"stride 改为 2 时,im2col 矩阵的元素数降到输入的 {halved[0] * halved[1] / image:g} 倍",
        f"224×224、64 通道的 conv1_2,一张图的 fp32 im2col 矩阵是 {4 * tall * wide / 1e6:.1f} MB,"
        f"32 张图一起展开要 {32 * 4 * tall * wide / 1e9:.2f} GB",
    ]


def depthwise_separable_convolution() -> list[str]:
    def pair(inputs: int, outputs: int, side: int, kernel: int = 3) -> list[Convolution]:
        return [Convolution(inputs, inputs, side, kernel, inputs), Convolution(inputs, outputs, side)]

    def saving(outputs: int, kernel: int = 3) -> float:
        two = sum(layer.macs for layer in pair(64, outputs, 14, kernel))
        return Convolution(64, outputs, 14, kernel).macs / two

    dense, (depth, point) = Convolution(512, 512, 14, 3), pair(512, 512, 14)
    assert 9 - 1e-3 < saving(90_000) < 9
    assert saving(71) < 8 <= saving(72)
    parameters, macs = depth.parameters + point.parameters, depth.macs + point.macs

    # MobileNetV1 (Howard et al. 2017, Table 1): output channels and output side of the 13 blocks.
    blocks = [(64, 112), (128, 56), (128, 56), (256, 28), (256, 28), (512, 14), *[(512, 14)] * 5]
    blocks += [(1024, 7), (1024, 7)]
    widths = [32, *(outputs for outputs, _ in blocks)]
    ends = [Convolution(3, 32, 112, 3), Convolution(1024, 1000, 1)]
    split, whole = list(ends), list(ends)
    for inputs, (outputs, side) in zip(widths, blocks, strict=False):
        split += pair(inputs, outputs, side)
        whole.append(Convolution(inputs, outputs, side, 3))

    def millions(layers: Sequence[Convolution]) -> str:
        macs, parameters = sum(n.macs for n in layers), sum(n.parameters for n in layers)
        return f"{macs / 1e6:.0f} 百万次乘加、{parameters / 1e6:.1f} 百万个参数"

    pointwise = [n for n in split[2:] if n.kernel == 1]
    share = sum(n.macs for n in pointwise) / sum(n.macs for n in split)
    weight_share = sum(n.parameters for n in pointwise) / sum(n.parameters for n in split)

    # Unit impulses tell the dense kernel that a depthwise and a pointwise kernel amount to.
    random = np.random.default_rng(0)
    spatial, mix = random.normal(size=(4, 9)), random.normal(size=(6, 4))
    response = np.array([[mix[:, c] * (spatial[c] @ np.eye(9)[t]) for t in range(9)] for c in range(4)])
    ranks = {int(np.linalg.matrix_rank(channel)) for channel in response}
    return [
        "输入和输出都是 14×14×512、kernel 3×3、stride 1",
        f"| 标准卷积 | {dense.parameters} | {dense.macs} |",
        f"| depthwise | {depth.parameters} | {depth.macs} |",
        f"| pointwise | {point.parameters} | {point.macs} |",
        f"| 两步合计 | {parameters} | {macs} |",
        f"两步合计的乘加是标准卷积的 {macs / dense.macs:.4f} 倍,"
        f"等于 $1/512+1/9$,也就是降到 1/{dense.macs / macs:.2f}",
        f"两步的乘加里,pointwise 占 {100 * point.macs / macs:.1f}%",
        f"3×3 的深度可分离卷积,输出通道只有 32 时降到 1/{saving(32):.2f},输出通道是 4096 时降到 1/{saving(4096):.2f},"
        "无论多宽都不会低于 1/9",
        f"5×5 的深度可分离卷积,输出通道是 512 时降到 1/{saving(512, 5):.1f}",
        f"宽度 1.0、输入 224×224)逐层相加是 {millions(split)}",
        f"的 13 个 depthwise separable 块都换成标准卷积,是 {millions(whole)}",
        f"pointwise 占乘加的 {100 * share:.1f}%、占参数的 {100 * weight_share:.1f}%",
        f"展开成标准卷积核后,每个输入通道对应的 6×9 矩阵的秩都是 {ranks.pop()}",
        "4 个输入通道、6 个输出通道的随机 depthwise separable 卷积",
    ]


def mobilenet_speed() -> list[str]:
    def lines(channels: int, side: int, machine: Machine, batch: int, width: int, unit: float) -> str:
        dense = Convolution(channels, channels, side, 3, batch=batch)
        parts = [
            Convolution(channels, channels, side, 3, channels, batch),
            Convolution(channels, channels, side, batch=batch),
        ]
        times = [machine.seconds(part, width) * unit for part in parts]
        whole = machine.seconds(dense, width) * unit
        flops = dense.macs / sum(part.macs for part in parts)
        cells = (whole, *times, flops, whole / sum(times))
        return " | ".join(f"{cell:.3g}" for cell in cells)

    deep, early = (512, 14), (64, 112)
    depth = Convolution(512, 512, 14, 3, 512)
    slow = Convolution(64, 64, 112, 3, 64, 32)
    assert A100.seconds(slow, 2) == slow.traffic(2) / A100.bandwidth
    used = 2 * slow.macs / A100.seconds(slow, 2) / A100.peak
    return [
        "手机核取峰值 40 GFLOP/s、带宽 20 GB/s,"
        f"ridge point 是 {PHONE.ridge():.4g} FLOP/byte,用 fp32、batch 1",
        "GPU 取 A100 40GB 的规格,FP16 tensor core 峰值 312 TFLOP/s、带宽 1555 GB/s,"
        f"ridge point 是 {A100.ridge():.1f} FLOP/byte,用 fp16、batch 32",
        f"14×14×512 的 depthwise 3×3 卷积,fp32 的计算强度是 {depth.intensity(4):.2f} FLOP/byte,"
        f"pointwise 是 {Convolution(512, 512, 14).intensity(4):.1f},"
        f"标准 3×3 卷积是 {Convolution(512, 512, 14, 3).intensity(4):.1f}",
        "| 层 | 设备 | 标准 3×3 | depthwise | pointwise |",
        f"| 14×14×512 | 手机核,ms | {lines(*deep, PHONE, 1, 4, 1e3)} |",
        f"| 112×112×64 | 手机核,ms | {lines(*early, PHONE, 1, 4, 1e3)} |",
        f"| 14×14×512 | GPU,μs | {lines(*deep, A100, 32, 2, 1e6)} |",
        f"| 112×112×64 | GPU,μs | {lines(*early, A100, 32, 2, 1e6)} |",
        f"112×112×64 的 depthwise 卷积在 GPU 上最多用到峰值的 {100 * used:.1f}%",
    ]


def roofline_model() -> list[str]:
    single = Machine(19.5e12, 1555e9)

    def gemm(rows: int, inner: int, columns: int) -> float:
        """FP16 intensity of one product, each matrix crossing memory once."""
        shapes = [(rows, inner), (inner, columns), (rows, columns)]
        return 2 * rows * inner * columns / sum(np.empty(shape, np.float16).nbytes for shape in shapes)

    def least(intensity: Callable[[int], float]) -> int:
        return next(n for n in range(1, 5000) if A100.bandwidth * intensity(n) >= A100.peak)

    def linear(batch: int) -> float:
        return gemm(batch, 4096, 4096)

    relu = A100.attainable(1 / 4)
    passes = [("a x", 2), ("+ b", 2), ("relu", 2)]  # each kernel reads one tensor and writes one
    apart, fused = sum(2 * n for _, n in passes), 2 * 2
    small, large = gemm(512, 512, 512), gemm(1024, 1024, 1024)
    return [
        "A100(40GB 版)的规格:FP16 tensor core 峰值 312 TFLOP/s、FP32 峰值 19.5 TFLOP/s、带宽 1555 GB/s",
        f"ridge point 在 FP16 下是 {A100.ridge():.1f} FLOP/byte,在 FP32 下是 {single.ridge():.1f} FLOP/byte",
        f"FP16 的 ReLU 每个元素读 2 字节、写 2 字节、算 1 次,计算强度是 {1 / 4} FLOP/byte,"
        f"上限是 {relu / 1e12:.3f} TFLOP/s,只有峰值的 {100 * relu / A100.peak:.3f}%",
        f"512×512×512 的 FP16 GEMM 的计算强度是 {small:.1f},上限是 {A100.attainable(small) / 1e12:.0f} TFLOP/s",
        f"1024×1024×1024 的 FP16 GEMM 的计算强度是 {large:.1f},上限就是峰值",
        f"FP16 的方阵乘法,边长到 {least(lambda n: gemm(n, n, n))} 才越过 ridge point",
        f"4096×4096 的 FP16 全连接层,batch 为 1 时计算强度是 {linear(1):.4f},上限是 "
        f"{A100.attainable(linear(1)) / 1e12:.2f} TFLOP/s,batch 为 256 时计算强度是 {linear(256):.1f}",
        f"batch 至少要 {least(linear)} 才越过 ridge point",
        f"三个 FP16 逐元素 kernel(乘一个常数、加一个常数、ReLU)分开跑,每个元素搬 {apart} 字节,"
        f"融合成一个 kernel 只搬 {fused} 字节",
        f"时间下限缩短到 1/{apart / fused:g}",
    ]


def window(kernel: int, stride: int = 1, dilation: int = 1, padding: int = 0) -> Back:
    return lambda o: {o * stride - padding + t * dilation for t in range(kernel)}


def transposed(kernel: int, stride: int, padding: int) -> Back:
    return lambda o: {i for i in range(o - 40, o + 41) if 0 <= o + padding - stride * i < kernel}


def seen(layers: Sequence[Back], output: int = 0) -> set[int]:
    """Return the input positions that an output position depends on."""
    positions = {output}
    for layer in reversed(layers):
        positions = set().union(*(layer(p) for p in positions))
    return positions


def span(positions: set[int]) -> int:
    return max(positions) - min(positions) + 1


def dilated_convolution() -> list[str]:
    def stack(*rates: int) -> list[Back]:
        return [window(3, dilation=d) for d in rates]

    def use(*rates: int) -> str:
        positions = seen(stack(*rates))
        return f"跨度 {span(positions)}、用到 {len(positions)} 个"

    def reach(*rates: int) -> str:
        return "、".join(str(span(seen(stack(*rates[:n])))) for n in range(1, len(rates) + 1))

    def gap(rates: Sequence[int]) -> int:
        """Wang et al. 2018, section 3.2: the greatest distance between two taps at the second layer."""
        worst = rates[-1]
        for rate in reversed(rates[1:-1]):
            worst = max(worst - 2 * rate, worst - 2 * (worst - rate), rate)
        return worst

    def full(side: int, rate: int) -> int:
        taps = (-rate, 0, rate)
        return sum(all(0 <= i + a < side for a in taps) for i in range(side)) ** 2

    def gridded(one: Sequence[Back]) -> bool:
        """Tell whether two neighbouring outputs share no input."""
        return not seen(one, 0) & seen(one, 1)

    assert gridded(stack(2, 2, 2))
    assert not gridded(stack(1, 2, 5))
    effective = [str(span(seen(stack(d)))) for d in (1, 2, 4, 8)]
    last, dense = Convolution(512, 512, 7, 3), Convolution(512, 512, 14, 3)
    return [
        f"3×3 卷积的膨胀率取 1、2、4、8,等效 kernel 依次是 {'、'.join(effective)}",
        "单通道时每个输出仍只用 9 个权重",
        "三层 3×3 的空洞卷积",
        f"膨胀率 1、2、4、8 堆四层,感受野依次是 {reach(1, 2, 4, 8)};四层普通 3×3 卷积依次是 {reach(1, 1, 1, 1)}",
        f"| 2、2、2 | {use(2, 2, 2)} |",
        f"| 2、4、8 | {use(2, 4, 8)} |",
        f"| 1、2、9 | {use(1, 2, 9)} |",
        f"| 1、2、5 | {use(1, 2, 5)} |",
        "膨胀率 2、2、2 时,相邻两个输出没有任何共同的输入",
        f"膨胀率 1、2、5 的 $M_2$ 是 {gap((1, 2, 5))},不超过 kernel 3;"
        f"膨胀率 1、2、9 的 $M_2$ 是 {gap((1, 2, 9))},超过 3;膨胀率 2、2、2 的 $M_2$ 也是 {gap((2, 2, 2))}",
        f"33×33 的特征图上用膨胀率 6 的 3×3 卷积,9 个点都落在图内的位置有 {full(33, 6)} 个,"
        f"膨胀率 12 时有 {full(33, 12)} 个,膨胀率 18 时有 {full(33, 18)} 个",
        f"特征图从 7×7 变成 14×14,乘加变成 {dense.macs / last.macs:g} 倍,参数不变",
    ]


def deformable_convolution() -> list[str]:
    def sample(x: Array, p: Array) -> float:
        """Bilinear interpolation as a sum over all pixels (Dai et al. 2017, equations 3 and 4)."""
        y_weights, x_weights = (
            np.maximum(0, 1 - abs(p[axis] - np.arange(n))) for axis, n in enumerate(x.shape)
        )
        return float(y_weights @ x @ x_weights)

    x, p, w = np.array([[1.0, 3], [5, 9]]), np.array([0.25, 0.5]), 2.0
    shares = np.array([sample(corner.reshape(2, 2), p) for corner in np.eye(4)])
    slopes = gradient(lambda q: sample(x, q), p)
    line = np.array([[1.0, 4, 2]])
    h = 2.0**-10
    left = (sample(line, np.array([0, 1.0])) - sample(line, np.array([0, 1 - h]))) / h
    right = (sample(line, np.array([0, 1 + h])) - sample(line, np.array([0, 1.0]))) / h
    flat = gradient(lambda q: sample(np.full((2, 2), 7.0), q), p)
    assert not flat.any()

    taps = len([(a, b) for a in (-1, 0, 1) for b in (-1, 0, 1)])
    assert {a + a for a in (-1, 0, 1)} == window(3, dilation=2, padding=2)(0)
    main, first, second = (Convolution(256, n, 1, 3).parameters for n in (256, 2 * taps, 3 * taps))
    return [
        f"四个像素按行是 {matrix(x)},采样点在第 0.25 行、第 0.5 列",
        f"四个权重按行是 {row(shares)},采样值是 {sample(x, p):g}",
        f"采样值对行坐标的导数是 {slopes[0]:g},对列坐标的导数是 {slopes[1]:g}",
        f"kernel 权重为 {w:g}、上游梯度为 1 时,offset 的梯度是 {row(w * slopes)},"
        f"四个像素分到的梯度按行是 {row(w * shares)}",
        f"一行像素 {row(line[0])} 在正中的整数位置上,左导数是 {left:g},右导数是 {right:g}",
        f"3×3 的 kernel 有 {taps} 个采样点,offset 有 {2 * taps} 个通道;DCNv2 再加 {taps} 个 mask,共 {3 * taps} 个通道",
        f"输入 256 通道、输出 256 通道的 3×3 主卷积有 {main} 个权重,预测 offset 的 3×3 卷积有 {first} 个权重,"
        f"多出 {100 * first / main:.1f}%;DCNv2 的 {3 * taps} 通道有 {second} 个权重,多出 {100 * second / main:.1f}%",
        f"把 {taps} 个 offset 都固定成 $\\Delta p_n=p_n$,采样点就是膨胀率为 2 的卷积",
    ]


def group_convolution() -> list[str]:
    def shuffle(channels: int, groups: int) -> list[int]:
        """Deal the channels out like cards: one from every group in turn."""
        piles = [[c for c in range(channels) if c * groups // channels == g] for g in range(groups)]
        return [pile[turn] for turn in range(channels // groups) for pile in piles]

    def mixed(channels: int, groups: int) -> bool:
        """Tell whether each group after one shuffle holds channels of every group before it."""
        order, each = shuffle(channels, groups), channels // groups
        return all(
            len({c // each for c in order[g * each : (g + 1) * each]}) == groups for g in range(groups)
        )

    cost = [Convolution(64, 128, 56, 3, g).parameters for g in (1, 2, 4, 32)]
    plain = [Convolution(256, 64, 1), Convolution(64, 64, 1, 3), Convolution(64, 256, 1)]
    next_ = [Convolution(256, 128, 1), Convolution(128, 128, 1, 3, 32), Convolution(128, 256, 1)]
    narrow, wide = Convolution(128, 128, 28), Convolution(256, 256, 28, groups=4)
    wider = Convolution(512, 512, 28, groups=16)
    assert narrow.macs == wide.macs == wider.macs
    for channels, groups in ((6, 3), (12, 3), (16, 4), (15, 3), (20, 4), (6, 2), (12, 4)):
        assert mixed(channels, groups) == (channels // groups >= groups)
    assert not mixed(6, 3)
    assert mixed(12, 3)

    def middle(layers: Sequence[Convolution]) -> int:
        return sum(layer.parameters for layer in layers)

    elements = "、".join(f"{c.traffic(1) / 1e3:.1f}" for c in (narrow, wide, wider))
    return [
        f"输入 64 通道、输出 128 通道的 3×3 卷积,组数取 1、2、4、32,权重数依次是 {'、'.join(map(str, cost))}",
        f"组数 4 是组数 1 的 1/{cost[0] / cost[2]:g}",
        f"ResNet-50 的瓶颈块 256-64-64-256 有 {middle(plain)} 个权重,"
        f"ResNeXt-50 (32×4d) 的瓶颈块 256-128-128-256 有 {middle(next_)} 个权重",
        f"3×3 卷积的宽度从 64 加到 128,权重却从 {plain[1].parameters} 降到 {next_[1].parameters}",
        f"6 个通道分 3 组,channel shuffle 后的顺序是 {' '.join(map(str, shuffle(6, 3)))};"
        "新的每一组只有 2 个通道,只能看到 2 个旧组",
        f"12 个通道分 3 组,channel shuffle 后的顺序是 {' '.join(map(str, shuffle(12, 3)))}",
        "新的每一组都能看到全部 3 个旧组",
        "28×28 特征图上的 1×1 卷积,乘加相同的三种配置是 128 通道 1 组、256 通道 4 组、512 通道 16 组",
        f"输入、输出和权重的元素总数依次是 {elements} 千个",
    ]


def receptive_field_of_convolutions() -> list[str]:
    conv = window(3)

    def between(*middle: Back) -> int:
        return span(seen([conv, *middle, conv]))

    def varied(middle: Back) -> list[int]:
        return sorted({span(seen([conv, middle, conv], output)) for output in range(20, 28)})

    def plane(layers: Sequence[tuple[Back, Back]]) -> str:
        rows, columns = ([layer[axis] for layer in layers] for axis in (0, 1))
        return f"{span(seen(rows))}×{span(seen(columns))}"

    one, wide = window(1), window(3)
    crossed = plane([(wide, one), (one, wide)])
    channels = {c for c in range(8) if c * 4 // 8 == 0}
    (even,) = varied(transposed(4, 2, 1))
    odd = varied(transposed(3, 2, 1))
    (bilinear,) = varied(lambda o: {(o - 1) // 2, (o - 1) // 2 + 1})
    assert crossed == plane([(wide, wide)])

    def mixed(kernel: int, stride: int, tail: int) -> list[int]:
        """The fields behind a 3-tap convolution of stride 2, a transposed one and a last convolution."""
        layers = [window(3, 2), transposed(kernel, stride, 0), window(tail)]
        return sorted({span(seen(layers, output)) for output in range(20, 20 + 2 * stride)})

    def bound(kernel: int, stride: int, tail: int) -> int:
        return 3 + 2 * (-(-(kernel + tail - 1) // stride) - 1)

    for case in itertools.product((2, 3, 4, 5), (2, 3, 4), (1, 2, 3, 5)):
        assert case[0] < case[1] or mixed(*case)[-1] == bound(*case)
    low, high = mixed(2, 2, 2)
    naive = 3 + (2 // 2 - 1) * 2 + (2 - 1) * 2 // 2
    early = span(seen([window(2, 2), conv, conv, conv]))
    late = span(seen([conv, conv, conv, window(2, 2)]))
    return [
        "前后各放一个 3×3、stride 1 的普通卷积,中间换成不同的运算",
        f"| 什么都不放 | {between()} |",
        f"| 1×1 卷积 | {between(one)} |",
        f"| 3×3 卷积,stride 1 | {between(conv)} |",
        f"| 3×3 depthwise 卷积加 1×1 卷积 | {between(conv, one)} |",
        f"| 3×3 分组卷积 | {between(conv)} |",
        f"| 3×3 卷积,stride 2 | {between(window(3, 2))} |",
        f"| 2×2 池化,stride 2 | {between(window(2, 2))} |",
        f"| 1×1 卷积,stride 2 | {between(window(1, 2))} |",
        f"| 3×3 空洞卷积,膨胀率 2 | {between(window(3, dilation=2))} |",
        f"| 3×3 空洞卷积,膨胀率 4 | {between(window(3, dilation=4))} |",
        f"| 4×4 转置卷积,stride 2、padding 1 | {even} |",
        f"| 3×3 转置卷积,stride 2、padding 1 | {odd[0]} 或 {odd[-1]} |",
        f"| 双线性上采样 2 倍 | {bilinear} |",
        "依次接 3×3、stride 2 的卷积,2×2、stride 2 的转置卷积和 2×2 的卷积:"
        f"照步距直接递推得到 {naive},逐点追踪得到 {low} 或 {high},第 8 步的上界是 {bound(2, 2, 2)}",
        f"3×1 卷积接 1×3 卷积的感受野是 {crossed}",
        f"8 个输入通道分 4 组时,每个输出只依赖 {len(channels)} 个输入通道",
        f"先做 2×2 stride 2 池化再做三个 3×3 卷积,感受野是 {early};先做三个 3×3 卷积再池化,感受野是 {late}",
    ]


EXAMPLES: dict[str, Callable[[], list[str]]] = {
    function.__name__.replace("_", "-"): function
    for function in (
        deformable_convolution,
        depthwise_separable_convolution,
        dilated_convolution,
        group_convolution,
        im2col,
        mobilenet_speed,
        receptive_field_of_convolutions,
        roofline_model,
    )
}
