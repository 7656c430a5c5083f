"""Lexical and dense evidence joined into one score per passage. Pure functions over arrays."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

#: Share of the dense score. Chosen by `python -m benchmarks.tune` on the tuning questions.
DENSE_SHARE = 0.15


def blend(
    lexical: NDArray[np.float32], dense: NDArray[np.float32], dense_share: float = DENSE_SHARE
) -> NDArray[np.float32]:
    """Return a weighted sum of two score arrays of the same shape, both about 0..1.

    A sum of scores rather than of ranks: on a few dozen topics ranks throw away how much better the best is.
    """
    return np.asarray((1.0 - dense_share) * lexical + dense_share * np.maximum(dense, 0.0), dtype=np.float32)


def best_per_group(scores: NDArray[np.float32], groups: NDArray[np.int64], k: int) -> NDArray[np.int64]:
    """Return the row of the best score of each of the k best groups, best first.

    `groups` gives each row's group (its topic); a group counts as its best row. Equal scores go by row.
    """
    wide = 8 * k
    while True:
        # Sorting a few rows is enough where they are of enough groups, as they nearly always are.
        least = np.partition(scores, -wide)[-wide] if wide < len(scores) else -np.inf
        rows = np.flatnonzero(scores >= least)
        order = rows[np.argsort(-scores[rows], kind="stable")]
        _, first = np.unique(groups[order], return_index=True)
        if len(first) >= k or len(rows) == len(scores):
            return np.asarray(order[np.sort(first)[:k]], dtype=np.int64)
        wide *= 8
