"""Progress of long work on stderr: a bar in a terminal, one line a stage elsewhere."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from index.types import Progress

if TYPE_CHECKING:
    from rich.progress import Progress as Bar
    from rich.progress import TaskID

# Work that is done before this many items is over in a blink; a bar would only flicker.
_WORTH_SHOWING = 20


def progress_on_stderr() -> Progress:
    """Return a progress function; rich is imported only when there is something to show."""
    if sys.stderr.isatty():
        return _Bar()
    return _lines()


def _lines() -> Progress:
    said: set[str] = set()

    def progress(stage: str, done: int, total: int) -> None:
        if stage not in said and total >= _WORTH_SHOWING:
            said.add(stage)
            print(f"{stage}: {total} …", file=sys.stderr, flush=True)  # noqa: T201

    return progress


class _Bar:
    """A rich progress bar that appears with the first long stage and goes when all stages are done."""

    def __init__(self) -> None:
        self._bar: Bar | None = None
        self._tasks: dict[str, TaskID] = {}

    def __call__(self, stage: str, done: int, total: int) -> None:
        if total < _WORTH_SHOWING:
            return
        if self._bar is None:
            from rich.console import Console
            from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
            from rich.progress import Progress as Bar

            self._bar = Bar(
                TextColumn("{task.description}"),
                BarColumn(),
                MofNCompleteColumn(),
                TextColumn("{task.fields[rate]}"),
                TimeRemainingColumn(),
                console=Console(stderr=True),
                transient=True,
            )
            self._bar.start()
        if stage not in self._tasks:
            self._tasks[stage] = self._bar.add_task(stage, total=total, rate="")
        task = self._bar.tasks[self._bar.task_ids.index(self._tasks[stage])]
        rate = f"{task.speed:,.0f}/s" if task.speed else ""
        self._bar.update(task.id, completed=done, total=total, rate=rate)
        if all(task.finished for task in self._bar.tasks):
            self._bar.stop()
            self._bar = None
            self._tasks.clear()
