"""Questions with the notes they were put to: what the gate is fitted to and measured on.

A question is uncovered because it was written so, or because the topics that answer it are left out of the notes
(`coverage_groups.json`: topics that tell of the same things, since leaving out one of two that explain the sigmoid
takes nothing away). Labels that nobody could be sure of are null and not asked.
"""

from __future__ import annotations

import json
import tempfile
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Any

from benchmarks.left_out import notes
from benchmarks.peer_sets import NOTES_BENCH, sections, write_sections
from benchmarks.questions import OURS, ROOT, SEED, SHIPPED, TO_SHIPPED, dev
from index.coverage import Evidence
from index.library import Library

_DATA = ROOT / "benchmarks" / "data"
#: Kinds of questions that mean a topic without naming it, or misspell it: no fault of the gate's alone.
HARD = frozenset({"typo", "paraphrase"})


@dataclass(frozen=True, slots=True)
class Sample:
    """A question put to notes. `source` makes samples of one origin recognizable, so that no fold sees half of it."""

    notes: str
    split: str
    kind: str
    question: str
    covered: bool
    source: str
    evidence: Evidence


def samples() -> list[Sample]:
    """Return every sample of the user's notes and the shipped notes, whole and with topics left out, and dev."""
    return [*of_seed(), *of_shipped()]


def of_seed() -> Iterator[Sample]:
    """Yield the samples of the user's notes."""
    seed = notes([SEED])
    whole = seed.without()
    for row in _lines(OURS):
        yield _sample("seed", whole, row, bool(row["topics"]), f"seed {row['topics'] or row['id']}")
    for row in _lines(_DATA / "coverage_questions.jsonl"):
        if row["seed"] is not None:
            yield _sample("seed", whole, row, bool(row["seed"]), row["id"])
    for number, question in enumerate(dev(seed.topics)):
        row = {"question": question.question, "kind": question.kind, "split": "dev"}
        yield _sample("seed", whole, row, bool(question.topics), f"dev {number}")
    for group in map(set, _groups()["seed"]):
        rest = seed.without({topic - 1 for topic in group})
        for row in _lines(OURS):
            if row["topics"] and group.issuperset(row["topics"]):
                yield _sample("seed, topics left out", rest, row, False, f"seed {row['topics']}")


def of_shipped() -> Iterator[Sample]:
    """Yield the samples of the shipped notes."""
    shipped = notes([SHIPPED])
    whole = shipped.without()
    asked = list(_about_shipped())
    for row, stems, source in asked:
        yield _sample("shipped", whole, row, bool(stems), source)
    place = {topic.path.stem: number for number, topic in enumerate(shipped.topics)}
    for group in map(set, _groups()["shipped"]):
        rest = shipped.without({place[stem] for stem in group})
        for row, stems, source in asked:
            if stems and group.issuperset(stems):
                yield _sample("shipped, topics left out", rest, row, False, source)
        for stem in sorted(group):
            front = shipped.topics[place[stem]].front_matter
            for question in front.questions if front else ():
                row = {"question": question, "kind": "typical", "split": _half(stem)}
                yield _sample("shipped, topics left out", rest, row, False, f"shipped {stem}")


def _about_shipped() -> Iterator[tuple[dict[str, Any], Collection[str], str]]:
    """Yield the questions with the shipped notes that answer them, and their source."""
    table = json.loads(TO_SHIPPED.read_text("utf-8"))
    labels = json.loads((_DATA / "coverage_shipped_labels.json").read_text("utf-8"))
    for row in _lines(OURS):
        if row["id"] not in labels["unsure"]:
            stems = [stem for topic in row["topics"] for stem in table[str(topic)]]
            yield row, stems or labels["covered"].get(row["id"], ()), f"seed {row['topics'] or row['id']}"
    for row in _lines(_DATA / "coverage_questions.jsonl"):
        if row["shipped"] is not None:
            yield row, row["shipped"], row["id"]


def notes_bench() -> Iterator[Sample]:
    """Yield the questions of the notes benchmark, each put to half of the chapters of the repository it is from.

    Once its chapter is among them and once it is not. A label may be wrong: another chapter may tell of it too.
    """
    with tempfile.TemporaryDirectory() as folder:
        write_sections(Path(folder))
        everything = notes([Path(folder)])
    place = {topic.path.stem: number for number, topic in enumerate(everything.topics)}
    halves: dict[tuple[str, str], set[str]] = defaultdict(set)
    for section in sections():
        chapter = (section["title_path"] or [section["id"]])[0]
        halves[section["repo"], _half(chapter)].add(section["id"])
    asked: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for name in ("zh", "en"):
        for row in _lines(NOTES_BENCH / f"{name}_dev.jsonl"):
            if row["unseen"]:
                asked[row["repo"]].append({**row, "kind": name, "question": row["query"], "split": "check"})
    for (repository, _), ids in halves.items():
        if asked[repository] and len(ids) >= 20:
            rest = everything.only({place[one] for one in ids})
            for row in asked[repository]:
                yield _sample("notes_bench", rest, row, not ids.isdisjoint(row["gold"]), row["qid"])


def _sample(name: str, library: Library, row: dict[str, Any], covered: bool, source: str) -> Sample:
    evidence = library.evidence(row["question"])
    return Sample(name, row["split"], row["kind"], row["question"], covered, source, evidence)


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    return map(json.loads, path.read_text("utf-8").splitlines())


def _groups() -> dict[str, Sequence[Sequence[Any]]]:
    groups: dict[str, Sequence[Sequence[Any]]] = json.loads(
        (_DATA / "coverage_groups.json").read_text("utf-8")
    )
    return groups


def _half(name: str) -> str:
    """Return which half what is called `name` is in, the same on every machine."""
    return "check" if blake2b(name.encode(), digest_size=1).digest()[0] % 2 else "tune"
