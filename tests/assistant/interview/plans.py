"""A small plan of our own, and lines as if they had been judged."""

from __future__ import annotations

from datetime import UTC, datetime

from assistant.grading.types import KeyPoint, Level, Verdict
from assistant.interview.listening import manner
from assistant.interview.types import Deeper, Finding, Heard, Item, Plan, Probe, Rung, State, TopicPlan
from assistant.language import Language

BEGAN = datetime(2026, 11, 23, 9, tzinfo=UTC)


def point(text: str) -> KeyPoint:
    return KeyPoint(text, wordings=(text,))


def item(
    item_id: str, topic: str, rung: Rung, prompt: str, *points: str, deeper: tuple[Deeper, ...] = ()
) -> Item:
    return Item(
        item_id, topic, topic, rung, prompt, tuple(map(point, points)), "。".join(points), None, deeper=deeper
    )


_DEEPER = (
    Deeper(Probe.DEPTH, "为什么还要学两个参数？", (point("缩放和平移让网络能还原归一化之前的表达"),), ""),
    Deeper(Probe.BOUNDARY, "什么时候不该用？", (point("小批量和循环网络里统计量不可靠"),), ""),
)
BN = TopicPlan(
    "BN",
    "due",
    (
        item(
            "bn-why",
            "BN",
            Rung.WHY,
            "BN 为什么能加速训练？",
            "每个通道用小批量的均值和方差归一化",
            "可以使用更大的学习率",
            "损失曲面变得更平滑",
            deeper=_DEEPER,
        ),
        item("bn-what", "BN", Rung.WHAT, "BN 是什么？", "归一化之后再做缩放与平移"),
        item("bn-how", "BN", Rung.HOW, "BN 的反向传播怎么推？", "均值和方差都是输入的函数所以有三条路径"),
    ),
    ("LN",),
)
LN = TopicPlan(
    "LN",
    "new",
    (
        item(
            "ln",
            "LN",
            Rung.DIFFERENCE,
            "LN 和 BN 有什么区别？",
            "在样本内部的特征维度上归一化",
            "和批量大小无关",
        ),
    ),
)
ADAM = TopicPlan(
    "Adam",
    "weak",
    (
        item(
            "adam",
            "Adam",
            Rung.HOW,
            "Adam 怎么更新参数？",
            "一阶矩和二阶矩的指数滑动平均",
            "偏置校正消除零初始化的影响",
        ),
    ),
)


def plan(*, questions: int = 3, seconds: int = 1800, seed: int = 7, practice: bool = False) -> Plan:
    return Plan("01TEST", Language.ZH, "general", seed, (ADAM, BN, LN), questions, seconds, practice)


def says(state: State, text: str, *verdicts: Verdict, level: Level | None = None, against: str = "") -> Heard:
    """Return `text` as judged: its manner, and for an answer the verdicts on the points that were asked."""
    kind = manner(text, state.waiting.prompt if state.waiting else "")
    if not verdicts:
        return Heard(text, kind)
    points = state.waiting.points if state.waiting else ()
    findings = tuple(
        Finding(p, verdict, text)
        for p, verdict in zip(points, [*verdicts, *[Verdict.MISSED] * 9], strict=False)
    )
    best = level or (Level.CORRECT if verdicts[0] is Verdict.HIT else Level.WRONG)
    return Heard(text, kind, best, float(best is Level.CORRECT), findings, against=against)
