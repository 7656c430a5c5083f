"""The contracts of search: what an embedder, a vector index and a search result are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from corpus.types import Passage, Topic
from index.slips import Slip

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


@runtime_checkable
class ModelEmbedder(Protocol):
    """An embedder around somebody's model: it has a window, and its cosines lie on a scale of their own.

    What is longer than the window is embedded in pieces; cosines are brought to the scale of the bundled embedder
    (`index.scales`), to which ranking and the coverage gate are fitted.
    """

    @property
    def at_once(self) -> int:
        """How many passages to hand over at a time, so that progress is seen."""
        ...

    def embed_in_pieces(self, texts: Sequence[str]) -> tuple[Vectors, Sequence[int]]:
        """Return what `embed_passages` returns, and in how many pieces each text was embedded."""
        ...


class VectorIndex(Protocol):
    """Nearest rows by inner product. Higher is nearer; equal scores are ordered by row."""

    def search(self, queries: Vectors, k: int) -> tuple[Vectors, Rows]:
        """Return scores and rows, both (n, min(k, size)), best first."""
        ...


@dataclass(frozen=True, slots=True)
class Copy:
    """Where the text of a hit stands too."""

    topic: Topic
    passage: Passage

    def to_dict(self) -> dict[str, Any]:
        """Return the shape of the `search --json` contract."""
        lines = self.passage.location.lines
        return {
            "topic": self.passage.topic,
            "heading_path": list(self.passage.heading_path),
            "path": str(self.passage.path),
            "lines": list(lines) if lines else None,
            "location": self.passage.location.to_dict(),
            "passage_id": self.passage.passage_id,
        }


@dataclass(frozen=True, slots=True)
class Hit:
    """One topic found, shown by its best passage. `rank` starts at 1; `score` is the fused score.

    `also` are the topics whose best passage is the same text.
    """

    rank: int
    score: float
    topic: Topic
    passage: Passage
    also: tuple[Copy, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return the shape of the `search --json` contract, with the copies where there are any."""
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
            **({"also": [copy.to_dict() for copy in self.also]} if self.also else {}),
        }


@dataclass(frozen=True, slots=True)
class SearchResult:
    """Hits, best first, and whether the notes cover the query at all (`confidence` in 0..1).

    `notice` says what is wrong where another embedder than that of the settings searched, or the reranker failed.
    `corrections` are the misspelt names of the query and what they were read as.
    """

    query: str
    covered: bool
    confidence: float
    hits: tuple[Hit, ...]
    notice: str = ""
    corrections: tuple[Slip, ...] = ()

    def also_at(self, path: str, quote: str) -> tuple[Copy, ...]:
        """Return the copies of the topic in the file at `path` in which `quote` stands word for word, by passage."""
        return tuple(
            Copy(copy.topic, passage)
            for hit in self.hits
            if str(hit.passage.path) == path
            for copy in hit.also
            for passage in copy.topic.passages
            if quote in passage.text
        )

    @property
    def corrected(self) -> dict[str, str]:
        """What was written -> what it was read as, each once."""
        return {slip.written: slip.understood for slip in self.corrections}

    def to_dict(self) -> dict[str, Any]:
        """Return the `search --json` contract, with what was corrected and what is wrong where anything is."""
        return {
            "query": self.query,
            "covered": self.covered,
            "confidence": round(self.confidence, 4),
            "hits": [hit.to_dict() for hit in self.hits],
            **({"corrections": [slip.to_dict() for slip in self.corrections]} if self.corrections else {}),
            **({"notice": self.notice} if self.notice else {}),
        }
