"""Builds pairs of texts that should be near each other, each kind apart, from the training text.

Kinds whose name begins with `cross` join the two languages. The others are split by language: where both stand
in one batch, the language of a passage gives the right one away, and the model learns to tell languages apart
instead of finding a Chinese note for an English question.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice, pairwise

from index.languages import is_chinese
from index.training.reading import Block, Section, TrainingText

#: An anchor, which is often question-like, and what it should find.
Pair = tuple[str, str]
Pairs = dict[str, list[Pair]]

# Characters of a Chinese passage: about what a passage of notes has; twice as many take twice the time.
LONGEST = 400
# English takes more characters for the same, and fewer pieces.
_LONGEST_ENGLISH = 2 * LONGEST
_PARAGRAPH = re.compile(r"\n\s*\n")
_SENTENCE = re.compile(r"(?<=[。！？!?])|(?<=\. )")
_LONGEST_HEADING = 60


def build(text: TrainingText, rng: random.Random) -> Pairs:
    """Return every kind of pair; the same `rng` state gives the same pairs."""
    often = Counter(section.headings[-1] for section in text.sections if section.headings)
    pairs: Pairs = {
        "cross_blocks": [(block.english, block.chinese) for block in text.blocks],
        "cross_context": list(_context(text.blocks)),
        "cross_passages": list(_passages(text.blocks)),
        "cross_headings": list(_translated_headings(text, often)),
    }
    for language, chinese in (("zh", True), ("en", False)):
        sections = [section for section in text.sections if section.chinese == chinese]
        pairs[f"headings_{language}"] = list(_headings(sections, often, rng))
        pairs[f"neighbours_{language}"] = list(_neighbours(sections))
        pairs[f"sentences_{language}"] = list(_sentences(sections, rng))
    return pairs


def _is_telling(section: Section, often: Mapping[str, int]) -> bool:
    """Return whether the last heading names a subject; "Overview" stands over hundreds of sections."""
    return bool(section.headings) and often[section.headings[-1]] <= 2


def _headings(sections: Sequence[Section], often: Mapping[str, int], rng: random.Random) -> Iterator[Pair]:
    """Yield a heading with the text under it, with the headings above in half of the passages."""
    for section in sections:
        body = _cut(section.body)
        if _is_telling(section, often):
            above = " ".join(section.headings[-3:-1])
            yield section.headings[-1], f"{above}\n{body}" if rng.random() < 0.5 else body
        if len(section.headings) > 1:
            yield " ".join(section.headings[-2:]), body


def _neighbours(sections: Sequence[Section]) -> Iterator[Pair]:
    """Yield paragraphs that follow each other, three pairs of a section at most."""
    for section in sections:
        paragraphs = [_cut(part) for part in _PARAGRAPH.split(section.body) if len(part) > 30]
        yield from islice(pairwise(paragraphs), 3)


def _sentences(sections: Sequence[Section], rng: random.Random) -> Iterator[Pair]:
    """Yield a sentence with the rest of its section (the inverse cloze task, Lee et al. 2019, section 4)."""
    for section in sections:
        sentences = [part for part in _SENTENCE.split(section.body) if len(part) > 15]
        for place in rng.sample(range(len(sentences)), min(2, len(sentences) // 3)):
            yield sentences[place], _cut("".join(sentences[:place] + sentences[place + 1 :]))


def _translated_headings(text: TrainingText, often: Mapping[str, int]) -> Iterator[Pair]:
    """Yield a heading in one language with the text under it in the other; headings are parallel blocks too."""
    short = [block for block in text.blocks if len(block.english) < _LONGEST_HEADING]
    other = {block.chinese.casefold(): block.english for block in short}
    other |= {block.english.casefold(): block.chinese for block in short}
    for section in text.sections:
        if _is_telling(section, often) and (translated := other.get(section.headings[-1].casefold())):
            yield translated, _cut(section.body)


def _context(blocks: Sequence[Block]) -> Iterator[Pair]:
    """Yield a block with the three that follow it, in the other language: what a heading is to its text."""
    for number, window in enumerate(_windows(blocks)):
        block, following = window[0], window[1:]
        if number % 3:
            yield block.english, " ".join(each.chinese for each in following)[:LONGEST]
        else:
            yield block.chinese, " ".join(each.english for each in following)[:_LONGEST_ENGLISH]


def _passages(blocks: Sequence[Block]) -> Iterator[Pair]:
    """Yield four blocks in a row with their translation: passages are longer than blocks."""
    for window in list(_windows(blocks))[::4]:
        english, chinese = (
            " ".join(texts) for texts in zip(*((b.english, b.chinese) for b in window), strict=True)
        )
        yield english[:_LONGEST_ENGLISH], chinese[:LONGEST]


def _cut(text: str) -> str:
    return text[: LONGEST if is_chinese(text) else _LONGEST_ENGLISH]


def _windows(blocks: Sequence[Block]) -> Iterator[Sequence[Block]]:
    for start in range(len(blocks) - 3):
        if blocks[start].source == blocks[start + 3].source:
            yield blocks[start : start + 4]
