"""How near the clauses of an answer are to those of the notes by embedding: what the lists of words do not know.

Nearness never decides alone: embeddings put a sentence beside its own denial. It adds to what the words say, only
for clauses that contradict nothing, and only where the answer is nearer than the question was already.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from index.types import Embedder

#: Cosine from which nearness begins to count, cosine from which it counts fully, and the most it is worth.
_FROM, _FULL, _MOST = 0.3, 0.6, 0.5


class Nearness(Protocol):
    """The share in 0..1 of a clause of the notes that the nearest of some clauses of the answer is worth."""

    def __call__(self, point: str, clauses: Sequence[str]) -> float:
        """Return the share for the clause `point`."""
        ...


@dataclass
class EmbeddedNearness:
    """Nearness by `embedder`; texts are embedded once. Implements `Nearness`."""

    embedder: Embedder
    question: str

    def __post_init__(self) -> None:
        self._rows: dict[str, NDArray[np.float32]] = {}
        self._asked = self._row(self.question)

    def __call__(self, point: str, clauses: Sequence[str]) -> float:
        """Return what the nearest of `clauses` is worth, nothing where the question is as near."""
        if not clauses:
            return 0.0
        here = self._row(point)
        nearest = max(float(self._row(clause) @ here) for clause in clauses)
        if nearest <= float(self._asked @ here):
            return 0.0
        return _MOST * min(1.0, max(0.0, (nearest - _FROM) / (_FULL - _FROM)))

    def _row(self, text: str) -> NDArray[np.float32]:
        if text not in self._rows:
            self._rows[text] = self.embedder.embed_passages([text])[0]
        return self._rows[text]


def no_nearness(point: str, clauses: Sequence[str]) -> float:
    """Return nothing: only words count."""
    return 0.0
