"""Grades an answer by rules, without a model: what is asked, what of it was said, and what the note denies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from assistant.grading import scoring, screening
from assistant.grading.asked import Facet, facets
from assistant.grading.contradiction import Checked, Stance, checked, is_about_another
from assistant.grading.facts import Fact
from assistant.grading.figures import figures_in
from assistant.grading.lexicon import lexicon
from assistant.grading.matching import Given, Mass, credit, mass_of
from assistant.grading.meaning import Meaning, carried, each, read
from assistant.grading.mirror import with_mirrored
from assistant.grading.mistakes import mistaken
from assistant.grading.nearness import Nearness, no_nearness
from assistant.grading.reading import Statement, read_points
from assistant.grading.roles import exchanged
from assistant.grading.selection import Selected, everything, is_of_other_side, selection
from assistant.grading.telling_apart import choices, choosing, told_apart
from assistant.grading.types import Judged, KeyPoint, Remark, Verdict
from corpus.glossary import Glossary
from index.terms import fold

#: A line of the note can be enough for an answer if it says this share of what the best line says of the question.
_FITTING = 0.5
#: A line with no more than this to say is no answer.
_EMPTY = 0.5
#: 「解决 X 的问题」 restates the problem: for what solves it that is little to know.
_RESTATED = 0.3
#: Of a list of so many points one is not the answer.
_MANY = 3
#: A point of a list counts if it has this share of what the weightiest has to say.
_COUNTS = 0.3
#: A clause may be counted as near a point if the point says this share of what is known of the clause.
_MOSTLY = 0.5


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


@dataclass(slots=True)
class _Tally:
    """What was found so far: the worth of each facet, and by point how much of it was said and where."""

    worths: list[float] = field(default_factory=list)
    masses: dict[int, Mass] = field(default_factory=dict)
    words: dict[int, str] = field(default_factory=dict)
    chosen: dict[int, str] = field(default_factory=dict)
    wrongly_chosen: dict[int, str] = field(default_factory=dict)
    by_title: bool = False
    one_of_many: bool = False


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
    said = carried([mark(meaning) for meaning in said], _only_subjects(asked))
    compares = any(facet.compares for facet in asked)
    known = figures_in(fold(f"{question}\n{note}"))
    checks = [
        checked(clause, statements, given, glossary, asks_to_compare=compares, known=known) for clause in said
    ]
    checks = exchanged(checks, statements, glossary)
    wrong = read_points(mistakes, glossary)
    checks = mistaken(checks, wrong, glossary, first=len(statements))
    right = [check.clause for check in checks if not check.contradicts]
    if any("remedy" in facet.aspects for facet in asked):
        right = [clause for clause in right if not _names_others(clause, statements, given, glossary)]
    examiner = _Examiner(statements, right, given, terms, glossary, nearness, all_points)
    tally = _Tally()
    several = sum(facet.which for facet in asked) > 1  # 「哪个…，哪个…」 is no choice but a comparison
    for facet in asked:
        is_choice = facet.which and not facet.each and not several
        if not (is_choice and examiner.choose(facet, said, tally)):
            examiner.weigh(facet, tally, keywords=Remark.KEYWORDS in remarks, title=title)
    score = 0.0 if set(remarks) & _WORTHLESS else scoring.score(_evidence(asked, checks, examiner, tally))
    return Examined(score, _judged((*statements, *wrong), checks, tally, remarks), remarks)


#: An answer with one of these is worth nothing, whatever words it holds.
_WORTHLESS = {Remark.EMPTY, Remark.NO_ANSWER, Remark.ECHO, Remark.PASTED}


def _answer(
    question: str, answer: str, note: str, asked: Sequence[Facet], glossary: Glossary
) -> tuple[list[Meaning], tuple[Remark, ...]]:
    """Return the clauses of `answer` that answer, and what is remarkable about it."""
    remarks = [remark] if (remark := screening.remark_on(question, answer, note)) else []
    clauses = each(answer, glossary)
    addressed = screening.addressed([meaning.clause for meaning in clauses])
    if any(addressed):
        remarks.append(Remark.ADDRESSED)
    if screening.is_keywords(answer):
        remarks.append(Remark.KEYWORDS)
    kept = [meaning for meaning, talks in zip(clauses, addressed, strict=True) if not talks]
    if any(facet.counterfactual for facet in asked):
        kept = [replace(m, facts=tuple(replace(f, sign=-f.sign) for f in m.facts)) for m in kept]
    if any("remedy" in facet.aspects for facet in asked):
        # To do without a thing may be the remedy.
        kept = [replace(m, facts=tuple(_left_open(f) for f in m.facts)) for m in kept]
    return kept, tuple(remarks)


def _left_open(fact: Fact) -> Fact:
    return replace(fact, sign=0) if fact.sign < 0 and not lexicon().idea(fact.key) else fact


def _names_others(
    clause: Meaning, statements: Sequence[Statement], given: Given, glossary: Glossary
) -> bool:
    """Whether `clause` names things beyond the question, and none that the note knows: another remedy."""
    named = [f for f in clause.facts if f.key in glossary.concepts and given.share(f) == 1.0]
    known = [fact for statement in statements for m in statement.meanings for fact in m.facts]
    return bool(named) and not any(credit(k, fact, glossary) > 0 for fact in named for k in known)


def _only_subjects(asked: Sequence[Facet]) -> dict[str, frozenset[str]]:
    """What an answer speaks of before it says so: the one thing of a contrast that the question names."""
    named: dict[str, frozenset[str]] = {}
    for facet in asked:
        for group, members in facet.subjects.items():
            named[group] = named.get(group, frozenset()) | members
    return {group: members for group, members in named.items() if len(members) == 1}


@dataclass(frozen=True, slots=True)
class _Examiner:
    """Weighs the right clauses of an answer against the statements of a note."""

    statements: Sequence[Statement]
    right: Sequence[Meaning]
    given: Given
    title: frozenset[str]
    glossary: Glossary
    nearness: Nearness
    all_points: bool = False

    def choose(self, facet: Facet, said: Sequence[Meaning], tally: _Tally) -> bool:
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

    def weigh(self, facet: Facet, tally: _Tally, *, keywords: bool, title: str) -> None:
        """Weigh what was said of the points that `facet` asks for."""
        chosen = (
            everything(self.statements) if self.all_points else selection(facet, self.statements, self.title)
        )
        whole = Mass()
        lines: dict[object, Mass] = {}
        touched: list[bool] = []
        masses: list[float] = []
        for point in chosen.points:
            mass, words = self._said_of(facet, point, keywords=keywords)
            whole.merge(mass)
            touched.append(scoring.verdict(mass, contradicted=False) is not Verdict.MISSED)
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

    def known_share(self, clauses: Sequence[Meaning]) -> float:
        """Return the share of what `clauses` say beyond the question that the note knows, by weight."""
        known = [fact for statement in self.statements for m in statement.meanings for fact in m.facts]
        said = found = 0.0
        for clause in clauses:
            for fact in clause.facts:
                if self.given.has(fact):
                    continue
                said += fact.weight
                if clause in self.right:
                    found += fact.weight * max((credit(k, fact, self.glossary) for k in known), default=0.0)
        return max(0.0, found) / said if said else 1.0


def _restates_trouble(facet: Facet, meaning: Meaning) -> bool:
    """Whether `meaning` tells of a trouble that what `facet` speaks of solves for something else."""
    return any(
        meaning.troubled.get(group)
        and meaning.subjects.get(group, frozenset()) & members
        and not meaning.troubled[group] & members
        for group, members in facet.subjects.items()
    )


def _evidence(
    asked: Sequence[Facet], checks: Sequence[Checked], examiner: _Examiner, tally: _Tally
) -> scoring.Evidence:
    silent = [
        sum(fact.weight for fact in check.clause.facts if not examiner.given.has(fact))
        for check in checks
        if check.stance is Stance.SILENT
    ]
    return scoring.Evidence(
        worths=tuple(tally.worths),
        known=1.0 if tally.by_title else examiner.known_share([check.clause for check in checks]),
        claim=0.0 if tally.by_title else max(silent, default=0.0),
        right=sum(check.strength for check in checks if check.stance is Stance.SUPPORTS),
        contradicted=sum(check.strength for check in checks if check.contradicts),
        one_sided=tally.one_of_many or any(_is_one_sided(f, checks) for f in asked),
        wrong_choice=bool(tally.wrongly_chosen),
        hit=any(scoring.verdict(mass, contradicted=False) is Verdict.HIT for mass in tally.masses.values()),
    )


def _is_one_sided(facet: Facet, checks: Sequence[Checked]) -> bool:
    """Whether only one of the things to be compared is spoken of, and nothing is said not to hold."""
    if not (facet.each or "difference" in facet.aspects) or not facet.compared or facet.which:
        return False
    spoken_of = frozenset().union(*(m for c in checks for m in c.clause.subjects.values()))
    negation = lexicon().words["negation"]
    denies = any(negation.search(c.clause.clause.folded) for c in checks if not c.contradicts)
    return len(facet.compared & spoken_of) < 2 and not denies


def _judged(
    statements: Sequence[Statement], checks: Sequence[Checked], tally: _Tally, remarks: Sequence[Remark]
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
