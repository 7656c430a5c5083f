"""A second look at the best hits: a cross-encoder reads question and passage together and orders them anew.

Optional and off by default: such a model reads twenty passages for every question, which takes seconds on a CPU. A
reranker that fails costs its order only; the hits are then returned as they were found, with a notice.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from index.errors import RerankerFailed
from index.segments import embedded_text
from index.types import Hit, Vectors

#: How many topics are read again, each by its best passage; more where more are wanted.
TOPICS = 20


class Reranker(Protocol):
    """Judges how well passages answer a question."""

    def scores(self, query: str, texts: Sequence[str]) -> Vectors:
        """Return one score in 0..1 per text, shape (n,). Raises `RerankerFailed`."""
        ...


def rerank(reranker: Reranker, query: str, hits: Sequence[Hit]) -> list[Hit]:
    """Return `hits` by the scores of `reranker`, best first, ranked anew; equal ones keep their order.

    Raises `RerankerFailed`.
    """
    if not hits:
        return []
    scores = reranker.scores(query, [embedded_text(hit.passage) for hit in hits])
    order = np.argsort(-scores, kind="stable")
    return [replace(hits[at], rank=rank, score=float(scores[at])) for rank, at in enumerate(order, start=1)]


class CrossEncoderReranker:
    """A cross-encoder of the sentence-transformers library, by hub name or folder. Implements `Reranker`.

    Imported and loaded with the first question, and never downloaded unasked. What is longer than the model's window is
    cut at its end.
    """

    def __init__(self, model: str) -> None:
        self._name = model

    def scores(self, query: str, texts: Sequence[str]) -> Vectors:
        """Return the sigmoid of the model's logit for each text, shape (n,)."""
        loaded = self._loaded
        if isinstance(loaded, RerankerFailed):
            raise loaded
        from torch.nn import Sigmoid

        try:
            pairs = [(query, text) for text in texts]
            found = loaded.predict(pairs, activation_fn=Sigmoid(), show_progress_bar=False)
        except Exception as error:  # torch raises RuntimeError, IndexError, its own out-of-memory errors …
            raise self._failed("cannot judge", error) from error
        scores = np.asarray(found, np.float32)
        if scores.shape != (len(texts),) or not np.isfinite(scores).all():
            raise self._failed("is no reranker", ValueError(f"it gives an array of shape {scores.shape}"))
        return scores

    @cached_property
    def _loaded(self) -> Any:
        """The model, or why there is none: looking for it takes seconds, and that once is enough."""
        try:
            from sentence_transformers import CrossEncoder
        except ImportError:
            return RerankerFailed(
                f"the reranker {self._name!r} needs the sentence-transformers library",
                "pip install 'interview-study-assistant[embedders]'",
            )
        folder = Path(self._name).expanduser()
        try:
            return CrossEncoder(str(folder) if folder.is_dir() else self._name, local_files_only=True)
        except Exception as error:  # the library raises OSError, ValueError and hub errors alike
            return self._failed("cannot be loaded", error)

    def _failed(self, what: str, error: Exception) -> RerankerFailed:
        reason = next(iter(str(error).splitlines()), type(error).__name__)
        return RerankerFailed(
            f"the reranker {self._name!r} {what}: {reason}",
            f"Download it (hf download {self._name}), name a folder, or do without: ASSISTANT_RERANKER=",
        )
