"""Word documents and slide decks, written by the libraries that everybody writes them with, and hostile ones."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from types import ModuleType
from zipfile import ZIP_DEFLATED, ZipFile

import pytest

from corpus.errors import NoteError
from corpus.readers import docx as docx_reader
from corpus.readers import pptx as pptx_reader
from corpus.splitting import split_note
from corpus.types import Location, LocationKind

DOCX, PPTX = Path("/notes/a.docx"), Path("/notes/a.pptx")


def word(*, office_math: str = "") -> bytes:
    docx = pytest.importorskip("docx", reason="python-docx writes the documents that are read here")
    document = docx.Document()
    document.add_heading("深度学习笔记", 0)
    document.add_heading("批归一化", 1)
    document.add_paragraph("对每个通道按批归一化。")
    document.add_paragraph("# 不是标题")
    document.add_paragraph("训练", style="List Bullet")
    document.add_paragraph("推理", style="List Bullet")
    document.add_paragraph("先中心化", style="List Number")
    document.add_paragraph("再缩放", style="List Number")
    if office_math:
        space = "http://schemas.openxmlformats.org/officeDocument/2006/math"
        xml = f'<m:oMath xmlns:m="{space}">{office_math}</m:oMath>'
        document.add_paragraph("公式 ")._p.append(docx.oxml.parse_xml(xml))
    document.add_page_break()
    document.add_heading("残差连接", 2)
    grid = document.add_table(2, 2)
    for row, cells in zip(grid.rows, [("网络", "深度"), ("ResNet|50", "50")], strict=True):
        for cell, text in zip(row.cells, cells, strict=True):
            cell.text = text
    document.add_heading("标签平滑", 1)
    stream = BytesIO()
    document.save(stream)
    return stream.getvalue()


def deck() -> bytes:
    pptx = pytest.importorskip("pptx", reason="python-pptx writes the decks that are read here")
    presentation = pptx.Presentation()
    for title in ("感受野", "感受野", "空洞卷积"):
        slide = presentation.slides.add_slide(presentation.slide_layouts[1])
        slide.shapes.title.text = title
        slide.placeholders[1].text_frame.text = f"{title}的第 {len(presentation.slides)} 页。"
    slide.notes_slide.notes_text_frame.text = "讲的时候画图。"
    below = slide.placeholders[1].text_frame.add_paragraph()
    below.text, below.level = "不增加参数", 1
    bare = presentation.slides.add_slide(presentation.slide_layouts[6])
    for text in ("可分离卷积", "先逐通道,再逐点。"):
        bare.shapes.add_textbox(0, 0, 100, 100).text_frame.text = text
    stream = BytesIO()
    presentation.save(stream)
    return stream.getvalue()


def test_a_document_has_its_headings_lists_and_tables_at_their_pages() -> None:
    topics = split_note(docx_reader.read(DOCX, word()))
    title = "深度学习笔记"
    assert [(t.title, t.heading_path, t.location, t.stub) for t in topics] == [
        ("批归一化", (title, "批归一化"), Location(LocationKind.PAGE, 1, 1), False),
        ("残差连接", (title, "批归一化", "残差连接"), Location(LocationKind.PAGE, 2, 2), False),
        ("标签平滑", (title, "标签平滑"), Location(LocationKind.PAGE, 2, 2), True),
    ]
    assert topics[0].passages[0].text == (
        "对每个通道按批归一化。\n\n\\# 不是标题\n\n- 训练\n- 推理\n1. 先中心化\n2. 再缩放"
    )
    assert topics[1].passages[0].text == "| 网络 | 深度 |\n| --- | --- |\n| ResNet\\|50 | 50 |"


@pytest.mark.parametrize(
    ("xml", "tex"),
    [
        (
            "<m:f><m:num><m:r><m:t>x-μ</m:t></m:r></m:num><m:den><m:r><m:t>σ</m:t></m:r></m:den></m:f>",
            "\\frac{x-μ}{σ}",
        ),
        (
            "<m:sSup><m:e><m:r><m:t>x</m:t></m:r></m:e><m:sup><m:r><m:t>2</m:t></m:r></m:sup></m:sSup>",
            "x^{2}",
        ),
        ("<m:rad><m:deg/><m:e><m:r><m:t>d</m:t></m:r></m:e></m:rad>", "\\sqrt{d}"),
        (
            '<m:nary><m:naryPr><m:chr m:val="∑"/></m:naryPr><m:sub><m:r><m:t>i</m:t></m:r></m:sub><m:sup/>'
            "<m:e><m:r><m:t>p</m:t></m:r></m:e></m:nary>",
            "∑_{i} p",
        ),
        ("<m:d><m:e><m:r><m:t>a</m:t></m:r></m:e></m:d>", "(a)"),
    ],
)
def test_formulas_of_word_are_latex(xml: str, tex: str) -> None:
    assert f"公式 ${tex}$" in docx_reader.read(DOCX, word(office_math=xml)).text.split("\n")


def test_a_deck_has_titles_text_and_notes_at_their_slides() -> None:
    topics = split_note(pptx_reader.read(PPTX, deck()))
    assert [(t.title, t.heading_path, t.location) for t in topics] == [
        ("感受野", ("感受野",), Location(LocationKind.SLIDE, 1, 2)),
        ("空洞卷积", ("空洞卷积",), Location(LocationKind.SLIDE, 3, 3)),
        ("可分离卷积", ("可分离卷积",), Location(LocationKind.SLIDE, 4, 4)),
    ]
    assert topics[0].passages[0].text == "感受野的第 1 页。\n\n感受野的第 2 页。"
    assert topics[1].passages[0].text == "- 空洞卷积的第 3 页。\n  - 不增加参数\n\n讲的时候画图。"
    assert topics[2].passages[0].text == "先逐通道,再逐点。"


def packed(**parts: bytes) -> bytes:
    stream = BytesIO()
    with ZipFile(stream, "w", ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name.replace("__", "/").replace("_xml", ".xml"), data)
    return stream.getvalue()


TYPE = b"http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"
RELS = b'<Relationships><Relationship Id="a" Type="' + TYPE + b'" Target="main.xml"/></Relationships>'
LAUGHS = b'<!DOCTYPE d [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><d>&b;</d>'


def with_rels(main: bytes) -> bytes:
    stream = BytesIO()
    with ZipFile(stream, "w", ZIP_DEFLATED) as archive:
        archive.writestr("_rels/.rels", RELS)
        archive.writestr("main.xml", main)
    return stream.getvalue()


@pytest.mark.parametrize("reader", [docx_reader, pptx_reader])
@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"hello", "it is not one"),
        (b"", "it is not one"),
        (with_rels(b"<a/>")[:-30], "it is damaged"),
        (packed(other=b"x"), "it has no main part"),
        (with_rels(b"<a><b></a>"), "it is damaged"),
        (with_rels(LAUGHS), "not XML as Office writes it"),
        (with_rels(LAUGHS.decode().encode("utf-16")), "not XML as Office writes it"),
        (with_rels(b"\0" * (210 * 2**20)), "would unpack to 210 MB"),
        (with_rels(b"\0" * (8 * 2**20)), "would unpack to 8 MB"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 512, "protected by a password"),
    ],
)
def test_what_cannot_be_read_is_named_with_a_way_out(reader: ModuleType, data: bytes, message: str) -> None:
    with pytest.raises(NoteError) as caught:
        reader.read(DOCX, data)
    assert message in caught.value.message
    assert str(DOCX) in caught.value.message
    assert caught.value.hint
