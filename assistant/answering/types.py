"""What an answerer gets and gives: one interface for notes mode and for a model."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from assistant.events import Cited, Notice, Text, Thought, ToolRan, Turn, Waiting
from assistant.language import Language
from index.types import SearchResult

#: Everything but `Done`, which `Assistant.stream` adds once the answer is whole.
PartialEvent = Text | Thought | Cited | ToolRan | Notice | Waiting


@dataclass(frozen=True, slots=True)
class Request:
    """One question, ready to be answered: as typed, as searched, and what the search found."""

    question: str
    standalone: str
    language: Language
    found: SearchResult
    history: tuple[Turn, ...] = ()


class Answerer(Protocol):
    """Somebody who answers from the passages of a request."""

    @property
    def mode(self) -> str:
        """`notes`, or the name of a model: `ollama:qwen3.5:4b`."""
        ...

    def answer(self, request: Request) -> Generator[PartialEvent, None, None]:
        """Yield the answer as it comes. Closing the iterator stops the work."""
        ...


@runtime_checkable
class NeedsLoading(Protocol):
    """An answerer that must be made ready before it can begin."""

    def is_ready(self) -> bool:
        """Say whether an answer could begin at once."""
        ...

    def load(self) -> None:
        """Return once it is ready. Raises `ModelError`."""
        ...
