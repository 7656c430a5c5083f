"""Word documents: paragraphs, headings by style, lists, tables and formulas, each at its page.

A document is laid out by the program that shows it, so its file has no pages as a PDF has. The page is the one
on which Word last showed the text, which Word writes down; without that it is counted by the breaks the author
set, and where the file says only how many pages there are, the location is all of them. Headers, footers,
comments, footnotes and deleted text are left out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from corpus.readers import _ooxml
from corpus.readers._extracted import Extracted, fence, one_line, table
from corpus.readers._office_math import latex
from corpus.types import Location, LocationKind, Note

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

SUFFIXES = (".docx",)

_HEADING_NAMES = ("heading ", "标题 ", "標題 ")
_CODE_NAMES = ("code", "source", "preformatted", "代码")
_TRANSPARENT = ("w_sdt", "w_sdtContent", "w_ins", "w_smartTag", "w_customXml", "w_moveTo")


def read(path: Path, data: bytes) -> Note:
    """Return the note in `data`. Raises `NoteError` for what is no Word document, broken, or locked."""
    with _ooxml.opened(path, data, "Word document") as package:
        part = package.main()
        root = package.xml(part)
        body = root.find("w_body") if root is not None else None
        if body is None:
            raise package.error("it holds no document")
        return _Document.of(package, part, body).note(body)


@dataclass(slots=True)
class _Style:
    """What a paragraph style says: its heading level (0 for none), its list, whether it is code."""

    level: int = 0
    numbering: tuple[str, str] | None = None
    code: bool = False


@dataclass(slots=True)
class _Document:
    """A document on its way to a note: what its styles and lists mean, and the page reached."""

    extracted: Extracted
    styles: dict[str, _Style]
    ordered: set[tuple[str, str]]
    rendered: bool
    pages: int
    page: int = 1
    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    code: list[str] = field(default_factory=list)
    code_page: int = 1
    in_list: bool = False

    @classmethod
    def of(cls, package: _ooxml.Package, part: str, body: Element) -> _Document:
        styles = _part(package, part, "styles")
        numbering = _part(package, part, "numbering")
        rendered = next(body.iter("w_lastRenderedPageBreak"), None) is not None
        broken = rendered or any(_breaks(e) for e in body.iter("w_br"))
        about = package.xml("docProps/app.xml")
        pages = about.findtext("Pages", "") if about is not None and not broken else ""
        count = int(pages) if pages.isdecimal() and len(pages) < 6 else 1
        return cls(Extracted(package.path), _styles(styles), _ordered(numbering), rendered, max(count, 1))

    def note(self, body: Element) -> Note:
        """Return the note made of all blocks of the body."""
        self._blocks(body)
        self._end_code()
        return self.extracted.note()

    def _blocks(self, parent: Element) -> None:
        for element in parent:
            if element.tag == "w_p":
                self._paragraph(element)
            elif element.tag == "w_tbl":
                self._table(element)
            elif element.tag in _TRANSPARENT:
                self._blocks(element)

    def _paragraph(self, paragraph: Element) -> None:
        style, level, numbering = self._meaning(paragraph)
        if paragraph.find("w_pPr/w_pageBreakBefore") is not None and not self.rendered:
            self.page += 1
        first, text = self._text(paragraph)
        if style.code:
            self.code_page = self.code_page if self.code else first
            self.code.append(text)
            return
        self._end_code()
        place = self._place(first)
        listed = numbering is not None and not level and bool(text.strip())
        if level:
            self.extracted.heading(level, text, place)
        elif listed and numbering is not None:
            indent = "  " * min(int(numbering[1]), 8) if numbering[1].isdecimal() else ""
            item = f"{indent}{self._marker(numbering)} {one_line(text)}"
            self.extracted.verbatim(item, place, apart=not self.in_list)
        else:
            self.extracted.text(text, place)
        self.in_list = listed or (self.in_list and not text.strip())

    def _meaning(self, paragraph: Element) -> tuple[_Style, int, tuple[str, str] | None]:
        """Return a paragraph's style, heading level and list; what it says itself overrides its style."""
        style = self.styles.get(_value(paragraph, "w_pPr/w_pStyle"), _Style())
        own = _value(paragraph, "w_pPr/w_outlineLvl")
        level = int(own) + 2 if own.isdecimal() and int(own) < 9 else style.level
        number = _value(paragraph, "w_pPr/w_numPr/w_numId")
        numbering = (number, _value(paragraph, "w_pPr/w_numPr/w_ilvl") or "0") if number else style.numbering
        return style, level, None if numbering and numbering[0] == "0" else numbering

    def _marker(self, numbering: tuple[str, str]) -> str:
        if numbering not in self.ordered:
            return "-"
        self.counts[numbering] += 1
        for deeper in [key for key in self.counts if key[0] == numbering[0] and key[1] > numbering[1]]:
            del self.counts[deeper]
        return f"{self.counts[numbering]}."

    def _table(self, element: Element) -> None:
        self._end_code()
        first = self.page
        rows = [[self._cell(cell) for cell in row.findall("w_tc")] for row in element.findall("w_tr")]
        if len(rows) == 1 and len(rows[0]) == 1:  # a box around text, not a table
            self.extracted.text(rows[0][0], self._place(first))
        else:
            self.extracted.verbatim(table(rows), self._place(first))
        self.in_list = False

    def _cell(self, cell: Element) -> str:
        return "\n".join(filter(None, (self._text(paragraph)[1] for paragraph in cell.findall("w_p"))))

    def _end_code(self) -> None:
        if self.code:
            self.extracted.verbatim(fence("\n".join(self.code)), self._place(self.code_page))
            self.code.clear()

    def _place(self, first: int) -> Location:
        return Location(LocationKind.PAGE, first, max(self.page, self.pages))

    def _text(self, paragraph: Element) -> tuple[int, str]:
        """Return the page on which a paragraph's text begins, and the text; pages turned in it are counted."""
        first, pieces = 0, []
        for element in _inline(paragraph):
            if element.tag == "w_lastRenderedPageBreak" or (not self.rendered and _breaks(element)):
                self.page += 1
                continue
            piece = _piece(element)
            first = first or (self.page if piece.strip() else 0)
            pieces.append(piece)
        return first or self.page, "".join(pieces)


def _inline(parent: Element) -> Iterator[Element]:
    """Yield what a paragraph is made of, in order, a formula as one; the older copy of a text box is left out."""
    for element in parent:
        if element.tag == "m_oMath":
            yield element
        elif element.tag not in ("mc_Fallback", "w_del", "w_moveFrom", "w_pPr", "w_rPr"):
            yield element
            yield from _inline(element)


def _piece(element: Element) -> str:
    match element.tag:
        case "w_t":
            return element.text or ""
        case "w_tab":
            return "\t"
        case "w_br" | "w_cr":
            return "" if _breaks(element) else "\n"
        case "w_noBreakHyphen":
            return "-"
        case "m_oMath":
            return f"${formula}$" if (formula := latex(element)) else ""
        case _:
            return ""


def _breaks(element: Element) -> bool:
    """Whether an element is a page break that the author set."""
    return element.tag == "w_br" and element.get("w_type") == "page"


def _part(package: _ooxml.Package, part: str, kind: str) -> Element | None:
    return next((package.xml(name) for name in package.related(part, kind).values()), None)


def _value(element: Element, path: str) -> str:
    found = element.find(path)
    return found.get("w_val", "") if found is not None else ""


def _styles(root: Element | None) -> dict[str, _Style]:
    """Return style id -> what it says, taking from the style it is based on what it does not say itself."""
    found = {s.get("w_styleId", ""): s for s in (root if root is not None else ()) if s.tag == "w_style"}
    meanings: dict[str, _Style] = {}

    def meaning(name: str, depth: int) -> _Style:
        style = found.get(name)
        if style is None or depth > 20:  # a style may be based on itself
            return _Style()
        if name not in meanings:
            base = meaning(_value(style, "w_basedOn"), depth + 1)
            called = _value(style, "w_name").lower()
            number = _value(style, "w_pPr/w_numPr/w_numId")
            numbering = (number, _value(style, "w_pPr/w_numPr/w_ilvl") or "0") if number else base.numbering
            code = base.code or called.startswith(_CODE_NAMES)
            meanings[name] = _Style(_level(style, called, base), numbering, code)
        return meanings[name]

    return {name: meaning(name, 0) for name in found}


def _level(style: Element, called: str, base: _Style) -> int:
    """Return a style's level: 1 for the document's title, which stands above heading 1, 0 for no heading."""
    if called in ("title", "标题"):
        return 1
    for prefix in _HEADING_NAMES:
        if called.startswith(prefix) and called.removeprefix(prefix).isdecimal():
            return int(called.removeprefix(prefix)) + 1
    outline = _value(style, "w_pPr/w_outlineLvl")
    return int(outline) + 2 if outline.isdecimal() and int(outline) < 9 else base.level


def _ordered(root: Element | None) -> set[tuple[str, str]]:
    """Return the lists and levels (numId, ilvl) whose items are counted and not dotted."""
    if root is None:
        return set()
    counted = {
        (abstract.get("w_abstractNumId", ""), level.get("w_ilvl", ""))
        for abstract in root.findall("w_abstractNum")
        for level in abstract.findall("w_lvl")
        if _value(level, "w_numFmt") not in ("bullet", "none", "")
    }
    return {
        (number.get("w_numId", ""), level)
        for number in root.findall("w_num")
        for abstract, level in counted
        if abstract == _value(number, "w_abstractNumId")
    }
