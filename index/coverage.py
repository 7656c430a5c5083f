"""The gate: do the notes cover a question at all? A logistic model over four quantities that need no training corpus.

What decides is less how well the best passage matches than what of the question is *nowhere* in the notes: a
named concept or a rare term that no passage holds. The weights are fitted by `benchmarks/fit_coverage.py`
on the tuning half of our own labelled questions; `LOG.md` keeps the table.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import astuple, dataclass
from types import MappingProxyType

from corpus.glossary import Glossary
from index.lexical import LexicalIndex
from index.terms import CONCEPT, relatives, weight

#: Confidence from which the notes are said to cover a question.
THRESHOLD = 0.5


@dataclass(frozen=True, slots=True)
class Evidence:
    """What speaks for and against coverage.

    `strength`: log(1 + what of the question the best passage holds, in terms as rare as can be), 0 or more. A
    term that half the notes hold says little about which passage is best, but much about coverage: it counts
    as half as rare as can be at least.
    `unseen`: share of the question's terms, by weight and rarity, that no passage holds, 0..1.
    `concepts_unseen`: the same over its concepts, where a relative in the notes is enough, 0..1; 0 without any.
    `dense`: cosine of question and best passage, 0..1.
    """

    strength: float
    unseen: float
    concepts_unseen: float
    dense: float


#: The evidence of a question that matches nothing.
NOTHING = Evidence(strength=0.0, unseen=1.0, concepts_unseen=1.0, dense=0.0)

#: Intercept, then one weight per field of `Evidence`, in order, for the bundled embedder.
WEIGHTS = (-1.76, 1.29, -2.77, -2.48, 6.08)


def evidence(
    query: Mapping[str, float],
    lexical: LexicalIndex,
    glossary: Glossary,
    row: int,
    dense: float,
    named: Mapping[str, str] = MappingProxyType({}),
) -> Evidence:
    """Weigh what the terms of a question find in the notes; `row` is the best passage.

    `named` are the words that only spell the name of a concept (word -> concept, `terms.words_of_names`): where
    the notes hold the concept under another name, its spelling in the question is not missing from them.
    """
    total = unseen = concepts = concepts_unseen = held = 0.0
    for term, said in query.items():
        if lexical.holds(row, term):
            held += said * weight(term) * max(lexical.idf_of(term) or 0.0, 0.5 * lexical.idf_unseen)
        if said < 1.0:
            continue  # a relative that the notes lack says nothing about what was asked
        idf = lexical.idf_of(term)
        if idf is None and lexical.idf_of(named.get(term, "")) is not None:
            continue
        share = weight(term) * (lexical.idf_unseen if idf is None else idf)
        total += share
        unseen += share if idf is None else 0.0
        if term.startswith(CONCEPT):
            concepts += share
            near = any(lexical.idf_of(relative) is not None for relative in relatives(term, glossary))
            concepts_unseen += share if idf is None and not near else 0.0
    return Evidence(
        strength=math.log1p(held / lexical.idf_unseen),
        unseen=unseen / total if total else 1.0,
        concepts_unseen=concepts_unseen / concepts if concepts else 0.0,
        dense=max(dense, 0.0),
    )


def confidence(found: Evidence) -> float:
    """Return the probability, 0..1, that the notes cover the question."""
    logit = WEIGHTS[0] + sum(w * x for w, x in zip(WEIGHTS[1:], astuple(found), strict=True))
    return 1.0 / (1.0 + math.exp(-max(min(logit, 60.0), -60.0)))
