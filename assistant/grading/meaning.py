"""What a clause says: its facts, what it speaks of, and the words that the lists do not know.

Two clauses in any wording and either language can be compared by their meanings; see `matching` and
`contradiction`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from assistant.grading.clauses import Clause, clauses
from assistant.grading.facts import COMMON, Fact, Span, facts_of, spans_of
from assistant.grading.figures import Figure, claimed_in
from assistant.grading.lexicon import lexicon
from assistant.grading.orders import SIZE, Kind, Order, orders_in, size
from assistant.grading.subjects import Groups, spoken_of
from corpus.glossary import Glossary
from index import terms

_LATIN_WEIGHT, _PAIR_WEIGHT = 0.7, 0.22
# What a clause speaks of, beside what it says of it; unless it says nothing else.
_NAMING, _SAYING = 0.25, 0.4
# 「这种不匹配…」 at the beginning of a sentence is about all that was said before.
_POINTING = re.compile(r"(?:因此|所以|而|那么)?\s*(?:这|此|两者|二者|both|this|these)")
# 「推理时没有这种情况」 denies, of what it names, what was said just before.
_NOT_SO = re.compile(
    r"(?:没有?|不会?(?:再)?(?:有|出现|发生|存在)?|不存在|无)(?:这种|这个|这样的?|这些|上述的?|此种?|这类)(?:情况|问题|现象|扰动|影响)?|"
    r"(?<!也)不会这样|(?:this|that|it) (?:does not|doesn't|is not|isn't) (?:happen|occur|the case|so)"
)
# Orders that may be told in two clauses.
_OVER_TWO = frozenset({Kind.BEFORE, Kind.DIVIDED})
# A clause that ends with its verb: what was said before is meant.
_ELLIPSIS = re.compile(
    r"^.{1,20}?(?P<no>不|没)?(?:就|则|却|才|倒|反而|都|也)?(?P<also>不|没)?(?:会|有|能|行|可以)$|"
    r"\b(?:does|do|is|are|can|will)(?P<not>n't| not)?$"
)
_PRONOUN = re.compile(r"(?:而|但是?|可是?|不过)?\s*(?:它|(?:but |while )?it(?![a-z]))")
_BACK_CLAUSES, _BACK_WEIGHT = 3, 0.7
_ASPECT_FIRST = re.compile(
    r"^.{0,12}?(?:优点|好处|缺点|不足|原因|advantages?|drawbacks?|downsides?)\s?(?:就|主要)?(?:是|在于|are|is|:)"
)
_HAN = re.compile(r"[㐀-鿿]")


@dataclass(frozen=True)
class Meaning:
    """The meaning of one clause. `subjects` and the groups beside it are those of `subjects.Spoken`.

    `own_subjects` are the subjects that the clause names itself; the others it has from the clauses before it.
    An `exception` says of what it names that the clauses before it do not hold.
    """

    clause: Clause
    facts: tuple[Fact, ...]
    words: Mapping[str, float]
    subjects: Groups
    own_subjects: Groups
    objects: Groups
    troubled: Groups
    taken: Groups
    aspects: frozenset[str]
    orders: tuple[Order, ...]
    figures: frozenset[Figure]
    exception: bool = False

    @cached_property
    def terms(self) -> frozenset[str]:
        """Everything named: ideas, concepts and words."""
        return frozenset((*self.words, *(name for fact in self.facts for name in fact.names)))

    @property
    def says_something(self) -> bool:
        """Whether there is a fact or a word in it at all."""
        return bool(self.facts or self.words)


def read(text: str, glossary: Glossary, label: str = "") -> list[Meaning]:
    """Return what each clause of `text` says; what a clause leaves unsaid is taken from those before it."""
    return carried(each(text, glossary, label))


def each(text: str, glossary: Glossary, label: str = "") -> list[Meaning]:
    """Return what each clause of `text` says by itself; `label` governs the text as a label before a colon does."""
    found: list[Meaning] = []
    otherwise = False
    for clause in clauses(text, label):
        meaning = _meaning(clause, glossary)
        if clause.joined and found and not meaning.orders:
            # 「先做 A，再做 B」 is one order in two clauses.
            both = orders_in(f"{found[-1].clause.folded},{clause.folded}", glossary)
            meaning = replace(meaning, orders=tuple(o for o in both if o.kind in _OVER_TWO))
        else_here = bool(lexicon().words["or_else"].search(clause.folded))
        otherwise = else_here or (otherwise and clause.joined)
        if otherwise and not else_here:
            # 「不然不是内积，空间也不存在」: what would be so goes on to the end of the sentence.
            meaning = replace(meaning, facts=turned(meaning.facts))
        found.append(meaning)
    return found


def carried(
    meanings: Sequence[Meaning],
    start: Groups | None = None,
    before: Sequence[Meaning] = (),
    open_groups: Collection[str] = (),
) -> list[Meaning]:
    """Let each clause without a subject of its own speak of what the clause before it spoke of.

    One that says "not so" denies what the last clauses said, those of `before` included. Which of several things of
    `open_groups` an "it" means nobody can tell.
    """
    found: list[Meaning] = []
    last: Groups = start or {}
    aspects: frozenset[str] = frozenset()
    for meaning in meanings:
        if found and not meaning.clause.joined and _POINTING.match(meaning.clause.folded):
            last = {}
        if start and _PRONOUN.match(meaning.clause.folded):
            # It may be what the question speaks of, or what was spoken of last.
            last = {
                group: members
                for group, members in last.items()
                if start.get(group, members) == members and group not in open_groups
            }
        subjects = {**meaning.taken, **last, **meaning.subjects}
        last = {group: members for group, members in subjects.items() if not lexicon().is_local(group)}
        aspects = meaning.aspects or (aspects if meaning.clause.joined else frozenset())
        meaning = replace(meaning, subjects=subjects, aspects=aspects)
        found.append(_not_so(_likewise(meaning, [*before, *found]), [*before, *found]))
    return found


def _likewise(meaning: Meaning, before: Sequence[Meaning]) -> Meaning:
    """Let 「MSE 不会消失，交叉熵会」 say of the second, or deny, what was said of the first."""
    told = _ELLIPSIS.search(meaning.clause.folded)
    if not told or not meaning.own_subjects or not before:
        return meaning
    sign = -1 if told["no"] or told["also"] or told["not"] else 1
    held = {fact.key for fact in meaning.facts}
    said = [f for f in before[-1].facts if (idea := lexicon().idea(f.key)) and not idea.thing and f.sign]
    same = tuple(replace(fact, sign=sign) for fact in said if fact.key not in held)
    return replace(meaning, facts=(*meaning.facts, *same))


def _not_so(meaning: Meaning, before: Sequence[Meaning]) -> Meaning:
    if not _NOT_SO.search(meaning.clause.folded):
        return meaning
    told_apart = {concept for contrast in lexicon().contrasts for concept in contrast.concepts}
    held = {fact.key for fact in meaning.facts}
    denied: dict[str, Fact] = {}
    for earlier in [m for m in before if m.facts][-_BACK_CLAUSES:]:
        for fact in earlier.facts:
            if fact.key not in held | told_apart | COMMON and not fact.key.endswith("_phase"):
                denied[fact.key] = replace(fact, sign=-fact.sign, weight=_BACK_WEIGHT * fact.weight)
    return replace(meaning, facts=(*meaning.facts, *denied.values()), exception=True)


def _meaning(clause: Clause, glossary: Glossary) -> Meaning:
    spans = spans_of(clause, glossary)
    spoken = spoken_of(clause, glossary)
    return Meaning(
        clause,
        facts=_weighed(facts_of(clause, spans), spoken.subjects),
        words=_other_words(clause.folded, spans, glossary),
        subjects=spoken.subjects,
        own_subjects={**spoken.taken, **spoken.subjects},
        objects=spoken.objects,
        troubled=spoken.troubled,
        taken=spoken.taken,
        aspects=_aspects(clause),
        orders=orders_in(clause.folded, glossary),
        figures=claimed_in(clause.folded),
    )


def turned(facts: tuple[Fact, ...]) -> tuple[Fact, ...]:
    """Turn what is said, or the names where nothing is said of them; what is left open would not be so."""
    said = [fact for fact in facts if (idea := lexicon().idea(fact.key)) and not idea.thing]
    return tuple(replace(fact, sign=-fact.sign or 1) if fact in (said or facts) else fact for fact in facts)


def _weighed(facts: tuple[Fact, ...], subjects: Groups) -> tuple[Fact, ...]:
    """Let what only names the subject weigh little beside what is said of it."""
    naming = [fact for fact in facts if _names_subject(fact, subjects)]
    said = sum(fact.weight for fact in facts) - sum(fact.weight for fact in naming)
    if said <= _SAYING:
        return facts
    return tuple(replace(fact, weight=_NAMING * fact.weight) if fact in naming else fact for fact in facts)


def _names_subject(fact: Fact, subjects: Groups) -> bool:
    return any(
        contrast.concepts[name] in subjects.get(contrast.name, frozenset())
        for contrast in lexicon().contrasts
        for name in fact.names
        if name in contrast.concepts
    )


def _other_words(folded: str, spans: Sequence[Span], glossary: Glossary) -> dict[str, float]:
    """Return the words outside of `spans`, and sizes such as 3x3, with their weights."""
    rest = list(folded)
    for span in spans:
        rest[span.start : span.end] = " " * (span.end - span.start)
    words = {size(match[0]): _LATIN_WEIGHT for match in SIZE.finditer(folded)}
    for term in terms.terms("".join(rest), glossary):
        if not term.startswith((terms.CONCEPT, terms.INTENT)) and (len(term) > 1 or not _HAN.match(term)):
            words[term] = _LATIN_WEIGHT if term[0].isascii() else _PAIR_WEIGHT
    return words


def _aspects(clause: Clause) -> frozenset[str]:
    """The aspects that the clause's label names, or 「…的优点是」 at its head."""
    aspects = lexicon().aspects
    label = terms.fold(clause.label)
    if found := frozenset(name for name, pattern in aspects.items() if label and pattern.search(label)):
        return found
    head = _ASPECT_FIRST.match(clause.folded)
    return frozenset(name for name, pattern in aspects.items() if head and pattern.search(head[0]))
