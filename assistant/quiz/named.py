"""Groups that stand under the name of a thing: AdaGrad, V1, 「LeakyReLU 函数」."""

from __future__ import annotations

import re

from assistant.grading.lexicon import lexicon
from assistant.quiz.groups import label_of
from assistant.quiz.types import PointGroup
from corpus.glossary import Glossary
from index.terms import fold

_TAIL = re.compile(r"(?:函数|方法|算法)?\s*$")
#: A label longer than this is a sentence.
_LONGEST = 32


def thing_named(group: PointGroup, glossary: Glossary) -> str:
    """Return the name that the group stands under, where it is the name of one thing and of nothing else."""
    label = label_of(group)
    if not label or len(label) > _LONGEST or any(p.search(fold(label)) for p in lexicon().aspects.values()):
        return ""
    bare = _TAIL.sub("", label)
    matches = glossary.find(bare)
    covered = sum(match.end - match.start for match in matches)
    return label if matches and covered >= 0.6 * len(bare) else ""
