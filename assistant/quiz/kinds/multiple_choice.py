"""One right statement among wrong ones, or one wrong among right ones: all about one topic and of one length.

Wrong are what the note calls wrong and its statements turned round. Which are shown is settled by their lengths, so
that the right one does not stand out; only their order is chance.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from assistant.grading.types import KeyPoint
from assistant.language import Language
from assistant.quiz.asking import tidy
from assistant.quiz.facts import flips, is_statement, stands_alone
from assistant.quiz.groups import is_mistakes, is_question
from assistant.quiz.making import question, short_title, variant
from assistant.quiz.material import TopicMaterial, is_in
from assistant.quiz.types import Form, Question

#: Choices of a question beside the right one, fewer where the topic gives no more, and how unlike their lengths may be.
_WRONG, _LEAST_WRONG, _UNLIKE = 3, 2, 2.2
_WHICH_IS_RIGHT = {
    Language.ZH: ("关于{topic}，下面哪种说法是对的？", "下列关于{topic}的说法，哪一个正确？"),
    Language.EN: ("Which of these statements about {topic} is right?", "About {topic}: which one is true?"),
}
_WHICH_IS_WRONG = {
    Language.ZH: ("关于{topic}，下面哪种说法是错的？", "下列关于{topic}的说法，哪一个不对？"),
    Language.EN: ("Which of these statements about {topic} is wrong?", "About {topic}: which one is false?"),
}
_ANSWERS = {
    Language.ZH: ("{said}。", "错的是「{said}」。{why}。"),
    Language.EN: ("{said}.", "The wrong one is: “{said}.” {why}."),
}
_OTHERS = {Language.ZH: "\n「{said}」错在：{why}。", Language.EN: "\n“{said}” is wrong: {why}."}


@dataclass(frozen=True, slots=True)
class _Statement:
    text: str
    point: KeyPoint


def questions(material: TopicMaterial, chance: Random) -> tuple[Question, ...]:
    """Return the questions of this kind."""
    if is_question(material.group):
        return ()
    right = [_Statement(material.says(point), point) for point in _all_points(material)]
    own = [one for one in right if one.point in material.group.points]
    wrong = [_Statement(text, point) for text, point in _wrong(material)]
    own_wrong = [one for one in wrong if _is_own(material, one.point)]
    found = []
    if not is_mistakes(material.group):
        found += [_question(material, one, wrong, True, chance) for one in own]
    found += [_question(material, one, right, False, chance) for one in own_wrong]
    return tuple(one for one in found if one)


def _all_points(material: TopicMaterial) -> list[KeyPoint]:
    """The statements of the note's own lists, whatever group they are in."""
    groups = [g for g in (material.group, *material.siblings) if not is_question(g) and not is_mistakes(g)]
    return [
        point
        for group in groups
        for point in group.points
        if is_in(point, material.language) and is_statement(material, point)
    ]


def _wrong(material: TopicMaterial) -> list[tuple[str, KeyPoint]]:
    claimed = [
        (_sentence(claim.text, material.language), claim.correction)
        for claim in material.claims
        if claim.is_statement and stands_alone(claim.text, material.language)
    ]
    # One twist of a statement is enough: two of them would be told apart by each other.
    turned = [(made[0].text, point) for point in _all_points(material) if (made := flips(material, point))]
    return claimed + turned


def _is_own(material: TopicMaterial, point: KeyPoint) -> bool:
    return any(set(point.wordings) == set(other.wordings) for other in material.group.points)


def _question(
    material: TopicMaterial, key: _Statement, others: Sequence[_Statement], is_right: bool, chance: Random
) -> Question | None:
    """Return the question in which `key` is to be found among three of `others`, None where too few fit."""
    fitting = [
        other
        for other in others
        if other.point != key.point
        and set(other.point.wordings).isdisjoint(key.point.wordings)
        and 1 / _UNLIKE <= len(other.text) / len(key.text) <= _UNLIKE
    ]
    longer = sorted((o for o in fitting if len(o.text) > len(key.text)), key=lambda o: len(o.text))
    shorter = sorted((o for o in fitting if len(o.text) <= len(key.text)), key=lambda o: -len(o.text))
    # How many are longer the key itself settles, so that it is the longest as often as any other.
    above = len(key.text.encode()) % (_WRONG + 1)
    chosen = longer[:above] + shorter[: _WRONG - above]
    chosen += (longer[above:] + shorter[_WRONG - above :])[: _WRONG - len(chosen)]
    if len(chosen) < _LEAST_WRONG:
        return None
    choices = [key.text, *(one.text for one in chosen)]
    chance.shuffle(choices)
    wordings = (_WHICH_IS_RIGHT if is_right else _WHICH_IS_WRONG)[material.language]
    topic = short_title(material.group, material.language).strip()
    pair = _ANSWERS[material.language]
    answer = pair[not is_right].format(said=key.text, why=material.says(key.point))
    if is_right:
        answer += "".join(
            _OTHERS[material.language].format(said=one.text, why=material.says(one.point)) for one in chosen
        )
    return question(
        material,
        "multiple_choice",
        Form.CHOICE,
        tidy(variant(wordings, key.text).format(topic=_spaced(topic, material.language))),
        (key.point,),
        choices=tuple(choices),
        right=choices.index(key.text),
        model_answer=answer,
        hint=_hint(material.language, is_right),
    )


def _hint(language: Language, is_right: bool) -> str:
    if language is Language.ZH:
        return "逐条找反例，先排除把条件或方向说反的。" if is_right else "其余几条都能在笔记里找到原话。"
    return "Look for a counter-example to each." if is_right else "The others stand in your notes."


def _spaced(topic: str, language: Language) -> str:
    if language is Language.EN:
        return topic
    return f"{' ' * topic[0].isascii()}{topic}{' ' * topic[-1].isascii()}"


def _sentence(text: str, language: Language) -> str:
    return text[0].upper() + text[1:] if language is Language.EN else text
