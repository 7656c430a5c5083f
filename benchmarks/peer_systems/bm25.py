"""BM25 from `rank-bm25`, which LangChain's retriever (Open WebUI's keyword search) uses, over two tokenizers.

On whitespace is that retriever's default: a Chinese clause becomes one token. On bigrams, each run of Chinese
becomes its overlapping pairs and a Latin word stays whole in lower case, which is what a peer that cares about
Chinese can do without a dictionary.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import Any

from benchmarks.peer_systems.types import Place, Unit

_RUN = re.compile(r"[㐀-䶿一-鿿々〇]+|[^\W㐀-䶿一-鿿々〇]+")


def whitespace(text: str) -> list[str]:
    """Return the words of `text` between white space, as they are written."""
    return text.split()


def bigrams(text: str) -> list[str]:
    """Return the pairs of characters of every run of Chinese (a lone one as itself) and the other words."""
    return list(_pieces(text.lower()))


def _pieces(text: str) -> Iterator[str]:
    for run in _RUN.findall(text):
        if len(run) > 1 and not run.isascii() and _RUN.match(run[0]) and "㐀" <= run[0] <= "鿿":
            yield from (a + b for a, b in pairwise(run))
        else:
            yield run


class BM25:
    """Okapi BM25 with the package's own constants (k1 1.5, b 0.75, negative idf replaced)."""

    unit = Unit.PASSAGES
    packages = ("rank-bm25",)
    model = None

    def __init__(self, name: str, tokens: Callable[[str], list[str]]) -> None:
        self.name = name
        self._tokens = tokens
        self._bm25: Any = None
        self._lengths: list[int] = []

    def index(self, texts: Sequence[str]) -> None:
        """Count the tokens of every text."""
        from rank_bm25 import BM25Okapi  # type: ignore[import-not-found]

        self._lengths = [len(text) for text in texts]
        self._bm25 = BM25Okapi([self._tokens(text) for text in texts])

    def search(self, question: str, k: int) -> list[Place]:
        """Return the texts that score above 0, best first, equal ones by number."""
        import numpy as np

        scores = self._bm25.get_scores(self._tokens(question))
        best = np.argsort(-scores, kind="stable")[:k]
        return [Place(int(row), 0, self._lengths[row]) for row in best if scores[row] > 0]
