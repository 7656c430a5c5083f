"""Questions are drawn by chance alone, none comes twice, and what the user decided holds."""

from __future__ import annotations

from collections import Counter
from random import Random

import pytest
from scipy.stats import chisquare  # type: ignore[import-untyped]

from assistant.language import Language
from assistant.quiz.quizmaster import Quizmaster
from assistant.quiz.types import Form, Question
from corpus.errors import UnknownName


def drawn(master: Quizmaster, seed: int, count: int) -> list[Question]:
    found: list[Question] = []
    for n in range(count):
        avoid = {question.question_id for question in found}
        question = master.ask(Random(f"{seed}/{n}"), topics=["池化层"], avoid=avoid, unlike=found)
        assert question
        found.append(question)
    return found


def test_the_same_seed_asks_the_same_and_another_asks_otherwise(quizmaster: Quizmaster) -> None:
    once, again = drawn(quizmaster, 1, 8), drawn(quizmaster, 1, 8)
    assert once == again
    assert once != drawn(quizmaster, 2, 8)
    assert len({question.question_id for question in once}) == 8


def test_a_question_keeps_its_id_whatever_the_order_of_its_choices(quizmaster: Quizmaster) -> None:
    of_kind = {
        q.question_id: q.choices
        for seed in range(12)
        if (q := quizmaster.ask(Random(seed), topics=["池化层"], kinds=["multiple_choice"]))
    }
    known = {q.question_id for q in quizmaster.questions("池化层", "multiple_choice", Language.ZH)}
    assert set(of_kind) <= known


def test_the_right_choice_stands_anywhere(quizmaster: Quizmaster) -> None:
    places: Counter[int | None] = Counter()
    for seed in range(120):
        question = quizmaster.ask(Random(seed), topics=["池化层"], kinds=["multiple_choice"])
        assert question
        assert len(question.choices) == 4
        places[question.right] += 1
    assert chisquare([places[at] for at in range(4)]).pvalue > 0.01


def test_topic_group_and_kind_are_kept_to(quizmaster: Quizmaster) -> None:
    question = quizmaster.ask(Random(1), topics=["池化层"], group="要点 1", kinds=["cloze", "true_false"])
    assert question
    assert (question.topic, question.group) == ("池化层", "要点 1")
    assert question.form in (Form.CLOZE, Form.TRUE_FALSE)
    assert quizmaster.ask(Random(1), topics=["网络初始化"]) is None


def test_where_there_is_none_in_the_language_another_is_asked(quizmaster: Quizmaster) -> None:
    question = quizmaster.ask(Random(1), topics=["几种优化器"], language=Language.EN)
    assert question
    assert question.language is Language.ZH


def test_an_unknown_topic_or_kind_is_refused_with_the_nearest(quizmaster: Quizmaster) -> None:
    with pytest.raises(UnknownName, match="'池化曾'"):
        quizmaster.questions("池化曾")
    with pytest.raises(UnknownName, match="'clozes'") as error:
        quizmaster.questions("池化层", "clozes")
    assert "'cloze'" in error.value.hint


class Decided:
    """One question rejected and one reworded."""

    def __init__(self, rejected: str, edited: dict[str, str]) -> None:
        self._rejected, self._edited = rejected, edited

    def rejected(self) -> set[str]:
        return {self._rejected}

    def edited(self) -> dict[str, str]:
        return self._edited


def test_a_rejected_question_is_gone_and_an_edited_one_is_asked_as_edited(quizmaster: Quizmaster) -> None:
    first, second = (
        quizmaster.questions("池化层", "cloze", Language.ZH)[0],
        quizmaster.questions("池化层", "why", Language.ZH)[0],
    )
    states = Decided(first.question_id, {second.question_id: "最大池化丢了什么？"})
    master = Quizmaster(quizmaster.grader, states)
    asked = {q.question_id: q.prompt for q in master.questions("池化层", language=Language.ZH)}
    assert first.question_id not in asked
    assert asked[second.question_id] == "最大池化丢了什么？"
