"""How much of what a question asks for an answer says: each facet weighed against the points that it asks for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from assistant.grading import scoring
from assistant.grading.asked import Facet
from assistant.grading.contradiction import Checked, Stance, is_about_another
from assistant.grading.facts import Fact
from assistant.grading.matching import Given, Mass, credit, mass_of
from assistant.grading.meaning import Meaning, read
from assistant.grading.nearness import Nearness
from assistant.grading.reading import Statement
from assistant.grading.selection import Selected, everything, is_of_other_side, selection
from assistant.grading.telling_apart import choices, choosing
from assistant.grading.types import Verdict
from corpus.glossary import Glossary

#: A line of the note can be enough for an answer if it says this share of what the best line says of the question.
_FITTING = 0.5
#: A line with no more than this to say is no answer.
_EMPTY = 0.5
#: 「解决 X 的问题」 restates the problem: for what solves it that is little to know.
_RESTATED = 0.3
#: Of a list of so many points one is not the answer.
_MANY = 3
#: A point of a list is touched by a clause that it supports this much, however much more it says itself.
_TOUCHES = 1.0
#: A point of a list counts if it has this share of what the weightiest has to say.
_COUNTS = 0.3
#: A clause may be counted as near a point if the point says this share of what is known of the clause.
_MOSTLY = 0.5


@dataclass(slots=True)
class Tally:
    """What was found so far: the worth of each facet, and by point how much of it was said and where."""

    worths: list[float] = field(default_factory=list)
    masses: dict[int, Mass] = field(default_factory=dict)
    words: dict[int, str] = field(default_factory=dict)
    chosen: dict[int, str] = field(default_factory=dict)
    wrongly_chosen: dict[int, str] = field(default_factory=dict)
    by_title: bool = False
    one_of_many: bool = False
    field: set[int] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Examiner:
    """Weighs the right clauses of an answer against the statements of a note."""

    statements: Sequence[Statement]
    right: Sequence[Meaning]
    given: Given
    title: frozenset[str]
    glossary: Glossary
    nearness: Nearness
    all_points: bool = False
    supports: Mapping[int, float] = field(default_factory=dict)

    def choose(self, facet: Facet, said: Sequence[Meaning], tally: Tally) -> bool:
        """Judge the thing that is chosen, if one is; return whether that was an answer to `facet`."""
        for group, choice in choices(facet, self.statements, self.glossary).items():
            for clause in choosing(facet, said):
                members = clause.own_subjects.get(group)
                if not members:
                    continue
                if choice.member in members:
                    tally.worths.append(1.0)
                    tally.chosen[choice.place] = clause.clause.text
                    return True
                tally.wrongly_chosen[choice.place] = clause.clause.text
                return True
        return False

    def weigh(self, facet: Facet, tally: Tally, *, keywords: bool, title: str) -> None:
        """Weigh what was said of the points that `facet` asks for."""
        chosen = (
            everything(self.statements) if self.all_points else selection(facet, self.statements, self.title)
        )
        tally.field |= chosen.field
        whole = Mass()
        lines: dict[object, Mass] = {}
        touched: list[bool] = []
        masses: list[float] = []
        for point in chosen.points:
            mass, words = self._said_of(facet, point, keywords=keywords)
            whole.merge(mass)
            missed = scoring.verdict(mass, contradicted=False) is Verdict.MISSED
            touched.append(not missed or self.supports.get(point.place, 0.0) >= _TOUCHES)
            masses.append(mass.wanted if point.line_share >= _FITTING else 0.0)
            if point.line_share >= _FITTING and not chosen.listed:
                lines.setdefault(point.line, Mass()).merge(mass)
            if mass.share >= tally.masses.get(point.place, Mass()).share:
                tally.masses[point.place], tally.words[point.place] = mass, words
        many = sum(wanted >= _COUNTS * max(masses) for wanted in masses) >= _MANY
        tally.one_of_many |= chosen.listed and many and sum(touched) <= 1
        if whole.wanted < _EMPTY:
            # The point is only a name: what it is a point of, the title says.
            whole = self._said_of_title(title)
            tally.by_title = tally.by_title or whole.said >= 0.5 * whole.wanted > 0
        tally.worths.append(scoring.worth(whole, [m for m in lines.values() if m.wanted > _EMPTY]))

    def _said_of(self, facet: Facet, point: Selected, *, keywords: bool) -> tuple[Mass, str]:
        """Return what was said of the wording that the answer is nearest to, and the words that said most of it."""
        statement = self.statements[point.place]
        best, words = Mass(), ""
        for wording, relevance in zip(statement.wordings, point.relevance, strict=True):
            mass, gave = Mass(), dict[str, float]()
            for meaning, share in zip(wording, relevance, strict=True):
                if is_of_other_side(facet, meaning):
                    continue
                fitting = [clause for clause in self.right if not is_about_another(clause, meaning)]
                if keywords:
                    fitting = []
                part, by = mass_of(meaning, fitting, self.given, self.glossary)
                near = [clause.clause.text for clause in fitting if self._only_says(clause, statement)]
                part.raise_to(self.nearness(meaning.clause.text, near))
                mass.merge(part, share * (_RESTATED if _restates_trouble(facet, meaning) else 1.0))
                for number, weight in by.items():
                    text = fitting[number].clause.text
                    gave[text] = gave.get(text, 0.0) + weight
            if not best.wanted or mass.share > best.share:
                best, words = mass, max(gave, key=gave.__getitem__, default="")
        return best, words

    def _only_says(self, clause: Meaning, statement: Statement) -> bool:
        """Whether what the lists know of `clause` is mostly in `statement`: nearness is for what they do not know."""
        facts = [fact for fact in clause.facts if not self.given.has(fact)]
        known = [fact for meaning in statement.meanings for fact in meaning.facts]
        said = sum(f.weight * max((credit(k, f, self.glossary) for k in known), default=0.0) for f in facts)
        said += sum(f.weight for f in facts if self._tells_apart(clause, f))
        return said >= _MOSTLY * sum(fact.weight for fact in facts)

    def _tells_apart(self, clause: Meaning, fact: Fact) -> bool:
        """Whether `fact` of `clause` is the opposite of what the note says of another thing."""
        return any(
            credit(known, fact, self.glossary) < 0
            for statement in self.statements
            for meaning in statement.meanings
            if is_about_another(clause, meaning)
            for known in meaning.facts
        )

    def _said_of_title(self, title: str) -> Mass:
        mass = Mass()
        for meaning in read(title, self.glossary):
            mass.merge(mass_of(meaning, self.right, self.given, self.glossary)[0])
        return mass

    def known_share(self, checks: Sequence[Checked]) -> float:
        """Return the share of what is said beyond the question that the note knows, by weight.

        A clause that the note does not support may lower the share of those that it supports, and never raises it.
        """
        statements = [fact for statement in self.statements for m in statement.meanings for fact in m.facts]
        parts = [
            (check.stance is Stance.SUPPORTS, *self._known_of(check.clause, statements)) for check in checks
        ]
        base = [part for part in parts if part[0] and part[1]] or parts
        said, found = sum(part[1] for part in base), sum(part[2] for part in base)
        for _, more, known in sorted((p for p in parts if p not in base), key=lambda p: p[2] / (p[1] or 1.0)):
            if known * said < found * more:
                said, found = said + more, found + known
        return max(0.0, found) / said if said else 1.0

    def _known_of(self, clause: Meaning, known: Sequence[Fact]) -> tuple[float, float]:
        """Return the weight of what `clause` says beyond the question, and that of what is `known` of it."""
        facts = [fact for fact in clause.facts if not self.given.has(fact)]
        said = sum(fact.weight for fact in facts)
        if clause not in self.right:
            return said, 0.0
        worths = (f.weight * max((credit(k, f, self.glossary) for k in known), default=0.0) for f in facts)
        return said, sum(worths)


def _restates_trouble(facet: Facet, meaning: Meaning) -> bool:
    """Whether `meaning` tells of a trouble that what `facet` speaks of solves for something else."""
    return any(
        meaning.troubled.get(group)
        and meaning.subjects.get(group, frozenset()) & members
        and not meaning.troubled[group] & members
        for group, members in facet.subjects.items()
    )
