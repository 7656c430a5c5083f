"""Saved web pages: the article with its headings, lists, tables, code and formulas, without what is around it.

A location counts the lines of the saved source between which the text stands, tags included; a page saved on one
line has only that line. Formulas that MathJax or KaTeX showed come as the TeX they were made from. Nothing is
fetched or run.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from corpus.decoding import decode
from corpus.errors import NoteError
from corpus.readers._extracted import WRAPPED, Extracted, fence, one_line, table
from corpus.readers._html_article import article, is_furniture, page_title
from corpus.readers._html_formulas import formula, is_rendering
from corpus.readers._markup import Element, Text, parse
from corpus.types import Location, LocationKind, Note

SUFFIXES = (".html", ".htm")

_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_BLOCKS = frozenset(
    "address article blockquote body center dd details div dl dt fieldset figcaption figure footer form header "
    "hgroup html li main ol p pre section summary table tbody td tfoot th thead tr ul #root".split()
)
_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w:.-]{1,40})", re.IGNORECASE)
_LANGUAGE = re.compile(r"(?:^|\s)(?:language|lang|highlight|brush:?|source-?code)[-\s:]+([\w+#]{1,20})")
_GUTTER = re.compile(r"gutter|line-?num|lineno|linenos|hljs-ln-n|copy", re.IGNORECASE)


def read(path: Path, data: bytes) -> Note:
    """Return the note in `data`. Raises `NoteError` for bytes that are no text and a page without any."""
    charset = _CHARSET.search(data[:4096])
    decoded = decode(path, data, charset[1].decode("ascii") if charset else "")
    root = parse(decoded.text)
    main = article(root)
    page = _Page(Extracted(path))
    if not any(element.tag == "h1" for element in main.iter()) and (title := page_title(root)):
        page.extracted.heading(1, *title)
    page.blocks(main)
    page.paragraph()
    if not page.extracted.lines:
        message = f"{str(path)!r} holds no text; it may be a page that a script fills in"
        raise NoteError(
            path, message, "Save it from the browser as a complete page, or copy its text to a note."
        )
    return page.extracted.note(warning=decoded.warning)


@dataclass(slots=True)
class _Page:
    """A page on its way to a note: the inline text gathered since the last block, and its lines."""

    extracted: Extracted
    pieces: list[str] = field(default_factory=list)
    first: int = 0
    last: int = 0

    def blocks(self, parent: Element) -> None:
        """Add all that is in `parent`, text between blocks as paragraphs."""
        for child in parent.children:
            if isinstance(child, Text):
                self.add(child.text, child.line)
            elif is_furniture(child):
                continue
            elif child.tag in _HEADINGS:
                self.paragraph()
                self.inline(child)
                text, place = self.taken()
                self.extracted.heading(_HEADINGS[child.tag], text, place)
            elif child.tag == "pre":
                self.paragraph()
                self.code(child)
            elif child.tag in ("ul", "ol"):
                self.paragraph()
                self.items(child, 0)
            elif child.tag == "table" and not any(e.tag in ("pre", "table") for e in _below(child)):
                self.paragraph()
                self.table(child)
            elif child.tag in _BLOCKS:
                self.paragraph()
                self.blocks(child)
                self.paragraph()
            elif any(e.tag in _BLOCKS or e.tag in _HEADINGS for e in child.iter()):
                self.blocks(child)  # a link or span around whole blocks
            else:
                self.inline_element(child)

    def inline(self, parent: Element) -> None:
        """Gather the text of `parent`, whatever elements are in it."""
        for child in parent.children:
            if isinstance(child, Text):
                self.add(child.text, child.line)
            elif not is_furniture(child):
                self.inline_element(child)

    def inline_element(self, element: Element) -> None:
        """Gather one inline element: its formula, or its text with what its tag says of it."""
        if (tex := formula(element)) is not None:
            self.add(tex, element.line)
        elif is_rendering(element) or element.tag in ("script", "title"):
            return
        elif element.tag == "br":
            self.pieces.append("\n")
        elif element.tag in ("code", "kbd", "tt") and (code := _code(element).strip()):
            self.add(f"`{code}`" if "`" not in code else code, element.line, code.count("\n"))
        elif element.tag in ("sup", "sub"):
            if not any(e.tag == "a" for e in element.iter()):  # a link up there is a footnote's number
                text = one_line("".join(t.text for t in element.texts()))
                mark = "^" if element.tag == "sup" else "_"
                self.add(mark + (text if len(text) < 2 else f"{{{text}}}") if text else "", element.line)
        else:
            self.inline(element)
            if element.tag in _BLOCKS:
                self.pieces.append(" ")

    def add(self, text: str, line: int, more: int | None = None) -> None:
        """Gather `text` that begins on `line`; white space says nothing about where text stands."""
        if text.strip():
            line += text[: len(text) - len(text.lstrip())].count("\n") if more is None else 0
            end = line + (text.strip().count("\n") if more is None else more)
            self.first, self.last = self.first or line, max(self.last, end)
        self.pieces.append(re.sub(r"\s+", " ", WRAPPED.sub("", text)))

    def taken(self) -> tuple[str, Location]:
        """Return what was gathered, and where it stands, and begin anew."""
        text = "".join(self.pieces)
        place = Location(LocationKind.LINES, self.first or 1, max(self.first, self.last, 1))
        self.pieces.clear()
        self.first = self.last = 0
        return text, place

    def paragraph(self) -> None:
        """Add what was gathered as a paragraph."""
        text, place = self.taken()
        if text.strip():
            self.extracted.text(text, place)

    def code(self, pre: Element) -> None:
        """Add a code block, in the language that its classes or those of the `code` inside it name."""
        classes = " ".join(e.get("class") for e in pre.iter()) + " " + pre.get("lang")
        language = _LANGUAGE.search(classes)
        code = _code(pre)
        if code.strip():
            last = max(t.line + t.text.rstrip().count("\n") for t in pre.texts() if t.text.strip())
            place = Location(LocationKind.LINES, pre.line, last)
            self.extracted.verbatim(fence(code.rstrip(), language[1] if language else ""), place)

    def items(self, parent: Element, depth: int) -> None:
        """Add a list as `- ` or numbered lines; a list in an item is indented, other blocks follow it."""
        number = int(start) if (start := parent.get("start")).isdecimal() and len(start) < 6 else 1
        for item in parent.children:
            if isinstance(item, Text):
                continue
            if item.tag != "li":
                self.items(item, depth + 1) if item.tag in ("ul", "ol") else self.blocks(item)
                continue
            apart = depth == 0 and item is next(c for c in parent.children if isinstance(c, Element))
            inner = [c for c in item.children if isinstance(c, Element) and _is_set_apart(c)]
            own = Element("li", {}, item.line, [c for c in item.children if not any(c is i for i in inner)])
            self.inline(own)
            text, place = self.taken()
            if line := one_line(text):
                marker = f"{number}." if parent.tag == "ol" else "-"
                self.extracted.verbatim(f"{'  ' * min(depth, 8)}{marker} {line}", place, apart=apart)
                number += 1
            for element in inner:
                if element.tag in ("ul", "ol"):
                    self.items(element, depth + 1)
                else:
                    self.blocks(Element("div", {}, element.line, [element]))

    def table(self, element: Element) -> None:
        """Add a table; one with a single column is a way of laying out a page."""
        rows: list[Sequence[str]] = []
        places = []
        for row in (e for e in element.iter() if e.tag == "tr"):
            cells = []
            for cell in (c for c in row.children if isinstance(c, Element) and c.tag in ("td", "th")):
                self.inline(cell)
                text, place = self.taken()
                cells.append(text)
                places += [place] if text.strip() else []
            rows.append(cells)
        if places:
            place = Location(LocationKind.LINES, places[0].first, max(p.last for p in places))
            if max(map(len, rows)) > 1:
                self.extracted.verbatim(table(rows), place)
            else:
                self.extracted.text("\n".join(cell for row in rows for cell in row), place)


def _below(element: Element) -> list[Element]:
    return [e for child in element.children if isinstance(child, Element) for e in child.iter()]


def _is_set_apart(element: Element) -> bool:
    return element.tag in ("ul", "ol", "pre", "table") or any(e.tag == "pre" for e in element.iter())


def _code(element: Element) -> str:
    """Return the text of code as written, without the numbers of its lines."""
    pieces = []
    for child in element.children:
        if isinstance(child, Text):
            pieces.append(child.text)
        elif child.tag == "br":
            pieces.append("\n")
        elif not _GUTTER.search(child.get("class")) and child.tag != "button":
            pieces.append(_code(child))
            # Some pages keep each line of code in an element of its own.
            if child.tag in ("div", "li", "p", "tr") and not pieces[-1].endswith("\n"):
                pieces.append("\n")
    return "".join(pieces)
