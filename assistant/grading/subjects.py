"""What a clause speaks of, where the notes tell things apart: L1 or L2, BN or IN, training or testing.

The first thing named is spoken of, with those joined to it by "and"; what is compared with, taken up (带有动量) or
helped (解决 AdaGrad 的问题) is named without being spoken of. A label before a colon speaks for its items.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from assistant.grading.clauses import Clause
from assistant.grading.lexicon import Contrast, lexicon
from corpus.glossary import Glossary
from index.terms import fold

#: Contrast -> members.
Groups = Mapping[str, frozenset[str]]

# A thing named after no more than this is what a clause is about, whatever its label says.
_OPENING = re.compile(
    r"\s*(?:当|因为|而且?|如果|在|对于?|使用|用|所以|但是?|其中|其实|实际上|"
    r"when|because|with|in|for|the|if|but|using|actually)*\s*(?:使用|用)?\s*"
)
_RELATIVE = re.compile(r"\s*(?:which|and|that|thus|this)\s+")
# "With IN every picture …" speaks of IN.
_WITH = re.compile(r"\s*(?:and |but |while |whereas )?with(?![a-z])")
_AND = re.compile(r".{0,6}?(?:和|与|跟|还是|、|/|,|and|or)\s*.{0,4}")
# Then the first is told apart from the second, and not spoken of with it.
_TOLD_APART = re.compile(r"(?:不同|区别|差别)(?:点|之处)?(?:在于|是|:)|differs? from")
# 「fp16 的范围跟 fp32 一样」 is about the first.
_LIKENED = re.compile(r"的.{1,8}(?:跟|与|和|同).{1,16}(?:一样|相同|相近|相当|一致|差不多)")
# 「方差跟 BN 记下来的对不上」 is about the variance.
_HELD_AGAINST = re.compile(r"[^,，]{2,}?(?:跟|与|和|同)\s?$")
_FITS = re.compile(r"对不上|对得上|不?一致|不?匹配|不?吻合|不?同|一样|脱节|有出入")
#: 「弥补了 sigmoid 的短板」 begins with what is done to sigmoid, and speaks of something else.
_AT_ONCE = 2
_COMPARED = 4  # characters between 「相比于」 and what is compared with


@dataclass(frozen=True, slots=True)
class Spoken:
    """For each contrast what is spoken of, and what is named otherwise.

    `troubled` are things whose trouble is told to be solved; `taken` would be spoken of if nothing before the
    clause were: 「结合了动量和 RMSProp」 is about whatever combines them.
    """

    subjects: Groups
    objects: Groups
    troubled: Groups
    taken: Groups


class _Named(NamedTuple):
    start: int
    end: int
    member: str


def spoken_of(clause: Clause, glossary: Glossary, contrasts: Sequence[Contrast] | None = None) -> Spoken:
    """Return what `clause` speaks of by itself and by its label, of `contrasts` or of those of the lists."""
    contrasts = lexicon().contrasts if contrasts is None else contrasts
    labelled = _named(unicodedata.normalize("NFKC", clause.label), glossary, contrasts)
    inside = _named(clause.cased, glossary, contrasts)
    subjects: dict[str, frozenset[str]] = {}
    objects: dict[str, frozenset[str]] = {}
    troubled: dict[str, frozenset[str]] = {}
    taken: dict[str, frozenset[str]] = {}
    words = lexicon().words
    opened = _WITH.match(clause.folded)
    taking = words["taking"].search(clause.folded, opened.end() if opened else 0)
    solving = words["solving"].search(clause.folded)
    for group in {*labelled, *inside}:
        label, named = _members(labelled.get(group, ())), inside.get(group, [])
        if lexicon().is_local(group):
            subjects[group] = _members(named) or label
            continue
        acting = [n for n in named if _acts(clause.folded, n, named[0])]
        begins = solving is not None and solving.start() - _relative(clause.folded) <= _AT_ONCE
        if solving and (label or begins or (acting and acting[0].start < solving.start())):
            troubled[group] = _members([one for one in acting if one.start >= solving.end()])
            acting = [one for one in acting if one.start < solving.end()]
        late = [one for one in acting if taking and one.start >= taking.end()]
        switch = words["switching"].search(clause.folded)
        if switch and (new := [one for one in acting if one.start >= switch.end()]):
            subjects[group] = _coordinated(clause.folded, new)
            if others := _members(named) - subjects[group]:
                objects[group] = others
            continue
        if late and (label or late == acting):
            taken[group] = _coordinated(clause.folded, late)
        acting = [one for one in acting if one not in late]
        if acting and (not label or _OPENING.fullmatch(clause.folded, 0, acting[0].start)):
            subjects[group] = _coordinated(clause.folded, acting)
        elif label:
            subjects[group] = label
        if others := _members(named) - subjects.get(group, frozenset()):
            objects[group] = others
    return Spoken(subjects, objects, troubled, taken)


def _relative(folded: str) -> int:
    """The length of what takes up the clause before: "which fixes …"."""
    match = _RELATIVE.match(folded)
    return match.end() if match else 0


def disjoint(one: Groups, other: Groups) -> list[str]:
    """Return the contrasts in which `one` and `other` have members and none in common."""
    return [
        group for group, members in one.items() if members and other.get(group) and not members & other[group]
    ]


def _named(text: str, glossary: Glossary, contrasts: Sequence[Contrast]) -> dict[str, list[_Named]]:
    """Return contrast -> where its members are named in `text`, from left to right."""
    found: dict[str, list[_Named]] = {}
    folded = fold(text)
    listed = {concept for contrast in contrasts for concept in contrast.concepts}
    concepts = [
        (m.start, m.end, concept)
        for m in glossary.find(text)
        # "L2" may be a loss; where its first meaning is told apart from others, that is the one meant.
        for concept in ((m.concept,) if m.concept in listed else (m.concept, *m.also))
    ]
    for contrast in contrasts:
        here = {_Named(a, b, contrast.concepts[c]) for a, b, c in concepts if c in contrast.concepts}
        for member, pattern in contrast.words.items():
            here |= {_Named(m.start(), m.end(), member) for m in pattern.finditer(folded)}
        # Of two in one place the longer counts: "SGD momentum" is not SGD.
        longest = [one for one in here if not any(_is_inside(one, other) for other in here)]
        if longest:
            found[contrast.name] = sorted(longest)
    return found


def _is_inside(one: _Named, other: _Named) -> bool:
    return other.start <= one.start and one.end <= other.end and other.end - other.start > one.end - one.start


def _members(named: Sequence[_Named]) -> frozenset[str]:
    return frozenset(one.member for one in named)


def _acts(folded: str, one: _Named, first: _Named) -> bool:
    """Whether `one` is spoken of and not only compared with; what "and" joins to the first is spoken of with it."""
    return not _is_compared(folded, one.start) or (
        one is not first and _AND.fullmatch(folded, first.end, one.start) is not None
    )


def _is_compared(folded: str, at: int) -> bool:
    if _HELD_AGAINST.fullmatch(folded, 0, at) and _FITS.search(folded, at):
        return True
    return any(0 <= at - m.end() <= _COMPARED for m in lexicon().words["compared"].finditer(folded))


def _coordinated(folded: str, named: Sequence[_Named]) -> frozenset[str]:
    """The first thing named, and those joined to it by "and"."""
    first = [named[0].member]
    end = named[0].end
    apart = _TOLD_APART.search(folded) or _LIKENED.search(folded)
    for start, stop, member in named[1:]:
        if start >= end and (apart or not _AND.fullmatch(folded, end, start)):
            break
        first.append(member)
        end = max(end, stop)
    return frozenset(first)
