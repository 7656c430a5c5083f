"""Does a task or snippet fit what the user's notes say? By the words of a topic's title, and of a group's lines."""

from __future__ import annotations

from collections.abc import Sequence

from assistant.demo_kit.question import read_facts
from assistant.grading.types import KeyPoint
from assistant.quiz.groups import is_mistakes
from assistant.quiz.types import PointGroup
from index.terms import fold


def fits(title: str, topics: Sequence[str]) -> bool:
    """Tell whether a title says any of `topics`; of "bn & 反向" it must say both, of "bn & !gan" the first only."""
    facts = read_facts(title)
    return any(
        all(
            facts.says(fold(word.strip(" !"))) is not word.strip().startswith("!")
            for word in topic.split("&")
        )
        for topic in topics
    )


def home(group: PointGroup, siblings: Sequence[PointGroup], terms: Sequence[str]) -> KeyPoint | None:
    """Return the line of `group` that says most of `terms`; None where another group of the topic says as much.

    So a question is asked of one group of a topic, that which it is about; what the note warns of comes last.
    """
    mine = _rank(group, terms)
    if not mine[1] or any((_rank(other, terms), group.name) > (mine, other.name) for other in siblings):
        return None
    cited = [point for point in group.points if point.citation]
    return max(cited, key=lambda point: _hits(point, terms))


def _rank(group: PointGroup, terms: Sequence[str]) -> tuple[bool, int]:
    most = max((_hits(point, terms) for point in group.points if point.citation), default=0)
    return most > 0 and not is_mistakes(group), most


def _hits(point: KeyPoint, terms: Sequence[str]) -> int:
    text = fold(" ".join((point.label, point.text, *point.wordings)))
    return sum(fold(term) in text for term in terms)
