"""Statements of a topic for the kinds that need true and false ones: what can stand alone, and what is near what."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from assistant.grading.lexicon import lexicon
from assistant.grading.types import KeyPoint
from assistant.language import Language
from assistant.quiz.flipping import Flipped, Flipper
from assistant.quiz.groups import is_question
from assistant.quiz.material import TopicMaterial, is_in
from assistant.quiz.note_parts import Claim
from corpus.glossary import Glossary
from index.terms import fold

#: Characters of a statement that can be taken in at a glance, by language.
_LENGTHS = {Language.ZH: (8, 64), Language.EN: (20, 170)}
# What points at something said before cannot stand alone.
_POINTING = re.compile(
    r"^(?:而|但|所以|因此|因为|这|该|其|它|此时|此外|另外|另一|两者|二者|前者|后者|以上|上述|同理|也|又|再|还)|"
    r"^(?:this|these|it|they|both|such|so|but|and|also|hence|the former|the latter)\b|"
    r"(?:上图|下图|见图|如下|如上|上式|下式|前面提到|见下)|^如|例如|比如|^我|同理|简单的说",
    re.IGNORECASE,
)
#: Two points are near each other from this share of common words on, and the same from that; a reason says so much
#: that is new.
_NEAR, _SAME, _NEW = 0.4, 0.7, 0.4
_REASONS = re.compile(
    r"因为|所以|使|让|导致|因此|相当于|不会|来自|只有|because|so |since|hence|keeps|makes", re.IGNORECASE
)


def statements(material: TopicMaterial) -> Iterator[KeyPoint]:
    """Yield the points of the group that are statements of their own, short enough to be judged at a glance."""
    for point in material.points:
        if is_statement(material, point):
            yield point


def is_statement(material: TopicMaterial, point: KeyPoint) -> bool:
    """Whether `point` can be put before somebody to be judged."""
    return stands_alone(material.says(point), material.language) and not _is_bare_item(point)


def _is_bare_item(point: KeyPoint) -> bool:
    """Whether the point only makes sense under its label: an item under 优点 or 解决方法 is no statement."""
    label = fold(point.label)
    return bool(label) and any(pattern.search(label) for pattern in lexicon().aspects.values())


def stands_alone(said: str, language: Language) -> bool:
    """Whether `said` is a whole statement that needs nothing before it."""
    least, most = _LENGTHS[language]
    return least <= len(said) <= most and not _POINTING.search(said)


def flips(material: TopicMaterial, point: KeyPoint) -> tuple[Flipped, ...]:
    """Return statements that are false by what the note says of `point`."""
    everything = (*material.group.points, *(p for group in material.siblings for p in group.points))
    flipper = _flipper(tuple(sorted(everything, key=lambda p: p.text)), _Same(material.glossary))
    return flipper.flipped(point, material.says(point), material.language)


def has_claim(material: TopicMaterial, claim: Claim) -> bool:
    """Whether the group puts `claim` right."""
    return any(set(claim.correction.wordings) == set(point.wordings) for point in material.group.points)


def related(material: TopicMaterial, point: KeyPoint) -> tuple[KeyPoint, ...]:
    """Return what the note says elsewhere that is near `point` and says more: its reason, if the note has one."""
    own = _content(material.says(point))
    subject = {match.concept for match in material.glossary.find(material.says(point))[:1]}
    answers = [
        p for g in material.siblings if is_question(g) for p in g.points if is_in(p, material.language)
    ]
    found: list[tuple[float, KeyPoint]] = []
    for other in (*answers, *(p for p in material.background if not p.label)):
        said = material.says(other)
        theirs = _content(said)
        share = len(own & theirs) / max(1, min(len(own), len(theirs)))
        is_reason = bool(_REASONS.search(said)) and not _POINTING.search(said)
        is_more = _NEAR <= share < _SAME and len(theirs - own) >= _NEW * len(theirs)
        if is_reason and is_more and subject <= {match.concept for match in material.glossary.find(said)}:
            found.append((share, other))
    return tuple(other for _, other in sorted(found, key=lambda pair: -pair[0])[:1])


def _content(text: str) -> frozenset[str]:
    """Return the words of `text` without the short English ones, which every sentence has."""
    return frozenset(word for word in words(text) if not word.isascii() or len(word) > 3)


def words(text: str) -> frozenset[str]:
    """Return the English words of `text` and the pairs of its Chinese characters."""
    chinese = re.findall(r"[㐀-鿿]{2,}", text)
    pairs = {run[at : at + 2] for run in chinese for at in range(len(run) - 1)}
    return frozenset(pairs | set(re.findall(r"[a-z0-9]{2,}", text.casefold())))


class _Same:
    """A glossary as a key: the same one is equal to itself."""

    def __init__(self, glossary: Glossary) -> None:
        self.glossary = glossary

    def __hash__(self) -> int:
        return hash(self.glossary.fingerprint)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.glossary.fingerprint == self.glossary.fingerprint


@lru_cache(maxsize=64)
def _flipper(points: tuple[KeyPoint, ...], same: _Same) -> Flipper:
    return Flipper(points, same.glossary)
