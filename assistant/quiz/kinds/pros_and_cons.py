"""What speaks for a thing and what against it."""

from __future__ import annotations

from random import Random

from assistant.quiz.asking import Asking, open_questions
from assistant.quiz.material import TopicMaterial
from assistant.quiz.types import Question

_ASKING = Asking(
    "pros_and_cons",
    frozenset({"merit", "fault"}),
    zh=("{thing}有哪些{side}？", "说说{thing}的{side}。", "{thing}的{side}是什么？"),
    en=("What are the {side} of{thing}?", "Name the {side} of{thing}."),
)


def questions(material: TopicMaterial, chance: Random) -> tuple[Question, ...]:
    """Return the questions of this kind."""
    return open_questions(material, _ASKING)
