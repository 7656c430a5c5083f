"""What a topic is called in an interview: as its title, and as it is spoken of in either language."""

from __future__ import annotations

from assistant.language import Language
from assistant.quiz.making import short_title
from assistant.quiz.types import PointGroup
from corpus.types import Topic


def name_of(topic: Topic, language: Language) -> str:
    """Return what `topic` is called when it is spoken of in `language`."""
    return short_title(PointGroup(topic, "", ()), language).strip().rstrip(":：")


def shown(title: str) -> str:
    """Return a title as it is said: without a colon at its end."""
    return title.strip().rstrip(":：").strip()
