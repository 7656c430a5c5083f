"""Sentences of a passage chosen for a question, word for word and with their exact lines."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from assistant.language import Language, mostly
from corpus.types import Location, LocationKind, Passage, Topic

#: Characters quoted from the best topic; a topic no longer than this is quoted whole.
BUDGET = 420
MOST_QUOTES = 6
# A sentence that says less than this share of what the best one says is left out.
_WORTH_QUOTING = 0.35

# Sections in which a note gives its answer outright; `corpus/notes` uses them and anybody's notes may.
_SHORT_ANSWER = re.compile(
    r"一句话|简答|短答|结论|要点|short answer|in short|summary|tl;?dr|key points?", re.IGNORECASE
)
_OUTRIGHT = re.compile(r"一句话|简答|短答|结论|short answer|in short|summary|tl;?dr", re.IGNORECASE)
_MISTAKES = re.compile(r"常见错误|common mistakes", re.IGNORECASE)
_ASKS = re.compile(r"[?？]\s*$")
# Text right under a question, not the next item of a list or the next question.
_ANSWERS = re.compile(r"\s*(?![-*+#|>`$]|\d+[.)、]|[Qq问]\d*[:：])\S.*[^?？\s]\s*$")
_SENTENCE_END = re.compile(
    r"(?<=[。！？；!?])(?=[^”’」』）)\]])|"
    r"(?<=[;.])(?<!e\.g\.)(?<!i\.e\.)(?<!al\.)(?<!vs\.)(?<!Fig\.)(?<!Eq\.)\s+(?=[A-Z0-9（(\[一-鿿])"
)
_INLINE = re.compile(r"`[^`]*`|\$[^$]*\$")
_FENCE = re.compile(r"^\s*(`{3,}(?=[^`]*$)|~{3,}|\$\$|\\\[)", re.MULTILINE)
_HAN = re.compile(r"[㐀-鿿]")
_ENGLISH_PROSE = re.compile(r"\b(the|an?|is|are|of|to|in|for|with|and|it|that|by|on|from)\b", re.IGNORECASE)
# From this share of its characters on, the prose in the reader's language is quoted alone; a paper's English
# title in a Chinese note is less.
_ENOUGH = 0.15
_LONG_LINE = 90
_IMAGE_ONLY = re.compile(r"^\s*!\[[^\]]*\]\([^)]*\)\s*$")

TermsOf = Callable[[str], Mapping[str, float]]


@dataclass(frozen=True, slots=True)
class Quote:
    """Verbatim text of `passage` and where it stands in the file."""

    passage: Passage
    location: Location
    text: str


def quotes_for(
    topic: Topic, importance: Mapping[str, float], terms_of: TermsOf, language: Language, budget: int = BUDGET
) -> list[Quote]:
    """Return what `topic` says to the question, in the order of the file, at most about `budget` characters.

    `importance` weighs the question's terms; `terms_of` gives a sentence's terms. Sentences in the question's
    language are preferred where the topic has both. Every quote is checked to be in its passage.
    """
    units = [unit for passage in topic.passages for unit in units_of(passage)]
    if not units:
        return []
    units = _in_language(units, language)
    if sum(len(unit.text) for unit in units) > budget:
        units = _most_relevant(units, importance, terms_of, budget)
    return [quote for quote in _merged(units) if quote.text in quote.passage.text]


def _most_relevant(
    units: Sequence[Quote], importance: Mapping[str, float], terms_of: TermsOf, budget: int
) -> list[Quote]:
    texts = [terms_of(unit.text) for unit in units]
    sections = {section: terms_of(section) for section in {unit.passage.heading_path[-1] for unit in units}}
    inside = _rarer_inside(texts, importance)
    worths = [
        _worth(unit, inside, text, sections[unit.passage.heading_path[-1]])
        for unit, text in zip(units, texts, strict=True)
    ]
    best = max(worths)
    chosen: list[int] = []
    spent = 0
    for at in sorted(range(len(units)), key=lambda at: (-worths[at], at)):
        if len(chosen) == MOST_QUOTES or (chosen and worths[at] < _WORTH_QUOTING * best):
            break
        if chosen and spent + len(units[at].text) > budget:
            continue
        chosen.append(at)
        spent += len(units[at].text)
    return [units[at] for at in sorted(chosen)]


def _rarer_inside(texts: Sequence[Mapping[str, float]], importance: Mapping[str, float]) -> dict[str, float]:
    """Weigh the question's terms by how few units of the topic hold them: what every unit says picks none."""
    count = len(texts)
    return {
        term: value * math.log1p(count / (1 + sum(term in text for text in texts)))
        for term, value in importance.items()
    }


def _worth(
    unit: Quote, importance: Mapping[str, float], text: Mapping[str, float], heading: Mapping[str, float]
) -> float:
    """How much of the question a unit speaks of, by the terms of its text and of its section's heading."""
    section = unit.passage.heading_path[-1]
    found = sum(importance.get(term, 0.0) for term in text)
    inside = sum(importance.get(term, 0.0) for term in heading)
    if _SHORT_ANSWER.search(section):
        times = 2.0 if _OUTRIGHT.search(section) else 1.3
    else:
        times = 0.4 if _MISTAKES.search(section) or _ASKS.search(unit.text) else 1.0
    # Long sentences hold more words by chance; a gentle root keeps them from always winning.
    return (found + 0.5 * inside) * times / math.pow(max(len(unit.text), 30), 0.3)


def _in_language(units: list[Quote], language: Language) -> list[Quote]:
    """Leave out prose in the other language where there is enough in `language`; what is no prose serves both."""
    proses = [prose_language(unit.text) for unit in units]
    own = sum(len(unit.text) for unit, prose in zip(units, proses, strict=True) if prose is language)
    if own < _ENOUGH * sum(len(unit.text) for unit in units):
        return units
    return [unit for unit, prose in zip(units, proses, strict=True) if prose in (language, None)]


def prose_language(text: str) -> Language | None:
    """Return the language `text` is written in; None for formulas, code, figures and bare English terms."""
    if _FENCE.match(text):
        return None
    if mostly(text) is Language.ZH:
        return Language.ZH if _HAN.search(text) else None
    return Language.EN if _ENGLISH_PROSE.search(text) else None


def units_of(passage: Passage) -> Iterator[Quote]:
    """Yield the passage's sentences, list items, code blocks and formulas, with their lines."""
    lines = passage.text.split("\n")
    span = passage.location.last - passage.location.first + 1
    # Text taken out of a web page or a table has other lines than the file: only the whole passage has a place.
    numbered = passage.location.kind is LocationKind.LINES and span == len(lines)
    at = 0
    while at < len(lines):
        end = _block_end(lines, at)
        block = "\n".join(lines[at:end]).strip()
        first = passage.location.first + at
        location = Location(LocationKind.LINES, first, first + end - at - 1) if numbered else passage.location
        if block and not _IMAGE_ONLY.match(block):
            whole = end > at + 1 or _OUTRIGHT.search(passage.heading_path[-1])
            for text in [block] if whole else _sentences(block):
                yield Quote(passage, location, text)
        at = end


def _block_end(lines: Sequence[str], at: int) -> int:
    """Return where what begins at line `at` ends: code, a formula, a table, a question with its answer, a line."""
    end = at + 1
    fence = _FENCE.match(lines[at])
    if fence and not _closes(lines[at].strip()[len(fence[1]) :], fence[1]):
        while end < len(lines) and not _closes(lines[end].strip(), fence[1]):
            end += 1
        return min(end + 1, len(lines))
    if lines[at].lstrip().startswith("|"):
        while end < len(lines) and lines[end].lstrip().startswith("|"):
            end += 1
    elif _ASKS.search(lines[at]) and end < len(lines) and _ANSWERS.match(lines[end]):
        end += 1
    return end


def _closes(line: str, fence: str) -> bool:
    """Whether `line` ends the block that `fence` opened: code by a line of its own, a formula anywhere."""
    if fence[0] in "`~":
        return line.startswith(fence)
    return ("\\]" if fence == "\\[" else fence) in line


def _sentences(line: str) -> list[str]:
    """Split a long line into sentences, never inside code or a formula."""
    if len(line) <= _LONG_LINE:
        return [line]
    whole = [span.span() for span in _INLINE.finditer(line)]
    ends = [end.start() for end in _SENTENCE_END.finditer(line)]
    cuts = [0, *(at for at in ends if not any(a < at < b for a, b in whole)), len(line)]
    return [part for a, b in pairwise(cuts) if (part := line[a:b].strip())]


def _merged(units: Sequence[Quote]) -> list[Quote]:
    """Join neighbours that stand side by side on one line of the note, so that each is quoted once."""
    merged: list[Quote] = []
    for unit in units:
        last = merged[-1] if merged else None
        if last and last.passage is unit.passage and last.location == unit.location:
            for glue in ("", " "):
                if last.text + glue + unit.text in unit.passage.text:
                    merged[-1] = replace(last, text=last.text + glue + unit.text)
                    break
            else:
                merged.append(unit)
        else:
            merged.append(unit)
    return merged
