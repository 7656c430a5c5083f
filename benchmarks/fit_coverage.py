"""Fit the coverage gate on the tuning half of our own questions: `python -m benchmarks.fit_coverage`.

Prints the weights to put into `index/coverage.py` and, for the tuning half, the check half and the dev set,
how many uncovered questions are refused and how many covered ones wrongly so, at several thresholds. The
weights are chosen on the tuning half alone, with the regularization chosen by cross-validation there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple

import numpy as np
from sklearn.linear_model import LogisticRegressionCV

from benchmarks.questions import Labelled, dev, ours
from benchmarks.retrieval import library
from corpus.glossary import load_glossary
from index.coverage import WEIGHTS, Evidence
from index.library import Library

THRESHOLDS = (0.3, 0.4, 0.5, 0.6, 0.7)


def features(questions: Sequence[Labelled], library: Library) -> np.ndarray:
    """Return one row of evidence per question, shape (n, fields)."""
    return np.array([astuple(library.evidence(q.question)) for q in questions])


def report(name: str, labels: np.ndarray, logits: np.ndarray) -> None:
    """Print refusals at each threshold."""
    sure = 1 / (1 + np.exp(-logits))
    row = "  ".join(
        f"{t}: {np.mean(sure[~labels] < t):.3f}/{np.mean(sure[labels] < t):.3f}" for t in THRESHOLDS
    )
    print(f"{name:<12} refused/wrongly refused  {row}")


def main() -> None:
    """Fit and print."""
    lib = library(load_glossary())
    tune = ours("tune")
    x, y = features(tune, lib), np.array([bool(q.topics) for q in tune])
    model = LogisticRegressionCV(
        Cs=np.logspace(-1, 3, 13),
        l1_ratios=(0.0,),
        cv=10,
        scoring="neg_log_loss",
        class_weight="balanced",
        max_iter=5000,
        use_legacy_attributes=False,
    ).fit(x, y)
    weights = (float(np.ravel(model.intercept_)[0]), *map(float, np.ravel(model.coef_)))
    print("WEIGHTS =", tuple(round(w, 2) for w in weights))
    for field, weight in zip(Evidence.__slots__, weights[1:], strict=True):
        print(f"  {field:<18} {weight:+.2f}")
    for name, questions in {"tune": tune, "check": ours("check"), "dev": dev(lib.topics)}.items():
        rows, labels = features(questions, lib), np.array([bool(q.topics) for q in questions])
        report(f"{name} fitted", labels, weights[0] + rows @ np.array(weights[1:]))
        report(f"{name} in use", labels, WEIGHTS[0] + rows @ np.array(WEIGHTS[1:]))


if __name__ == "__main__":
    main()
