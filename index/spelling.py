"""A question as it is understood: its terms as written, and beside them what its slips were meant to be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from corpus.glossary import Glossary
from index import terms
from index.slips import Slip, SlipFinder

#: How much a term counts that was understood, where one that was written counts 1.
UNDERSTOOD = 0.85


@dataclass(frozen=True, slots=True)
class Reading:
    """`text` is the question with its slips put right.

    `terms`: term -> share in 0..1, as of `terms.question_terms`. `named`: word -> the term that it only spells, as
    of `terms.words_of_names`; where the notes hold that term, its misspelling is not missing from them.
    """

    text: str
    slips: tuple[Slip, ...]
    terms: Mapping[str, float]
    named: Mapping[str, str]


def read(question: str, glossary: Glossary, finder: SlipFinder) -> Reading:
    """Read `question`. What was written keeps its share, whatever it is understood as."""
    shares = terms.question_terms(question, glossary)
    named = terms.words_of_names(question, glossary)
    slips = finder.find(question)
    if not slips:
        return Reading(question, (), shares, named)
    text, done = "", 0
    for slip in slips:
        text, done = text + question[done : slip.start] + slip.understood, slip.end
        named |= dict.fromkeys(terms.terms(slip.written, glossary), finder.meant(slip.understood))
    text += question[done:]
    for term, share in terms.question_terms(text, glossary).items():
        shares[term] = max(shares.get(term, 0.0), UNDERSTOOD * share)
    return Reading(text, slips, shares, named)
