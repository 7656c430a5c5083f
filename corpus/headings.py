"""Which headings a note really uses, and where its topics end.

A note with `#` or underlined headings says so itself, and nothing else in it is a heading. For any other
note the headings are inferred per file: numbered ones and questions first, then bold and bare lines, by
evidence. No list of titles is kept anywhere; `corpus.heading_words` holds only words that name no subject.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from corpus import heading_words as words
from corpus.blocks import Blocks, Heading, Style, plain_title
from corpus.heading_evidence import (
    ENOUGH,
    MAX_CHARS,
    SHOWN,
    Evidence,
    Kind,
    Page,
    is_emphasised,
    judge,
    width,
)
from corpus.heading_numbers import ANSWER, numbered_headings, question_headings
from corpus.types import Syntax

STRONG = 4.0
"""The score at which a bare line is a heading even where others are of another kind."""

SUBSTANTIAL = 120
"""Columns of text from which an opening paragraph is worth studying and not only an introduction."""

MAX_FRONT = 3
"""How many lines at the top may be about the document: its title, a subtitle, a table of contents."""

_DEPTH = {style: depth for depth, style in enumerate(Style)}


@dataclass(frozen=True, slots=True)
class Outline:
    """The headings of a note in order, and the range of lines that they share among them.

    What lies between `first` and the first heading belongs to the note as a whole.
    """

    headings: tuple[Heading, ...]
    first: int
    last: int


def outline(lines: Sequence[str], blocks: Blocks, syntax: Syntax, start: int = 1) -> Outline:
    """Return the outline of the body of a note, which begins at the 1-based line `start`."""
    explicit = blocks.headings
    page = Page.of(lines, blocks.whole, start, syntax)
    first = page.first
    last = next((i for i in range(len(lines), start - 1, -1) if lines[i - 1].strip()), 0)
    if len(explicit) > 1 or (explicit and explicit[0].first != first):
        return Outline(explicit, first, last)
    end = _end_without_scrap(page, last)
    page = page.up_to(end)
    if not explicit:
        return _without_document_title(page, _infer(page), end)
    title = explicit[0]
    sections = _infer(page.without(title.first, title.last))
    clear = len(sections) > 1 and all(_is_clear(section) for section in sections)
    return Outline((title, *sections), first, end) if clear else Outline(explicit, first, last)


def _is_clear(heading: Heading) -> bool:
    """Whether a heading counts beside a document title written with a `#`."""
    return heading.style not in (Style.NUMBER, Style.DECIMAL) and _score(heading) >= STRONG


def _score(heading: Heading) -> float:
    return sum(float(reason.rsplit(" ", 1)[1]) for reason in heading.evidence)


def _end_without_scrap(page: Page, last: int) -> int:
    """Return the last line that is not left over from a web page: counters, buttons, digits, rulers."""
    end = last
    while end >= page.first:
        top = end
        while top > page.first and page.lines[top - 2].strip():
            top -= 1
        if not all(_is_scrap(page, i) for i in range(top, end + 1)):
            return end
        end = top - 1
        while end >= page.first and not page.lines[end - 1].strip():
            end -= 1
    return last


def _is_scrap(page: Page, i: int) -> bool:
    text = page.lines[i - 1].strip()
    if page.kinds[i - 1] is Kind.WHOLE or len(text) > MAX_CHARS:
        return False
    return not any(c.isalpha() for c in text) or bool(words.PAGE_CHROME.fullmatch(words.fold(text)))


def _infer(page: Page) -> list[Heading]:
    """Return the headings of a page without markup, in order, each with its evidence and level."""
    questions = question_headings(page)
    unmarked = _unmarked(page)
    inner = [h.first for h in questions] + [h.first for h in unmarked if _score(h) >= STRONG]
    marked = numbered_headings(page, sorted(i for i in inner if i != page.first))
    taken = {h.first for h in marked}
    marked = sorted([*marked, *(h for h in questions if h.first not in taken)], key=lambda h: h.first)
    taken = {h.first for h in marked}
    unmarked = [h for h in unmarked if h.first not in taken]
    if marked and not _fill(page, marked, unmarked):
        unmarked = [h for h in unmarked if h.first == page.first]
    bold = [h for h in unmarked if h.style is Style.BOLD]
    if not _fill(page, bold, [h for h in unmarked if h.style is Style.BARE]):
        unmarked = [replace(h, style=Style.BARE) for h in unmarked]
    headings = sorted(marked + unmarked, key=lambda h: h.first)
    return [replace(h, level=_DEPTH[h.style]) for h in headings]


def _fill(page: Page, outer: Sequence[Heading], inner: Sequence[Heading]) -> bool:
    """Whether most of the outer headings begin at once with an inner one: then both are in use."""
    lines = {h.first for h in inner}
    begun = sum(page.next_line(h.last) in lines for h in outer)
    # An outer heading directly above an outer one (a chapter above its section) has nothing to begin with.
    among = {h.first for h in outer}
    leaves = sum(page.next_line(h.last) not in among for h in outer)
    return bool(begun) and 2 * begun >= leaves


def _unmarked(page: Page) -> list[Heading]:
    """Return the bold and bare lines that stand as headings."""
    lines = (
        i for i in page.texts if page.kinds[i - 1] is Kind.TEXT and len(page.lines[i - 1]) <= 2 * MAX_CHARS
    )
    judged = {i: judge(page, i) for i in lines}
    standing = [i for i, evidence in judged.items() if evidence.score >= ENOUGH and not _answers(page, i)]
    isolated = sum(page.blank(i - 1) and page.blank(i + 1) for i in standing)
    parted = isolated > 1 and 2 * isolated >= len(standing)
    found: list[Heading] = []
    labels_from = 0  # the heading whose text is made of labels, such as `SGD:` and `Adam:` under `优化器`
    for i in standing:
        evidence = judged[i]
        colon = words.fold(page.lines[i - 1].rstrip("* \t")).endswith(":")
        flush = not (page.blank(i - 1) and page.blank(i + 1))
        # Where headings stand between blank lines, a line with its text right below must say more.
        if flush and parted and evidence.score < STRONG:
            continue
        above = found[-1].first if found else 0
        if colon and above and not evidence.has("asks a question"):
            if page.next_line(above) == i and above != page.first:
                labels_from = above
            if labels_from == above:
                continue
        found.append(_heading(page, i, evidence))
    return found


def _answers(page: Page, i: int) -> bool:
    return bool(ANSWER.match(words.fold(page.lines[i - 1][:20])))


def _heading(page: Page, i: int, evidence: Evidence) -> Heading:
    line = page.lines[i - 1][:SHOWN]
    style = Style.BOLD if is_emphasised(line) else Style.BARE
    return Heading(i, i, _DEPTH[style], plain_title(line), style, evidence.described())


def _without_document_title(page: Page, headings: list[Heading], end: int) -> Outline:
    """Return the outline without the lines at the top that name or introduce only the document."""
    first = page.first
    for here in headings[:MAX_FRONT]:
        following, after = [*(h.first for h in headings[1:3]), 0, 0][:2]
        has_text = page.next_line(following) != after
        if here.style not in (Style.BARE, Style.BOLD) or not _names_document(page, here, following, has_text):
            break
        headings, first = headings[1:], here.last + 1
    return Outline(tuple(headings), first, end)


def _names_document(page: Page, heading: Heading, following: int, has_text: bool) -> bool:
    """Whether a heading at the top is the document's; the next is on line `following` and `has_text` or not."""
    if not following or words.QUESTION.search(words.fold(heading.title)):
        return False
    body = " ".join(line[:SHOWN].strip() for line in page.lines[heading.last : following - 1]).strip()
    if words.SELF_REFERENCE.search(heading.title):
        return width(body) < SUBSTANTIAL or introduces_document(body)
    if body:
        return heading.first == page.first and introduces_document(body)
    # A title without text above one that has some: the document's. Above a stub it may be a stub itself.
    return heading.first == page.first and has_text


def introduces_document(text: str) -> bool:
    """Whether a paragraph speaks of the document it stands in: where it is from, whom it is for."""
    return bool(words.INTRODUCTION.search(text[:SHOWN]))
