"""BM25 over weighted terms, with what depends on one passage kept apart from what depends on them all.

How often a term stands in a passage never changes; how rare it is and how long the average passage is change
with every note added. So the counts are stored, and a score is computed when it is asked for: the rows of a
query's terms are few, and an index to which one note was added need not be computed anew. Terms are kept as
sorted 64-bit hashes: no vocabulary has to be loaded.
"""

from __future__ import annotations

import hashlib
from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from index.terms import weight

# Robertson & Zaragoza 2009, section 3.5, give 1.2..2 and 0.5..0.8 as the usual ranges.
K1 = 1.6
B = 0.6


@dataclass(frozen=True, slots=True)
class Postings:
    """How often each term stands in each passage, in compressed rows: term t holds `starts[t]:starts[t+1]`.

    `hashes` (T,) uint64 sorted; `starts` (T+1,) int64; `rows` (P,) int32, ascending within a term; `counts`
    (P,) float32; `lengths` (passages,) float64, the sum of each passage's counts.
    """

    hashes: NDArray[np.uint64]
    starts: NDArray[np.int64]
    rows: NDArray[np.int32]
    counts: NDArray[np.float32]
    lengths: NDArray[np.float64]


class LexicalIndex:
    """BM25 scores over `postings`. `idf` (T,) float32; `size` is the number of passages."""

    def __init__(self, postings: Postings) -> None:
        self.postings = postings
        self.size = len(postings.lengths)
        frequency = np.diff(postings.starts)
        self._idf = np.log1p((self.size - frequency + 0.5) / (frequency + 0.5))
        self.idf: NDArray[np.float32] = self._idf.astype(np.float32)
        average = postings.lengths.mean() if self.size else 1.0
        self._norms = K1 * (1 - B + B * postings.lengths / max(average, 1e-9))

    @property
    def idf_unseen(self) -> float:
        """The idf of a term that no passage holds: the largest there can be."""
        return _idf(self.size, 0)

    def score(self, query: Mapping[str, float]) -> NDArray[np.float32]:
        """Return the BM25 score of every passage, shape (size,), for query terms and their shares in 0..1."""
        total = np.zeros(self.size, dtype=np.float32)
        for term, share in query.items():
            at = self._find(term)
            if at is not None:
                span = self._span(at)
                rows, counts = self.postings.rows[span], self.postings.counts[span].astype(np.float64)
                scores = self._idf[at] * (counts * (K1 + 1) / (counts + self._norms[rows]))
                total[rows] += np.float32(share * weight(term)) * scores.astype(np.float32)
        return total

    def idf_of(self, term: str) -> float | None:
        """Return the idf of `term`, or None where no passage holds it."""
        at = self._find(term)
        return None if at is None else float(self.idf[at])

    def passages_with(self, term: str) -> NDArray[np.int32]:
        """Return the rows of the passages that hold `term`."""
        at = self._find(term)
        return self.postings.rows[:0] if at is None else self.postings.rows[self._span(at)]

    def _span(self, at: int) -> slice:
        return slice(self.postings.starts[at], self.postings.starts[at + 1])

    def _find(self, term: str) -> int | None:
        hashes, key = self.postings.hashes, _hash(term)
        at = int(np.searchsorted(hashes, key))
        return at if at < len(hashes) and hashes[at] == key else None


def build(documents: Iterable[Mapping[str, float]]) -> LexicalIndex:
    """Index `documents`, each a mapping of term to (possibly fractional) number of occurrences."""
    return LexicalIndex(count(documents))


def count(documents: Iterable[Mapping[str, float]]) -> Postings:
    """Return the postings of `documents`, one row each."""
    numbers: dict[str, int] = {}
    # Arrays, for a thousand notes have millions of counts and a list takes ten times the memory.
    term_of, row_of, count_of, lengths = array("i"), array("i"), array("f"), array("d")
    for row, document in enumerate(documents):
        lengths.append(sum(document.values()))
        term_of.extend([numbers.setdefault(term, len(numbers)) for term in document])
        row_of.extend([row] * len(document))
        count_of.extend(document.values())
    hashes = np.array([_hash(term) for term in numbers], dtype=np.uint64)
    return _postings(
        hashes[np.asarray(term_of, np.int32)] if len(hashes) else hashes,
        np.asarray(row_of, np.int32),
        np.asarray(count_of, np.float32),
        np.asarray(lengths, np.float64),
    )


def merge(parts: Sequence[tuple[Postings, NDArray[np.int64]]], size: int) -> Postings:
    """Return the postings of `size` passages taken from several; `new_rows[r]` is where row r goes, -1: nowhere."""
    hashes, rows, counts = [], [], []
    lengths = np.zeros(size, np.float64)
    for part, new_rows in parts:
        moved = new_rows[part.rows]
        kept = moved >= 0
        hashes.append(np.repeat(part.hashes, np.diff(part.starts))[kept])
        rows.append(moved[kept].astype(np.int32))
        counts.append(part.counts[kept])
        lengths[new_rows[new_rows >= 0]] = part.lengths[new_rows >= 0]
    return _postings(np.concatenate(hashes), np.concatenate(rows), np.concatenate(counts), lengths)


def _postings(
    hashes: NDArray[np.uint64],
    rows: NDArray[np.int32],
    counts: NDArray[np.float32],
    lengths: NDArray[np.float64],
) -> Postings:
    """Sort single postings, given as three arrays of equal length, by term and row."""
    order = np.lexsort((rows, hashes))
    hashes = hashes[order]
    first = np.flatnonzero(np.r_[True, hashes[1:] != hashes[:-1]][: len(hashes)])
    starts = np.append(first, len(hashes)).astype(np.int64)
    return Postings(hashes[first], starts, rows[order], counts[order], lengths)


def _idf(size: int, frequency: int) -> float:
    return float(np.log1p((size - frequency + 0.5) / (frequency + 0.5)))


def _hash(term: str) -> np.uint64:
    return np.uint64(int.from_bytes(hashlib.blake2b(term.encode(), digest_size=8).digest(), "little"))
