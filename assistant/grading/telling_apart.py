"""Contrasts that no list foresees: the things that a question names and that the note speaks of in different places.

It also finds which of several things the note says something of, for a question that asks "which".
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from assistant.grading.asked import Facet
from assistant.grading.lexicon import Contrast, lexicon
from assistant.grading.matching import credit
from assistant.grading.meaning import Meaning, carried
from assistant.grading.reading import Statement
from assistant.grading.subjects import spoken_of
from corpus.glossary import Glossary

#: The name of the contrast that a question brings about.
ASKED = "asked"

_LATIN = re.compile(r"[A-Za-z][A-Za-z0-9-]+")
# What stands between two things that a question joins.
_JOINT = re.compile(
    r"\s*(?:和|与|跟|、|/|,|vs\.?|versus|and|or|还是)\s*(?:普通|标准|原始|一般|传统|plain |the )?(?:的)?\s*"
)

#: Where no clause repeats what is asked, the choice is the first thing that an answer says.
_CHOICE_CLAUSES = 2

Marking = Callable[[Meaning], Meaning]


def told_apart(
    asked: Sequence[Facet], statements: Sequence[Statement], glossary: Glossary
) -> tuple[tuple[Statement, ...], Marking]:
    """Return `statements` with the things of `asked` as subjects, and what marks a clause of an answer likewise.

    What the question joins and asks to tell apart; else concepts that each stand in a single point, not all in the
    same one. Things of one contrast of the lists are told apart already.
    """
    if contrast := compared_in(asked, glossary):

        def tell(meaning: Meaning) -> Meaning:
            spoken = spoken_of(meaning.clause, glossary, (contrast,))
            return replace(
                meaning,
                subjects={**meaning.subjects, **spoken.subjects},
                own_subjects={**meaning.own_subjects, **spoken.taken, **spoken.subjects},
                objects={**meaning.objects, **spoken.objects},
                troubled={**meaning.troubled, **spoken.troubled},
                taken={**meaning.taken, **spoken.taken},
            )

        told = tuple(
            replace(one, wordings=tuple(tuple(carried([tell(m) for m in w])) for w in one.wordings))
            for one in statements
        )
        alone = {frozenset(m.own_subjects.get(ASKED, ())) for one in told for m in one.meanings}
        if len([members for members in alone if len(members) == 1]) > 1:
            return told, tell
    named = {
        fact.key
        for facet in asked
        for meaning in facet.meanings
        for fact in meaning.facts
        if fact.key in glossary.concepts
    }
    known = {concept for contrast in lexicon().contrasts for concept in contrast.concepts}
    places: dict[str, int] = {}
    for concept in named - known:
        at = [place for place, statement in enumerate(statements) if concept in statement.terms]
        if len(at) == 1:
            places[concept] = at[0]
    if len(set(places.values())) < 2:
        return tuple(statements), lambda meaning: meaning

    def mark(meaning: Meaning) -> Meaning:
        return _speaking_of(meaning, frozenset(c for c in places if c in meaning.terms))

    marked = []
    for place, statement in enumerate(statements):
        own = frozenset(concept for concept, at in places.items() if at == place)
        wordings = tuple(tuple(_speaking_of(m, own) for m in wording) for wording in statement.wordings)
        marked.append(replace(statement, wordings=wordings) if own else statement)
    return tuple(marked), mark


def compared_in(asked: Sequence[Facet], glossary: Glossary) -> Contrast | None:
    """Return the contrast of the things that a facet joins and asks to tell apart, if no list holds them."""
    for facet in asked:
        if not (facet.aspects & {"difference"} or facet.each):
            continue
        text = unicodedata.normalize("NFKC", facet.text)
        named = [(m.start, m.end, m.concept) for m in glossary.find(text)]
        latin = [
            (m.start(), m.end(), m[0].casefold())
            for m in _LATIN.finditer(text)
            if not any(a < m.end() and m.start() < b for a, b, _ in named)
        ]
        found = sorted([*named, *latin])
        for (_, end, one), (start, _, other) in pairwise(found):
            if one != other and _JOINT.fullmatch(text, end, start) and not _are_listed(one, other):
                both = (one, other)
                return Contrast(
                    ASKED,
                    local=False,
                    concepts={name: name for name in both if name in glossary.concepts},
                    words={
                        name: re.compile(rf"(?<![a-z0-9]){re.escape(name)}(?![a-z0-9])")
                        for name in both
                        if name not in glossary.concepts
                    },
                )
    return None


def _are_listed(one: str, other: str) -> bool:
    return any(one in contrast.concepts and other in contrast.concepts for contrast in lexicon().contrasts)


def _speaking_of(meaning: Meaning, members: frozenset[str]) -> Meaning:
    return replace(meaning, subjects={**meaning.subjects, ASKED: members}) if members else meaning


@dataclass(frozen=True, slots=True)
class Choice:
    """Which member of a contrast the note says the question of, and the place of the point that says so."""

    member: str
    strength: float
    place: int


def choices(facet: Facet, statements: Sequence[Statement], glossary: Glossary) -> dict[str, Choice]:
    """Return for each contrast the member of which the note says most of what `facet` asks."""
    told_apart = _told_apart()
    asked = [f for m in facet.meanings for f in m.facts if f.sign and told_apart.isdisjoint(f.names)]
    best: dict[str, Choice] = {}
    for place, statement in enumerate(statements):
        for meaning in statement.meanings:
            said = 0.0
            for fact in asked:
                worths = [credit(known, fact, glossary) for known in meaning.facts]
                best_worth, worst = max(worths, default=0.0), min(worths, default=0.0)
                said += fact.weight * (best_worth if best_worth > 0 else worst)
            for group, members in meaning.subjects.items():
                if len(members) == 1 and said > (best[group].strength if group in best else 0.0):
                    best[group] = Choice(next(iter(members)), said, place)
    # Two members of a contrast are what "which" is about; where the question names them, only that one.
    named = {group for group, members in facet.subjects.items() if len(members) > 1}
    told = {
        group for group, members in facet.subjects.items() if len(members) == 1
    }  # that one is no question
    return {group: choice for group, choice in best.items() if group not in told and group in (named or best)}


def _told_apart() -> set[str]:
    """Return what names a member of a contrast: that is what is chosen from, and not what is asked of it."""
    contrasts = lexicon().contrasts
    return {name for contrast in contrasts for name in (*contrast.concepts, *contrast.words)}


def choosing(facet: Facet, said: Sequence[Meaning]) -> Sequence[Meaning]:
    """Return the clauses that may hold the choice: first one that says what `facet` asks, then the first ones."""
    told_apart = _told_apart()
    asked = {(fact.key, fact.sign) for m in facet.meanings for fact in m.facts if fact.sign} - {
        (name, sign) for name in told_apart for sign in (1, -1)
    }
    telling = [c for c in said if any((fact.key, fact.sign) in asked for fact in c.facts)]
    return [*telling[:1], *said[:_CHOICE_CLAUSES]]
