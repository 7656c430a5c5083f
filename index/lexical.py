"""BM25 over weighted terms, with every score computed when the index is built.

A term's row of scores is stored once, so a query only adds rows (the idea of BM25S, Lu 2024,
arXiv:2407.03618). Terms are kept as sorted 64-bit hashes: no vocabulary has to be loaded, and all arrays can
be memory-mapped.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from index.terms import weight

# Robertson & Zaragoza 2009, section 3.5, give 1.2..2 and 0.5..0.8 as the usual ranges.
K1 = 1.6
B = 0.6


@dataclass(frozen=True, slots=True)
class LexicalIndex:
    """Posting lists in compressed rows: row t holds `rows[starts[t]:starts[t+1]]` and their scores.

    `hashes` (T,) uint64 sorted; `starts` (T+1,) int64; `rows` (P,) int32; `scores` (P,) float32;
    `idf` (T,) float32; `size` is the number of passages.
    """

    hashes: NDArray[np.uint64]
    starts: NDArray[np.int64]
    rows: NDArray[np.int32]
    scores: NDArray[np.float32]
    idf: NDArray[np.float32]
    size: int

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
                span = slice(self.starts[at], self.starts[at + 1])
                total[self.rows[span]] += np.float32(share * weight(term)) * self.scores[span]
        return total

    def idf_of(self, term: str) -> float | None:
        """Return the idf of `term`, or None where no passage holds it."""
        at = self._find(term)
        return None if at is None else float(self.idf[at])

    def passages_with(self, term: str) -> NDArray[np.int32]:
        """Return the rows of the passages that hold `term`."""
        at = self._find(term)
        return self.rows[:0] if at is None else self.rows[self.starts[at] : self.starts[at + 1]]

    def _find(self, term: str) -> int | None:
        key = _hash(term)
        at = int(np.searchsorted(self.hashes, key))
        return at if at < len(self.hashes) and self.hashes[at] == key else None


def build(documents: Iterable[Mapping[str, float]]) -> LexicalIndex:
    """Index `documents`, each a mapping of term to (possibly fractional) number of occurrences."""
    numbers: dict[str, int] = {}
    term_of: list[int] = []
    row_of: list[int] = []
    count_of: list[float] = []
    lengths: list[float] = []
    for row, document in enumerate(documents):
        lengths.append(sum(document.values()))
        for term, count in document.items():
            term_of.append(numbers.setdefault(term, len(numbers)))
            row_of.append(row)
            count_of.append(count)
    size = len(lengths)
    terms_, rows, tf = np.array(term_of, np.int64), np.array(row_of, np.int32), np.array(count_of, np.float64)

    hashes = np.array([_hash(term) for term in numbers], dtype=np.uint64)
    by_hash = np.argsort(hashes, kind="stable")
    place = np.empty(len(numbers), np.int64)
    place[by_hash] = np.arange(len(numbers))
    order = np.lexsort((rows, place[terms_]))
    rows, tf, placed = rows[order], tf[order], place[terms_][order]

    frequency = np.bincount(placed, minlength=len(numbers))
    idf = np.log1p((size - frequency + 0.5) / (frequency + 0.5))
    length = np.array(lengths)
    average = length.mean() if size else 1.0
    saturation = tf * (K1 + 1) / (tf + K1 * (1 - B + B * length[rows] / max(average, 1e-9)))
    return LexicalIndex(
        hashes=hashes[by_hash],
        starts=np.concatenate([[0], np.cumsum(frequency)]).astype(np.int64),
        rows=rows,
        scores=(idf[placed] * saturation).astype(np.float32),
        idf=idf.astype(np.float32),
        size=size,
    )


def _idf(size: int, frequency: int) -> float:
    return float(np.log1p((size - frequency + 0.5) / (frequency + 0.5)))


def _hash(term: str) -> np.uint64:
    return np.uint64(int.from_bytes(hashlib.blake2b(term.encode(), digest_size=8).digest(), "little"))
