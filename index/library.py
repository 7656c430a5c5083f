"""The notes of one person, searchable: built once, kept on disk, brought up to date when a file changes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from corpus.glossary import Glossary
from corpus.note_names import with_note_names
from corpus.types import Passage, Topic
from index import coverage, fusion, lexical, terms
from index.errors import QueryTooLong
from index.segments import Fingerprint
from index.types import Embedder, Hit, Progress, Rows, SearchResult, Vectors
from index.updating import Update, no_progress, update

#: Longest question searched, in characters; a page of text is about 2,000.
MAX_QUERY = 8_000


@dataclass(frozen=True, slots=True)
class _Ranking:
    """The best row of each of the best topics, every row's score, and the evidence of coverage if any."""

    rows: Rows
    scores: Vectors
    evidence: coverage.Evidence | None


class Library:
    """Topics and passages with their index. Made by `open_library`; searching never writes.

    `glossary` is the one the index was built with and the notes' own names for things.
    """

    def __init__(self, updated: Update, embedder: Embedder, glossary: Glossary) -> None:
        self._generation = generation = updated.generation
        self._embedder = embedder
        self.topics: tuple[Topic, ...] = generation.topics
        self.glossary = with_note_names(
            glossary, {t.path: t.front_matter for t in self.topics if t.front_matter}.values()
        )
        self.problems = dict(updated.problems)
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
        return terms.terms(text, self.glossary)

    def importance(self, query: str) -> Mapping[str, float]:
        """Return how much each term of `query` says, by kind and by rarity in these notes."""
        return self._importance(terms.question_terms(query, self.glossary))

    def _importance(self, shares: Mapping[str, float]) -> Mapping[str, float]:
        index = self._generation.lexical
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
        asked = terms.question_terms(query, self.glossary)
        raw = self._generation.lexical.score(asked)
        # A passage holding every term often would score this; a term the notes lack counts as the rarest.
        highest = max(sum(self._importance(asked).values()) * (lexical.K1 + 1), 1e-9)
        cosine = self._cosines(query)
        fused = fusion.blend(raw / np.float32(highest), cosine, dense_share)
        rows = fusion.best_per_group(fused, self._topic_of, k)
        if not asked or not len(rows) or fused[rows[0]] <= 0.0:
            return _Ranking(rows[:0], fused, None)
        best = int(rows[0])
        found = coverage.evidence(asked, self._generation.lexical, self.glossary, best, float(cosine[best]))
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
    """Return the library of `notes`, building or updating its index under `folder` first; see `update`."""
    updated = update(
        notes, folder, embedder=embedder, glossary=glossary, progress=progress, warn=warn, whole=True
    )
    return Library(updated, embedder, glossary)
