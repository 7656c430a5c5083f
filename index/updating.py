"""Bring the index of some notes up to date: what has changed is read, split, counted and embedded, nothing else.

It knows which notes there are and what an index was built with. It does not search (`index.library`) and does
not know how an index is written (`index.storage`). Past 300 lines because what is kept and what is made again are
two halves of each decision.
"""

from __future__ import annotations

import hashlib
import os
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain
from pathlib import Path

import numpy as np

from corpus import descriptions, reading, splitting
from corpus.errors import StudyError
from corpus.glossary import Glossary
from corpus.types import Passage, Topic
from index import lexical, storage, terms
from index.changes import Counts, by_heading, by_id, compared
from index.errors import IndexDamaged, NoTopics
from index.joining import joined
from index.segments import (
    Fingerprint,
    Generation,
    InMemory,
    Place,
    Segment,
    SourceFile,
    embedded_text,
    keys_of,
)
from index.types import Embedder, Progress, Vectors

# Words of a title count as if they stood this often in the text: a heading says what a passage is about.
_HEADING_TIMES = 4.0
_SEARCH_TEXT_TIMES = 1.0
_DESCRIPTION_TIMES = 1.0
_EMBEDDING_BATCH = 256
# A file changed within this time before it was indexed may change again without a new time stamp.
_STAMP_RESOLUTION_NS = 2_000_000_000


def no_progress(stage: str, done: int, total: int) -> None:
    """Ignore progress."""


@dataclass(frozen=True, slots=True)
class Update:
    """An index that is up to date, why what could not be read could not be, and what the update changed.

    A topic is the same topic under the same headings of the same file; a passage is the same or it is not, so
    that none is counted as changed.
    """

    generation: Generation
    problems: Mapping[str, str]
    files: Counts
    topics: Counts
    passages: Counts

    @property
    def changed(self) -> bool:
        """Whether any file was not as it had been."""
        return bool(self.files.new or self.files.changed or self.files.removed)


def update(
    notes: Sequence[Path],
    folder: Path,
    *,
    embedder: Embedder,
    glossary: Glossary,
    name: str = "",
    progress: Progress = no_progress,
    warn: Callable[[str], None] = lambda message: None,
    whole: bool = False,
) -> Update:
    """Build or update the index of `notes` under `folder` as needed; `whole` reads it all, to be searched.

    Every set of notes has an index of its own. Sets given the same `name` share one, which is changed from
    one to the other; what both have is not made again.

    An index whose fingerprint (splitter, terms, embedder) or files differ is brought up to date: unchanged
    files keep their topics and unchanged passages their vectors. A damaged index is rebuilt. Where `folder`
    cannot be written the index lives in memory only, and `warn` is told.

    Raises `NoTopics` when nothing in the notes can be studied, and what `corpus.reading` raises.
    """
    found = reading.find(notes)
    home = folder / (
        name or hashlib.blake2b(b"\0".join(sorted(map(os.fsencode, notes))), digest_size=8).hexdigest()
    )
    fingerprint = Fingerprint(
        splitter=str(splitting.VERSION),
        terms=f"{terms.VERSION} {glossary.fingerprint} {descriptions.fingerprint()} {_HEADING_TIMES} "
        f"{_SEARCH_TEXT_TIMES} {_DESCRIPTION_TIMES}",
        embedder=embedder.fingerprint,
    )
    building = _Building(found, fingerprint, embedder, glossary, progress)
    seen = storage.current(home)
    stored = _load(home, warn, whole)
    if stored is not None and building.is_current(stored):
        _tidy(home)
        return building.summary(stored, stored)
    try:
        home.mkdir(parents=True, exist_ok=True)
        from filelock import FileLock

        with FileLock(home / "lock"):
            if storage.current(home) != seen:  # another process built it while we waited
                stored = _load(home, _said, whole)
            if stored is not None and building.is_current(stored):
                return building.summary(stored, stored)
            try:
                done = building.build(stored)
                storage.save(home, done.generation)
            except IndexDamaged as error:
                warn(f"{error.message}; it is rebuilt from the notes")
                done = building.build(None)
                storage.save(home, done.generation)
    except OSError as error:
        reason = error.strerror or str(error)
        warn(f"the index cannot be saved in {str(folder)!r} ({reason}), so it is rebuilt every time")
        done = building.build(stored)
    return done


def _tidy(home: Path) -> None:
    """Remove what a killed program left, unless somebody is just writing."""
    with suppress(OSError):  # a lock held by another (a TimeoutError) is one too
        if storage.leftovers(home):
            from filelock import FileLock

            with FileLock(home / "lock", timeout=0):
                storage.tidy(home)


def _said(message: str) -> None:
    """Drop a warning that was already given."""


def _load(home: Path, warn: Callable[[str], None], whole: bool) -> Generation | None:
    try:
        return storage.load(home, whole=whole)
    except IndexDamaged:
        try:
            # A writer may have replaced the generation between our two reads; a second look settles it.
            return storage.load(home, whole=whole)
        except IndexDamaged as error:
            warn(f"{error.message}; it is rebuilt from the notes")
            return None


class _Parts:
    """What a generation will hold, file by file; `topics` are those of its new segment, called `fresh`."""

    def __init__(self, fresh: str) -> None:
        self.fresh = fresh
        self.files: list[SourceFile] = []
        self.places: list[Place] = []
        self.problems: dict[str, str] = {}
        self.topics: list[Topic] = []
        self._rows = 0

    def add(self, file: SourceFile, topics: tuple[Topic, ...], problem: str) -> None:
        """Add a file whose topics are to be indexed."""
        self.keep(file, Place(self.fresh, len(self.topics), self._rows) if topics else Place(), problem)
        self.topics.extend(topics)
        self._rows += file.passages

    def keep(self, file: SourceFile, place: Place, problem: str) -> None:
        """Add a file that is indexed already."""
        self.files.append(file)
        self.places.append(place)
        if problem:
            self.problems[file.path] = problem


@dataclass(frozen=True, slots=True)
class _Building:
    """One way from files to a generation."""

    found: reading.Found
    fingerprint: Fingerprint
    embedder: Embedder
    glossary: Glossary
    progress: Progress

    def is_current(self, stored: Generation) -> bool:
        """Whether `stored` is what building would give."""
        return (
            stored.fingerprint == self.fingerprint
            and [file.path for file in stored.files] == [str(path) for path in self.found.files]
            and all(_unchanged(file, stored.built_at_ns) for file in stored.files)
        )

    def build(self, stored: Generation | None) -> Update:
        """Return a new generation, taking over from `stored` what has not changed."""
        built_at_ns = time.time_ns()
        parts = self._split(stored, uuid.uuid4().hex[:12])
        if not any(file.topics for file in parts.files):
            reasons = "\n".join((self._problems() | parts.problems).values())
            raise NoTopics(
                f"there is nothing to study in {', '.join(repr(str(p)) for p in self.found.files[:3])}",
                reasons or "Put a heading and some text in a note, or set ASSISTANT_NOTES to other notes.",
            )
        used = {place.segment for place in parts.places}
        segments = {name: s for name, s in stored.segments.items() if name in used} if stored else {}
        if parts.topics:
            segments[parts.fresh] = self._segment(parts, stored)
        generation = Generation(
            fingerprint=self.fingerprint,
            built_at_ns=built_at_ns,
            files=tuple(parts.files),
            places=tuple(parts.places),
            problems=parts.problems,
            segments=segments,
        )
        return self.summary(stored, joined(generation))

    def summary(self, before: Generation | None, after: Generation) -> Update:
        """Return `after` with what it changed."""
        was = {file.path: n for n, file in enumerate(before.files)} if before else {}
        now = {file.path: n for n, file in enumerate(after.files)}
        same = {
            path
            for path in was.keys() & now.keys()
            if before is after or (before and before.files[was[path]].digest == after.files[now[path]].digest)
        }
        old = before.topics_of(n for path, n in was.items() if path not in same) if before else []
        new = after.topics_of(n for path, n in now.items() if path not in same)
        both = was.keys() & now.keys()
        kept = [after.files[now[path]] for path in same]
        return Update(
            after,
            self._problems() | dict(after.problems),
            Counts(len(now) - len(both), len(both) - len(same), len(same), len(was) - len(both)),
            compared(by_heading(chain(*old)), by_heading(chain(*new)), sum(f.topics for f in kept)),
            compared(by_id(chain(*old)), by_id(chain(*new)), sum(f.passages for f in kept)),
        )

    def _problems(self) -> dict[str, str]:
        return {str(path): problem for path, problem in self.found.problems.items()}

    def _split(self, stored: Generation | None, fresh: str) -> _Parts:
        """Return the files with their places; the topics of what must be indexed go to the segment `fresh`."""
        parts = _Parts(fresh)
        before = _Before(stored, self.fingerprint)
        for done, path in enumerate(self.found.files, start=1):
            if (kept := before.kept(str(path))) is None:
                parts.add(*_read(path))
            elif before.indexed:
                parts.keep(*kept)
            else:
                parts.add(kept[0], before.topics[str(path)], kept[2])
            self.progress("读取笔记 reading notes", done, len(self.found.files))
        return parts

    def _segment(self, parts: _Parts, stored: Generation | None) -> Segment:
        topics = tuple(parts.topics)
        passages = [passage for topic in topics for passage in topic.passages]
        texts = [embedded_text(passage) for passage in passages]
        keys = keys_of(texts)
        postings = lexical.count(self._documents(passages))
        vectors = self._embed(texts, [bytes(key) for key in keys], stored)
        return Segment(parts.fresh, len(passages), InMemory(topics, postings, vectors, keys))

    def _documents(self, passages: Sequence[Passage]) -> Iterator[dict[str, float]]:
        headings: dict[tuple[str, ...], dict[str, float]] = {}
        for done, passage in enumerate(passages, start=1):
            document = dict(terms.terms(passage.text, self.glossary))
            if passage.heading_path not in headings:  # the passages of a topic mostly share theirs
                headings = {passage.heading_path: self._of_heading(passage.heading_path)}
            terms.add(document, headings[passage.heading_path], 1.0)
            if passage.search_text:
                terms.add(document, terms.terms(passage.search_text, self.glossary), _SEARCH_TEXT_TIMES)
            yield document
            self.progress("建立索引 indexing", done, len(passages))

    def _of_heading(self, path: tuple[str, ...]) -> dict[str, float]:
        """Return what a heading path adds to a passage: its own terms, and how people speak of its concepts."""
        heading = terms.terms(" \n ".join(path), self.glossary)
        known = descriptions.load_descriptions()
        concepts = (term.removeprefix(terms.CONCEPT) for term in heading if term.startswith(terms.CONCEPT))
        phrases = [phrase for concept in concepts for phrase in known.get(concept, ())]
        found: dict[str, float] = {}
        terms.add(found, heading, _HEADING_TIMES)
        terms.add(
            found, dict.fromkeys(terms.terms(" \n ".join(phrases), self.glossary), 1.0), _DESCRIPTION_TIMES
        )
        return found

    def _embed(self, texts: Sequence[str], keys: Sequence[bytes], stored: Generation | None) -> Vectors:
        """Return one row per text, embedding only what was not embedded before."""
        known: dict[bytes, tuple[Segment, int]] = {}
        if stored and stored.fingerprint.embedder == self.fingerprint.embedder:
            for segment in stored.segments.values():
                known |= {bytes(key): (segment, row) for row, key in enumerate(segment.keys)}
        vectors = np.zeros((len(texts), self.embedder.dimension), np.float32)
        new: list[int] = []
        for row, key in enumerate(keys):
            if key in known:
                segment, old = known[key]
                vectors[row] = segment.vectors[old]
            else:
                new.append(row)
        for start in range(0, len(new), _EMBEDDING_BATCH):
            batch = new[start : start + _EMBEDDING_BATCH]
            vectors[batch] = self.embedder.embed_passages([texts[row] for row in batch])
            self.progress("嵌入 embedding", start + len(batch), len(new))
        return vectors


class _Before:
    """What an earlier generation knows of the files, as far as it can be kept."""

    def __init__(self, stored: Generation | None, fingerprint: Fingerprint) -> None:
        split = stored is not None and stored.fingerprint.splitter == fingerprint.splitter
        self._stored = stored if split else None
        self.indexed = stored is not None and stored.fingerprint == fingerprint
        self._numbers = {file.path: n for n, file in enumerate(self._stored.files)} if self._stored else {}

    @cached_property
    def topics(self) -> Mapping[str, tuple[Topic, ...]]:
        """The topics of every file."""
        topics = self._stored.topics_of(self._numbers.values()) if self._stored else []
        return dict(zip(self._numbers, topics, strict=True))

    def kept(self, path: str) -> tuple[SourceFile, Place, str] | None:
        """Return a file that has not changed, with its place and problem, or None."""
        number = self._numbers.get(path)
        if self._stored is None or number is None:
            return None
        file = _unchanged(self._stored.files[number], self._stored.built_at_ns)
        if file is None:
            return None
        return file, self._stored.places[number], self._stored.problems.get(path, "")


def _read(path: Path) -> tuple[SourceFile, tuple[Topic, ...], str]:
    """Return the file at `path` as it is now, its topics, and what is wrong with it or the empty string."""
    size, mtime_ns, ctime_ns, digest = -1, 0, 0, ""
    topics: tuple[Topic, ...] = ()
    try:
        try:
            snapshot = reading.snapshot(path)
        except StudyError:
            with suppress(OSError):  # its stamps, so that it is looked at again only when they change
                about = path.stat()
                size, mtime_ns, ctime_ns = about.st_size, about.st_mtime_ns, about.st_ctime_ns
            raise
        size, mtime_ns, ctime_ns = snapshot.size, snapshot.mtime_ns, snapshot.ctime_ns
        digest = _digest(snapshot.data)
        note = reading.read(path, snapshot.data)
        topics, problem = splitting.split_note(note), note.warning
    except StudyError as error:
        problem = error.message
    passages = sum(len(topic.passages) for topic in topics)
    return SourceFile(str(path), size, mtime_ns, ctime_ns, digest, len(topics), passages), topics, problem


def _unchanged(file: SourceFile, built_at_ns: int) -> SourceFile | None:
    """Return `file` with its present stamps if it is as it was: by stamps that can be trusted, or by content."""
    try:
        about = os.stat(file.path)  # noqa: PTH116 -- a Path for each of 50,000 files would take as long again
    except OSError:
        return file if file.size == -1 else None
    stamps = about.st_mtime_ns, about.st_ctime_ns
    if about.st_size != file.size:
        return None
    if stamps == (file.mtime_ns, file.ctime_ns) and max(stamps) < built_at_ns - _STAMP_RESOLUTION_NS:
        return file
    try:
        digest = _digest(reading.snapshot(Path(file.path)).data)
    except StudyError:
        digest = ""
    return replace(file, mtime_ns=stamps[0], ctime_ns=stamps[1]) if digest == file.digest else None


def _digest(data: bytes) -> str:
    return hashlib.blake2b(data).hexdigest()
