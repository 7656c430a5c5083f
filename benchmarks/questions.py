"""Labelled questions about the user's own notes: our tuning and check halves, and the held-back kind beside them.

Our file labels topics by their ordinal in the notes, never by their headings, which are the user's text.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from corpus.types import Topic

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"
SEED = SHARED / "seed"
OURS = ROOT / "benchmarks" / "data" / "seed_questions.jsonl"
TO_SHIPPED = ROOT / "benchmarks" / "data" / "seed_to_shipped.json"
SHIPPED = ROOT / "corpus" / "notes"
DEV = SHARED / "eval" / "seed_questions_dev.jsonl"


@dataclass(frozen=True, slots=True)
class Labelled:
    """A question and the indexes of the topics that answer it; none means that the notes do not cover it."""

    question: str
    kind: str
    topics: frozenset[int]


def ours(split: str | None = None) -> list[Labelled]:
    """Return our own questions: the half `tune` or `check`, or both."""
    records = (json.loads(line) for line in OURS.read_text("utf-8").splitlines())
    return [
        Labelled(r["question"], r["kind"], frozenset(t - 1 for t in r["topics"]))
        for r in records
        if split in (None, r["split"])
    ]


def dev(topics: Sequence[Topic]) -> list[Labelled]:
    """Return the questions kept beside the project, labelled by heading."""
    place = {_same(topic.title): number for number, topic in enumerate(topics)}
    records = (json.loads(line) for line in DEV.read_text("utf-8").splitlines())
    return [
        Labelled(r["question"], r["kind"], frozenset(place[_same(h)] for h in r["headings"])) for r in records
    ]


def about_shipped(questions: Sequence[Labelled], shipped: Sequence[Topic]) -> list[Labelled]:
    """Return the covered `questions` with the shipped notes that answer them in place of the user's topics."""
    table = json.loads(TO_SHIPPED.read_text("utf-8"))
    place = {topic.path.stem: number for number, topic in enumerate(shipped)}
    return [
        Labelled(q.question, q.kind, frozenset(place[stem] for t in q.topics for stem in table[str(t + 1)]))
        for q in questions
        if q.topics
    ]


def _same(title: str) -> str:
    return title.strip().rstrip(":：").casefold()
