"""What tells two things apart: the note's own comparisons, and things that it names one after the other."""

from __future__ import annotations

from random import Random

from assistant.language import Language
from assistant.quiz.asking import Asking, open_questions
from assistant.quiz.making import question, variant
from assistant.quiz.material import TopicMaterial
from assistant.quiz.named import thing_named
from assistant.quiz.types import Form, Question

_ASKING = Asking("compare")
_PAIRS = {
    Language.ZH: (
        "{one} 和 {other} 有什么区别？",
        "比较一下 {one} 和 {other}。",
        "{one} 和 {other} 的差别在哪里？",
    ),
    Language.EN: ("How do {one} and {other} differ?", "Compare {one} with {other}."),
}
_MOST = 5


def questions(material: TopicMaterial, chance: Random) -> tuple[Question, ...]:
    """Return the questions of this kind."""
    return (*open_questions(material, _ASKING), *_with_next(material))


def _with_next(material: TopicMaterial) -> tuple[Question, ...]:
    """Compare the thing that the group is named after with the nearest one named after it in the note."""
    one = thing_named(material.group, material.glossary)
    place = material.points[0].citation if material.points else None
    if not one or place is None:
        return ()
    for sibling in material.siblings:
        other, there = thing_named(sibling, material.glossary), sibling.points[0].citation
        if other and there and there.location.first > place.location.first:
            prompt = variant(_PAIRS[material.language], one + other).format(one=one, other=other)
            points = (*material.points, *sibling.points)
            if len(points) <= _MOST:
                return (question(material, "compare", Form.OPEN, prompt, points),)
            return ()
    return ()
