"""Where something stops working."""

from __future__ import annotations

from random import Random

from assistant.quiz.asking import Asking, open_questions
from assistant.quiz.material import TopicMaterial
from assistant.quiz.types import Question

_ASKING = Asking("limits")


def questions(material: TopicMaterial, chance: Random) -> tuple[Question, ...]:
    """Return the questions of this kind."""
    return open_questions(material, _ASKING)
