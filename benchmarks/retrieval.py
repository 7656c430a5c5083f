"""Recall and refusals on the user's notes: the fused index beside BM25 alone and dense search alone.

`python -m benchmarks retrieval`. Recall@k counts covered questions whose topic is among the first k.
`refused` is the share of uncovered questions that get `not_in_notes`, `wrongly_refused` that of covered ones.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from assistant.settings import SETTINGS
from benchmarks.questions import SEED, SHIPPED, Labelled, about_shipped, dev, ours
from corpus.glossary import Glossary, load_glossary
from index.embedders import open_embedder
from index.library import Library, open_library

#: What is measured is what a user has without choosing.
OUR_EMBEDDER = next(setting.default for setting in SETTINGS if setting.name == "embedder")

Ranker = Callable[[str], list[int]]


def measure() -> dict[str, Any]:
    """Print and return the table for our tuning half, our check half and the dev set."""
    if not SEED.is_dir():
        print("skipped: the notes are not beside the project (../shared/seed)")
        return {"skipped": "no ../shared/seed"}
    full, plain = library(load_glossary()), library(Glossary({}, "none", {}, {}))
    sets = {"ours/tune": ours("tune"), "ours/check": ours("check"), "dev": dev(full.topics)}
    systems = {
        "BM25 alone": ranker(plain, 0.0),
        "BM25 + glossary": ranker(full, 0.0),
        "dense alone": ranker(full, 1.0),
        "fused": ranker(full, None),
    }
    figures: dict[str, Any] = {}
    for name, questions in sets.items():
        rows = {system: recall(questions, rank) for system, rank in systems.items()}
        rows["gate"] = gate(questions, full)
        figures[name] = rows
        print(
            f"\n{name}: {sum(bool(q.topics) for q in questions)} covered, {sum(not q.topics for q in questions)} not"
        )
        for system, row in rows.items():
            print(f"  {system:<16}" + "  ".join(f"{key} {value}" for key, value in row.items()))
    shipped = library(load_glossary(), SHIPPED)
    print("\nthe same covered questions on the shipped notes")
    figures["shipped"] = {}
    for name, questions in sets.items():
        row = recall(about_shipped(questions, shipped.topics), ranker(shipped, None))
        figures["shipped"][name] = row
        print(f"  {name:<16}" + "  ".join(f"{key} {value}" for key, value in row.items()))
    return figures


def library(glossary: Glossary, notes: Path = SEED) -> Library:
    """Return a library of `notes`, built in a folder that is thrown away."""
    with tempfile.TemporaryDirectory() as folder:
        return open_library(
            [notes], Path(folder), embedder=open_embedder(OUR_EMBEDDER, glossary), glossary=glossary
        )


def ranker(library: Library, dense_share: float | None) -> Ranker:
    """Return a function from a question to topic indexes, best first."""
    number = {topic: at for at, topic in enumerate(library.topics)}
    share = {} if dense_share is None else {"dense_share": dense_share}

    def rank(question: str) -> list[int]:
        return [number[hit.topic] for hit in library.search(question, 10, **share).hits]

    return rank


def recall(questions: Sequence[Labelled], rank: Ranker) -> dict[str, Any]:
    """Return Recall@1 and Recall@3 over the covered questions, with counts."""
    n = sum(bool(q.topics) for q in questions)
    first, third = recall_counts(questions, rank)
    return {"R@1": f"{first / n:.3f} ({first}/{n})", "R@3": f"{third / n:.3f} ({third}/{n})"}


def recall_counts(questions: Sequence[Labelled], rank: Ranker) -> tuple[int, int]:
    """Return how many covered questions find a right topic first, and among the first three."""
    found = [(q.topics, rank(q.question)) for q in questions if q.topics]
    first, third = (sum(not topics.isdisjoint(order[:k]) for topics, order in found) for k in (1, 3))
    return first, third


def gate(questions: Sequence[Labelled], library: Library) -> dict[str, Any]:
    """Return how often the gate refuses what it should, and what it should not."""
    uncovered = [q for q in questions if not q.topics]
    covered = [q for q in questions if q.topics]
    right = sum(not library.search(q.question).covered for q in uncovered)
    wrong = sum(not library.search(q.question).covered for q in covered)
    return {
        "refused": f"{right / len(uncovered):.3f} ({right}/{len(uncovered)})",
        "wrongly refused": f"{wrong / len(covered):.3f} ({wrong}/{len(covered)})",
    }
