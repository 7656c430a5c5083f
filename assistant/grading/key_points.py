"""The key points of a topic, from the note alone: those it lists itself, then its sentences and list items.

A sentence is a point when it states something: titles, links, questions, formulas and pictures are none. What a label
(「优点：」) or a heading line says of the items below it stays with each of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from assistant.answering.quoting import Quote, units_of
from assistant.events import Citation
from assistant.grading.clauses import split_label, visible
from assistant.grading.types import KeyPoint
from assistant.language import Language, mostly
from corpus.types import Location, LocationKind, Passage, Topic

_WRITTEN = re.compile(r"要点|key points?", re.IGNORECASE)
# What a note warns of is no point to make, and a worked example holds figures that nobody has to know by heart.
_NOT_ASKED = re.compile(r"常见错误|误区|例子|算一个|common mistakes|pitfalls|example", re.IGNORECASE)
# Where a note gives its answer at once, and a question that it puts itself, after the kind of question in bold.
_IN_SHORT = re.compile(r"一句话|in short|short answer|tl;?dr", re.IGNORECASE)
_QUESTION = re.compile(r"(?:\*\*[^*]+\*\*\s*)?(\S.*[?？])\s*")
_LINK = re.compile(r"https?://\S+|!?\[[^\]]*\]\([^)]*\)")
_MARK = re.compile(r"^\s*(?:[-*+•·]\s+|[(（]?\d{1,2}[.)）、](?!\d)\s*|#+\s+)+")
_SENTENCE = re.compile(r"[^。；;！!]+[。；;！!]?")
_WORD = re.compile(r"[㐀-鿿]|[A-Za-z]{2,}")
_NO_PROSE = ("```", "~~~", "$$", "|", "\\[", ">")
_LEAST_WORDS = 2


def key_points(topic: Topic) -> tuple[KeyPoint, ...]:
    """Return the points of `topic`, those that its note lists first; none for a stub."""
    if topic.stub:
        return ()
    listing = [p for p in topic.passages if _WRITTEN.search(p.heading_path[-1])]
    # A passage may end between an item and its other language.
    written = list(_written([line for passage in listing for line in lines_of(passage)]))
    rest = [p for p in topic.passages if p not in listing and not _NOT_ASKED.search(p.heading_path[-1])]
    return (*written, *_extracted(rest))


def in_language(point: KeyPoint, language: Language) -> str:
    """Return the wording of `point` in `language` where it has one, else the point as shown."""
    if len(point.wordings) < 2:
        return point.text
    return next((text for text in point.wordings if mostly(text) is language), point.text)


def citation_of(quote: Quote) -> Citation:
    """Return the citation of `quote`."""
    return Citation(
        n=1,
        topic=quote.passage.topic,
        heading_path=quote.passage.heading_path,
        path=str(quote.passage.path),
        location=quote.location,
        quote=quote.text,
        passage_id=quote.passage.passage_id,
    )


def lines_of(passage: Passage) -> Iterator[Quote]:
    """Yield the lines of `passage` with their places."""
    lines = passage.text.split("\n")
    location = passage.location
    # Text taken out of a web page or a table has other lines than the file: only the whole passage has a place.
    numbered = location.kind is LocationKind.LINES and location.last - location.first + 1 == len(lines)
    for at, line in enumerate(lines, location.first):
        yield Quote(passage, Location(LocationKind.LINES, at, at) if numbered else location, line)


def _written(lines: Sequence[Quote]) -> Iterator[KeyPoint]:
    """Yield one point per list item; a line below an item says the same in the other language."""
    item: list[Quote] = []
    for line in [quote for quote in lines if quote.text.strip()]:
        if item and _MARK.match(line.text):
            yield _listed(item)
            item = []
        item.append(line)
    if item:
        yield _listed(item)


def _listed(item: Sequence[Quote]) -> KeyPoint:
    texts = tuple(_MARK.sub("", quote.text).strip() for quote in item)
    return KeyPoint(texts[0], citation_of(item[0]), wordings=texts, written=True)


@dataclass(slots=True)
class _Heading:
    """The label that governs what follows: one on a line of its own until the next, another for its own list.

    An item's own label governs the rest of its line and nothing else, and no label governs another section.
    """

    section: tuple[str, ...] = ()
    label: str = ""
    lasts: bool = False
    place: Location | None = None
    in_item: bool = False
    inner: str = ""

    def enter(self, section: tuple[str, ...]) -> None:
        """Go on in `section`; another one than before begins without a label."""
        if section != self.section:
            self.section, self.label, self.lasts, self.inner = section, "", False, ""

    def stands_alone(self, label: str) -> None:
        """Remember `label`, which has a line of its own."""
        self.label, self.lasts, self.inner = label, True, ""

    def governs(self, own: str, numbered: bool, place: Location) -> tuple[str, str]:
        """Return the labels above and within a line that has `own` label itself or none, and remember them."""
        same_line, self.place = place == self.place, place
        self.in_item = numbered or (same_line and self.in_item)
        if not same_line:
            self.inner = ""
        if self.in_item:
            self.inner = own or self.inner
        elif own:
            self.label, self.lasts = own, False
        elif not self.lasts and not same_line:
            self.label = ""
        return self.label, self.inner


def _extracted(passages: Sequence[Passage]) -> Iterator[KeyPoint]:
    heading, seen = _Heading(), set[str]()
    for passage in passages:
        heading.enter(passage.heading_path)
        in_short = passage.topic if _IN_SHORT.search(passage.heading_path[-1]) else ""
        for unit in units_of(passage):
            if unit.text.lstrip().startswith(_NO_PROSE):
                continue
            asked = in_short
            for line in visible(unit.text).split("\n"):
                if question := _QUESTION.fullmatch(_MARK.sub("", line)):
                    asked = question[1]
                    continue
                own, rest = split_label(_MARK.sub("", line))
                if own and not rest.strip():
                    heading.stands_alone(own)
                    continue
                numbered = bool(_MARK.match(line)) or (bool(asked) and not in_short)
                above, inner = heading.governs(own, numbered, unit.location)
                for point in _sentences(rest, above, inner if inner != above else "", unit):
                    if point.wordings[0] not in seen:
                        seen.add(point.wordings[0])
                        yield replace(point, answers=asked)


def _sentences(text: str, governing: str, inner: str, unit: Quote) -> Iterator[KeyPoint]:
    """Yield a point for each sentence of `text` that states something and stands in the note word for word."""
    for sentence in map(str.strip, _SENTENCE.findall(text)):
        own, said = (inner, sentence) if inner or sentence == text.strip() else split_label(sentence)
        clean = _MARK.sub("", _LINK.sub("", said)).strip(" 。；;！!,，")
        if _states(clean) and sentence in unit.passage.text:
            labels = [label for label in (governing, own) if label]
            yield KeyPoint(
                text="：".join([*labels[-1:], clean]),
                citation=citation_of(replace(unit, text=sentence)),
                label=" ".join(labels),
                wordings=(clean,),
            )


def _states(text: str) -> bool:
    return not text.endswith(("?", "？", ":", "：")) and len(_WORD.findall(text)) >= _LEAST_WORDS
