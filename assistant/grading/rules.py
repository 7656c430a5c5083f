"""Grades an answer by rules, without a model: what is asked, what of it was said, and what the note denies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from assistant.grading import halves, scoring, screening
from assistant.grading.asked import Facet, facets
from assistant.grading.contradiction import Checked, Stance, checked, joined_otherwise
from assistant.grading.facts import Fact
from assistant.grading.figures import figures_in
from assistant.grading.lexicon import lexicon
from assistant.grading.matching import Given, Mass, credit
from assistant.grading.meaning import Meaning, carried, each, read, turned
from assistant.grading.mirror import with_mirrored
from assistant.grading.mistakes import mistaken
from assistant.grading.nearness import Nearness, no_nearness
from assistant.grading.reading import Statement, read_points
from assistant.grading.roles import exchanged
from assistant.grading.telling_apart import told_apart
from assistant.grading.types import Judged, KeyPoint, Remark, Verdict
from assistant.grading.weighing import Examiner, Tally
from corpus.glossary import Glossary
from index.terms import fold


@dataclass(frozen=True, slots=True)
class Examined:
    """What an answer is worth, and the verdicts on the points that the question asks for, in the note's order."""

    score: float
    judged: tuple[Judged, ...]
    remarks: tuple[Remark, ...] = ()

    @property
    def is_worthless(self) -> bool:
        """Whether the answer is none: empty, the question again, the note itself."""
        return bool(set(self.remarks) & _WORTHLESS)


def examine(
    question: str,
    answer: str,
    title: str,
    note: str,
    points: Sequence[KeyPoint],
    glossary: Glossary,
    nearness: Nearness = no_nearness,
    *,
    mistakes: Sequence[KeyPoint] = (),
    all_points: bool = False,
) -> Examined:
    """Return how `answer` meets the `points` that `question` asks for. `note` is the topic's whole text.

    Who makes one of the `mistakes`, which the note lists as such, contradicts it.
    With `all_points` the question was made for exactly these points: all are asked for, and none is chosen.
    """
    question_read = read(question, glossary)
    terms = Given.of(read(title, glossary)).terms
    given = Given.of(question_read, terms)
    asked = facets(question, glossary)
    if all_points:
        kept = asked[0].aspects & {"difference"}
        asked = (replace(asked[0], aspects=kept, which=False, listing=True, both_sides=False),)
    statements, mark = told_apart(asked, with_mirrored(read_points(points, glossary), asked), glossary)
    said, remarks = _answer(question, answer, note, asked, glossary)
    several_asked = {group for facet in asked for group in facet.subjects} - _only_subjects(asked).keys()
    said = carried([mark(meaning) for meaning in said], _only_subjects(asked), open_groups=several_asked)
    compares = any(facet.compares for facet in asked)
    known = figures_in(fold(f"{question}\n{note}"))
    checks = [
        checked(clause, statements, given, glossary, asks_to_compare=compares, known=known) for clause in said
    ]
    checks = exchanged(joined_otherwise(checks, statements), statements, glossary)
    wrong = read_points(mistakes, glossary)
    checks = mistaken(checks, wrong, glossary, first=len(statements))
    right = [check.clause for check in checks if not check.contradicts]
    if any("remedy" in facet.aspects for facet in asked):
        right = [clause for clause in right if not _names_others(clause, statements, given, glossary)]
    supports = {check.place: check.strength for check in checks if check.stance is Stance.SUPPORTS}
    examiner = Examiner(statements, right, given, terms, glossary, nearness, all_points, supports)
    tally = Tally()
    several = sum(facet.which for facet in asked) > 1  # 「哪个…，哪个…」 is no choice but a comparison
    for facet in asked:
        is_choice = facet.which and not facet.each and not several
        if not (is_choice and examiner.choose(facet, said, tally)):
            examiner.weigh(facet, tally, keywords=Remark.KEYWORDS in remarks, title=title)
    evidence = _evidence(asked, checks, examiner, tally, is_row=Remark.KEYWORDS in remarks)
    score = 0.0 if set(remarks) & _WORTHLESS else scoring.score(evidence)
    return Examined(score, _judged((*statements, *wrong), checks, tally, remarks), remarks)


#: An answer with one of these is worth nothing, whatever words it holds.
_WORTHLESS = {Remark.EMPTY, Remark.NO_ANSWER, Remark.ECHO, Remark.PASTED}


def _answer(
    question: str, answer: str, note: str, asked: Sequence[Facet], glossary: Glossary
) -> tuple[list[Meaning], tuple[Remark, ...]]:
    """Return the clauses of `answer` that answer, and what is remarkable about it."""
    remarks = [remark] if (remark := screening.remark_on(question, answer, note)) else []
    clauses = each(screening.statements(question, answer), glossary)
    addressed = screening.addressed([meaning.clause for meaning in clauses])
    if any(addressed):
        remarks.append(Remark.ADDRESSED)
    if screening.is_keywords(answer):
        remarks.append(Remark.KEYWORDS)
    kept = [meaning for meaning, talks in zip(clauses, addressed, strict=True) if not talks]
    if any(facet.counterfactual for facet in asked):
        kept = [replace(m, facts=turned(m.facts)) for m in kept]
    if any("remedy" in facet.aspects for facet in asked):
        # To do without a thing may be the remedy.
        kept = [replace(m, facts=tuple(_left_open(f) for f in m.facts)) for m in kept]
    return kept, tuple(remarks)


def _left_open(fact: Fact) -> Fact:
    return replace(fact, sign=0) if fact.sign < 0 and not lexicon().idea(fact.key) else fact


def _names_others(clause: Meaning, statements: Sequence[Statement], given: Given, glossary: Glossary) -> bool:
    """Whether `clause` names things beyond the question, and none that the note knows: another remedy."""
    named = [
        f
        for f in clause.facts
        if f.key in glossary.concepts and given.title.isdisjoint(f.names) and not given.has(f)
    ]
    known = [fact for statement in statements for m in statement.meanings for fact in m.facts]
    return bool(named) and not any(credit(k, fact, glossary) > 0 for fact in named for k in known)


def _only_subjects(asked: Sequence[Facet]) -> dict[str, frozenset[str]]:
    """What an answer speaks of before it says so: the one thing of a contrast that the question names."""
    named: dict[str, frozenset[str]] = {}
    for facet in asked:
        for group, members in facet.subjects.items():
            named[group] = named.get(group, frozenset()) | members
    return {group: members for group, members in named.items() if len(members) == 1}


def _evidence(
    asked: Sequence[Facet], checks: Sequence[Checked], examiner: Examiner, tally: Tally, *, is_row: bool
) -> scoring.Evidence:
    right = halves.supported(checks, range(len(examiner.statements)))
    wanted = sum(mass.wanted for mass in tally.masses.values())
    silent = [
        sum(fact.weight for fact in check.clause.facts if not examiner.given.has(fact))
        for check in checks
        if check.stance is Stance.SILENT
    ]
    # Where the note only names things, what is said to explain them is nothing that it could know.
    bare = tally.by_title or all(examiner.statements[place].nominal for place in tally.masses)
    return scoring.Evidence(
        worths=tuple(tally.worths),
        known=1.0 if bare else examiner.known_share(checks),
        claim=0.0 if bare else max(silent, default=0.0),
        right=sum(check.strength for check in right),
        apt=0.0 if is_row else sum(check.strength for check in halves.supported(checks, tally.field)),
        contradicted=sum(check.strength for check in checks if check.contradicts),
        one_sided=tally.one_of_many or any(_is_one_sided(f, checks) for f in asked),
        half=not tally.chosen
        and not tally.by_title
        and (len(right) < len(asked) or halves.is_terse(right, wanted)),
        wrong_choice=bool(tally.wrongly_chosen),
        hit=bool(tally.chosen)
        or any(scoring.verdict(mass, contradicted=False) is Verdict.HIT for mass in tally.masses.values()),
    )


def _is_one_sided(facet: Facet, checks: Sequence[Checked]) -> bool:
    """Whether only one of the things to be compared is spoken of, and nothing is said not to hold."""
    if not (facet.each or "difference" in facet.aspects) or not facet.compared or facet.which:
        return False
    spoken_of = frozenset().union(*(m for c in checks for m in c.clause.subjects.values()))
    negation = lexicon().words["negation"]
    saying = [check.clause for check in checks if check.clause.facts and not check.contradicts]
    denies = any(negation.search(clause.clause.folded) for clause in saying)
    return len(facet.compared & spoken_of) < 2 and not denies


def _judged(
    statements: Sequence[Statement], checks: Sequence[Checked], tally: Tally, remarks: Sequence[Remark]
) -> tuple[Judged, ...]:
    """Return the verdicts on the points that were asked for, and on those that the answer contradicts."""
    denied = sorted((check for check in checks if check.contradicts), key=lambda check: check.strength)
    against = {check.place: check.clause.clause.text for check in denied}  # the strongest stays
    against |= tally.wrongly_chosen
    worthless = bool(set(remarks) & _WORTHLESS)
    judged = []
    for place in sorted({*tally.masses, *tally.chosen, *against}):
        point = statements[place].point
        mass = Mass() if worthless else tally.masses.get(place, Mass())
        if place in against and not worthless:
            judged.append(Judged(point, Verdict.CONTRADICTED, against[place]))
        elif place in tally.chosen:
            judged.append(Judged(point, Verdict.HIT, tally.chosen[place]))
        else:
            given = scoring.verdict(mass, contradicted=False)
            evidence = tally.words.get(place, "") if given is not Verdict.MISSED else ""
            judged.append(Judged(point, given, evidence))
    return tuple(judged)
