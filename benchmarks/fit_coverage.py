"""Fit the coverage gate: `python -m benchmarks.fit_coverage` prints the lines to put into `index/coverage.py`.

Weights and threshold are chosen on the tuning halves alone; the check halves and the dev questions are printed and
never chosen on. Covered and uncovered count the same altogether, so that the probability is that of a question which
the notes cover as likely as not. That refusing what is covered is the worse mistake is the threshold's business.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import astuple
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GroupKFold

from benchmarks.coverage_samples import HARD, Sample, samples
from benchmarks.ranking import Share, wilson
from index.coverage import THRESHOLD, WEIGHTS, Evidence

#: How much a sample of some notes counts. Labels of topics left out are the least sure: what stays may tell of them.
TRUST = {"seed": 1.0, "shipped": 0.7, "seed, topics left out": 0.05, "shipped, topics left out": 0.05}

# At most so many of the covered questions may be refused, as far as they name what they mean.
_WRONGLY_REFUSED = 0.03
_FOLDS, _RESAMPLES = 10, 500

Sure = NDArray[np.float64]


def evidence_of(asked: Iterable[Sample]) -> NDArray[np.float64]:
    """Return one row of evidence per sample, shape (n, fields)."""
    return np.array([astuple(one.evidence) for one in asked], np.float64)


def labels_of(asked: Iterable[Sample]) -> NDArray[np.bool_]:
    """Return whether each sample is covered, shape (n,)."""
    return np.array([one.covered for one in asked])


def sureness(asked: Sequence[Sample], weights: Sequence[float] = WEIGHTS) -> Sure:
    """Return the probability of each sample being covered, shape (n,)."""
    logits = weights[0] + evidence_of(asked) @ np.array(weights[1:])
    return np.asarray(1 / (1 + np.exp(-logits)), np.float64)


def fitted(asked: Sequence[Sample]) -> tuple[float, ...]:
    """Return the intercept and a weight per field. So few weights need hardly any regularization: C is 10."""
    model = LogisticRegression(C=10.0, max_iter=5000)
    model.fit(evidence_of(asked), labels_of(asked), sample_weight=_shares(asked))
    return float(model.intercept_[0]), *map(float, model.coef_[0])


def unseen_sureness(asked: Sequence[Sample]) -> Sure:
    """Return the probability of each sample by weights fitted without any sample of its source."""
    sure = np.zeros(len(asked))
    for others, own in GroupKFold(_FOLDS).split(asked, groups=[one.source for one in asked]):
        sure[own] = sureness([asked[at] for at in own], fitted([asked[at] for at in others]))
    return sure


def threshold(asked: Sequence[Sample], sure: Sure) -> float:
    """Return the highest threshold, in hundredths, that refuses few enough of the covered questions of whole notes."""
    plain = [s for one, s in zip(asked, sure, strict=True) if one.covered and one.kind not in HARD]
    return math.floor(100 * float(np.quantile(plain, _WRONGLY_REFUSED))) / 100


def area(covered: NDArray[np.bool_], sure: Sure) -> Share:
    """Return the area under the curve with its 95 % interval, by a fixed bootstrap of either class."""
    random = np.random.default_rng(0)
    yes, no = sure[covered], sure[~covered]
    labels = np.repeat([True, False], [len(yes), len(no)])
    drawn = [
        roc_auc_score(labels, np.r_[random.choice(yes, len(yes)), random.choice(no, len(no))])
        for _ in range(_RESAMPLES)
    ]
    low, high = np.quantile(drawn, (0.025, 0.975))
    return Share(float(roc_auc_score(covered, sure)), float(low), float(high))


def sets_of(asked: Sequence[Sample]) -> Mapping[str, NDArray[np.bool_]]:
    """Return the sets that figures are given of, each as which samples are in it.

    Where topics are left out, the covered questions of the whole notes are what they are held against.
    """
    names, splits = np.array([one.notes for one in asked]), np.array([one.split for one in asked])
    kinds, covered = np.array([one.kind for one in asked]), labels_of(asked)
    found: dict[str, NDArray[np.bool_]] = {}
    for split in ("tune", "check"):
        for name in TRUST:
            whole = (names == name.partition(",")[0]) & covered
            found[f"{name}/{split}"] = ((names == name) | whole) & (splits == split)
    plain = ~np.isin(kinds, list(HARD))
    found["seed/check, no slips or paraphrase"] = found["seed/check"] & plain
    found["seed/dev"] = splits == "dev"
    return found


def figures(asked: Sequence[Sample], sure: Sure, limit: float) -> dict[str, dict[str, Any]]:
    """Return of each set the area under the curve, and the shares refused at `limit` with Wilson's intervals."""
    covered, refused = labels_of(asked), sure < limit
    table = {}
    for name, rows in sets_of(asked).items():
        no, yes = rows & ~covered, rows & covered
        table[name] = {
            "area": area(covered[rows], sure[rows]),
            "refused": wilson(int(refused[no].sum()), int(no.sum())),
            "wrongly refused": wilson(int(refused[yes].sum()), int(yes.sum())),
        }
    return table


def _shares(asked: Sequence[Sample]) -> NDArray[np.float64]:
    """Return what each sample counts: by `TRUST`, and either label the same altogether."""
    covered = labels_of(asked)
    share = np.array([TRUST[one.notes] for one in asked])
    for label in (True, False):
        share[covered == label] *= len(asked) / 2 / share[covered == label].sum()
    return share


def _print(title: str, asked: Sequence[Sample], sure: Sure, limit: float) -> None:
    print(f"\n{title}, threshold {limit:g}")
    for name, row in figures(asked, sure, limit).items():
        cells = (f"{what} {x.value:.3f} [{x.low:.3f}, {x.high:.3f}]" for what, x in row.items())
        print(f"  {name:<36}" + "  ".join(cells))


def main() -> None:
    """Fit and print."""
    asked = samples()
    tune = [one for one in asked if one.split == "tune"]
    weights, by_others = fitted(tune), unseen_sureness(tune)
    limit = threshold(tune, by_others)
    print("WEIGHTS =", tuple(round(weight, 2) for weight in weights))
    print("THRESHOLD =", limit)
    for field, weight in zip(Evidence.__slots__, weights[1:], strict=True):
        print(f"  {field:<18} {weight:+.2f}")
    of_tune = {name: rows for name, rows in sets_of(tune).items() if name.endswith("/tune")}
    print("\ntuning halves, ten-fold, by source: area under the curve")
    for name, rows in of_tune.items():
        share = area(labels_of(tune)[rows], by_others[rows])
        print(f"  {name:<36}{share.value:.3f} [{share.low:.3f}, {share.high:.3f}]")
    _print("fitted", asked, sureness(asked, weights), limit)
    _print("in use", asked, sureness(asked), THRESHOLD)


if __name__ == "__main__":
    main()
