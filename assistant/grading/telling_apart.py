"""Contrasts that no list foresees: the things that a question names and that the note speaks of in different places.

It also finds which of several things the note says something of, for a question that asks "which".
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from assistant.grading.asked import Facet
from assistant.grading.lexicon import lexicon
from assistant.grading.meaning import Meaning
from assistant.grading.reading import Statement
from corpus.glossary import Glossary

#: The name of the contrast that a question brings about.
ASKED = "asked"

Marking = Callable[[Meaning], Meaning]


def told_apart(
    asked: Sequence[Facet], statements: Sequence[Statement], glossary: Glossary
) -> tuple[tuple[Statement, ...], Marking]:
    """Return `statements` with the things of `asked` as subjects, and what marks a clause of an answer likewise.

    Only concepts that each stand in a single point, not all in the same one, and in no contrast of the lists.
    """
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


def _speaking_of(meaning: Meaning, members: frozenset[str]) -> Meaning:
    return replace(meaning, subjects={**meaning.subjects, ASKED: members}) if members else meaning


@dataclass(frozen=True, slots=True)
class Choice:
    """Which member of a contrast the note says the question of, and the place of the point that says so."""

    member: str
    strength: float
    place: int


def choices(facet: Facet, statements: Sequence[Statement]) -> dict[str, Choice]:
    """Return for each contrast the member of which the note says most of what `facet` asks."""
    asked = {fact.key for meaning in facet.meanings for fact in meaning.facts if fact.sign > 0}
    best: dict[str, Choice] = {}
    for place, statement in enumerate(statements):
        for meaning in statement.meanings:
            said = sum(fact.weight * fact.sign for fact in meaning.facts if fact.key in asked)
            for group, members in meaning.subjects.items():
                if len(members) == 1 and said > (best[group].strength if group in best else 0.0):
                    best[group] = Choice(next(iter(members)), said, place)
    # Two members of a contrast are what "which" is about; where the question names them, only that one.
    named = {group for group, members in facet.subjects.items() if len(members) > 1}
    return {group: choice for group, choice in best.items() if not named or group in named}
