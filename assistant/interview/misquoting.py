"""Sentences that are the note's own but for a figure, a negation or an opposite: what whoever holds the note hears.

It finds nothing that is said in other words; for that there is `assistant.grading.contradiction`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from assistant.grading.clauses import clauses
from assistant.grading.types import KeyPoint
from assistant.quiz.flipping import opposites
from index.terms import fold

#: Share of the pairs of characters that two clauses have in common from which one is the other, and how many at least.
_SAME, _LEAST = 0.7, 4
_NUMBER = re.compile(r"(?<![a-z\d.])\d+(?:\.\d+)?")
_NEGATION = re.compile(r"[不没无未非]|\b(?:not|never|no|cannot|without)\b|n't\b")


def misquoted(answer: str, points: Sequence[KeyPoint], note: str) -> Mapping[str, str]:
    """Return the text of each point that `answer` twists -> the clause that does.

    A figure that stands anywhere in `note` is none that was made up, and of two sentences of the note that only
    differ in one word neither is the other one twisted.
    """
    known = set(_NUMBER.findall(note.casefold()))
    written = {_bare(clause.folded) for clause in clauses(note)}
    said = [clause.folded for clause in clauses(answer) if _bare(clause.folded) not in written]
    found: dict[str, str] = {}
    for point in points:
        for one in said:
            if any(_differs(one, written, known) for written in _written(point)):
                found.setdefault(point.text, one)
    return found


def says_whole(answer: str, point: KeyPoint) -> bool:
    """Whether `answer` has the whole of `point` word for word, which cannot deny it."""
    said = _bare(fold(answer))
    return any(_bare(fold(wording)).strip("。.；;") in said for wording in point.wordings or (point.text,))


def _written(point: KeyPoint) -> Iterator[str]:
    for wording in point.wordings or (point.text,):
        yield from (clause.folded for clause in clauses(wording))


def _differs(said: str, written: str, known: set[str]) -> bool:
    if _is_opposite(_bare(said), _bare(written)):
        return True
    own, others = _pairs(said), _pairs(written)
    if min(len(own), len(others)) < _LEAST or len(own & others) < _SAME * max(len(own), len(others)):
        return False
    figures, wanted = set(_NUMBER.findall(said)), set(_NUMBER.findall(written))
    if wanted - figures and figures - wanted - known:
        return True
    return (len(_NEGATION.findall(said)) - len(_NEGATION.findall(written))) % 2 == 1


def _is_opposite(said: str, written: str) -> bool:
    """Whether one of the two becomes the other when a single word gives way to its opposite."""
    pairs = (pair for listed in opposites().values() for pair in listed)
    return said != written and any(
        said.count(word) == 1 and said.replace(word, other) == written for word, other in pairs
    )


def _bare(clause: str) -> str:
    return re.sub(r"[\s的]", "", clause)


def _pairs(clause: str) -> frozenset[str]:
    """Return the pairs of characters of `clause`, without figures and negations."""
    bare = _bare(_NEGATION.sub("", _NUMBER.sub("", clause)))
    return frozenset(bare[at : at + 2] for at in range(len(bare) - 1))
