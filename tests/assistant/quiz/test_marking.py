"""A table of answers and what they are worth, for every form; feedback always holds the answer and its line."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assistant.drills import wording
from assistant.drills.drawing import Plan, draw
from assistant.grading.types import Level, Verdict
from assistant.language import Language
from assistant.quiz.marking import mark
from assistant.quiz.quizmaster import Quizmaster
from assistant.quiz.reading import read_choice, read_verdict, unreadable
from assistant.quiz.types import Form, Marked, Question

WRONG, PARTIAL, CORRECT = Level.WRONG, Level.PARTIAL, Level.CORRECT
Asked = Callable[[str, str], Question]


@pytest.fixture
def asked(quizmaster: Quizmaster) -> Asked:
    def question(kind: str, holding: str) -> Question:
        return next(
            q
            for language in Language
            for q in quizmaster.questions(None, kind, language)
            if holding in q.prompt
        )

    return question


@pytest.fixture
def marked(quizmaster: Quizmaster, asked: Asked) -> Callable[[str, str, str], Marked]:
    return lambda kind, holding, answer: mark(asked(kind, holding), answer, quizmaster.grader)


@pytest.mark.parametrize(
    ("kind", "holding", "answer", "level"),
    [
        ("why", "丢信息", "因为窗口里只留下最大的那个数，其它的数和位置都没有传下去", CORRECT),
        ("why", "丢信息", "因为它有很多参数", WRONG),
        ("why", "丢信息", "", WRONG),
        ("why", "丢信息", "不知道", WRONG),
        ("how_to_fix", "棋盘格", "先用插值上采样再卷积，或者改用 pixel shuffle", CORRECT),
        ("true_false", "池化层有权重要学", "错，池化只是取最大值或者平均值", CORRECT),
        ("true_false", "池化层有权重要学", "不对。因为它只取平均值或最大值", CORRECT),
        ("true_false", "池化层有权重要学", "错", PARTIAL),
        ("true_false", "池化层有权重要学", "错，因为天气很好", PARTIAL),
        ("true_false", "池化层有权重要学", "对，池化只取最大值或平均值", WRONG),
        ("true_false", "池化层有权重要学", "同意", WRONG),
        ("true_false", "池化层有权重要学", "池化只取最大值或平均值", PARTIAL),
        ("true_false", "learn weights", "False, they only take a maximum or a mean", CORRECT),
        ("true_false", "learn weights", "It is wrong.", PARTIAL),
        ("true_false", "learn weights", "true", WRONG),
        ("cloze", "9 个位置".replace("9", "____"), "9", CORRECT),
        ("cloze", "____ 个位置", "九", CORRECT),
        ("cloze", "____ 个位置", "9.05", CORRECT),
        ("cloze", "____ 个位置", "8", WRONG),
        ("cloze", "____ 个位置", "不知道", WRONG),
        ("cloze", "____一直变小", "学习率", CORRECT),
        ("cloze", "____一直变小", "Learning rate", CORRECT),
        ("cloze", "____一直变小", "learning ratte", CORRECT),
        ("cloze", "____一直变小", "梯度", WRONG),
    ],
)
def test_answers_are_worth_what_they_say(
    marked: Callable[[str, str, str], Marked], kind: str, holding: str, answer: str, level: Level
) -> None:
    found = marked(kind, holding, answer)
    assert found.level is level, found.feedback
    assert (found.score >= 0.75) is (level is CORRECT)
    assert found.answer == answer


@pytest.mark.parametrize(
    "written",
    [
        "{letter}",
        "{letter}.",
        "选{letter}",
        "({letter})",
        "{number}",
        "第{number}个",
        "{text}",
        "{letter}. {text}",
    ],
)
def test_a_choice_is_read_by_letter_number_or_text(
    quizmaster: Quizmaster, asked: Asked, written: str
) -> None:
    question = asked("multiple_choice", "关于池化层")
    right = question.right
    assert right is not None
    for place, text in enumerate(question.choices):
        answer = written.format(letter="abcd"[place], number=place + 1, text=text)
        assert read_choice(question, answer) == place
        found = mark(question, answer, quizmaster.grader)
        assert found.level is (CORRECT if place == right else WRONG)
        assert question.choices[right] in found.feedback


@pytest.mark.parametrize(
    ("answer", "is_true", "reason"),
    [
        ("对，因为它只取最大值", True, "它只取最大值"),
        ("错。理由：没有参数", False, "没有参数"),
        ("我觉得不对，它没有参数", False, "它没有参数"),
        ("这句话是错的，没有参数", False, "没有参数"),
        ("是对的", True, ""),
        ("没错，均值", True, "均值"),
        ("不同意。", False, ""),
        ("True - it takes a mean", True, "it takes a mean"),
        ("I think it is false because it has none", False, "it has none"),
        ("not true, it has none", False, "it has none"),
        ("对称性被打破", None, "对称性被打破"),
        ("取平均值", None, "取平均值"),
    ],
)
def test_a_verdict_is_told_from_its_reason(answer: str, is_true: bool | None, reason: str) -> None:
    verdict = read_verdict(answer)
    assert (verdict.is_true, verdict.reason) == (is_true, reason)


def test_a_number_is_graded_as_in_a_drill(quizmaster: Quizmaster) -> None:
    (question,) = quizmaster.questions("sigmoid函数优缺点", "compute", Language.ZH)
    demo, seed, level = question.reference.split("/")
    exercise = draw(Plan((demo,), int(seed), 1, int(level)), 0)
    right = mark(question, wording.written(exercise), quizmaster.grader)
    wrong = mark(question, "123456", quizmaster.grader)
    assert (right.level, wrong.level) == (CORRECT, WRONG)
    assert all(step in wrong.feedback for step in wording.steps(exercise, Language.ZH))
    assert wording.check(exercise) in wrong.feedback


def test_feedback_never_stops_at_right_or_wrong(quizmaster: Quizmaster) -> None:
    for question in quizmaster.questions(language=Language.ZH):
        if question.form in (Form.CODE, Form.NUMBER):
            continue
        for answer in ("", "我认为这和参数量有关", "B"):
            feedback = mark(question, answer, quizmaster.grader).feedback
            assert "第 " in feedback, question
            assert "《" in feedback, question
            said = (
                question.model_answer.split("。")[0]
                .removeprefix("错的是")
                .removeprefix("错")
                .strip("。「」 ")
            )
            assert said[:12] in feedback or question.choices, (question, feedback)


def test_exactly_the_points_of_the_question_are_graded(quizmaster: Quizmaster, asked: Asked) -> None:
    question = asked("pros_and_cons", "缺点")
    found = mark(question, "它的两端会饱和，所以梯度消失", quizmaster.grader)
    assert found.grade
    assert [judged.point for judged in found.grade.points] == list(question.points)
    assert [judged.verdict for judged in found.grade.points] == [Verdict.HIT, Verdict.MISSED]
    assert "输出不是零中心的（jotted.md 第 14 行）" in found.feedback


def test_what_cannot_be_an_answer_may_be_typed_again(asked: Asked) -> None:
    choice, verdict = asked("multiple_choice", "关于池化层"), asked("true_false", "池化层有权重要学")
    assert unreadable(choice, "Z")
    assert unreadable(choice, "A") is None
    assert unreadable(choice, "不知道") is None
    assert unreadable(verdict, "它只取最大值")
    assert unreadable(verdict, "错") is None


def test_code_is_not_run_where_the_caller_does_not_allow_it(quizmaster: Quizmaster, asked: Asked) -> None:
    question = asked("write_code", "max pooling")
    found = mark(question, "/etc/passwd", quizmaster.grader)
    assert (found.level, found.score) == (WRONG, 0.0)
    assert "assistant code max_pool_backward" in found.feedback


@cache
def _one_of_each_form(quizmaster: Quizmaster) -> dict[Form, Question]:
    return {question.form: question for question in quizmaster.questions(language=Language.ZH)}


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(answer=st.text(max_size=60))
def test_any_text_is_an_answer(quizmaster: Quizmaster, answer: str) -> None:
    by_form = _one_of_each_form(quizmaster)
    for form, question in by_form.items():
        found = mark(question, answer, quizmaster.grader)
        assert 0.0 <= found.score <= 1.0, form
        assert found.feedback
