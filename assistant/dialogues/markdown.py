"""Lines as Markdown: a line stays a line of its own."""

from __future__ import annotations

import re

_BLOCK = re.compile(r"^ {4}[^\n]*\n?(?: {4}[^\n]*\n?|\n(?= {4}))*|^```(?s:.*?)^```$", re.MULTILINE)


def paragraphs(text: str) -> str:
    """Return `text` with every line a paragraph, since Markdown would run lines together; code stays as it is."""
    parts, at = [], 0
    for block in _BLOCK.finditer(text):
        parts += [*_lines(text[at : block.start()]), block[0].rstrip("\n")]
        at = block.end()
    return "\n\n".join([*parts, *_lines(text[at:])])


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.split("\n") if line.strip()]
