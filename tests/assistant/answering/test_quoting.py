"""Quotes are word for word in their passage and at their lines, within the budget, blocks whole."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.answering.quoting import BUDGET, MOST_QUOTES, Quote, quotes_for
from assistant.language import Language
from corpus.glossary import load_glossary
from corpus.splitting import split_note
from corpus.types import Location, LocationKind, Note, Passage, Topic
from index.terms import terms

GLOSSARY = load_glossary()


def terms_of(text: str) -> dict[str, float]:
    return terms(text, GLOSSARY)


def topic_of(body: str, *, first: int = 1, heading: str = "损失") -> Topic:
    """A topic of one passage, whose text begins at line `first` of a file."""
    location = Location(LocationKind.LINES, first, first + body.count("\n"))
    passage = Passage("id", "损失", ("损失", heading), Path("/notes/a.md"), location, body)
    return Topic("损失", ("损失",), Path("/notes/a.md"), location, (passage,))


def quoted(
    body: str, question: str = "", language: Language = Language.ZH, budget: int = BUDGET
) -> list[Quote]:
    return quotes_for(topic_of(body), dict.fromkeys(terms_of(question), 1.0), terms_of, language, budget)


def texts(quotes: list[Quote]) -> list[str]:
    return [quote.text for quote in quotes]


FILLER = "\n".join(
    f"这里说一件与提问没有关系的事情，编号是 {n}，只是为了占满篇幅而写在这里的。" for n in range(20)
)


def test_a_short_topic_is_quoted_whole_line_by_line_with_its_lines() -> None:
    topic = topic_of("L1 更稳健。\n\n- L2 可导\n![图](a.png)\n- 都常用", first=7)
    quotes = quotes_for(topic, {}, terms_of, Language.ZH)
    assert [(q.text, q.location.lines) for q in quotes] == [
        ("L1 更稳健。", (7, 7)),
        ("- L2 可导", (9, 9)),
        ("- 都常用", (11, 11)),
    ]


def test_of_a_long_topic_the_sentences_that_speak_of_the_question_are_quoted() -> None:
    body = FILLER + "\nHuber 损失在误差小时是平方，误差大时是线性。\n" + FILLER
    assert quoted(body, "Huber 损失是什么")[0].text == "Huber 损失在误差小时是平方，误差大时是线性。"


def test_quotes_come_in_the_order_of_the_file_and_no_more_than_the_most() -> None:
    body = "\n".join(f"损失 {n}" for n in range(100)) + FILLER
    quotes = quoted(body, "损失")
    assert len(quotes) == MOST_QUOTES
    assert [q.location.first for q in quotes] == sorted(q.location.first for q in quotes)


@pytest.mark.parametrize("budget", [40, 120, 420])
def test_the_budget_holds_where_no_single_unit_is_larger(budget: int) -> None:
    quotes = quoted(FILLER, "编号", budget=budget)
    assert quotes
    assert sum(len(q.text) for q in quotes) <= budget


BLOCKS = {
    "code": "```python\nx = 1\n\nloss = x ** 2\n```",
    "tildes": "~~~\nloss = 1\n```\n~~~",
    "longer fence": "````md\n```\nloss\n```\n````",
    "table": "| 损失 | 公式 |\n| --- | --- |\n| L1 | 绝对值 |",
    "formula": "$$\nloss = \\sum_i x_i\n$$",
    "formula closed at the end of its line": "$$ loss =\n\\sum_i x_i $$",
    "bracket formula": "\\[\nloss = 1\n\\]",
}


@pytest.mark.parametrize("block", BLOCKS.values(), ids=BLOCKS.keys())
def test_a_block_is_quoted_whole_and_ends_where_it_ends(block: str) -> None:
    body = f"损失的写法：\n{block}\n后面的话。"
    quotes = quoted(body)
    assert texts(quotes) == ["损失的写法：", block, "后面的话。"]
    assert quotes[1].location.lines == (2, 2 + block.count("\n"))
    assert quotes[2].location.lines == (3 + block.count("\n"),) * 2


@pytest.mark.parametrize("line", ["$$ loss = 1 $$", "\\[ loss = 1 \\]", "```loss```"])
def test_a_block_on_one_line_does_not_swallow_the_next(line: str) -> None:
    assert texts(quoted(f"{line}\n后面的话。")) == [line, "后面的话。"]


LONG = "，而且这一句后面还跟着许多许多与提问没有关系的话" * 4


def test_a_long_line_is_cut_at_its_sentences() -> None:
    body = f"Huber 是分段的{LONG}。平方部分可导{LONG}！线性部分稳健{LONG}。\n{FILLER}"
    assert texts(quoted(body, "线性部分", budget=150))[0] == f"线性部分稳健{LONG}。"


def test_neighbouring_sentences_of_one_line_are_quoted_once_together() -> None:
    line = (
        "损失是标量。"
        + "损失越小越好，训练就是让损失一点一点地小下去，直到它不再变小为止。" * 2
        + "损失可导。"
    )
    quotes = quoted(f"{line}\n{FILLER}", "损失")
    assert line in [q.text for q in quotes]


@pytest.mark.parametrize(
    "whole", ["`loss; Adam`", "$f(x; A) = 1. B$", "e.g. Adam", "et al. Nature", "Fig. 3", "i.e. Huber"]
)
def test_a_sentence_never_ends_inside_code_a_formula_or_an_abbreviation(whole: str) -> None:
    line = f"Huber loss is written {whole} by most authors, " + "and many other words follow here " * 4 + "."
    body = f"{line}\n" + "Something else entirely stands on this line of the note. \n" * 30
    assert any(whole in text for text in texts(quoted(body, "Huber loss", Language.EN)))


BILINGUAL = "L1 损失对离群点更稳健。\nThe L1 loss is more robust to outliers.\n$y = |x|$\n- Adam, RMSProp"


@pytest.mark.parametrize(
    ("language", "lines"),
    [
        (Language.ZH, ["L1 损失对离群点更稳健。", "$y = |x|$", "- Adam, RMSProp"]),
        (Language.EN, ["The L1 loss is more robust to outliers.", "$y = |x|$", "- Adam, RMSProp"]),
    ],
)
def test_of_two_languages_the_readers_own_is_quoted_with_what_serves_both(
    language: Language, lines: list[str]
) -> None:
    assert texts(quoted(BILINGUAL, language=language)) == lines


def test_an_english_reader_of_a_chinese_note_gets_its_sentences_and_not_only_its_code_or_a_title() -> None:
    body = (
        "L1 损失对离群点更稳健，因为它的梯度不随误差变大而变大，一个错得离谱的样本拉不动整条直线。\n"
        "L2 损失把误差平方，离群点因此主导梯度，但它处处可导，在误差很小时收敛得比 L1 更平稳。\n"
        "An Overview of Loss\n```\nthe loss is x\n```"
    )
    assert "L1 损失对离群点更稳健" in quoted(body, language=Language.EN)[0].text


def test_a_section_that_answers_outright_goes_before_one_that_only_mentions_the_words() -> None:
    sections = {"展开": "稀疏性与正则化有关，这里展开说一说稀疏性。", "一句话": "稀疏性来自尖角。"}
    passages = tuple(
        Passage(name, "L1", ("L1", name), Path("/a.md"), Location(LocationKind.LINES, at, at), text)
        for at, (name, text) in enumerate(sections.items(), start=1)
    )
    topic = Topic("L1", ("L1",), Path("/a.md"), Location(LocationKind.LINES, 1, 2), passages)
    quotes = quotes_for(topic, dict.fromkeys(terms_of("稀疏性"), 1.0), terms_of, Language.ZH, budget=10)
    assert texts(quotes) == ["稀疏性来自尖角。"]


def test_pages_keep_their_own_kind_of_location() -> None:
    page = Location(LocationKind.PAGE, 3, 3)
    passage = Passage("id", "损失", ("损失",), Path("/a.pdf"), page, "第一行\n第二行")
    quotes = quotes_for(Topic("损失", ("损失",), Path("/a.pdf"), page, (passage,)), {}, terms_of, Language.ZH)
    assert {quote.location for quote in quotes} == {page}


def test_a_topic_without_text_gives_no_quote() -> None:
    assert quoted("\n\n![图](a.png)\n") == []


MARKDOWN = st.lists(
    st.sampled_from(
        ["# 标题", "```", "~~~", "$$", "| a | b |", "- 一项。第二句！", "The loss is convex. It helps.", "", "  ",
         "$a. B$ 和 `c; D`。" * 6, "损失很重要；很重要！" * 12, "\\[", "\\]",
         "x = 1 $$", "![](a.png)", "\t缩进", "é\u3000全角"]
    ),
    max_size=30,
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(
    lines=MARKDOWN, question=st.sampled_from(["损失", "loss", "标题", ""]), language=st.sampled_from(Language)
)
def test_whatever_the_note_every_quote_stands_in_the_file_at_its_lines(
    lines: list[str], question: str, language: Language
) -> None:
    text = "\n".join(lines)
    importance = dict.fromkeys(terms_of(question), 1.0)
    for topic in split_note(Note(Path("/notes/a.md"), text)):
        quotes = quotes_for(topic, importance, terms_of, language)
        for quote in quotes:
            assert quote.text.strip()
            assert quote.text in quote.passage.text
            assert quote.location.lines is not None
            first, last = quote.location.lines
            assert quote.text in "\n".join(text.split("\n")[first - 1 : last])
        spent, largest = sum(len(q.text) for q in quotes), max((len(q.text) for q in quotes), default=0)
        assert spent <= max(BUDGET, largest) + len(quotes)  # a space for every seam between joined sentences
