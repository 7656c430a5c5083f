"""PDFs: text by page, headings by size of type, and what is locked, broken or scanned."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from corpus.errors import NoteError
from corpus.readers import pdf as reader
from corpus.splitting import split_note
from corpus.types import Location, LocationKind
from tests.corpus.readers.pdf_writer import Line, pdf

PATH = Path("/notes/深度学习.pdf")
LONG = "批归一化对每个通道在一个批次内求均值和方差再用可学习的缩放和平移恢复表达"
PAGES: list[list[Line]] = [
    [
        (20, 50, 780, "批归一化"),
        (10, 50, 740, LONG),
        (10, 50, 726, "能力。训练和推理用的统计量不同。"),
        (10, 50, 690, "Batch statistics are noisy for tiny batches."),
    ],
    [
        (20, 50, 780, "残差连接"),
        (10, 50, 740, "梯度可以直达浅层。"),
        (10, 50, 726, "# not a heading"),
    ],
]


def test_larger_type_is_a_heading_and_every_passage_names_its_page() -> None:
    topics = split_note(reader.read(PATH, pdf(PAGES)))
    assert [(t.title, t.heading_path, t.location, t.stub) for t in topics] == [
        ("批归一化", ("批归一化",), Location(LocationKind.PAGE, 1, 1), False),
        ("残差连接", ("残差连接",), Location(LocationKind.PAGE, 2, 2), False),
    ]
    assert topics[0].passages[0].text == (
        f"{LONG}能力。训练和推理用的统计量不同。\n\nBatch statistics are noisy for tiny batches."
    )
    assert topics[1].passages[0].text == "梯度可以直达浅层。\n\\# not a heading"
    assert topics[0].to_dict()["lines"] is None


def test_without_larger_type_headings_come_from_numbering() -> None:
    lines: list[Line] = [
        (10, 50, 780, "1. 什么是感受野"),
        (10, 50, 750, "输出的一个点能看到的输入区域,随着层数变大。"),
        (10, 50, 700, "2. 什么是空洞卷积"),
        (10, 50, 670, "在核的元素之间插入空洞,不增加参数。"),
    ]
    topics = split_note(reader.read(PATH, pdf([lines])))
    assert [t.title for t in topics] == ["1. 什么是感受野", "2. 什么是空洞卷积"]


def test_what_stands_at_the_edge_of_every_page_is_left_out() -> None:
    last: list[Line] = [(10, 50, 700, "最后一页。")]
    pages: list[list[Line]] = []
    for number, page in enumerate([*PAGES, last], start=1):
        head, foot = (9, 50, 820, "Interview notes"), (9, 290, 20, str(number))
        pages.append([head, *page, foot])
    note = reader.read(PATH, pdf(pages))
    assert "Interview notes" not in note.text
    assert not any(line.isdecimal() for line in note.text.split("\n"))
    assert "最后一页。" in note.text


@pytest.mark.parametrize(
    ("data", "message", "hint"),
    [
        (pdf(PAGES, locked=True), "protected by a password", "without a password"),
        (pdf(PAGES)[:300], "not a whole PDF", "print it"),
        (b"hello", "not a whole PDF", "print it"),
        (b"", "not a whole PDF", "print it"),
        (pdf([[], []]), "no text layer", "OCR"),
    ],
)
def test_what_cannot_be_read_is_named_with_a_way_out(data: bytes, message: str, hint: str) -> None:
    with pytest.raises(NoteError) as caught:
        reader.read(PATH, data)
    assert message in caught.value.message
    assert str(PATH) in caught.value.message
    assert hint in caught.value.hint


def test_pages_that_all_say_the_same_keep_their_text() -> None:
    note = reader.read(PATH, pdf([[(10, 50, 700, "同一句话。")]] * 3))
    assert note.text.split("\n") == ["同一句话。", "", "同一句话。", "", "同一句话。"]
    assert [place.first for place in note.places] == [1, 1, 2, 2, 3]


def test_pages_without_text_are_a_warning_beside_the_others() -> None:
    note = reader.read(PATH, pdf([PAGES[0], [], []]))
    assert note.warning == "2 of 3 pages hold no text, the first is page 2"


def test_a_missing_library_is_an_error_with_its_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pypdfium2", None)
    with pytest.raises(NoteError) as caught:
        reader.read(PATH, pdf(PAGES))
    assert caught.value.hint == "pip install 'interview-study-assistant[readers]'"
