"""The parts an index is made of: what is known of some files, never changed once it is written.

An index of a thousand notes to which one is added is the old segment and a small new one. A generation says
which of a segment's files still count, and shows all of them as one. Folders and checksums are the business
of `index.storage`, deciding what is made again that of `index.updating`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from corpus.types import Passage, Topic
from index import lexical
from index.dense import FaissIndex
from index.lexical import LexicalIndex, Postings
from index.types import Vectors

#: The hash of each passage's embedded text, shape (n,), so that no text is embedded twice.
Keys = NDArray[np.void]
KEY_BYTES = 16


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A note file as it was when indexed: enough to tell cheaply whether it has changed since.

    A file that could not even be looked at has the size -1.
    """

    path: str
    size: int
    mtime_ns: int
    ctime_ns: int
    digest: str
    topics: int
    passages: int


@dataclass(frozen=True, slots=True)
class Place:
    """Where a file's topics and passages begin in the segment called `segment`; "" for a file without any."""

    segment: str = ""
    topic: int = 0
    row: int = 0


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What an index was built with. Where one part differs, what depends on it is made again."""

    splitter: str
    terms: str
    embedder: str


class Span(NamedTuple):
    """Some neighbouring topics of a segment, and their passages."""

    topics: slice
    rows: slice


class Source(Protocol):
    """Where the parts of a segment come from: memory or files. Every part may raise `IndexDamaged`."""

    def topics(self, spans: Sequence[Span] | None = None) -> tuple[Topic, ...]:
        """Return the topics of `spans`, one after the other, or all."""
        ...

    def postings(self) -> Postings:
        """Return the counts of the terms."""
        ...

    def vectors(self) -> Vectors:
        """Return one row per passage, shape (size, dimension)."""
        ...

    def keys(self) -> Keys:
        """Return one key per passage, shape (size,)."""
        ...


@dataclass(frozen=True, slots=True)
class InMemory:
    """A segment's parts as they were just built. Implements `Source`."""

    all_topics: tuple[Topic, ...]
    all_postings: Postings
    all_vectors: Vectors
    all_keys: Keys

    def topics(self, spans: Sequence[Span] | None = None) -> tuple[Topic, ...]:
        """Return the topics of `spans`, or all."""
        if spans is None:
            return self.all_topics
        return tuple(topic for span in spans for topic in self.all_topics[span.topics])

    def postings(self) -> Postings:
        """Return the postings."""
        return self.all_postings

    def vectors(self) -> Vectors:
        """Return the vectors."""
        return self.all_vectors

    def keys(self) -> Keys:
        """Return the keys."""
        return self.all_keys


@dataclass(frozen=True)
class Segment:
    """`size` passages with their topics, each part read when first wanted and then kept."""

    name: str
    size: int
    source: Source

    @cached_property
    def postings(self) -> Postings:
        """The counts of the terms."""
        return self.source.postings()

    @cached_property
    def vectors(self) -> Vectors:
        """One row per passage, shape (size, dimension)."""
        return self.source.vectors()

    @cached_property
    def keys(self) -> Keys:
        """One key per passage, shape (size,)."""
        return self.source.keys()


@dataclass(frozen=True)
class Generation:
    """Everything an index holds: `places[i]` tells where to find what file i holds, in the order of the files.

    `problems` says of a file (by its path) why it, or a part of it, could not be read.
    """

    fingerprint: Fingerprint
    built_at_ns: int
    files: tuple[SourceFile, ...]
    places: tuple[Place, ...]
    problems: Mapping[str, str]
    segments: Mapping[str, Segment]

    @property
    def size(self) -> int:
        """The number of passages that count."""
        return sum(file.passages for file in self.files)

    @cached_property
    def topics(self) -> tuple[Topic, ...]:
        """Every topic, in the order of the files."""
        return tuple(topic for topics in self.topics_of(range(len(self.files))) for topic in topics)

    @cached_property
    def postings(self) -> Postings:
        """The postings of every passage."""
        if self._is_one:
            return self._one.postings
        parts = zip(self.segments.values(), self._new_rows, strict=True)
        return lexical.merge([(segment.postings, rows) for segment, rows in parts], self.size)

    @cached_property
    def lexical(self) -> LexicalIndex:
        """The lexical index of every passage."""
        return LexicalIndex(self.postings)

    @cached_property
    def dense(self) -> FaissIndex:
        """The vector index of every passage."""
        return FaissIndex.from_vectors(self.vectors)

    @property
    def vectors(self) -> Vectors:
        """The vectors of every passage, shape (size, dimension)."""
        return self._gathered([segment.vectors for segment in self.segments.values()])

    @property
    def keys(self) -> Keys:
        """The keys of every passage, shape (size,)."""
        return self._gathered([segment.keys for segment in self.segments.values()])

    def load(self) -> None:
        """Read every part that has not been read yet. Raises `IndexDamaged`."""
        _ = self.topics, self.lexical, self.keys, self.dense

    def topics_of(self, numbers: Iterable[int]) -> list[tuple[Topic, ...]]:
        """Return the topics of some files, given by their index in `files`."""
        numbers = list(numbers)
        wanted: dict[str, list[int]] = {}
        for number in numbers:
            if self.files[number].topics:
                wanted.setdefault(self.places[number].segment, []).append(number)
        found: dict[int, tuple[Topic, ...]] = {}
        for name, own in wanted.items():
            places = [(self.files[number], self.places[number]) for number in own]
            spans = [
                Span(
                    slice(place.topic, place.topic + file.topics),
                    slice(place.row, place.row + file.passages),
                )
                for file, place in places
            ]
            topics = iter(self.segments[name].source.topics(spans))
            for number, (file, _) in zip(own, places, strict=True):
                found[number] = tuple(next(topics) for _ in range(file.topics))
        return [found.get(number, ()) for number in numbers]

    @property
    def _one(self) -> Segment:
        return next(iter(self.segments.values()))

    @cached_property
    def _is_one(self) -> bool:
        """Whether there is one segment only, and all its rows count in their order."""
        return len(self.segments) == 1 and np.array_equal(self._new_rows[0], np.arange(self._one.size))

    @cached_property
    def _new_rows(self) -> list[NDArray[np.int64]]:
        """For each segment, which row of the whole each of its rows is, -1 for none."""
        rows = {name: np.full(segment.size, -1, np.int64) for name, segment in self.segments.items()}
        begin = 0
        for file, place in zip(self.files, self.places, strict=True):
            if file.passages:
                end = begin + file.passages
                rows[place.segment][place.row : place.row + file.passages] = np.arange(begin, end)
                begin = end
        return list(rows.values())

    def _gathered(self, parts: Sequence[NDArray[Any]]) -> NDArray[Any]:
        """Return, in the order of the whole, the rows that count of an array that each segment has."""
        if self._is_one:
            return parts[0]
        gathered = np.empty((self.size, *parts[0].shape[1:]), parts[0].dtype)
        for part, new_rows in zip(parts, self._new_rows, strict=True):
            kept = new_rows >= 0
            gathered[new_rows[kept]] = part[kept]
        return gathered


def keys_of(texts: Iterable[str]) -> Keys:
    """Return the key of each text."""
    digests = (
        hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=KEY_BYTES).digest()
        for text in texts
    )
    return np.frombuffer(b"".join(digests), f"V{KEY_BYTES}")


def embedded_text(passage: Passage) -> str:
    """Return what is embedded for a passage: its heading path, other names and text."""
    return "\n".join(filter(None, (" > ".join(passage.heading_path), passage.search_text, passage.text)))
