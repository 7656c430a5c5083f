"""Markdown notes: text with an optional front matter. Structure is found when the note is split."""

from __future__ import annotations

from pathlib import Path

from corpus.decoding import decode
from corpus.front_matter import parse_front_matter
from corpus.types import Note, Syntax

SUFFIXES = (".md", ".markdown")


def read(path: Path, data: bytes) -> Note:
    """Return the note in `data`. Raises `NoteError` for bytes that are no text and for bad front matter."""
    decoded = decode(path, data)
    front_matter, body_start = parse_front_matter(path, decoded.text)
    return Note(path, decoded.text, front_matter, body_start, Syntax.MARKDOWN, decoded.warning)
