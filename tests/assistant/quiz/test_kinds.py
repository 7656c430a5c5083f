"""Every kind on two small notes: what is asked, what answers it, and the line it stands on."""

from __future__ import annotations

import pytest

from assistant.drills.drawing import Plan, draw
from assistant.language import Language
from assistant.quiz.checks import faults
from assistant.quiz.quizmaster import KINDS, Quizmaster
from assistant.quiz.types import Form
from corpus import plugins
from tests.assistant.quiz.conftest import Asked, stands_at

EN = Language.EN


@pytest.mark.parametrize(
    ("kind", "topic", "prompt", "answer"),
    [
        ("define", "池化层", "平均池化是什么？", "平均池化把窗口里的数取平均。它没有参数。"),
        (
            "why",
            "池化层",
            "最大池化为什么丢信息？",
            "窗口里只留下最大的数，其余的数和位置都不再传下去。",
        ),
        (
            "compare",
            "池化层",
            "最大池化和平均池化的梯度有何区别？",
            "最大池化的梯度只到一个位置，平均池化的梯度每个位置都有一份。",
        ),
        (
            "use",
            "池化层",
            "项目里怎么选池化？",
            "分类网络的末端用全局平均池化，其余的下采样多用步长为 2 的卷积。",
        ),
        (
            "predict_the_change",
            "池化层",
            "聊聊池化层。重叠窗口里用赋值代替累加，这样做会出什么问题？",
            "后写的窗口会盖掉先写的梯度。",
        ),
        (
            "how_to_fix",
            "棋盘格现象",
            "棋盘格有哪些解决办法？",
            "先插值上采样，再做卷积。换成 pixel shuffle。",
        ),
        (
            "diagnose",
            "棋盘格现象",
            "你看到这样的情况：放大生成的图片能看到周期的方格。可能是什么原因？",
            "kernel 不能被 stride 整除，各处被覆盖的次数不同。",
        ),
        (
            "pros_and_cons",
            "sigmoid函数优缺点",
            "sigmoid函数的优点是什么？",
            "输出在 0 到 1 之间，可以当概率用。",
        ),
        (
            "compare",
            "几种优化器",
            "AdaGrad 和 RMSProp 的差别在哪里？",
            "AdaGrad：把历史梯度的平方全部累加，学习率一直变小。"
            "RMSProp：用滑动平均代替累加，学习率不会一直变小。",
        ),
    ],
)
def test_an_open_question_and_its_answer_come_from_the_note(
    of_kind: Asked, kind: str, topic: str, prompt: str, answer: str
) -> None:
    found = {question.prompt: question for question in of_kind(kind, topic)}
    assert found[prompt].model_answer == answer
    assert found[prompt].form is Form.OPEN


def test_a_typical_question_is_answered_by_the_point_that_says_it(quizmaster: Quizmaster) -> None:
    material = next(
        m for m in quizmaster._around.materials(quizmaster.grader.topic("池化层"), Language.ZH) if m.asked
    )
    assert material.asked[0].question == "最大池化为什么要保存最大值的下标？"
    assert [point.text for point in material.asked[0].points] == [
        "最大池化要保存最大值的下标，所以反向时知道梯度传给谁。"
    ]


def test_what_the_note_calls_wrong_is_false_and_its_correction_the_reason(of_kind: Asked) -> None:
    found = [q for q in of_kind("true_false") if "池化层有权重要学" in q.prompt]
    assert [(q.is_true, q.model_answer) for q in found] == [(False, "错。池化只取最大值或平均值。")]
    english = [q for q in of_kind("true_false", language=EN) if "learn weights" in q.prompt]
    assert [(q.is_true, q.model_answer) for q in english] == [
        (False, "False. They only take a maximum or a mean.")
    ]


def test_a_statement_is_twisted_only_where_that_makes_it_false(of_kind: Asked) -> None:
    said = [q.prompt for q in of_kind("true_false", "几种优化器")]
    assert any("AdaGrad：把历史梯度的平方全部累加，学习率一直变大" in prompt for prompt in said)
    assert not any("不会一直变大" in prompt for prompt in said)


def test_only_one_choice_is_right_and_the_wrong_ones_are_explained(of_kind: Asked) -> None:
    asked = [q for q in of_kind("multiple_choice") if q.points[0].text == "池化层没有可学习的参数。"]
    keys = [q.choices[q.right] for q in asked if q.right is not None]
    assert keys == ["池化层没有可学习的参数", "池化层有可学习的参数"]  # which is right, and which is wrong
    question = asked[0]
    assert set(question.choices) == {
        "池化层没有可学习的参数",
        "最大池化会把梯度分给整个窗口",
        "重叠的窗口不影响反向传播",
        "池化层有权重要学",
    }
    assert "「最大池化会把梯度分给整个窗口」错在：平均分配梯度的是平均池化。" in question.model_answer


def test_a_gap_is_a_number_or_a_term_with_all_its_names(of_kind: Asked) -> None:
    number = next(q for q in of_kind("cloze") if q.accepted == ("9",))
    assert number.prompt == "填空（池化层）：平均池化把梯度平均分给窗口里的 ____ 个位置。"
    term = of_kind("cloze", "几种优化器")[0]
    assert term.prompt == "填空（几种优化器）：AdaGrad：把历史梯度的平方全部累加，____一直变小。"
    assert {"学习率", "learning rate"} <= set(term.accepted)


def test_a_number_is_computed_by_the_demo_that_the_note_names(of_kind: Asked) -> None:
    (question,) = of_kind("compute")
    demo, seed, level = question.reference.split("/")
    exercise = draw(Plan((demo,), int(seed), 1, int(level)), 0)
    assert demo == "pooling"
    assert question.prompt.startswith(exercise.question_zh)


def test_no_question_is_broken_and_each_cites_its_line(
    quizmaster: Quizmaster, lines_of_notes: dict[str, list[str]]
) -> None:
    def text_of(passage_id: str) -> str | None:
        passage = quizmaster.grader.library.passage(passage_id)
        return passage.text if passage else None

    questions = quizmaster.questions()
    assert len(questions) > 40
    assert {q.kind for q in questions} >= {
        "define",
        "why",
        "compare",
        "true_false",
        "multiple_choice",
        "cloze",
    }
    for question in questions:
        assert not faults(question, text_of), question
        assert stands_at(question, lines_of_notes), question
        assert question.right is None or 0 <= question.right < len(question.choices)


def test_english_is_asked_only_where_the_note_answers_in_english(quizmaster: Quizmaster) -> None:
    english = quizmaster.questions(language=EN)
    assert {question.topic for question in english} == {"池化层"}
    assert not [q for q in english if any("㐀" <= char <= "鿿" for char in q.prompt + q.model_answer)]


def test_a_stub_gives_no_question(quizmaster: Quizmaster) -> None:
    assert quizmaster.groups("网络初始化") == ()
    assert quizmaster.questions("网络初始化") == ()


def test_every_kind_has_a_module_that_makes_questions() -> None:
    assert {
        "define", "why", "compare", "how_to_fix", "pros_and_cons", "compute", "diagnose", "predict_the_change",
        "true_false", "multiple_choice", "cloze",
    } <= set(plugins.items(KINDS))  # fmt: skip
