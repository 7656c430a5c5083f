"""BM25 on pairs of Chinese characters: the keyword search that a peer could have without a dictionary."""

from __future__ import annotations

from benchmarks.peer_systems.bm25 import BM25, bigrams
from benchmarks.peer_systems.types import System


def open_system() -> System:
    """Return the peer."""
    return BM25("BM25 CJK bigrams", bigrams)
