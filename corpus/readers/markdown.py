"""Markdown notes: text with an optional front matter. Structure is found when the note is split.

Of Obsidian and Notion the links, callouts, comments and properties become text, line for line, so that a quote
stands on its line of the file with only that markup left out.
"""

from __future__ import annotations

from pathlib import Path

from corpus.decoding import decode
from corpus.front_matter import parse_front_matter, parse_tags
from corpus.readers._vaults import without_vault_markup
from corpus.types import Note, Syntax

SUFFIXES = (".md", ".markdown")


def read(path: Path, data: bytes) -> Note:
    """Return the note in `data`. Raises `NoteError` for bytes that are no text and for bad front matter."""
    decoded = decode(path, data)
    front_matter, body_start = parse_front_matter(path, decoded.text)
    tags = parse_tags(path, decoded.text, body_start)
    plain = without_vault_markup(path, decoded.text.split("\n"), body_start)
    return Note(
        path,
        "\n".join(plain.lines),
        front_matter,
        body_start,
        Syntax.MARKDOWN,
        decoded.warning,
        tags=(*tags, *plain.tags),
    )
