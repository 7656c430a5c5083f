"""Plain-text notes, such as a page pasted from the web: no front matter, no indented code, no HTML.

Anki exports its notes as `.txt` too, and says so in the first line; those are read as the table they are.
"""

from __future__ import annotations

from pathlib import Path

from corpus.decoding import decode
from corpus.types import Note, Syntax

SUFFIXES = (".txt",)


def read(path: Path, data: bytes) -> Note:
    """Return the note in `data`. Raises `NoteError` for bytes that are no text."""
    decoded = decode(path, data)
    if decoded.text.startswith("#"):
        from corpus.readers import table

        if table.is_anki(decoded.text):
            return table.read_anki(path, decoded)
    return Note(path, decoded.text, syntax=Syntax.PLAIN, warning=decoded.warning)
