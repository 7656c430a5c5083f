"""A quiz as it goes: the question that is open, what became of those before it, and what the user decides of them.

Doors show and type; nothing here prints, waits or knows of a terminal. The same seed asks the same questions, whatever
is answered.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from random import Random

from assistant.grading.types import Level
from assistant.language import Language
from assistant.quiz.marking import mark, solution
from assistant.quiz.quizmaster import Quizmaster, code_kinds
from assistant.quiz.reading import UnreadableAnswer, unreadable
from assistant.quiz.types import Marked, Question
from corpus.errors import StudyError, UnknownName
from corpus.types import Topic


class NoQuestions(StudyError):
    """The notes give no question of the sort that was asked for."""


@dataclass(frozen=True, slots=True)
class QuizPlan:
    """A quiz before it begins. No topics or kinds mean all; code is asked for only `with_code`."""

    topics: tuple[str, ...]
    kinds: tuple[str, ...]
    language: Language
    seed: int
    count: int
    with_code: bool = True


@dataclass(frozen=True, slots=True)
class Asked:
    """Question `n` of `of`."""

    n: int
    of: int
    question: Question
    hinted: bool = False


@dataclass(frozen=True, slots=True)
class Turned:
    """What became of a question: marked, or none where it was skipped, shown or rejected."""

    asked: Asked
    marked: Marked | None = None
    shown: bool = False
    rejected: bool = False


@dataclass(frozen=True, slots=True)
class QuizState:
    """Where a quiz stands: the questions asked, the open one among them, and what became of those before it."""

    plan: QuizPlan
    asked: tuple[Question, ...]
    done: tuple[Turned, ...]
    open: Asked | None


class Quiz:
    """One quiz over the notes of `master`, from its beginning or from a `state` of it.

    Raises `NoQuestions` where there is not even a first question.
    """

    def __init__(
        self,
        master: Quizmaster,
        plan: QuizPlan,
        notices: Sequence[str] = (),
        state: QuizState | None = None,
    ) -> None:
        self.plan = plan
        self.notices = tuple(dict.fromkeys(notices))
        self._master = master
        self.done = list(state.done) if state else []
        self._asked = list(state.asked) if state else []
        self.open: Asked | None = state.open if state else self._next()
        if self.open is None and not state:
            what = " ".join((*plan.kinds, *plan.topics)) or "the notes"
            raise NoQuestions(
                f"there are no questions for {what!r}",
                "`assistant quiz` without a name asks about all notes.",
            )

    def refusal(self, answer: str) -> UnreadableAnswer | None:
        """Return what to tell of an answer that cannot be one, so that it may be typed again."""
        return unreadable(self._current.question, answer)

    def answer(self, answer: str, *, allow_code: bool = False) -> Turned:
        """Mark `answer` and go on; see `marking.mark` for `allow_code`.

        Raises `StudyError` for an endless answer, and the question stays open.
        """
        asked = self._current
        marked = mark(asked.question, answer, self._master.grader, allow_code=allow_code)
        return self._turn(Turned(asked, marked))

    def hint(self) -> Asked:
        """Take the hint of the open question."""
        self.open = replace(self._current, hinted=True)
        return self.open

    def show(self) -> tuple[Turned, str]:
        """Give up: return the solution of the open question and go on."""
        asked = self._current
        told = solution(asked.question)
        return self._turn(Turned(asked, shown=True)), told

    def skip(self) -> Turned:
        """Leave the open question and go on."""
        return self._turn(Turned(self._current))

    def end(self) -> None:
        """Leave the open question and all that would follow it."""
        self.open = None

    def reject(self) -> Turned:
        """Leave a question that is not to be asked again; another takes its place."""
        turned = Turned(self._current, rejected=True)
        self.done.append(turned)
        self.open = self._next()
        return turned

    def edit(self, prompt: str) -> Asked:
        """Ask the open question in other words."""
        question = replace(self._current.question, prompt=prompt)
        self.open = replace(self._current, question=question)
        return self.open

    @property
    def state(self) -> QuizState:
        """Where it stands, to go on from later."""
        return QuizState(self.plan, tuple(self._asked), tuple(self.done), self.open)

    @property
    def counted(self) -> Sequence[Turned]:
        """What counts in the summary: everything but rejected questions."""
        return [turned for turned in self.done if not turned.rejected]

    def with_level(self, level: Level) -> int:
        """Return how many answers have `level`."""
        return sum(turned.marked is not None and turned.marked.level is level for turned in self.done)

    def counts(self) -> dict[str, int]:
        """Return how the questions went."""
        shown = sum(turned.shown for turned in self.counted)
        marked = sum(turned.marked is not None for turned in self.counted)
        return {
            "done": len(self.counted),
            "correct": self.with_level(Level.CORRECT),
            "partial": self.with_level(Level.PARTIAL),
            "wrong": self.with_level(Level.WRONG),
            "shown": shown,
            "skipped": len(self.counted) - shown - marked,
            "hinted": sum(turned.asked.hinted for turned in self.counted),
            "rejected": sum(turned.rejected for turned in self.done),
        }

    @property
    def weak_topics(self) -> tuple[str, ...]:
        """The topics with answers that were not right, those with most first."""
        missed = [
            turned.asked.question.topic
            for turned in self.counted
            if turned.shown or (turned.marked and turned.marked.level is not Level.CORRECT)
        ]
        return tuple(sorted(dict.fromkeys(missed), key=lambda topic: -missed.count(topic)))

    @property
    def _current(self) -> Asked:
        if self.open is None:
            raise ValueError("the quiz has ended")
        return self.open

    def _turn(self, turned: Turned) -> Turned:
        self.done.append(turned)
        self.open = self._next() if len(self.counted) < self.plan.count else None
        return turned

    def _next(self) -> Asked | None:
        plan = self.plan
        topics = tuple(filter(self._master.knows, plan.topics))
        if plan.topics and not topics:  # the notes have changed since it began
            return None
        chance = Random(f"{plan.seed}/{len(self._asked)}")
        question = self._master.ask(
            chance,
            topics=topics,
            kinds=plan.kinds,
            without=() if plan.with_code else code_kinds(),
            language=plan.language,
            avoid={question.question_id for question in self._asked},
            unlike=self._asked,
        )
        if question is None:
            return None
        self._asked.append(question)
        return Asked(len(self.counted) + 1, plan.count, question)


def topics_for(words: str, master: Quizmaster) -> tuple[str, ...]:
    """Return the titles of the topics that `words` mean: a title, an alias, part of a title, or what a search finds.

    Raises `UnknownName` with the nearest titles where the notes do not cover them.
    """
    if not words.strip():
        return ()
    topics = [topic for topic in master.grader.library.topics if not topic.stub]
    plain = _plain(words)
    by_name = (
        [topic for topic in topics if plain == _plain(topic.title)],
        [
            topic
            for topic in topics
            if topic.front_matter and plain in map(_plain, topic.front_matter.aliases)
        ],
        [topic for topic in topics if plain in _plain(topic.title)],
    )
    if found := next(filter(None, by_name), None):
        return tuple(topic.title for topic in found)
    result = master.grader.library.search(words, 1)
    if result.covered and result.hits and not result.hits[0].topic.stub:
        return (result.hits[0].topic.title,)
    return (_named(words, master).title,)


def _named(words: str, master: Quizmaster) -> Topic:
    topic = master.grader.topic(words)
    if topic.stub:
        raise UnknownName(
            f"the notes hold only the title of {words!r}", "assistant notes topics lists the others."
        )
    return topic


def _plain(text: str) -> str:
    return "".join(text.casefold().split()).rstrip(":：?？")
