"""What an Anki text export says in its first lines, and the plain text of a field of a card.

The lines are those of the Anki manual, "Text files": `#separator:tab`, `#html:true`, `#deck column:3` and others.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import unescape

SEPARATORS = {"comma": ",", "semicolon": ";", "tab": "\t", "space": " ", "pipe": "|", "colon": ":"}
_HEADER = re.compile(
    r"#(separator|html|columns|notetype|deck|tags|(?:notetype|deck|tags|guid) column)\s*:(.*)", re.IGNORECASE
)
# The innermost of nested clozes; of more than two braces at its end the last two close it, as in {{c1::\frac{a}{b}}}.
_CLOZE = re.compile(r"\{\{c\d+::((?:(?!\{\{c\d+::|\}\}).)*)(\}*)\}\}", re.DOTALL)
#: Clozes within clozes that are taken out; Anki itself allows eight.
_NESTED = 8
_MEDIA = re.compile(r"\[sound:[^\]]*\]|\[anki:[^\]]*\]")
_LATEX = re.compile(r"\[(latex|\$|\$\$)\](.*?)\[/\1\]", re.DOTALL)
_BREAK = re.compile(
    r"<(?:br|hr|/?(?:div|p|li|ul|ol|tr|table|pre|h[1-6]|blockquote|section))\b[^<>]*>", re.IGNORECASE
)
_CELL = re.compile(r"</t[dh]>", re.IGNORECASE)
_TAG = re.compile(r"</?[a-zA-Z][^<>]*>|<!--.*?-->", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Header:
    """The first lines of an export: how many there are, the separator, and what the columns are for, from 0."""

    lines: int
    separator: str
    html: bool
    deck: str
    deck_column: int | None
    hidden: frozenset[int]
    names: tuple[str, ...]


def parse_header(text: str) -> Header | None:
    """Return the header of an export, or None for a text that begins with no such line."""
    said: dict[str, str] = {}
    count = 0
    for line in text[:8192].split("\n"):
        match = _HEADER.fullmatch(line)
        if match is None:
            break
        said[match[1].lower()] = match[2]
        count += 1
    if "separator" not in said and not (count > 1 and "html" in said):
        return None
    name = said.get("separator", "tab")
    separator = SEPARATORS.get(name.strip(" ").lower(), name[:1] or "\t")
    columns = {
        key: int(value) - 1
        for key, value in said.items()
        if key.endswith("column") and value.strip().isdecimal()
    }
    names = tuple(said["columns"].split(separator)) if "columns" in said else ()
    return Header(
        count,
        separator,
        said.get("html", "").strip().lower() == "true",
        said.get("deck", "").strip(),
        columns.get("deck column"),
        frozenset(columns.values()) | {n for n, own in enumerate(names) if own.strip().lower() == "id"},
        names,
    )


def plain(text: str, *, html: bool) -> str:
    """Return a field without sounds, clozes and, where it is HTML, tags."""
    if html:
        text = unescape(_TAG.sub("", _CELL.sub(" ", _BREAK.sub("\n", text))))
    text = _LATEX.sub(lambda m: f"${m[2].strip().strip('$')}$", _MEDIA.sub("", text))
    for _ in range(_NESTED):
        text, found = _CLOZE.subn(_shown, text)
        if not found:
            break
    return text.strip()


def _shown(cloze: re.Match[str]) -> str:
    """Return what a cloze hides, without its hint."""
    hidden, hint, _ = cloze[1].partition("::")
    return hidden if hint else hidden + cloze[2]
