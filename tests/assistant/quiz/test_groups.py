"""What belongs together: the answers to the note's own questions, handfuls of its points, its labels."""

from __future__ import annotations

import pytest

from assistant.quiz.note_parts import asked_in, claims_in
from assistant.quiz.quizmaster import Quizmaster


def test_groups_follow_the_note_and_their_names_tell_what_they_hold(quizmaster: Quizmaster) -> None:
    assert [(group.name, len(group.points)) for group in quizmaster.groups("池化层")] == [
        ("平均池化是什么？", 2),
        ("最大池化为什么丢信息？", 1),
        ("最大池化和平均池化的梯度有何区别？", 1),
        ("项目里怎么选池化？", 1),
        ("要点 1", 2),
        ("要点 2", 3),
        ("常见错误", 4),
    ]
    assert [group.name for group in quizmaster.groups("棋盘格现象")] == ["现象", "原因", "解决方法"]


@pytest.mark.parametrize("topic", ["池化层", "棋盘格现象", "sigmoid函数优缺点", "几种优化器"])
def test_a_group_holds_at_most_five_points_each_with_its_line(quizmaster: Quizmaster, topic: str) -> None:
    for group in quizmaster.groups(topic):
        assert 1 <= len(group.points) <= 5
        assert all(point.citation and point.citation.quote for point in group.points)


def test_related_notes_are_the_nearest_neighbours(quizmaster: Quizmaster) -> None:
    jotted = {"棋盘格现象", "sigmoid函数优缺点", "几种优化器"}
    assert {topic.title for topic in quizmaster.neighbours("池化层")} == jotted


def test_the_questions_of_a_note_are_read_with_their_labels(quizmaster: Quizmaster) -> None:
    asked = asked_in(quizmaster.grader.topic("池化层"))
    assert [(one.label, one.question) for one in asked][:2] == [
        ("是什么", "平均池化是什么？"),
        ("为什么", "最大池化为什么丢信息？"),
    ]
    assert [point.text for point in asked[0].answer] == ["平均池化把窗口里的数取平均", "它没有参数"]


def test_what_is_called_wrong_is_read_in_both_languages(quizmaster: Quizmaster) -> None:
    claims = claims_in(quizmaster.grader.topic("池化层"))
    assert [(claim.text, claim.is_statement) for claim in claims][:2] == [
        ("最大池化会把梯度分给整个窗口", True),
        ("max pooling shares its gradient over the window", True),
    ]
    assert ("重叠窗口里用赋值代替累加", False) in [(claim.text, claim.is_statement) for claim in claims]
    assert claims[1].correction.wordings == ("Average pooling does that", "平均分配梯度的是平均池化")
