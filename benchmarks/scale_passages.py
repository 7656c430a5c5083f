"""Passages for `benchmarks.scale`: sentences of the training text drawn at random, counted and embedded quickly.

Terms and piece vectors of a passage are summed from those of its sentences; the result is what the embedder gives, but
for pieces that would span two sentences (`Builder.deviation`).
"""

from __future__ import annotations

import gzip
import json
import random
import re
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpus.glossary import Glossary
from corpus.types import Location, LocationKind, Passage, Topic
from index import postings, terms
from index.embedders.bundled import BundledEmbedder
from index.generations import Place, SourceFile
from index.segments import keys_of, postings_parts, text_parts, vector_parts

SEED, SENTENCES, PASSAGES_PER_TOPIC, PASSAGES_PER_FILE = 20261123, 9, 4, 200
#: How often the heading counts among the terms of its passage.
_HEADING = 4.0
_SENTENCE = re.compile(r"(?<=[。!?！？])|(?<=[.!?])\s+|\n+")

#: Numbers of terms, and how often each stands in a text.
Counted = list[tuple[int, float]]


class Sentences:
    """The sentences and headings of the training sections, each with its terms counted once.

    `questions` of the headings are set aside to be asked.
    """

    def __init__(self, sections: Path, glossary: Glossary, questions: int) -> None:
        with gzip.open(sections, "rt", encoding="utf-8") as lines:
            read = [json.loads(line) for line in lines]
        texts = (part.strip() for section in read for part in _SENTENCE.split(section["body"]))
        self.texts = list(dict.fromkeys(text for text in texts if 12 <= len(text) <= 300))
        headings = (section["heading_path"][-1].strip() for section in read if section["heading_path"])
        self.headings = list(dict.fromkeys(text for text in headings if 4 <= len(text) <= 60))
        random.Random(SEED).shuffle(self.headings)
        self.questions = [self.headings.pop() for _ in range(questions)]
        self.vocabulary: dict[str, int] = {}
        self.terms = [self._counted(text, glossary) for text in self.texts]
        self.heading_terms = [self._counted(text, glossary) for text in self.headings]

    def _counted(self, text: str, glossary: Glossary) -> Counted:
        found = terms.terms(text, glossary)
        number = self.vocabulary.setdefault
        return [(number(term, len(self.vocabulary)), count) for term, count in found.items()]


class Text:
    """Passages made from sentences: the topics, and per passage what its text and its heading count."""

    def __init__(self, sentences: Sentences) -> None:
        self._sentences = sentences
        self._chance = random.Random(SEED + 1)
        self._files = 0

    def take(self, count: int) -> tuple[list[Topic], list[tuple[list[int], int]]]:
        """Return the next `count` passages in topics, and of each its sentences and its heading by number."""
        topics: list[Topic] = []
        drawn: list[tuple[list[int], int]] = []
        for first in range(0, count, PASSAGES_PER_TOPIC):
            if first % PASSAGES_PER_FILE == 0:
                self._files += 1
            path = Path(f"/notes/{self._files:06}.md")
            heading = self._chance.randrange(len(self._sentences.headings))
            title = self._sentences.headings[heading]
            own = []
            for _ in range(min(PASSAGES_PER_TOPIC, count - first)):
                numbers = [self._chance.randrange(len(self._sentences.texts)) for _ in range(SENTENCES)]
                text = "\n".join(self._sentences.texts[number] for number in numbers)
                location = Location(LocationKind.LINES, len(drawn) + 1, len(drawn) + SENTENCES)
                own.append(Passage(f"{len(drawn):x}-{self._files:x}", title, (title,), path, location, text))
                drawn.append((numbers, heading))
            topics.append(Topic(title, (title,), path, own[0].location, tuple(own)))
        return topics, drawn


class Builder:
    """Writes passages into an index through the index's own building code."""

    def __init__(self, sentences: Sentences, glossary: Glossary, embedder: BundledEmbedder) -> None:
        self._sentences = sentences
        self._glossary = glossary
        self._embedder = embedder
        self._sums = embedder.sums(sentences.texts)
        self._heading_sums = embedder.sums(sentences.headings)
        self._names = list(sentences.vocabulary)
        self.text = Text(sentences)
        self._segments = 0

    def segment(self, count: int, shelf: Any) -> tuple[Any, list[SourceFile], list[Place]]:
        """Put a segment of the next `count` passages on `shelf`; return it with its files and their places."""
        topics, drawn = self.text.take(count)
        self._segments += 1
        name = f"segment{self._segments:04}"

        def parts() -> Iterator[Any]:
            yield text_parts(topics)
            yield {"keys": keys_of(passage.passage_id for topic in topics for passage in topic.passages)}
            yield postings_parts(postings.count(self._documents(drawn)))
            yield vector_parts(self.vectors(drawn))

        made = shelf.put(name, count, parts())
        files, places, begun = [], [], 0
        for first in range(0, count, PASSAGES_PER_FILE):
            own = min(PASSAGES_PER_FILE, count - first)
            number = -(-own // PASSAGES_PER_TOPIC)
            files.append(SourceFile(str(topics[begun].path), -1, 0, 0, "", number, own))
            places.append(Place(name, begun, first))
            begun += number
        return made, files, places

    def _documents(self, drawn: Sequence[tuple[list[int], int]]) -> Iterator[dict[str, float]]:
        for numbers, heading in drawn:
            found: dict[str, float] = {}
            fields = [(self._sentences.terms[number], 1.0) for number in numbers]
            for counted, times in (*fields, (self._sentences.heading_terms[heading], _HEADING)):
                for term, count in counted:
                    name = self._names[term]
                    found[name] = found.get(name, 0.0) + times * count
            yield found

    def vectors(self, drawn: Sequence[tuple[list[int], int]]) -> NDArray[np.float32]:
        """Return the unit vectors of passages, shape (n, dimension)."""
        numbers = np.array([own for own, _ in drawn])
        rows = self._heading_sums[[heading for _, heading in drawn]].copy()
        for column in numbers.T:  # a gather of all sentences at once would take gigabytes
            rows += self._sums[column]
        norms = np.linalg.norm(rows, axis=1, keepdims=True)
        return np.asarray(rows / np.where(norms > 0, norms, 1.0), np.float32)

    def deviation(self, count: int = 200) -> float:
        """Return how far the vectors of some passages are from those of the embedder at most, as a cosine."""
        topics, drawn = Text(self._sentences).take(count)
        texts = [f"{p.topic}\n{p.text}" for topic in topics for p in topic.passages]
        embedded = self._embedder.embed_passages(texts)
        return float(1 - np.min(np.sum(embedded * self.vectors(drawn), axis=1)))


def ordinary(
    sentences: Sentences, glossary: Glossary, embedder: BundledEmbedder, count: int = 500
) -> dict[str, float]:
    """Return the milliseconds of one passage that the shortcut of this benchmark leaves out."""
    topics, _ = Text(sentences).take(count)
    texts = [f"{p.topic}\n{p.text}" for topic in topics for p in topic.passages]
    begun = time.process_time()
    for text in texts:
        terms.terms(text, glossary)
    counted = time.process_time()
    embedder.embed_passages(texts)
    return {
        "terms_ms": round(1e3 * (counted - begun) / count, 3),
        "embedding_ms": round(1e3 * (time.process_time() - counted) / count, 3),
    }
