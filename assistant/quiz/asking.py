"""Questions answered in free words: those that the note asks itself, its typical ones, and those its labels call for.

Each kind says in its file which labels it asks about, and how; what kind a question is, `kinds_of` tells.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from assistant.grading.lexicon import lexicon
from assistant.grading.types import KeyPoint
from assistant.language import Language, mostly
from assistant.quiz.groups import is_mistakes, is_question, label_of
from assistant.quiz.kinds_of import OTHER, kind_of
from assistant.quiz.making import framed, question, short_title, variant
from assistant.quiz.material import TopicMaterial
from assistant.quiz.types import Form, Question
from index.terms import fold

_SIDES = {Language.ZH: ("优点", "缺点"), Language.EN: ("advantages", "drawbacks")}
_LABEL_NUMBER = re.compile(r"[0-9一二三四五六七八九十]+$")
_TIDY = re.compile(r"(?:呢|啊|呀)?[:：?？。]*\s*$")


@dataclass(frozen=True, slots=True)
class Asking:
    """What a kind asks of labelled lines: the aspects of such labels, and the wordings.

    `{thing}` is what the label is about, `{side}` whether it tells merits or faults.
    """

    kind: str
    aspects: frozenset[str] = frozenset()
    zh: Sequence[str] = ()
    en: Sequence[str] = ()


def open_questions(material: TopicMaterial, asking: Asking) -> tuple[Question, ...]:
    """Return the open questions of one kind that `material` gives."""
    group, points = material.group, material.points
    if not points or is_mistakes(group):
        return ()
    asked = [(framed(material, p), of) for p, of in _prompts(material) if kind_of(p) == asking.kind]
    asked += [(prompt, points) for prompt in _of_label(material, asking)]
    return tuple(question(material, asking.kind, Form.OPEN, prompt, of) for prompt, of in asked)


def _prompts(material: TopicMaterial) -> Iterator[tuple[str, tuple[KeyPoint, ...]]]:
    """Yield the questions of the note that this group answers, in its language, and the points that do."""
    if is_question(material.group):
        if mostly(material.group.name) is material.language:
            yield material.group.name, material.points
    elif not material.points[0].written and _is_body(material):
        title = _TIDY.sub("", material.topic.title)
        if kind_of(title) != OTHER and mostly(title) is material.language:
            yield title + ("？" if material.language is Language.ZH else "?"), material.points
    for typical in material.asked:
        yield typical.question, typical.points


def _is_body(material: TopicMaterial) -> bool:
    """Whether the group is all that the topic says, without a label."""
    return not label_of(material.group) and not material.siblings


def _of_label(material: TopicMaterial, asking: Asking) -> Iterator[str]:
    label = label_of(material.group)
    wordings = asking.zh if material.language is Language.ZH else asking.en
    if not label or not wordings or is_question(material.group):
        return
    aspects = {name for name, pattern in lexicon().aspects.items() if pattern.search(fold(label))}
    if not aspects & asking.aspects:
        return
    side = _SIDES[material.language][0 if "merit" in aspects else 1]
    thing = thing_of(material, label)
    yield tidy(variant(wordings, label + material.topic.title).format(thing=spaced(thing), side=side))


def thing_of(material: TopicMaterial, label: str) -> str:
    """Return what a label is about: 「L1 loss」 of 「L1 loss优点」, the topic where the label names nothing else."""
    rest = label
    for pattern in lexicon().aspects.values():
        rest = pattern.sub("", rest)
    rest = _LABEL_NUMBER.sub("", rest).strip(" 的:：")
    if len(rest) > 1 and material.glossary.find(rest):
        return rest
    title = short_title(material.group, material.language).strip(" 「」")
    for pattern in lexicon().aspects.values():
        title = pattern.sub("", title)
    return title.strip(" 的") or material.topic.title


def spaced(thing: str) -> str:
    """Return `thing` with a blank on each side where it ends in Latin, as it stands between Chinese."""
    before, after = thing[:1].isascii(), thing[-1:].isascii()
    return f"{' ' * before}{thing}{' ' * after}"


def tidy(prompt: str) -> str:
    """Return `prompt` without blanks before its marks and at its ends."""
    return re.sub(r"\s+(?=[。，？?.,])", "", prompt).strip()
