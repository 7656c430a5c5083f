"""What something is: the definitions that the note gives, and what it says under the name of a thing."""

from __future__ import annotations

from random import Random

from assistant.language import Language
from assistant.quiz.asking import Asking, open_questions, spaced, tidy
from assistant.quiz.groups import is_question
from assistant.quiz.making import question, variant
from assistant.quiz.material import TopicMaterial
from assistant.quiz.named import thing_named
from assistant.quiz.types import Form, Question

_ASKING = Asking("define")
_THINGS = {
    Language.ZH: ("{thing}的核心思想是什么？", "讲讲{thing}是怎么做的。", "用自己的话解释一下{thing}。"),
    Language.EN: ("What is the idea of{thing}?", "Explain{thing}in your own words."),
}


def questions(material: TopicMaterial, chance: Random) -> tuple[Question, ...]:
    """Return the questions of this kind."""
    found = open_questions(material, _ASKING)
    thing = thing_named(material.group, material.glossary)
    if thing and not is_question(material.group) and material.points:
        wording = variant(_THINGS[material.language], thing + material.topic.title)
        prompt = tidy(wording.format(thing=spaced(thing)))
        found += (question(material, "define", Form.OPEN, prompt, material.points),)
    return found
