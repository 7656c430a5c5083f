"""What is said of a question that the notes do not cover: that they do not, what is nearest, and what else there is."""

from __future__ import annotations

from collections.abc import Generator

from assistant.answering.general_knowledge import Generalist
from assistant.answering.types import PartialEvent, Request
from assistant.events import Notice, Text
from assistant.language import Language, say


def not_covered(
    request: Request, model: Generalist | None, *, general: bool
) -> Generator[PartialEvent, None, None]:
    """Say so and offer the nearest topics; with `general`, let `model` answer all the same under its label."""
    language = request.language
    yield Text(say("not_in_notes", language) + "\n")
    if topics := nearest(request):
        quoted = [f"《{topic}》" if language is Language.ZH else f"“{topic}”" for topic in topics]
        listed = ("、" if language is Language.ZH else ", ").join(quoted)
        yield Text(say("nearest", language, topics=listed) + "\n")
    if general and model:
        yield Text("\n")
        yield from model.general(request)
    elif general or model:
        yield Notice(say("can_general" if model else "general_no_model", language))


def nearest(request: Request) -> tuple[str, ...]:
    """Return the titles of the topics that come nearest to the question."""
    return tuple(hit.topic.title for hit in request.found.hits[:3])
