"""Choose the weights of search on the tuning half of our own questions: `python -m benchmarks.tune [rounds]`.

Coordinate search from the present values: each constant in turn takes the best of its candidates, until a
round changes nothing. Score: Recall@1 + Recall@3 on the tuning half, on the user's notes and on the shipped ones, which
hold both languages; the check half and the dev set are printed and never chosen on. What was tried is filed as
`results/tune-<commit>.json`; the winner is written into the modules by hand, with the table in `LOG.md`.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from types import ModuleType
from typing import Any

from benchmarks.__main__ import RESULTS, commit
from benchmarks.questions import SEED, SHIPPED, Labelled, about_shipped, dev, ours
from benchmarks.retrieval import library, ranker, recall_counts
from corpus.atomic import write_bytes
from corpus.glossary import load_glossary
from index import documents, fusion, lexical, terms

CANDIDATES: dict[tuple[ModuleType, str], Sequence[float]] = {
    (lexical, "K1"): (0.6, 0.9, 1.2, 1.6, 2.0),
    (lexical, "B"): (0.2, 0.35, 0.5, 0.6, 0.75, 0.9),
    (documents, "_HEADING_TIMES"): (1.0, 2.0, 3.0, 4.0, 6.0),
    (documents, "_DESCRIPTION_TIMES"): (0.3, 0.6, 1.0, 1.4),
    (terms, "WEIGHT_CONCEPT"): (1.0, 1.5, 2.0, 2.5, 3.0, 4.0),
    (terms, "WEIGHT_LATIN"): (0.5, 0.8, 1.0, 1.3, 1.6, 2.0),
    (terms, "WEIGHT_CHARACTER"): (0.1, 0.2, 0.3, 0.45, 0.6),
    (terms, "WEIGHT_INTENT"): (0.3, 0.6, 1.0, 1.5, 2.0),
    (terms, "RELATED"): (0.0, 0.2, 0.35, 0.5, 0.7),
    (fusion, "DENSE_SHARE"): (0.0, 0.1, 0.15, 0.2, 0.25, 0.35, 0.5),
    (fusion, "CLOSE"): (0.8, 0.85, 0.9, 0.95, 1.0),
    (fusion, "CLEARLY_NEARER"): (1.1, 1.2, 1.3, 9.0),
    (fusion, "STAY_BEFORE"): (1, 2, 3, 4),
    (fusion, "TRANSLATED"): (0.0, 0.25, 0.5, 0.75, 1.0),
    (fusion, "TRANSLATED_NEARNESS"): (0.0, 0.3, 0.6, 0.9),
}

GLOSSARY = load_glossary()


def score(questions: Sequence[Labelled]) -> tuple[int, int, int, int]:
    """Return how many questions find their topic first, and among the first three, with the present constants.

    On the user's notes, then on the shipped ones.
    """
    terms.weight.cache_clear()
    user, shipped = library(GLOSSARY, SEED), library(GLOSSARY, SHIPPED)
    first, third = recall_counts(questions, ranker(user, fusion.DENSE_SHARE))
    translated = about_shipped(questions, shipped.topics)
    return first, third, *recall_counts(translated, ranker(shipped, fusion.DENSE_SHARE))


def main(rounds: int) -> None:
    """Search, print and file."""
    sets = {"tune": ours("tune"), "check": ours("check"), "dev": dev(library(GLOSSARY).topics)}
    tried: list[dict[str, Any]] = []

    def noted(name: str, value: float, *only: str) -> int:
        counts = {each: score(sets[each]) for each in only or sets}
        tried.append({"constant": name, "value": value} | counts)
        print(
            f"{name:<18} {value:<6}" + "  ".join(f"{each} {found}" for each, found in counts.items()),
            flush=True,
        )
        return sum(counts["tune"])

    best = noted("as they are", 0.0)
    for _ in range(rounds):
        changed = False
        for (module, name), values in CANDIDATES.items():
            kept = getattr(module, name)
            for value in values:
                setattr(module, name, value)
                found = noted(name, value, "tune")
                if found > best:
                    best, kept, changed = found, value, True
            setattr(module, name, kept)
        noted("after a round", 0.0)
        if not changed:
            break
    chosen = {f"{module.__name__}.{name}": getattr(module, name) for module, name in CANDIDATES}
    target = RESULTS / f"tune-{commit()}.json"
    write_bytes(target, json.dumps({"chosen": chosen, "tried": tried}, indent=1).encode() + b"\n")
    print(f"filed in {target.relative_to(RESULTS.parent.parent)}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 3)
