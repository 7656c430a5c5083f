"""The plots of demos that ran in an answer, drawn anew from their arguments: an answer holds numbers, not pictures."""

from __future__ import annotations

from collections.abc import Sequence

from assistant.events import ToolRun
from corpus.errors import StudyError

#: Pictures to an answer.
_MOST = 2


def pictures(runs: Sequence[ToolRun]) -> list[tuple[str, bytes]]:
    """Return the name and the PNG of each run that has a plot; none where matplotlib is not installed."""
    from assistant.demo_kit import registry
    from assistant.demo_kit.plotting import picture

    drawn: dict[str, bytes] = {}
    for run in runs:
        if len(drawn) < _MOST and run.name not in drawn and run.result.get("plot"):
            try:
                drawn[run.name] = picture(registry.run(run.name, dict(run.arguments)), ".png")
            except StudyError:
                continue
    return list(drawn.items())
