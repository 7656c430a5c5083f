"""What a peer is to the benchmark: it indexes texts and answers questions with places in them.

It knows nothing of topics: places are turned into topics by whoever knows the notes (`benchmarks.peers`).
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from benchmarks.peer_systems.minilm import MiniLM


class Unit(StrEnum):
    """What a peer is given: passages that are already cut, or whole documents that it cuts by itself."""

    PASSAGES = "passages"
    DOCUMENTS = "documents"


class Place(NamedTuple):
    """Characters `start` up to `end` of the text with this number, counted from 0."""

    text: int
    start: int
    end: int


class System(Protocol):
    """One peer. A module of this package offers it by `open_system() -> System`."""

    @property
    def name(self) -> str:
        """As the table calls it."""
        ...

    @property
    def unit(self) -> Unit:
        """What it is given."""
        ...

    @property
    def packages(self) -> tuple[str, ...]:
        """The distributions that do its work; their versions are filed."""
        ...

    @property
    def model(self) -> MiniLM | None:
        """The embedding model, where it has one; it keeps the account of what embedding costs."""
        ...

    def index(self, texts: Sequence[str]) -> None:
        """Make `texts` searchable; what was searchable before no longer is."""
        ...

    def search(self, question: str, k: int) -> list[Place]:
        """Return at most `k` places, best first."""
        ...
