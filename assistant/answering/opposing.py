"""Whether a passage says the opposite of a sentence: its own words turned round, or said of the wrong thing.

Shared terms and embeddings cannot tell, since a claim and its opposite have nearly all of them in common. So clauses
are read as in grading (`assistant/grading/contradiction.py`: ideas affirmed or denied, and what they are said of), and
where a clause is the passage's own but for negations, more and less, before and after, these turns are counted. What
a note calls wrong (说…是错的, "it is wrong to say that …") is a claim that it denies.

Only what fits a clause of the passage closely is judged; sentences in words of their own are left alone, because a
warning that is wrong costs more than one that is missing. `benchmarks/grounding.py` has the figures.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from assistant.answering.quoting import units_of
from assistant.answering.turns import Clause
from assistant.grading.contradiction import Stance, checked
from assistant.grading.lexicon import lexicon
from assistant.grading.matching import Given, credit
from assistant.grading.meaning import Meaning, read
from assistant.grading.reading import Statement
from assistant.grading.subjects import disjoint
from assistant.grading.types import KeyPoint
from corpus.glossary import Glossary
from corpus.types import Passage

#: From this strength on grading's reading is believed, where the clauses also fit this well.
READ, READ_FIT = 1.5, 0.5
#: What is denied must weigh this much itself; the rest of that strength is what the two agree on.
DENIED = 0.7
#: A clause that fits this well is the passage's own but for its turns.
OWN_WORDS = 0.8
#: How much better than whatever agrees must that fit which opposes.
AHEAD = 0.05
#: A clause that weighs less says too little to be held against anybody.
LEAST = 2.0

# What would be so if things were otherwise is not said to be so.
_SUPPOSED = re.compile(
    r"否则|不然|如果|假如|的话|就不|才(?!不)|(?<![a-z])(?:would|otherwise|unless|if)(?![a-z])", re.IGNORECASE
)
_CONDITION = re.compile(r"时$|^(?:when|where)(?![a-z])")
_WRONG = re.compile(
    r"^\W*(?:(?:说|以为|认为|把)?(?P<zh>[^：:]+?)(?:是错误?的|是不准确的|并?不准确|是不对的)|"
    r"it is (?:wrong|inaccurate|incorrect) to (?:say|think|expect|assume|believe) that (?P<en>[^:]+))"
    r"\s*[:：](?P<right>.*)$",
    re.IGNORECASE,
)
_SPEAKS_OF_ERROR = re.compile(
    r"错|误区|误解|不准确|不对|不成立|说法|前提|(?<![a-z])(?:wrong|inaccurate|mistake|incorrect|untrue|myth)",
    re.IGNORECASE,
)
# What is no formula, row of a table or name.
_PROSE = re.compile(r"^(?!\|).*(?:[㐀-鿿]|[a-z]{2,},? [a-z]{2,},? [a-z]{2,})", re.IGNORECASE)
_LETTER = re.compile(r"\\(alpha|beta|gamma|lambda|delta|epsilon|eta|mu|rho|sigma|tau)(?![a-z])")
_GREEK = dict(
    zip("alpha beta gamma lambda delta epsilon eta mu rho sigma tau".split(), "αβγλδεημρστ", strict=True)
)
_NOTHING_GIVEN = Given(frozenset())


@dataclass(frozen=True, eq=False)
class Claim:
    """A sentence of a passage by its clauses; `denied`: the note quotes it as a mistake."""

    source: str
    clauses: tuple[Clause, ...]
    denied: bool = False

    @cached_property
    def things(self) -> frozenset[str]:
        """Everything that the claim names."""
        return frozenset(thing for clause in self.clauses for thing in clause.things)


def claims_of(passage: Passage, glossary: Glossary) -> tuple[Claim, ...]:
    """Return what `passage` states in prose, and what it calls wrong."""
    return tuple(claim for unit in units_of(passage) for claim in _claims(unit.text, glossary))


def _claims(text: str, glossary: Glossary) -> Iterator[Claim]:
    for line in map(str.strip, text.split("\n")):
        if "`" in line or not _PROSE.search(line):
            continue
        wrong = _WRONG.match(line)
        if wrong and (quoted := _clauses(wrong["zh"] or wrong["en"], glossary)):
            yield Claim(line, quoted, denied=True)
        if said := _clauses(wrong["right"] if wrong else line, glossary):
            yield Claim(line, said)


def _clauses(text: str, glossary: Glossary) -> tuple[Clause, ...]:
    written = _LETTER.sub(lambda found: _GREEK[found[1]], text)
    return tuple(Clause(meaning, glossary) for meaning in read(written, glossary))


def opposition(sentence: str, claims: Sequence[Claim], glossary: Glossary) -> Claim | None:
    """Return the claim that says the opposite of `sentence`; None where none is found."""
    if _SPEAKS_OF_ERROR.search(sentence) or _SUPPOSED.search(sentence):
        return None
    for clause in _clauses(sentence, glossary):
        if clause.weight < LEAST or _CONDITION.search(clause.folded):
            continue
        if claim := _turned(clause, claims) or _read(clause, claims) or _exchanged(clause, claims):
            return claim
    return None


def _turned(clause: Clause, claims: Sequence[Claim]) -> Claim | None:
    """Return the claim that is `clause` in the same words, turned round; None where as much agrees."""
    agrees, best, found = 0.0, OWN_WORDS, None
    for claim in claims:
        for other in claim.clauses:
            fit = clause.fit(other, claim.things)
            if clause.opposes(other) == claim.denied:
                agrees = max(agrees, fit)
            elif fit > best and clause.axes == other.axes and not _apart(clause.meaning, other.meaning):
                best, found = fit, claim
    return found if best > agrees + AHEAD else None


def _read(clause: Clause, claims: Sequence[Claim]) -> Claim | None:
    """Return the claim near `clause` that grading's reading finds it to contradict, or to repeat as a mistake."""
    signs = {(fact.key, fact.about): fact.sign for fact in clause.meaning.facts}
    if any(signs[fact.key, fact.about] != fact.sign for fact in clause.meaning.facts):
        return None  # 「越大…越少」: which is said of what is not clear
    right, wrong = _near(clause, claims, denied=False), _near(clause, claims, denied=True)
    said = checked(clause.meaning, [near for _, near in right], _NOTHING_GIVEN, clause.glossary)
    if said.contradicts and said.strength >= READ:
        claim, near = right[said.place]
        if said.stance is Stance.SWAPPED:
            believed = any(_apart(clause.meaning, other) for other in near.meanings)
        else:
            turned = any(clause.opposes(Clause(other, clause.glossary)) for other in near.meanings)
            believed = turned and _denied(clause, near) >= DENIED
        if believed:
            return claim
    repeats = checked(clause.meaning, [near for _, near in wrong], _NOTHING_GIVEN, clause.glossary)
    if repeats.stance is Stance.SUPPORTS and repeats.strength > max(READ, said.strength):
        claim, _ = wrong[repeats.place]
        if any(
            clause.fit(other, claim.things) >= OWN_WORDS and not clause.opposes(other)
            for other in claim.clauses
        ):
            return claim
    return None


def _denied(clause: Clause, near: Statement) -> float:
    """Return the weight of what `clause` says and `near` denies."""
    points = [fact for meaning in near.meanings for fact in meaning.facts]
    worths = {
        said: [credit(point, said, clause.glossary) for point in points] for said in clause.meaning.facts
    }
    return sum(said.weight for said, worth in worths.items() if min(worth, default=0.0) < 0 >= max(worth))


def _near(clause: Clause, claims: Sequence[Claim], *, denied: bool) -> list[tuple[Claim, Statement]]:
    """Return the claims with a clause near `clause`, each with those clauses as grading compares them."""
    solving = lexicon().words["solving"]
    found = []
    for claim in claims:
        near = [
            other.meaning
            for other in claim.clauses
            if claim.denied is denied
            and clause.fit(other, claim.things, of_another=True) >= READ_FIT
            and not (
                solving.search(other.folded)
                or _SUPPOSED.search(other.folded)
                or _CONDITION.search(other.folded)
            )
        ]
        if near:
            found.append((claim, Statement(KeyPoint(claim.source), (tuple(near),))))
    return found


def _exchanged(clause: Clause, claims: Sequence[Claim]) -> Claim | None:
    """Return the claim that says of another of its things what `clause` says of one, and something else of that one."""
    if not clause.things:
        return None
    subject = clause.things[0]
    agrees, best, found = 0.0, OWN_WORDS, None
    for claim in claims:
        if claim.denied:
            continue
        firsts = {other.things[0] for other in claim.clauses if other.things}
        for other in claim.clauses:
            if clause.opposes(other) or not other.things:
                continue
            fit = clause.fit(other, claim.things, of_another=True)
            if subject in other.things:
                agrees = max(agrees, fit)
            elif fit > best and subject in firsts and other.things[0] not in clause.things:
                best, found = fit, claim
    return found if best > agrees + AHEAD else None


def _apart(one: Meaning, other: Meaning) -> bool:
    """Whether there is a contrast in which each of the two names something else itself."""
    return bool(disjoint(one.own_subjects, other.own_subjects))
