"""A gap in a sentence of the note: a number, or a term that nothing else in the sentence gives away."""

from __future__ import annotations

import re
from collections.abc import Iterator
from random import Random

from assistant.grading.facts import COMMON
from assistant.language import Language
from assistant.quiz.facts import statements
from assistant.quiz.groups import is_mistakes, is_question
from assistant.quiz.making import question, short_title
from assistant.quiz.material import TopicMaterial
from assistant.quiz.types import Form, Question
from corpus.glossary import Match

GAP = "____"
_PROMPTS = {
    Language.ZH: "填空（{topic}）：{text}。",
    Language.EN: "Fill the gap ({topic}): {text}.",
}
_HINTS = {
    Language.ZH: ("一个数。", "{n} 个字符，以「{first}」开头。"),
    Language.EN: ("A number.", "{n} characters, beginning with “{first}”."),
}
#: A number that is a value by itself, not in a name (ResNet-50), a size (3×3) or a formula.
_NUMBER = re.compile(r"(?<![\w.×/^$\-(\[,{])(?<![A-Za-z] )\d+(?:\.\d+)?(?![\w.×/^$\-)\],}]|\s?[×+−])")


def questions(material: TopicMaterial, chance: Random) -> tuple[Question, ...]:
    """Return the questions of this kind."""
    if is_question(material.group) or is_mistakes(material.group):
        return ()
    return tuple(_questions(material))


def _questions(material: TopicMaterial) -> Iterator[Question]:
    for point in statements(material):
        said = material.says(point)
        for start, end, accepted in _gaps(material, said):
            topic = short_title(material.group, material.language).strip()
            text = said[:start] + GAP + said[end:]
            yield question(
                material,
                "cloze",
                Form.CLOZE,
                _PROMPTS[material.language].format(topic=topic, text=text),
                (point,),
                accepted=accepted,
                hint=_hint(said[start:end], material.language),
            )


def _hint(gone: str, language: Language) -> str:
    number, word = _HINTS[language]
    return number if gone[0].isdigit() else word.format(n=len(gone), first=gone[0])


def _gaps(material: TopicMaterial, said: str) -> Iterator[tuple[int, int, tuple[str, ...]]]:
    """Yield where a gap may be, and what fills it."""
    numbers = [m for m in _NUMBER.finditer(said) if m[0] not in ("0", "1")]
    if len(numbers) == 1:
        yield numbers[0].start(), numbers[0].end(), (numbers[0][0],)
        return
    title = {
        match.concept for match in material.glossary.find(short_title(material.group, material.language))
    }
    named = material.glossary.find(said)
    fitting = [match for match in named if _is_telling(match, said, named, title, material)]
    if fitting:
        match = fitting[-1]
        names = material.glossary.concepts[match.concept].names
        accepted = dict.fromkeys([said[match.start : match.end], *names])
        yield match.start, match.end, tuple(accepted)


def _is_telling(
    match: Match, said: str, named: tuple[Match, ...], title: set[str], material: TopicMaterial
) -> bool:
    """Whether the term can be known from the rest: named once, not the subject, and no everyday word."""
    if match.concept in COMMON | title or match.also or match.start < 4:
        return False
    related = set(material.glossary.concepts[match.concept].related)
    others = [other for other in named if other.start != match.start]
    # Of two things in a row either may be the first.
    listed = re.search(r"[、和与或/]\s*$", said[: match.start]) or re.match(
        r"\s*[、和与或/]", said[match.end :]
    )
    return not listed and not any(
        other.concept == match.concept or other.concept in related for other in others
    )
