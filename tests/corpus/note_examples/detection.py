"""The arithmetic of the detection, kernel and overfitting notes, each by another road than the note takes.

Areas are counted in unit cells, gradients taken by differences, minima and fixed points found by search,
expectations by enumeration or quadrature. Nothing here reads the notes.

The file is long because every note brings one function; they share only the few helpers at the top.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Box = tuple[float, float, float, float]  # left, top, right, bottom
Cells = frozenset[tuple[int, int]]


def minimum(loss: Callable[[Array], Array], low: float, high: float, step: float) -> float:
    """Return the grid point at which `loss` is least."""
    grid: Array = low + step * np.arange(round((high - low) / step) + 1, dtype=np.float64)
    return round(float(grid[np.argmin(loss(grid))]), 6)


def slope(f: Callable[[float], float], at: float, h: float = 1e-4) -> float:
    """Return a central difference."""
    return (f(at + h) - f(at - h)) / (2 * h)


def row(values: Sequence[float] | Array) -> str:
    """Return the values as the notes write a tuple."""
    return "(" + ", ".join(format(float(v) + 0.0, "g") for v in values) + ")"


def cells(box: Box) -> Cells:
    """Return the unit cells of a box with integer corners."""
    left, top, right, bottom = map(int, box)
    return frozenset(itertools.product(range(left, right), range(top, bottom)))


def counted_iou(a: Box, b: Box) -> float:
    """Return IoU by counting cells."""
    return len(cells(a) & cells(b)) / len(cells(a) | cells(b))


# --- losses ------------------------------------------------------------------------------------------


def focal_loss() -> list[str]:
    """Recompute the figures of the focal loss note."""

    def cross(z: float) -> float:
        return math.log1p(math.exp(-z))  # the label is 1

    def focal(z: float) -> float:
        return (1 + math.exp(z)) ** -2 * cross(z)

    def logit(p: float) -> float:
        return math.log(p / (1 - p))

    def boost(p: float) -> float:
        return slope(focal, logit(p)) / slope(cross, logit(p))

    easy, hard = 100_000, 100
    flood, rare = ((easy * loss(logit(0.99)), hard * loss(logit(0.3))) for loss in (cross, focal))
    weighted = 0.75 * rare[0], 0.25 * rare[1]
    bias = minimum(lambda b: abs(1 / (1 + np.exp(-b)) - 0.01), -10, 0, 1e-3)
    start = easy * cross(0), easy * cross(logit(0.99))
    best = minimum(lambda p: -0.9 * (1 - p) ** 2 * np.log(p) - 0.1 * p**2 * np.log(1 - p), 0.001, 0.999, 1e-3)
    proper = minimum(lambda p: -0.9 * np.log(p) - 0.1 * np.log(1 - p), 0.001, 0.999, 1e-3)
    turn = max(p for p in np.arange(0.01, 0.99, 0.01).tolist() if boost(p) > 1)
    assert all(boost(p) > 1 for p in np.arange(0.01, turn, 0.01).tolist())
    assert round(turn, 1) == 0.3
    return [
        "取 $\\gamma=2$、不乘 $\\alpha$",
        *(
            f"| {p} | {(1 - p) ** 2:.4g} | {cross(logit(p)):.4f} | {focal(logit(p)):.6f} |"
            for p in (0.1, 0.5, 0.9, 0.99)
        ),
        f"$p_t=0.9$ 的易样本,损失降到 1/{cross(logit(0.9)) / focal(logit(0.9)):.0f},"
        f"对 logit 的梯度大小却从 {-slope(cross, logit(0.9)):.3g} 降到 {-slope(focal, logit(0.9)):.6f},"
        f"只降到 1/{1 / boost(0.9):.1f}",
        f"$p_t=0.1$ 的难样本,损失降到 {focal(logit(0.1)) / cross(logit(0.1)):.2f} 倍,"
        f"梯度反而变成交叉熵的 {boost(0.1):.3f} 倍;$p_t$ 小于约 {round(turn, 1):.2f} 时",
        f"设有 {easy} 个 $p=0.01$ 的易负样本和 {hard} 个 $p=0.3$ 的正样本:"
        f"交叉熵里负样本的总损失是 {flood[0]:.1f}、正样本是 {flood[1]:.1f},"
        f"负样本占 {100 * flood[0] / sum(flood):.1f}%;"
        f"focal loss 里负样本的总损失是 {rare[0]:.4f}、正样本是 {rare[1]:.2f},"
        f"负样本只占 {100 * rare[0] / sum(rare):.2f}%",
        f"再乘 $\\alpha=0.25$,负样本的总损失是 {weighted[0]:.4f}、正样本是 {weighted[1]:.2f},"
        f"负样本占 {100 * weighted[0] / sum(weighted):.2f}%",
        "所以 $\\alpha$ 反而要小于 0.5",
        f"先验 $\\pi=0.01$ 对应的偏置是 {bias:.3f};对 {easy} 个负样本,"
        f"偏置为 0 时初始交叉熵的总和是 {start[0]:.0f},偏置取先验值时是 {start[1]:.0f},"
        f"相差 {start[0] / start[1]:.1f} 倍",
        f"真实的正类概率是 0.9 时,使期望 focal loss 最小的输出是 {best:g},"
        f"使期望交叉熵最小的输出是 {proper:g}:focal loss 的输出偏向 0.5",
    ]


def smooth_l1_loss() -> list[str]:
    """Recompute the figures of the smooth L1 note: the loss is found as a Moreau envelope."""

    def smooth(x: float, beta: float = 1.0) -> float:
        grid = np.arange(-12, 12, 1 / 256)
        return float(np.min(abs(grid) + (x - grid) ** 2 / (2 * beta)))

    def envelope_slope(x: float, beta: float = 1.0) -> float:
        nearest = minimum(lambda u: abs(u) + (x - u) ** 2 / (2 * beta), -12, 12, 1e-4)
        return (x - nearest) / beta

    def huber(x: float, delta: float) -> float:
        """Return the area under the clipped residual."""
        middles = (np.arange(10_000) + 0.5) * x / 10_000
        return float(np.minimum(middles, delta).mean() * x)

    def apart(a: Box, b: Box) -> set[float]:
        return {abs(u - v) for u, v in zip(a, b, strict=True)}

    truth: Box = (0, 0, 10, 10)
    boxes: list[Box] = [(2, 2, 12, 12), (-2, -2, 12, 12), (2, 2, 8, 8)]
    assert all(apart(truth, box) == {2} for box in boxes)
    large, moved = (0, 0, 100, 100), (2, 2, 102, 102)
    assert apart(large, moved) == {2}
    assert math.isclose(smooth(10), huber(10, 1), rel_tol=1e-6)
    total = 4 * smooth(2)
    small_shift, large_shift = 2 / 10, 2 / 100
    return [
        "取 $\\beta=1$,L1 的梯度在残差为正时恒为 1",
        *(
            f"| {x:g} | {smooth(x):.3g} | {envelope_slope(x):.3g} | {slope(lambda v: v * v / 2, x):.3g} |"
            for x in (0.1, 0.5, 1, 2, 10)
        ),
        "$\\beta=\\delta=1$ 时 smooth L1 与 Huber loss 相同",
        f"残差为 3、$\\beta=\\delta=2$ 时,smooth L1 是 {smooth(3, 2):g},Huber loss 是 {huber(3, 2):.3g},"
        f"正好差 {huber(3, 2) / smooth(3, 2):.3g} 倍",
        f"残差为 0.05 时,$\\beta=1$ 的梯度是 {envelope_slope(0.05):.3g},"
        f"$\\beta=1/9$ 的梯度是 {envelope_slope(0.05, 1 / 9):.3g}",
        f"真值框是 {row(truth)},三个预测框 {'、'.join(map(row, boxes))} 的每个坐标都差 2,"
        f"$\\beta=1$ 的 smooth L1 之和都是 {total:g},"
        f"IoU 却分别是 {'、'.join(f'{counted_iou(truth, box):.4f}' for box in boxes)}",
        f"在 100×100 的框上同样平移 (2, 2),IoU 是 {counted_iou(large, moved):.4f},"
        f"像素坐标的 smooth L1 之和仍是 {total:g}",
        f"小框的中心偏移是 {small_shift:g},大框的中心偏移是 {large_shift:g},中心两项的 smooth L1 之和分别是 "
        f"{2 * smooth(small_shift):.3g} 和 {2 * smooth(large_shift):.3g}",
    ]


# --- boxes -------------------------------------------------------------------------------------------


def scores(a: Box, b: Box) -> dict[str, float]:
    """Return IoU, GIoU, DIoU and CIoU of two real boxes, with the parts that the note quotes."""
    width = max(0.0, min(a[2], b[2]) - max(a[0], b[0]))
    height = max(0.0, min(a[3], b[3]) - max(a[1], b[1]))
    inter = width * height
    union = sum((x[2] - x[0]) * (x[3] - x[1]) for x in (a, b)) - inter
    spans = max(a[2], b[2]) - min(a[0], b[0]), max(a[3], b[3]) - min(a[1], b[1])
    centre = math.dist(*(((x[0] + x[2]) / 2, (x[1] + x[3]) / 2) for x in (a, b))) ** 2
    angles = [math.atan2(x[2] - x[0], x[3] - x[1]) for x in (a, b)]
    v = 4 / math.pi**2 * (angles[0] - angles[1]) ** 2
    iou = inter / union
    diou = iou - centre / (spans[0] ** 2 + spans[1] ** 2)
    return {
        "inter": inter,
        "union": union,
        "hull": spans[0] * spans[1],
        "centre": centre,
        "diagonal": spans[0] ** 2 + spans[1] ** 2,
        "IoU": iou,
        "GIoU": iou - (spans[0] * spans[1] - union) / (spans[0] * spans[1]),
        "DIoU": diou,
        "v": v,
        "CIoU": diou - (v * v / (1 - iou + v) if v else 0.0),
    }


def agrees_with_counting(a: Box, b: Box) -> bool:
    """Say whether the areas and centres of `scores` are those of the counted cells."""
    ours, (one, two) = scores(a, b), (cells(a), cells(b))
    xs, ys = zip(*(one | two), strict=True)
    hull = cells((min(xs), min(ys), max(xs) + 1, max(ys) + 1))
    middle = [np.mean(list(side), axis=0) for side in (one, two)]
    counted = len(one & two), len(one | two), len(hull), float(np.sum((middle[0] - middle[1]) ** 2))
    return np.allclose(counted, [ours[key] for key in ("inter", "union", "hull", "centre")])


def iou() -> list[str]:
    """Recompute the figures of the IoU note."""
    a, b = (0, 0, 4, 4), (2, 2, 6, 6)
    s, dice = scores(a, b), 2 * len(cells(a) & cells(b)) / (len(cells(a)) + len(cells(b)))

    def gap(distance: float) -> tuple[Box, Box]:
        return (0, 0, 2, 2), (2 + distance, 0, 4 + distance, 2)

    def rate(key: str) -> str:
        return f"{slope(lambda d: scores(*gap(d))[key], 2):.4f}"

    def both(key: str, *pairs: tuple[Box, Box]) -> list[str]:
        return [f"{scores(*pair)[key]:.4f}" for pair in pairs]

    near, far = gap(2), gap(6)
    big: Box = (0, 0, 10, 10)
    inside: list[tuple[Box, Box]] = [(big, (3, 3, 7, 7)), (big, (0, 0, 4, 4))]
    tall: tuple[Box, Box] = ((1, 0, 3, 8), (0, 2, 4, 6))
    shape = scores(*tall)
    assert all(agrees_with_counting(*pair) for pair in [(a, b), near, far, *inside, tall])
    third = counted_iou((0, 0, 6, 6), (2, 0, 8, 6))
    shared = len(cells((0, 0, 6, 6)) & cells((2, 0, 8, 6))) / 36
    raw = [min(2, 6) - max(0, 4)] * 2
    apart: tuple[Box, Box] = ((0, 0, 2, 2), (4, 4, 6, 6))
    return [
        f"A 是 {row(a)},B 是 {row(b)}:交集是 {s['inter']:g},并集是 {s['union']:g},IoU 是 {s['IoU']:.4f},"
        f"Dice 是 {dice:.4f};外接框面积是 {s['hull']:g},GIoU 是 {s['GIoU']:.4f};"
        f"中心距离的平方是 {s['centre']:g},对角线的平方是 {s['diagonal']:g},DIoU 是 {s['DIoU']:.4f};"
        f"两个框都是正方形,$v={s['v']:g}$,CIoU 也是 {s['CIoU']:.4f}",
        f"两个 2×2 的框在水平方向相距 2 和相距 6 时,IoU 都是 {counted_iou(*near) + counted_iou(*far):g},"
        f"GIoU 是 {' 和 '.join(both('GIoU', near, far))},DIoU 是 {' 和 '.join(both('DIoU', near, far))}",
        f"在相距 2 的位置,间距每增大一点,IoU 的导数是 {rate('IoU')},GIoU 的导数是 {rate('GIoU')},"
        f"DIoU 的导数是 {rate('DIoU')}",
        f"10×10 的框包含一个 4×4 的框:小框在中心和在角上时 IoU 都是 {'='.join(set(both('IoU', *inside)))},"
        f"GIoU 也都是 {'='.join(set(both('GIoU', *inside)))};"
        f"DIoU 分别是 {' 和 '.join(both('DIoU', *inside))}",
        f"中心相同的 2×8 框和 4×4 框,中心距离是 {shape['centre']:g}:IoU 是 {shape['IoU']:.4f},"
        f"DIoU 也是 {shape['DIoU']:.4f},$v$ 是 {shape['v']:.4f},CIoU 是 {shape['CIoU']:.4f}",
        *(
            f"边长 {side} 的正方形水平平移 2,"
            f"IoU 是 {counted_iou((0, 0, side, side), (2, 0, side + 2, side)):.4f}"
            for side in (10, 100)
        ),
        f"IoU 正好是 {third:g},此时每个框有 {100 * shared:.1f}% 的面积重合",
        f"{row(apart[0])} 与 {row(apart[1])} 的“交集”是 ({raw[0]})×({raw[1]})={math.prod(raw)},"
        f"算出的“IoU”是 {math.prod(raw) / (4 + 4 - math.prod(raw)):g},"
        f"而真实的 IoU 是 {counted_iou(*apart):g}",
    ]


def nms() -> list[str]:
    """Recompute the figures of the NMS note: what survives is found as a fixed point among all subsets."""
    boxes: dict[str, Box] = {
        "A": (0, 0, 10, 10),
        "B": (1, 0, 11, 10),
        "C": (4, 0, 14, 10),
        "D": (20, 0, 30, 10),
    }
    score = {"A": 0.9, "B": 0.8, "C": 0.7, "D": 0.6}
    names = sorted(score, key=lambda n: -score[n])
    overlap = {(m, n): counted_iou(boxes[m], boxes[n]) for m, n in itertools.permutations(names, 2)}

    def kept(limit: float, label: dict[str, str] | None = None) -> list[str]:
        """Return the only subset in which a box is missing exactly when a better member covers it."""
        label = label or dict.fromkeys(names, "one")
        found = []
        for size in range(len(names) + 1):
            for chosen in itertools.combinations(names, size):
                covered = {
                    n: any(
                        score[m] > score[n] and overlap[m, n] > limit and label[m] == label[n]
                        for m in chosen
                        if m != n
                    )
                    for n in names
                }
                if all((n in chosen) != covered[n] for n in names):
                    found.append(list(chosen))
        assert len(found) == 1
        return found[0]

    def fast(limit: float) -> list[str]:
        return [n for i, n in enumerate(names) if all(overlap[m, n] <= limit for m in names[:i])]

    def soft(decay: Callable[[float], float]) -> str:
        left, done = dict(score), []
        while left:
            best = max(left, key=lambda n: left[n])
            done.append(f"{best} {left.pop(best):.4f}")
            left = {n: s * decay(overlap[best, n]) for n, s in left.items()}
        return "、".join(done)

    def comparisons(matrix: NDArray[np.bool_]) -> int:
        alive, count = np.ones(len(matrix), bool), 0
        for i in range(len(matrix)):
            if alive[i]:
                count += int(alive[i + 1 :].sum())
                alive[i + 1 :] &= ~matrix[i, i + 1 :]
        return count

    four = np.array([[m == n or overlap[m, n] > 0.5 for n in names] for m in names])
    said = [f"{n} 是 {row(boxes[n])},分数 {score[n]}" for n in names]
    alone = {overlap["D", n] for n in "ABC"}
    mixed = kept(0.5, {"A": "one", "B": "two", "C": "one", "D": "one"})
    assert kept(0.9) == mixed == names
    return [
        *said,
        f"A 与 B 是 {overlap['A', 'B']:.4f},A 与 C 是 {overlap['A', 'C']:.4f},B 与 C 是 {overlap['B', 'C']:.4f},"
        f"D 与其他三个都是 {alone.pop():g}",
        f"C 与 A 的 IoU 不到 0.5,而 B 已被删掉,不能再抑制 C,所以保留 {'、'.join(kept(0.5))},"
        f"一共比较 {comparisons(four)} 次,两两全比要 {math.comb(4, 2)} 次",
        f"阈值取 0.4:A 同时删掉 B 和 C,保留 {'、'.join(kept(0.4))};阈值取 0.9:四个框全部保留",
        f"阈值取 0.5 时 B 会删掉 C,只保留 {'、'.join(fast(0.5))}",
        "阈值取 0.5:A 删掉 B",
        f"线性 soft-NMS 取阈值 0.3:最终分数是 {soft(lambda o: 1 - o if o >= 0.3 else 1.0)}",
        f"高斯 soft-NMS 取 $\\sigma=0.5$:最终分数是 {soft(lambda o: math.exp(-o * o / 0.5))}",
        "逐类 NMS 在阈值 0.5 时四个框全部保留",
        f"1000 个互不重叠的框要比较 {comparisons(np.eye(1000, dtype=bool))} 次,"
        f"1000 个完全重合的框只要比较 {comparisons(np.ones((1000, 1000), bool))} 次",
    ]


def mean_average_precision() -> list[str]:
    """Recompute the figures of the mAP note: areas by sampling the recall axis in cell middles."""

    def points(hits: str, objects: int = 4) -> list[tuple[float, float]]:
        return [(hits[:k].count("T") / objects, hits[:k].count("T") / k) for k in range(1, len(hits) + 1)]

    def best(hits: str, recall: float) -> float:
        return max((p for r, p in points(hits) if r >= recall), default=0.0)

    def area(hits: str, cuts: int = 400) -> float:
        return sum(best(hits, (i + 0.5) / cuts) for i in range(cuts)) / cuts

    hits = "TFTTFF"
    eleven = [best(hits, i / 10) for i in range(11)]
    coco = [best(hits, i / 100) for i in range(101)]
    steps = [0.0, *(r for r, _ in points(hits))]
    plain = sum((r - before) * p for before, (r, p) in zip(steps, points(hits), strict=False))
    quality = {0: 92, 2: 72, 3: 56}  # rank of a hit -> IoU in hundredths

    def strict(limit: int) -> float:
        return area("".join("T" if quality.get(i, 0) >= limit else "F" for i in range(len(hits))))

    levels = {limit: strict(limit) for limit in range(50, 100, 5)}

    def level(*limits: int) -> str:
        (only,) = {f"{levels[limit]:.4f}" for limit in limits}
        return only

    assert [best(hits, r) for r in (0.0, 0.25, 0.26, 0.75, 0.76)] == [1, 1, 0.75, 0.75, 0]
    assert levels[95] == 0
    assert area(hits + "F" * 1000, 40) == area(hits, 40)
    words = {"T": "TP", "F": "FP"}
    return [
        f"一个类别有 4 个真值框,{len(hits)} 个检测框按分数降序依次是 {'、'.join(words[h] for h in hits)},"
        f"有 {4 - hits.count('T')} 个真值框没有被检出",
        *(f"| {k} | {p:.4f} | {r:.2f} |" for k, (r, p) in enumerate(points(hits), 1)),
        f"recall 不超过 0.25 时 precision 是 {best(hits, 0.25):g},从 0.25 到 0.75 是 {best(hits, 0.5):g},"
        f"超过 0.75 是 {best(hits, 0.8):g}",
        f"全部点的 AP 是 {area(hits):.4f};VOC07 的 11 个点里有 {eleven.count(1)} 个取 1、"
        f"{eleven.count(0.75)} 个取 0.75、{eleven.count(0)} 个取 0,AP 是 {np.mean(eleven):.4f};"
        f"COCO 的 101 个点里有 {coco.count(1)} 个取 1、{coco.count(0.75)} 个取 0.75、{coco.count(0)} 个取 0,"
        f"AP 是 {np.mean(coco):.4f}",
        f"直接把每个 TP 处的 precision 乘以 recall 增量,得到 {plain:.4f}",
        f"在末尾再加 1000 个分数更低的 FP,全部点的 AP 仍是 {area(hits + 'F' * 1000, 40):.4f};"
        f"在最前面加 1 个分数最高的 FP,AP 降到 {area('F' + hits):.4f}",
        "三个 TP 与真值框的 IoU 依次是 0.92、0.72、0.56;按全部点计算,"
        f"阈值 0.5 和 0.55 的 AP 是 {level(50, 55)},阈值 0.6 到 0.7 的 AP 是 {level(60, 65, 70)},"
        f"阈值 0.75 到 0.9 的 AP 是 {level(75, 80, 85, 90)},阈值 0.95 的 AP 是 {levels[95]:g},"
        f"十个阈值平均是 {np.mean(list(levels.values())):.4f}",
        f"另一个类别的 AP 是 0.25 时,两类的 mAP 是 {np.mean([area(hits), 0.25]):.4f}",
    ]


# --- kernels and generalization ----------------------------------------------------------------------


def kernel_psd() -> list[str]:
    """Recompute the figures of the kernel note: eigenvalues as roots of the characteristic polynomial."""

    def spectrum(matrix: Array) -> list[float]:
        """Return det(K - x I) = 0 solved from three or four sampled determinants."""
        size = len(matrix)
        at = np.arange(size + 1, dtype=float)
        values = [np.linalg.det(matrix - x * np.eye(size)) for x in at]
        return sorted(np.roots(np.polyfit(at, values, size)).real.tolist())

    def gram(kernel: Callable[[float, float], float], *points: float) -> Array:
        return np.array([[kernel(x, y) for y in points] for x in points])

    def alike(k13: float) -> Array:
        return np.array([[1, 0.9, k13], [0.9, 1, 0.9], [k13, 0.9, 1]])

    def text(matrix: Array, spec: str = "g") -> str:
        return "[" + ", ".join("[" + ", ".join(format(v, spec) for v in line) + "]" for line in matrix) + "]"

    c = np.array([1, -math.sqrt(2), 1])
    three = "、".join(f"{v:.4f}" for v in spectrum(alike(0)))
    angle = math.degrees(math.acos(0.9))
    least = minimum(np.vectorize(lambda k: abs(float(np.linalg.eigvalsh(alike(k))[0]))), 0, 0.9, 0.001)
    mixed = np.array([[1, -0.5], [-0.5, 1]])
    tanh = gram(lambda x, y: math.tanh(x * y), 1, 2)
    square = gram(lambda x, y: (x * y - 1) ** 2, 1, -1)
    sides = np.array([1, -1])

    def dual(alpha: float) -> float:
        a = np.full(2, alpha)
        return float(a.sum() - (a * sides) @ square @ (a * sides) / 2)

    polynomial = [a * b for a, b in zip((1, math.sqrt(2), 1), (1, 2 * math.sqrt(2), 4), strict=True)]

    def series(terms: int) -> float:
        return math.exp(-0.5 - 2) * sum(2.0**n / math.factorial(n) for n in range(terms))

    assert round(series(10), 4) == round(math.exp(-0.5), 4)
    assert dual(3.0) == 2 * 3 + 4 * 3**2
    low, high = (f"{v:.4f}" for v in spectrum(tanh))
    left, right = (f"{v:g}" for v in np.round(spectrum(mixed), 9))
    down, up = (f"{v:g}" for v in np.round(spectrum(square), 9))
    values = [f"{v:.3g}" for v in polynomial]
    return [
        f"三个对象的相似度是 $k_{{12}}=k_{{23}}=0.9$、$k_{{13}}=0$、对角线为 1:特征值是 {three};"
        f"取 $c=(1,\\ -\\sqrt2,\\ 1)$,二次型 $c^\\top Kc$ 等于 {c @ alike(0) @ c:.4f}",
        f"$k_{{12}}=0.9$ 表示单位向量的夹角是 {angle:.2f} 度,两次相加至多 {2 * angle:.2f} 度,"
        f"所以 $k_{{13}}$ 至少是 {math.cos(math.radians(2 * angle)):.2f};取 $k_{{13}}={least:g}$ 时最小特征值正好是 0",
        f"元素含负数的矩阵 {text(mixed)} 的特征值是 {left} 和 {right}",
        f"$\\tanh(xy)$ 在 $x=1$ 和 $x=2$ 两点的核矩阵是 {text(tanh, '.4f')},特征值是 {low} 和 {high};"
        f"$\\tanh(xy-1)$ 在 $x=0$ 处的对角元是 {math.tanh(-1):.4f}",
        f"核 $(xy-1)^2$ 在 $x=1$(正类)和 $x=-1$(负类)两点的核矩阵是 {text(square)},特征值是 {down} 和 {up},"
        f"距离平方是 {np.array([1, -1]) @ square @ np.array([1, -1]):g}",
        "SVM 的等式约束使 $\\alpha_1=\\alpha_2=\\alpha$,对偶目标是 $2\\alpha+4\\alpha^2$,"
        f"在 $\\alpha$ 为 1、10、100 时是 {'、'.join(f'{dual(a):g}' for a in (1, 10, 100))}",
        f"多项式核 $(xy+1)^2$ 在 $x=1$、$y=2$ 处等于 {(1 * 2 + 1) ** 2},特征映射 $(1,\\ \\sqrt2x,\\ x^2)$ 的内积是 "
        f"{'+'.join(values)},也等于 {sum(polynomial):.3g}",
        f"RBF 核 $\\exp(-(x-y)^2/2)$ 在 $x=1$、$y=2$ 处等于 {math.exp(-0.5):.4f};"
        f"用展开 $e^{{-x^2/2}}e^{{-y^2/2}}\\sum_n (xy)^n/n!$ 的前 3 项得到 {series(3):.4f},"
        f"前 10 项得到 {series(10):.4f}",
    ]


def overfitting() -> list[str]:
    """Recompute the figures of the overfitting note: expectations by enumeration, traces and quadrature."""

    def shrunk(s: float) -> list[str]:
        """Return squared bias, variance and error over all sixteen equally likely samples."""
        guesses = [s * float(np.mean(draw)) for draw in itertools.product((-1, 3), repeat=4)]
        bias, error = np.mean(guesses) - 1, np.mean([(g - 1) ** 2 for g in guesses])
        assert math.isclose(error, bias**2 + np.var(guesses))
        return [f"{v + 0.0:.3g}" for v in (bias**2, np.var(guesses), error)]

    xs = np.arange(-2.0, 3)
    ys = xs + 0.5 * np.array([1, -1, 1, -1, 1])
    middles = xs[:-1] + 0.5

    def lagrange(at: float) -> float:
        total = 0.0
        for i, y in enumerate(ys):
            others = np.delete(xs, i)
            total += float(y * np.prod((at - others) / (xs[i] - others)))
        return total

    def line(at: float) -> float:
        tilt = minimum(np.vectorize(lambda t: float(np.var(ys - t * xs))), 0, 2, 0.01)
        return float(np.mean(ys - tilt * xs)) + tilt * at

    def miss(model: Callable[[float], float], at: Array, target: Array) -> float:
        return float(np.mean([(model(x) - y) ** 2 for x, y in zip(at, target, strict=True)]))

    def penalised(lam: float) -> np.polynomial.Polynomial:
        """Return the quartic of ridge: least squares on the data and, per power, a row that pulls it to 0."""
        rows = np.vstack([np.vander(xs, 5, increasing=True), math.sqrt(lam) * np.eye(5)[1:]])
        return np.polynomial.Polynomial(np.linalg.lstsq(rows, np.append(ys, np.zeros(4)))[0])

    free, tamed = penalised(0), penalised(1)
    long, short = (float(np.linalg.norm(model.coef[1:])) for model in (free, tamed))

    rng = np.random.default_rng(0)
    design = rng.standard_normal((20, 5))
    hat = design @ np.linalg.pinv(design)
    train = float(np.trace((np.eye(20) - hat) @ (np.eye(20) - hat).T)) / 20
    fresh = 1 + float(np.trace(hat @ hat.T)) / 20

    def walked(h: float) -> float:
        w = 0.0
        for _ in range(10):
            w += 0.1 * h * (1 - w)
        return w

    def ridge(h: float) -> float:
        return minimum(lambda w: h * (w - 1) ** 2 / 2 + w**2 / 2, 0, 1, 1e-4)

    def reciprocal(freedom: int) -> float:
        """Return the mean of one over a chi-squared variable, by quadrature."""
        x = (np.arange(400_000) + 0.5) * 1e-3
        density = np.exp((freedom / 2 - 1) * np.log(x) - x / 2)
        return float((density / x).sum() / density.sum())

    def variance(p: int, n: int = 20) -> float:
        """Return E tr of the inverse Wishart matrix: each diagonal element is one over a chi-squared."""
        small, large = sorted((p, n))
        return small * reciprocal(large - small + 1)

    def lost(p: int, n: int = 20) -> float:
        features = rng.standard_normal((n, p))
        return 1 - float(np.trace(np.linalg.pinv(features) @ features)) / p

    def share(f: Callable[[float], float]) -> str:
        return "、".join(f"{f(h):.4f}" for h in (1, 0.1, 0.01))

    one, half, fifth = (shrunk(s) for s in (1, 0.5, 0.2))
    assert miss(lagrange, xs, ys) < 1e-20
    return [
        "真值是 1,每个观测等概率地偏高 2 或偏低 2,用 4 个观测的平均乘以系数 $s$ 作估计",
        *(
            f"$s={s}$ 时偏差平方是 {b}、方差是 {v}、误差是 {e}"
            for s, (b, v, e) in (("1", one), ("0.5", half), ("0.2", fifth))
        ),
        f"在 $x=-2,\\ -1,\\ 0,\\ 1,\\ 2$ 处的观测是 {'、'.join(f'{y:g}' for y in ys)},也就是交替加减 0.5 的噪声",
        f"一次多项式的训练 MSE 是 {miss(line, xs, ys):.3g},"
        f"在四个中点上对真值的 MSE 是 {miss(line, middles, middles):.3g};"
        f"四次多项式的训练 MSE 是 0,在四个中点上对真值的 MSE 是 {miss(lagrange, middles, middles):.4f};"
        f"外推到 $x=3$ 时,一次的预测是 {line(3):.3g},四次的预测是 {lagrange(3):.3g}",
        "给四次多项式加 $\\lambda=1$ 的 L2 正则(损失取平方和,不惩罚常数项):"
        f"系数向量的长度从 {long:.3f} 缩到 {short:.3f},"
        f"训练 MSE 从 0 升到 {miss(tamed, xs, ys):.4f},"
        f"在四个中点上对真值的 MSE 却从 {miss(free, middles, middles):.4f} 降到 {miss(tamed, middles, middles):.4f}",
        "线性回归有 20 个样本、5 个参数、噪声方差为 1 时,"
        f"期望训练误差是 {train:.3g},重新采样标签的期望误差是 {fresh:.3g},差距是 {fresh - train:.3g}",
        "步长 0.1 的梯度下降走 10 步,对应 $\\lambda=1$:曲率为 1、0.1、0.01 的方向,"
        f"早停学到的比例是 {share(walked)},岭回归是 {share(ridge)}",
        "20 个样本、噪声方差为 1 时,最小范数最小二乘的方差在参数数目为 5、17、23、40、100 时是 "
        f"{'、'.join(f'{variance(p):.3f}' for p in (5, 17, 23, 40, 100))},在 20 附近出现峰值",
        "参数数目为 40 和 100 时,最小范数解的偏差平方的期望是信号能量的 "
        f"{100 * lost(40):.0f}% 和 {100 * lost(100):.0f}%",
    ]


EXAMPLES: dict[str, Callable[[], list[str]]] = {
    function.__name__.replace("_", "-"): function
    for function in (
        focal_loss,
        smooth_l1_loss,
        iou,
        nms,
        mean_average_precision,
        kernel_psd,
        overfitting,
    )
}
