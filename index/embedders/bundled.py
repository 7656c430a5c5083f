"""The model that comes with the program: static Chinese and English vectors, read with numpy and nothing heavy.

The folder `bilingual_model` is a sentence-transformers model; `SentenceTransformer(folder)` gives the same rows. A
text is the mean of its pieces' vectors at length one, so word order is lost. How it was trained, and what it cannot
do, is in the folder's README.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from corpus.glossary import Glossary
from index.errors import EmbedderMissing
from index.types import Vectors

if TYPE_CHECKING:
    from tokenizers import Tokenizer

MODEL = Path(__file__).parent / "bilingual_model"
_WEIGHTS, _TOKENIZER = "model.safetensors", "tokenizer.json"
_TENSOR = "embedding.weight"
_DTYPES = {"F32": np.float32, "F16": np.float16}


class BundledEmbedder:
    """Means of static vectors. Implements `Embedder`; `folder` is another model of the same form."""

    name = "bundled"

    def __init__(self, folder: Path = MODEL) -> None:
        self._folder = folder

    @cached_property
    def fingerprint(self) -> str:
        """A hash of the vocabulary and the vectors, so that a retrained model is noticed."""
        digest = hashlib.blake2b(digest_size=16)
        for name in (_TOKENIZER, _WEIGHTS):
            with self._file(name).open("rb") as stream:
                digest.update(hashlib.file_digest(stream, "blake2b").digest())
        return f"{self.name}-{digest.hexdigest()}"

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        return int(self._vectors.shape[1])

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        """Return unit rows, shape (n, dimension); zero where no piece of the text is known."""
        return self._embed(texts)

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """Return unit rows, shape (n, dimension); zero where no piece of the text is known."""
        return self._embed(texts)

    def _embed(self, texts: Sequence[str]) -> Vectors:
        rows = self.sums(texts)
        norms = np.linalg.norm(rows, axis=1, keepdims=True)
        return np.asarray(rows / np.where(norms > 0, norms, 1.0), dtype=np.float32)

    def sums(self, texts: Sequence[str]) -> Vectors:
        """Return the sums of the pieces' vectors, shape (n, dimension), not yet scaled to length one."""
        # A lone surrogate, which a file name or JSON may bring, cannot be passed to the tokenizer.
        valid = [text.encode("utf-8", "replace").decode() for text in texts]
        pieces = [found.ids for found in self._tokenizer.encode_batch_fast(valid, add_special_tokens=False)]
        rows = np.zeros((len(texts), self.dimension), dtype=np.float32)
        for row, ids in zip(rows, pieces, strict=True):
            # Text by text: one gather of a whole batch is no faster, and holds all its vectors at once.
            if ids:
                np.add.reduce(self._vectors[ids], axis=0, dtype=np.float32, out=row)
        return rows

    @cached_property
    def _tokenizer(self) -> Tokenizer:
        from tokenizers import Tokenizer

        return Tokenizer.from_file(str(self._file(_TOKENIZER)))

    @cached_property
    def _vectors(self) -> np.ndarray:
        """The vectors as they lie in the file, mapped and not read: a question touches a few dozen of them."""
        file = self._file(_WEIGHTS)
        with file.open("rb") as stream:
            length = int.from_bytes(stream.read(8), "little")
            about = json.loads(stream.read(length))[_TENSOR]
        return np.memmap(
            file, _DTYPES[about["dtype"]], "r", 8 + length + about["data_offsets"][0], tuple(about["shape"])
        )

    def _file(self, name: str) -> Path:
        file = self._folder / name
        if not file.is_file():
            raise EmbedderMissing(
                f"the bundled embedding model is incomplete: {str(file)!r} does not exist",
                "Install the package again, or set ASSISTANT_EMBEDDER=hashed.",
            )
        return file


def open_embedder(argument: str, glossary: Glossary) -> BundledEmbedder:
    """Return the bundled embedder; it takes no argument."""
    if argument:
        raise EmbedderMissing(
            f"the embedder 'bundled' takes no argument, got {argument!r}", "Set ASSISTANT_EMBEDDER=bundled."
        )
    return BundledEmbedder()
