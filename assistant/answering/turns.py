"""A clause, and how far another is the same claim, once the words that turn a claim round are set aside.

Turns are negations and the two ends of axes such as more and less, before and after. Which claim is right is not
asked here (`assistant/answering/opposing.py`).
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property

from assistant.grading.meaning import Meaning
from corpus.glossary import Glossary
from index import terms

#: What a clause of the note may say beside, as a share of it.
_SLACK = 0.3
# An odd number of `_NOT` and `_LESS` turns a claim round; the words of `_MORE` are set aside and turn nothing.
_NOT = re.compile(
    r"(?:并|也|还|都)?不(?![同断仅])|没|无[法需须]|(?<!从)未(?!来)|缺乏|停止|难以|"
    r"(?<![a-z])(?:not|no|never|without|cannot|neither(?:.{0,30}\bnor)?|hardly|lacks?|lacking)(?![a-z])|n't(?![a-z])"
)
_LESS = re.compile(
    r"只减不增|[减降缩](?:少|小|低|弱|轻|慢)|[变更最越太很较](?:小|少|低|弱|慢|差|短|窄|平)|下降|压低|削弱|之后|"
    r"(?<![a-z])(?:less|fewer|smaller|lower|lowest|slower|slowly|worse|weaker|shorter|after|few|little|low|slow|weak|"
    r"cheap|easier|decreas[a-z]*|reduc[a-z]*)(?![a-z])"
)
_MORE = re.compile(
    r"只增不减|[增升加扩放](?:多|大|高|强)|[变更最越太很较](?:大|多|高|强|快|好|长|宽|尖)|上升|提升|加速|之前|"
    r"(?<![a-z])(?:more|greater|larger|higher|highest|faster|quickly|better|stronger|longer|before|many|much|high|fast|"
    r"strong|expensive|harder|increas[a-z]*)(?![a-z])"
)
_AXES = re.compile(f"{_LESS.pattern}|{_MORE.pattern}")
# What neither turns nor says anything.
_FILLER = re.compile(
    r"会|一般|通常|完全|永远|(?<![a-z])(?:always|usually|generally|completely|exactly)(?![a-z])"
)
_THAN = re.compile(r"(?<![占成按等])比(?![例较如])|(?<![a-z])than(?![a-z])")
_SYMBOL = re.compile(r"(?<![a-z0-9])(?=[a-z0-9]*[0-9])[a-z][a-z0-9]*|[α-ω]")


@dataclass(frozen=True, eq=False)
class Clause:
    """A clause to be compared, in its sentence."""

    meaning: Meaning
    glossary: Glossary

    @property
    def folded(self) -> str:
        """The clause in narrow letters of one case."""
        return self.meaning.clause.folded

    @cached_property
    def things(self) -> tuple[str, ...]:
        """The concepts and symbols that the clause names, from left to right."""
        found = self.glossary.find(self.meaning.clause.cased)
        named = [(m.start, terms.CONCEPT + m.concept) for m in found]
        for symbol in _SYMBOL.finditer(self.folded):
            if not any(m.start <= symbol.start() < m.end for m in found):
                named.append((symbol.start(), symbol[0]))
        return tuple(dict.fromkeys(name for _, name in sorted(named)))

    @cached_property
    def weights(self) -> dict[str, float]:
        """The terms of the clause without its turns and without the words of names, with their weights."""
        bare = _FILLER.sub(" ", _NOT.sub(" ", _AXES.sub(" ", self.folded)))
        names = terms.words_of_names(self.meaning.clause.cased, self.glossary)
        said = (*(term for term in terms.terms(bare, self.glossary) if term not in names), *self.things)
        return {term: terms.weight(term) for term in dict.fromkeys(said) if not term.startswith(terms.INTENT)}

    @cached_property
    def weight(self) -> float:
        """The weight of all terms."""
        return sum(self.weights.values())

    @cached_property
    def turns(self) -> int:
        """How many words turn the clause round."""
        bare = _MORE.sub(" ", self.folded)
        less = _LESS.sub(" ", bare)
        return len(_LESS.findall(bare)) + len(_NOT.findall(less))

    @cached_property
    def axes(self) -> int:
        """How many words stand at one end of an axis."""
        return len(_AXES.findall(self.folded))

    def share_in(self, other: Clause, but: Collection[str] = ()) -> float:
        """Return the share of this clause that `other` says too, in 0..1, leaving out the terms in `but`."""
        weights = {term: weight for term, weight in self.weights.items() if term not in but}
        whole = sum(weights.values())
        return (
            sum(weight for term, weight in weights.items() if term in other.weights) / whole if whole else 0.0
        )

    def fit(self, other: Clause, named: Collection[str], *, of_another: bool = False) -> float:
        """Return in 0..1 how far this is what `other` says, turns set aside, and not only of the same thing.

        What `other` leaves unsaid because its sentence names it elsewhere (`named`) is set aside too; with
        `of_another` so is the first thing that either names.
        """
        subject, its = self.things[:1], other.things[:1]
        apart = {*subject, *its} if of_another and subject != its else set[str]()
        if not its or its[0] in self.things:
            apart |= set(named) - set(other.things)
        said = self.share_in(other, {*apart, *subject})
        return min(self.share_in(other, apart), _SLACK + other.share_in(self, apart), said)

    def opposes(self, other: Clause) -> bool:
        """Whether the two, which fit, are the same claim turned round, by words or by what is compared with what."""
        turned = (self.turns - other.turns) % 2 == 1
        first, second = self.things[:2], other.things[:2]
        if len(first) == 2 and _THAN.search(self.folded) and _THAN.search(other.folded):
            turned ^= first == second[::-1]
        return turned
