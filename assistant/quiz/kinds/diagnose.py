"""What is behind a symptom: the note's own diagnoses, and a symptom it describes with the cause it gives."""

from __future__ import annotations

from random import Random

from assistant.grading.lexicon import lexicon
from assistant.language import Language
from assistant.quiz.asking import Asking, open_questions
from assistant.quiz.groups import label_of
from assistant.quiz.making import question, variant
from assistant.quiz.material import TopicMaterial
from assistant.quiz.types import Form, PointGroup, Question
from index.terms import fold

_ASKING = Asking("diagnose")
_SEEN = {
    Language.ZH: ("你看到这样的情况：{seen}。可能是什么原因？", "有人反映：{seen}。你会怎么判断原因？"),
    Language.EN: ("You see this: {seen}. What may be the cause?",),
}


def questions(material: TopicMaterial, chance: Random) -> tuple[Question, ...]:
    """Return the questions of this kind."""
    found = open_questions(material, _ASKING)
    if not _is_under("cause", material.group):
        return found
    seen = [point for group in material.siblings if _is_under("symptom", group) for point in group.points]
    if not seen or not material.points:
        return found
    told = material.says(seen[0]).removeprefix(seen[0].label).lstrip("：: ")
    prompt = variant(_SEEN[material.language], told).format(seen=told)
    return (*found, question(material, "diagnose", Form.OPEN, prompt, material.points))


def _is_under(aspect: str, group: PointGroup) -> bool:
    return bool(lexicon().aspects[aspect].search(fold(label_of(group))))
