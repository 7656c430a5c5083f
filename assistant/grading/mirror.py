"""What a note says of one thing by comparison with another is said of the other too, the other way round.

「相比于 L2，L1 对离群点更鲁棒」 answers a question about L2 alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from assistant.grading.asked import SIDES, Facet
from assistant.grading.lexicon import lexicon
from assistant.grading.meaning import Meaning
from assistant.grading.reading import Statement


def with_mirrored(statements: Sequence[Statement], asked: Sequence[Facet]) -> tuple[Statement, ...]:
    """Return `statements`, and after them the mirror images of those that compare with what alone is asked about."""
    return (*statements, *(image for one in statements for facet in asked for image in _images(one, facet)))


def _images(statement: Statement, facet: Facet) -> Iterator[Statement]:
    for group, members in facet.subjects.items():
        if len(members) != 1:
            continue
        for wording in statement.wordings:
            if any(_compares(meaning, group, members) for meaning in wording):
                image = tuple(
                    _turned(meaning, group, members)
                    for meaning in wording
                    if meaning.subjects.get(group) and not meaning.subjects[group] & members
                )
                if any(fact.sign for meaning in image for fact in meaning.facts):
                    yield Statement(statement.point, (image,))
                    return


def _compares(meaning: Meaning, group: str, members: frozenset[str]) -> bool:
    """Whether the clause compares what it speaks of with `members`."""
    return (
        members == meaning.objects.get(group)
        and not meaning.subjects.get(group, frozenset()) & members
        and lexicon().words["compared"].search(meaning.clause.folded) is not None
    )


def _turned(meaning: Meaning, group: str, members: frozenset[str]) -> Meaning:
    facts = tuple(
        replace(fact, sign=-fact.sign) if (idea := lexicon().idea(fact.key)) and not idea.thing else fact
        for fact in meaning.facts
        if lexicon().idea(fact.key)  # a name is that of the thing itself
    )
    sides = frozenset(SIDES - meaning.aspects if meaning.aspects & SIDES else ())
    return replace(
        meaning,
        facts=facts,
        subjects={**meaning.subjects, group: members},
        own_subjects={**meaning.own_subjects, group: members},
        objects={},
        taken={},
        aspects=sides | (meaning.aspects - SIDES),
    )
