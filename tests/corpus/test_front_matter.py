"""The YAML on top of a note: read where it is meant, refused with its line where it is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.errors import NoteError
from corpus.front_matter import parse_front_matter
from corpus.types import FrontMatter

PATH = Path("/notes/a.md")


def test_every_key_is_read_and_the_body_begins_below() -> None:
    text = """---
title: 动量
title_en: Momentum
aliases: [momentum, heavy ball]
questions:
  - 为什么要用动量?
demos: [momentum]
related: [Adam]
sources: ["Polyak (1964)"]
---
body
"""
    front_matter, body_start = parse_front_matter(PATH, text)
    assert body_start == 11
    assert front_matter == FrontMatter(
        title="动量",
        title_en="Momentum",
        aliases=("momentum", "heavy ball"),
        questions=("为什么要用动量?",),
        demos=("momentum",),
        related=("Adam",),
        sources=("Polyak (1964)",),
    )


@pytest.mark.parametrize(
    "text",
    [
        "text\n---\ntitle: x\n---\n",
        "---\n\ntext below a ruler\n\n---\nmore\n",
        "---\ntext below a ruler\n---\n",
        "---\ntitle: never closed\n",
        "---",
        "---\n---\n",
        "----\ntitle: x\n---\n",
        "",
    ],
)
def test_a_ruler_is_not_front_matter(text: str) -> None:
    assert parse_front_matter(PATH, text) == (None, 1)


@pytest.mark.parametrize(
    ("body", "line", "message", "hint"),
    [
        ("title: x\nquestion: [a]", 3, "unknown key 'question'", "'questions'"),
        ("title: 2024", 2, "'title' is 2024", "quotes"),
        ("title: ''", 2, "'title' is ''", "quotes"),
        ("title: x\nquestions: why", 3, "'questions' is 'why'", '["..."]'),
        ("title: x\ndemos:\n  - 1", 3, "'demos' is [1]", '["..."]'),
        ("title: x\nquestions: [a", 3, "not valid YAML", ""),
        ("title: [" + "[" * 3000, 1, "not valid YAML", ""),
        ("title: &a x\naliases: [*b]", 3, "not valid YAML", ""),
    ],
)
def test_a_fault_is_named_with_its_line_and_a_way_out(body: str, line: int, message: str, hint: str) -> None:
    with pytest.raises(NoteError) as caught:
        parse_front_matter(PATH, f"---\n{body}\n---\ntext\n")
    assert message in caught.value.message
    assert hint in caught.value.hint
    assert caught.value.hint
    if "[[" not in body:
        assert caught.value.line == line


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=60))
def test_any_text_is_read_or_refused_with_a_note_error(body: str) -> None:
    with pytest.raises(NoteError) as caught:
        parse_front_matter(PATH, f"---\nquestion: {body}\n---\n")
    assert caught.value.line is not None


def test_keys_of_other_programs_are_left_alone() -> None:
    text = "---\ntitle: BN\ntags: [cv, 面经]\ndate: 2024-05-01\nlayout: post\n---\n正文"
    front_matter, start = parse_front_matter(Path("n.md"), text)
    assert front_matter == FrontMatter(title="BN")
    assert start == 7


@pytest.mark.parametrize(
    ("written", "read"), [("project", "project"), (" Project ", "project"), ("[a, b]", ""), ("7", "")]
)
def test_the_type_of_a_note_is_a_word_and_anything_else_is_somebody_elses(written: str, read: str) -> None:
    front, _ = parse_front_matter(Path("a.md"), f"---\ntitle: T\ntype: {written}\n---\ntext\n")
    assert front is not None
    assert front.type == read
