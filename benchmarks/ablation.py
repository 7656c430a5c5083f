"""What each part of the ranking is worth: every part off in turn, everything else as it is.

`python -m benchmarks.ablation` prints the table and files it as `results/ablation-<commit>.json`. Nothing is tuned
anew without a part, so a row says what would be missed, not what the best ranking without it would reach.
"""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import index.library as searching
from benchmarks.__main__ import RESULTS, commit
from benchmarks.notes_bench import ranks, row
from benchmarks.peer_sets import NOTES_BENCH, notes_bench, write_sections
from benchmarks.questions import SEED, SHIPPED, Labelled, about_shipped, dev, ours
from benchmarks.retrieval import OUR_EMBEDDER, library, ranker, recall_counts
from corpus import passages
from corpus.atomic import write_bytes
from corpus.glossary import Glossary, load_glossary
from index import documents, fusion, lexical, terms
from index.embedders import open_embedder
from index.library import Library, open_library
from index.types import Vectors

#: Questions on notes of other people that the bundled embedding was not trained on.
BENCH = ("zh unseen", "en unseen", "hard unseen", "xling unseen")

#: What stands in place of a part: a module, a name in it, and the value without the part.
Off = tuple[tuple[ModuleType, str, Any], ...]


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the ranking: how it is switched off, and whether passages must be indexed anew without it."""

    off: Off = ()
    indexed: bool = False
    glossary: bool = False


def _as_it_is(word: str) -> str:
    return word


def _untranslated(asked: Mapping[str, float]) -> dict[str, float]:
    return {}


def _as_blended(fused: Vectors, *_: object) -> Vectors:
    return fused


PARTS: Mapping[str, Part] = {
    "nothing": Part(),
    "dense": Part(((fusion, "DENSE_SHARE", 0.0),)),
    "language fusion": Part(((fusion, "across_languages", _as_blended),)),
    "translated words": Part(((searching, "translated", _untranslated),)),
    "glossary": Part(glossary=True, indexed=True),
    "heading path": Part(((documents, "_HEADING_TIMES", 0.0),), indexed=True),
    "descriptions": Part(((documents, "_DESCRIPTION_TIMES", 0.0),), indexed=True),
    "stems": Part(((terms, "_stem", _as_it_is),), indexed=True),
    "sorts of question": Part(((terms, "WEIGHT_INTENT", 0.0),)),
    "related concepts": Part(((terms, "RELATED", 0.0),)),
    "pairs of characters": Part(((terms, "WEIGHT_PAIR", 0.0),)),
    "single characters": Part(((terms, "WEIGHT_CHARACTER", 0.0),)),
    "filler words": Part(
        ((terms, "_CHINESE_FILLER", re.compile(r"(?!)")), (terms, "_ENGLISH_STOP", frozenset())), indexed=True
    ),
    "length of the passage": Part(((lexical, "B", 0.0),)),
    "merging small passages": Part(((passages, "TARGET", 0), (passages, "LOWEST", 0)), indexed=True),
}


@contextmanager
def without(part: Part) -> Iterator[Glossary]:
    """Switch `part` off for a while; the glossary to search with is given."""
    before = [(module, name, getattr(module, name)) for module, name, _ in part.off]
    try:
        for module, name, value in part.off:
            setattr(module, name, value)
        terms.weight.cache_clear()
        yield Glossary({}, "none", {}, {}) if part.glossary else load_glossary()
    finally:
        for module, name, value in before:
            setattr(module, name, value)
        terms.weight.cache_clear()


def measure() -> dict[str, Any]:
    """Print and return the figures without each part in turn: Recall@1 and @3, on the notes benchmark @1 and @10."""
    if not (SEED.is_dir() and NOTES_BENCH.is_dir()):
        print("skipped: the notes are not beside the project (../shared)")
        return {"skipped": "no ../shared"}
    figures: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as folder:
        sections = Path(folder) / "sections"
        sections.mkdir()
        write_sections(sections)
        print(
            f"{'without':<24}"
            + "".join(f"{name:<15}" for name in ("tuning", "check", "dev", "shipped", *BENCH))
        )
        for number, (name, part) in enumerate(PARTS.items()):
            index = Path(folder) / (f"index-{number}" if part.indexed else "index")
            with without(part) as glossary:
                figures[name] = _notes(glossary) | _bench(sections, index, glossary)
            print(
                f"{name:<24}" + "".join(f"{' / '.join(cell):<15}" for cell in figures[name].values()),
                flush=True,
            )
    return figures


def _notes(glossary: Glossary) -> dict[str, tuple[str, str]]:
    """Return the figures of our questions and of the dev set on the user's notes, and of all on the shipped ones."""
    user, shipped = library(glossary), library(glossary, SHIPPED)
    sets = {"tuning": ours("tune"), "check": ours("check"), "dev": dev(user.topics)}
    everything = [question for questions in sets.values() for question in questions]
    found = {name: _recall(questions, user) for name, questions in sets.items()}
    return found | {"shipped": _recall(about_shipped(everything, shipped.topics), shipped)}


def _recall(questions: Sequence[Labelled], searched: Library) -> tuple[str, str]:
    asked = sum(bool(question.topics) for question in questions)
    first, third = recall_counts(questions, ranker(searched, fusion.DENSE_SHARE))
    return f"{first / asked:.3f}", f"{third / asked:.3f}"


def _bench(sections: Path, index: Path, glossary: Glossary) -> dict[str, tuple[str, str]]:
    """Return the figures of the notes benchmark; `index` may hold the index of a part before."""
    searched = open_library(
        [sections], index, embedder=open_embedder(OUR_EMBEDDER, glossary), glossary=glossary
    )
    questions = notes_bench(searched).questions
    found = ranks(searched, questions, fusion.DENSE_SHARE)
    rows = {name: row(name, questions, found) for name in BENCH}
    return {
        name: (f"{each['R@1']['value']:.3f}", f"{each['R@10']['value']:.3f}") for name, each in rows.items()
    }


def main() -> None:
    """Measure and file."""
    figures = {"commit": commit(), "without": measure()}
    target = RESULTS / f"ablation-{figures['commit']}.json"
    write_bytes(target, json.dumps(figures, ensure_ascii=False, indent=1).encode() + b"\n")
    print(f"filed in {target.relative_to(RESULTS.parent.parent)}")


if __name__ == "__main__":
    main()
