"""Lexical and dense evidence joined into one score per passage. Pure functions over arrays.

Words are compared within a language; an English question's are translated, too, which is less sure. A passage in
another language than the question finds its place by these and by the cosine, which compares across languages, beside
the passages that the words have ranked.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

#: Share of the dense score. Chosen with the weights of `index.terms` and `index.lexical` on the tuning questions and on
#: headings of training text that the model had been kept from (`LOG.md`).
DENSE_SHARE = 0.25

#: A passage in the other language is placed where its cosine is at least this share of the best of the question's
#: language, and first where it is clearly above. `python -m benchmarks.tune` measures both.
CLOSE, CLEARLY_NEARER = 0.9, 1.2
#: So many passages of the question's language stay before the first of the other.
STAY_BEFORE = 3
#: What the words of a translated question add to a passage in the other language: to its score, as a share of the
#: question's own words, and to its cosine when its place is looked for.
TRANSLATED, TRANSLATED_NEARNESS = 0.5, 0.6
# So many topics of the other language are placed at most.
_PLACED = 8


def blend(
    lexical: NDArray[np.float32], dense: NDArray[np.float32], dense_share: float = DENSE_SHARE
) -> NDArray[np.float32]:
    """Return a weighted sum of two score arrays of the same shape, both about 0..1.

    A sum of scores rather than of ranks: on a few dozen topics ranks throw away how much better the best is.
    """
    return np.asarray((1.0 - dense_share) * lexical + dense_share * np.maximum(dense, 0.0), dtype=np.float32)


def across_languages(
    fused: NDArray[np.float32],
    lexical: NDArray[np.float32],
    dense: NDArray[np.float32],
    groups: NDArray[np.int64],
    other: NDArray[np.bool_],
) -> NDArray[np.float32]:
    """Return `fused` with the passages in the `other` language than the question at the place they deserve.

    All arrays have one shape; `lexical` and `dense` are what `fused` was blended from. The best topics of the other
    language are put among those of the question's, in turn: behind the first `STAY_BEFORE`, or before the first
    where they are clearly nearer, by the score of their neighbour. No score gets smaller. Raising the weight of
    their cosine instead costs the question's language far more, since its words hold it apart (`LOG.md`).
    """
    own = np.flatnonzero(~other)
    nearest = float(dense[own].max()) if len(own) else 0.0
    near = np.flatnonzero(other & (dense >= CLOSE * nearest))
    if nearest <= 0.0 or not len(near):
        return fused
    ranked = own[best_per_group(fused[own], groups[own], STAY_BEFORE + _PLACED)]
    found = near[best_per_group(lexical[near] + dense[near], groups[near], _PLACED)]
    placed = fused.copy()
    for rank, row in enumerate(found):
        before = dense[row] >= CLEARLY_NEARER * nearest
        beside = rank if before else rank + STAY_BEFORE - 1
        if beside < len(ranked):
            score = np.nextafter(fused[ranked[beside]], np.float32(np.inf if before else -np.inf))
            placed[row] = max(fused[row], score)
    return placed


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
