"""How much of a point an answer says: fact by fact, whatever the wording or the language."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from assistant.grading.facts import Fact
from assistant.grading.lexicon import lexicon
from assistant.grading.meaning import Meaning
from corpus.glossary import Glossary

#: What the question says already is worth this share when the answer repeats it.
GIVEN = 0.1
#: What it is worth to say something near, something broader or narrower, something related, or the right thing of
#: another thing.
_NEAR, _BROADER, _RELATED, _OF_ANOTHER = 0.7, 0.6, 0.3, 0.4


@dataclass(frozen=True, slots=True)
class Given:
    """What the question says itself, which is no achievement to repeat."""

    terms: frozenset[str]
    title: frozenset[str] = frozenset()

    @classmethod
    def of(cls, meanings: Iterable[Meaning], title: frozenset[str] = frozenset()) -> Given:
        """Return what `meanings`, those of the question, give away, and the terms of the `title`."""
        return cls(frozenset().union(*(meaning.terms for meaning in meanings)), title)

    def has(self, fact: Fact) -> bool:
        """Whether the question names what `fact` names."""
        return not self.terms.isdisjoint(fact.names)

    def share(self, said: Fact | str) -> float:
        """Return what it is worth to say `said`, in 0..1."""
        known = said in self.terms if isinstance(said, str) else self.has(said)
        return GIVEN if known else 1.0


@dataclass(slots=True)
class Mass:
    """What is to be said and what of it was said, each term once, however often it stands in the note."""

    _wanted: dict[tuple[str, int], float] = field(default_factory=dict)
    _said: dict[tuple[str, int], float] = field(default_factory=dict)
    _worded: dict[tuple[str, int], float] = field(default_factory=dict)

    @property
    def wanted(self) -> float:
        """The weight of all that is to be said."""
        return sum(self._wanted.values())

    @property
    def said(self) -> float:
        """The weight of what was said."""
        return sum(self._said.values())

    @property
    def worded(self) -> float:
        """The weight of what was said in words that the lists know, nearness apart."""
        return sum(self._worded.values())

    @property
    def share(self) -> float:
        """What was said of what is to be said, in 0..1."""
        return self.said / self.wanted if self._wanted else 0.0

    def add(self, term: tuple[str, int], wanted: float, said: float, worded: float | None = None) -> None:
        """Count `term`; of several places the one where it weighs most decides. `worded` is `said` unless given."""
        self._wanted[term] = max(self._wanted.get(term, 0.0), wanted)
        self._said[term] = max(self._said.get(term, 0.0), said)
        self._worded[term] = max(self._worded.get(term, 0.0), said if worded is None else worded)

    def raise_to(self, share: float) -> None:
        """Count at least `share` of everything that is wanted as said."""
        for term, wanted in self._wanted.items():
            self._said[term] = max(self._said[term], share * wanted)

    def merge(self, other: Mass, times: float = 1.0) -> None:
        """Count what `other` counts, `times` as much."""
        for term, wanted in other._wanted.items():
            self.add(term, times * wanted, times * other._said[term], times * other._worded[term])


def credit(point: Fact, said: Fact, glossary: Glossary) -> float:
    """Return in -1..1 how far `said` says what `point` says; below 0 it says the opposite."""
    opposed = point.sign * said.sign < 0
    if not set(point.names) & set(said.names):
        return 0.0 if opposed else _kinship(point.key, said.key, glossary)
    same_thing = bool(point.about & said.about) if point.about and said.about else None
    if opposed:
        return 0.0 if same_thing is False or (same_thing is None and point.about) else -1.0
    if point.sign == 0 and said.sign > 0 and said.caused:
        return -1.0  # the note says that it solves what the answer says it brings about
    if (point.solved and said.remains) or (point.remains and said.solved):
        return -1.0
    return _OF_ANOTHER if same_thing is False else 1.0


def _kinship(one: str, other: str, glossary: Glossary) -> float:
    if lexicon().is_near(one, other):
        return _NEAR
    if lexicon().excludes(one, other):
        return 0.0  # to be told apart is no kinship
    first, second = glossary.concepts.get(one), glossary.concepts.get(other)
    if (first and first.broader == other) or (second and second.broader == one):
        return _BROADER
    return _RELATED if first and other in first.related else 0.0


def mass_of(
    point: Meaning, answer: Sequence[Meaning], given: Given, glossary: Glossary
) -> tuple[Mass, Mapping[int, float]]:
    """Return what `point` wants said and what `answer` says of it, and how much each clause of `answer` gave."""
    mass, gave = Mass(), dict[int, float]()
    for fact in point.facts:
        weight = fact.weight * given.share(fact)
        best, by = 0.0, -1
        for number, clause in enumerate(answer):
            for said in clause.facts:
                worth = credit(fact, said, glossary)
                if worth < 1.0 and given.has(said) and said.key != fact.key:
                    worth = 0.0  # to be akin to what was asked is nothing said
                if worth > best:
                    best, by = worth, number
        mass.add((fact.key, fact.sign), weight, weight * best)
        if best > 0:
            gave[by] = gave.get(by, 0.0) + weight * best
    holders = {word: number for number, clause in reversed(list(enumerate(answer))) for word in clause.words}
    for word, full in point.words.items():
        weight = full * given.share(word)
        mass.add((word, 0), weight, weight if word in holders else 0.0)
        if word in holders:
            gave[holders[word]] = gave.get(holders[word], 0.0) + weight
    return mass, gave
