"""What a model writes is asked only where its quote stands in the note and the question passes the checks."""

from __future__ import annotations

import json
from random import Random

import pytest

from assistant.grading.grader import Grader
from assistant.language import Language
from assistant.llm.base import ModelError
from assistant.llm.scripted import ScriptedModel
from assistant.quiz.quizmaster import Quizmaster

ZH = Language.ZH


def written(*questions: tuple[str, str]) -> str:
    return json.dumps({"questions": [{"question": q, "quote": quote} for q, quote in questions]})


@pytest.fixture
def grader(quizmaster: Quizmaster) -> Grader:
    return quizmaster.grader


def of(grader: Grader, *replies: str | ModelError) -> Quizmaster:
    return Quizmaster(Grader(grader.library, ScriptedModel(replies), grader.memory))


def test_a_question_tied_to_a_line_is_asked_with_that_line_as_its_answer(grader: Grader) -> None:
    quote = "窗口里只留下最大的数，其余的数和位置都不再传下去。"
    master = of(grader, written(("用最大池化做语义分割的编码器，解码时为什么会吃亏？", quote)))
    assert master.write("池化层", ZH) == ""
    (question,) = (q for q in master.questions("池化层", "why", ZH) if "语义分割" in q.prompt)
    assert question.citation.quote == quote
    assert question.group == "最大池化为什么丢信息？"
    assert [point.text for point in question.points] == [quote.rstrip("。")]


def test_a_broken_question_is_dropped_and_the_others_stay(grader: Grader) -> None:
    quote = "平均池化把窗口里的数取平均；它没有参数。"
    good = "平均池化为什么不会过拟合？"
    master = of(
        grader, written((good, quote), ("平均池化有参数吗？为什么？", quote), ("如上图，为什么？", quote))
    )
    assert master.write("池化层", ZH) == ""
    prompts = [q.prompt for q in master.questions("池化层", "why", ZH)]
    assert good in prompts
    assert "如上图，为什么？" not in prompts
    assert "平均池化有参数吗？为什么？" not in prompts


def test_an_invented_quote_is_sent_back_once_and_then_templates_ask(grader: Grader) -> None:
    invented = written(("池化为什么快？", "池化用硬件加速"))
    master = of(grader, invented, invented)
    notice = master.write("池化层", ZH)
    assert notice.startswith("模型没能出题（")
    question = master.ask(Random(1), topics=["池化层"], language=ZH)
    assert question
    assert question.prompt in {
        q.prompt for q in Quizmaster(grader).questions("池化层", question.kind, ZH)
    } or (question.kind == "compute")


def test_without_a_model_or_with_a_failing_one_a_notice_tells(grader: Grader) -> None:
    assert Quizmaster(grader).write("池化层", ZH) == "没有模型，题目由笔记直接生成。"
    failing = of(grader, ModelError("no such model"))
    assert failing.write("池化层", Language.EN) == (
        "The model wrote no questions (no such model); they come from the notes directly."
    )
