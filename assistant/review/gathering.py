"""What today's list is chosen from: what the notes hold to be asked about, and what earlier answers tell of it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import tzinfo
from random import Random
from statistics import median
from typing import Any, Protocol

from assistant.grading.grader import Grader, same_title
from assistant.grading.lexicon import lexicon
from assistant.grading.types import Level
from assistant.language import Language
from assistant.quiz.material import is_in
from assistant.quiz.types import Form, PointGroup, Question
from assistant.review.card import study_day
from assistant.review.session import Fault, Pace, Subject
from assistant.store.gaps import Gaps
from corpus.glossary import Glossary
from corpus.types import Topic

#: Forms that are answered in a few words.
QUICK_FORMS = (Form.CHOICE, Form.TRUE_FALSE, Form.CLOZE)
#: Answers that a pace is taken from, and the seconds it stays between whatever they say.
_ENOUGH, _FASTEST, _SLOWEST = 5, 10.0, 300.0
#: A partly right answer below this score is a fault to come back to.
_FAULTY = 0.5
#: Titles are alike that share more than this part of the concepts that they name together.
_OVERLAP = 0.3


class Quizmaster(Protocol):
    """What is needed of `assistant.quiz.quizmaster.Quizmaster`."""

    grader: Grader

    def groups(self, topic: Topic | str) -> tuple[PointGroup, ...]:
        """Return the groups of a topic."""
        ...

    def ask(
        self,
        chance: Random,
        *,
        topics: Collection[str] = (),
        group: str | None = None,
        kinds: Collection[str] = (),
        language: Language | None = None,
        avoid: Collection[str] = (),
    ) -> Question | None:
        """Return a question drawn by `chance`."""
        ...


def subjects_of(quizmaster: Quizmaster) -> tuple[Subject, ...]:
    """Return what the notes hold to be asked about: the groups of each topic, and the drills it names."""
    from assistant.demo_kit import registry
    from assistant.drills.of_topic import demos_of

    found: dict[str, Subject] = {}
    for topic in quizmaster.grader.library.topics:
        if topic.stub:
            continue
        english = topic.front_matter.title_en if topic.front_matter else ""
        for group in quizmaster.groups(topic):
            key = f"topic:{same_title(topic.title)}#{group.name}"
            said = frozenset(
                language for language in Language if any(is_in(p, language) for p in group.points)
            )
            found.setdefault(key, Subject(key, topic.title, group.name, "", said, english))
        for demo in demos_of(topic):
            if registry.load(demo).exercise is not None:
                key = f"drill:{demo}"
                found.setdefault(key, Subject(key, topic.title, "", demo, english=english))
    return tuple(found.values())


def in_language(
    subjects: Sequence[Subject], cards: Collection[str], language: Language
) -> tuple[Subject, ...]:
    """Return the subjects to review in `language`: those that the notes say in it, and those that have a card.

    Where the notes say nothing in it, all of them: better asked in the other language than not at all.
    """
    if not any(language in subject.languages for subject in subjects):
        return tuple(subjects)
    return tuple(s for s in subjects if language in s.languages or s.key in cards)


def alike(topics: Collection[str], glossary: Glossary) -> dict[str, frozenset[str]]:
    """Return the topics that are easily confused, by topic: those whose titles speak of the same or of opposites.

    Of the same speak titles that share a good part of their concepts (two notes on the receptive field); opposites
    are sides of one lasting contrast of grading (LN and GN, Adam and AdamW, L1 and L2). What a note calls related is
    near and not alike.
    """
    named = {topic: {match.concept for match in glossary.find(topic)} for topic in topics}
    contrasts = {topic: _contrasts(concepts) for topic, concepts in named.items()}

    def are_alike(one: str, other: str) -> bool:
        shared, all_of_them = named[one] & named[other], named[one] | named[other]
        return len(shared) > _OVERLAP * len(all_of_them) or bool(contrasts[one] & contrasts[other])

    return {one: frozenset(o for o in topics if o != one and are_alike(one, o)) for one in topics}


def _contrasts(concepts: AbstractSet[str]) -> frozenset[str]:
    """Return the lasting contrasts that have one of `concepts` on a side."""
    lasting = (contrast for contrast in lexicon().contrasts if not contrast.local)
    return frozenset(contrast.name for contrast in lasting if concepts & contrast.concepts.keys())


def gaps_of(gaps: Gaps, learner: str) -> Iterable[tuple[str, Iterable[str]]]:
    """Return the questions of `learner` that the notes did not cover, each with the topics nearest to it."""
    return [(gap.question, gap.nearest_topics) for gap in gaps.most_asked(learner)]


def nearest_to(
    gaps: Iterable[tuple[str, Iterable[str]]], subjects: Collection[Subject], glossary: Glossary
) -> dict[str, str]:
    """Return the first subject of a topic -> the question near it that the notes do not cover.

    Near is a topic that the search found, and whose title names a concept of the question: for a question from
    another field the search finds something, too.
    """
    first: dict[str, Subject] = {}
    for subject in subjects:
        first.setdefault(same_title(subject.topic), subject)
    found: dict[str, str] = {}
    for question, nearest in gaps:
        asked = {match.concept for match in glossary.find(question)}
        for near in filter(None, (first.get(same_title(title)) for title in nearest)):
            if asked & {match.concept for match in glossary.find(near.topic)}:
                found.setdefault(near.key, question)
                break
    return found


def pace_of(answers: Iterable[Mapping[str, Any]]) -> Pace:
    """Return the median time of the latest answers of each sort; the default until there are enough."""
    usual = Pace()
    times: dict[bool, list[float]] = {True: [], False: []}
    for row in answers:
        if row["duration_ms"] is not None and "form" in row["grade"]:
            times[row["grade"]["form"] in QUICK_FORMS].append(row["duration_ms"] / 1000)

    def typical(quick: bool, default: float) -> float:
        enough = len(times[quick]) >= _ENOUGH
        return min(max(median(times[quick]), _FASTEST), _SLOWEST) if enough else default

    return Pace(open=typical(False, usual.open), quick=typical(True, usual.quick))


def faults_of(answers: Iterable[Mapping[str, Any]], zone: tzinfo | None) -> dict[str, Fault]:
    """Return the subjects whose latest answer was wrong, poor or contradicted the note."""
    latest: dict[str, Mapping[str, Any]] = {}
    for row in answers:  # newest first
        if "subject" in row["grade"]:
            latest.setdefault(row["grade"]["subject"], row)
    return {
        subject: Fault(study_day(row["asked_at"], zone), grade["score"], grade["contradicted"])
        for subject, row in latest.items()
        if (grade := row["grade"])["level"] == Level.WRONG
        or grade["contradicted"]
        or (grade["level"] == Level.PARTIAL and grade["score"] < _FAULTY)
    }
