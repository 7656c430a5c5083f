"""Mixup and CutMix: the mixed label, its loss and the least it can be, and what a clipped CutMix box covers.

Labels and areas only, no picture. CutMix's box without the second label's share is Cutout's hole.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Annotated, Any, Literal

import numpy as np
from annotated_types import Interval, Len

from assistant.demo_kit.exercises import Exercise, Mistake
from assistant.demo_kit.question import Facts
from assistant.demo_kit.slots import Spoken, fill
from assistant.demo_kit.types import DemoError, DemoResult, Fault, Plot, Series, Table
from assistant.demo_parts.clear_draws import draw_clear, short
from assistant.demo_parts.costs import inconsistent, refuse_unused

FORMULA = (
    "mixup: x = λ xᵢ + (1 − λ) xⱼ, the same for labels; CutMix: a box of sides W√(1 − λ), H√(1 − λ) around a random "
    "centre, clipped; λ' = 1 − box/(WH); loss = −λ ln pᵢ − (1 − λ) ln pⱼ ≥ the entropy of (λ, 1 − λ)"
)
SOURCE = (
    "Zhang et al. 2018, mixup, arXiv:1710.09412, section 2; Yun et al. 2019, CutMix, arXiv:1905.04899, "
    "section 3.1 and algorithm 1; box rounding as in the authors' code; DeVries & Taylor 2017, Cutout"
)
TOPICS = (
    "mixup", "CutMix", "Cutout", "mixup 标签", "cutmix 面积", "数据增强 mixup", "混合样本",
)  # fmt: skip


def mixup_cutmix(
    *,
    method: Literal["mixup", "cutmix"] = "mixup",
    lam: Annotated[float, Interval(ge=0, le=1)] = 0.7,
    p: Annotated[Sequence[Annotated[float, Interval(gt=0, lt=1)]], Len(2, 2)] = (0.6, 0.3),
    size: Annotated[int, Interval(ge=1, le=4096)]
    | Annotated[list[Annotated[int, Interval(ge=1, le=4096)]], Len(2, 2)]
    | None = None,
    centre: Annotated[list[Annotated[int, Interval(ge=0, le=4095)]], Len(2, 2)] | None = None,
) -> DemoResult:
    """The label weights and loss of mixup or CutMix, and the area that CutMix's box covers.

    Args:
        method: Blend two images, or paste a box of the second into the first.
        lam: Share λ of the first image as drawn from the beta distribution.
        p: Predicted probabilities of the first and the second image's class; together at most 1.
        size: Side of the image in pixels, or [height, width], for cutmix; 224 when left out.
        centre: Pixel [x, y] in the middle of the box, for cutmix; the image's middle when left out.
    """
    if sum(p) > 1 + 1e-9:
        raise inconsistent("p", list(p), "a sum of at most 1", f"p sums to {sum(p):.6g}, more than 1.",
                           f"p 的和是 {sum(p):.6g}，超过 1。")  # fmt: skip
    refuse_unused(
        {"size": size, "centre": centre}, ("size", "centre") * (method == "cutmix"), f"method={method}"
    )
    numbers: dict[str, Any] = {}
    used: dict[str, Any] = {}
    kept, plot = lam, None
    if method == "cutmix":
        size = 224 if size is None else size
        height, width = (size, size) if isinstance(size, int) else size
        used = {"size": size, "centre": [width // 2, height // 2] if centre is None else centre}
        numbers, plot = _cut(height, width, used["centre"], lam)
        kept = numbers["lam_adjusted"]
    numbers["labels"] = [kept, 1 - kept]
    numbers["loss"] = -kept * math.log(p[0]) - (1 - kept) * math.log(p[1])
    numbers["least_loss"] = sum(-w * math.log(w) for w in (kept, 1 - kept) if w > 0)
    shares = np.linspace(0, 1, 101)
    losses = -shares * math.log(p[0]) - (1 - shares) * math.log(p[1])
    scalars = [(name, value) for name, value in numbers.items() if not isinstance(value, list)]
    return DemoResult(
        demo="mixup_cutmix",
        args_used=used,
        numbers=numbers,
        formula=FORMULA,
        source=SOURCE,
        table=Table(("figure", "value"), tuple(scalars)),
        plot=plot or Plot("line", (Series("loss", shares.tolist(), losses.tolist()),), "λ", "loss"),
        notes=_notes(method),
        warnings=_warnings(numbers, lam) if method == "cutmix" else (),
    )


def _cut(height: int, width: int, centre: Sequence[int], lam: float) -> tuple[dict[str, Any], Plot]:
    """Return the clipped box around `centre`, its area and the mean over all centres."""
    if not (centre[0] < width and centre[1] < height):
        raise DemoError(
            Fault.OUT_OF_RANGE, param="centre", got=list(centre), allowed=f"x < {width}, y < {height}",
            hint_en=f"The centre must lie in the {width}x{height} image.",
            hint_zh=f"中心应在 {width}x{height} 的图像内。",
        )  # fmt: skip
    ratio = math.sqrt(1 - lam)
    spans = []
    means = []
    for side, middle in ((width, centre[0]), (height, centre[1])):
        # Cut to whole pixels and halved like the authors': an odd box loses a pixel.
        half = int(side * ratio) // 2
        spans.append((max(0, middle - half), min(side, middle + half)))
        middles = np.arange(side)
        means.append(float((np.minimum(side, middles + half) - np.maximum(0, middles - half)).mean()) / side)
    (x1, x2), (y1, y2) = spans
    covered = (x2 - x1) * (y2 - y1)
    outline = (
        Series("image", [0, width, width, 0, 0], [0, 0, height, height, 0]),
        Series("box", [x1, x2, x2, x1, x1], [y1, y1, y2, y2, y1]),
    )
    return {
        "box_sides": [2 * (int(side * ratio) // 2) for side in (width, height)],
        "box": [x1, y1, x2, y2],
        "area": covered,
        "area_pct": 100 * covered / (width * height),
        "mean_area_pct": 100 * means[0] * means[1],
        "lam_adjusted": 1 - covered / (width * height),
    }, Plot("path", outline, "x", "y", equal=True)


def _notes(method: str) -> tuple[str, ...]:
    notes = ["least_loss is the entropy of the mixed label: a perfect prediction gets no lower, never to 0."]
    if method == "cutmix":
        notes.append(
            "labels follow the area that is really pasted (lam_adjusted). box is x1, y1, x2, y2; mean_area_pct is over "
            "all centres. A Cutout hole of side s in an image of side W is lam = 1 − (s/W)², labels left alone."
        )
    return tuple(notes)


def _warnings(numbers: dict[str, Any], lam: float) -> tuple[str, ...]:
    (x1, y1, x2, y2), (wide, high) = numbers["box"], numbers["box_sides"]
    if (x2 - x1, y2 - y1) == (wide, high):
        return ()
    return (f"The border clips the box: λ is {numbers['lam_adjusted']:.4g}, not {lam:g}.",)


_SPOKEN: Spoken = {"lam": ("lambda", "λ", "lam"), "p": ("probabilities", "预测概率", "概率", "p")}


def read_question(facts: Facts) -> dict[str, Any] | None:
    """Return λ, probabilities and image size of a question about mixup, CutMix or Cutout."""
    is_cut, is_mixed = facts.says("cutmix", "cutout"), facts.says("mixup")
    if not (is_cut or is_mixed):
        return None
    found = fill(mixup_cutmix, _SPOKEN, facts)
    if len(found.get("p", ())) != 2:
        found.pop("p", None)
    if is_cut and not is_mixed:
        found["method"] = "cutmix"
        if size := facts.size_before("图像", "图片", "image", "输入", "input"):
            found["size"] = size[0] if size[0] == size[1] else list(size)
        if facts.says("角", "corner"):
            found["centre"] = [0, 0]
    return found


def exercise(random: np.random.Generator, level: int) -> Exercise:
    """Return a drill: 1 mixup's loss, 2 CutMix's λ with the box inside, 3 with the box clipped at a border."""
    return draw_clear(lambda: _draw_loss(random) if level == 1 else _draw_box(random, level))


def _draw_loss(random: np.random.Generator) -> Exercise:
    lam, first = float(random.choice([0.6, 0.7, 0.8, 0.9])), float(random.choice([0.3, 0.4, 0.5, 0.6]))
    second = float(random.choice([0.1, 0.2, 0.3, 0.4]))
    arguments: dict[str, Any] = {"lam": lam, "p": [first, second]}
    answer = float(mixup_cutmix(**arguments).numbers["loss"])
    a, b = -math.log(first), -math.log(second)
    steps = (f"−ln {first:g} = {short(a)}, −ln {second:g} = {short(b)}",
             f"{lam:g} · {short(a)} + {1 - lam:.4g} · {short(b)} = {short(answer)}")  # fmt: skip
    return Exercise(
        demo="mixup_cutmix",
        arguments=arguments,
        question_zh=f"mixup 取 λ = {lam:g}，模型给第一张图的类 {first:g}、第二张图的类 {second:g} 的概率，"
        "交叉熵损失是多少？",
        question_en=f"Mixup with λ = {lam:g}: the model gives the first image's class {first:g} "
        f"and the second's {second:g}. What is the cross-entropy loss?",
        answer=answer,
        steps_zh=steps,
        steps_en=steps,
        hint_zh="两个标签的交叉熵按 λ 和 1 − λ 加权。",
        hint_en="The cross-entropies of both labels, weighted by λ and 1 − λ.",
        mistakes=(
            Mistake(-math.log(lam * first + (1 - lam) * second), "应先取对数再加权。", "Logarithms come first."),
            Mistake((1 - lam) * a + lam * b, "权重颠倒了。", "The weights are swapped."),
            Mistake(a, "只算了第一个标签。", "Only the first label is counted."),
        ),
    )  # fmt: skip


def _draw_box(random: np.random.Generator, level: int) -> Exercise:
    side = int(random.choice([32, 64, 128, 224]))
    # The box is a half, a quarter or three quarters of the side, whole pixels for all these sides.
    part = float(random.choice([0.25, 0.5, 0.75]))
    lam, box = 1 - part**2, int(side * part)
    middle = [side // 2, side // 2]
    if level == 3:
        middle = [0, 0] if random.random() < 0.5 else [0, side // 2]
    arguments: dict[str, Any] = {"method": "cutmix", "lam": lam, "size": side, "centre": middle}
    numbers = mixup_cutmix(**arguments).numbers
    answer = float(numbers["labels"][1])
    x1, y1, x2, y2 = numbers["box"]
    steps = (f"{side}·√(1 − {lam:g}) = {box}", f"{x2 - x1} × {y2 - y1}",
             f"{x2 - x1}·{y2 - y1} / {side}² = {short(answer)}")  # fmt: skip
    return Exercise(
        demo="mixup_cutmix",
        arguments=arguments,
        question_zh=f"CutMix：{side}×{side} 的图像，λ = {lam:g}，框的中心在 (x, y) = ({middle[0]}, {middle[1]})，"
        "第二张图的标签权重是多少？",
        question_en=f"CutMix on a {side}×{side} image with λ = {lam:g} and the box centred at "
        f"(x, y) = ({middle[0]}, {middle[1]}). What weight does the second image's label get?",
        answer=answer,
        steps_zh=steps,
        steps_en=steps,
        hint_zh="框的边长是 W√(1 − λ)，超出图像的部分被截掉，标签按实际面积算。",
        hint_en="The box has sides W√(1 − λ), is clipped at the border, and the label follows the area left.",
        mistakes=(
            Mistake(1 - answer, "这是第一张图的权重。", "That is the first image's weight."),
            Mistake(1 - lam, "框被边界截掉了一部分。", "The border clips the box."),
            Mistake(part, "这是边长之比，面积要平方。", "That is the ratio of the sides; areas are squared."),
            Mistake(part / 2, "两条边都要看是否被截断。", "Look at both sides, clipped or not."),
        ),
    )
