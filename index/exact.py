"""Exact nearest rows in numpy: the reference every faster index is tested against, scores included."""

from __future__ import annotations

import numpy as np

from index.types import Rows, Vectors


class ExactIndex:
    """Inner products with every row. Implements `VectorIndex`."""

    def __init__(self, vectors: Vectors) -> None:
        self._vectors = np.ascontiguousarray(vectors, dtype=np.float32)

    def search(self, queries: Vectors, k: int) -> tuple[Vectors, Rows]:
        """Return scores and rows, both (n, min(k, size)), best first, ties by row."""
        scores = np.asarray(queries, dtype=np.float32) @ self._vectors.T
        rows = np.argsort(-scores, axis=1, kind="stable")[:, :k]
        return np.take_along_axis(scores, rows, axis=1), rows.astype(np.int64)
