"""Notes mode through `Assistant`: quotes with their citations, stubs, demos, both languages."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.events import Answer, Cited, Status, Text, ToolRan
from assistant.study import Assistant


def test_an_answer_quotes_the_note_with_its_lines(assistant: Assistant, notes: Path) -> None:
    answer = assistant.ask("dropout 为什么能抑制过拟合?")
    assert answer.mode == "notes"
    assert answer.status is Status.ANSWERED
    assert answer.text == (
        "你的笔记《Dropout》里这样写：\n\n"
        "- Dropout 在训练时以概率 p 随机把神经元的输出置零，推理时不丢弃。 [1]\n"
        "- 它可以看作许多子网络的集成，因此能抑制过拟合。 [2]\n\n"
        "想看数字可以运行：assistant demo dropblock\n想练手：assistant drill dropblock"
    )
    assert [(c.n, c.topic, c.location.lines) for c in answer.citations] == [
        (1, "Dropout", (3, 3)),
        (2, "Dropout", (5, 5)),
    ]
    lines = (notes / "a.md").read_text("utf-8").split("\n")
    assert [c.quote for c in answer.citations] == [lines[2], lines[4]]
    assert {c.path for c in answer.citations} == {str(notes / "a.md")}


@pytest.mark.parametrize(
    "question",
    ["推理时批归一化用什么统计量?", "Why does dropout prevent overfitting?", "What is weight decay?"],
)
def test_every_citation_stands_in_the_passage_it_names(assistant: Assistant, question: str) -> None:
    answer = assistant.ask(question)
    assert answer.citations
    for citation in answer.citations:
        passage = assistant.library.passage(citation.passage_id)
        assert passage is not None
        assert citation.quote in passage.text
        assert f"[{citation.n}]" in answer.text


def test_a_citation_comes_before_the_text_that_uses_it(assistant: Assistant) -> None:
    seen: set[int] = set()
    for event in assistant.stream("dropout 为什么能抑制过拟合?"):
        if isinstance(event, Cited):
            seen.add(event.citation.n)
        elif isinstance(event, Text):
            assert all(n in seen for n in (1, 2) if f"[{n}]" in event.text)
    assert seen == {1, 2}


def test_an_english_question_is_framed_in_english_with_terms_and_the_quote_stays_as_written(
    assistant: Assistant,
) -> None:
    answer = assistant.ask("Why does dropout prevent overfitting?")
    assert answer.text.startswith("Your notes say, under “Dropout”:")
    assert answer.citations[1].quote == "它可以看作许多子网络的集成，因此能抑制过拟合。"
    assert "The notes are in Chinese" in answer.text
    assert "过拟合 = overfitting" in answer.text


def test_a_chinese_question_about_an_english_note_says_so(assistant: Assistant) -> None:
    answer = assistant.ask("权重衰减在 Adam 里为什么不同?")
    assert "笔记原文是英文" in answer.text
    assert "Weight decay = 权重衰减" in answer.text
    assert "With Adam the two differ" in answer.citations[1].quote


@pytest.mark.parametrize(
    ("question", "says"),
    [
        ("warmup 是什么?", "笔记里有《学习率预热 warmup》这个主题，但目前只有标题或链接，还没有正文："),
        (
            "What is warmup?",
            "Your notes have the topic “学习率预热 warmup”, but so far only a title or a link",
        ),
    ],
)
def test_a_topic_of_only_a_title_is_answered_by_saying_so_and_citing_that_line(
    assistant: Assistant, question: str, says: str
) -> None:
    answer = assistant.ask(question)
    assert answer.status is Status.ANSWERED
    assert says in answer.text
    assert [(c.quote, c.location.lines) for c in answer.citations] == [("# 学习率预热 warmup", (19, 19))]


def test_a_demo_that_fits_a_title_without_text_still_runs(assistant: Assistant) -> None:
    answer = assistant.ask("感受野是什么?")
    assert [tool.name for tool in answer.tools] == ["receptive_field"]
    assert f"rf = {answer.tools[0].result['numbers']['rf']}" in answer.text


QUESTIONS_OF_FIGURES = {
    "卷积核 3 步长 2 填充 1 输入 32，输出多大?": (
        "算一下：conv_output_size(input_size=32, kernel=3, stride=2, padding=1)"
    ),
    "Output size of a conv, input 32, kernel 3, stride 2, padding 1?": (
        "Computed: conv_output_size(input_size=32, kernel=3, stride=2, padding=1)"
    ),
}


@pytest.mark.parametrize("question", QUESTIONS_OF_FIGURES)
def test_figures_are_computed_where_the_notes_say_nothing_with_the_formula_and_its_source(
    assistant: Assistant, question: str
) -> None:
    assert not assistant.search(question).covered
    answer: Answer = assistant.ask(question)
    assert answer.status is Status.ANSWERED
    assert answer.citations == ()
    assert answer.tools[0].result["numbers"]["output"] == (32 + 2 * 1 - 3) // 2 + 1 == 16
    assert QUESTIONS_OF_FIGURES[question] in answer.text
    assert "output = 16" in answer.text
    assert "arXiv:1603.07285" in answer.text


def test_a_refused_computation_says_what_does_not_fit(assistant: Assistant) -> None:
    answer = assistant.ask("输入 2，卷积核 5，步长 1，填充 0，输出多大?")
    assert answer.tools[0].result["error"]
    assert answer.text.startswith("没能计算：")


def test_a_demo_the_text_tells_of_is_marked_so(assistant: Assistant) -> None:
    ran = [e for e in assistant.stream("卷积核 3 步长 2 填充 1 输入 32，输出多大?") if isinstance(e, ToolRan)]
    assert [event.told for event in ran] == [True]


def test_a_note_of_two_languages_is_quoted_in_the_readers(tmp_path: Path) -> None:
    from assistant.study import open_assistant

    note = tmp_path / "l1.md"
    note.write_text(
        "---\ntitle: L1 正则化 L1 regularization\n---\n"
        "L1 正则化把许多权重压到零，因此得到稀疏的解。\n\n"
        "L1 regularization drives many weights to zero, so the solution is sparse.\n",
        "utf-8",
    )
    assistant = open_assistant(note)
    assert [c.quote for c in assistant.ask("L1 正则化为什么稀疏?").citations] == [
        "L1 正则化把许多权重压到零，因此得到稀疏的解。"
    ]
    assert [c.quote for c in assistant.ask("Why is L1 regularization sparse?").citations] == [
        "L1 regularization drives many weights to zero, so the solution is sparse."
    ]
