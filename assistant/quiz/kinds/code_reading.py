"""A few lines of code to be read: what they print, which line is wrong, what is missing."""

from __future__ import annotations

import textwrap
from random import Random

from assistant.coding.fitting import fits, home
from assistant.coding.reading import Snippet, snippets
from assistant.grading.types import KeyPoint
from assistant.language import Language
from assistant.quiz.making import question
from assistant.quiz.material import TopicMaterial
from assistant.quiz.types import Form, Question

_LOOK = {
    Language.ZH: "从头到尾代入一遍，注意每个数组的形状。",
    Language.EN: "Go through it line by line and mind the shapes.",
}


def questions(material: TopicMaterial, chance: Random) -> tuple[Question, ...]:
    """Return the snippets about the topic, each with the group whose lines it is about."""
    return tuple(
        _question(material, snippet, point, chance)
        for snippet in (snippets() if material.points else ())
        if fits(material.topic.title, snippet.topics)
        and (point := home(material.group, material.siblings, snippet.terms))
    )


def _question(material: TopicMaterial, snippet: Snippet, point: KeyPoint, chance: Random) -> Question:
    language = material.language
    prompt = snippet.question.in_(language) + "\n\n" + textwrap.indent(snippet.code, "    ")
    choices = [choice.in_(language) for choice in snippet.choices]
    right = choices[snippet.right]
    chance.shuffle(choices)
    return question(
        material,
        "code_reading",
        Form.CHOICE,
        prompt,
        (point,),
        choices=tuple(choices),
        right=choices.index(right),
        model_answer=snippet.answer.in_(language),
        hint=_LOOK[language],
        reference=snippet.name,
    )
