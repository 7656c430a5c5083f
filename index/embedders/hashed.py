"""Feature hashing (Weinberger et al. 2009, arXiv:0902.2206) of terms, character triples and concepts.

Deterministic, needs no download and no training, and ranks sensibly: texts that share words, parts of words
or glossary concepts are near. It knows nothing of meaning beyond the glossary.
"""

from __future__ import annotations

import hashlib
from array import array
from collections.abc import Iterator, Sequence
from functools import lru_cache

import numpy as np

from corpus.glossary import Glossary
from index import terms
from index.errors import EmbedderMissing
from index.types import Vectors

DIMENSION = 512


class HashedEmbedder:
    """Signed hashes of features, summed by weight and scaled to length one. Implements `Embedder`."""

    name = "hashed"
    dimension = DIMENSION

    def __init__(self, glossary: Glossary) -> None:
        self._glossary = glossary
        self.fingerprint = f"hashed-1-{DIMENSION}-{terms.VERSION}-{glossary.fingerprint}"

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        """Return unit rows, shape (n, 512)."""
        return self._embed(texts)

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """Return unit rows, shape (n, 512)."""
        return self._embed(texts)

    def _embed(self, texts: Sequence[str]) -> Vectors:
        rows = np.zeros((len(texts), DIMENSION), dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            sums = array(
                "f", bytes(4 * DIMENSION)
            )  # an element of it is added to four times as fast as numpy's
            for term, count in terms.terms(text, self._glossary).items():
                amount = terms.weight(term) * _dampened(count)
                for slot, share in _slots(term):
                    sums[slot] += share * amount
            row[:] = sums
        norms = np.linalg.norm(rows, axis=1, keepdims=True)
        return np.asarray(rows / np.where(norms > 0, norms, 1.0), dtype=np.float32)


def open_embedder(argument: str, glossary: Glossary) -> HashedEmbedder:
    """Return the hashed embedder; it takes no argument."""
    if argument:
        raise EmbedderMissing(
            f"the embedder 'hashed' takes no argument, got {argument!r}", "Set ASSISTANT_EMBEDDER=hashed."
        )
    return HashedEmbedder(glossary)


def _features(term: str) -> Iterator[tuple[str, float]]:
    yield term, 1.0
    if term.isascii() and len(term) > 4 and term[0].isalnum():
        padded = f"<{term}>"
        triples = [padded[i : i + 3] for i in range(len(padded) - 2)]
        # Together the triples weigh as much as the word, so a misspelt word still counts for half.
        yield from ((triple, len(triples) ** -0.5) for triple in triples)


@lru_cache(maxsize=1 << 17)
def _slots(term: str) -> tuple[tuple[int, float], ...]:
    """Return where the features of a term are added, and each one's signed share."""
    found = []
    for feature, share in _features(term):
        value = int.from_bytes(hashlib.blake2b(feature.encode(), digest_size=8).digest(), "little")
        found.append(((value >> 1) % DIMENSION, share if value & 1 else -share))
    return tuple(found)


@lru_cache(maxsize=1024)
def _dampened(count: float) -> float:
    """Return how much a term counts that stands `count` times: repeated fifty times it is not the whole text."""
    return float(1.0 + np.log(count))
