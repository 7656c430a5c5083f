"""From note files to a generation: what is made again and what is taken over from the one before.

It decides nothing about where a generation is kept (`index.updating`) or how (`index.storage`).
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from corpus import reading, splitting
from corpus.glossary import Glossary
from corpus.types import Passage, Topic
from index import documents, postings, source_files
from index.errors import NoTopics
from index.generations import Fingerprint, Generation, Place, SourceFile
from index.joining import joined
from index.segments import (
    Keys,
    Parts,
    Segment,
    Shelf,
    embedded_text,
    keys_of,
    known_pieces,
    known_vectors,
    pieces_parts,
    postings_parts,
    text_parts,
    vector_parts,
)
from index.types import Embedder, ModelEmbedder, Progress, Vectors

_EMBEDDING_BATCH = 256
# So many passages make a segment, so that the memory a build takes does not grow with the notes.
_SEGMENT_PASSAGES = 4_096


@dataclass(frozen=True, slots=True)
class Recipe:
    """One way from files to a generation."""

    found: reading.Found
    embedder: Embedder
    glossary: Glossary
    progress: Progress

    @property
    def fingerprint(self) -> Fingerprint:
        """What a generation made in this way is built with."""
        return Fingerprint(
            splitter=str(splitting.VERSION),
            terms=documents.fingerprint(self.glossary),
            embedder=self.embedder.fingerprint,
        )

    def is_current(self, stored: Generation) -> bool:
        """Whether `stored` is what building would give."""
        return (
            stored.fingerprint == self.fingerprint
            and [file.path for file in stored.files] == [str(path) for path in self.found.files]
            and all(source_files.unchanged(file, stored.built_at_ns) for file in stored.files)
        )

    def build(self, stored: Generation | None, shelf: Shelf) -> Generation:
        """Return a new generation, taking over from `stored` what has not changed; new segments go to `shelf`.

        Raises `NoTopics` when nothing in the notes can be studied.
        """
        built_at_ns = time.time_ns()
        made = _Making(self, stored, shelf)
        before = _Before(stored, self.fingerprint)
        for done, path in enumerate(self.found.files, start=1):
            kept = before.kept(str(path))
            if kept is None:
                made.add(*source_files.read(path))
            elif before.indexed:
                made.keep(*kept)
            else:
                made.add(kept[0], before.topics(str(path)), kept[2])
            self.progress("读取笔记 reading notes", done, len(self.found.files))
        made.finish()
        if not any(file.topics for file in made.files):
            reasons = "\n".join(
                ({str(p): why for p, why in self.found.problems.items()} | made.problems).values()
            )
            raise NoTopics(
                f"there is nothing to study in {', '.join(repr(str(p)) for p in self.found.files[:3])}",
                reasons or "Put a heading and some text in a note, or set ASSISTANT_NOTES to other notes.",
            )
        used = {place.segment for place in made.places}
        old = {name: s for name, s in stored.segments.items() if name in used} if stored else {}
        generation = Generation(
            fingerprint=self.fingerprint,
            built_at_ns=built_at_ns,
            files=tuple(made.files),
            places=tuple(made.places),
            problems=made.problems,
            segments=old | made.segments,
        )
        return joined(generation, shelf)


class _Making:
    """What a generation will hold, file by file; `segments` are the new ones."""

    def __init__(self, recipe: Recipe, stored: Generation | None, shelf: Shelf) -> None:
        self.files: list[SourceFile] = []
        self.places: list[Place] = []
        self.problems: dict[str, str] = {}
        self.segments: dict[str, Segment] = {}
        self._recipe = recipe
        self._shelf = shelf
        same = stored is not None and stored.fingerprint.embedder == recipe.fingerprint.embedder
        self._embedded = list(stored.segments.values()) if stored and same else []
        self._name = uuid.uuid4().hex[:12]
        self._topics: list[Topic] = []
        self._rows = self._done = 0

    def add(self, file: SourceFile, topics: tuple[Topic, ...], problem: str) -> None:
        """Add a file whose topics are to be indexed."""
        self.keep(file, Place(self._name, len(self._topics), self._rows) if topics else Place(), problem)
        self._topics.extend(topics)
        self._rows += file.passages
        if self._rows >= _SEGMENT_PASSAGES:
            self.finish()

    def keep(self, file: SourceFile, place: Place, problem: str) -> None:
        """Add a file that is indexed already."""
        self.files.append(file)
        self.places.append(place)
        if problem:
            self.problems[file.path] = problem

    def finish(self) -> None:
        """Make a segment of the topics added since the last."""
        if self._topics:
            self.segments[self._name] = self._shelf.put(self._name, self._rows, self._parts())
            self._done += self._rows
            self._name, self._topics, self._rows = uuid.uuid4().hex[:12], [], 0

    def _parts(self) -> Iterator[Parts]:
        passages = [passage for topic in self._topics for passage in topic.passages]
        texts = [embedded_text(passage) for passage in passages]
        keys = keys_of(texts)
        yield text_parts(self._topics)
        yield {"keys": keys}
        yield postings_parts(postings.count(self._documents(passages)))
        vectors, pieces = self._vectors(texts, keys)
        yield vector_parts(vectors)
        yield pieces_parts(pieces)

    def _documents(self, passages: Sequence[Passage]) -> Iterator[dict[str, float]]:
        everything = self._done + len(passages)
        for done, document in enumerate(
            documents.documents(passages, self._recipe.glossary), start=self._done + 1
        ):
            yield document
            self._recipe.progress("建立索引 indexing", done, everything)

    def _vectors(self, texts: Sequence[str], keys: Keys) -> tuple[Vectors, NDArray[np.uint16]]:
        """Return one row per text and in how many pieces it was embedded, embedding only what was not before."""
        embedder = self._recipe.embedder
        vectors = np.zeros((len(texts), embedder.dimension), np.float32)
        pieces = np.ones(len(texts), np.uint16)
        known, rows = known_vectors(self._embedded, keys)
        vectors[known] = rows.reshape(len(known), embedder.dimension)
        if cut := known_pieces(self._embedded):
            pieces[known] = [cut.get(bytes(keys[row]), 1) for row in known]
        new = np.setdiff1d(np.arange(len(texts)), known)
        size = embedder.at_once if isinstance(embedder, ModelEmbedder) else _EMBEDDING_BATCH
        for start in range(0, len(new), size):
            batch = new[start : start + size]
            some = [texts[row] for row in batch]
            if isinstance(embedder, ModelEmbedder):
                vectors[batch], pieces[batch] = embedder.embed_in_pieces(some)
            else:
                vectors[batch] = embedder.embed_passages(some)
            self._recipe.progress("嵌入 embedding", start + len(batch), len(new))
        return vectors, pieces


class _Before:
    """What an earlier generation knows of the files, as far as it can be kept."""

    def __init__(self, stored: Generation | None, fingerprint: Fingerprint) -> None:
        split = stored is not None and stored.fingerprint.splitter == fingerprint.splitter
        self._stored = stored if split else None
        self.indexed = stored is not None and stored.fingerprint == fingerprint
        self._numbers = {file.path: n for n, file in enumerate(self._stored.files)} if self._stored else {}

    def topics(self, path: str) -> tuple[Topic, ...]:
        """Return the topics of a file that is kept."""
        return next(self._stored.topics_of([self._numbers[path]])) if self._stored else ()

    def kept(self, path: str) -> tuple[SourceFile, Place, str] | None:
        """Return a file that has not changed, with its place and problem, or None."""
        number = self._numbers.get(path)
        if self._stored is None or number is None:
            return None
        file = source_files.unchanged(self._stored.files[number], self._stored.built_at_ns)
        if file is None:
            return None
        return file, self._stored.places[number], self._stored.problems.get(path, "")
