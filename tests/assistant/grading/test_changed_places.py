"""Right words in wrong places: roles, quotients, operations and figures exchanged, and mistakes that a note lists."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.grading.feedback import feedback
from assistant.grading.figures import Figure, claimed_in, disagree, figures_in
from assistant.grading.grader import Grader
from assistant.grading.mistakes import mistakes
from assistant.grading.types import Grade, Judged, KeyPoint, Level, Verdict
from assistant.language import Language
from corpus.glossary import Glossary
from index.embedders.hashed import HashedEmbedder
from index.library import open_library

NOTE = """---
title: 几种技巧
---

## 要点

- FooDrop 丢掉整个通道，BarDrop 丢掉连续的方块。
- 计算强度等于浮点运算次数除以访存的字节数。
- 几条支路的感受野不同，输出沿通道拼接。
- 相比于 L2 loss，L1 loss 对离群点更鲁棒，梯度变化更小。
- fp16 的最大值是 65504。
- 动量用 0.9。

## 常见错误

- 说 AdamW 在最小化带 L2 的损失是错的：它把衰减拆了出来。
- 说 dropout 只能用在全连接层是错的。
- 推理时忘记切换模式会出错。
"""


@pytest.fixture(scope="module")
def grader(tmp_path_factory: pytest.TempPathFactory, glossary: Glossary) -> Grader:
    folder = tmp_path_factory.mktemp("notes")
    (folder / "tricks.md").write_text(NOTE, "utf-8")
    index = tmp_path_factory.mktemp("index")
    return Grader(open_library([Path(folder)], index, embedder=HashedEmbedder(glossary), glossary=glossary))


def against(grade: Grade) -> list[str]:
    return [judged.evidence for judged in grade.points if judged.verdict is Verdict.CONTRADICTED]


@pytest.mark.parametrize(
    ("question", "right", "wrong", "evidence"),
    [
        (
            "FooDrop 和 BarDrop 是什么？",
            "FooDrop 丢整个通道，BarDrop 丢连续的方块",
            "FooDrop 丢连续的方块，BarDrop 丢整个通道",
            "BarDrop 丢整个通道",
        ),
        (
            "计算强度怎么算？",
            "计算强度是浮点运算次数除以访存字节数",
            "计算强度是访存字节数除以浮点运算次数",
            "计算强度是访存字节数除以浮点运算次数",
        ),
        ("几条支路的输出怎么合并？", "支路感受野不同，输出拼接起来", "支路感受野不同，输出相加", "输出相加"),
        ("fp16 的最大值是多少？", "fp16 的最大值是 65504", "fp16 的最大值是 1024", "fp16 的最大值是 1024"),
    ],
)
def test_words_in_the_wrong_place_are_never_correct_and_shown(
    grader: Grader, question: str, right: str, wrong: str, evidence: str
) -> None:
    assert against(grader.grade(question, right, "几种技巧")) == []
    grade = grader.grade(question, wrong, "几种技巧")
    assert grade.level is not Level.CORRECT
    assert evidence in against(grade)


def test_what_is_said_by_comparison_answers_a_question_about_the_other(grader: Grader) -> None:
    question = "为什么 L2 loss 容易受离群点影响？"
    assert grader.grade(question, "L2 对离群点很敏感，梯度变化也大。", "几种技巧").level is Level.CORRECT
    assert against(grader.grade(question, "L2 对离群点很鲁棒。", "几种技巧")) == ["L2 对离群点很鲁棒"]


def test_listed_mistakes_are_what_the_note_calls_wrong(grader: Grader) -> None:
    assert [point.wordings for point in mistakes(grader.topic("几种技巧"))] == [
        ("AdamW 在最小化带 L2 的损失",),
        ("dropout 只能用在全连接层",),
    ]


@pytest.mark.parametrize(
    ("answer", "shown"),
    [
        ("AdamW 就是在最小化带 L2 的损失", ["AdamW 就是在最小化带 L2 的损失"]),
        ("dropout 只用在全连接层", ["dropout 只用在全连接层"]),
        ("dropout 用在全连接层", []),  # only that it is so everywhere was called wrong
        ("AdamW 并不是在最小化带 L2 的损失", []),
    ],
)
def test_who_makes_a_listed_mistake_is_told_so(grader: Grader, answer: str, shown: list[str]) -> None:
    points = (KeyPoint("AdamW 把衰减拆出来", wordings=("AdamW 把衰减拆出来",), written=True),)
    topic = grader.topic("几种技巧")
    assert against(grader.grade_points("AdamW 是什么？", answer, points, topic)) == shown


@pytest.mark.parametrize(
    ("text", "figures"),
    [
        ("最大 65504", {Figure(65504.0, "")}),
        ("约两倍", {Figure(2.0, "倍")}),
        ("用 2 个 3x3", {Figure(2.0, "个")}),
        ("v2 里的 3x3", set()),
        ("缩小到 1/9", {Figure(1 / 9, "")}),
    ],
)
def test_figures_are_numbers_with_what_they_count(text: str, figures: set[Figure]) -> None:
    assert figures_in(text) == figures


def test_a_figure_disagrees_only_where_nothing_knows_it() -> None:
    said, point = frozenset({Figure(3.0, "个")}), frozenset({Figure(2.0, "个")})
    assert disagree(said, point, point)
    assert not disagree(said, point, said)
    assert not disagree(said, frozenset({Figure(2.0, "层")}), frozenset())
    assert claimed_in("比如 3 个") == frozenset()


@pytest.mark.parametrize(
    ("verdict", "heading"),
    [
        (Verdict.PARTIAL, "说得还不够。"),
        (Verdict.MISSED, "还不对。"),
        (Verdict.CONTRADICTED, "还不对。"),
    ],
)
def test_what_is_too_little_is_not_called_wrong(verdict: Verdict, heading: str) -> None:
    point = KeyPoint("拼接", wordings=("拼接",))
    told = feedback(Level.WRONG, [Judged(point, verdict, "拼接")], (), Language.ZH)
    assert told.startswith(heading)
