"""What the markup of a note says outright: its `#` and underlined headings, and the blocks never cut.

It judges no wording. CommonMark blocks come from markdown-it-py, which knows that a `#` inside a fence is no
heading; formulas are found here, because CommonMark has none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING

from corpus.types import Syntax

if TYPE_CHECKING:
    from markdown_it import MarkdownIt

HEAD, TAIL = 600, 60
"""How much of a line's two ends the parser is shown. No block is decided by what stands in between, and a
line may be 64 MB long."""

MAX_FORMULA_LINES = 100
"""A `$$` without a partner this near opens no formula."""


class Style(StrEnum):
    """How a heading is written. In notes without markup the order is that of depth."""

    ATX = "atx"
    SETEXT = "setext"
    CHAPTER = "chapter"
    SECTION = "section"
    CHINESE = "chinese"
    PARENTHESISED = "parenthesised"
    NUMBER = "number"
    DECIMAL = "decimal"
    QUESTION = "question"
    BOLD = "bold"
    BARE = "bare"


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading on the 1-based lines `first` to `last`; a smaller `level` holds the larger ones below it.

    `evidence` says why a line without markup was taken for a heading, each reason with its weight.
    """

    first: int
    last: int
    level: int
    title: str
    style: Style
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Blocks:
    """The explicit headings of a text in order, and the 1-based line ranges that must stay whole."""

    headings: tuple[Heading, ...]
    whole: tuple[tuple[int, int], ...]


def parse_blocks(lines: Sequence[str], syntax: Syntax, start: int = 1) -> Blocks:
    """Return the blocks of `lines` from the 1-based line `start` on, in time linear in the lines."""
    shown = [line if len(line) <= HEAD + TAIL else line[:HEAD] + line[-TAIL:] for line in lines[start - 1 :]]
    headings: list[Heading] = []
    whole: list[tuple[int, int]] = []
    # To the parser a lone \r ends a line; to us, who number the lines, it is a character like any other.
    tokens = _parser(syntax).parse("\n".join(shown).replace("\r", " "))
    for i, token in enumerate(tokens):
        if token.map is None:
            continue
        first, last = token.map[0] + start, token.map[1] + start - 1
        if token.type in ("fence", "table_open", "html_block", "code_block"):
            while last > first and not lines[last - 1].strip():
                last -= 1
            whole.append((first, last))
        elif token.type == "heading_open" and token.level == 0:
            heading = _heading(token.markup, tokens[i + 1].content, first, last)
            if heading is not None:
                headings.append(heading)
    outside = _uncovered(len(lines), whole, start)
    loose = [h for i in outside if (h := _loose_heading(lines, i)) is not None]
    # 「##标题」 over a `---` is that heading and a rule, not an underlined line.
    marked = {heading.first for heading in loose}
    headings = [h for h in headings if marked.isdisjoint(range(h.first, h.last + 1))] + loose
    headings.sort(key=lambda heading: heading.first)
    formulas = list(_formulas(lines, outside, {h.first for h in headings if h.style is Style.ATX}))
    inside = {i for first, last in formulas for i in range(first, last + 1)}
    headings = [h for h in headings if h.first not in inside]
    return Blocks(tuple(headings), tuple(sorted(whole + formulas)))


@cache
def _parser(syntax: Syntax) -> MarkdownIt:
    from markdown_it import MarkdownIt

    # Link definitions stay as text: a note's links are part of the note.
    parser = MarkdownIt("commonmark").enable("table").disable("reference")
    if syntax is Syntax.PLAIN:
        parser.disable(["code", "html_block"])
    parser.core.ruler.enableOnly(["normalize", "block"])
    return parser


def _heading(markup: str, content: str, first: int, last: int) -> Heading | None:
    """Return the heading of a token, or None for one with no words or for a ruled-off paragraph."""
    title = plain_title(content)
    if not any(c.isalnum() for c in title):
        return None
    if markup.startswith("#"):
        return Heading(first, last, len(markup), title, Style.ATX)
    # CommonMark makes a heading of any paragraph above `---`; in pasted notes that rule is mostly a divider.
    *above, title = (line.strip() for line in content.split("\n"))
    if (
        any(c.isalnum() for line in above for c in line)
        or len(title) > 80
        or title.endswith(tuple("。.;,\uff1b\uff0c"))
    ):
        return None
    return Heading(first, last, 1 if markup == "=" else 2, plain_title(title), Style.SETEXT)


_LOOSE = re.compile(r"(#{1,6})(?!#|!|include|define|if|endif|pragma|region|undef)([^\s#][^#]{0,79})#*$")


def _loose_heading(lines: Sequence[str], i: int) -> Heading | None:
    """Return the heading on line `i` if it is written `##Title`: no CommonMark, and everywhere in notes."""
    line = lines[i - 1]
    if not line.startswith("#") or len(line) > 100:
        return None
    match = _LOOSE.match(line.rstrip())
    if match is None or (len(match[1]) == 1 and i > 1 and lines[i - 2].strip()):
        return None
    title = plain_title(match[2])
    return Heading(i, i, len(match[1]), title, Style.ATX) if any(c.isalnum() for c in title) else None


_EMPHASISED = re.compile(r"(\*\*|__)(?=\S)(.+?)(?<=\S)\1")


def plain_title(text: str) -> str:
    """Return a heading's text without the emphasis around all of it: `**BN**` is `BN`."""
    text = text.strip()
    match = _EMPHASISED.fullmatch(text)
    # `**A** and **B**` also begins and ends with stars, but they are not one pair.
    return match[2].strip() if match and match[1] not in match[2] else text


def _uncovered(count: int, ranges: Sequence[tuple[int, int]], start: int) -> list[int]:
    """Return the 1-based lines from `start` to `count` that lie in none of `ranges`."""
    covered = {i for first, last in ranges for i in range(first, last + 1)}
    return [i for i in range(start, count + 1) if i not in covered]


_CODE_SPAN = re.compile(r"`[^`\n]*`")


def _formulas(lines: Sequence[str], outside: Sequence[int], headings: set[int]) -> Iterator[tuple[int, int]]:
    """Yield the line ranges of formulas over several lines: `$$ … $$`, `\\[ … \\]`, `\\begin{} … \\end{}`."""
    opened, fence = 0, ""
    for i in outside:
        line = lines[i - 1]
        if opened and (i in headings or i - opened > MAX_FORMULA_LINES):
            opened = 0
        if not opened:
            fence = _opens(line)
            opened = i if fence else 0
        elif line.count("$$") % 2 if fence == "$$" else fence in line:
            yield opened, i
            opened = 0


def _opens(line: str) -> str:
    """Return what closes the formula that `line` opens and leaves open, or the empty string."""
    if "$$" in line:
        return "$$" if _CODE_SPAN.sub("", line).count("$$") % 2 else ""
    if line.lstrip().startswith("\\[") and "\\]" not in line:
        return "\\]"
    match = re.match(r"\s*\\begin\{(\w{1,20}\*?)\}", line)
    end = f"\\end{{{match[1]}}}" if match else ""
    return end if end not in line else ""
