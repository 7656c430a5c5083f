"""Nearest rows through FAISS (Douze et al. 2024, arXiv:2401.08281), a flat inner-product index.

Flat search is exact, so it must agree with `index.exact` to float precision. FAISS leaves the order of equal
scores open; they are put in row order here so that results never depend on the build.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from index.types import Rows, Vectors


class FaissIndex:
    """A FAISS index of unit vectors. Implements `VectorIndex`."""

    def __init__(self, index: Any) -> None:
        self._index = index

    @classmethod
    def from_vectors(cls, vectors: Vectors) -> FaissIndex:
        """Build a flat index of `vectors`, shape (n, dimension)."""
        import faiss

        index = faiss.IndexFlatIP(vectors.shape[1])
        index.add(np.ascontiguousarray(vectors, dtype=np.float32))
        return cls(index)

    @property
    def size(self) -> int:
        """Number of rows."""
        return int(self._index.ntotal)

    @property
    def vectors(self) -> Vectors:
        """The stored rows, shape (size, dimension)."""
        return np.asarray(self._index.reconstruct_n(0, self.size), dtype=np.float32)

    def search(self, queries: Vectors, k: int) -> tuple[Vectors, Rows]:
        """Return scores and rows, both (n, min(k, size)), best first, ties by row."""
        scores, rows = self._index.search(np.ascontiguousarray(queries, np.float32), min(k, self.size))
        order = np.lexsort((rows, -scores), axis=1)
        return np.take_along_axis(scores, order, axis=1), np.take_along_axis(rows, order, axis=1)
