"""How much a line without markup looks like a heading, and every reason with its weight.

One line and its neighbours are judged here; which headings a file really uses is decided in
`corpus.headings`. A line stands as a heading at a score of `ENOUGH`. The weights are set by hand, so that
no single reason is enough and a sentence's punctuation outweighs any two in favour.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property

from corpus import heading_words as words
from corpus.blocks import plain_title
from corpus.types import Syntax

ENOUGH = 3.0
MAX_CHARS = 120
"""A longer line is never a heading, and no pattern is tried on it."""
SHOWN = 4 * MAX_CHARS
"""How much of a line is looked at to say what kind of line it is."""

Reasons = tuple[tuple[str, float], ...]


class Kind(StrEnum):
    """What a line is to its neighbours. A ruled line parts paragraphs as a blank one does."""

    BLANK = "blank"
    WHOLE = "whole"
    LINK = "link"
    ITEM = "item"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class Evidence:
    """Reasons for and against a line being a heading."""

    reasons: Reasons

    @property
    def score(self) -> float:
        """The sum of the weights."""
        return sum(weight for _, weight in self.reasons)

    def has(self, reason: str) -> bool:
        """Whether `reason` is among the evidence."""
        return any(reason == known for known, _ in self.reasons)

    def described(self) -> tuple[str, ...]:
        """Return each reason with its weight, as `asks a question +2`."""
        return tuple(f"{reason} {weight:+g}" for reason, weight in self.reasons)


@dataclass(frozen=True)  # no slots: what is asked of every line is worked out once
class Page:
    """The lines of a note with the kind of each. Line numbers are 1-based, the tuples start at line 1."""

    lines: Sequence[str]
    kinds: tuple[Kind, ...]
    markdown: bool = True

    @classmethod
    def of(cls, lines: Sequence[str], whole: Sequence[tuple[int, int]], start: int, syntax: Syntax) -> Page:
        """Return the page of a body that begins at line `start`; what lies before counts as blank."""
        kinds = [Kind.BLANK] * (start - 1) + [kind_of(line) for line in lines[start - 1 :]]
        for first, last in whole:
            kinds[first - 1 : last] = [Kind.WHOLE] * (last - first + 1)
        return cls(lines, tuple(kinds), syntax is Syntax.MARKDOWN)

    def without(self, first: int, last: int) -> Page:
        """Return the page with the lines `first` to `last` blank."""
        blank = (Kind.BLANK,) * (last - first + 1)
        return replace(self, kinds=self.kinds[: first - 1] + blank + self.kinds[last:])

    def up_to(self, last: int) -> Page:
        """Return the page with nothing after line `last`."""
        return self.without(last + 1, len(self.lines))

    def blank(self, i: int) -> bool:
        """Whether line `i` is blank or outside of the page."""
        return not 1 <= i <= len(self.kinds) or self.kinds[i - 1] is Kind.BLANK

    def next_line(self, i: int) -> int:
        """Return the first line after `i` that is not blank, or 0."""
        return next((j + 1 for j in range(i, len(self.kinds)) if self.kinds[j] is not Kind.BLANK), 0)

    @cached_property
    def first(self) -> int:
        """The first line that is not blank, or 0 on an empty page."""
        return self.next_line(0)

    @cached_property
    def last(self) -> int:
        """The last line that is not blank, or 0 on an empty page."""
        return next((j for j in range(len(self.kinds), 0, -1) if self.kinds[j - 1] is not Kind.BLANK), 0)

    @cached_property
    def texts(self) -> list[int]:
        """The lines of text and of lists: all that could be a heading."""
        return [j for j, kind in enumerate(self.kinds, 1) if kind in (Kind.TEXT, Kind.ITEM)]

    @cached_property
    def dense(self) -> bool:
        """Whether the page has next to no blank lines."""
        body = self.kinds[max(self.first - 1, 0) : self.last]
        return len(body) > 3 and 20 * body.count(Kind.BLANK) < len(body)


_ITEM = re.compile(
    r"\s*(?:[-*+•·●○▪►]\s|\d{1,3}\s*[.)、](?!\d)|[a-zA-Z][.)]\s|[①-⑳]"
    rf"|\(\s*[\d{words.CHINESE_DIGITS}]{{1,3}}\s*\)|[{words.CHINESE_DIGITS}]{{1,3}}[、.])"
)


def kind_of(line: str) -> Kind:
    """Return what `line` is by itself; blocks that must stay whole are told by `corpus.blocks`."""
    if not any(c.isalnum() for c in line):
        return Kind.BLANK
    if is_link_only(line):
        return Kind.LINK
    return Kind.ITEM if _ITEM.match(words.fold(line[:SHOWN])) else Kind.TEXT


def is_link_only(line: str) -> bool:
    """Whether `line` holds links or images and, besides, at most a label such as `参考:` or `See also:`."""
    if len(line) > 4000 or not ("://" in line or "www." in line or "](" in line):
        return False
    rest = words.LINK.sub(" ", words.MARKDOWN_LINK.sub(" ", line))
    return not any(c.isalpha() for c in words.LINK_LABEL.sub(" ", rest))


def width(text: str) -> int:
    """Return the columns `text` fills: a Chinese character fills two."""
    return len(text) + len(words.CJK.findall(text))


_PARENTHESES = re.compile(r"\([^()]*\)")
_SENTENCE = re.compile(r"[。;!…]|(?<=[a-z\u3400-\u9fff)])(?<!vs)(?<!etc)\.(?=\s|$)")
_LABELLED = re.compile(r":(?!$|//)")
_CODE = re.compile(
    r"[{};]$|^(?:In|Out) ?\[|^(?:\$|>>>|import \w+$|from \S+ import|def \w+\(|class [A-Z]\w*[(:]|return\b|print\()"
    r"|^(?:for \w+ in |pip install|git \w+ |sudo )|^[a-z_][a-z_.\d]*\([^()]*\)$"
)
_OPERATOR = re.compile(r"[=<>≤≥≈∑∏∂∫√→←^]")
_WORD = re.compile(r"[A-Za-z]{3,}")
_NO_LETTER = re.compile(r"[\W_]+")


def wording(title: str) -> Reasons:
    """Return what the words of one line (no numbering, no emphasis) say for and against a heading."""
    if len(title) > MAX_CHARS or not any(c.isalpha() for c in title):
        return (("cannot be a heading", -9.0),)
    text = words.fold(title).strip()
    core = _PARENTHESES.sub("", text).strip() or text
    stem = core.rstrip(": ")
    chinese = bool(words.CJK.search(text))
    asks, named = bool(words.QUESTION.search(stem)), bool(words.NOMINAL_END.search(stem))
    reasons: list[tuple[str, float]] = []
    if (width(text) <= 60) if chinese else (len(text.split()) <= 14):
        reasons.append(("short", 1.0))
    elif width(text) > 90:
        reasons.append(("long", -2.0))
    if asks:
        reasons.append(("asks a question", 2.0))
    if named:
        reasons.append(("ends in a noun of headings", 1.0))
    if "," in core and not _enumerates(core):
        reasons.append(("clause comma", -1.0 if stem.endswith("?") else -3.0))
    if _SENTENCE.search(core):
        reasons.append(("sentence end", -4.0))
    if words.ASSERTION.search(stem) and not asks and not named:
        reasons.append(("asserts something", -2.0))
    if words.CONNECTIVE.match(stem) and not stem.endswith("?"):
        reasons.append(("continues something", -2.0))
    if _LABELLED.search(core):
        reasons.append(("a label and its text", -3.0))
    if words.LINK.search(text):
        reasons.append(("holds a link", -4.0))
    if _CODE.search(text) and not asks:
        reasons.append(("looks like code", -4.0))
    elif _OPERATOR.search(core) and not chinese and len(_WORD.findall(core)) < 3:
        reasons.append(("looks like a formula", -3.0))
    if words.PAGE_CHROME.fullmatch(text):
        reasons.append(("belongs to a web page's frame", -6.0))
    if not _NO_LETTER.sub("", words.ROLE.sub("", core)):
        reasons.append(("names a role and no subject", -6.0))
    if core.endswith(":"):
        leads_in = words.LEAD_IN.search(core) and (not asks or words.POINTS_BELOW.search(core))
        reasons.append(("leads in what follows", -5.0) if leads_in else ("colon after a subject", 2.0))
    return tuple(reasons)


def _enumerates(text: str) -> bool:
    """Whether the commas of `text` part names and not clauses: `BN,LN和GN的区别`, `SGD, Adam and Lion`."""
    *before, last = (part.strip() for part in text.split(","))
    if words.CJK.search(text):
        return all(part and not words.CJK.search(part) for part in before)
    names = all(len(part.split()) <= 3 for part in before) and len(last.split()) <= 5
    return names and not words.CONNECTIVE.match(text)


def judge(page: Page, i: int) -> Evidence:
    """Return the evidence for the 1-based line `i` being a heading with neither number nor `#`."""
    line = page.lines[i - 1]
    reasons: list[tuple[str, float]] = []
    if not page.blank(i - 1):
        # Where nothing is parted by blank lines, a question mark parts.
        if not (page.dense and words.fold(line).rstrip("* ").endswith("?") and _is_body(page, i)):
            reasons.append(("text right above", -2.0))
    elif page.blank(i + 1):
        reasons.append(("blank lines around", 2.0))
    elif _is_body(page, i):
        reasons.append(("blank line above, its text right below", 2.0))
    if is_emphasised(line):
        reasons.append(("all in bold", 2.0))
    if line[:1] in ("\u3000", "\u2003") or line.startswith(("  ", "\t")):
        reasons.append(("indented as a paragraph", -1.0))
    return Evidence((*reasons, *wording(plain_title(line[:SHOWN]))))


def is_emphasised(line: str) -> bool:
    """Whether all of `line` is in bold or in lenticular brackets, `**…**` or `【…】`."""
    text = line[:SHOWN].strip()
    return plain_title(text) != text or (text.startswith("【") and text.find("】") == len(text) - 1)


def _is_body(page: Page, i: int) -> bool:
    """Whether the line below `i` reads as its text and not as the next of a list of short lines."""
    if page.blank(i + 1):
        return False
    if page.kinds[i] is not Kind.TEXT:
        return True
    below = words.fold(page.lines[i][:SHOWN].strip())
    if "," in below or _SENTENCE.search(below):
        return True
    return width(below) > max(40, 1.5 * width(page.lines[i - 1][:SHOWN]))
