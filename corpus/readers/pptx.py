"""Slide decks: each slide's title as a heading, its text and tables, then the speaker's notes, at its number.

Slides are counted as they are shown, hidden ones included. A slide whose title repeats the one before goes on
with its topic, and so does one without a title. Text of a slide is in the order of the file, which is the order
in which a screen reader reads it. Pictures, charts and master slides are left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from corpus.readers import _ooxml
from corpus.readers._extracted import Extracted, one_line, table
from corpus.readers._office_math import latex
from corpus.types import Location, LocationKind, Note

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

SUFFIXES = (".pptx",)

MAX_TITLE = 60
"""The longest line at the top of a slide without a title that is taken for one."""

_TITLES = ("title", "ctrTitle")
_FURNITURE = ("dt", "ftr", "sldNum", "hdr", "sldImg")


def read(path: Path, data: bytes) -> Note:
    """Return the note in `data`. Raises `NoteError` for what is no slide deck, broken, or locked."""
    with _ooxml.opened(path, data, "PowerPoint deck") as package:
        extracted = Extracted(path)
        above = ""
        for number, part in enumerate(_slides(package), start=1):
            place = Location(LocationKind.SLIDE, number, number)
            root = package.xml(part)
            if root is None:
                raise package.error(f"slide {number} is missing")
            shapes = list(_shapes(root))
            title, rest = _titled([(kind, _blocks(shape)) for kind, shape in shapes])
            if title and title != above:
                extracted.heading(1, title, place)
            above = title or above
            for block, is_text in [*rest, *_notes(package, part)]:
                if is_text:
                    extracted.text(block, place)
                else:
                    extracted.verbatim(block, place)
        return extracted.note()


Block = tuple[str, bool]
"""A paragraph, or with False a table or list that is Markdown already."""


def _slides(package: _ooxml.Package) -> Iterator[str]:
    """Yield the parts of the slides in the order in which they are shown."""
    main = package.main()
    root = package.xml(main)
    parts = package.related(main, "slide")
    for slide in root.iterfind("p_sldIdLst/p_sldId") if root is not None else ():
        if part := parts.get(slide.get("r_id", "")):
            yield part


def _shapes(root: Element) -> Iterator[tuple[str, Element]]:
    """Yield placeholder type ("" for none) and element of every shape that holds text or a table."""
    for element in root.iter():
        if element.tag in ("p_sp", "p_graphicFrame"):
            holder = element.find("p_nvSpPr/p_nvPr/p_ph")
            kind = holder.get("type", "body") if holder is not None else ""
            if kind not in _FURNITURE:
                yield kind, element


def _titled(shapes: list[tuple[str, list[Block]]]) -> tuple[str, list[Block]]:
    """Return a slide's title and the blocks below it; without a title, a short line at the top is one."""
    titles = [block for kind, blocks in shapes if kind in _TITLES for block, _ in blocks]
    rest = [block for kind, blocks in shapes if kind not in _TITLES for block in blocks]
    if titles:
        return one_line(" ".join(titles)), rest
    alone = len(shapes) > 1 and len(shapes[0][1]) == 1 and bool(rest) and rest[0][1]
    if alone and len(title := one_line(rest[0][0])) <= MAX_TITLE and not title.endswith(tuple("。.;；,，")):
        return title, rest[1:]
    return "", rest


def _blocks(shape: Element) -> list[Block]:
    """Return what a shape says: paragraphs, runs of indented ones as a list, tables."""
    if (grid := shape.find(".//a_tbl")) is not None:
        rows = [[_lines(cell) for cell in row.findall("a_tc")] for row in grid.findall("a_tr")]
        return [(table(rows), False)]
    body = shape.find("p_txBody")
    if body is None:
        return []
    paragraphs = [(_level(p), one_line(_text(p))) for p in body.findall("a_p")]
    paragraphs = [(level, text) for level, text in paragraphs if text]
    if any(level for level, _ in paragraphs):
        return [("\n".join(f"{'  ' * level}- {text}" for level, text in paragraphs), False)]
    return [(text, True) for _, text in paragraphs]


def _level(paragraph: Element) -> int:
    properties = paragraph.find("a_pPr")
    level = properties.get("lvl", "0") if properties is not None else "0"
    return min(int(level), 8) if level.isdecimal() else 0


def _lines(cell: Element) -> str:
    return "\n".join(_text(paragraph) for paragraph in cell.iter("a_p"))


def _text(paragraph: Element) -> str:
    pieces = []
    for element in _inline(paragraph):
        if element.tag == "a_t":
            pieces.append(element.text or "")
        elif element.tag == "m_oMath" and (formula := latex(element)):
            pieces.append(f"${formula}$")
        elif element.tag == "a_br":
            pieces.append("\n")
    return "".join(pieces)


def _inline(parent: Element) -> Iterator[Element]:
    for element in parent:
        if element.tag != "mc_Fallback":
            yield element
            if element.tag != "m_oMath":
                yield from _inline(element)


def _notes(package: _ooxml.Package, part: str) -> Iterator[Block]:
    """Yield the paragraphs of the speaker's notes of a slide."""
    for notes in package.related(part, "notesSlide").values():
        root = package.xml(notes)
        for kind, shape in _shapes(root) if root is not None else ():
            if kind == "body":
                yield from _blocks(shape)
