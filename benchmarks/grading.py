"""How well answers are graded without a model: agreement with labels, and how each kind of answer fares.

`python -m benchmarks grading`. `kappa` is Cohen's with quadratic weights (Cohen 1968) over wrong, partial and correct;
a row of `kinds` gives the shares graded correct and partial. Labelled answers are ours (`graded_answers.jsonl`): those
marked `tune` were read while the rules were made; those marked `check` were written last, gave a kappa of 0.871
before anybody read their faults, and were read once after that. Answers that nobody has read come out lower than
these figures: 0.53, 0.77, 0.71 and 0.87 on four sets, one after the other. `dev` lies beside the project. `found`
leaves the topic to the search.

`graded_answers_2.jsonl` was written before any output on it was seen. Of its first 209 answers the half marked
`check` is never read answer by answer, only its totals by kind; `third` (110, seed notes) and `fourth` (70, seed
notes) were measured once each, at 0.71 and 0.81, and read after that.

Of `graded_answers_3.jsonl`, `fifth_tune`, `eighth_tune`, `eighth` and `ninth_tune` are by other hands, who had not
seen the grader: on seed notes `eighth_tune` (90) gave 0.80 and `ninth_tune` (70) 0.77 before they were read. `eighth`
(90) was measured once, when all rules stood, and gave 0.80; nobody has read it answer by answer.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assistant.grading.grader import Grader, note_of, same_title
from assistant.grading.types import Level
from benchmarks.questions import ROOT, SEED, SHARED, SHIPPED
from benchmarks.retrieval import OUR_EMBEDDER, library
from corpus.glossary import load_glossary
from index.embedders import open_embedder

FILE = ROOT / "benchmarks" / "data" / "graded_answers.jsonl"
SECOND = ROOT / "benchmarks" / "data" / "graded_answers_2.jsonl"
THIRD = ROOT / "benchmarks" / "data" / "graded_answers_3.jsonl"
DEV = SHARED / "eval" / "grading_dev.jsonl"
#: Stands for the whole text of the topic, which is the user's.
PASTED = "{notes}"
LEVELS = (Level.WRONG, Level.PARTIAL, Level.CORRECT)


@dataclass(frozen=True, slots=True)
class Answered:
    """A question, an answer and its label (0 wrong, 1 partial, 2 correct); `topic` is a number, a file or a title."""

    notes: str
    topic: int | str
    question: str
    answer: str
    label: int
    kind: str
    split: str


def measure() -> dict[str, Any]:
    """Print and return the figures of each split, on the user's notes where they are there, and on the shipped."""
    rows, second, third = answers(), answers(SECOND), answers(THIRD)
    seed, shipped = (_grader(folder) if folder.is_dir() else None for folder in (SEED, SHIPPED))
    figures: dict[str, Any] = {}
    for name, grader, chosen in (
        ("seed tune", seed, [r for r in rows if (r.notes, r.split) == ("seed", "tune")]),
        ("seed check", seed, [r for r in rows if (r.notes, r.split) == ("seed", "check")]),
        ("seed dev", seed, dev()),
        ("shipped tune", shipped, [r for r in rows if r.notes == "shipped"]),
        *(
            (f"second {notes} {split}", grader, [r for r in second if (r.notes, r.split) == (notes, split)])
            for notes, grader in (("seed", seed), ("shipped", shipped))
            for split in ("tune", "check", "third", "fourth")
        ),
        *(
            (f"third {notes} {split}", grader, [r for r in third if (r.notes, r.split) == (notes, split)])
            for notes, grader in (("seed", seed), ("shipped", shipped))
            for split in ("fifth_tune", "sixth_tune", "seventh_tune", "eighth_tune", "eighth", "ninth_tune")
        ),
    ):
        if grader is None or not chosen:
            continue
        figures[name] = scores(chosen, [label_of(grader, row) for row in chosen])
        figures[f"{name}, found"] = scores(chosen, [label_of(grader, row, find=True) for row in chosen])
        for shown in (name, f"{name}, found"):
            print(f"  {shown:<20} kappa {figures[shown]['kappa']:.3f}  n {figures[shown]['n']}")
        for kind, row in figures[name]["kinds"].items():
            print(f"    {kind:<10} {row}")
    return figures


def answers(file: Path = FILE) -> list[Answered]:
    """Return every labelled answer of our own."""
    return [Answered(**json.loads(line)) for line in file.read_text("utf-8").splitlines()]


def dev() -> list[Answered]:
    """Return the answers kept beside the project."""
    if not DEV.is_file():
        return []
    records = (json.loads(line) for line in DEV.read_text("utf-8").splitlines())
    return [Answered("seed", r["topic"], r["q"], r["a"], r["label"], r["kind"], "dev") for r in records]


def label_of(grader: Grader, row: Answered, *, find: bool = False) -> int:
    """Return the label that `grader` gives, with the topic told or left to `find`."""
    topics = grader.library.topics
    if isinstance(row.topic, int):
        topic = topics[row.topic - 1]
    else:
        topic = next(
            t for t in topics if t.path.stem == row.topic or same_title(t.title) == same_title(str(row.topic))
        )
    answer = row.answer.replace(PASTED, note_of(topic))
    return LEVELS.index(grader.grade(row.question, answer, None if find else topic.title).level)


def scores(rows: Sequence[Answered], given: Sequence[int]) -> dict[str, Any]:
    """Return the agreement and, for each kind, the shares graded correct and partial."""
    kinds: dict[str, list[int]] = defaultdict(list)
    for row, label in zip(rows, given, strict=True):
        kinds[row.kind].append(label)
    return {
        "n": len(rows),
        "kappa": round(kappa([row.label for row in rows], given), 4),
        "exact": round(sum(r.label == g for r, g in zip(rows, given, strict=True)) / len(rows), 4),
        "kinds": {
            kind: f"correct {labels.count(2) / len(labels):.2f}, partial {labels.count(1) / len(labels):.2f} "
            f"of {len(labels)}"
            for kind, labels in sorted(kinds.items())
        },
    }


def kappa(one: Iterable[int], other: Iterable[int]) -> float:
    """Return Cohen's kappa with quadratic weights of two gradings in 0, 1, 2; 1.0 where both never vary."""
    pairs = list(zip(one, other, strict=True))
    observed = sum((a - b) ** 2 for a, b in pairs)
    expected = sum((a - b) ** 2 for a, _ in pairs for _, b in pairs) / len(pairs)
    return 1.0 - observed / expected if expected else 1.0


def _grader(folder: Path) -> Grader:
    glossary = load_glossary()
    return Grader(library(glossary, folder), embedder=open_embedder(OUR_EMBEDDER, glossary))
