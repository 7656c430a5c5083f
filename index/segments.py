"""The parts an index is made of: some passages with their topics, as arrays that never change once written.

An index of a thousand notes to which one is added is the old segment and a small new one. What of a segment
still counts is said by `index.generations`; folders and checksums are the business of `index.storage`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from corpus.types import FrontMatter, Passage, Topic
from index import neighbours, records
from index.languages import is_chinese
from index.neighbours import Neighbours
from index.postings import Postings, hash_of
from index.types import Vectors

#: The hash of each passage's embedded text, shape (n,), so that no text is embedded twice.
Keys = NDArray[np.void]
KEY_BYTES = 16

#: The parts of a segment by name, each an array: in memory, or mapped from a file.
Parts = Mapping[str, NDArray[Any]]

_POSTINGS = tuple(field.name for field in fields(Postings))


@runtime_checkable
class Readable(Protocol):
    """Parts of which a little can be read without mapping what lies around it."""

    def rows(self, name: str, rows: NDArray[Any], width: int) -> NDArray[Any]:
        """Return a copy of some rows of `width` numbers of a part."""
        ...

    def piece(self, name: str, first: int, last: int) -> bytes:
        """Return a copy of the bytes `first` to `last` (not included) of a part."""
        ...


@dataclass(frozen=True)
class Segment:
    """`size` passages with their topics. Every part may raise `IndexDamaged` when it is first wanted.

    `parts` holds the arrays of `Postings` under their names; `vectors`, `keys`, perhaps `neighbours` and
    `pieces`; and what `text_parts` makes of the topics.
    """

    name: str
    size: int
    parts: Parts

    @cached_property
    def postings(self) -> Postings:
        """The counts of the terms."""
        return Postings(**{name: self.parts[name] for name in _POSTINGS})

    @cached_property
    def vectors(self) -> NDArray[Any]:
        """One row per passage, shape (size, dimension); of a large segment at half precision."""
        return self.parts["vectors"].reshape(self.size, -1)

    def some_vectors(self, rows: NDArray[Any]) -> NDArray[Any]:
        """Return the vectors of some passages."""
        if isinstance(self.parts, Readable):
            return self.parts.rows("vectors", rows, self.vectors.shape[1])
        return np.asarray(self.vectors[rows])

    @property
    def keys(self) -> Keys:
        """One key per passage, shape (size,)."""
        return self.parts["keys"]

    @property
    def pieces(self) -> NDArray[np.uint16]:
        """In how many pieces each passage was embedded, shape (size,); 1 unless the model's window was too short."""
        return self.parts["pieces"] if "pieces" in self.parts else np.ones(self.size, np.uint16)

    @cached_property
    def neighbours(self) -> Neighbours | None:
        """The nearest rows, None for a small segment."""
        return Neighbours.open(self.parts["neighbours"]) if "neighbours" in self.parts else None

    @property
    def topic_count(self) -> int:
        """The number of topics."""
        return len(self.parts["topic_ends"])

    def topics(self, first: int, last: int) -> tuple[Topic, ...]:
        """Return topics `first` to `last` (not included) with their passages."""
        rows = self._first_row(first), self._first_row(last)
        passages = self._lines("passages", "passage_ends", *rows)
        return records.read_topics(self._lines("topics", "topic_ends", first, last), iter(passages))

    def topic_at(self, row: int) -> int:
        """Return the topic that the passage at `row` is of."""
        return int(np.searchsorted(self.parts["topic_rows"], row, side="right"))

    def topics_at(self, rows: NDArray[Any]) -> NDArray[np.int64]:
        """Return the topic of the passage at each of `rows`."""
        return np.asarray(np.searchsorted(self.parts["topic_rows"], rows, side="right"), np.int64)

    def place_of(self, row: int) -> tuple[int, int]:
        """Return the topic that the passage at `row` is of, and which of its passages it is."""
        topic = self.topic_at(row)
        return topic, row - self._first_row(topic)

    def rows_of(self, passage_id: str) -> NDArray[np.int64]:
        """Return the rows of the passages that have this id, if any."""
        return np.flatnonzero(self.parts["ids"] == hash_of(passage_id))

    @property
    def chinese(self) -> NDArray[np.bool_]:
        """Whether each passage is in Chinese, shape (size,)."""
        return self.parts["chinese"]

    @property
    def named(self) -> NDArray[np.int32]:
        """The topics whose note gives other names for what it is about, ascending."""
        return self.parts["named"]

    def front_matter(self, topic: int) -> FrontMatter | None:
        """Return what the note of a topic says about itself."""
        [line] = self._lines("topics", "topic_ends", topic, topic + 1)
        return records.read_front_matter(line)

    def _first_row(self, topic: int) -> int:
        return int(self.parts["topic_rows"][topic - 1]) if topic else 0

    def _lines(self, part: str, ends: str, first: int, last: int) -> list[bytes]:
        if last <= first:
            return []
        end_of = self.parts[ends]
        begin, end = int(end_of[first - 1]) if first else 0, int(end_of[last - 1])
        if isinstance(self.parts, Readable):
            return self.parts.piece(part, begin, end).splitlines()
        return self.parts[part][begin:end].tobytes().splitlines()


class Shelf(Protocol):
    """Where new segments are put."""

    def put(self, name: str, size: int, parts: Iterable[Parts]) -> Segment:
        """Return the segment of `parts`, which are taken one after the other and may then be forgotten."""
        ...


class InMemory:
    """Segments that live as long as the program. Implements `Shelf`."""

    def put(self, name: str, size: int, parts: Iterable[Parts]) -> Segment:
        """Return the segment of `parts`."""
        return Segment(name, size, {key: array for some in parts for key, array in some.items()})


def postings_parts(postings: Postings) -> Parts:
    """Return the parts that hold `postings`."""
    return {name: getattr(postings, name) for name in _POSTINGS}


def vector_parts(vectors: NDArray[Any]) -> Parts:
    """Return the parts that hold `vectors`: of a small segment as they are, of a large one with neighbours."""
    if len(vectors) <= neighbours.FLAT_UP_TO:
        return {"vectors": vectors}
    # Half precision moves the inner product of unit rows by less than 0.0005 and is half the size.
    vectors = vectors.astype(np.float16, copy=False)
    return {"vectors": vectors, "neighbours": neighbours.build(vectors)}


def pieces_parts(pieces: NDArray[np.uint16]) -> Parts:
    """Return the part that holds in how many pieces passages were embedded; none where each was whole."""
    return {"pieces": pieces} if (pieces > 1).any() else {}


def text_parts(topics: Iterable[Topic]) -> Parts:
    """Return the parts that hold `topics` and their passages: lines of JSON, and where each ends.

    `topic_rows` gives for each topic the row behind its last passage, `ids` the hash of each passage's id,
    `chinese` whether it is in Chinese.
    """
    topic_lines, passage_lines = bytearray(), bytearray()
    topic_ends: list[int] = []
    topic_rows: list[int] = []
    passage_ends: list[int] = []
    ids: list[np.uint64] = []
    chinese: list[bool] = []
    named: list[int] = []
    for number, topic in enumerate(topics):
        topic_lines += records.topic_line(topic)
        topic_ends.append(len(topic_lines))
        for passage in topic.passages:
            passage_lines += records.passage_line(passage)
            passage_ends.append(len(passage_lines))
            ids.append(hash_of(passage.passage_id))
            chinese.append(is_chinese("\n".join((*passage.heading_path, passage.text))))
        topic_rows.append(len(passage_ends))
        if topic.front_matter and topic.front_matter.aliases:
            named.append(number)
    return {
        "topics": np.frombuffer(bytes(topic_lines), np.uint8),
        "topic_ends": np.array(topic_ends, np.int64),
        "topic_rows": np.array(topic_rows, np.int64),
        "passages": np.frombuffer(bytes(passage_lines), np.uint8),
        "passage_ends": np.array(passage_ends, np.int64),
        "ids": np.array(ids, np.uint64),
        "chinese": np.array(chinese, np.bool_),
        "named": np.array(named, np.int32),
    }


def taken_over(runs: Sequence[tuple[Segment, slice, slice]]) -> Parts:
    """Return the parts that hold the topics of `runs`, each some topics of a segment and their rows, as they are."""
    names = "topics", "topic_ends", "topic_rows", "passages", "passage_ends", "ids", "chinese", "named"
    found: dict[str, list[NDArray[Any]]] = {name: [] for name in names}
    ends = {"topics": 0, "passages": 0}
    topic_count = row_count = 0
    for segment, topics, rows in runs:
        parts = segment.parts
        for lines, line_ends, span in (("topics", "topic_ends", topics), ("passages", "passage_ends", rows)):
            begin = int(parts[line_ends][span.start - 1]) if span.start else 0
            own_ends = parts[line_ends][span]
            end = int(own_ends[-1]) if len(own_ends) else begin
            found[lines].append(parts[lines][begin:end])
            found[line_ends].append(own_ends - begin + ends[lines])
            ends[lines] += end - begin
        found["topic_rows"].append(parts["topic_rows"][topics] - rows.start + row_count)
        found["ids"].append(parts["ids"][rows])
        found["chinese"].append(parts["chinese"][rows])
        named = parts["named"]
        own = named[(named >= topics.start) & (named < topics.stop)]
        found["named"].append((own - topics.start + topic_count).astype(np.int32))
        topic_count += topics.stop - topics.start
        row_count += rows.stop - rows.start
    return {name: np.concatenate(arrays) for name, arrays in found.items()}


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


def known_pieces(segments: Iterable[Segment]) -> dict[bytes, int]:
    """Return key -> in how many pieces, for the passages of some segments that were not embedded whole."""
    cut = ((segment, np.flatnonzero(segment.pieces > 1)) for segment in segments if "pieces" in segment.parts)
    return {bytes(segment.keys[row]): int(segment.pieces[row]) for segment, rows in cut for row in rows}


def known_vectors(segments: Sequence[Segment], keys: Keys) -> tuple[NDArray[np.int64], Vectors]:
    """Return which of `keys` (by position) some segment has, and the vector of each, shape (found, dimension)."""
    # Eight bytes of a key are compared first: as numbers, a million take milliseconds.
    short = keys.view(np.uint64).reshape(-1, 2)[:, 0]
    order = np.argsort(short, kind="stable")
    vector_of: dict[bytes, Vectors] = {}
    for segment in segments:
        own = segment.keys.view(np.uint64).reshape(-1, 2)[:, 0]
        at = np.minimum(np.searchsorted(short[order], own), len(short) - 1)
        for row in np.flatnonzero(short[order][at] == own) if len(short) else ():
            vector_of[bytes(segment.keys[row])] = segment.vectors[row]
    found = [n for n, key in enumerate(keys) if bytes(key) in vector_of]
    rows = [np.asarray(vector_of[bytes(keys[n])], np.float32) for n in found]
    return np.array(found, np.int64), np.array(rows, np.float32)
