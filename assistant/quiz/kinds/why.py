"""Why something is so: the reasons that the note gives."""

from __future__ import annotations

from random import Random

from assistant.quiz.asking import Asking, open_questions
from assistant.quiz.material import TopicMaterial
from assistant.quiz.types import Question

_ASKING = Asking(
    "why",
    frozenset({"cause"}),
    zh=("{thing}是什么原因造成的？", "为什么会出现{thing}？", "{thing}的根源在哪里？"),
    en=("What causes{thing}?", "Why does{thing} happen?"),
)


def questions(material: TopicMaterial, chance: Random) -> tuple[Question, ...]:
    """Return the questions of this kind."""
    return open_questions(material, _ASKING)
