"""The gate: do the notes cover a question at all? A logistic model over five shares that need no training corpus.

What decides is less how well the best passage matches than what of the question is *nowhere* in the notes: a
named concept or a rare term that no passage holds. The weights are fitted by `benchmarks/fit_coverage.py`
on the tuning half of our own labelled questions; `LOG.md` keeps the table.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import astuple, dataclass

from index.lexical import K1, LexicalIndex
from index.terms import CONCEPT, weight

#: Confidence from which the notes are said to cover a question.
THRESHOLD = 0.5


@dataclass(frozen=True, slots=True)
class Evidence:
    """Shares in 0..1, each weighted by how much its terms say (term weight times idf).

    `matched`: score of the best passage over the highest score any passage could have.
    `unseen`: share of the question's terms that no passage holds.
    `concepts_matched`, `concepts_unseen`: the same over glossary concepts; 0 where the question names none.
    `dense`: cosine of question and best passage.
    """

    matched: float
    unseen: float
    concepts_matched: float
    concepts_unseen: float
    dense: float


#: The evidence of a question that matches nothing.
NOTHING = Evidence(matched=0.0, unseen=1.0, concepts_matched=0.0, concepts_unseen=0.0, dense=0.0)

#: Intercept, then one weight per field of `Evidence`, in order.
WEIGHTS = (1.46, 0.7, -2.49, 1.63, -1.2, 1.51)


def evidence(
    query: Mapping[str, float], lexical: LexicalIndex, row: int, score: float, dense: float
) -> Evidence:
    """Weigh what the question's terms find in the notes and in passage `row`, whose BM25 score is `score`."""
    total = unseen = 0.0
    concept_total = concept_unseen = concept_matched = 0.0
    for term, said in query.items():
        if said < 1.0:
            continue  # a relative that the notes lack says nothing about what was asked
        idf = lexical.idf_of(term)
        share = weight(term) * (lexical.idf_unseen if idf is None else idf)
        total += share
        unseen += share if idf is None else 0.0
        if term.startswith(CONCEPT):
            concept_total += share
            concept_unseen += share if idf is None else 0.0
            if idf is not None and row in lexical.passages_with(term):
                concept_matched += share
    return Evidence(
        matched=min(score / (total * (K1 + 1)), 1.0) if total else 0.0,
        unseen=unseen / total if total else 1.0,
        concepts_matched=concept_matched / concept_total if concept_total else 0.0,
        concepts_unseen=concept_unseen / concept_total if concept_total else 0.0,
        dense=max(dense, 0.0),
    )


def confidence(found: Evidence) -> float:
    """Return the probability, 0..1, that the notes cover the question."""
    logit = WEIGHTS[0] + sum(w * x for w, x in zip(WEIGHTS[1:], astuple(found), strict=True))
    return 1.0 / (1.0 + math.exp(-max(min(logit, 60.0), -60.0)))
