"""Draw the peers' table: Recall@1 and Recall@10 of every system on the sets that count, with 95 % intervals."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

SHOWN = {
    "seed dev": "your notes",
    "zh unseen": "Chinese",
    "en unseen": "English",
    "hard unseen": "hard",
    "xling unseen": "cross-lingual",
}
MEASURES = ("R@1", "R@10")
_OURS, _PEER = "#c8553d", "#5b7083"


def draw(figures: Mapping[str, Any], target: Path) -> None:
    """Write the picture of `benchmarks.peers.summary`'s figures to `target`."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot

    sets = {name: figures["sets"][name] for name in SHOWN if name in figures["sets"]}
    systems = list(next(iter(sets.values()))["systems"])
    rows = range(len(systems))
    drawing, axes = pyplot.subplots(
        len(MEASURES),
        len(sets),
        figsize=(2.3 * len(sets) + 1.2, 4.6),
        sharex=True,
        sharey=True,
        squeeze=False,
    )
    for across, measure in zip(axes, MEASURES, strict=True):
        for panel, (name, of_set) in zip(across, sets.items(), strict=True):
            cells = [of_set["systems"][system][measure] for system in systems]
            colours = [_OURS, *[_PEER] * (len(systems) - 1)]
            panel.barh(rows, [cell["value"] for cell in cells], color=colours, height=0.62)
            reach = [
                [max(0.0, cell["value"] - cell["low"]) for cell in cells],
                [max(0.0, cell["high"] - cell["value"]) for cell in cells],
            ]
            panel.errorbar(
                [c["value"] for c in cells], rows, xerr=reach, fmt="none", ecolor="#222", elinewidth=1
            )
            panel.set_yticks(list(rows), systems)
            panel.set_xlim(0, 1)
            panel.spines[["top", "right"]].set_visible(False)
            if measure == MEASURES[0]:
                panel.set_title(f"{SHOWN[name]} (n={of_set['n']})", fontsize=10)
        across[0].set_ylabel(measure)
    axes[0][0].invert_yaxis()
    drawing.tight_layout()
    drawing.savefig(target, dpi=150)
    pyplot.close(drawing)
