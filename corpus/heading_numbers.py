"""Headings that carry a number or a `Q:`, told from the items of lists.

A list's items stand on consecutive lines or have no text of their own, starts again at one under every
heading, and never continues across one. What does none of these is a series of headings.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

from corpus import heading_words as words
from corpus.blocks import Heading, Style, plain_title
from corpus.heading_evidence import SHOWN, Page, is_emphasised, wording

_NUMERAL = rf"(?P<n>\d{{1,3}}|[{words.CHINESE_DIGITS}]{{1,4}})"
_PATTERNS = {
    Style.CHAPTER: re.compile(
        rf"(?:第\s*{_NUMERAL}\s*(?:章|讲|课|篇|部分|周)|(?:chapter|part|lecture|lesson|unit|week)\s+(?P<m>\d{{1,3}}))"
        r"(?:[\s:.、-]+(?P<rest>.*)|$)",
        re.I,
    ),
    Style.SECTION: re.compile(
        rf"(?:第\s*{_NUMERAL}\s*[节条]|section\s+(?P<m>\d{{1,3}}))(?:[\s:.、-]+(?P<rest>.*)|$)", re.I
    ),
    Style.CHINESE: re.compile(rf"(?P<n>[{words.CHINESE_DIGITS}]{{1,4}})\s*[、.,:]\s*(?P<rest>\S.*)"),
    Style.PARENTHESISED: re.compile(
        rf"\(\s*(?P<n>[{words.CHINESE_DIGITS}]{{1,4}})\s*\)[、.]?\s*(?P<rest>\S.*)"
    ),
    Style.NUMBER: re.compile(r"(?P<n>\d{1,3})(?:\s*[.、](?!\d)\s*|\s+)(?P<rest>[*_`\"“《(]{0,3}[^\W\d_].*)"),
    Style.DECIMAL: re.compile(
        r"(?P<n>\d{1,2}(?:\.\d{1,2}){1,3})(?:[.、]\s*|\s+|(?=[\u3400-\u9fff]))(?P<rest>\S.*)"
    ),
}
_ALONE = (Style.CHAPTER, Style.SECTION)
"""Styles that are nothing but headings: one is enough, and they need not begin at one."""

_LIST_MARK = re.compile(r"\d{1,9}[.)]\s+")
_QUESTION = re.compile(
    rf"(?P<q>Q|Question|问题?|面试题|题目?)\s*(?:\d{{1,3}}|[{words.CHINESE_DIGITS}]{{1,3}})?\s*[.:、)]\s*(?P<rest>\S.*)",
)
ANSWER = re.compile(r"\s*(?:\*\*)?(?:A|Ans|Answer|答案?|回答|解答?)\s*\d{0,3}\s*[.:、]")
_ROLE_ONLY = "names a role and no subject"


@dataclass(frozen=True, slots=True)
class _Item:
    """A line that carries a number: a heading or an item of a list."""

    line: int
    ordinal: tuple[int, ...]
    title: str


def numbered_headings(page: Page, inner: Sequence[int]) -> list[Heading]:
    """Return the numbered headings of a page; `inner` are the sorted lines of its other likely headings."""
    found: list[Heading] = []
    for style in _PATTERNS:
        items = [item for i in page.texts if (item := _match(page, i, style)) is not None]
        headings = _series(page, items, style, inner, sorted(h.first for h in found))
        taken = {h.first for h in found}
        found += [h for h in headings if h.first not in taken]
    return sorted(found, key=lambda h: h.first)


def question_headings(page: Page) -> list[Heading]:
    """Return the `Q:` lines of a page that are asked and answered, or none."""
    found = []
    explicit = False
    for i in page.texts:
        text = plain_title(page.lines[i - 1][:SHOWN])
        match = _QUESTION.match(words.fold(text))
        if match:
            explicit |= match["q"].startswith("Q")
            found.append(Heading(i, i, 0, text, Style.QUESTION, ("a question mark of its own +5",)))
    answered = any(ANSWER.match(words.fold(page.lines[i - 1][:20])) for i in page.texts)
    return found if answered or (explicit and len(found) > 1) else []


def _match(page: Page, i: int, style: Style) -> _Item | None:
    line = page.lines[i - 1][:SHOWN]
    if line.startswith(("    ", "\t")):
        return None
    text = plain_title(line)
    match = _PATTERNS[style].match(words.fold(text))
    if match is None:
        return None
    groups = match.groupdict()
    ordinal = tuple(_value(part) for part in (groups["n"] or groups["m"]).split("."))
    rest = text[match.start("rest") :] if groups["rest"] else text
    reasons = wording(plain_title(rest))
    if sum(weight for reason, weight in reasons if reason != _ROLE_ONLY) < -1:
        return None
    marked = page.markdown and not is_emphasised(line) and _LIST_MARK.match(text)
    prefix = "" if marked or not groups["rest"] else text[: match.start("rest")]
    return _Item(i, ordinal, prefix + plain_title(rest))


def _value(numeral: str) -> int:
    """Return the number a numeral below a thousand stands for: `12`, `十二`, `二十`, `一百零三`."""
    if numeral.isdecimal():
        return int(numeral)
    total = digit = 0
    for character in numeral:
        unit = {"十": 10, "百": 100}.get(character)
        if unit is None:
            digit = words.CHINESE_DIGITS.index(character)
        else:
            total, digit = total + (digit or 1) * unit, 0
    return total + digit


def _series(
    page: Page, items: Sequence[_Item], style: Style, inner: Sequence[int], higher: Sequence[int]
) -> list[Heading]:
    """Return the items that are headings: those that count on, have text below and are no list."""
    lines = {item.line for item in items}
    free = [item for item in items if not {item.line - 1, item.line + 1} & lines]
    parted = [item for item in free if page.blank(item.line - 1) or item.line - 1 in higher]
    if not page.dense and 2 * len(parted) > len(free):
        free = parted
    chain: list[_Item] = []
    crossed = restarted = 0
    for item in free:
        previous = chain[-1] if chain else None
        if previous is None or _between(higher, previous.line, item.line):
            if style in _ALONE or style is Style.DECIMAL or item.ordinal[0] <= 1:
                chain.append(item)
        elif _counts_on(previous.ordinal, item.ordinal) or style in _ALONE:
            crossed += _between(inner, previous.line, item.line)
            chain.append(item)
        elif item.ordinal[0] <= 1:
            restarted += _between(inner, previous.line, item.line)
    if style in _ALONE:
        return _headings(chain, style)
    with_text = sum(page.next_line(item.line) not in {0, *lines} for item in chain)
    outside = [i for i in inner if (chain and i > chain[0].line) or not crossed]
    if len(chain) < 2 or 2 * with_text <= len(chain) or (outside and crossed <= restarted):
        return []
    return _headings(chain, style)


def _counts_on(before: tuple[int, ...], now: tuple[int, ...]) -> bool:
    if len(now) > 1 or len(before) > 1:
        return now > before
    return before[0] < now[0] <= before[0] + 2


def _between(sorted_lines: Sequence[int], first: int, last: int) -> bool:
    """Whether one of the lines lies strictly between two others."""
    at = bisect_left(sorted_lines, first + 1)
    return at < len(sorted_lines) and sorted_lines[at] < last


def _headings(items: Sequence[_Item], style: Style) -> list[Heading]:
    reason = ("numbered, counts on and has text of its own +5",)
    return [Heading(item.line, item.line, 0, item.title, style, reason) for item in items]
