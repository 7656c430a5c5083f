"""Whether an answer says a clear half of what is asked: right as far as it goes, and no more.

Only statements that the note supports are counted, so that nothing beside them makes an answer look fuller.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from assistant.grading.contradiction import Checked, Stance

#: An answer of one statement is terse up to this length, where the note has more than this to say on the question.
_TERSE, _MORE_TO_SAY = 12.5, 5.0
#: A Latin word is as long as so many Chinese characters.
_LATIN_LENGTH = 1.5
# 「一阶矩和二阶矩」 are two things.
_JOINS = re.compile(r"[和与及、]|或者?|(?<![a-z])(?:and|or)(?![a-z])")
_HAN, _LATIN = re.compile(r"[㐀-鿿]"), re.compile(r"[A-Za-z0-9]+")


def supported(checks: Sequence[Checked], places: Collection[int]) -> list[Checked]:
    """Return the clauses that say something and that the points at `places` support: words are shared by chance."""
    supports = [check for check in checks if check.stance is Stance.SUPPORTS and check.clause.facts]
    return [check for check in supports if check.place in places]


def is_terse(right: Sequence[Checked], wanted: float) -> bool:
    """Whether `right`, the clauses that are right, are one of a few words, and the note has `wanted` to say."""
    if len(right) > 1 or wanted <= _MORE_TO_SAY:
        return False
    return all(_length(one) <= _TERSE and not _JOINS.search(one.clause.clause.folded) for one in right)


def _length(check: Checked) -> float:
    text = check.clause.clause.text
    return len(_HAN.findall(text)) + _LATIN_LENGTH * len(_LATIN.findall(text))
