"""Who does what: two things of a note, each with its own predicate, that an answer may have exchanged.

No list has to know the things. What an answer says of one thing is compared with what the note says of this thing
and of others, by the words that only one of them has.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from assistant.grading.contradiction import Checked, Stance
from assistant.grading.lexicon import lexicon
from assistant.grading.meaning import Meaning, read
from assistant.grading.reading import Statement
from corpus.glossary import Glossary
from index import terms

#: A thing is what a clause begins with, after no more than so many characters.
_HEAD = 6
#: What has to be said of each in the words of the other, what of both together, and how much more than in its own.
_CROSSED, _BOTH, _AHEAD = 0.3, 1.2, 2.0
_CONCEPT, _WORD, _PAIR = 1.2, 0.7, 0.22

_LATIN = re.compile(r"[a-z][a-z0-9-]*[a-z0-9]")
# 「整块区域(DropBlock)或者整个通道(SpatialDropout)」: the name stands behind what is said of it.
_BEHIND = re.compile(
    r"(?P<said>[^()（）]{2,}?)\s?[(（](?P<name>[^()（）]{2,24})[)）](?:或者?|和|与|、|or|and)?"
)


# 「SGD 的一阶动量和 RMSProp 的二阶动量」, 「一阶动量来自 SGD」: what is whose.
_FROM = re.compile(
    r"(?P<said>[^,，和与]{2,10}?)(?:来|取|源|出|借)自(?P<name>[^,，和与]{2,20})|"
    r"(?P<of>[a-z][a-z0-9 -]+?)\s?的(?P<part>[^,，和与的]{2,10})"
)


@dataclass(frozen=True, slots=True)
class _Said:
    """What is said of the thing `name`: terms with their weights, and the place of the point or clause."""

    name: str
    said: Mapping[str, float]
    place: int


def exchanged(
    checks: Sequence[Checked], statements: Sequence[Statement], glossary: Glossary
) -> list[Checked]:
    """Return `checks` with those clauses marked as swapped in which two things have changed their roles."""
    answer = _by_name(said for n, check in enumerate(checks) for said in _told(check.clause, n, glossary))
    if len(answer) < 2:
        return list(checks)
    note = _by_name(
        said
        for place, one in enumerate(statements)
        for meaning in one.meanings
        for said in _told(meaning, place, glossary, answer.keys())
    )
    names = sorted(answer.keys() & note.keys())
    marked = list(checks)
    for at, one in enumerate(names):
        for other in names[at + 1 :]:
            places = _swapped(answer[one], answer[other], note[one], note[other])
            for n, place in places:
                marked[n] = replace(checks[n], stance=Stance.SWAPPED, strength=_BOTH, place=place)
    return marked


def _swapped(
    one: Sequence[_Said], other: Sequence[_Said], note_one: Sequence[_Said], note_other: Sequence[_Said]
) -> list[tuple[int, int]]:
    """Return the clauses and the points that they turn round, where each thing is told what is the other's."""
    own_one, own_other = _terms(note_one) - _terms(note_other), _terms(note_other) - _terms(note_one)
    first, second = _weight(one, own_other), _weight(other, own_one)
    straight = _weight(one, own_one) + _weight(other, own_other)
    if min(first, second) < _CROSSED or first + second < max(_BOTH, _AHEAD * straight):
        return []
    return [
        (said.place, max(note, key=lambda n: _weight([said], frozenset(n.said))).place)
        for told, note, own in ((one, note_other, own_other), (other, note_one, own_one))
        for said in told
        if _weight([said], own)
    ]


def _by_name(told: Iterable[_Said]) -> dict[str, list[_Said]]:
    found: dict[str, list[_Said]] = {}
    for said in told:
        found.setdefault(said.name, []).append(said)
    return found


def _terms(told: Sequence[_Said]) -> frozenset[str]:
    return frozenset(term for said in told for term in said.said)


def _weight(told: Sequence[_Said], among: frozenset[str]) -> float:
    best: dict[str, float] = {}
    for said in told:
        best |= {term: weight for term, weight in said.said.items() if term in among}
    return sum(best.values())


def _told(
    meaning: Meaning, place: int, glossary: Glossary, among: Collection[str] | None = None
) -> Iterator[_Said]:
    """Yield what the clause says of things, of those `among` some where these are told."""
    folded = meaning.clause.folded
    if lexicon().words["negation"].search(folded):
        return  # what a thing is not may be said of it in the words of the other
    for name, said in _parts(folded, glossary):
        if among is None or name in among:
            yield _Said(name, _weighed(said, name, glossary), place)


def _parts(folded: str, glossary: Glossary) -> list[tuple[str, str]]:
    """Return things and what is said of them: of each in brackets, else of owners, else of the first thing."""
    parts = [(_names(match["name"], glossary)[:1], match["said"]) for match in _BEHIND.finditer(folded)]
    parts = parts or [
        (_names(match["name"] or match["of"], glossary)[-1:], match["said"] or match["part"])
        for match in _FROM.finditer(folded)
    ]
    first = [name for name in _names(folded, glossary)[:1] if name[0] <= _HEAD]
    parts = parts or [(first, folded[name[1] :]) for name in first]
    return [(names[0][2], said) for names, said in parts if names]


def _names(text: str, glossary: Glossary) -> list[tuple[int, int, str]]:
    """Return the concepts and Latin words of `text`, from left to right."""
    found = [(m.start, m.end, m.concept) for m in glossary.find(text)]
    found += [
        (m.start(), m.end(), m[0])
        for m in _LATIN.finditer(text)
        if not any(a < m.end() and m.start() < b for a, b, _ in found)
    ]
    return sorted(found)


def _weighed(text: str, name: str, glossary: Glossary) -> dict[str, float]:
    weights = {fact.key: fact.weight for meaning in read(text, glossary) for fact in meaning.facts}
    for term in terms.terms(text, glossary):
        if term.startswith(terms.CONCEPT):
            weights[term] = _CONCEPT if term != terms.CONCEPT + name else 0.0
        elif len(term) > 1 and not term.startswith(terms.INTENT):
            weights[term] = _WORD if term[0].isascii() else _PAIR
    return {term: weight for term, weight in weights.items() if weight and term != name}
