"""How often each term stands in each passage: counted from documents, merged from several, never scored here.

Terms are kept as sorted 64-bit hashes, so that no vocabulary has to be loaded. How rare a term is and how long
the average passage is are left to `index.lexical`: they change with every note added, the counts never do.
"""

from __future__ import annotations

import hashlib
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

# So many postings are sorted at a time when postings are merged: about 50 MB.
_SORTED_AT_ONCE = 1_000_000


@dataclass(frozen=True, slots=True)
class Postings:
    """The counts in compressed rows: term t holds `starts[t]:starts[t+1]` of `rows` and `counts`.

    `hashes` (T,) uint64 sorted; `starts` (T+1,) int64; `rows` (P,) int32, ascending within a term; `counts`
    (P,) uint8, or float32 where a count needs it; `lengths` (passages,) float64, the sum of each one's counts.
    """

    hashes: NDArray[np.uint64]
    starts: NDArray[np.int64]
    rows: NDArray[np.int32]
    counts: NDArray[Any]
    lengths: NDArray[np.float64]

    def span(self, term: str) -> slice:
        """Return where the postings of `term` stand; an empty slice where no passage holds it."""
        key = hash_of(term)
        at = int(np.searchsorted(self.hashes, key))
        if at == len(self.hashes) or self.hashes[at] != key:
            return slice(0, 0)
        return slice(int(self.starts[at]), int(self.starts[at + 1]))


@lru_cache(maxsize=1 << 14)
def hash_of(term: str) -> np.uint64:
    """Return the 64-bit hash by which `term` is kept."""
    digest = hashlib.blake2b(term.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return np.uint64(int.from_bytes(digest, "little"))


def count(documents: Iterable[Mapping[str, float]]) -> Postings:
    """Return the postings of `documents`, each a mapping of term to (possibly fractional) occurrences."""
    numbers: dict[str, int] = {}
    # Arrays, for a thousand notes have millions of counts and a list takes ten times the memory.
    term_of, row_of, count_of, lengths = array("i"), array("i"), array("f"), array("d")
    for row, document in enumerate(documents):
        lengths.append(sum(document.values()))
        term_of.extend([numbers.setdefault(term, len(numbers)) for term in document])
        row_of.extend([row] * len(document))
        count_of.extend(document.values())
    hashes = np.array([hash_of(term) for term in numbers], dtype=np.uint64)
    hashes, starts, rows, counts = _sorted(
        hashes[np.asarray(term_of, np.int32)] if len(hashes) else hashes,
        np.asarray(row_of, np.int32),
        np.asarray(count_of, np.float32),
    )
    return Postings(hashes, starts, rows, _narrow(counts), np.asarray(lengths, np.float64))


def merge(parts: Sequence[tuple[Postings, NDArray[np.int32]]], size: int) -> Postings:
    """Return the postings of `size` passages taken from several; `new_rows[r]` is where row r goes, -1: nowhere.

    Terms are taken a range of hashes at a time, so that little more is held than what is returned.
    """
    lengths = np.zeros(size, np.float64)
    for part, new_rows in parts:
        lengths[new_rows[new_rows >= 0]] = part.lengths[new_rows >= 0]
    total = sum(int(np.count_nonzero(new_rows[part.rows] >= 0)) for part, new_rows in parts)
    rows = np.empty(total, np.int32)
    counts = np.empty(total, np.result_type(*(part.counts for part, _ in parts)))
    hashes: list[NDArray[np.uint64]] = []
    starts: list[NDArray[np.int64]] = []
    done = 0
    for piece in _ranges(parts):
        own_hashes, own_starts, own_rows, own_counts = _sorted(*piece)
        end = done + len(own_rows)
        rows[done:end], counts[done:end] = own_rows, own_counts
        hashes.append(own_hashes)
        starts.append(own_starts[:-1] + done)
        done = end
    return Postings(
        np.concatenate(hashes), np.append(np.concatenate(starts), done), rows, _narrow(counts), lengths
    )


def _ranges(
    parts: Sequence[tuple[Postings, NDArray[np.int32]]],
) -> Iterator[tuple[NDArray[np.uint64], NDArray[np.int32], NDArray[Any]]]:
    """Yield the postings that count as three arrays, a range of hashes after the other."""
    step = max(_SORTED_AT_ONCE // len(parts), 1)
    borders = [p.hashes[np.searchsorted(p.starts, np.arange(step, len(p.rows), step)) - 1] for p, _ in parts]
    edges = np.unique(np.concatenate(borders))
    cuts = [np.r_[0, np.searchsorted(part.hashes, edges), len(part.hashes)] for part, _ in parts]
    for number in range(len(edges) + 1):
        hashes, rows, counts = [], [], []
        for (part, new_rows), cut in zip(parts, cuts, strict=True):
            first, last = cut[number], cut[number + 1]
            span = slice(part.starts[first], part.starts[last])
            moved = new_rows[part.rows[span]]
            kept = moved >= 0
            hashes.append(np.repeat(part.hashes[first:last], np.diff(part.starts[first : last + 1]))[kept])
            rows.append(moved[kept])
            counts.append(part.counts[span][kept])
        yield np.concatenate(hashes), np.concatenate(rows), np.concatenate(counts)


def _sorted(
    hashes: NDArray[np.uint64], rows: NDArray[np.int32], counts: NDArray[Any]
) -> tuple[NDArray[np.uint64], NDArray[np.int64], NDArray[np.int32], NDArray[Any]]:
    """Sort single postings, three arrays of equal length, by term and row; return hashes, starts, rows, counts."""
    order = np.lexsort((rows, hashes))
    hashes = hashes[order]
    first = np.flatnonzero(np.r_[True, hashes[1:] != hashes[:-1]][: len(hashes)])
    return hashes[first], np.append(first, len(hashes)).astype(np.int64), rows[order], counts[order]


def _narrow(counts: NDArray[Any]) -> NDArray[Any]:
    """Return `counts` as bytes where that keeps every one, as it does unless a passage repeats itself."""
    if counts.dtype == np.uint8:
        return counts
    small = np.clip(counts, 0, 255).astype(np.uint8)
    return small if np.array_equal(small, counts) else counts.astype(np.float32, copy=False)
