"""The text that a reader extracts from a format that is not text, written as Markdown line by line.

It remembers where each line stands in the file. It knows no format, and decides nothing about headings.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from corpus.errors import NoteError
from corpus.types import Location, Note, Syntax

MAX_CHARACTERS = 64 * 2**20
"""No file, however it is packed, gives more text than the largest text file that is read."""

WRAPPED = re.compile(r"(?<=[\u2e80-\u9fff\uff00-\uffef])[ \t]*\n[ \t]*(?=[\u2e80-\u9fff\uff00-\uffef])")
"""A line end inside a Chinese sentence: no word ends there, so nothing takes its place."""

_INVISIBLE = dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u2060\ufeff"))
_SPACES = re.compile(r"[\s\x00-\x1f\x7f]+")
_LINE_END = re.compile(r"\r\n|[\r\v\f\x85\u2028\u2029]")
# What Markdown would take for a heading, a ruler below one, or a fence, in text that means none of them.
_MEANT_AS_TEXT = re.compile(r"(?=#{1,6}[^#]|```|~~~)")
_RULER = re.compile(r"[\s=_*-]+")


def one_line(text: str) -> str:
    """Return `text` on one line, its runs of white space as single spaces, without invisible characters."""
    return _SPACES.sub(" ", text.translate(_INVISIBLE)).strip()


def fence(code: str, language: str = "") -> str:
    """Return `code` between fences that it does not contain itself."""
    longest = max((len(run) for run in re.findall("`{3,}", code)), default=2)
    marks = "`" * (longest + 1)
    return f"{marks}{language}\n{code.strip(chr(10))}\n{marks}"


def table(rows: Sequence[Sequence[str]]) -> str:
    """Return `rows`, the first of them the head, as a Markdown table; shorter rows are filled up."""
    width = max((len(row) for row in rows), default=0)
    cells = [[one_line(cell).replace("|", "\\|") for cell in row] + [""] * (width - len(row)) for row in rows]
    lines = [f"| {' | '.join(row)} |" for row in cells if any(row)]
    return "\n".join([*lines[:1], "|" + " --- |" * width, *lines[1:]]) if lines else ""


@dataclass(slots=True)
class Extracted:
    """Text being extracted from the file at `path`."""

    path: Path
    lines: list[str] = field(default_factory=list)
    places: list[Location] = field(default_factory=list)
    characters: int = 0

    def heading(self, level: int, title: str, place: Location) -> None:
        """Add a heading; one without words is left out."""
        if title := one_line(title):
            self.verbatim(f"{'#' * min(level, 6)} {title}", place)

    def text(self, text: str, place: Location) -> None:
        """Add a paragraph; each of its lines stays one, and none of them is taken for markup of a heading."""
        kept = []
        for line in _LINE_END.sub("\n", text).split("\n"):
            if (line := one_line(line)) and not _RULER.fullmatch(line):
                kept.append("\\" + line if _MEANT_AS_TEXT.match(line) else line)
        self.verbatim("\n".join(kept), place)

    def verbatim(self, block: str, place: Location, *, apart: bool = True) -> None:
        """Add a block of Markdown as it is, below a blank line unless it continues what is above."""
        if not block.strip():
            return
        self.characters += len(block)
        if self.characters > MAX_CHARACTERS:
            size = MAX_CHARACTERS // 2**20
            message = f"{str(self.path)!r} holds more than {size} million characters of text"
            raise NoteError(self.path, message, "Split it into smaller notes.")
        if apart and self.lines:
            self.lines.append("")
            self.places.append(self.places[-1])
        added = block.split("\n")
        self.lines += added
        self.places += [place] * len(added)

    def note(self, syntax: Syntax = Syntax.MARKDOWN, warning: str = "") -> Note:
        """Return what was extracted as a note."""
        text = "\n".join(self.lines)
        return Note(self.path, text, syntax=syntax, warning=warning, places=tuple(self.places) or ())
