"""What follows when something is changed: conditions that the note states, and practices that it warns of."""

from __future__ import annotations

import re
from random import Random

from assistant.language import Language
from assistant.quiz.asking import Asking, open_questions
from assistant.quiz.facts import has_claim
from assistant.quiz.groups import is_mistakes, is_question
from assistant.quiz.making import framed, question, variant
from assistant.quiz.material import TopicMaterial
from assistant.quiz.types import Form, Question

_ASKING = Asking("predict_the_change")
#: A condition that is a change, and what follows on it.
_CONDITIONS = {
    Language.ZH: re.compile(
        r"^(?P<when>(?!.*(?:但|而是))(?=.*(?:加倍|翻倍|减半|变[大小深长多少]|增大|减小|[很过太][大小高低深长]|超过|趋于|接近|不相交|重叠|饱和|没有|全取|放大|加深))"
        r".{3,36}?(?:时|后|以后))[，,](?P<then>.{6,})$"
    ),
    Language.EN: re.compile(
        r"^(?P<when>(?:When|If|With (?:very |too )?(?:small|large|more|fewer|higher|lower)) .{4,60}?), "
        r"(?P<then>.{10,})$"
    ),
}
_WORDINGS = {
    Language.ZH: ("{when}，会怎样，为什么？", "{when}，会有什么结果？"),
    Language.EN: ("{when}, what happens?",),
}
_DONE = {
    Language.ZH: ("{done}，这样做会出什么问题？", "{done}，错在哪里？"),
    Language.EN: ("What goes wrong if you {done}?", "Why is it a mistake to {done}?"),
}
# 「把 A 和 B 混为一谈」 is a confusion, and nothing is done by it.
_CONFUSED = re.compile(r"混为一谈|confuse|mix up")


def questions(material: TopicMaterial, chance: Random) -> tuple[Question, ...]:
    """Return the questions of this kind."""
    return (*open_questions(material, _ASKING), *_conditions(material), *_practices(material))


def _conditions(material: TopicMaterial) -> tuple[Question, ...]:
    found = []
    is_list = not is_mistakes(material.group) and not is_question(material.group)
    for point in material.points if is_list else ():
        match = _CONDITIONS[material.language].match(material.says(point))
        if match:
            when = match["when"]
            wording = variant(_WORDINGS[material.language], when)
            prompt = framed(material, wording.format(when=when))
            found.append(question(material, "predict_the_change", Form.OPEN, prompt, (point,)))
    return tuple(found)


def _practices(material: TopicMaterial) -> tuple[Question, ...]:
    found = []
    for claim in material.claims:
        if claim.is_statement or _CONFUSED.search(claim.text) or not has_claim(material, claim):
            continue
        wording = variant(_DONE[material.language], claim.text)
        prompt = framed(material, wording.format(done=claim.text))
        found.append(question(material, "predict_the_change", Form.OPEN, prompt, (claim.correction,)))
    return tuple(found)
