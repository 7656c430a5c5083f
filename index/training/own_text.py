"""Builds pairs from the project's own text: the glossary, descriptions of its concepts, the shipped notes."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence
from importlib.resources import as_file, files
from itertools import pairwise, product
from pathlib import Path

from corpus.concepts import Concept
from corpus.descriptions import load_descriptions
from corpus.glossary import Glossary
from corpus.reading import read_notes
from corpus.splitting import split_note
from corpus.types import Passage, Topic
from index.languages import is_chinese
from index.training.pairs import LONGEST, Pair, Pairs

# How people ask for a concept. A description should be near the question, not only near the bare name.
_ASKED_ZH = "{} {}是什么 什么是{} {}的原理 {}有什么用 {}怎么算 为什么用{}".split()
_ASKED_EN = "{}|what is {}|why use {}|how does {} work|explain {}".split("|")

# In the shipped notes a point in Chinese is followed by the same in English, indented; a question by its answer.
_POINT = re.compile(r"^- (?!\*\*)(.+)\n  (.+)$", re.MULTILINE)
_FOLLOW_UP = re.compile(r"^- \*\*.+?\*\* (.+)\n  (.+)$", re.MULTILINE)


def build(glossary: Glossary, rng: random.Random) -> Pairs:
    """Return the pairs of our own text; the same `rng` state gives the same pairs."""
    with as_file(files("corpus") / "notes") as folder:
        topics = [topic for note in read_notes([Path(folder)]).notes for topic in split_note(note)]
    concepts = glossary.concepts
    return {
        "cross_glossary": [pair for concept in concepts.values() for pair in _names(concept)],
        "cross_descriptions": [
            pair
            for id_, phrases in load_descriptions().items()
            for pair in _asked(concepts[id_], phrases, rng)
        ],
        "cross_notes": [pair for topic in topics for pair in _note(topic)],
    }


def _names(concept: Concept) -> Iterator[Pair]:
    """Yield each Chinese name with each English one, and names of one language with the next."""
    yield from product(concept.zh, (*concept.en, *concept.abbr))
    yield from product(concept.en[:2], concept.abbr)
    yield from pairwise(concept.zh)
    yield from pairwise(concept.en)


def _asked(concept: Concept, phrases: Sequence[str], rng: random.Random) -> Iterator[Pair]:
    """Yield each description with two questions about the concept it describes."""
    names = (*concept.zh, *concept.en, *concept.abbr)
    for phrase in phrases:
        for name in rng.sample(names, min(2, len(names))):
            yield phrase, rng.choice(_ASKED_ZH if is_chinese(name) else _ASKED_EN).format(name)


def _note(topic: Topic) -> Iterator[Pair]:
    """Yield typical questions with title and text, other names with the title, and what stands in both languages."""
    front = topic.front_matter
    if front is None:
        return
    title = f"{front.title} {front.title_en}"
    for question in front.questions:
        yield question, title
        for passage in topic.passages[:2]:
            yield question, _text(passage)
    for alias in front.aliases:
        yield alias, title
    for passage in topic.passages:
        for found in (*_POINT.finditer(passage.text), *_FOLLOW_UP.finditer(passage.text)):
            yield found[1], found[2]


def _text(passage: Passage) -> str:
    return f"{' '.join(passage.heading_path)}\n{passage.text}"[:LONGEST]
