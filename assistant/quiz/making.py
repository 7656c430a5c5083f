"""How every kind puts a question together: its id, its frame, its hint and its model answer.

What is asked is the kinds' business. Wordings are chosen by the question itself and not by chance, so that the same
question has the same id whenever it is made.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from typing import Any

from assistant.grading.facts import COMMON
from assistant.grading.types import KeyPoint
from assistant.language import Language
from assistant.quiz.material import TopicMaterial
from assistant.quiz.note_parts import begun
from assistant.quiz.types import Form, PointGroup, Question

_WORD = re.compile(r"[A-Z][a-z]+\b")
_SUBTITLE = re.compile(r"[：:，,；;].*$")
_FRAMES = {
    Language.ZH: ("关于{topic}，{asked}", "说到{topic}，{asked}", "聊聊{topic}。{asked}"),
    Language.EN: ("On {topic}: {asked}", "Speaking of {topic}: {asked}"),
}
# A topic's short title has no mark in it (`short_title`), so the frame ends at its first one.
_FRAMED = [
    re.compile(
        re.escape(frame).replace(r"\{topic\}", "[^：:，,；;。]+").replace(r"\{asked\}", "(?P<asked>.+)"),
        re.DOTALL,
    )
    for frames in _FRAMES.values()
    for frame in frames
]
_HINTS = {
    "named": ("想想「{name}」。", "Think of “{name}”."),
    "points": ("笔记里写了 {n} 点。", "Your notes make {n} points."),
    "line": ("答案在笔记《{topic}》的「{heading}」里。", "The answer is in “{topic}”, under “{heading}”."),
}


def question(
    material: TopicMaterial, kind: str, form: Form, prompt: str, points: Sequence[KeyPoint], **more: Any
) -> Question:
    """Return a question about `points`, which have citations; `more` are further fields of `Question`.

    Without others given, the points are the model answer, the first of them the citation, and the hint names
    something that they name.
    """
    topic, language = material.topic.title, material.language
    choices = "\0".join(sorted(more.get("choices", ())))
    made = "\0".join((kind, topic, language.value, prompt, choices))
    citation = more.pop("citation", None) or points[0].citation
    assert citation is not None, "groups hold points with citations only"
    answer = more.pop("model_answer", "") or spoken(material, points)
    hint = more.pop("hint", "") or hint_of(material, prompt, points)
    return Question(
        question_id=hashlib.sha256(made.encode("utf-8", "replace")).hexdigest()[:16],
        kind=kind,
        form=form,
        topic=topic,
        group=material.group.name,
        language=language,
        prompt=prompt,
        points=tuple(points),
        model_answer=answer,
        citation=citation,
        hint=hint,
        **more,
    )


def spoken(material: TopicMaterial, points: Sequence[KeyPoint]) -> str:
    """Return what `points` say, as one text in the language of the question."""
    if material.language is Language.ZH:
        return "".join(material.says(point) + "。" for point in points)
    return " ".join(begun(material.says(point)) + "." for point in points)


def variant(wordings: Sequence[str], of: str) -> str:
    """Return one of `wordings`, for the same `of` always the same."""
    return wordings[int(hashlib.sha256(of.encode("utf-8", "replace")).hexdigest(), 16) % len(wordings)]


def framed(material: TopicMaterial, asked: str) -> str:
    """Return `asked` with the topic before it where it does not name the topic itself."""
    if names_topic(material, asked):
        return asked
    name = short_title(material.group, material.language)
    frame = variant(_FRAMES[material.language], asked)
    return frame.format(topic=name, asked=asked).replace("  ", " ")


def unframed(prompt: str) -> str:
    """Return `prompt` without the frame that names its topic, for where the topic has just been named."""
    for pattern in _FRAMED:
        if found := pattern.fullmatch(prompt):
            return found["asked"]
    return prompt


def names_topic(material: TopicMaterial, text: str) -> bool:
    """Whether `text` names a thing that the title or an alias of its topic names."""
    front = material.topic.front_matter
    titles = [material.topic.title, *((front.title_en, *front.aliases) if front else ())]
    find = material.glossary.find
    own = {match.concept for title in titles for match in find(title)}
    folded = text.casefold()
    by_name = any(title.casefold() in folded for title in titles if len(title) > 1)
    return by_name or any(match.concept in own and match.concept not in COMMON for match in find(text))


def short_title(group: PointGroup, language: Language) -> str:
    """Return the title of the group's topic in `language` where there is one, without what follows its colon.

    A Chinese title that is a question itself is put in quotes.
    """
    topic = group.topic
    if language is Language.EN and topic.front_matter and topic.front_matter.title_en:
        title = _SUBTITLE.sub("", topic.front_matter.title_en)
        return title[0].lower() + title[1:] if _WORD.match(title) else title
    title = _SUBTITLE.sub("", topic.title).strip() or topic.title
    asks = re.search(r"为什么|为何|如何|怎么|怎样|是什么", title)
    return f"「{title}」" if asks else title if title[0].isascii() is False else f" {title}"


def hint_of(material: TopicMaterial, prompt: str, points: Sequence[KeyPoint]) -> str:
    """Return a hint: a thing that the answer names and the prompt does not, else how much there is to say."""
    asked = {match.concept for match in material.glossary.find(prompt)}
    for point in points:
        said = material.says(point)
        for match in material.glossary.find(said):
            if match.concept not in asked | COMMON:
                return _say("named", material.language, name=said[match.start : match.end])
    if len(points) > 1:
        return _say("points", material.language, n=len(points))
    heading = points[0].citation.heading_path[-1] if points and points[0].citation else material.group.name
    return _say("line", material.language, topic=material.topic.title, heading=heading)


def _say(phrase: str, language: Language, **values: object) -> str:
    return _HINTS[phrase][language is Language.EN].format(**values)
