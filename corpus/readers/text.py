"""Plain-text notes, such as a page pasted from the web: no front matter, no indented code, no HTML."""

from __future__ import annotations

from pathlib import Path

from corpus.decoding import decode
from corpus.types import Note, Syntax

SUFFIXES = (".txt",)


def read(path: Path, data: bytes) -> Note:
    """Return the note in `data`. Raises `NoteError` for bytes that are no text."""
    decoded = decode(path, data)
    return Note(path, decoded.text, syntax=Syntax.PLAIN, warning=decoded.warning)
