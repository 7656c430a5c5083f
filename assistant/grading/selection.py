"""Which key points a question asks for, and how much each of their clauses matters to it."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass

from assistant.grading.asked import LABELLED, SIDES, Facet
from assistant.grading.facts import COMMON
from assistant.grading.lexicon import lexicon
from assistant.grading.meaning import Meaning
from assistant.grading.reading import Statement
from assistant.grading.subjects import disjoint

#: A point that says less than this share of what the best one says of the question is not asked for.
_LEAST = 0.3
#: What the best point must say of a question for its words to single points out, by themselves and under a label.
_TELLING, _TELLING_LABELLED = 0.5, 1.2
#: Of so few points none is passed over.
_FEW = 2
#: What words count in telling points apart: those of the title less, other names of what is asked less.
_IN_TITLE, _WORD, _AKIN = 0.4, 0.5, 0.4
#: A clause beside the one that is asked for counts this much less, in a why less so: reasons take several clauses.
_DECAY, _DECAY_REASONS, _FLOOR = 0.6, 0.85, 0.2
#: In a why the clause that is asked about is the effect, not the reason.
_RESTATED = 0.6
_REASONS = frozenset({"cause", "difference", "effect"})
#: What comes of a thing is said after it.
_FOLLOWS = frozenset({"merit", "effect"})
# Where the note does not label its lines, the good comes before the "but".
_BUT = re.compile(r"(?:但是?|可是|然而|不过|不能|无法|but|however|although)")


@dataclass(frozen=True, slots=True)
class Selected:
    """A point that is asked for: how much each clause of each wording matters, and how much its line, in 0..1."""

    place: int
    relevance: tuple[tuple[float, ...], ...]
    line: Hashable
    line_share: float


@dataclass(frozen=True, slots=True)
class Selection:
    """The points that a facet asks for; `listed` where it wants them all and not the one that fits best.

    `field` holds the places of what the note says of the same things under the same aspect, asked for or not.
    """

    points: tuple[Selected, ...]
    listed: bool
    field: frozenset[int] = frozenset()


def selection(facet: Facet, statements: Sequence[Statement], title: frozenset[str]) -> Selection:
    """Return the points that `facet` asks for; `title` holds the terms of the topic's title.

    First by what is spoken of, then by aspect where the note labels its lines, then by the other words of the
    question; a step that would leave nothing is passed over. Where words of the question single out a clause, the
    clauses around it matter the less the farther they stand.
    """
    whole = _deciding(statements)
    places = [n for n in whole if speaks_of(facet, statements[n])] or list(whole)
    if facet.common:
        places = [n for n in places if _is_common(n, places, statements)] or places
    labelled = facet.aspects & LABELLED
    under = [n for n in places if statements[n].aspects & labelled]
    if under:
        places = under
    elif labelled - {"cause"}:
        places = [n for n in places if not statements[n].aspects & LABELLED] or places
    names_only = len(places) > _FEW and all(statements[n].nominal for n in places)
    listed = facet.listing or len(under) > 1 or names_only
    question = _Question.of(facet, statements, title)
    said = {n: question.said_by(statements[n].terms) for n in places}
    best = max(said.values(), default=0.0)
    if len(statements) <= _FEW or best < (_TELLING_LABELLED if under else _TELLING):
        return Selection(tuple(_whole(n, statements[n]) for n in places), listed, frozenset(places))
    lines = {statements[n].line for n in places if said[n] >= _LEAST * best}
    shares = {line: max(said[n] for n in places if statements[n].line == line) / best for line in lines}
    return Selection(
        tuple(
            Selected(n, _spread(facet, statements, n, question), line, shares[line])
            for n in places
            if (line := statements[n].line) in lines
        ),
        listed,
        frozenset(places),
    )


def _is_common(place: int, places: Sequence[int], statements: Sequence[Statement]) -> bool:
    """Whether the note says a fact of the point at `place` of another thing too."""

    def said(n: int) -> dict[tuple[str, int], frozenset[str]]:
        return {
            (fact.key, fact.sign): frozenset().union(*meaning.subjects.values())
            for meaning in statements[n].meanings
            for fact in meaning.facts
            if fact.key not in COMMON
        }

    own = said(place)
    return any(
        key in own and own[key].isdisjoint(of)
        for other in places
        if other != place
        for key, of in said(other).items()
    )


def _deciding(statements: Sequence[Statement]) -> Sequence[int]:
    """Return the places of the points that decide.

    Where a note lists points: these, what it says in short, and its answers to questions of its own.
    """
    whole = range(len(statements))
    if not any(statement.point.written for statement in statements):
        return whole
    return [n for n in whole if statements[n].point.written or statements[n].point.answers]


def everything(statements: Sequence[Statement]) -> Selection:
    """Return all of `statements` as asked for, one as much as another."""
    points = tuple(_whole(place, one) for place, one in enumerate(statements))
    return Selection(points, listed=True, field=frozenset(range(len(points))))


def speaks_of(facet: Facet, statement: Statement) -> bool:
    """Whether a clause of `statement` speaks of what `facet` speaks of, or of nothing that excludes it."""
    return any(
        all(
            facet.subjects[group] & meaning.troubled.get(group, frozenset())
            for group in disjoint(facet.subjects, meaning.subjects)
        )
        for meaning in statement.meanings
    )


def is_of_other_side(facet: Facet, meaning: Meaning) -> bool:
    """Whether `meaning` tells merits where `facet` asks for faults, or the other way round.

    Without a label only a question for both is taken apart, at the "but".
    """
    asked = facet.aspects & SIDES
    own = meaning.aspects & SIDES or {"fault" if _BUT.match(meaning.clause.folded) else "merit"}
    return len(asked) == 1 and not own & asked and bool(meaning.aspects or facet.both_sides)


def _whole(place: int, statement: Statement) -> Selected:
    return Selected(
        place, tuple((1.0,) * len(wording) for wording in statement.wordings), statement.line, 1.0
    )


def _spread(
    facet: Facet, statements: Sequence[Statement], place: int, question: _Question
) -> tuple[tuple[float, ...], ...]:
    """What each clause says of the question, or a share of what a clause near it on its line says."""
    neighbours = [n for n, other in enumerate(statements) if other.line == statements[place].line]
    decay = _DECAY_REASONS if facet.aspects & _REASONS else _DECAY
    before = decay * (_DECAY if facet.aspects & _FOLLOWS else 1.0)
    restated = _RESTATED if "cause" in facet.aspects else 1.0
    rows = []
    for number, wording in enumerate(statements[place].wordings):
        line = [
            (n, question.said_by(meaning.terms))
            for n in neighbours
            for meaning in (wording if n == place else statements[n].wordings[0])
        ]
        top = max((said for _, said in line), default=0.0) or 1.0
        rows.append(
            tuple(
                max(
                    _FLOOR,
                    *(
                        said
                        / top
                        * (restated if at == other else (decay if at > other else before) ** abs(at - other))
                        for other, (_, said) in enumerate(line)
                    ),
                )
                for at, (n, _) in enumerate(line)
                if n == place
            )
        )
        assert len(rows[number]) == len(wording)
    return tuple(rows)


@dataclass(frozen=True, slots=True)
class _Question:
    """The terms of a question that tell points apart, with their weights."""

    weights: Mapping[str, float]

    @classmethod
    def of(cls, facet: Facet, statements: Sequence[Statement], title: frozenset[str]) -> _Question:
        """Weigh the terms of `facet` by rarity among `statements`; names of what is spoken of do not count."""
        count = Counter(term for statement in statements for term in statement.terms)
        spoken_of = {
            concept
            for contrast in lexicon().contrasts
            if contrast.name in facet.subjects
            for concept in contrast.concepts
        }
        asked: dict[str, float] = {}
        for meaning in facet.meanings:
            for fact in meaning.facts:
                if spoken_of.isdisjoint(fact.names):
                    asked[fact.key] = max(asked.get(fact.key, 0.0), fact.weight)
            asked |= {word: _WORD for word in meaning.words if word not in asked}
        for name in [name for name in asked if not count[name] and name not in title]:
            # What the note never calls by this name it may call by another.
            idea = lexicon().idea(name)
            for near in idea.near if idea else ():
                asked.setdefault(near, _AKIN * asked[name])
        rarity = {term: math.log((len(statements) + 0.6) / count[term]) for term in asked if count[term]}
        return cls({t: asked[t] * rarity[t] * (_IN_TITLE if t in title else 1.0) for t in rarity})

    def said_by(self, terms: frozenset[str]) -> float:
        """Return how much of the question is said with `terms`."""
        return sum(weight for term, weight in self.weights.items() if term in terms)
