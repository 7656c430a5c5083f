"""Misspelt questions about the user's notes: `python -m benchmarks misspelt`.

Each kind of slip (letters, sound, shape, pinyin; the typos among our labelled questions) is searched as it stands and
as `index.slips` reads it. What must not happen is counted beside it: a correct question that is corrected, an
uncovered one that becomes covered.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from benchmarks.questions import ROOT, SEED, Labelled, dev, ours
from benchmarks.retrieval import library, ranker, recall
from corpus.glossary import load_glossary
from index.library import Library
from index.slips import Slip

DATA = ROOT / "benchmarks" / "data" / "misspelt_questions.jsonl"
KINDS = ("letters", "sound", "shape", "pinyin")


class _AsWritten:
    """Finds no slips."""

    def find(self, question: str) -> tuple[Slip, ...]:
        return ()


def misspelt(split: str | None = None) -> list[Labelled]:
    """Return our misspelt questions, and under the kind `correct` some that only look so."""
    records = (json.loads(line) for line in DATA.read_text("utf-8").splitlines())
    return [
        Labelled(r["question"], r["kind"], frozenset(t - 1 for t in r["topics"]))
        for r in records
        if split in (None, r["split"])
    ]


def measure() -> dict[str, Any]:
    """Print and return recall and refusals of every kind of slip, as written and as read."""
    if not SEED.is_dir():
        print("skipped: the notes are not beside the project (../shared/seed)")
        return {"skipped": "no ../shared/seed"}
    glossary = load_glossary()
    systems = {"as written": library(glossary), "as read": library(glossary)}
    systems["as written"].__dict__["_slips"] = _AsWritten()
    figures: dict[str, Any] = {}
    for split in ("tune", "check"):
        sets = {f"{split}/{kind}": _of(misspelt(split), kind) for kind in KINDS}
        sets[f"{split}/typo"] = _of(ours(split), "typo")
        sets[f"{split}/not covered"] = [question for question in ours(split) if not question.topics]
        for name, questions in sets.items():
            figures[name] = {system: _row(questions, searched) for system, searched in systems.items()}
            for system, row in figures[name].items():
                print(f"{name:<18}{system:<12}" + "  ".join(f"{key} {value}" for key, value in row.items()))
    read = systems["as read"]
    correct = [*ours(), *dev(read.topics), *_of(misspelt(), "correct")]
    correct = [question for question in correct if question.kind != "typo"]
    changed = [question.question for question in correct if read.read(question.question).slips]
    figures["correct, corrected"] = f"{len(changed)}/{len(correct)}"
    print(f"correct questions that are corrected: {figures['correct, corrected']}", *changed, sep="\n  ")
    return figures


def _of(questions: Sequence[Labelled], kind: str) -> list[Labelled]:
    return [question for question in questions if question.kind == kind]


def _row(questions: Sequence[Labelled], searched: Library) -> dict[str, Any]:
    refused = sum(not searched.search(question.question).covered for question in questions)
    found = recall(questions, ranker(searched, None)) if questions[0].topics else {}
    return found | {"refused": f"{refused}/{len(questions)}"}
