"""Recall on notes of other people that nothing was trained or tuned on: `python -m benchmarks notes_bench`.

Every section of the benchmark is one note with a title; a question is answered by the sections it is labelled
with. `unseen` leaves out questions whose section comes from a repository that the bundled embedding was trained
on. A system is one entry of `SYSTEMS`; the peers are measured on the same sets by `benchmarks.peers`.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

from benchmarks.peer_sets import NOTES_BENCH, Question, notes_bench, write_sections
from benchmarks.ranking import first_rank, wilson
from benchmarks.retrieval import ranker
from corpus.glossary import Glossary, load_glossary
from index.embedders import open_embedder
from index.library import Library, open_library

SETS = tuple(f"{name}{unseen}" for name in ("zh", "en", "hard", "xling") for unseen in ("", " unseen"))


@dataclass(frozen=True, slots=True)
class System:
    """A way to search: an embedder, its share in the sum (None: the one in use), and whether names count."""

    embedder: str
    dense_share: float | None
    glossary: bool = True


SYSTEMS = {
    "BM25": System("hashed", 0.0, glossary=False),
    "BM25 + glossary": System("hashed", 0.0),
    "fused, hashed": System("hashed", None),
    "dense, bundled": System("bundled", 1.0),
    "BM25 + bundled": System("bundled", None, glossary=False),
    "fused, bundled": System("bundled", None),
}


def measure() -> dict[str, Any]:
    """Print and return Recall@1 and Recall@10 of each system on each set, with counts and 95 % intervals."""
    if not NOTES_BENCH.is_dir():
        print("skipped: the notes are not beside the project (../shared/eval/notes_bench)")
        return {"skipped": "no ../shared/eval/notes_bench"}
    figures: dict[str, Any] = {}
    with ExitStack() as stack:
        sections = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        write_sections(sections)

        @cache
        def opened(embedder: str, glossary: bool) -> Library:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            names = load_glossary() if glossary else Glossary({}, "none", {}, {})
            return open_library([sections], folder, embedder=open_embedder(embedder, names), glossary=names)

        for name, system in SYSTEMS.items():
            library = opened(system.embedder, system.glossary)
            questions = notes_bench(library).questions
            found = ranks(library, questions, system.dense_share)
            figures[name] = {each: row(each, questions, found) for each in SETS}
            print(f"\n{name}")
            for each, shares in figures[name].items():
                print(f"  {each:<14}" + "  ".join(_text(k, cell) for k, cell in shares.items()), flush=True)
    return figures


def ranks(library: Library, questions: Sequence[Question], dense_share: float | None) -> list[int | None]:
    """Return for each question the rank of the first right section, None beyond the tenth."""
    rank = ranker(library, dense_share)
    return [first_rank([frozenset({n}) for n in rank(q.text)], q.topics) for q in questions]


def row(name: str, questions: Sequence[Question], found: Sequence[int | None]) -> dict[str, Any]:
    """Return the shares of the questions of one set, with counts and intervals."""
    of_set = [rank for question, rank in zip(questions, found, strict=True) if name in question.sets]
    shares = {}
    for k in (1, 10):
        hits = sum(rank is not None and rank <= k for rank in of_set)
        shares[f"R@{k}"] = {"hits": hits, "asked": len(of_set), **asdict(wilson(hits, len(of_set)))}
    return shares


def _text(name: str, cell: dict[str, Any]) -> str:
    return (
        f"{name} {cell['value']:.3f} [{cell['low']:.3f}, {cell['high']:.3f}] ({cell['hits']}/{cell['asked']})"
    )
