"""How far the gate's probability can be trusted: `python -m benchmarks.reliability` files a diagram and its figures.

Questions that nothing was fitted to are put to the user's notes, the shipped notes and notes of other people. Of those
that are called covered with some probability, that share should be covered. Either label counts the same altogether,
as in fitting. Of the notes benchmark the labels are rough (`coverage_samples.notes_bench`); it says most of whether
the gate holds on notes that nobody looked at.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.__main__ import RESULTS
from benchmarks.coverage_samples import Sample, notes_bench, samples
from benchmarks.fit_coverage import area, labels_of, sureness
from benchmarks.peer_sets import NOTES_BENCH
from benchmarks.questions import DEV
from benchmarks.ranking import wilson
from corpus.atomic import write_bytes
from index.coverage import THRESHOLD, WEIGHTS

BINS = 10


def reliability(covered: NDArray[np.bool_], sure: NDArray[np.float64]) -> dict[str, Any]:
    """Return bins of equal width with the mean probability and the share covered in each, and what sums them up.

    `ece` is the expected calibration error (Naeini, Cooper and Hauskrecht 2015, AAAI, section 3), `brier` the mean
    squared error of the probability (Brier 1950). Both classes weigh one half.
    """
    share = np.where(covered, 0.5 / max(covered.sum(), 1), 0.5 / max((~covered).sum(), 1))
    number = np.minimum((sure * BINS).astype(int), BINS - 1)
    bins = []
    for which in range(BINS):
        own = number == which
        weight = float(share[own].sum())
        if weight:
            bins.append(
                {
                    "from": which / BINS,
                    "questions": int(own.sum()),
                    "weight": round(weight, 4),
                    "sure": round(float(share[own] @ sure[own]) / weight, 4),
                    "covered": round(float(share[own] @ covered[own]) / weight, 4),
                }
            )
    return {
        "ece": round(sum(one["weight"] * abs(one["sure"] - one["covered"]) for one in bins), 4),
        "brier": round(float(share @ (sure - covered) ** 2), 4),
        "bins": bins,
    }


def measure() -> dict[str, Any]:
    """Print and return the figures of each set, and draw them."""
    if not (DEV.is_file() and NOTES_BENCH.is_dir()):
        print("skipped: the notes are not beside the project (../shared)")
        return {"skipped": "no ../shared"}
    checked = [one for one in samples() if one.split == "check"]
    sets: dict[str, Sequence[Sample]] = {
        name: [one for one in checked if one.notes == name] for name in ("seed", "shipped")
    }
    sets["notes_bench"] = list(notes_bench())
    table = {name: _row(asked) for name, asked in sets.items()}
    for name, row in table.items():
        print(
            f"{name:<12} area {row['area']['value']:.3f}  ECE {row['ece']:.3f}  Brier {row['brier']:.3f}  "
            f"refused {row['refused']['value']:.3f}, wrongly {row['wrongly refused']['value']:.3f}"
        )
    figures = {"weights": list(WEIGHTS), "threshold": THRESHOLD, "sets": table}
    write_bytes(RESULTS / "reliability.json", json.dumps(figures, indent=1).encode() + b"\n")
    write_bytes(RESULTS / "reliability.svg", picture(table))
    return figures


def _row(asked: Sequence[Sample]) -> dict[str, Any]:
    covered, sure = labels_of(asked), sureness(asked)
    shares = {
        "refused": wilson(int((sure[~covered] < THRESHOLD).sum()), int((~covered).sum())),
        "wrongly refused": wilson(int((sure[covered] < THRESHOLD).sum()), int(covered.sum())),
        "area": area(covered, sure),
    }
    return {name: asdict(share) for name, share in shares.items()} | reliability(covered, sure)


def picture(table: Mapping[str, Mapping[str, Any]]) -> bytes:
    """Return the reliability diagram as SVG, the same bytes for the same figures."""
    import io

    import matplotlib as mpl
    from matplotlib.figure import Figure

    with mpl.rc_context({"svg.hashsalt": "reliability", "svg.fonttype": "path"}):
        figure = Figure(figsize=(5.2, 5.0), layout="constrained")
        axes = figure.subplots()
        axes.plot([0, 1], [0, 1], color="0.7", linestyle="--", linewidth=1)
        axes.axvline(THRESHOLD, color="0.8", linewidth=1)
        for (name, row), marker in zip(table.items(), "os^", strict=False):
            sure, covered = ([one[key] for one in row["bins"]] for key in ("sure", "covered"))
            axes.plot(sure, covered, marker=marker, label=f"{name}: ECE {row['ece']:.3f}")
        axes.set(xlabel="confidence", ylabel="share covered", xlim=(0, 1), ylim=(0, 1), aspect="equal")
        axes.legend(loc="lower right", frameon=False)
        drawn = io.BytesIO()
        figure.savefig(drawn, format="svg", metadata={"Date": None})
    return drawn.getvalue()


if __name__ == "__main__":
    measure()
