"""How a problem is solved: the remedies that the note lists."""

from __future__ import annotations

from random import Random

from assistant.quiz.asking import Asking, open_questions
from assistant.quiz.material import TopicMaterial
from assistant.quiz.types import Question

_ASKING = Asking(
    "how_to_fix",
    frozenset({"remedy"}),
    zh=("遇到{thing}，你会怎么解决？", "{thing}有哪些解决办法？", "怎么消除或缓解{thing}？"),
    en=("How would you fix{thing}?", "What remedies are there for{thing}?"),
)


def questions(material: TopicMaterial, chance: Random) -> tuple[Question, ...]:
    """Return the questions of this kind."""
    return open_questions(material, _ASKING)
