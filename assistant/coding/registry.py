"""The coding tasks there are, by name.

A task is a module with `TASK` in a package of the group `assistant.coding_tasks`.
"""

from __future__ import annotations

from collections.abc import Iterator

from assistant.coding.types import Task
from corpus import plugins

GROUP = "assistant.coding_tasks"


def names() -> tuple[str, ...]:
    """Return the names of all tasks, sorted. Imports none of them."""
    return tuple(plugins.items(GROUP))


def load(name: str) -> Task:
    """Return the task called `name`; raises `UnknownName` with the nearest names."""
    task: Task = plugins.load(GROUP, name, kind="coding task").TASK
    return task


def tasks() -> Iterator[Task]:
    """Yield every task, sorted by name."""
    return map(load, names())
