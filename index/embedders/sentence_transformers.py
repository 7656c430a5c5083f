"""Any sentence-transformers model, by hub name or local folder: `sentence_transformers:BAAI/bge-m3`.

The library takes seconds and hundreds of megabytes to import, so it is imported when the first text is
embedded and never before. Prompts named `query` and `document` (or `passage`) in the model's own
configuration are used; a model without them gets plain text.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from corpus.glossary import Glossary
from index.errors import EmbedderMissing
from index.types import Vectors


class SentenceTransformerEmbedder:
    """A model of the sentence-transformers library. Implements `Embedder`."""

    def __init__(self, model: str) -> None:
        self._model_name = model
        self.name = f"sentence_transformers:{model}"

    @cached_property
    def fingerprint(self) -> str:
        """The model's name and, for a local folder, a hash of its files, so that a retrained model is noticed."""
        folder = Path(self._model_name)
        digest = hashlib.blake2b(self.name.encode(), digest_size=16)
        if folder.is_dir():
            for file in sorted(f for f in folder.rglob("*") if f.is_file()):
                digest.update(file.relative_to(folder).as_posix().encode())
                with file.open("rb") as stream:
                    digest.update(hashlib.file_digest(stream, "blake2b").digest())
        return f"{self.name}-{digest.hexdigest()}"

    @cached_property
    def dimension(self) -> int:
        """Length of the model's vectors."""
        return int(self._model.get_embedding_dimension())

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        """Return unit rows, shape (n, dimension), with the model's query prompt."""
        return self._unit(self._model.encode_query(list(texts), show_progress_bar=False))

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """Return unit rows, shape (n, dimension), with the model's document prompt."""
        return self._unit(self._model.encode_document(list(texts), show_progress_bar=False))

    @cached_property
    def _model(self) -> Any:
        try:
            from sentence_transformers import SentenceTransformer
        except ImportError as error:
            raise EmbedderMissing(
                f"the embedder {self.name!r} needs the sentence-transformers library",
                "pip install 'interview-study-assistant[embedders]'",
            ) from error
        try:
            return SentenceTransformer(self._model_name)
        except Exception as error:  # the library raises OSError, ValueError and hub errors alike
            raise EmbedderMissing(
                f"the embedding model {self._model_name!r} cannot be loaded: {str(error).splitlines()[0]}",
                "Check the folder or hub name, or set ASSISTANT_EMBEDDER=hashed, which needs no download.",
            ) from error

    @staticmethod
    def _unit(vectors: Any) -> Vectors:
        rows = np.asarray(vectors, dtype=np.float32)
        norms = np.linalg.norm(rows, axis=1, keepdims=True)
        return np.asarray(rows / np.where(norms > 0, norms, 1.0), dtype=np.float32)


def open_embedder(argument: str, glossary: Glossary) -> SentenceTransformerEmbedder:
    """Return an embedder for the model named by `argument`; nothing is loaded yet."""
    if not argument:
        raise EmbedderMissing(
            "the embedder 'sentence_transformers' needs a model",
            "For example: ASSISTANT_EMBEDDER=sentence_transformers:BAAI/bge-m3",
        )
    return SentenceTransformerEmbedder(argument)
