"""The contracts of search: what an embedder, a vector index and a search result are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from corpus.types import Passage, Topic

Vectors = NDArray[np.float32]
Rows = NDArray[np.int64]

#: Called with a stage name, the number done and the total, as long work goes on.
Progress = Callable[[str, int, int], None]


class Embedder(Protocol):
    """Text to unit vectors. Queries and passages are separate methods: many models need different prompts."""

    @property
    def name(self) -> str:
        """What the user's setting says: `hashed`, `sentence_transformers:BAAI/bge-m3`."""
        ...

    @property
    def fingerprint(self) -> str:
        """Changes whenever the vectors would; a stored index with another fingerprint is stale."""
        ...

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        ...

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        """Return one unit row per text, shape (n, dimension); a text without content gives a zero row."""
        ...

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """Return one unit row per text, shape (n, dimension); a text without content gives a zero row."""
        ...


class VectorIndex(Protocol):
    """Nearest rows by inner product. Higher is nearer; equal scores are ordered by row."""

    def search(self, queries: Vectors, k: int) -> tuple[Vectors, Rows]:
        """Return scores and rows, both (n, min(k, size)), best first."""
        ...


@dataclass(frozen=True, slots=True)
class Hit:
    """One topic found, shown by its best passage. `rank` starts at 1; `score` is the fused score."""

    rank: int
    score: float
    topic: Topic
    passage: Passage

    def to_dict(self) -> dict[str, Any]:
        """Return the shape of the `search --json` contract."""
        lines = self.passage.location.lines
        return {
            "rank": self.rank,
            "score": round(self.score, 6),
            "topic": self.passage.topic,
            "heading_path": list(self.passage.heading_path),
            "path": str(self.passage.path),
            "lines": list(lines) if lines else None,
            "location": self.passage.location.to_dict(),
            "text": self.passage.text,
            "passage_id": self.passage.passage_id,
        }


@dataclass(frozen=True, slots=True)
class SearchResult:
    """Hits, best first, and whether the notes cover the query at all (`confidence` in 0..1)."""

    query: str
    covered: bool
    confidence: float
    hits: tuple[Hit, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return the `search --json` contract."""
        return {
            "query": self.query,
            "covered": self.covered,
            "confidence": round(self.confidence, 4),
            "hits": [hit.to_dict() for hit in self.hits],
        }
