"""PDF documents: the text of each page, lines joined to paragraphs, headings where larger type says so.

A PDF holds glyphs at places, not paragraphs. PDFium (the engine of Chrome, under a permissive licence) puts them
in reading order. What stands at the top or bottom of most pages is left out. Without larger type the headings
are inferred from numbering, as in any plain text. Pictures of text are not read.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from statistics import median
from threading import Lock
from typing import Any

from corpus.errors import NoteError
from corpus.readers._extracted import WRAPPED, Extracted, one_line
from corpus.types import Location, LocationKind, Note, Syntax

SUFFIXES = (".pdf",)

MAX_PAGES = 3000
"""Pages beyond are left out with a warning; each takes some 10 ms."""

MAX_GLYPHS = 100_000
"""Glyphs of one page that are looked at; a page of a newspaper holds 20,000."""

LARGER = 1.12
"""How much larger than the body the type of a heading is; superscripts and mixed fonts stay below."""

FULL = 0.85
"""What a line that was broken at the end of its column is at least as wide as, of a wide line."""

MAX_TITLE = 100
_INSTALL = "pip install 'interview-study-assistant[readers]'"
_ENDS = tuple('。！？；：.!?;:…”")）')
_ITEM = re.compile(
    r"(?:[-•·▪●○◦■□➢✓*–—]|\(?\d{1,3}[.)、）]|[（(][一二三四五六七八九十]+[)）]|[一二三四五六七八九十]+、)\s*\S"
)
_DIGITS = re.compile(r"\d+")
_PDFIUM = Lock()  # PDFium may be used by one thread at a time


@dataclass(frozen=True, slots=True)
class _Line:
    """A line of a page: its text, the size of its type, its width and its height above ground, in points."""

    text: str
    size: float
    width: float
    bottom: float
    page: int


def read(path: Path, data: bytes) -> Note:
    """Return the note in `data`. Raises `NoteError` for what is locked, broken, or holds no text."""
    try:
        pdfium = import_module("pypdfium2")
    except ImportError:
        raise NoteError(
            path, f"{str(path)!r} needs the PDF reader, which is not installed", _INSTALL
        ) from None
    with _PDFIUM:
        pages, count = _pages(pdfium, path, data)
    if not any(c.isalnum() for lines in pages for line in lines for c in line.text):
        hint = "It is probably scanned; run OCR on it first, for example `ocrmypdf IN.pdf OUT.pdf`."
        raise NoteError(path, f"{str(path)!r} has no text layer", hint)
    return _note(path, pages, _warning(pages, count))


def _pages(pdfium: Any, path: Path, data: bytes) -> tuple[list[list[_Line]], int]:
    try:
        document = pdfium.PdfDocument(data)
    except pdfium.PdfiumError as error:
        if "password" in str(error).lower():
            hint = "Save a copy without a password, for example by printing it to a PDF."
            raise NoteError(path, f"{str(path)!r} is protected by a password", hint) from None
        hint = "Open it in a PDF viewer; if it opens there, print it to a new PDF."
        raise NoteError(path, f"{str(path)!r} is not a whole PDF: {error}", hint) from None
    try:
        count = len(document)
        pages = [list(_lines(pdfium, document, number)) for number in range(min(count, MAX_PAGES))]
    finally:
        document.close()
    return pages, count


def _lines(pdfium: Any, document: Any, number: int) -> Iterator[_Line]:
    """Yield the lines of the page with the 0-based `number`; a page that is broken has none."""
    try:
        page = document[number]
        text = page.get_textpage()
    except pdfium.PdfiumError:
        return
    raw = pdfium.raw
    characters: list[str] = []
    boxes: list[tuple[float, float, float, float]] = []
    for i in range(min(text.count_chars(), MAX_GLYPHS)):
        character = chr(raw.FPDFText_GetUnicode(text.raw, i))
        if character in "\r\n":
            if character == "\n":
                yield from _line(characters, boxes, number + 1)
                characters, boxes = [], []
        elif character in "\x02\ufffe":  # a hyphen at which PDFium joins the halves of a word
            continue
        else:
            characters.append(character)
            if not character.isspace():
                boxes.append(text.get_charbox(i, loose=True))
    yield from _line(characters, boxes, number + 1)
    text.close()
    page.close()


def _line(characters: Sequence[str], boxes: Sequence[tuple[float, ...]], page: int) -> Iterator[_Line]:
    # Characters beyond the basic plane may come as two halves.
    halves = "".join(characters).encode("utf-16", "surrogatepass")
    if text := one_line(halves.decode("utf-16", "replace")):
        size = median(top - bottom for _, bottom, _, top in boxes) if boxes else 0.0
        bottom = min(box[1] for box in boxes) if boxes else 0.0
        width = max(box[2] for box in boxes) - min(box[0] for box in boxes) if boxes else 0.0
        yield _Line(text, round(size, 1), width, bottom, page)


def _warning(pages: Sequence[Sequence[_Line]], count: int) -> str:
    empty = [number for number, lines in enumerate(pages, start=1) if not lines]
    warnings = []
    if count > MAX_PAGES:
        warnings.append(f"only the first {MAX_PAGES} of {count} pages were read")
    if 2 * len(empty) > len(pages):
        warnings.append(f"{len(empty)} of {len(pages)} pages hold no text, the first is page {empty[0]}")
    text = "".join(line.text for lines in pages for line in lines)
    unknown = sum(c == "\ufffd" or "\ue000" <= c <= "\uf8ff" for c in text)
    if 10 * unknown > len(text):
        warnings.append(
            "its fonts do not say which characters they show, so parts of its text are unreadable"
        )
    return "; ".join(warnings)


def _note(path: Path, pages: Sequence[Sequence[_Line]], warning: str) -> Note:
    furniture = _furniture(pages)
    lines = [
        line
        for page in pages
        for at, line in enumerate(page)
        if not (_at_edge(at, len(page)) and _DIGITS.sub("#", line.text) in furniture)
    ] or [line for page in pages for line in page]
    levels = _levels(lines)
    extracted = Extracted(path)
    for first, last in _paragraphs(lines, levels):
        group = lines[first : last + 1]
        place = Location(LocationKind.PAGE, group[0].page, group[-1].page)
        text = WRAPPED.sub("", "\n".join(line.text for line in group)).replace("\n", " ")
        if level := levels.get(group[0].size if _is_title(group[0]) else 0.0):
            extracted.heading(level, text, place)
        else:
            gap = first == 0 or _is_apart(lines[first - 1], group[0])
            # A line right below another stays there: without larger type, blank lines tell headings from text.
            extracted.text(text, place) if gap else _continue(extracted, text, place)
    return extracted.note(Syntax.PLAIN, warning)


def _continue(extracted: Extracted, text: str, place: Location) -> None:
    before = len(extracted.lines)
    extracted.text(text, place)
    if before and len(extracted.lines) > before:
        del extracted.lines[before], extracted.places[before]


def _at_edge(at: int, count: int) -> bool:
    return at < 2 or at >= count - 2


def _furniture(pages: Sequence[Sequence[_Line]]) -> set[str]:
    """Return the lines, digits set aside, that stand at the edge of at least three and half of the pages."""
    found: Counter[str] = Counter()
    for page in pages:
        edge = (line for at, line in enumerate(page) if _at_edge(at, len(page)))
        found.update({_DIGITS.sub("#", line.text) for line in edge})
    written = sum(bool(page) for page in pages)
    return {text for text, times in found.items() if times >= 3 and 2 * times >= written} | {"#"}


def _levels(lines: Sequence[_Line]) -> dict[float, int]:
    """Return size of type -> level of heading, the largest first; empty where size says nothing."""
    written: Counter[float] = Counter()
    for line in lines:
        written[line.size] += len(line.text)
    if not written:
        return {}
    body = written.most_common(1)[0][0]
    titles = [line for line in lines if line.size > LARGER * body and _is_title(line)]
    if 3 * sum(len(line.text) for line in titles) > written.total():
        return {}  # slides printed to a PDF, a poster: there larger type is no heading
    sizes = sorted({line.size for line in titles}, reverse=True)
    ranks: dict[float, int] = {}
    for size in sizes:  # sizes a twentieth apart are one
        near = next((level for other, level in ranks.items() if other <= 1.05 * size), 0)
        ranks[size] = near or min(max(ranks.values(), default=0) + 1, 6)
    return ranks


def _is_title(line: _Line) -> bool:
    return len(line.text) <= MAX_TITLE and any(c.isalpha() for c in line.text)


def _paragraphs(lines: Sequence[_Line], levels: dict[float, int]) -> Iterator[tuple[int, int]]:
    """Yield the first and last index of the lines of each paragraph, and of each heading."""
    widths = sorted(line.width for line in lines)
    full = FULL * widths[int(0.9 * (len(widths) - 1))] if widths else 0.0  # of a column, if there are several
    first = 0
    for i, line in enumerate(lines):
        below = lines[i + 1] if i + 1 < len(lines) else None
        if below is None or not _goes_on(line, below, full, levels):
            yield first, i
            first = i + 1


def _goes_on(line: _Line, below: _Line, full: float, levels: dict[float, int]) -> bool:
    """Whether a line was broken only because its column ends: it is at least `full` wide."""
    if abs(line.size - below.size) > 0.1 * line.size or _ITEM.match(below.text):
        return False
    if levels.get(line.size) and _is_title(line):
        return line.page == below.page and not _is_apart(line, below)
    if line.page != below.page:
        return line.width >= full and not line.text.endswith(_ENDS)
    return line.width >= full and not _is_apart(line, below)


def _is_apart(line: _Line, below: _Line) -> bool:
    """Whether there is more than the usual space between two lines, or a page or column."""
    return line.page != below.page or not 0 <= line.bottom - below.bottom <= 1.7 * max(line.size, below.size)
