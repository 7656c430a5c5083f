"""Cosines of a question with passages, exactly, and which passages are nearest without looking at every one.

What is stored decides: a segment without neighbours (`index.neighbours`) is searched row by row, on the stored
rows themselves, so that there is no second copy of them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.arranging import Arrangement
from index.neighbours import PROPOSED, Neighbours
from index.types import Rows, Vectors

# Rows at half precision are widened so many at a time.
_AT_ONCE = 16_384


class DenseIndex:
    """Inner products with the rows that count of `parts`, the vectors of one segment each.

    `order` says which row of the whole each row of a part is; `neighbours` has None for a part without; `read`
    gives a few rows of a part where there is a better way than to index it.
    """

    def __init__(
        self,
        parts: Sequence[NDArray[Any]],
        neighbours: Sequence[Neighbours | None],
        order: Arrangement,
        read: Sequence[Callable[[NDArray[Any]], NDArray[Any]]] = (),
    ) -> None:
        self._parts = parts
        self._neighbours = neighbours
        self._order = order
        self._read = read or [part.__getitem__ for part in parts]

    def scores(self, query: Vectors, rows: Rows | None = None) -> Vectors:
        """Return the inner products of `query`, shape (dimension,), with the passages at `rows`, or with all."""
        if rows is None:
            found = np.zeros(self._order.size, np.float32)
            for part, whole in zip(self._parts, self._order.whole, strict=True):
                scores = _products(part, query)
                if self._order.is_plain:
                    return scores
                found[whole[whole >= 0]] = scores[whole >= 0]
            return found
        found = np.zeros(len(rows), np.float32)
        for number, at, local in self._order.split(rows):
            found[at] = _products(self._read[number](local), query)
        return found

    def best(self, query: Vectors, k: int) -> Rows:
        """Return rows that are among the `k` nearest of each part, nearly all of them, in no order."""
        found = [np.empty(0, np.int64)]
        for number, vectors in enumerate(self._parts):
            rows, neighbours = self._order.whole[number], self._neighbours[number]
            wanted = min(2 * k if self._order.dead[number] else k, len(vectors))
            if neighbours is None:
                products = _products(vectors, query)
            else:
                near = np.sort(neighbours.search(query, min(PROPOSED * wanted, len(vectors))))
                rows, products = rows[near], _products(self._read[number](near), query)
            if wanted < len(products):
                rows = rows[np.argpartition(-products, wanted)[:wanted]]
            found.append(rows[rows >= 0].astype(np.int64))
        return np.concatenate(found)


def _products(vectors: NDArray[Any], query: Vectors) -> Vectors:
    """Return the inner product of `query` and each row at single precision.

    A row's product is the same to the last bit whatever rows stand beside it, which `@` does not promise: equal
    passages of different segments must score the same.
    """
    if vectors.dtype == np.float32:
        return np.asarray(np.vecdot(vectors, query), np.float32)
    products = np.empty(len(vectors), np.float32)
    for start in range(0, len(vectors), _AT_ONCE):
        span = slice(start, start + _AT_ONCE)
        products[span] = np.vecdot(vectors[span].astype(np.float32), query)
    return products
