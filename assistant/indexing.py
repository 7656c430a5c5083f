"""The index of the notes by the embedder of the settings; where that cannot be had, by the bundled one, said aloud.

An embedder may need a server that is down or a library that is not installed. The notes are then searched all the
same: the bundled embedder keeps an index of its own, and the coverage gate is fitted to it, whereas words alone would
make the gate refuse much that the notes do cover.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from pathlib import Path

from assistant.settings import Settings
from corpus.glossary import Glossary
from index import storage
from index.embedders import BUNDLED, Served, folder_of, open_embedder
from index.errors import EmbedderMissing
from index.library import Library
from index.reranking import CrossEncoderReranker, Reranker
from index.types import Embedder, ModelEmbedder, Progress
from index.updating import Update, folder_for, update


class Indexing:
    """Brings indexes up to date and opens them. `roots` gives the files and folders of notes at that time."""

    def __init__(
        self,
        settings: Settings,
        glossary: Glossary,
        roots: Callable[[], tuple[Path, ...]],
        warn: Callable[[str], None],
        progress: Progress,
    ) -> None:
        self._settings = settings
        self._glossary = glossary
        self._roots, self._warn, self._progress = roots, warn, progress
        self._spare: Library | None = None
        self._opened: tuple[Path, str] | None = None  # the folder of the index in use, and its generation

    @cached_property
    def embedder(self) -> Embedder:
        """What embeds, by the settings; nothing is loaded or asked yet. Raises `UnknownName` or `EmbedderMissing`."""
        embedder = open_embedder(self._settings.embedder, self._glossary)
        if isinstance(embedder, Served):
            from assistant.llm.backends.ollama import host_of

            return embedder.at(host_of(self._settings))
        return embedder

    @property
    def nearness(self) -> Embedder:
        """What grounding and grading compare sentences with: their limits hold for our own embedders' cosines."""
        return self._bundled if isinstance(self.embedder, ModelEmbedder) else self.embedder

    def update(self, *, strict: bool = False) -> Update:
        """Bring the index up to date. `strict`: raise `EmbedderMissing` rather than take the bundled embedder."""
        self._spare = None
        try:
            return self._updated(self.embedder)
        except EmbedderMissing as error:
            if strict or self.embedder.name == BUNDLED:
                raise
            self._warn(_instead_of(error))
            return self._updated(self._bundled)

    def is_outdated(self) -> bool:
        """Say whether another program has replaced the index since it was opened: a glance at a small file."""
        return self._opened is not None and storage.current(self._opened[0]) != self._opened[1]

    def library(self) -> Library:
        """Open the index, brought up to date first. Where the embedder fails, now or at a question, another answers."""
        own = self.embedder.name == BUNDLED
        self._spare = None
        try:
            updated = self._updated(self.embedder, whole=True)
        except EmbedderMissing as error:
            if own:
                raise
            return self._by_bundled(error)
        return Library(
            updated,
            self.embedder,
            self._glossary,
            instead=None if own else self._by_bundled,
            reranker=self._reranker,
            threshold=self._settings.coverage_threshold,
        )

    def _by_bundled(self, error: EmbedderMissing) -> Library:
        """Return the library by the bundled embedder; with every result it says why it is that one."""
        if self._spare is None:
            updated = self._updated(self._bundled, whole=True)
            self._spare = Library(
                updated,
                self._bundled,
                self._glossary,
                notice=_instead_of(error),
                reranker=self._reranker,
                threshold=self._settings.coverage_threshold,
            )
        return self._spare

    def _updated(self, embedder: Embedder, *, whole: bool = False) -> Update:
        roots, folder = self._roots(), self._settings.home / "index" / folder_of(embedder)
        # Notes that are added must find the index of those before; other settings have indexes of their own.
        name = "" if self._settings.notes else "notes"
        home = folder_for(roots, folder, name)
        seen = storage.current(home)
        if whole:
            self._opened = home, seen
        updated = update(
            roots,
            folder,
            name=name,
            embedder=embedder,
            glossary=self._glossary,
            progress=self._progress,
            warn=self._warn,
            whole=whole,
        )
        if (
            whole and updated.changed
        ):  # by us; where nothing had changed, what is new is another's and not yet read
            self._opened = home, storage.current(home)
        return updated

    @cached_property
    def _reranker(self) -> Reranker | None:
        return CrossEncoderReranker(self._settings.reranker) if self._settings.reranker else None

    @cached_property
    def _bundled(self) -> Embedder:
        return open_embedder(BUNDLED, self._glossary)


def _instead_of(error: EmbedderMissing) -> str:
    return f"{error.message}；改用内置的嵌入模型搜索 (the bundled embedder searches instead). {error.hint}"
