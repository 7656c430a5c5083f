"""Any sentence-transformers model, by hub name or local folder: `BAAI/bge-m3`, `sentence_transformers:./model`.

The library takes seconds and hundreds of megabytes to import, so it is imported when the first text is embedded and
never before. Nothing is downloaded unasked: a hub model that is not on this machine is an error until `download`.
Prompts are those of the model's own configuration, else those known for its name (`known_models.toml`).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from functools import cached_property
from math import inf
from pathlib import Path
from typing import Any

import numpy as np

from corpus.glossary import Glossary
from index.embedders import _fitting
from index.embedders._known_models import Manner, manner_of
from index.errors import EmbedderMissing
from index.types import Vectors

#: Names that a model's configuration gives the prompt of a passage; the library's order.
_PASSAGE_PROMPTS = ("document", "passage", "corpus")


class SentenceTransformerEmbedder:
    """A model of the sentence-transformers library. Implements `Embedder`, `ModelEmbedder` and `Downloadable`."""

    at_once = 32

    def __init__(self, model: str) -> None:
        self._model_name = model
        self.name = f"sentence_transformers:{model}"

    @cached_property
    def fingerprint(self) -> str:
        """The model's name, its revision (of a folder: a hash of its files, so that a retrained model is noticed),
        its prompts and how long texts are cut. They decide the dimension too.
        """
        digest = hashlib.blake2b(self.name.encode("utf-8", "surrogatepass"), digest_size=16)
        if Path(self._model_name).expanduser().is_dir():
            for file in sorted(f for f in self._folder.rglob("*") if f.is_file()):
                digest.update(file.relative_to(self._folder).as_posix().encode("utf-8", "surrogatepass"))
                with file.open("rb") as stream:
                    digest.update(hashlib.file_digest(stream, "blake2b").digest())
        else:
            digest.update(self._folder.name.encode())  # the commit of the snapshot
        manner = self._manner
        digest.update(json.dumps([manner.query, manner.passage, manner.window, _fitting.VERSION]).encode())
        return f"{self.name}-{digest.hexdigest()}"

    @cached_property
    def dimension(self) -> int:
        """Length of the model's vectors."""
        return int(self._model.get_embedding_dimension())

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        """Return unit rows, shape (n, dimension), with the model's query prompt."""
        return self._embed(texts, self._manner.query, self._model.encode_query)[0]

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """Return unit rows, shape (n, dimension), with the model's passage prompt."""
        return self.embed_in_pieces(texts)[0]

    def embed_in_pieces(self, texts: Sequence[str]) -> tuple[Vectors, Sequence[int]]:
        """Return the rows of passages, and in how many pieces each was embedded."""
        return self._embed(texts, self._manner.passage, self._model.encode_document)

    def download(self) -> None:
        """Get the newest revision of a hub model, of which what is here is not got again, and load it."""
        folder = Path(self._model_name).expanduser()
        self._model = self._loaded(str(folder) if folder.is_dir() else self._model_name)
        for known in ("_folder", "_manner", "fingerprint"):  # of the revision before
            self.__dict__.pop(known, None)

    def _embed(
        self, texts: Sequence[str], prompt: str, encode: Callable[..., Any]
    ) -> tuple[Vectors, Sequence[int]]:
        if not texts:
            return np.zeros((0, self.dimension), np.float32), []
        cut = [
            _fitting.pieces(_fitting.encodable(text), lambda part: self._fits(prompt + part))
            for text in texts
        ]
        flat = [piece for pieces in cut for piece in pieces]
        try:
            rows = np.asarray(encode(flat, prompt=prompt, show_progress_bar=False), dtype=np.float32)
        except Exception as error:  # torch raises RuntimeError, IndexError, its own out-of-memory errors …
            raise EmbedderMissing(
                f"the embedding model {self._model_name!r} cannot embed: {_first_line(error)}",
                "Choose a smaller one, or the bundled one: assistant setup --embedder bundled",
            ) from error
        if not np.isfinite(rows).all():
            text = flat[int(np.flatnonzero(~np.isfinite(rows).all(axis=1))[0])]
            raise EmbedderMissing(
                f"the embedding model {self._model_name!r} gives no numbers (NaN) for {text[:60]!r}",
                "Choose another one, or the bundled one: assistant setup --embedder bundled",
            )
        counts = [len(pieces) for pieces in cut]
        if len(flat) == len(cut):
            return _fitting.unit(rows), counts
        marks = self._tokens("")
        tokens = [self._tokens(piece) - marks for piece in flat]
        return _fitting.averaged(_fitting.unit(rows), tokens, counts), counts

    def _fits(self, prompted: str) -> bool:
        return self._window == inf or self._tokens(prompted) <= self._window

    def _tokens(self, text: str) -> int:
        """Return the length of `text` in tokens, those that the model puts around it included."""
        tokenizer = self._model.tokenizer
        if hasattr(tokenizer, "encode_batch_fast"):  # of the tokenizers library itself, as static models have
            return len(tokenizer.encode(text).ids)
        return len(tokenizer(text, truncation=False, verbose=False)["input_ids"])

    @cached_property
    def _window(self) -> float:
        """Tokens that the model reads; `inf` where it has no limit, as a static model."""
        told = self._model.max_seq_length
        return float(told or self._manner.window or inf)

    @cached_property
    def _manner(self) -> Manner:
        known = manner_of(self._model_name)
        try:
            written = json.loads((self._folder / "config_sentence_transformers.json").read_text("utf-8"))
            prompts = dict(written.get("prompts") or {})
        except (OSError, ValueError, TypeError, AttributeError):
            return known
        query = prompts.get("query") or ""
        passage = next((prompts[name] for name in _PASSAGE_PROMPTS if prompts.get(name)), "")
        return Manner(query, passage, known.window) if query or passage else known

    @cached_property
    def _folder(self) -> Path:
        """Where the model's files lie."""
        folder = Path(self._model_name).expanduser()
        if folder.is_dir():
            return folder
        if self._model_name.startswith(("/", "\\", ".", "~")) or self._model_name[1:2] == ":":
            raise EmbedderMissing(
                f"there is no folder {self._model_name!r} with an embedding model",
                "Check the path, or go back to the bundled one: assistant setup --embedder bundled",
            )
        if snapshot := self._snapshot():
            return snapshot
        raise EmbedderMissing(
            f"the embedding model {self._model_name!r} is not on this machine",
            f"assistant setup --embedder {self._model_name}",
        )

    def _snapshot(self) -> Path | None:
        """Return the folder of the revision that was downloaded last, None where there is none."""
        try:
            from huggingface_hub import try_to_load_from_cache
            from huggingface_hub.errors import HFValidationError
        except ImportError as error:
            raise self._no_library() from error
        try:
            found = (
                try_to_load_from_cache(self._model_name, file) for file in ("modules.json", "config.json")
            )
            return next((Path(file).parent for file in found if isinstance(file, str)), None)
        except HFValidationError as error:
            raise EmbedderMissing(
                f"{self._model_name!r} is no name of the Hugging Face hub: {_first_line(error)}",
                "A name looks like BAAI/bge-m3; a folder must be there.",
            ) from error

    @cached_property
    def _model(self) -> Any:
        return self._loaded(str(self._folder))

    def _loaded(self, name: str) -> Any:
        try:
            from sentence_transformers import SentenceTransformer
            from transformers.utils import logging
        except ImportError as error:
            raise self._no_library() from error
        if Path(name).is_dir():  # its bars are for downloads; what is here is loaded in seconds
            logging.disable_progress_bar()  # type: ignore[no-untyped-call]
        try:
            return SentenceTransformer(name)
        except Exception as error:  # the library raises OSError, ValueError and hub errors alike
            raise EmbedderMissing(
                f"the embedding model {self._model_name!r} cannot be loaded: {_first_line(error)}",
                "Check the folder or hub name and the network, then: assistant setup --embedder "
                f"{self._model_name}. Without a download: ASSISTANT_EMBEDDER=hashed",
            ) from error

    def _no_library(self) -> EmbedderMissing:
        return EmbedderMissing(
            f"the embedder {self.name!r} needs the sentence-transformers library",
            "pip install 'interview-study-assistant[embedders]'",
        )


def open_embedder(argument: str, glossary: Glossary) -> SentenceTransformerEmbedder:
    """Return an embedder for the model named by `argument`; nothing is loaded yet."""
    if not argument:
        raise EmbedderMissing(
            "the embedder 'sentence_transformers' needs a model",
            "For example: ASSISTANT_EMBEDDER=sentence_transformers:BAAI/bge-m3",
        )
    return SentenceTransformerEmbedder(argument)


def _first_line(error: BaseException) -> str:
    return next(iter(str(error).splitlines()), type(error).__name__)
