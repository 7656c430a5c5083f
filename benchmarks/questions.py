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


def _same(title: str) -> str:
    return title.strip().rstrip(":：").casefold()
