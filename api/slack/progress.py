"""How one learner stands, in a few lines for a chat."""

from __future__ import annotations

from assistant.language import Language
from assistant.progress import wording
from assistant.progress.gathering import Progress
from assistant.progress.standing import Standing, TopicStanding
from assistant.study import Assistant

#: Topics that are named for each standing.
_NAMED = 8
_TELLING = (Standing.CONTRADICTED, Standing.WEAK, Standing.DUE, Standing.STRONG)


def progress_text(assistant: Assistant, learner: str, language: Language) -> str:
    """Return Markdown: what was done, and which topics are weak, due and strong."""
    progress = Progress(assistant, learner, language)
    topics, done = list(progress.topics), progress.activity
    if not topics:
        return wording.say("no_notes", language)
    head = wording.head(done, language) if done.reviews else ""
    lines = [f"- {_named(topics, standing, language)}" for standing in _TELLING if _of(topics, standing)]
    return "\n".join(
        filter(None, [f"**{head}**\n" if head else "", wording.kinds(topics, language), "", *lines])
    )


def _of(topics: list[TopicStanding], standing: Standing) -> list[TopicStanding]:
    return [topic for topic in topics if topic.standing is standing]


def _named(topics: list[TopicStanding], standing: Standing, language: Language) -> str:
    found = _of(topics, standing)
    names = "、".join(topic.topic for topic in found[:_NAMED]) + ("……" if len(found) > _NAMED else "")
    return f"{wording.say(standing.value, language)}：{names}"
