"""Choose the weights of search on the tuning half of our own questions: `python -m benchmarks.tune [rounds]`.

Coordinate search from the present values: each constant in turn takes the best of its candidates, until a
round changes nothing. Score: Recall@1 + Recall@3 on the tuning half; the check half and the dev set are
printed and never chosen on. The winner is written into the modules by hand, with the table in `LOG.md`.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from types import ModuleType

from benchmarks.questions import Labelled, dev, ours
from benchmarks.retrieval import library, ranker, recall_counts
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
    (fusion, "DENSE_SHARE"): (0.0, 0.1, 0.2, 0.25, 0.35, 0.5, 0.7),
}

GLOSSARY = load_glossary()


def score(questions: Sequence[Labelled]) -> tuple[int, int]:
    """Return how many questions find their topic first, and among the first three, with the present constants."""
    terms.weight.cache_clear()
    rank = ranker(library(GLOSSARY), fusion.DENSE_SHARE)
    return recall_counts(questions, rank)


def main(rounds: int) -> None:
    """Search and print."""
    tune, check = ours("tune"), ours("check")
    held = dev(library(GLOSSARY).topics)
    best = sum(score(tune))
    print("start", best, score(tune), "check", score(check), "dev", score(held))
    for _ in range(rounds):
        changed = False
        for (module, name), values in CANDIDATES.items():
            kept = getattr(module, name)
            for value in values:
                setattr(module, name, value)
                found = sum(score(tune))
                if found > best:
                    best, kept, changed = found, value, True
            setattr(module, name, kept)
            print(f"{name:<18} {kept}  tune {best}", flush=True)
        print("check", score(check), "dev", score(held))
        if not changed:
            break


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 3)
