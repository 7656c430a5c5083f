"""Key points of a topic: those the note lists in both languages, else its statements with their labels and lines."""

from __future__ import annotations

from pathlib import Path

from assistant.grading.grader import Grader, digest_of
from assistant.grading.key_points import in_language, key_points
from assistant.grading.types import KeyPoint
from assistant.language import Language
from corpus.glossary import Glossary
from index.embedders.hashed import HashedEmbedder
from index.library import open_library


def texts(grader: Grader, title: str) -> list[str]:
    return [point.text for point in key_points(grader.topic(title))]


def test_items_keep_the_label_of_the_line_above_them(grader: Grader) -> None:
    points = key_points(grader.topic("sigmoid 的优缺点"))
    assert [(p.label, p.wordings[0]) for p in points] == [
        ("优点", "处处连续，便于求导"),
        ("优点", "输出压缩在 0 到 1 之间"),
        ("缺点", "两端饱和，容易梯度消失"),
        ("缺点", "指数运算的计算量大"),
        ("缺点", "输出不是零中心的，更新方向一直同号"),
    ]
    assert points[0].text == "优点：处处连续，便于求导"


def test_every_point_quotes_its_own_line(grader: Grader) -> None:
    for topic in grader.library.topics:
        for point in key_points(topic):
            assert point.citation is not None
            lines = point.citation.location.lines
            assert lines is not None
            text = topic.path.read_text("utf-8").split("\n")
            assert point.citation.quote in "\n".join(text[lines[0] - 1 : lines[1]])


def test_written_points_come_first_in_both_languages_and_warnings_are_no_points(grader: Grader) -> None:
    points = key_points(grader.topic("Focal Loss"))
    assert [point.written for point in points] == [True, True, False]
    assert points[0].text == "Focal loss 降低容易样本的权重，让训练集中在难样本上。"
    assert in_language(points[0], Language.EN).startswith("Focal loss down-weights easy examples")
    assert in_language(points[2], Language.EN) == "Focal loss 让容易样本的权重变小"
    assert not any("是错的" in point.text for point in points)


def test_a_label_governs_its_own_item_and_no_other_section(tmp_path: Path, glossary: Glossary) -> None:
    note = """---
title: AdamW
---
## 推理

1. 普通 SGD 里两者等价。

2. 时间尺度：权重每步乘一个系数；步数太少时几乎不起作用。

3. 权重后面接 BN 时，尺度被消掉。

## 追问

- **为什么** 为什么不等价？
  正则项和梯度一起除以二阶矩。
"""
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "adamw.md").write_text(note, "utf-8")
    library = open_library(
        [tmp_path / "notes"],
        tmp_path / "index",
        embedder=HashedEmbedder(glossary),
        glossary=glossary,
    )
    points = key_points(library.topics[0])
    assert [(point.label, point.wordings[0], point.answers) for point in points] == [
        ("", "普通 SGD 里两者等价", ""),
        ("时间尺度", "权重每步乘一个系数", ""),
        ("时间尺度", "步数太少时几乎不起作用", ""),
        ("", "权重后面接 BN 时，尺度被消掉", ""),
        ("", "正则项和梯度一起除以二阶矩", "为什么不等价？"),
    ]


def test_a_title_alone_has_no_points(grader: Grader) -> None:
    assert texts(grader, "知识蒸馏") == []


def test_points_kept_by_hand_count_until_the_note_changes(grader: Grader) -> None:
    topic = grader.topic("Focal Loss")
    own = (KeyPoint("降低容易样本的权重", wordings=("降低容易样本的权重",), written=True),)

    class Kept:
        def points(self, topic_key: str, digest: str) -> tuple[KeyPoint, ...]:
            return own if digest == digest_of(topic) else ()

        def keep_points(self, *_: object) -> None:
            raise AssertionError("nothing is made without a model")

        def overruled(self, *_: object) -> None:
            return None

    remembering = Grader(grader.library, memory=Kept())
    assert remembering.points(topic) == own
    assert remembering.points(grader.topic("池化的反向传播")) != own
