"""BM25 over weighted terms, and the best passages without scoring every one.

How often a term stands in a passage is stored (`index.postings`); how rare it is and how long the average
passage is follow from what counts now, so a score is computed when it is asked for and an index to which one
note was added need not be computed anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.arranging import Arrangement
from index.postings import Postings, count
from index.terms import weight
from index.types import Rows

# Robertson & Zaragoza 2009, section 3.5, give 1.2..2 and 0.5..0.8 as the usual ranges. Passages are cut to about one
# length; what a longer one holds more of says less still.
K1 = 1.2
B = 0.9

# Finding one row in a sorted list costs about as much as scoring so many of its rows one after the other.
_LOOK_UP = 8


@dataclass(frozen=True, slots=True)
class _Term:
    """What the index knows of a term: its idf, None where no passage holds it, and its span in every part."""

    idf: float | None
    spans: tuple[slice, ...]


@dataclass(frozen=True, slots=True)
class _Asked:
    """A term of a question that a part holds: its span there, its idf and its weight in the question."""

    span: slice
    idf: float
    weight: np.float32


class LexicalIndex:
    """BM25 scores over the rows that count of `parts`, the postings of one segment each.

    `order` says which row of the whole each row of a part is; `size` is the number of passages.
    """

    def __init__(self, parts: Sequence[Postings], order: Arrangement) -> None:
        self._parts = parts
        self._order = order
        self.size = order.size
        self._find = lru_cache(maxsize=1 << 14)(self._looked_up)

    @property
    def idf_unseen(self) -> float:
        """The idf of a term that no passage holds: the largest there can be."""
        return _idf(self.size, 0)

    def idf_of(self, term: str) -> float | None:
        """Return the idf of `term`, or None where no passage holds it."""
        idf = self._find(term).idf
        return None if idf is None else float(np.float32(idf))

    def holds(self, row: int, term: str) -> bool:
        """Return whether the passage at `row` holds `term`."""
        part, local = self._order.find(row)
        rows = self._parts[part].rows[self._find(term).spans[part]]
        at = int(np.searchsorted(rows, np.int32(local)))
        return at < len(rows) and int(rows[at]) == local

    def count_between(self, first: int, last: int, term: str) -> int:
        """Return how many of the passages `first` up to `last`, all of one topic, hold `term`."""
        part, local = self._order.find(first)
        rows = self._parts[part].rows[self._find(term).spans[part]]
        begin, end = np.searchsorted(rows, np.array([local, local + last - first], np.int32))
        return int(end - begin)

    def passages_with(self, term: str) -> Rows:
        """Return the rows of the passages that hold `term`, ascending."""
        spans = zip(self._parts, self._order.whole, self._find(term).spans, strict=True)
        rows = np.sort(np.concatenate([whole[part.rows[span]] for part, whole, span in spans]))
        return rows[np.searchsorted(rows, 0) :].astype(np.int64)

    def score(self, query: Mapping[str, float], rows: Rows | None = None) -> NDArray[np.float32]:
        """Return the BM25 score of the passages at `rows`, or of all, for query terms and their shares in 0..1."""
        if rows is not None:
            total = np.zeros(len(rows), np.float32)
            for part, at, local in self._order.split(rows):
                order = np.argsort(local)
                total[at[order]] = self._score_of(part, query, local[order])
            return total
        total = np.zeros(self.size, np.float32)
        for part, whole in enumerate(self._order.whole):
            scores = self._score_all(part, self._asked(part, query).values())
            if self._order.is_plain:
                return scores
            total[whole[whole >= 0]] = scores[whole >= 0]
        return total

    def best(self, query: Mapping[str, float], k: int) -> Rows:
        """Return the rows of the `k` best passages, and maybe more, in no order."""
        found = [np.empty(0, np.int64)]
        for part, whole in enumerate(self._order.whole):
            rows = whole[self._best(part, list(self._asked(part, query).values()), k)]
            found.append(rows[rows >= 0].astype(np.int64))
        return np.concatenate(found)

    def _best(self, part: int, terms: list[_Asked], k: int) -> NDArray[Any]:
        """Return rows of a part among which are its `k` best that count: MaxScore (Turtle & Flood 1995).

        Terms are taken by what they can add at most. Once those left cannot lift a new passage among the best,
        they are looked up for the passages that still can be, and those grow fewer with every term.
        """
        size = len(self._parts[part].lengths)
        if size <= k or not terms:
            return np.arange(size if terms else 0)
        most = np.array([self._most(part, term) for term in terms])
        by_most = np.argsort(-most, kind="stable")
        left = np.append(np.cumsum(most[by_most][::-1])[::-1], 0.0) * 1.0001  # room for rounding
        total = np.zeros(size, np.float32)
        threshold, taken = 0.0, 0
        while taken < len(terms) and left[taken] >= threshold:
            touched = self._add(part, terms[by_most[taken]], total)
            threshold = max(threshold, self._kth(part, total, touched, k))
            taken += 1
        rows = np.flatnonzero(total >= max(threshold - left[taken], np.finfo(np.float32).tiny))
        for number in range(taken, len(terms)):
            term = terms[by_most[number]]
            if term.span.stop - term.span.start < _LOOK_UP * len(rows):
                self._add(part, term, total)
            else:
                self._add_to(part, term, rows.astype(np.int32), total)
            threshold = max(threshold, self._kth(part, total, rows, k))
            rows = rows[total[rows] >= threshold - left[number + 1]]
        return rows

    def _kth(self, part: int, total: NDArray[np.float32], rows: NDArray[Any], k: int) -> float:
        """Return what the `k` best of `rows` that count have at least."""
        if self._order.dead[part]:
            rows = rows[self._order.whole[part][rows] >= 0]
        return float(np.partition(total[rows], -k)[-k]) if len(rows) >= k else 0.0

    def _most(self, part: int, term: _Asked) -> float:
        """Return the most that `term` can add to a passage."""
        count = float(self._parts[part].counts[term.span].max())
        return float(term.weight) * term.idf * count * (K1 + 1) / (count + self._least_norm[part])

    def _asked(self, part: int, query: Mapping[str, float]) -> dict[str, _Asked]:
        """Return the terms of `query` that the part holds."""
        found = {}
        for term, share in query.items():
            known = self._find(term)
            if known.idf is not None and known.spans[part].stop:
                found[term] = _Asked(known.spans[part], known.idf, np.float32(share * weight(term)))
        return found

    def _score_all(self, part: int, terms: Iterable[_Asked]) -> NDArray[np.float32]:
        total = np.zeros(len(self._parts[part].lengths), np.float32)
        for term in terms:
            self._add(part, term, total)
        return total

    def _score_of(
        self, part: int, query: Mapping[str, float], rows: NDArray[np.int32]
    ) -> NDArray[np.float32]:
        total = np.zeros(len(rows), np.float32)
        norms = self._norms[part][rows]
        for term in self._asked(part, query).values():
            held, counts = self._counts_of(part, term, rows)
            total[held] += _gain(term, counts, norms[held])
        return total

    def _add(self, part: int, term: _Asked, total: NDArray[np.float32]) -> NDArray[np.int32]:
        """Add what `term` gives every passage of a part to `total`; return the rows of those passages."""
        postings = self._parts[part]
        rows = postings.rows[term.span]
        total[rows] += _gain(term, postings.counts[term.span], self._norms[part][rows])
        return rows

    def _add_to(self, part: int, term: _Asked, rows: NDArray[np.int32], total: NDArray[np.float32]) -> None:
        """Add what `term` gives the passages at `rows` to `total`."""
        held, counts = self._counts_of(part, term, rows)
        rows = rows[held]
        total[rows] += _gain(term, counts, self._norms[part][rows])

    def _counts_of(
        self, part: int, term: _Asked, rows: NDArray[np.int32]
    ) -> tuple[NDArray[np.bool_], NDArray[Any]]:
        """Return which of `rows`, ascending, hold `term`, and how often those do."""
        postings = self._parts[part]
        own = postings.rows[term.span]
        at = np.minimum(np.searchsorted(own, rows), len(own) - 1)
        held = own[at] == rows
        return held, postings.counts[term.span][at[held]]

    @cached_property
    def _average(self) -> float:
        lengths = zip(self._parts, self._order.whole, strict=True)
        total = sum(float(part.lengths[whole >= 0].sum()) for part, whole in lengths)
        return max(total / self.size, 1e-9) if self.size else 1.0

    @cached_property
    def _norms(self) -> list[NDArray[np.float64]]:
        """For each part, what the length of a passage adds below the fraction of BM25, shape (its size,)."""
        return [K1 * (1 - B + B * part.lengths / self._average) for part in self._parts]

    @cached_property
    def _least_norm(self) -> list[float]:
        return [float(norms.min()) for norms in self._norms]

    def _looked_up(self, term: str) -> _Term:
        spans = tuple(part.span(term) for part in self._parts)
        held = zip(self._parts, self._order.whole, self._order.dead, spans, strict=True)
        frequency = sum(
            int(np.count_nonzero(whole[part.rows[span]] >= 0)) if dead else span.stop - span.start
            for part, whole, dead, span in held
        )
        return _Term(_idf(self.size, frequency) if frequency else None, spans)


def build(documents: Iterable[Mapping[str, float]]) -> LexicalIndex:
    """Index `documents`, each a mapping of term to (possibly fractional) number of occurrences."""
    postings = count(documents)
    return LexicalIndex([postings], Arrangement.plain(len(postings.lengths)))


def _gain(term: _Asked, counts: NDArray[Any], norms: NDArray[np.float64]) -> NDArray[np.float32]:
    """Return what `term` adds to passages that hold it `counts` times."""
    counts = counts.astype(np.float64)
    scores = term.idf * (counts * (K1 + 1) / (counts + norms))
    return np.asarray(term.weight * scores.astype(np.float32), np.float32)


def _idf(size: int, frequency: int) -> float:
    return float(np.log1p((size - frequency + 0.5) / (frequency + 0.5)))
