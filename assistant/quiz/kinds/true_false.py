"""A statement to be called true or false, with the reason: what the note calls wrong, what it says, or that twisted."""

from __future__ import annotations

import re
from collections.abc import Iterator
from random import Random

from assistant.grading.types import KeyPoint
from assistant.language import Language
from assistant.quiz.facts import flips, has_claim, related, statements
from assistant.quiz.groups import is_mistakes, is_question
from assistant.quiz.making import framed, question, variant
from assistant.quiz.material import TopicMaterial
from assistant.quiz.types import Form, Question

_WORDINGS = {
    Language.ZH: (
        "「{said}」这句话对吗？说说理由。",
        "判断对错并说明理由：{said}。",
        "有人说「{said}」，你同意吗，为什么？",
    ),
    Language.EN: (
        "True or false, and why: {said}.",
        "Somebody claims: “{said}.” Is that right? Give the reason.",
    ),
}
_ANSWERS = {
    Language.ZH: ("对。{why}", "错。{why}"),
    Language.EN: ("True. {why}", "False. {why}"),
}
#: What is said, and behind it or before it why.
_BECAUSE = {
    Language.ZH: re.compile(r"^(?P<said>.{6,}?)[，,]?(?:是因为|因为|原因是|这是为了)(?P<why>.{6,})$"),
    Language.EN: re.compile(r"^(?P<said>.{24,}?),? (?:because|since) (?P<why>.{12,})$"),
}


def questions(material: TopicMaterial, chance: Random) -> tuple[Question, ...]:
    """Return the questions of this kind."""
    return tuple(_questions(material))


def _questions(material: TopicMaterial) -> Iterator[Question]:
    if is_mistakes(material.group):
        for claim in material.claims:
            if claim.is_statement and has_claim(material, claim):
                yield _question(material, claim.text, False, (claim.correction,))
        return
    if is_question(material.group):
        return
    for point in statements(material):
        said = material.says(point)
        because = _BECAUSE[material.language].match(said)
        if because:
            yield _question(material, because["said"], True, (point,))
        elif reasons := related(material, point):
            yield _question(material, said, True, (point, *reasons))
        for flipped in flips(material, point):
            yield _question(material, flipped.text, False, (flipped.point,))


def _question(material: TopicMaterial, said: str, is_true: bool, points: tuple[KeyPoint, ...]) -> Question:
    said = said.strip("。.，, ")
    if material.language is Language.EN:
        said = said[0].upper() + said[1:]
    prompt = framed(material, variant(_WORDINGS[material.language], said).format(said=said))
    reasons = [material.says(point) for point in points]
    if material.language is Language.EN:
        why = " ".join(f"{reason[:1].upper()}{reason[1:]}." for reason in reasons)
    else:
        why = "".join(f"{reason}。" for reason in reasons)
    answer = _ANSWERS[material.language][not is_true].format(why=why)
    return question(
        material, "true_false", Form.TRUE_FALSE, prompt, points, is_true=is_true, model_answer=answer
    )
