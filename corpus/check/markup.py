"""What in a note is not prose: code, formulas, links' targets, addresses, tags. It looks for no faults.

Code fences are found by CommonMark's rule (spec 0.31, section 4.5), but at any indentation, because notes
indent fences under list items by every width there is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from corpus.types import Note, Syntax

HOLE = "\ufffc"
"""Stands for every masked character, so that columns stay those of the file."""

_OPENING = re.compile(r"[ \t>]*(?:(?:[-*+]|\d{1,3}[.)])[ \t]+)?(`{3,}|~{3,})(.*)$")
_CLOSING = re.compile(r"[ \t>]*(`{3,}|~{3,})[ \t]*$")
_CODE = re.compile(r"(?<!`)(`+)(?!`)((?:(?!\n\s*\n)[^`]|(?!\1(?!`))`+){1,2000}?)(?<!`)\1(?!`)")
_FORMULAS = (
    re.compile(r"(?<!\\)\$\$(?:(?!\$\$)[\s\S]){0,4000}\$\$"),
    re.compile(r"\\\[[\s\S]{0,4000}?\\\]"),
    re.compile(r"\\\([^\n]{0,400}?\\\)"),
    re.compile(r"\\begin\{(\w{1,20}\*?)\}[\s\S]{0,4000}?\\end\{\1\}"),
    re.compile(r"(?<![\\$])\$(?![\s$])(?:\\.|[^$\n\\]){0,500}?(?<!\s)\$(?![\d$])"),
)
_TARGETS = re.compile(
    r"(?<=\])\((?:[^()\n]|\([^()\n]*\)){0,500}\)|(?<=\])\[[^\]\n]{0,100}\]|^[ ]{0,3}\[[^\]\n]{1,100}\]:.*$",
    re.M,
)
_ADDRESSES = re.compile(
    r"(?:https?://|www\.|ftp://)[!-~]+|[\w.+-]+@[\w-]+\.[\w.-]+|(?<![\w.])[\w-]+\.(?:com|cn|org|net|io)(?:/[!-~]*)?(?![\w])",
    re.A,
)
_TAGS = re.compile(r"<!--[\s\S]{0,4000}?-->|</?[A-Za-z][^<>\n]{0,300}>")
_COMMANDS = re.compile(r"\\[A-Za-z]+(?:\{[^{}\n]*\})*")


@dataclass(frozen=True, slots=True)
class Fence:
    """A code fence on the 1-based lines `first` to `last`; `nested` is a line inside that opens one again."""

    first: int
    last: int
    mark: str
    closed: bool
    nested: int = 0


def fences(lines: Sequence[str], start: int = 1) -> Iterator[Fence]:
    """Yield the fences from the 1-based line `start` on; one that is never closed runs to the last line."""
    opened, mark, nested = 0, "", 0
    for i, line in enumerate(lines[start - 1 :], start):
        if not opened:
            match = _OPENING.match(line)
            if match and not (match[1][0] == "`" and "`" in match[2]):
                opened, mark, nested = i, match[1], 0
        elif (match := _CLOSING.match(line)) and match[1][0] == mark[0] and len(match[1]) >= len(mark):
            yield Fence(opened, i, mark, True, nested)
            opened = 0
        elif not nested and (match := _OPENING.match(line)) and match[1] == mark and match[2].strip():
            nested = i
    if opened:
        yield Fence(opened, len(lines), mark, False, nested)


def without_code(note: Note) -> str:
    """Return the text of `note` with front matter and code masked, every line as long as it was."""
    lines = note.text.split("\n")
    for i in range(note.body_start - 1):
        lines[i] = HOLE * len(lines[i])
    for fence in fences(lines, note.body_start):
        for i in range(fence.first - 1, fence.last):
            lines[i] = HOLE * len(lines[i])
    return _masked("\n".join(lines), _CODE) if "`" in note.text else "\n".join(lines)


def without_formulas(text: str) -> str:
    """Return `text` with formulas masked."""
    for formula in _FORMULAS if "$" in text or "\\" in text else ():
        text = _masked(text, formula)
    return text


def prose(note: Note) -> tuple[str, ...]:
    """Return the lines of `note` with everything that is not prose masked, every line as long as it was."""
    text = without_formulas(without_code(note))
    patterns = [_TARGETS, _ADDRESSES, *([_TAGS] if note.syntax is Syntax.MARKDOWN else []), _COMMANDS]
    for pattern in patterns:
        text = _masked(text, pattern)
    return tuple(text.split("\n"))


def _masked(text: str, pattern: re.Pattern[str]) -> str:
    return pattern.sub(lambda match: re.sub(r"[^\n]", HOLE, match[0]), text)
