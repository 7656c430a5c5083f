"""Decks: what Anki reads in them, that nothing of a note turns into markup, and that our own reader reads them back."""

from __future__ import annotations

import csv
import json
import re
import sqlite3
import zipfile
from contextlib import closing
from html import unescape
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.export.anki import FIELDS, NOTE_TYPE, deck_package, deck_text, html
from assistant.export.deck import DeckCard, source, tag
from assistant.language import Language
from corpus.readers import table
from corpus.splitting import split_note
from corpus.types import Location, LocationKind

CARDS = (
    DeckCard(
        "q1",
        "为什么 a<b 时 $\\frac{a}{b}<1$？",
        "因为 **分母** 大\n\t制表符",
        "n.md:3 · BN",
        ("topic::BN", "kind::why"),
    ),
    DeckCard("q2", 'What is "<receptive field>"?', "`x < y` & more", "n.md:4-5 · RF", ("topic::感受野",)),
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('<receptive field> & "quotes"', '&lt;receptive field&gt; &amp; "quotes"'),
        ("设 $x_1<x_2$，则 $$\\sum_i **x** $$", "设 \\(x_1&lt;x_2\\)，则 \\[\\sum_i **x**\\]"),
        ("一行\n两行", "一行<br>两行"),
        ("**粗** 和 `**不粗**`", "<b>粗</b> 和 <code>**不粗**</code>"),
        ("```python\na = 1 < 2\nb\n```", "<pre><code>a = 1 &lt; 2<br>b</code></pre>"),
        ("价格 $5，没有第二个", "价格 $5，没有第二个"),
        ("转义 \\$5 和 \\$6", "转义 \\$5 和 \\$6"),
    ],
)
def test_markdown_becomes_html_and_everything_else_is_escaped(text: str, expected: str) -> None:
    assert html(text) == expected


@given(st.text(alphabet="<>&\"'/ab \n中", max_size=30))
@settings(max_examples=60)
def test_text_without_markdown_reads_the_same_on_the_card(text: str) -> None:
    shown = html(text)
    assert unescape(shown.replace("<br>", "\n")) == text
    assert set(re.findall(r"<[^>]*>", shown)) <= {"<br>"}


def test_the_text_has_the_headers_and_as_many_fields_in_every_row() -> None:
    lines = deck_text(CARDS, Language.ZH)
    head, body = lines.split("#tags column:6\n")
    assert head.splitlines() == [
        "#separator:tab",
        "#html:true",
        f"#notetype:{NOTE_TYPE}",
        "#columns:ID\tQuestion\tAnswer\tSource\tDeck\tTags",
        "#deck column:5",
    ]
    read = list(csv.reader(body.splitlines(), delimiter="\t"))
    assert read == [
        [
            "q1", "为什么 a&lt;b 时 \\(\\frac{a}{b}&lt;1\\)？", "因为 <b>分母</b> 大<br>\t制表符", "n.md:3 · BN",
            "面试笔记", "topic::BN kind::why",
        ],
        [
            "q2", 'What is "&lt;receptive field&gt;"?', "<code>x &lt; y</code> &amp; more", "n.md:4-5 · RF",
            "面试笔记", "topic::感受野",
        ],
    ]  # fmt: skip


def test_our_own_reader_reads_a_deck_back_as_notes() -> None:
    note = table.read(Path("/deck.tsv"), deck_text(CARDS, Language.ZH).encode())
    topics = split_note(note)
    assert [topic.heading_path for topic in topics] == [
        ("面试笔记", "为什么 a<b 时 \\(\\frac{a}{b}<1\\)？"),
        ("面试笔记", 'What is "<receptive field>"?'),
    ]
    assert topics[1].passages[0].text == "x < y & more\n\nn.md:4-5 · RF"


@pytest.mark.parametrize("title", ["批归一化 (Batch Normalization)：", "L1/L2", ' a\t"b"::c  d* '])
def test_a_tag_is_one_word_that_anki_does_not_take_apart(title: str) -> None:
    made = tag(title)
    assert made
    assert not re.search(r"[\s\"'*]|::", made)


def test_a_card_says_where_it_is_from_but_not_on_whose_machine() -> None:
    lines = Location(LocationKind.LINES, 3, 5)
    assert source("/home/me/notes/bn.md", lines, ("BN", "BN", "优点")) == "bn.md:3-5 · BN › 优点"
    assert source("/a/slides.pptx", Location(LocationKind.SLIDE, 2, 2), ("BN",)) == "slides.pptx slide 2 · BN"


def package_rows(data: bytes, tmp_path: Path, query: str) -> list[tuple[object, ...]]:
    with zipfile.ZipFile(BytesIO(data)) as archive:
        archive.extract("collection.anki2", tmp_path)
    with closing(sqlite3.connect(tmp_path / "collection.anki2")) as connection:
        return connection.execute(query).fetchall()


def test_a_package_holds_the_same_cards_under_ids_that_never_change(tmp_path: Path) -> None:
    pytest.importorskip("genanki")
    data = deck_package(CARDS, Language.ZH)
    rows = package_rows(data, tmp_path, "SELECT guid, mid, flds, tags FROM notes ORDER BY guid")
    assert [(row[0], row[1]) for row in rows] == [("q1", 1_719_330_417), ("q2", 1_719_330_417)]
    assert str(rows[1][2]).split("\x1f") == [
        "q2", 'What is "&lt;receptive field&gt;"?', "<code>x &lt; y</code> &amp; more", "n.md:4-5 · RF",
    ]  # fmt: skip
    assert str(rows[0][3]).split() == ["topic::BN", "kind::why"]
    ((models, decks),) = package_rows(data, tmp_path, "SELECT models, decks FROM col")
    (model,) = json.loads(str(models)).values()
    assert (model["name"], [field["name"] for field in model["flds"]]) == (NOTE_TYPE, list(FIELDS))
    assert json.loads(str(decks))["1860214551"]["name"] == "面试笔记"
    assert deck_package(CARDS, Language.EN) != data
