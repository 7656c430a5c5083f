"""What a note asks and warns of by itself: its questions with their answers, and its common mistakes.

Only the note's own words, each with its line; what becomes of them is decided in `groups` and in the kinds.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from assistant.answering.quoting import Quote
from assistant.grading.key_points import citation_of, lines_of
from assistant.grading.types import KeyPoint
from assistant.language import Language, mostly
from corpus.types import Topic

#: Sections that list what is said wrongly.
MISTAKES = re.compile(r"常见错误|误区|易错|common mistakes|pitfalls", re.IGNORECASE)

_MARK = re.compile(r"^\s*(?:[-*+•·]\s+|[(（]?\d{1,2}[.)）、](?!\d)\s*)")
_ASKED = re.compile(
    r"^(?:\*\*(?P<label>[^*]{1,20})\*\*\s*|(?:[Qq问]\d*[:：]\s*))?(?P<question>\S.{3,119}[?？])$"
)
_ANSWER_MARK = re.compile(r"^\s*(?:[Aa答]\d*[:：]\s*)?")
_NO_PROSE = re.compile(r"^\s*(?:```|~~~|\$\$|\||\\\[|>|#|!\[|https?://)")
_SENTENCE = re.compile(r"[^。；;！!]+[。；;！!]?")
_WRONG = (
    re.compile(
        r"^(?P<claim>.{4,}?)(?:是错误?的|是不(?:准确|正确|对)的|并?不准确|并?不正确)[：:，,]\s*(?P<why>.+)$"
    ),
    re.compile(r"^It is (?:wrong|inaccurate|a mistake) to (?P<claim>.+?): (?P<why>.+)$", re.IGNORECASE),
)
_CLAIMED = re.compile(r"^(?:说|认为|以为|(?:say|claim|think|believe) that )(?P<statement>.+)$", re.IGNORECASE)
#: Longest answer that is taken in as many points.
_MOST_POINTS = 5


@dataclass(frozen=True, slots=True)
class Asked:
    """A question that the note asks, the label before it (为什么), and the sentences of its answer."""

    question: str
    label: str
    answer: tuple[KeyPoint, ...]


@dataclass(frozen=True, slots=True)
class Claim:
    """What the note calls wrong, in one language, and the point that puts it right.

    A claim is a statement (「BN 可以代替其它正则化」) or, where it is none, something done (「先增强再划分」).
    """

    text: str
    is_statement: bool
    language: Language
    correction: KeyPoint


def asked_in(topic: Topic) -> tuple[Asked, ...]:
    """Return the questions that stand in `topic` with their answers right below them."""
    found: list[Asked] = []
    lines = [line for passage in topic.passages for line in lines_of(passage)]
    for at, line in enumerate(lines):
        match = _ASKED.match(_MARK.sub("", line.text).strip())
        if match and (answer := tuple(_answer(lines[at + 1 :]))):
            found.append(Asked(match["question"], match["label"] or "", answer))
    return tuple(found)


def claims_in(topic: Topic) -> tuple[Claim, ...]:
    """Return what `topic` calls wrong, each language of an item as a claim of its own."""
    lines = [
        line
        for passage in topic.passages
        if MISTAKES.search(passage.heading_path[-1])
        for line in lines_of(passage)
        if line.text.strip()
    ]
    return tuple(claim for item in _items(lines) for claim in _claims(item))


def sentences_of(line: Quote, text: str) -> tuple[KeyPoint, ...]:
    """Return the sentences of `text`, which is what `line` says, as points; the last takes what is too many."""
    pieces = [piece for piece in map(str.strip, _SENTENCE.findall(text)) if piece]
    if len(pieces) > _MOST_POINTS:
        pieces = [*pieces[: _MOST_POINTS - 1], "".join(pieces[_MOST_POINTS - 1 :])]
    return tuple(
        KeyPoint(
            clean := piece.rstrip("。；;！!. "), citation_of(replace(line, text=piece)), wordings=(clean,)
        )
        for piece in pieces
        if piece in line.text
    )


def _answer(following: Sequence[Quote]) -> Iterator[KeyPoint]:
    """Yield the points of the lines right below a question, up to the next item or question."""
    for line in following:
        text = line.text.strip()
        if not text or _MARK.match(line.text) or _NO_PROSE.match(line.text) or text.endswith(("?", "？")):
            return
        yield from sentences_of(line, _ANSWER_MARK.sub("", text))


def _items(lines: Iterable[Quote]) -> Iterator[list[Quote]]:
    item: list[Quote] = []
    for line in lines:
        if item and _MARK.match(line.text):
            yield item
            item = []
        item.append(line)
    if item:
        yield item


def begun(text: str) -> str:
    """Return `text` as a sentence begins; a formula or a name such as fp16 stays as it is."""
    return text[:1].upper() + text[1:] if text[:1].isascii() and text[1:2].islower() else text


def _claims(item: Sequence[Quote]) -> Iterator[Claim]:
    read = [
        (line, match)
        for line in item
        for match in [next(filter(None, (p.match(_MARK.sub("", line.text).strip()) for p in _WRONG)), None)]
        if match
    ]
    reasons = [begun(match["why"].rstrip("。.")) for _, match in read]
    for (line, match), why in zip(read, reasons, strict=True):
        wordings = (why, *(other for other in reasons if other != why))
        claimed = _CLAIMED.match(match["claim"])
        text = claimed["statement"] if claimed else match["claim"]
        citation = citation_of(replace(line, text=_MARK.sub("", line.text).strip()))
        yield Claim(
            text.strip(), claimed is not None, mostly(line.text), KeyPoint(why, citation, wordings=wordings)
        )
