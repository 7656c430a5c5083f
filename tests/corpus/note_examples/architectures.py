"""Worked examples of the notes on architectures and training schemes, every figure found by another road.

Parameters are counted tensor by tensor, gradients come from differences, games are played step by step,
areas are counted pixel by pixel. The functions return the words of the notes and judge nothing else.

The file is long because every note brings one function with the arithmetic of its example.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise, product

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Shape = tuple[int, ...]


def slope(f: Callable[[float], float], at: float, h: float = 1e-4) -> float:
    """Return a central difference."""
    return (f(at + h) - f(at - h)) / (2 * h)


def size(shapes: Sequence[Shape]) -> int:
    """Return how many numbers tensors of these shapes hold together."""
    return sum(math.prod(shape) for shape in shapes)


def row(values: Sequence[float] | Array, spec: str = "g") -> str:
    return "(" + ", ".join(format(float(v) + 0.0, spec) for v in values) + ")"


def chain(values: Sequence[object], mark: str = "、") -> str:
    return mark.join(map(str, values))


def softmax(z: Array) -> Array:
    e = np.exp(z - z.max())
    return np.asarray(e / e.sum())


def sigmoid(z: float) -> float:
    return 1 / (1 + math.exp(-z))


# --- networks --------------------------------------------------------------------------------------------


def inception_module() -> list[str]:
    c, (n1, r3, n3, r5, n5, pool) = 192, (64, 96, 128, 16, 32, 32)
    naive = size([(n1, c, 1, 1), (n3, c, 3, 3), (n5, c, 5, 5)])
    slim = size(
        [(n1, c), (r3, c), (n3, r3, 3, 3), (r5, c), (n5, r5, 5, 5), (pool, c)],
    )
    alone, reduced = size([(n5, c, 5, 5)]), size([(r5, c), (n5, r5, 5, 5)])

    def seen(kernels: Sequence[int]) -> int:
        """Return how many input positions one output depends on, followed back."""
        positions = {0}
        for k in reversed(kernels):
            positions = {p + t for p in positions for t in range(k)}
        return len(positions)

    def save(few: int, many: int) -> str:
        return f"{100 * (1 - few / many):.1f}%"

    c7 = 192
    square = size([(c7, c7, 7, 7)])
    split = size([(c7, c7, 1, 7), (c7, c7, 7, 1)])
    thirds = size([(c7, c7, 3, 3)] * 3)
    # A column times a row is all that one channel between 1x7 and 7x1 can form; the best one is an SVD away.
    energy = np.linalg.svd(np.eye(7), compute_uv=False) ** 2
    lost = 1 - energy[0] / energy.sum()
    assert seen([5]) == seen([3, 3]) == 5
    assert seen([7]) == seen([3, 3, 3]) == 7
    return [
        f"GoogLeNet 的 inception (3a),输入是 28×28×192,四条支路依次输出 {n1}、{n3}、{n5}、{pool} 个通道,"
        f"3×3 和 5×5 之前先用 1×1 卷积降到 {r3} 和 {r5} 个通道",
        f"池化支路不加 1×1 卷积、不降维时权重是 {naive} 个,输出 {n1 + n3 + n5 + c} 个通道",
        f"降维后权重是 {slim} 个,省了 {save(slim, naive)},输出 {n1 + n3 + n5 + pool} 个通道",
        f"乘加次数是 {slim * 28 * 28 / 1e6:.0f}M",
        f"只看 5×5 支路,权重从 {alone} 个降到 {reduced} 个,是原来的 1/{alone / reduced:.1f}",
        f"四条支路的感受野依次是 {chain([seen(k) for k in ([1], [1, 3], [1, 5], [3, 1])])}",
        f"输入和输出通道数相同时,两个 3×3 卷积的权重是 {2 * seen([3]) ** 2} 份,"
        f"一个 5×5 卷积的权重是 {seen([5]) ** 2} 份,省了 {save(18, 25)}",
        f"1×3 加 3×1 代替 3×3,权重从 {3 * 3} 份降到 {3 + 3} 份,省了 {save(6, 9)}",
        f"192 个通道的 7×7 卷积有 {square} 个权重,1×7 加 7×1 有 {split} 个权重,省了 {save(split, square)}",
        f"三个 3×3 卷积有 {thirds} 个权重,只省 {save(thirds, square)}",
        f"1×7 加 7×1 只能合成秩为一的 kernel:7×7 的对角线 kernel 的秩是 {np.linalg.matrix_rank(np.eye(7))},"
        f"最好的秩 1 近似仍丢掉 {100 * lost:.1f}% 的平方能量",
    ]


def resnet_shapes(blocks: Sequence[int], bottleneck: bool, classes: int = 1000) -> Iterator[Shape]:
    """Yield the shape of every weight, bias and BN parameter of an ImageNet ResNet."""
    expansion = 4 if bottleneck else 1
    yield from ((64, 3, 7, 7), (64,), (64,))
    inputs = 64
    for stage, count in enumerate(blocks):
        width = 64 * 2**stage
        for block in range(count):
            outputs = width * expansion
            path = (
                [(width, inputs, 1), (width, width, 3), (outputs, width, 1)]
                if bottleneck
                else [(width, inputs, 3), (width, width, 3)]
            )
            if block == 0 and inputs != outputs:
                path.append((outputs, inputs, 1))
            for out, into, k in path:
                yield from ((out, into, k, k), (out,), (out,))
            inputs = outputs
    yield from ((classes, inputs), (classes,))


def resnet() -> list[str]:
    narrow = size([(64, 256, 1, 1), (64, 64, 3, 3), (256, 64, 1, 1)])
    wide = size([(256, 256, 3, 3)] * 2)
    basic = size([(64, 64, 3, 3)] * 2)
    nets = {
        18: ((2, 2, 2, 2), False),
        34: ((3, 4, 6, 3), False),
        50: ((3, 4, 6, 3), True),
        101: ((3, 4, 23, 3), True),
        152: ((3, 8, 36, 3), True),
    }
    counts = {depth: size(list(resnet_shapes(*net))) for depth, net in nets.items()}
    assert counts[18] == 11_689_512  # the published checkpoints hold exactly these
    assert counts[50] == 25_557_032
    for depth, (blocks, bottleneck) in nets.items():
        assert sum(blocks) * (3 if bottleneck else 2) + 2 == depth

    def through(shortcut: float, branch: float, depth: int) -> float:
        """Return the derivative of a chain of scalar blocks x -> shortcut * x + branch * x."""

        def forward(x: float) -> float:
            for _ in range(depth):
                x = shortcut * x + branch * x
            return x

        return (forward(1.0) - forward(0.0)) / 1.0

    paths = np.ones(1)
    for _ in range(54):  # a block either lengthens a path by one or is skipped
        paths = np.convolve(paths, [1.0, 1.0])
    inside = float(paths[19:36].sum() / paths.sum())
    mean = float(paths @ np.arange(55) / paths.sum())
    doubled, added = 1.0, 1.0
    for _ in range(50):
        doubled, added = doubled + doubled, added + 1.0
    return [
        f"bottleneck 把 256 个通道先降到 64 再升回 256,权重是 {narrow} 个",
        f"两个 64 通道的 3×3 卷积是 {basic} 个权重,与 bottleneck 相当",
        f"一个 256 通道的 3×3 卷积是 {wide // 2} 个权重,两个是 {wide} 个,是 bottleneck 的 {wide / narrow:.1f} 倍",
        "在 ImageNet 的 1000 类上,ResNet-18、34、50、101、152 的参数量依次是 "
        + chain([f"{n / 1e6:.2f}M" for n in counts.values()]),
        f"四个阶段的块数同为 3、4、6、3,两层的块给出 {2 * 16 + 2} 层,三层的块给出 {3 * 16 + 2} 层,"
        f"参数只多 {100 * (counts[50] / counts[34] - 1):.1f}%",
        f"50 个标量层串联,每层导数 0.1,没有 shortcut 时总导数是 {through(0, 0.1, 50):.0e},"
        f"有恒等 shortcut 时总导数是 {through(1, 0.1, 50):.1f}",
        "没有 shortcut、首尾相隔 50 层时,梯度范数之比的理论值不变",
        f"每条分支的导数缩小到 0.002,总导数是 {through(1, 0.002, 50):.3f}",
        f"分支导数取 -1,总导数是 {through(1, -1, 50):g}",
        f"shortcut 乘 0.5、分支导数为 0,叠 54 个块,总导数是 {through(0.5, 0, 54):.2e}",
        f"54 个残差块展开成 2 的 {round(math.log2(paths.sum()))} 次方条路径,平均长度是 {mean:g} 个块,"
        f"{100 * inside:.1f}% 的路径长度在 19 到 35 之间",
        f"输入方差为 1、分支不改变方差时,相加 50 次后方差是 {doubled:.3g}",
        f"分支先做 BN、输出方差固定为 1 时,相加 50 次后方差只有 {added:g}",
    ]


def densenet_shapes(blocks: Sequence[int], k: int, classes: int = 1000) -> Iterator[tuple[int, list[Shape]]]:
    """Yield, for every step of a DenseNet-BC, the channels after it and the shapes of its parameters."""

    def bn(c: int) -> list[Shape]:
        return [(c,), (c,)]

    c = 64
    yield c, [(c, 3, 7, 7), *bn(c)]
    for stage, count in enumerate(blocks):
        for _ in range(count):
            c += k
            yield c, [*bn(c - k), (4 * k, c - k, 1, 1), *bn(4 * k), (k, 4 * k, 3, 3)]
        if stage < len(blocks) - 1:
            yield c // 2, [*bn(c), (c // 2, c, 1, 1)]
            c //= 2
    yield c, [*bn(c), (classes, c), (classes,)]


def densenet() -> list[str]:
    blocks, k = (6, 12, 24, 16), 32
    steps = list(densenet_shapes(blocks, k))
    total = sum(size(shapes) for _, shapes in steps)
    weights = sum(len(s) > 1 for _, shapes in steps for s in shapes)
    assert (total, weights) == (7_978_856, 121)  # as in the published checkpoint, and as in its name
    bounds = [64]
    for (before, _), (after, _) in pairwise(steps):  # a transition is where channels fall
        bounds += [before, after] if after < before else []
    bounds.append(steps[-1][0])
    inputs = [64 + k * i for i in range(6)]
    links = sum(1 for late in range(1, 7) for _ in range(late))
    third = [256 + k * i for i in range(24)]

    def plain(c: int) -> int:
        return size([(k, c, 3, 3)])

    def thin(c: int) -> int:
        return size([(4 * k, c, 1, 1), (k, 4 * k, 3, 3)])

    first = next(c for c in range(1, 2000) if thin(c) < plain(c))
    x, w = np.array([5.0, 7.0]), np.array([2.0, 3.0])
    parts = w * x
    resnet50 = size(list(resnet_shapes((3, 4, 6, 3), True)))
    return [
        f"第一个 dense block 有 6 层,输入 64 个通道,growth rate 为 32,各层的输入通道数依次是 {chain(inputs)},"
        f"块的输出是 {inputs[-1] + k} 个通道",
        f"块内的连接数是 {links}",
        f"DenseNet-121 的四个块有 {chain(blocks)} 层,块与 transition 交替后的通道数依次是 {chain(bounds)}",
        f"DenseNet-121 的参数量是 {total / 1e6:.2f}M,ResNet-50 的参数量是 {resnet50 / 1e6:.2f}M,"
        f"DenseNet-121 只有 ResNet-50 的 {100 * total / resnet50:.1f}%",
        f"输入 64 个通道时,直接 3×3 卷积要 {plain(64)} 个权重,加 1×1 bottleneck 反而要 {thin(64)} 个",
        f"输入 {third[-1]} 个通道时,直接 3×3 卷积要 {plain(third[-1])} 个权重,加 bottleneck 只要 {thin(third[-1])} 个",
        f"growth rate 为 32 时,从 {first} 个输入通道起 bottleneck 才省参数",
        f"第三个块有 24 层、输入 256 个通道,不同的特征图一共只有 {third[-1] + k} 个通道,"
        f"每层各存一份拼接结果却要存 {sum(third)} 个通道,是 {sum(third) / (third[-1] + k):.1f} 倍",
        f"两个通道的值是 {row(x)},拼接后用权重 {row(w)} 做 1×1 卷积,"
        f"输出 {w @ x:g},等于 {parts[0]:g} 加 {parts[1]:g}",
        f"权重取 (1, 1) 时输出 {np.ones(2) @ x:g},正好是逐元素相加",
    ]


def attention_in_vision() -> list[str]:
    stages = [(3, 256), (4, 512), (6, 1024), (3, 2048)]
    se = size([s for n, c in stages for _ in range(n) for s in ((c // 16, c), (c, c // 16))])
    resnet50 = size(list(resnet_shapes((3, 4, 6, 3), True)))

    def patches(image: int, patch: int) -> int:
        return sum(1 for _ in product(range(0, image - patch + 1, patch), repeat=2))

    d, n = 768, patches(224, 16) + 1
    layer: list[Shape] = [(3 * d, d), (3 * d,), (d, d), (d,), (4 * d, d), (4 * d,), (d, 4 * d), (d,)]
    vit = size(
        [(d, 3, 16, 16), (d,), (d,), (n, d)] + (layer + [(d,)] * 4) * 12 + [(d,), (d,), (1000, d), (1000,)]
    )
    assert vit == 86_567_656  # as in the published checkpoint

    def macs(tokens: int) -> tuple[int, int]:
        """Return the multiply-adds of one block: its dense layers, and scores with their weighted sum."""
        dense = tokens * sum(math.prod(s) for s in layer if len(s) == 2)
        return dense, 2 * tokens * tokens * d

    def share(tokens: int) -> str:
        dense, pairs = macs(tokens)
        return f"{100 * pairs / (dense + pairs):.1f}%"

    tokens = [patches(size_, patch) + 1 for size_, patch in ((224, 16), (224, 8), (1024, 16))]
    even = next(t for t in range(1, 10**5) if macs(t)[1] >= macs(t)[0])
    grid, window = 56 * 56, 7 * 7
    everyone = grid * grid
    local = (grid // window) * window * window
    # The exact spread of a dot product: q and k with 64 independent signs, by convolving its distribution.
    dot = np.ones(1)
    for _ in range(64):
        dot = np.convolve(dot, [0.5, 0.0, 0.5])
    spread = math.sqrt(float(dot @ np.arange(-64, 65) ** 2))

    def pull(gap: float) -> float:
        return slope(sigmoid, gap)

    return [
        f"在 ResNet-50 的 16 个块上加 r 为 16 的 SE,多出 {se / 1e6:.2f}M 个权重,"
        f"是原网络参数量的 {100 * se / resnet50:.1f}%",
        f"7×7、两个输入通道、一个输出通道的卷积,只有 {size([(1, 2, 7, 7)])} 个权重",
        f"224×224 的图像按 16×16 切块,每边 {math.isqrt(n - 1)} 块,得到 {n - 1} 个 patch,加 class token 是 {n} 个 token",
        f"在 1000 类上 ViT-B/16 一共 {vit / 1e6:.2f}M 个参数,每个 patch 先变成 {3 * 16 * 16} 维,再投影到 {d} 维",
        f"12 个头、每层每张图的注意力权重有 {12 * n * n} 个",
        f"$D=768$,注意力的平方项只占一层乘加的 {share(n)}",
        f"patch 换成 8×8 时,token 是 {tokens[1]} 个,平方项占 {share(tokens[1])}",
        f"图像换成 1024×1024、patch 仍是 16×16 时,token 是 {tokens[2]} 个,平方项占 {share(tokens[2])}",
        f"token 数达到 {even} 时,平方项才与全部线性层的计算量相等",
        f"边长加倍,patch 数变成 {patches(448, 16) / patches(224, 16):g} 倍,"
        f"注意力矩阵变成 {(patches(448, 16) / patches(224, 16)) ** 2:g} 倍",
        f"56×56 个 token 全局两两配对是 {everyone} 对,7×7 窗口内配对是 {local} 对,只有 1/{everyone / local:g}",
        f"每个分量独立、均值为 0、方差为 1、维数 64 时,点积的标准差是 {spread:g}",
        f"两个 logit 相差 8,softmax 权重是 {sigmoid(8):.4f},导数是 {pull(8):.1e}",
        f"除以 8 之后相差 1,权重是 {sigmoid(1):.4f},导数是 {pull(1):.4f}",
    ]


# --- training schemes ------------------------------------------------------------------------------------


def knowledge_distillation() -> list[str]:
    teacher, student = np.array([5.0, 1, -6]), np.zeros(3)
    assert teacher.sum() == 0

    def loss(z: Array, t: float) -> float:
        return -float(softmax(teacher / t) @ np.log(softmax(z / t)))

    def gradient(t: float) -> Array:
        def along(axis: int) -> float:
            return slope(lambda step: loss(student + step * np.eye(3)[axis], t), 0.0)

        return np.array([along(0), along(1), along(2)])

    def bits(p: Array) -> float:
        return -float(p @ np.log2(p))

    def rank(t: float) -> float:
        p = softmax(teacher / t)
        return float(p[1] / p[2])

    lines = [
        f"| {t} | {row(softmax(teacher / t), '.4f')} | {np.linalg.norm(gradient(t)):.4f}"
        f" | {t * t * np.linalg.norm(gradient(t)):.3f} |"
        for t in (1, 4, 20)
    ]
    limit = (student - teacher) / 3
    # The step is h = 1e-4, so far up only the trend to the limit is tested, not its last digits.
    away = [float(np.abs(t * t * gradient(t) - limit).max()) for t in (20, 100)]
    assert away[0] > away[1] < 0.04
    # Batch of two: KLDivLoss "mean" divides by every element, "batchmean" by the samples.
    terms = np.arange(1.0, 201).reshape(2, 100)
    ratio = (terms.sum() / len(terms)) / terms.mean()
    return [
        f"三类的 teacher logit 是 {row(teacher)},student logit 是 {row(student)}",
        *lines,
        f"T 从 1 升到 20,不乘系数的梯度缩小到 1/{np.linalg.norm(gradient(1)) / np.linalg.norm(gradient(20)):.0f}",
        f"乘 $T^2$ 之后只从 {np.linalg.norm(gradient(1)):.3f} 变到 {400 * np.linalg.norm(gradient(20)):.3f}",
        f"高温极限是 {row(limit, '.3f')},长度是 {np.linalg.norm(limit):.3f}",
        f"T 为 1 时第二类的梯度是 {gradient(1)[1]:.3f},T 为 20 时乘 $T^2$ 后是 {400 * gradient(20)[1]:.3f}",
        f"第二类与第三类的概率之比,T 为 1 时是 {rank(1):.0f},T 为 4 时是 {rank(4):.2f}",
        f"标签的熵,one-hot 是 0 bit,T 为 1 时是 {bits(softmax(teacher)):.3f} bit,"
        f"T 为 4 时是 {bits(softmax(teacher / 4)):.3f} bit",
        f"100 类时,KLDivLoss 的 reduction 误用 mean 会让蒸馏项缩小到 1/{ratio:g}",
    ]


def gan_training() -> list[str]:
    def table(a: float) -> str:
        saturating = abs(slope(lambda v: -math.log1p(math.exp(v)), a))  # log(1 - D)
        other = abs(slope(lambda v: math.log1p(math.exp(-v)), a))  # -log D
        return f"| {a:g} | {sigmoid(a):.3g} | {saturating:.3g} | {other:.5f} | {other / saturating:.3g} |"

    def js(p: Array, q: Array) -> float:
        def kl(a: Array, b: Array) -> float:
            return float(sum(x * math.log(x / y) for x, y in zip(a, b, strict=True) if x > 0))

        return kl(p, (p + q) / 2) / 2 + kl(q, (p + q) / 2) / 2

    def points(at: int) -> Array:
        return np.asarray(np.eye(11)[at])

    far = [js(points(0), points(at)) for at in (1, 5, 10)]
    earth = [float(np.abs(np.cumsum(points(0) - points(at))).sum()) / 10 for at in (1, 5, 10)]
    assert max(far) - min(far) < 1e-12

    def game(
        steps: int, eta: float, r1: float = 0.0, gp: float = 0.0, alternate: bool = False
    ) -> list[tuple[float, float]]:
        """Play Dirac-GAN with a linear critic D(x) = psi x, data at 0 and the generator at theta."""
        theta, psi, path = 1.0, 1.0, []
        for _ in range(steps):
            moved = theta + eta * psi
            seen = moved if alternate else theta
            psi += eta * (-seen - r1 * psi - gp * 2 * (abs(psi) - 1) * math.copysign(1, psi))
            theta = moved
            path.append((theta, psi))
        return path

    def radius(path: list[tuple[float, float]]) -> float:
        return math.hypot(*path[-1]) / math.sqrt(2)

    def modes(k: int, rounds: int, moves: int) -> tuple[list[float], list[int]]:
        """Play k modes; return the effective modes of every round, and the mode over one half where there is one."""
        z, score = [0.02 * i / (k - 1) for i in range(k)], [0.0] * k
        kept, leaders = [], []

        def shares() -> list[float]:
            top = max(z)
            e = [math.exp(v - top) for v in z]
            return [v / sum(e) for v in e]

        for _ in range(rounds):
            q = shares()
            score = [s + (1 - sigmoid(s)) / k - p * sigmoid(s) for s, p in zip(score, q, strict=True)]
            for _ in range(moves):
                q = shares()
                mean = sum(p * s for p, s in zip(q, score, strict=True))
                z = [v + p * (s - mean) for v, p, s in zip(z, q, score, strict=True)]
            q = shares()
            kept.append(math.exp(-sum(p * math.log(p) for p in q if p > 0)))
            leaders += [i for i, p in enumerate(q) if p > 0.5]
        return kept, leaders

    kept, leaders = modes(8, 50, 1000)
    hops = sum(a != b for a, b in pairwise(leaders))

    swing = [theta for theta, _ in game(20_000, 0.1, gp=0.5)[-10_000:]]
    plain, turns = game(100, 0.1), [math.hypot(*at) / math.sqrt(2) for at in game(1000, 0.1, alternate=True)]
    real, fake = np.array([0.5, 0.5]), np.array([0.99, 0.01])
    back, forth = (float(a @ np.log(a / b)) for a, b in ((fake, real), (real, fake)))
    n = 32
    circulant = sum((np.roll(np.eye(n), s, axis=1) for s in (-1, 0, 1)), np.zeros((n, n)))
    true = float(np.linalg.norm(circulant, 2))
    flat = float(np.linalg.norm(np.ones((1, 3)), 2))
    return [
        *(table(a) for a in (0, -2, -5, -10)),
        f"真实数据是 0 处的一个点,生成数据是 0.1、0.5、1 处的一个点,三种情况的 JS 散度都是 {far[0]:.4f}",
        f"Wasserstein 距离依次是 {chain([f'{w:g}' for w in earth])}",
        f"学习率 0.1、从 (1, 1) 出发,同时更新 100 步后到均衡点的距离变成 {radius(plain):.3f} 倍",
        f"交替更新(先生成器、后 critic)1000 步,距离始终在 {min(turns):.3f} 到 {max(turns):.3f} 倍之间",
        f"加系数为 1 的 R1 惩罚后同时更新 100 步,距离从 {math.sqrt(2):.3f} 降到 "
        f"{math.hypot(*game(100, 0.1, r1=1)[-1]):.4f},只剩 {radius(game(100, 0.1, r1=1)):.4f} 倍",
        f"换成同样强度(系数 0.5)的 WGAN-GP 惩罚,同时更新 20000 步,"
        f"后 10000 步里生成点仍在 {min(swing):.2f} 到 {max(swing):.2f} 之间来回",
        f"真实分布是 {row(real)},生成分布是 {row(fake)},"
        f"KL(生成‖真实) 只有 {back:.3f},KL(真实‖生成) 是 {forth:.3f}",
        "8 个模式的极简 GAN(生成器是 8 个 logit 的 softmax,判别器给每个模式一个分数,学习率都是 1,起点接近均匀),"
        f"判别器每走 1 步、生成器就走 1000 步时,50 轮里有效模式数(熵的指数)最少只有 {min(kept):.2f},"
        f"占比过半的模式换了 {hops} 次,{len(set(leaders))} 个模式都轮到过;两边都只走 1 步时,"
        f"有效模式数最少也有 {min(modes(8, 50, 1)[0]):.2f}",
        f"一维 kernel (1, 1, 1) 展平后的谱范数是 {flat:.3f},卷积算子(循环边界)的谱范数是 {true:g}",
        f"除以展平后的谱范数,卷积的 Lipschitz 常数仍是 {true / flat:.3f}",
    ]


def data_augmentation() -> list[str]:
    def reach(lam: float) -> float:
        """Return the least cross-entropy on a two-class mixed label, by search."""
        p = np.linspace(0.001, 0.999, 999)
        return float(np.min(-lam * np.log(p) - (1 - lam) * np.log(1 - p)))

    mixed = 0.7 * -math.log(0.6) + 0.3 * -math.log(0.3)
    soft = -float(np.array([0.7, 0.3, 0]) @ np.log([0.6, 0.3, 0.1]))
    assert math.isclose(mixed, soft)

    def beta(alpha: float) -> tuple[float, float]:
        """Return P(0.1 < x < 0.9) and E min(x, 1 - x) of Beta(a, a); u = x**a tames the end at 0."""
        u = (np.arange(200_000) + 0.5) / 200_000 * 0.5**alpha
        x = u ** (1 / alpha)
        weight = (1 - x) ** (alpha - 1)
        return float(weight[x > 0.1].sum() / weight.sum()), float((weight * x).sum() / weight.sum())

    def covered(box: int, image: int) -> tuple[float, float]:
        """Return the covered share with the centre in a corner, and on average over all centres."""

        def length(centre: int) -> int:
            return sum(1 for p in range(centre - box // 2, centre + box // 2) if 0 <= p < image)

        lengths = [length(c) for c in range(image)]
        return (lengths[0] / image) ** 2, (sum(lengths) / image / image) ** 2

    corner, mean = covered(112, 224)
    cut = covered(16, 32)[1]
    turn = np.deg2rad(30)
    corners = np.array([[x, y] for x in (-50.0, 50.0) for y in (-25.0, 25.0)])
    turned = corners @ np.array([[math.cos(turn), math.sin(turn)], [-math.sin(turn), math.cos(turn)]])
    width, height = np.ptp(turned, axis=0)
    views = np.array([0.9, 0.5])
    few, many = beta(0.2), beta(1)
    return [
        f"$\\lambda=0.7$,猫的预测概率是 0.6,狗的预测概率是 0.3,mixup 损失是 {mixed:.4f}",
        f"标签是 (0.7, 0.3),损失最小也只能到 {reach(0.7):.4f},到不了 0",
        f"$\\alpha=0.2$ 时 $\\lambda$ 落在 0.1 到 0.9 之间的概率是 {few[0]:.3f},较小一份的平均占比是 {few[1]:.3f}",
        f"$\\alpha=1$ 时两个数分别是 {many[0]:.3f} 和 {many[1]:.3f}",
        f"224×224 的图像、抽到 $\\lambda=0.75$,框的边长是 {224 * math.sqrt(1 - 0.75):g}",
        f"框的中心落在角上时,实际只盖住 {100 * corner:.2f}% 的面积,标签里的 $\\lambda$ 应改成 {1 - corner:.4f}",
        f"中心均匀取时,平均只盖住 {100 * mean:.1f}% 而不是 25%",
        f"32×32 的图像、16×16 的方块,平均遮住 {100 * cut:.1f}% 的面积",
        f"宽 100、高 50 的框旋转 30 度,外接框是 {width:.1f}×{height:.1f},面积是原来的 {width * height / 5000:.2f} 倍",
        f"类别 1 和类别 3 的边界上取平均得到 {np.mean([1, 3]):g}",
        f"两个视角给正确类的概率是 0.9 和 0.5,平均后的损失是 {-math.log(views.mean()):.4f},"
        f"各自损失的平均是 {-np.log(views).mean():.4f}",
    ]


EXAMPLES: dict[str, Callable[[], list[str]]] = {
    function.__name__.replace("_", "-"): function
    for function in (
        attention_in_vision,
        data_augmentation,
        densenet,
        gan_training,
        inception_module,
        knowledge_distillation,
        resnet,
    )
}
