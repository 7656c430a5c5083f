"""What an update changed: topics and passages counted by what they are, not by where they stand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from corpus.types import Topic


@dataclass(frozen=True, slots=True)
class Counts:
    """How many of something an update found new, changed, unchanged and gone."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    removed: int = 0


def by_heading(topics: Iterable[Topic]) -> dict[object, object]:
    """Return path and headings -> what the passages say; equal headings are told apart by their order."""
    seen: Counter[object] = Counter()
    found: dict[object, object] = {}
    for topic in topics:
        key = (topic.path, topic.heading_path)
        found[key, seen[key]] = [passage.passage_id for passage in topic.passages]
        seen[key] += 1
    return found


def by_id(topics: Iterable[Topic]) -> dict[object, object]:
    """Return passage id -> nothing: a passage is the same or it is another."""
    return {passage.passage_id: None for topic in topics for passage in topic.passages}


def compared(before: Mapping[object, object], after: Mapping[object, object], unchanged: int) -> Counts:
    """Return the counts of `before` against `after`, besides `unchanged` that were not looked at."""
    both = before.keys() & after.keys()
    changed = sum(before[key] != after[key] for key in both)
    return Counts(
        new=len(after) - len(both),
        changed=changed,
        unchanged=unchanged + len(both) - changed,
        removed=len(before) - len(both),
    )
