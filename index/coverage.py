"""The gate: do the notes cover a question at all? A logistic model over five quantities that need no training corpus.

What notes mention in passing they do not cover. So what decides, beside how well the best passage matches, is what
of the question is said throughout and not once, and whether its topic is called by what the question names. The
weights are fitted by `python -m benchmarks.fit_coverage`; `LOG.md` keeps the table, `benchmarks.reliability` says
how far the probability can be trusted.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import astuple, dataclass
from functools import partial
from types import MappingProxyType

from corpus.glossary import Glossary
from corpus.types import Passage, Topic
from index.lexical import LexicalIndex
from index.terms import CONCEPT, INTENT, RELATED, terms, weight

#: Confidence from which the notes are said to cover a question. Below one half, since to refuse what the notes do
#: cover is the worse mistake: `benchmarks.fit_coverage` chooses it.
THRESHOLD = 0.29

# How far a concept is missing where one that it is a sort of is there: notes on losses need not tell of focal loss.
_BROADER = 0.5

# So many passages of the topic on either side of the best are looked at. A topic of any length costs the same, and
# a long one is not judged by its far end.
_AROUND = 3


@dataclass(frozen=True, slots=True)
class Best:
    """What comes nearest to a question: the passage at `row`, and passages `first` up to `last` of its topic.

    `names` are the concepts that the topic is called by, in its headings and other names; `dense` is the cosine of
    question and passage.
    """

    row: int
    first: int
    last: int
    names: AbstractSet[str]
    dense: float


@dataclass(frozen=True, slots=True)
class Evidence:
    """What speaks for and against coverage.

    `strength`: log(1 + what of the question the best passage holds, in terms as rare as can be), 0 or more. A
    term that half the notes hold says little about which passage is best, but much about coverage: it counts
    as half as rare as can be at least.
    `around`: share of the question's terms, by weight and rarity, that a passage there holds on average, 0..1: what
    is mentioned once has little of it.
    `concepts_unseen`: share of the question's concepts that no passage holds, 0..1; 0 without any. One of which the
    best passage holds a relative is not missing; one of which it holds only what that is a sort of is so by half.
    `concepts_aside`: share of the question's concepts by which the best topic is not called, nor by a relative, and
    so on: the notes may mention them, but this is not about them. 0..1; 0 without any.
    `dense`: cosine of question and best passage, 0..1.
    """

    strength: float
    around: float
    concepts_unseen: float
    concepts_aside: float
    dense: float


#: The evidence of a question that matches nothing.
NOTHING = Evidence(strength=0.0, around=0.0, concepts_unseen=1.0, concepts_aside=1.0, dense=0.0)

#: Intercept, then one weight per field of `Evidence`, in order, for the bundled embedder.
WEIGHTS = (-5.55, 1.77, 1.85, -1.79, -1.13, 7.78)


def best(row: int, dense: float, topic: Topic, passage: Passage, glossary: Glossary) -> Best:
    """Return what `evidence` has to know of the best passage, at `row`, and its topic."""
    at = [one is passage for one in topic.passages].index(True)
    front = topic.front_matter
    names = (*passage.heading_path, *((front.title, front.title_en, *front.aliases) if front else ()))
    return Best(
        row=row,
        first=row - min(at, _AROUND),
        last=row + min(len(topic.passages) - at, _AROUND + 1),
        names=frozenset(term for term in terms("\n".join(names), glossary) if term.startswith(CONCEPT)),
        dense=dense,
    )


def evidence(
    query: Mapping[str, float],
    lexical: LexicalIndex,
    glossary: Glossary,
    found: Best,
    named: Mapping[str, str] = MappingProxyType({}),
) -> Evidence:
    """Weigh what the terms of a question find in the notes, of which `found` comes nearest.

    `named` are the words that only spell the name of a concept (word -> concept, `terms.words_of_names`): where
    the notes hold the concept under another name, its spelling in the question is not missing from them.
    """
    held = total = around = concepts = unseen = aside = 0.0
    for term, said in query.items():
        idf = lexical.idf_of(term)
        if lexical.holds(found.row, term):
            held += said * weight(term) * max(idf or 0.0, 0.5 * lexical.idf_unseen)
        if said <= RELATED:
            continue  # a relative that the notes lack says nothing about what was asked
        if term[0] == INTENT or (idf is None and lexical.idf_of(named.get(term, "")) is not None):
            continue
        share = said * weight(term) * (lexical.idf_unseen if idf is None else idf)
        total += share
        around += share * lexical.count_between(found.first, found.last, term) / (found.last - found.first)
        if term.startswith(CONCEPT):
            concepts += share
            if idf is None:
                unseen += share * _lacking(term, glossary, partial(lexical.holds, found.row))
            aside += share * _lacking(term, glossary, found.names.__contains__)
    return Evidence(
        strength=math.log1p(held / lexical.idf_unseen),
        around=around / total if total else 0.0,
        concepts_unseen=unseen / concepts if concepts else 0.0,
        concepts_aside=aside / concepts if concepts else 0.0,
        dense=max(found.dense, 0.0),
    )


def _lacking(term: str, glossary: Glossary, there: Callable[[str], bool]) -> float:
    """Return how far a concept is missing where only some concepts are `there`: 0 none, 1 altogether."""
    concept = glossary.concepts[term.removeprefix(CONCEPT)]
    if there(term) or any(there(CONCEPT + related) for related in concept.related):
        return 0.0
    return _BROADER if concept.broader and there(CONCEPT + concept.broader) else 1.0


def confidence(found: Evidence) -> float:
    """Return the probability, 0..1, that the notes cover a question that they cover as likely as not."""
    logit = WEIGHTS[0] + sum(w * x for w, x in zip(WEIGHTS[1:], astuple(found), strict=True))
    return 1.0 / (1.0 + math.exp(-max(min(logit, 60.0), -60.0)))
