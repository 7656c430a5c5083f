"""Nearest rows of a large segment through FAISS (Douze et al. 2024, arXiv:2401.08281), built once and kept.

Product quantization at four bits a group of components (Jégou et al. 2011), scanned in registers (André et al.
2015, "Cache locality is not enough"): a row takes an eighth of a byte a component, so that looking at all rows
takes about as long as finding the right cells of an inverted file would, and misses none. It proposes rows; their
scores come from the rows as stored. A small segment has none, since looking at the rows themselves takes no longer.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.types import Rows, Vectors

#: Up to so many rows a segment is searched row by row.
FLAT_UP_TO = 20_000
#: How many rows must be proposed for each that is wanted, so that hardly one is missed.
PROPOSED = 14
# Components in a group; a whole number of groups and of bytes must come out.
_GROUP = 4
_TRAINED_ON, _ROUNDS, _SEED = 16_384, 10, 20261123
_ADDED_AT_ONCE = 8_192


class Neighbours:
    """A FAISS index of quantized rows. Thread-safe, as searching changes nothing."""

    def __init__(self, index: Any) -> None:
        self._index = index

    @classmethod
    def open(cls, stored: NDArray[np.uint8]) -> Neighbours:
        """Return the index whose bytes are `stored`."""
        import faiss

        return cls(faiss.deserialize_index(np.asarray(stored)))

    def search(self, query: Vectors, k: int) -> Rows:
        """Return the `k` rows that seem nearest to `query`, shape (dimension,)."""
        wide = np.zeros((1, self._index.d), np.float32)
        wide[0, : len(query)] = query
        _, rows = self._index.search(wide, k)
        return np.asarray(rows[0][rows[0] >= 0], np.int64)


def build(vectors: NDArray[Any]) -> NDArray[np.uint8]:
    """Return the bytes of an index of `vectors`, shape (n, dimension); the same for the same rows."""
    import faiss

    size, dimension = vectors.shape
    groups = 2 * -(-dimension // (2 * _GROUP))
    wide = groups * _GROUP

    def widened(rows: NDArray[Any]) -> Vectors:
        rows = np.asarray(rows, np.float32)
        return np.pad(rows, ((0, 0), (0, wide - dimension))) if wide > dimension else rows

    index = faiss.IndexPQFastScan(wide, groups, 4, faiss.METRIC_INNER_PRODUCT)
    training = index.pq.cp
    training.seed, training.niter, training.min_points_per_centroid = _SEED, _ROUNDS, 1
    sample = np.random.default_rng(_SEED).permutation(size)[:_TRAINED_ON]
    index.train(widened(vectors[np.sort(sample)]))
    for start in range(0, size, _ADDED_AT_ONCE):
        index.add(widened(vectors[start : start + _ADDED_AT_ONCE]))
    return np.asarray(faiss.serialize_index(index), np.uint8)
