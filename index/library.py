"""The notes of one person, searchable: built once, kept on disk, brought up to date when a file changes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from corpus.glossary import Glossary
from corpus.note_names import with_note_names
from corpus.types import Passage, Topic
from index import coverage, folding, fusion, languages, lexical, spelling, storage, terms
from index.errors import EmbedderMissing, QueryTooLong, RerankerFailed
from index.generations import Fingerprint
from index.reranking import TOPICS, Reranker, rerank
from index.scales import SAME, SAMPLE, Scale, scale_between
from index.segments import embedded_text
from index.slips import SlipFinder
from index.translating import translated
from index.types import Embedder, Hit, ModelEmbedder, Progress, Rows, SearchResult, Vectors
from index.updating import Update, no_progress, update

#: Up to so many passages every one is scored. Beyond, of each search this many at least are looked at closely.
SCORED_WHOLE, CANDIDATES = 20_000, 100

#: Longest question searched, in characters; a page of text is about 2,000.
MAX_QUERY = 8_000

# Texts whose terms are remembered, of about 3 KB each.
_SENTENCES = 4_096


@dataclass(frozen=True, slots=True)
class _Ranking:
    """The best row of each of the best topics, their scores, and the evidence of coverage if any."""

    rows: Rows
    scores: Vectors
    evidence: coverage.Evidence | None


class Library:
    """Topics and passages with their index. Made by `open_library`; searching never writes.

    `glossary` is the one the index was built with and the notes' own names for things. `instead` gives the library
    that searches where the embedder fails; `notice` is said with every result. `reranker` orders the best hits anew.
    From a confidence of `threshold`, 0..1, on the notes are said to cover a question.
    """

    def __init__(
        self,
        updated: Update,
        embedder: Embedder,
        glossary: Glossary,
        *,
        instead: Callable[[EmbedderMissing], Library] | None = None,
        notice: str = "",
        threshold: float = coverage.THRESHOLD,
        reranker: Reranker | None = None,
    ) -> None:
        self._reranker = reranker
        self._threshold = threshold
        self._generation = generation = updated.generation
        self._embedder = embedder
        self._instead, self._notice = instead, notice
        self.topics: Sequence[Topic] = generation.topics
        self.glossary = with_note_names(glossary, generation.front_matter())
        self.problems = dict(updated.problems)
        # The same sentences are weighed again whenever somebody asks about their topic.
        self._terms_of = lru_cache(_SENTENCES)(self._counted)
        # One question is read for its search and for its quotes.
        self._read = lru_cache(maxsize=256)(self._understood)

    @property
    def fingerprint(self) -> Fingerprint:
        """What the index was built with."""
        return self._generation.fingerprint

    @property
    def split(self) -> int:
        """How many passages are longer than the embedder's window and were embedded in pieces."""
        return self._generation.split

    def check(self) -> None:
        """Read all of the stored index and compare checksums. Raises `IndexDamaged`."""
        storage.check(self._generation)

    def terms_of(self, text: str) -> Mapping[str, float]:
        """Return the terms of `text` as the index sees them."""
        return self._terms_of(text)

    def _counted(self, text: str) -> Mapping[str, float]:
        return terms.terms(text, self.glossary)

    def importance(self, query: str) -> Mapping[str, float]:
        """Return how much each term of `query` says, by kind and by rarity in these notes."""
        return self._importance(self.read(query).terms)

    def read(self, query: str) -> spelling.Reading:
        """Return how `query` is understood: misspelt names beside what was probably meant."""
        return self._read(query)

    def _understood(self, query: str) -> spelling.Reading:
        return spelling.read(query, self.glossary, self._slips)

    @cached_property
    def _slips(self) -> SlipFinder:
        index = self._generation.lexical
        return SlipFinder(self.glossary, lambda term: index.idf_of(term) is not None)

    def _importance(self, shares: Mapping[str, float]) -> Mapping[str, float]:
        index = self._generation.lexical
        idfs = ((term, share, index.idf_of(term)) for term, share in shares.items())
        return {
            t: share * terms.weight(t) * (index.idf_unseen if idf is None else idf) for t, share, idf in idfs
        }

    def passage(self, passage_id: str) -> Passage | None:
        """Return the passage with this id, or None."""
        return self._generation.passage(passage_id)

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
        read = self.read(query)
        try:
            ranking = self._rank(read, k, dense_share)
        except EmbedderMissing as error:
            if self._instead is None:
                raise
            return self._instead(error).search(query, k, dense_share=dense_share)
        sure = coverage.confidence(ranking.evidence) if ranking.evidence else 0.0
        hits: Iterable[Hit] = (
            Hit(rank, float(score), *self._generation.topic_and_passage(int(row)))
            for rank, (row, score) in enumerate(zip(ranking.rows, ranking.scores, strict=True), start=1)
        )
        notices = [self._notice] * bool(self._notice)
        if self._reranker:
            found = list(islice(hits, max(TOPICS, k)))
            try:
                hits = rerank(self._reranker, query, found)
            except RerankerFailed as error:
                hits = found
                notices.append(f"{error.message}；结果没有重排 (the results are not reranked). {error.hint}")
        return SearchResult(
            query,
            covered=ranking.evidence is not None and sure >= self._threshold,
            confidence=sure,
            hits=folding.fold(hits, k),
            notice="\n".join(notices),
            corrections=read.slips,
        )

    def evidence(self, query: str) -> coverage.Evidence:
        """Return what the coverage gate weighs for `query`; used to fit it."""
        return self._rank(self.read(query), 1, fusion.DENSE_SHARE).evidence or coverage.NOTHING

    def _rank(self, read: spelling.Reading, k: int, dense_share: float) -> _Ranking:
        """Score every passage of a small library, and of a large one those that either search finds best."""
        index = self._generation
        asked = read.terms
        if not asked:
            return _NO_RANKING
        vector = self._embedder.embed_queries([read.text])[0]
        in_chinese = languages.asks_in_chinese(read.text)
        mixed = 0.0 < dense_share < 1.0
        meant = translated(asked) if mixed and not in_chinese else {}
        # A passage holding every term often would score this; a term the notes lack counts as the rarest.
        highest = np.float32(max(sum(self._importance(asked).values()) * (lexical.K1 + 1), 1e-9))
        width = index.size if index.size <= SCORED_WHOLE else max(CANDIDATES, 2 * k)
        while True:
            rows, groups = self._candidates((asked, meant), vector, width)
            cosine = self._scale(index.dense.scores(vector, rows))
            lexical_score = index.lexical.score(asked, rows) / highest
            if mixed:
                other = self._chinese(rows) != in_chinese
                meant_score = index.lexical.score(meant, rows) / highest * other
                fused = fusion.blend(lexical_score + fusion.TRANSLATED * meant_score, cosine, dense_share)
                nearness = cosine + fusion.TRANSLATED_NEARNESS * meant_score
                fused = fusion.across_languages(fused, lexical_score + meant_score, nearness, groups, other)
            else:
                fused = fusion.blend(lexical_score, cosine, dense_share)
            best = fusion.best_per_group(fused, groups, k + folding.SPARE)
            if len(best) >= min(k, len(index.topics)) or width >= index.size:
                break
            width = min(8 * width, index.size)  # a topic may have many passages
        if not len(best) or fused[best[0]] <= 0.0:
            return _NO_RANKING
        found = best if rows is None else rows[best]
        nearest = int(found[0]), float(cosine[best[0]]), *index.topic_and_passage(int(found[0]))
        evidence = coverage.evidence(
            asked, index.lexical, self.glossary, coverage.best(*nearest, self.glossary), read.named
        )
        return _Ranking(found, fused[best], evidence)

    def _candidates(
        self, queries: Iterable[Mapping[str, float]], vector: Vectors, width: int
    ) -> tuple[Rows | None, NDArray[np.int64]]:
        """Return the rows among the `width` best of any search, None for all, and the topic of each."""
        if width >= self._generation.size:
            return None, self._all_topics
        found = [self._generation.lexical.best(query, width) for query in queries if query]
        rows = np.unique(np.concatenate([*found, self._generation.dense.best(vector, width)]))
        return rows, self._generation.topic_numbers(rows)

    @cached_property
    def _scale(self) -> Scale:
        """What brings cosines of the embedder to where those of the bundled one lie; see `index.scales`."""
        if not isinstance(self._embedder, ModelEmbedder):
            return SAME
        from index.embedders.bundled import BundledEmbedder

        size = self._generation.size
        rows = np.unique(np.linspace(0, size - 1, min(SAMPLE, size)).astype(np.int64))
        texts = [embedded_text(self._generation.topic_and_passage(int(row))[1]) for row in rows]
        return scale_between(self._generation.some_vectors(rows), BundledEmbedder().embed_passages(texts))

    def _chinese(self, rows: Rows | None) -> NDArray[np.bool_]:
        return self._all_chinese if rows is None else self._generation.chinese(rows)

    @cached_property
    def _all_chinese(self) -> NDArray[np.bool_]:
        return self._generation.chinese(np.arange(self._generation.size))

    @cached_property
    def _all_topics(self) -> NDArray[np.int64]:
        return self._generation.topic_numbers(np.arange(self._generation.size))


_NO_RANKING = _Ranking(np.empty(0, np.int64), np.empty(0, np.float32), None)


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
