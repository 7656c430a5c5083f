"""Whether a clause of an answer says the opposite of the note, or says of one thing what is true of another.

Embeddings cannot tell: a sentence and its negation are among the nearest of neighbours. So the nearest statement
of the note is looked for with signs and subjects set aside, and then these are compared.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from assistant.grading.asked import SIDES
from assistant.grading.figures import Figure, disagree
from assistant.grading.lexicon import lexicon
from assistant.grading.matching import Given, credit
from assistant.grading.meaning import Meaning
from assistant.grading.reading import Statement
from assistant.grading.subjects import disjoint
from corpus.glossary import Glossary

#: A clash is believed from this weight on, and when nothing in the note supports the clause nearly as well.
_LEAST, _SUPPORTED, _AHEAD = 0.9, 0.5, 1.15
#: What is said of the wrong thing is most of what the clause says; a shared word or two is no mix-up.
_MOST = 0.6
#: Less than this is denied by words such as "better", which deny nothing by themselves.
_LEAST_DENIED = 0.45
#: What the question says itself counts little for agreement, and for a clash more: who denies it errs.
_GIVEN_SHARE, _GIVEN_CLASH = 0.3, 0.7
_REVERSED = 1.0
#: The contrast of ways to join things.
_JOINING = "joining"
# 「反卷积时，…」 says when something holds; who denies that it comes to this denies nothing.
_CIRCUMSTANCE = re.compile(r"^[^,，]{1,12}(?:时候?|情况下|的话)$|^(?:when|if|while)(?![a-z])")
_ONLY_THEN = re.compile(r"才(?=[会能可容])|only (?:if|when)")
# A row of parts without a verb.
_PARTS = re.compile(r"^[^,，。是把用让使会能有]{2,40}[+＋加和与][^,，。是把用让使会能有]{2,40}$")


class Stance(StrEnum):
    """What the note has to say to a clause of the answer."""

    SUPPORTS = "supports"
    DENIES = "denies"
    SWAPPED = "swapped"
    SILENT = "silent"


@dataclass(frozen=True, slots=True)
class Checked:
    """A clause of the answer, the note's stance on it, how strongly, and the place of the point that takes it."""

    clause: Meaning
    stance: Stance
    strength: float = 0.0
    place: int = -1

    @property
    def contradicts(self) -> bool:
        """Whether the note says otherwise."""
        return self.stance in (Stance.DENIES, Stance.SWAPPED)


def checked(
    clause: Meaning,
    statements: Sequence[Statement],
    given: Given,
    glossary: Glossary,
    *,
    asks_to_compare: bool = False,
    known: frozenset[Figure] = frozenset(),
) -> Checked:
    """Return the stance of `statements` on `clause`; figures that are `known` contradict no other."""
    own = _mass(clause, given)
    support = clash = silent = Checked(clause, Stance.SILENT)
    for place, statement in enumerate(statements):
        for point in statement.meanings:
            if _is_exception_to(point, clause):
                continue
            agreed, denied = _compared(clause, point, given, glossary)
            if is_about_another(clause, point):
                if _denies_else(clause, point):
                    pass
                elif agreed - denied > max(
                    clash.strength, _MOST * own, _AHEAD * _together(clause, statement)
                ):
                    clash = Checked(clause, Stance.SWAPPED, agreed - denied, place)
                elif denied - agreed > support.strength and asks_to_compare:
                    # To deny of one what the note says of the other is to tell them apart.
                    support = Checked(clause, Stance.SUPPORTS, denied - agreed, place)
            elif denied >= _LEAST_DENIED and not _is_conditional(point):
                if agreed + denied > clash.strength:
                    clash = Checked(clause, Stance.DENIES, agreed + denied, place)
            elif agreed > support.strength:
                support = Checked(clause, Stance.SUPPORTS, agreed, place)
    if clash.stance is Stance.DENIES and _affirmed(clause, statements, clash.place, glossary):
        clash = silent
    if clash.strength >= _LEAST and clash.strength > _AHEAD * support.strength:
        return clash
    if (place := _reversed_at(clause, statements)) >= 0:
        return Checked(clause, Stance.DENIES, max(support.strength, _REVERSED), place)
    if support.strength >= _SUPPORTED and _misfigured(clause, statements[support.place], known):
        return Checked(clause, Stance.DENIES, support.strength, support.place)
    if support.place >= 0 and (turned := _turned(clause, statements[support.place])):
        return Checked(clause, Stance.DENIES, support.strength + turned, support.place)
    return support if support.strength >= _SUPPORTED else silent


def joined_otherwise(checks: Sequence[Checked], statements: Sequence[Statement]) -> list[Checked]:
    """Return `checks`, those denied that go on about a point and join things otherwise: 相加 for 拼接."""
    told: list[Checked] = []
    for check in checks:
        before = told[-1] if told and check.clause.clause.joined else check
        place = before.place if before.stance is Stance.SUPPORTS else -1
        own = check.clause.own_subjects.get(_JOINING, frozenset())
        there = (
            [m.subjects.get(_JOINING, frozenset()) for m in statements[place].meanings] if place >= 0 else []
        )
        said = frozenset().union(*there)
        if own and said and own.isdisjoint(said) and not check.contradicts:
            check = Checked(check.clause, Stance.SWAPPED, max(_LEAST, check.strength), place)
        told.append(check)
    return told


def is_about_another(clause: Meaning, point: Meaning) -> bool:
    """Whether the two speak of different members of a contrast, or of merits and of faults."""
    for group in disjoint(clause.subjects, point.subjects):
        if _is_part(clause, point, group):
            continue
        helped = clause.subjects[group] & point.troubled.get(group, frozenset())
        if not helped or clause.objects.get(group):
            return True
    sides = clause.aspects | point.aspects
    return (
        bool(clause.aspects and point.aspects) and clause.aspects.isdisjoint(point.aspects) and sides <= SIDES
    )


def _is_part(clause: Meaning, point: Meaning, group: str) -> bool:
    """Whether `clause` only lists what the thing that `point` speaks of takes up: 「RMSProp 的二阶矩」 of Adam."""
    named = clause.own_subjects.get(group, frozenset())
    return (
        bool(named)
        and named <= point.taken.get(group, frozenset())
        and _PARTS.search(clause.clause.folded) is not None
    )


def _mass(clause: Meaning, given: Given) -> float:
    """How much `clause` says that the question does not."""
    facts = sum(fact.weight * (_GIVEN_SHARE if given.has(fact) else 1.0) for fact in clause.facts)
    return facts + sum(w * (_GIVEN_SHARE if word in given.terms else 1.0) for word, w in clause.words.items())


def _compared(clause: Meaning, point: Meaning, given: Given, glossary: Glossary) -> tuple[float, float]:
    """Return the weight on which the two agree and that on which they oppose each other."""
    agreed = denied = 0.0
    both = {fact.key for fact in clause.facts if fact.sign > 0} & {f.key for f in clause.facts if f.sign < 0}
    for said in clause.facts:
        if said.key in both and not lexicon().idea(said.key):
            continue  # 「dropout 不再随机失活」 both names it and denies it
        # What names the very thing decides, whatever else is akin to it.
        same = [fact for fact in point.facts if fact.key == said.key]
        worths = [credit(fact, said, glossary) for fact in same or point.facts]
        best = max(worths, default=0.0)
        if best > 0:
            agreed += best * said.weight * (_GIVEN_SHARE if given.has(said) else 1.0)
        elif worths and min(worths) < 0:
            denied += said.weight * (_GIVEN_CLASH if given.has(said) else 1.0)
    for word in clause.words.keys() & point.words.keys():
        agreed += clause.words[word] * (_GIVEN_SHARE if word in given.terms else 1.0)
    return agreed, denied


def _is_exception_to(point: Meaning, clause: Meaning) -> bool:
    """Whether `point` excepts something that `clause`, which speaks in general, does not name."""
    return point.exception and not any(group in clause.subjects for group in point.own_subjects)


def _denies_else(clause: Meaning, point: Meaning) -> bool:
    """Whether `clause` denies something in other words than `point`, which affirms what it says."""
    ideas = [(fact, lexicon().idea(fact.key)) for fact in clause.facts if fact.sign < 0]
    denied = {fact.key for fact, idea in ideas if idea and not idea.thing}
    return bool(denied) and denied.isdisjoint(fact.key for fact in point.facts)


def _is_conditional(point: Meaning) -> bool:
    return bool(_CIRCUMSTANCE.search(point.clause.folded) or _ONLY_THEN.search(point.clause.folded))


def _affirmed(clause: Meaning, statements: Sequence[Statement], place: int, glossary: Glossary) -> bool:
    """Whether the note says itself, of what `clause` speaks of, all that the point at `place` denies."""
    clashing = statements[place].meanings
    shared = {
        group
        for point in clashing
        for group, members in clause.subjects.items()
        if members & point.subjects.get(group, frozenset())
    }
    said = [
        fact
        for statement in statements
        for point in statement.meanings
        if not is_about_another(clause, point) and not _is_exception_to(point, clause)
        if all(clause.subjects[group] & point.subjects.get(group, frozenset()) for group in shared)
        for fact in point.facts
    ]
    denied = [
        fact
        for fact in clause.facts
        if any(credit(known, fact, glossary) < 0 for point in clashing for known in point.facts)
    ]
    return bool(denied) and all(
        any(known.key == fact.key and credit(known, fact, glossary) >= 1.0 for known in said)
        for fact in denied
    )


def _together(clause: Meaning, statement: Statement) -> float:
    """Return how much of `clause` the clauses of `statement` that are not about another thing say together."""
    said = [f for p in statement.meanings if not is_about_another(clause, p) for f in p.facts if f.sign]
    return sum(f.weight for f in clause.facts if any(k.key == f.key and k.sign == f.sign for k in said))


def _reversed_at(clause: Meaning, statements: Sequence[Statement]) -> int:
    """Return the place of a point with two things the other way round than in `clause`, or -1."""
    if not clause.orders:
        return -1
    told = [
        (place, order) for place, one in enumerate(statements) for m in one.meanings for order in m.orders
    ]
    return next((place for place, order in told if any(one.reverses(order) for one in clause.orders)), -1)


def _misfigured(clause: Meaning, statement: Statement, known: frozenset[Figure]) -> bool:
    figures = frozenset().union(*(point.figures for point in statement.meanings))
    return disagree(clause.figures, figures, known)


def _turned(clause: Meaning, statement: Statement) -> float:
    """Return the weight of what `clause` says the other way round of the same thing as the point it agrees with."""
    points = [
        point
        for point in statement.meanings
        if not is_about_another(clause, point) and not _is_exception_to(point, clause)
    ]
    turned = 0.0
    facts = [fact for point in points for fact in point.facts]
    for said in clause.facts:
        same = [fact for fact in facts if fact.key == said.key and fact.about & said.about]
        if same and all(fact.sign * said.sign < 0 for fact in same):
            turned += said.weight
    return turned
