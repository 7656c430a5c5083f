"""What holds for the split of any text: exact passages, disjoint topics, whole blocks, no failure."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.blocks import parse_blocks
from corpus.passages import HIGHEST, LOWEST, cut
from corpus.splitting import passage_id, split_note
from corpus.types import Note, Syntax, Topic

PATH = Path("/notes/deep learning.md")

MARKS = [
    "| a | b |",
    "|---|---|",
    *r"""
BN和IN|优点:|1. 一|1、二|第一章 三|Q: 四?|A: 五|**六**|一、十一|---|===|0%|$$|```|~~~|# 七|### 八|##九|> # 十|- # x
  text|    code|\begin{align}|\end{align}|https://example.org|参考:https://example.org|<div>|<!--
　　缩进的一段,有逗号。|A plain sentence, with a comma and a full stop.||||
""".replace("\n", "|").split("|"),
]

LINES = st.one_of(
    st.sampled_from(MARKS),
    st.text(st.characters(exclude_characters="\n\r", exclude_categories=["Cs"]), max_size=30),
)
TEXTS = st.lists(LINES, max_size=40).map("\n".join)
SYNTAXES = st.sampled_from(Syntax)

WORDS = st.text("abc归一化}。", min_size=1, max_size=12)
ATX_TEXTS = st.lists(
    st.one_of(
        st.just(""), WORDS, WORDS.map("# {}".format), WORDS.map("## {}".format), WORDS.map("### {}".format)
    ),
    max_size=40,
).map(lambda lines: "\n".join(["# first", *lines, "", "# last", "", "end"]))


def split(text: str, syntax: Syntax = Syntax.MARKDOWN) -> tuple[Topic, ...]:
    return split_note(Note(PATH, text, syntax=syntax))


@given(TEXTS, SYNTAXES)
@settings(max_examples=300, deadline=None)
def test_any_text_splits_into_exact_passages_of_disjoint_topics(text: str, syntax: Syntax) -> None:
    lines = text.split("\n")
    topics = split(text, syntax)
    for topic in topics:
        assert 1 <= topic.location.first <= topic.location.last <= len(lines)
        assert topic.passages
        assert lines[topic.location.last - 1].strip()
        for passage in topic.passages:
            first, last = passage.location.first, passage.location.last
            assert topic.location.first <= first <= last <= topic.location.last
            assert passage.text == "\n".join(lines[first - 1 : last])
    for before, after in pairwise(topics):
        assert before.location.last < after.location.first
    ids = [passage.passage_id for topic in topics for passage in topic.passages]
    assert len(set(ids)) == len(ids)


@given(TEXTS, SYNTAXES)
@settings(max_examples=200, deadline=None)
def test_no_passage_ends_inside_a_fence_a_table_or_a_formula(text: str, syntax: Syntax) -> None:
    blocks = parse_blocks(text.split("\n"), syntax)
    edges = [p.location for topic in split(text, syntax) if not topic.stub for p in topic.passages]
    for first, last in blocks.whole:
        for edge in edges:
            assert not first < edge.first <= last
            assert not first <= edge.last < last


@given(ATX_TEXTS)
@settings(max_examples=200, deadline=None)
def test_every_line_under_headings_is_in_exactly_one_topic_or_is_a_heading(text: str) -> None:
    lines = text.split("\n")
    headings = {i for i, line in enumerate(lines, 1) if line.startswith("#")}
    count = [0] * (len(lines) + 1)
    for topic in split(text):
        for i in range(topic.location.first, topic.location.last + 1):
            count[i] += 1
    for i, line in enumerate(lines, 1):
        if line.strip() and i not in headings:
            assert count[i] == 1
        assert count[i] <= 1


@given(st.lists(st.text("字,。 a", max_size=900), max_size=8))
@settings(max_examples=100, deadline=None)
def test_passages_hold_every_character_and_are_neither_scraps_nor_pages(lines: list[str]) -> None:
    cuts = list(cut(lines, 1, len(lines), ()))
    assert "".join("".join(c.text for c in cuts).split()) == "".join("".join(lines).split())
    assert all(
        len(c.text) <= HIGHEST or (c.first == c.last and not c.part) or len(c.text) < 900 + 2 * LOWEST
        for c in cuts
    )


def test_a_line_of_two_megabytes_becomes_passages_of_that_line_cut_at_sentence_ends() -> None:
    sentence = "批归一化让每层输入的分布更稳定。"
    line = sentence * (2_000_000 // len(sentence))
    (topic,) = split(f"# BN\n\n{line}\n")
    assert {p.location.lines for p in topic.passages} == {(3, 3)}
    assert "".join(p.text for p in topic.passages) == line
    assert all(p.text.endswith("。") and len(p.text) <= HIGHEST for p in topic.passages)


def test_a_line_of_two_megabytes_without_a_sentence_end_is_still_cut() -> None:
    (topic,) = split("x" * 2_000_000, Syntax.PLAIN)
    assert "".join(p.text for p in topic.passages) == "x" * 2_000_000
    assert max(len(p.text) for p in topic.passages) == HIGHEST


def test_a_hostile_line_of_links_and_buttons_is_split_without_delay() -> None:
    for hostile in ("[a](" * 900, "赞 " * 59 + "x", "**" * 60 + "a", "[x](" + "(" * 3000, "1." * 50 + "x"):
        assert split(f"标题一\n\n{hostile}\n\n标题二\n\n正文,有逗号。\n" * 50, Syntax.PLAIN)


def test_equal_passages_under_equal_headings_have_different_ids() -> None:
    topics = split("# A\n\nsame\n\n# A\n\nsame\n")
    first, second = (topic.passages[0].passage_id for topic in topics)
    assert first == passage_id(PATH, ("A",), "same")
    assert second == passage_id(PATH, ("A",), "same", 1)
    assert len(first) == 32
    assert first != second


def test_large_blocks_stay_whole_and_their_neighbours_do_not_grow_with_them() -> None:
    paragraph = "一句话。" * 60
    code = "\n".join(["```python", *["y = f(x)"] * 200, "```"])
    (topic,) = split(
        f"# A\n\n{paragraph}\n\n{paragraph}\n\n{code}\n\n{paragraph}\n\n{paragraph}\n\n{paragraph}"
    )
    assert [p.location.lines for p in topic.passages] == [(3, 5), (7, 208), (210, 212), (214, 214)]


def test_a_large_paragraph_is_cut_between_lines() -> None:
    (topic,) = split("# A\n\n" + "\n".join(["十个汉字组成的一行。" * 10] * 20))
    sizes = [len(p.text) for p in topic.passages]
    assert all(LOWEST <= size <= HIGHEST for size in sizes)
    assert len(sizes) == 4


def test_a_blank_note_has_no_topics() -> None:
    assert split("") == ()
    assert split("\n \n\t\n") == ()


@pytest.mark.parametrize(
    ("text", "titles"), [("##九\n---", ["九"]), ("```\r0", ["deep learning"]), ("a\r# b", None)]
)
def test_what_once_confused_the_line_numbers(text: str, titles: list[str] | None) -> None:
    topics = split_note(Note(Path("/notes/deep learning.md"), text))
    assert all(topic.location.last <= text.count("\n") + 1 for topic in topics)
    if titles is not None:
        assert [topic.title for topic in topics] == titles
