"""Tables of text: cards with a question and an answer, or rows that each describe what the first column names.

A location counts the lines of the file between which the row stands. A row is a topic where a column names it:
one called 问题 or "front", else the first that holds words. A table of nothing but numbers is one topic.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

from corpus.decoding import Decoded, decode
from corpus.errors import NoteError
from corpus.readers._anki import Header, parse_header, plain
from corpus.readers._extracted import Extracted, one_line
from corpus.types import Location, LocationKind, Note

SUFFIXES = (".csv", ".tsv")

MAX_ROWS = 50_000
"""Rows beyond are left out with a warning: a table this long is data and no notes."""

MAX_NAME = 300
_NUMBER = re.compile(r"[-+]?[.\d]")
_NAMES = (
    "question 问题 题目 问 q front 正面 prompt term 术语 概念 知识点 名称 名词 name title 标题 topic 主题 单词 word"
).split()
_ANSWERS = "answer 答案 回答 答 a back 背面 反面 definition 定义 解释 explanation 说明 内容 content 解析 text".split()


@dataclass(frozen=True, slots=True)
class _Row:
    cells: tuple[str, ...]
    place: Location


def read(path: Path, data: bytes) -> Note:
    """Return the note in `data`. Raises `NoteError` for bytes that are no table."""
    decoded = decode(path, data)
    if is_anki(decoded.text):
        return read_anki(path, decoded)
    separator = "\t" if path.suffix.lower() == ".tsv" else _separator(decoded.text)
    rows, warning = _rows(path, decoded, separator, 0)
    if not rows:
        return Extracted(path).note(warning=warning)
    head = rows[0].cells if _is_head(rows) else ()
    return _note(path, rows[1:] if head else rows, head, warning)


def is_anki(text: str) -> bool:
    """Whether a text file is an export of Anki notes."""
    return parse_header(text) is not None


def read_anki(path: Path, decoded: Decoded) -> Note:
    """Return the note in a text export of Anki, one topic a card. Raises `NoteError` for a broken table."""
    header = parse_header(decoded.text)
    if header is None:
        raise NoteError(path, f"{str(path)!r} is no Anki export", "Export it as notes in plain text.")
    rows, warning = _rows(path, decoded, header.separator, header.lines)
    extracted = Extracted(path)
    deck = ""
    for row in rows:
        cells = [plain(c, html=header.html) for i, c in enumerate(row.cells) if i not in header.hidden]
        if not any(cells):
            continue
        if (own := _deck(header, row)) != deck:
            deck = own
            extracted.heading(1, deck, row.place)
        front, *back = [cell for cell in cells if cell]
        extracted.heading(2, front[:MAX_NAME], row.place)
        for field in ([front] if len(one_line(front)) > MAX_NAME else []) + back:
            extracted.text(field, row.place)
    return extracted.note(warning=warning)


def _deck(header: Header, row: _Row) -> str:
    column = header.deck_column
    return row.cells[column] if column is not None and column < len(row.cells) else header.deck


def _separator(text: str) -> str:
    """Return the separator that the first line has most of, a comma if none."""
    line = text[:8192].split("\n", 1)[0]
    return max(",\t;|", key=lambda separator: (line.count(separator), separator == ","))


def _rows(path: Path, decoded: Decoded, separator: str, skipped: int) -> tuple[list[_Row], str]:
    """Return the rows that hold something, with their lines, and what was lost."""
    rows: list[_Row] = []
    lines = decoded.text.split("\n")[skipped:]
    reader = csv.reader(StringIO("\n".join(lines), newline=""), delimiter=separator)
    before = 0
    try:
        for cells in reader:
            first, last, before = before + 1, reader.line_num, reader.line_num
            if not any(cell.strip() for cell in cells):
                continue
            if len(rows) == MAX_ROWS:
                lost = f"only the first {MAX_ROWS} rows were read"
                return rows, f"{decoded.warning}; {lost}".removeprefix("; ")
            place = Location(LocationKind.LINES, skipped + first, skipped + max(first, last))
            rows.append(_Row(tuple(cell.strip() for cell in cells), place))
    except csv.Error as error:
        line = skipped + before + 1
        hint = "Look for a quotation mark that is not closed."
        raise NoteError(path, f"{str(path)!r}, line {line}: {error}", hint, line) from None
    return rows, decoded.warning


def _is_head(rows: Sequence[_Row]) -> bool:
    """Whether the first row names the columns: short names, all different, none a number or a question."""
    head = rows[0].cells
    if len(rows) < 2 or len(set(head)) < len(head) or not all(head):
        return False
    if any(_called(cell) in (*_NAMES, *_ANSWERS) for cell in head):
        return True
    names = all(
        len(c) <= 40 and any(x.isalpha() for x in c) and not c.endswith(tuple("?？。.!！")) for c in head
    )
    below = [row.cells for row in rows[1:51]]
    # Names of columns are shorter than what stands below them, or stand above numbers.
    numbers = any(_NUMBER.match(cell) for cells in below for cell in cells)
    longer = sum(len("".join(c)) for c in below) > 2 * len("".join(head)) * len(below)
    return names and (numbers or longer)


def _called(cell: str) -> str:
    return one_line(cell).casefold().strip(" :：")


def _note(path: Path, rows: Sequence[_Row], head: Sequence[str], warning: str) -> Note:
    extracted = Extracted(path)
    name = _naming_column(rows, head)
    answers = {i for i, cell in enumerate(head) if _called(cell) in _ANSWERS}
    for row in rows:
        cells = list(_labelled(row, head, answers, name))
        if name is None:
            extracted.verbatim(", ".join(cells), row.place, apart=False)
            continue
        title = one_line(row.cells[name]) if name < len(row.cells) else ""
        extracted.heading(1, title[:MAX_NAME] or (cells[0][:MAX_NAME] if cells else ""), row.place)
        for cell in cells:
            extracted.text(cell, row.place)
    return extracted.note(warning=warning)


def _labelled(row: _Row, head: Sequence[str], answers: set[int], name: int | None) -> Iterator[str]:
    """Yield the cells beside the name: answers first and as they are, others below the name of their column."""
    others = [i for i, cell in enumerate(row.cells) if cell and i != name]
    for i in sorted(others, key=lambda i: i not in answers):
        label = f"{one_line(head[i])}: " if i < len(head) and i not in answers else ""
        yield label + (row.cells[i] if name is not None else one_line(row.cells[i]))


def _naming_column(rows: Sequence[_Row], head: Sequence[str]) -> int | None:
    """Return the column that names its row: by its own name, else the first of words that mostly differ."""
    for name in _NAMES:
        for i, cell in enumerate(head):
            if _called(cell) == name:
                return i
    width = max((len(row.cells) for row in rows), default=0)
    for i in range(width):
        cells = [row.cells[i] for row in rows if i < len(row.cells) and row.cells[i]]
        worded = [cell for cell in cells if any(c.isalpha() for c in cell) and len(cell) <= MAX_NAME]
        if 2 * len(worded) > len(rows) and 2 * len(set(worded)) > len(worded):
            return i
    return None
