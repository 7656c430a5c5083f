"""Whether a sentence of the interviewer gives a point away that the candidate has not said.

A point is given away by five Chinese characters of it in a row, or by three of its content words. What stands in the
title, in the question or in anything said before is known and gives nothing away.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

from assistant.grading.types import KeyPoint
from index.terms import fold

#: What is given away: so many Chinese characters in a row, so many content words.
RUN, WORDS = 5, 3

_CHINESE = re.compile(r"[㐀-鿿]+")
_LATIN = re.compile(r"[a-z][a-z0-9-]+")
_SMALL = frozenset(
    "a all also an and any are as at be because been both but by can could did do does each else for from get has "
    "have how if in into is it its itself less like made make may might more most much must no nor not of on one "
    "only or other out over own per same say should so some still such than that the their them then there these "
    "they this those to too two under up use used uses using was well were what when where which while who why will "
    "with without would you your".split()
)


def leak(text: str, points: Iterable[KeyPoint], known: Sequence[str]) -> str:
    """Return the words of `points` that `text` gives away beyond what is `known`, "" for none."""
    said, heard = fold(text), fold("\n".join(known))
    runs, words = _runs(said) - _runs(heard), _words(said) - _words(heard)
    for point in points:
        for wording in {point.text, *point.wordings}:
            folded = _folded(wording)
            if given := runs & _runs(folded):
                return min(given)
            if len(given := words & _words(folded)) >= WORDS:
                return " ".join(sorted(given))
    return ""


_folded = lru_cache(maxsize=8192)(fold)


@lru_cache(maxsize=8192)
def _runs(folded: str) -> frozenset[str]:
    """Return every `RUN` Chinese characters that stand side by side; blanks between them do not part them."""
    return frozenset(
        run[at : at + RUN]
        for run in _CHINESE.findall(re.sub(r"\s+", "", folded))
        for at in range(len(run) - RUN + 1)
    )


@lru_cache(maxsize=8192)
def _words(folded: str) -> frozenset[str]:
    return frozenset(word for word in _LATIN.findall(folded) if len(word) > 2 and word not in _SMALL)
