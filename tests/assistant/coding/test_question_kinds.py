"""Questions about code made of notes: which topics get them, what they say, and how a file is marked."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from assistant.coding.fitting import fits, home
from assistant.coding.marking import mark_code
from assistant.coding.reading import snippets
from assistant.coding.registry import load
from assistant.coding.running import CodeFileError
from assistant.grading.types import KeyPoint, Level
from assistant.language import Language
from assistant.quiz.kinds import code_reading, write_code
from assistant.quiz.material import Surroundings, TopicMaterial
from assistant.quiz.types import Form, PointGroup, Question
from assistant.study import open_assistant

NOTE = """\
# 目标检测

## IoU 的计算

定义：IoU 是两个框的交集面积除以并集面积。

缺点：两个框不相交时 IoU 恒为 0，没有梯度。

## GIoU 的作者

作者：Rezatofighi 等人提出了它。
"""


@pytest.fixture
def materials(tmp_path: Path) -> list[TopicMaterial]:
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "detection.md").write_text(NOTE, "utf-8")
    grader = open_assistant(notes=tmp_path / "notes", home=tmp_path / "home").grader
    around = Surroundings(grader)
    return [m for topic in grader.library.topics for m in around.materials(topic, Language.ZH)]


def asked(materials: list[TopicMaterial], seed: int = 0) -> Iterator[Question]:
    for material in materials:
        yield from write_code.questions(material, Random(seed))
        yield from code_reading.questions(material, Random(seed))


@pytest.mark.parametrize(
    ("title", "topics", "is_fit"),
    [
        ("BN的反向传播", ("bn & 反向",), True),
        ("BN 和 IN 的区别", ("bn & 反向",), False),
        ("GAN 的梯度消失", ("梯度消失 & !gan",), False),
        ("梯度消失的原因", ("梯度消失 & !gan",), True),
        ("IoU loss", ("iou",), True),
        ("GIoU", ("iou",), False),
        ("mAP", ("ap", "map"), True),
    ],
)
def test_a_topic_fits_by_the_words_of_its_title(title: str, topics: tuple[str, ...], is_fit: bool) -> None:
    assert fits(title, topics) is is_fit


def test_a_topic_about_iou_gets_the_task_and_the_snippet_once_each(materials: list[TopicMaterial]) -> None:
    found = {question.reference: question for question in asked(materials)}
    assert sorted(question.reference for question in asked(materials)) == ["iou", "iou_not_clipped"]
    assert {question.topic for question in found.values()} == {"IoU 的计算"}
    task = found["iou"]
    assert (task.kind, task.form) == ("write_code", Form.CODE)
    assert "assistant code iou" in task.prompt
    assert "交集面积除以并集面积" in task.citation.quote
    reading = found["iou_not_clipped"]
    assert (reading.kind, reading.form) == ("code_reading", Form.CHOICE)
    assert "    inner = w * h" in reading.prompt
    assert reading.right is not None
    assert reading.choices[reading.right] == "inner = max(w, 0) * max(h, 0)"
    assert "截断到 0" in reading.model_answer


def test_the_same_question_has_the_same_id_and_choices_come_in_an_order_drawn(
    materials: list[TopicMaterial],
) -> None:
    assert [q.question_id for q in asked(materials, 1)] == [q.question_id for q in asked(materials, 2)]
    snippet = next(s for s in snippets() if s.name == "im2col_shape")
    point = materials[0].group.points[0]
    made = [code_reading._question(materials[0], snippet, point, Random(seed)) for seed in range(20)]
    assert len({question.right for question in made}) == 4
    assert {question.choices[question.right or 0] for question in made} == {"(27, 36)"}
    assert len({question.question_id for question in made}) == 1


def test_of_the_groups_of_a_topic_the_one_that_says_most_is_asked(materials: list[TopicMaterial]) -> None:
    cited = materials[0].group.points[0].citation
    topic = materials[0].topic
    few = PointGroup(topic, "a", (KeyPoint("交集", cited),))
    many = PointGroup(topic, "b", (KeyPoint("没有", cited), KeyPoint("交集和并集", cited)))
    warned = PointGroup(topic, "常见错误", (KeyPoint("交集、并集、重叠", cited),))
    terms = ("交集", "并集", "重叠")
    assert home(many, (few, warned), terms) == many.points[1]
    assert home(few, (many, warned), terms) is None
    assert home(warned, (few, many), terms) is None
    assert home(few, (), ("池化",)) is None
    assert home(PointGroup(topic, "c", (KeyPoint("交集"),)), (), terms) is None


def test_a_file_is_marked_by_running_it(materials: list[TopicMaterial], tmp_path: Path) -> None:
    question = next(q for q in asked(materials) if q.form is Form.CODE)
    task = load("iou")
    path = tmp_path / "mine.py"
    path.write_text(task.source)
    marked = mark_code(question, f" '{path}' ")
    assert (marked.level, marked.score, marked.mode) == (Level.CORRECT, 1.0, "code")
    assert marked.feedback.endswith("追问：" + task.follow_up.zh)
    path.write_text(task.slipped(task.slips[0]))
    marked = mark_code(question, str(path))
    assert (marked.level, marked.score) == (Level.PARTIAL, 5 / 7)
    assert task.slips[0].told.zh in marked.feedback
    path.write_text("oops(")
    assert mark_code(question, str(path)).level is Level.WRONG
    with pytest.raises(CodeFileError, match="does not exist"):
        mark_code(question, "不知道")
