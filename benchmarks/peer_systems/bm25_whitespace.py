"""BM25 on whitespace: the keyword search of several peers, as it comes."""

from __future__ import annotations

from benchmarks.peer_systems.bm25 import BM25, whitespace
from benchmarks.peer_systems.types import System


def open_system() -> System:
    """Return the peer."""
    return BM25("BM25 whitespace", whitespace)
