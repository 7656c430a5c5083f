"""The notes of one person, searchable: built once, kept on disk, brought up to date when a file changes."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from corpus import descriptions, reading, splitting
from corpus.errors import StudyError
from corpus.glossary import Glossary
from corpus.types import Passage, Topic
from index import coverage, fusion, lexical, storage, terms
from index.dense import FaissIndex
from index.errors import IndexDamaged, NoTopics, QueryTooLong
from index.storage import Fingerprint, Generation, SourceFile
from index.types import Embedder, Hit, Progress, Rows, SearchResult, Vectors

#: Longest question searched, in characters; a page of text is about 2,000.
MAX_QUERY = 8_000

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
class _Ranking:
    """The best row of each of the best topics, every row's score, and the evidence of coverage if any."""

    rows: Rows
    scores: Vectors
    evidence: coverage.Evidence | None


class Library:
    """Topics and passages with their index. Made by `open_library`; searching never writes."""

    def __init__(self, generation: Generation, embedder: Embedder, glossary: Glossary) -> None:
        self._generation = generation
        self._embedder = embedder
        self._glossary = glossary
        self.topics: tuple[Topic, ...] = generation.topics
        self.problems = dict(generation.problems)
        self._passages = [passage for topic in self.topics for passage in topic.passages]
        self._topic_of = np.repeat(
            np.arange(len(self.topics), dtype=np.int32), [len(topic.passages) for topic in self.topics]
        )
        self._by_id = {passage.passage_id: passage for passage in self._passages}

    @property
    def fingerprint(self) -> Fingerprint:
        """What the index was built with."""
        return self._generation.fingerprint

    def terms_of(self, text: str) -> dict[str, float]:
        """Return the terms of `text` as the index sees them."""
        return terms.terms(text, self._glossary)

    def importance(self, query: str) -> Mapping[str, float]:
        """Return how much each term of `query` says, by kind and by rarity in these notes."""
        index = self._generation.lexical
        shares = terms.question_terms(query, self._glossary)
        idfs = ((term, share, index.idf_of(term)) for term, share in shares.items())
        return {
            t: share * terms.weight(t) * (index.idf_unseen if idf is None else idf) for t, share, idf in idfs
        }

    def passage(self, passage_id: str) -> Passage | None:
        """Return the passage with this id, or None."""
        return self._by_id.get(passage_id)

    def search(self, query: str, k: int = 5, *, dense_share: float = fusion.DENSE_SHARE) -> SearchResult:
        """Return the `k` best topics for `query`, each by its best passage, and whether they cover it.

        Hits are returned whether covered or not, so that the nearest topics can be offered. Raises
        `QueryTooLong` above `MAX_QUERY` characters.
        """
        if len(query) > MAX_QUERY:
            raise QueryTooLong(
                f"the question has {len(query):,} characters; at most {MAX_QUERY:,} are read",
                "Ask in a few sentences; long material belongs in a note.",
            )
        ranking = self._rank(query, k, dense_share)
        sure = coverage.confidence(ranking.evidence) if ranking.evidence else 0.0
        hits = (
            Hit(rank, float(ranking.scores[row]), self.topics[self._topic_of[row]], self._passages[row])
            for rank, row in enumerate(ranking.rows, start=1)
        )
        return SearchResult(query, covered=sure >= coverage.THRESHOLD, confidence=sure, hits=tuple(hits))

    def evidence(self, query: str) -> coverage.Evidence:
        """Return what the coverage gate weighs for `query`; used to fit it."""
        return self._rank(query, 1, fusion.DENSE_SHARE).evidence or coverage.NOTHING

    def _rank(self, query: str, k: int, dense_share: float) -> _Ranking:
        asked = terms.question_terms(query, self._glossary)
        raw = self._generation.lexical.score(asked)
        # A passage holding every term often would score this; a term the notes lack counts as the rarest.
        highest = max(sum(self.importance(query).values()) * (lexical.K1 + 1), 1e-9)
        cosine = self._cosines(query)
        fused = fusion.blend(raw / np.float32(highest), cosine, dense_share)
        rows = fusion.best_per_group(fused, self._topic_of, k)
        if not asked or not len(rows) or fused[rows[0]] <= 0.0:
            return _Ranking(rows[:0], fused, None)
        best = int(rows[0])
        found = coverage.evidence(
            asked, self._generation.lexical, self._glossary, float(raw[best]), float(cosine[best])
        )
        return _Ranking(rows, fused, found)

    def _cosines(self, query: str) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
        scores, rows = self._generation.dense.search(
            self._embedder.embed_queries([query]), len(self._passages)
        )
        cosine = np.zeros(len(self._passages), dtype=np.float32)
        cosine[rows[0]] = scores[0]
        return cosine


def open_library(
    notes: Sequence[Path],
    folder: Path,
    *,
    embedder: Embedder,
    glossary: Glossary,
    progress: Progress = no_progress,
    warn: Callable[[str], None] = lambda message: None,
) -> Library:
    """Return the library of `notes`, building or updating its index under `folder` as needed.

    An index whose fingerprint (splitter, terms, embedder) or files differ is brought up to date: unchanged
    files keep their topics and unchanged passages their vectors. A damaged index is rebuilt. Where `folder`
    cannot be written the index lives in memory only, and `warn` is told.

    Raises `NoTopics` when nothing in the notes can be studied, and what `corpus.reading` raises.
    """
    found = reading.find(notes)
    home = folder / hashlib.blake2b("\0".join(sorted(map(str, notes))).encode(), digest_size=8).hexdigest()
    fingerprint = Fingerprint(
        splitter=str(splitting.VERSION),
        terms=f"{terms.VERSION} {glossary.fingerprint} {descriptions.fingerprint()} {_HEADING_TIMES} "
        f"{_SEARCH_TEXT_TIMES} {_DESCRIPTION_TIMES} {lexical.K1} {lexical.B}",
        embedder=embedder.fingerprint,
    )
    building = _Building(found, fingerprint, embedder, glossary, progress)
    stored = _load(home, warn)
    if stored is not None and building.is_current(stored):
        return Library(stored, embedder, glossary)
    try:
        home.mkdir(parents=True, exist_ok=True)
        from filelock import FileLock

        with FileLock(home / "lock"):
            stored = _load(home, _said)  # another process may have built it while we waited
            if stored is None or not building.is_current(stored):
                stored = building.build(stored)
                storage.save(home, stored)
    except OSError as error:
        reason = error.strerror or str(error)
        warn(f"the index cannot be saved in {str(folder)!r} ({reason}), so it is rebuilt every time")
        stored = building.build(stored)
    return Library(stored, embedder, glossary)


def _said(message: str) -> None:
    """Drop a warning that was already given."""


def _load(home: Path, warn: Callable[[str], None]) -> Generation | None:
    try:
        return storage.load(home)
    except IndexDamaged:
        try:
            # A writer may have replaced the generation between our two reads; a second look settles it.
            return storage.load(home)
        except IndexDamaged as error:
            warn(f"{error.message}; it is rebuilt from the notes")
            return None


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
            and all(_is_same(file, Path(file.path), stored.built_at_ns) for file in stored.files)
        )

    def build(self, stored: Generation | None) -> Generation:
        """Return a new generation, taking over from `stored` what has not changed."""
        built_at_ns = time.time_ns()
        files, topics, problems = self._split(stored)
        if not topics:
            reasons = "\n".join(problems.values())
            raise NoTopics(
                f"there is nothing to study in {', '.join(repr(str(p)) for p in self.found.files[:3])}",
                reasons or "Put a heading and some text in a note, or set ASSISTANT_NOTES to other notes.",
            )
        passages = [passage for topic in topics for passage in topic.passages]
        return Generation(
            fingerprint=self.fingerprint,
            built_at_ns=built_at_ns,
            files=tuple(files),
            problems=problems,
            topics=tuple(topics),
            lexical=lexical.build(self._documents(passages)),
            dense=FaissIndex.from_vectors(self._embed(passages, stored)),
        )

    def _split(self, stored: Generation | None) -> tuple[list[SourceFile], list[Topic], dict[str, str]]:
        known = (
            _topics_by_file(stored)
            if stored and stored.fingerprint.splitter == self.fingerprint.splitter
            else {}
        )
        files: list[SourceFile] = []
        topics: list[Topic] = []
        problems = {str(path): problem for path, problem in self.found.problems.items()}
        for done, path in enumerate(self.found.files, start=1):
            try:
                stat, digest = path.stat(), _digest(path)
                before = known.get(str(path))
                if before and before[0].digest == digest:
                    own = before[1]
                    if str(path) in (stored.problems if stored else {}):
                        problems[str(path)] = stored.problems[str(path)]  # type: ignore[union-attr]
                else:
                    note = reading.read(path)
                    own = splitting.split_note(note)
                    if note.warning:
                        problems[str(path)] = note.warning
            except OSError as error:
                problems[str(path)] = f"cannot be read: {error.strerror or error}"
                continue
            except StudyError as error:
                own = ()
                problems[str(path)] = error.message
            files.append(
                SourceFile(str(path), stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns, digest, len(own))
            )
            topics.extend(own)
            self.progress("读取笔记 reading notes", done, len(self.found.files))
        return files, topics, problems

    def _documents(self, passages: Sequence[Passage]) -> Iterator[dict[str, float]]:
        for done, passage in enumerate(passages, start=1):
            document = dict(terms.terms(passage.text, self.glossary))
            heading = terms.terms(" \n ".join(passage.heading_path), self.glossary)
            terms.add(document, heading, _HEADING_TIMES)
            terms.add(document, self._described(heading), _DESCRIPTION_TIMES)
            if passage.search_text:
                terms.add(document, terms.terms(passage.search_text, self.glossary), _SEARCH_TEXT_TIMES)
            yield document
            self.progress("建立索引 indexing", done, len(passages))

    def _described(self, heading: Mapping[str, float]) -> dict[str, float]:
        """Return the terms in which people speak of a heading's concepts when they do not name them."""
        known = descriptions.load_descriptions()
        concepts = (term.removeprefix(terms.CONCEPT) for term in heading if term.startswith(terms.CONCEPT))
        phrases = [phrase for concept in concepts for phrase in known.get(concept, ())]
        return dict.fromkeys(terms.terms(" \n ".join(phrases), self.glossary), 1.0)

    def _embed(self, passages: Sequence[Passage], stored: Generation | None) -> Vectors:
        """Return one row per passage, embedding only text that was not embedded before."""
        known: dict[str, int] = {}
        old = np.zeros((0, self.embedder.dimension), np.float32)
        if stored and stored.fingerprint.embedder == self.fingerprint.embedder:
            old = stored.dense.vectors
            before = (passage for topic in stored.topics for passage in topic.passages)
            known = {embedded_text(passage): row for row, passage in enumerate(before)}
        vectors = np.zeros((len(passages), self.embedder.dimension), np.float32)
        new: list[int] = []
        texts = [embedded_text(passage) for passage in passages]
        for row, text in enumerate(texts):
            if text in known:
                vectors[row] = old[known[text]]
            else:
                new.append(row)
        for start in range(0, len(new), _EMBEDDING_BATCH):
            batch = new[start : start + _EMBEDDING_BATCH]
            vectors[batch] = self.embedder.embed_passages([texts[row] for row in batch])
            self.progress("嵌入 embedding", start + len(batch), len(new))
        return vectors


def embedded_text(passage: Passage) -> str:
    """Return what is embedded for a passage: its heading path, other names and text."""
    return "\n".join(filter(None, (" > ".join(passage.heading_path), passage.search_text, passage.text)))


def _is_same(file: SourceFile, path: Path, built_at_ns: int) -> bool:
    """Whether `path` is as it was when indexed: by its stamps if they can be trusted, else by its content."""
    try:
        stat = path.stat()
        if (stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns) == (file.size, file.mtime_ns, file.ctime_ns):
            newest = max(stat.st_mtime_ns, stat.st_ctime_ns)
            return newest < built_at_ns - _STAMP_RESOLUTION_NS or _digest(path) == file.digest
        return stat.st_size == file.size and _digest(path) == file.digest
    except OSError:
        return False


def _digest(path: Path) -> str:
    """Return the hash of a file; "" for what no reader takes: a pipe would be waited for, a huge file read."""
    if not path.is_file() or path.stat().st_size > reading.MAX_BYTES:
        return ""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "blake2b").hexdigest()


def _topics_by_file(stored: Generation) -> dict[str, tuple[SourceFile, tuple[Topic, ...]]]:
    topics: Iterator[Topic] = iter(stored.topics)
    return {file.path: (file, tuple(next(topics) for _ in range(file.topics))) for file in stored.files}
