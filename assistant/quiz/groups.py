"""Key points of a topic put together in groups that are remembered or forgotten together.

A note that asks its own questions has a group for each answer; what it lists as points comes in handfuls; what it
warns of is one group. Any other note falls apart at its labels (优点, 原因, AdaGrad).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import groupby

from assistant.grading.types import KeyPoint
from assistant.quiz.note_parts import MISTAKES, Asked, Claim, asked_in, claims_in
from assistant.quiz.types import PointGroup
from corpus.types import Topic

#: Points of a group; a handful that is longer is cut into equal parts.
MOST = 5
_HANDFUL = 4
_NUMBER = re.compile(r" \d+$")


def groups_of(topic: Topic, points: Sequence[KeyPoint]) -> tuple[PointGroup, ...]:
    """Return the groups of `topic`, in the order of the note. `points` are its key points.

    A point without a line of the note is left out: what is asked must be shown where it stands.
    """
    cited = [point for point in points if point.citation]
    written = [point for point in cited if point.written]
    asked, claims = asked_in(topic), claims_in(topic)
    found = [*_of_answers(topic, asked), *_of_list(topic, written), *_of_claims(topic, claims)]
    if not written and not asked:
        found += _of_labels(topic, cited)
    return tuple(_with_own_names(found))


def is_question(group: PointGroup) -> bool:
    """Whether the group is the answer to a question of the note, which is its name."""
    return group.name.endswith(("?", "？"))


def is_mistakes(group: PointGroup) -> bool:
    """Whether the group puts right what the note warns of."""
    return bool(MISTAKES.search(group.name))


def label_of(group: PointGroup) -> str:
    """Return the label that the group's points stand under in the note, or nothing."""
    return _NUMBER.sub("", group.name) if group.points[0].label else ""


def _of_answers(topic: Topic, asked: Sequence[Asked]) -> Iterator[PointGroup]:
    for one in asked:
        yield PointGroup(topic, one.question, one.answer)


def _of_list(topic: Topic, written: Sequence[KeyPoint]) -> Iterator[PointGroup]:
    for part, handful in enumerate(_handfuls(written), 1):
        heading = handful[0].citation.heading_path[-1] if handful[0].citation else topic.title
        yield PointGroup(topic, f"{heading} {part}", handful)


def _of_claims(topic: Topic, claims: Sequence[Claim]) -> Iterator[PointGroup]:
    """Put the corrections of each section into one group; a point with two languages comes once."""
    kept: dict[frozenset[str], KeyPoint] = {}
    for claim in claims:
        kept.setdefault(frozenset(claim.correction.wordings), claim.correction)
    for part, handful in enumerate(_handfuls(list(kept.values()), MOST)):
        heading = handful[0].citation.heading_path[-1] if handful[0].citation else ""
        yield PointGroup(topic, f"{heading} {part + 1}" if part else heading, handful)


def _of_labels(topic: Topic, points: Sequence[KeyPoint]) -> Iterator[PointGroup]:
    for label, under in groupby(points, key=_governing):
        for part, handful in enumerate(_handfuls(list(under), MOST)):
            name = label or topic.title.strip().rstrip(":：")
            yield PointGroup(topic, f"{name} {part + 1}" if part else name, handful)


def _governing(point: KeyPoint) -> str:
    """Return the outermost label of a point: 解决方法 of 「解决方法 换一个损失函数」."""
    own = point.text.partition("：")[0]
    outer = point.label.removesuffix(own).strip()
    return outer if outer and len(point.text) > len(own) else point.label


def _handfuls(points: Sequence[KeyPoint], most: int = _HANDFUL) -> Iterator[tuple[KeyPoint, ...]]:
    """Cut `points` into parts of nearly equal length, none longer than `most`."""
    parts = -(-len(points) // most)
    for part in range(parts):
        yield tuple(points[part * len(points) // parts : (part + 1) * len(points) // parts])


def _with_own_names(found: Sequence[PointGroup]) -> Iterator[PointGroup]:
    """Yield the groups, a name that comes again with a number behind it."""
    seen: dict[str, int] = {}
    for group in found:
        seen[group.name] = count = seen.get(group.name, 0) + 1
        yield group if count == 1 else PointGroup(group.topic, f"{group.name} {count}", group.points)
