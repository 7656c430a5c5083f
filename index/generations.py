"""What an index holds at one time: which files, where each one's topics are, and all of it shown as one whole."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray

from corpus.types import FrontMatter, Passage, Topic
from index import neighbours, postings
from index.arranging import Arrangement
from index.dense import DenseIndex
from index.lexical import LexicalIndex
from index.postings import Postings
from index.segments import Keys, Segment
from index.types import Rows


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
        return self._rows.size

    @property
    def topics(self) -> Topics:
        """Every topic, in the order of the files."""
        return Topics(self)

    @cached_property
    def lexical(self) -> LexicalIndex:
        """The lexical index of every passage."""
        return LexicalIndex([segment.postings for segment in self._all], self._rows)

    @cached_property
    def dense(self) -> DenseIndex:
        """The vector index of every passage."""
        return DenseIndex(
            [segment.vectors for segment in self._all],
            [segment.neighbours for segment in self._all],
            self._rows,
            [segment.some_vectors for segment in self._all],
        )

    @property
    def postings(self) -> Postings:
        """The postings of every passage as one."""
        parts = zip(self._all, self._rows.whole, strict=True)
        return postings.merge([(segment.postings, rows) for segment, rows in parts], self.size)

    @property
    def vectors(self) -> NDArray[Any]:
        """The vectors of every passage, shape (size, dimension); at half precision where they are many."""
        kind = np.float32 if self.size <= neighbours.FLAT_UP_TO else np.float16
        return self._gathered([segment.vectors for segment in self._all], kind)

    @property
    def keys(self) -> Keys:
        """The keys of every passage, shape (size,)."""
        parts = [segment.keys for segment in self._all]
        return self._gathered(parts, parts[0].dtype)

    @property
    def pieces(self) -> NDArray[np.uint16]:
        """In how many pieces each passage was embedded, shape (size,)."""
        return self._gathered([segment.pieces for segment in self._all], np.uint16)

    @property
    def split(self) -> int:
        """The number of passages that were longer than the embedder's window, and so embedded in pieces."""
        cut = any("pieces" in segment.parts for segment in self._all)
        return int(np.count_nonzero(self.pieces > 1)) if cut else 0

    def some_vectors(self, rows: Rows) -> NDArray[np.float32]:
        """Return the vectors of some passages, shape (len(rows), dimension)."""
        found = [(at, self._all[number].some_vectors(local)) for number, at, local in self._rows.split(rows)]
        gathered = np.zeros((len(rows), found[0][1].shape[1] if found else 0), np.float32)
        for at, vectors in found:
            gathered[at] = vectors
        return gathered

    @property
    def runs(self) -> Iterator[tuple[Segment, slice, slice]]:
        """Of each file with topics: its segment, its topics and its rows there."""
        for file, place in zip(self.files, self.places, strict=True):
            if file.topics:
                topics = slice(place.topic, place.topic + file.topics)
                yield self.segments[place.segment], topics, slice(place.row, place.row + file.passages)

    def open(self) -> None:
        """Open every part, so that the index can be searched even when it is replaced. Raises `IndexDamaged`."""
        for segment in self._all:
            _ = [segment.parts[name] for name in segment.parts]
        _ = self.lexical, self.dense, self._topics

    def topics_of(self, numbers: Iterable[int]) -> Iterator[tuple[Topic, ...]]:
        """Yield the topics of some files, given by their index in `files`."""
        for number in numbers:
            file, place = self.files[number], self.places[number]
            segment = self.segments.get(place.segment)
            yield segment.topics(place.topic, place.topic + file.topics) if segment and file.topics else ()

    def topic_and_passage(self, row: int) -> tuple[Topic, Passage]:
        """Return the passage at `row` and its topic."""
        segment, local = self._rows.find(row)
        number, which = self._all[segment].place_of(local)
        [topic] = self._all[segment].topics(number, number + 1)
        return topic, topic.passages[which]

    def topic_numbers(self, rows: Rows) -> NDArray[np.int64]:
        """Return for each of `rows` a number that the passages of a topic, and no others, have in common."""
        numbers = np.empty(len(rows), np.int64)
        for segment, at, local in self._rows.split(rows):
            numbers[at] = self._all[segment].topics_at(local) + (segment << 32)
        return numbers

    def chinese(self, rows: Rows) -> NDArray[np.bool_]:
        """Return for each of `rows` whether the passage is in Chinese."""
        found = np.empty(len(rows), np.bool_)
        for segment, at, local in self._rows.split(rows):
            found[at] = self._all[segment].chinese[local]
        return found

    def passage(self, passage_id: str) -> Passage | None:
        """Return the passage with this id, or None."""
        for segment, whole in zip(self._all, self._rows.whole, strict=True):
            for row in whole[segment.rows_of(passage_id)]:
                if row >= 0 and (found := self.topic_and_passage(int(row))[1]).passage_id == passage_id:
                    return found
        return None

    def front_matter(self) -> list[FrontMatter]:
        """Return what the notes say about themselves that give other names for things, in order."""
        found: list[tuple[int, FrontMatter]] = []
        for segment, whole in zip(self._all, self._topics.whole, strict=True):
            for topic in segment.named:
                if whole[topic] >= 0 and (front := segment.front_matter(int(topic))):
                    found.append((int(whole[topic]), front))
        return [front for _, front in sorted(found, key=lambda pair: pair[0])]

    @cached_property
    def _all(self) -> list[Segment]:
        return list(self.segments.values())

    @cached_property
    def _rows(self) -> Arrangement:
        runs = [(p, p.row, f.passages) for f, p in zip(self.files, self.places, strict=True) if f.passages]
        return self._arranged([segment.size for segment in self._all], runs)

    @cached_property
    def _topics(self) -> Arrangement:
        runs = [(p, p.topic, f.topics) for f, p in zip(self.files, self.places, strict=True) if f.topics]
        return self._arranged([segment.topic_count for segment in self._all], runs)

    def _arranged(self, sizes: list[int], runs: list[tuple[Place, int, int]]) -> Arrangement:
        number = {name: number for number, name in enumerate(self.segments)}
        return Arrangement(
            sizes,
            [number[place.segment] for place, _, _ in runs],
            [first for _, first, _ in runs],
            [count for _, _, count in runs],
        )

    def _gathered(self, parts: Sequence[NDArray[Any]], kind: Any) -> NDArray[Any]:
        """Return, in the order of the whole, the rows that count of an array that each segment has."""
        gathered = np.empty((self.size, *parts[0].shape[1:]), kind)
        for part, new_rows in zip(parts, self._rows.whole, strict=True):
            kept = new_rows >= 0
            gathered[new_rows[kept]] = part[kept]
        return gathered


class Topics(Sequence[Topic]):
    """The topics of a generation in the order of the files, each read when it is asked for and not kept."""

    def __init__(self, generation: Generation) -> None:
        self._generation = generation

    def __len__(self) -> int:
        return sum(file.topics for file in self._generation.files)

    def __iter__(self) -> Iterator[Topic]:
        for topics in self._generation.topics_of(range(len(self._generation.files))):
            yield from topics

    @overload
    def __getitem__(self, number: int) -> Topic: ...
    @overload
    def __getitem__(self, number: slice) -> tuple[Topic, ...]: ...
    def __getitem__(self, number: int | slice) -> Topic | tuple[Topic, ...]:
        chosen = range(len(self))[number]
        if isinstance(chosen, range):
            return tuple(self[one] for one in chosen)
        segment, local = self._generation._topics.find(chosen)
        return self._generation._all[segment].topics(local, local + 1)[0]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and tuple(self) == tuple(other)

    __hash__ = None  # type: ignore[assignment]
