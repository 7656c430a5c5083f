"""Reviews for one learner: what the store remembers, what the notes hold, and the question that fits the card.

What is chosen and when a card comes again is decided in pure functions elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, tzinfo
from functools import cached_property, partial
from random import Random

from assistant.language import Language
from assistant.quiz.marking import mark
from assistant.quiz.reading import unreadable
from assistant.quiz.types import Marked, Question
from assistant.review.card import (
    DAY_STARTS,
    Answered,
    Card,
    Help,
    Outcome,
    Recorded,
    Review,
    new_card,
    study_day,
)
from assistant.review.gathering import (
    Quizmaster,
    alike,
    faults_of,
    in_language,
    nearest_to,
    pace_of,
    subjects_of,
)
from assistant.review.horizon import Horizon, due_day, horizon_for
from assistant.review.keeping import kept
from assistant.review.planning import Plan, plan
from assistant.review.scheduling import RETENTION, answered, clock_went_back
from assistant.review.session import NEW_A_DAY, Item, Pace, State, Subject, Today, today
from assistant.store.questions import Questions, QuestionState
from assistant.store.reviews import Reviews
from corpus.plugins import items, unknown

#: Kinds that are answered in a few words; what is new or was wrong is asked as one of them.
QUICK = ("multiple_choice", "true_false", "cloze")
#: Kinds that a card is not asked as: a drill has a card of its own, and code is written at leisure.
_NOT_ASKED = ("compute", "write_code")
_MOST_DRAWS = 20


@dataclass(frozen=True, slots=True)
class Asked:
    """An item with the question that was drawn for it, and the key that makes its answer one."""

    item: Item
    question: Question
    key: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Reviewed:
    """What became of an answer, and the day on which its card comes again."""

    asked: Asked
    marked: Marked
    recorded: Recorded
    help: Help
    seconds: float
    next_day: date

    @property
    def is_leech(self) -> bool:
        """Whether this answer made the card a leech."""
        counted = self.recorded.outcome is Outcome.COUNTED
        return counted and self.recorded.card.suspended_at is not None


class Reviewer:
    """Reviews over the notes of `quizmaster` for the learner of `reviews`. `clock` and `zone` say what day it is."""

    def __init__(
        self,
        quizmaster: Quizmaster,
        reviews: Reviews,
        gaps: Callable[[], Iterable[tuple[str, Iterable[str]]]] = tuple,
        *,
        questions: Questions | None = None,
        retention: float = RETENTION,
        new_a_day: int = NEW_A_DAY,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        zone: tzinfo | None = None,
    ) -> None:
        self.reviews = reviews
        self.clock = clock
        self.zone = zone
        self._quizmaster = quizmaster
        self._gaps = gaps
        self._questions = questions
        self._retention = retention
        self._new_a_day = new_a_day
        self._horizon: Horizon | None = None
        self._pace: Pace | None = None
        #: Questions drawn for subjects that are new, by language; None for those that the notes give none about.
        self._drawn: dict[tuple[str, Language], Question | None] = {}

    def today(self, minutes: float, chance: Random, language: Language = Language.ZH) -> Today:
        """Return what to review within `minutes`; what is new only with a question, drawn here and kept for `ask`."""
        now, state, seed = self.clock(), self.state(minutes, language), chance.getrandbits(32)
        while True:
            found = today(state, now, minutes, Random(seed), new_a_day=self._new_a_day, zone=self.zone)
            fresh = [i for i in found.items if i.card.is_new and (i.subject.key, language) not in self._drawn]
            for item in fresh:
                question = self._draw(item, chance, language, ())
                if question and question.language is not language and language in item.subject.languages:
                    question = None  # said in `language`, but in no way that can be asked about
                self._drawn[item.subject.key, language] = question
            silent = {key for (key, of), drawn in self._drawn.items() if drawn is None and of is language}
            if not any(item.subject.key in silent for item in fresh):
                return found
            state = replace(state, subjects=[s for s in state.subjects if s.key not in silent])

    def plan(self, minutes: float, chance: Random, language: Language = Language.ZH) -> Plan:
        """Return the days ahead at `minutes` a day."""
        return plan(
            self.state(minutes, language),
            self.clock(),
            minutes,
            chance,
            retention=self._retention,
            new_a_day=self._new_a_day,
            zone=self.zone,
        )

    def state(self, minutes: float, language: Language = Language.ZH) -> State:
        """Return all that the choice of today's list depends on."""
        glossary = self._quizmaster.grader.library.glossary
        cards, answers, now = self.reviews.cards(), self.reviews.answers(), self.clock()
        subjects = tuple(
            s for s in in_language(self._subjects, cards, language) if self._drawn.get((s.key, language), s)
        )
        pace = self._pace = pace_of(answers)
        midnight = datetime.combine(study_day(now, self.zone), datetime.min.time(), self.zone) + DAY_STARTS
        if given := self.reviews.interview():
            on, set_at = given
            per_day = 60 * minutes / pace.open
            self._horizon = horizon_for(on, study_day(set_at, self.zone), len(subjects), per_day)
        else:
            self._horizon = None
        return State(
            subjects,
            cards,
            faults_of(answers, self.zone),
            nearest_to(self._gaps(), subjects, glossary),
            self._alike,
            self._horizon,
            self.reviews.introduced_since(midnight.astimezone(UTC)),
            pace,
        )

    @property
    def has_subjects(self) -> bool:
        """Whether the notes hold anything to ask about."""
        return bool(self._subjects)

    @cached_property
    def _subjects(self) -> tuple[Subject, ...]:
        return subjects_of(self._quizmaster)

    @cached_property
    def _alike(self) -> dict[str, frozenset[str]]:
        topics = dict.fromkeys(subject.topic for subject in self._subjects)
        return alike(topics, self._quizmaster.grader.library.glossary)

    def ask(
        self, item: Item, chance: Random, language: Language, avoid: Collection[str] = ()
    ) -> Asked | None:
        """Draw a question for `item`, one not in `avoid` if there is one; None where the notes give none.

        In the other language where this one has none, and a quick one or a free one where only that is there.
        """
        from ulid import ULID

        for avoided in dict.fromkeys((tuple(avoid), ())):
            drawn = self._drawn.pop((item.subject.key, language), None)
            is_fit = drawn is not None and drawn.language is language and drawn.question_id not in avoided
            question = drawn if is_fit else self._draw(item, chance, language, avoided)
            if question is not None:
                now = self.clock()
                return Asked(item, question, str(ULID.from_datetime(now)), now)
        return None

    def answer(self, asked: Asked, text: str, session_id: str, help: Help = Help.NONE) -> Reviewed:
        """Mark an answer and keep it with its review, durably. With `Help.ANSWER` the answer was looked up instead.

        Raises `UnreadableAnswer` for what is no possible answer, so that a slip of the finger is not counted as
        forgotten; `StudyError` for what cannot be graded, and where nothing can be kept.
        """
        now = self.clock()
        if help is not Help.ANSWER and (error := unreadable(asked.question, text)):
            raise error
        marked = mark(asked.question, "" if help is Help.ANSWER else text, self._quizmaster.grader)
        return self.keep(asked, marked, session_id, help, now)

    def keep(self, asked: Asked, marked: Marked, session_id: str, help: Help, now: datetime) -> Reviewed:
        """Keep a marked answer with its review. Kept twice under one key, it counts once."""
        given = kept(
            marked,
            asked.item.card,
            key=asked.key,
            session_id=session_id,
            help=help,
            asked_at=asked.at,
            now=now,
            pace=self.pace,
        )
        recorded = self.reviews.record(given, self.rated(given))
        return Reviewed(asked, marked, recorded, help, given.duration_ms / 1000, self.next_day(recorded.card))

    @property
    def pace(self) -> Pace:
        """How long the learner's answers take."""
        self._pace = self._pace or pace_of(self.reviews.answers())
        return self._pace

    def rated(self, given: Answered) -> Callable[[Card], tuple[int, Card]]:
        """Return what makes of a card the rating of an answer and the card after it."""
        return partial(answered, given=given, retention=self._retention)

    def next_day(self, card: Card) -> date:
        """Return the day on which `card` comes again, the interview counted in as it was for the latest list."""
        return due_day(card, study_day(self.clock(), self.zone), self._horizon, self.zone)

    def undo(self) -> Review | None:
        """Take the last review back; None where there is none."""
        return self.reviews.undo(self.clock())

    def suspend(self, item: Item) -> Card:
        """Take an item out of the reviews until it is taken back in."""
        return self.reviews.suspend(item.card, self.clock())

    def reject(self, question: Question) -> None:
        """Never ask `question` again; its card stays."""
        if self._questions is not None:
            self._questions.decide(question, QuestionState.REJECTED, self.clock())

    def unsuspend(self, card: Card) -> Card:
        """Take a suspended card back in; its schedule is as it was."""
        return self.reviews.suspend(card, None)

    def subject(self, key: str) -> Subject:
        """Return the subject of that key; one that the notes lack by now is named by its key."""
        return next((known for known in self._subjects if known.key == key), Subject(key, key, ""))

    def card(self, key: str) -> Card:
        """Return the card of a subject, a new one where it was never asked. Raises `UnknownName` for no subject."""
        if card := self.reviews.cards().get(key):
            return card
        subject = self.subject(key)
        if subject not in self._subjects:
            raise unknown("subject", key, [known.key for known in self._subjects])
        return new_card(key, subject.topic, subject.group, self.clock())

    def interview(self) -> date | None:
        """Return the day of the interview if it is ahead."""
        given = self.reviews.interview()
        return given[0] if given and given[0] > study_day(self.clock(), self.zone) else None

    def set_back(self) -> int:
        """Return how many cards were reviewed later than now, because the clock was or is wrong."""
        return sum(clock_went_back(card, self.clock()) for card in self.reviews.cards().values())

    def _draw(
        self, item: Item, chance: Random, language: Language, avoid: Collection[str]
    ) -> Question | None:
        subject = item.subject
        draw = partial(self._quizmaster.ask, chance, topics=[subject.topic], language=language)
        if subject.demo:
            return self._exercise(draw, subject.demo, avoid)
        kinds = [kind for kind in items("assistant.question_kinds") if kind not in _NOT_ASKED]
        quick = [kind for kind in kinds if kind in QUICK]
        free = [kind for kind in kinds if kind not in QUICK]
        other: Question | None = None
        for wanted in (quick, free) if item.quick else (free, quick):
            found = draw(kinds=wanted, group=subject.group, avoid=avoid)
            if found is not None and found.language is language:
                return found
            other = other or found
        return other

    @staticmethod
    def _exercise(draw: Callable[..., Question | None], demo: str, avoid: Collection[str]) -> Question | None:
        """Return an exercise of one demo. A topic may have several, so draw until it is this one's."""
        for _ in range(_MOST_DRAWS):
            found = draw(kinds=["compute"], avoid=avoid)
            if found is None or found.reference.partition("/")[0] == demo:
                return found
        return None
