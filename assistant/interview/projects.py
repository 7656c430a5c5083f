"""What is asked about a project of one's own: what it was for, what was hard, what would be done otherwise."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from assistant.grading.grader import key_of
from assistant.grading.types import KeyPoint
from assistant.interview.naming import name_of, shown
from assistant.interview.types import Item, Rung
from assistant.language import Language
from assistant.quiz.types import Question
from corpus.types import Topic

_ASKED = {
    Language.ZH: (
        (Rung.WHAT, "介绍一下「{title}」这个项目：要解决什么问题，你负责哪一部分？"),
        (Rung.WHY, "「{title}」里最难的是什么，你是怎么解决的？"),
        (Rung.LIMITS, "如果重做「{title}」，你会改哪里，为什么？"),
    ),
    Language.EN: (
        (Rung.WHAT, "Tell me about “{title}”: what problem did it solve, and which part was yours?"),
        (Rung.WHY, "What was the hardest part of “{title}”, and how did you solve it?"),
        (Rung.LIMITS, "If you did “{title}” again, what would you change, and why?"),
    ),
}


def project_items(topic: Topic, questions: Sequence[Question], language: Language) -> list[Item]:
    """Return what is asked about a project of one's own; what the note says of it is what counts."""
    points: dict[str, KeyPoint] = {p.text: p for q in questions for p in q.points}
    if not points:
        return []
    told = tuple(points.values())[:6]
    title = shown(topic.title)
    return [
        Item(
            item_id=f"project-{rung.value}-{hashlib.sha256(key_of(topic).encode()).hexdigest()[:8]}",
            topic=title,
            name=name_of(topic, language),
            rung=rung,
            prompt=prompt.format(title=title),
            points=told,
            model_answer="\n".join(point.text for point in told),
            citation=told[0].citation,
        )
        for rung, prompt in _ASKED[language]
    ]
