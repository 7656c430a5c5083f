"""One quiz as it is held: every step is durable when it returns, or has changed nothing.

An answer is also a review of the card that its question is about, in the same transaction, so that it counts once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, TypeVar

from assistant.grading.grader import same_title
from assistant.quiz.marking import mark, solution
from assistant.quiz.records import QuizRecord, Waiting
from assistant.quiz.session import Asked, Quiz, QuizPlan, QuizState, Turned
from assistant.quiz.types import Form, Marked, Question
from assistant.review.card import Card, Help, Outcome, Recorded, new_card
from assistant.review.keeping import kept
from assistant.storable import storable_text
from assistant.store.errors import StoreError
from assistant.store.questions import QuestionState
from assistant.store.quizzes import QuizOvertaken, overtaken
from corpus.errors import StudyError

if TYPE_CHECKING:
    from assistant.quiz.sittings import Sittings

T = TypeVar("T")

#: The longest key of an answer, in characters.
MAX_KEY = 200


class QuizEnded(StudyError):
    """A step in a quiz that is over."""


class Sitting:
    """One quiz as it is held. Every step is durable when it returns, or has changed nothing.

    A step raises `QuizEnded`, and `QuizOvertaken` where the quiz went on elsewhere meanwhile: then `reload`.
    """

    def __init__(self, sittings: Sittings, quiz: Quiz, record: QuizRecord) -> None:
        self._sittings = sittings
        self._quiz = quiz
        self._record = record
        self._is_kept = True
        #: What became of the card of the answer given last.
        self.recorded: Recorded | None = None

    @property
    def quiz_id(self) -> str:
        """The id under which it is kept."""
        return self._record.quiz_id

    @property
    def asked(self) -> Asked | None:
        """The question that is open."""
        return self._quiz.open

    @property
    def done(self) -> Sequence[Turned]:
        """What became of the questions before it."""
        return self._quiz.done

    @property
    def plan(self) -> QuizPlan:
        """What was asked for."""
        return self._quiz.plan

    @property
    def words(self) -> str:
        """What the topic was named by."""
        return self._record.words

    @property
    def notices(self) -> Sequence[str]:
        """What there is to know of how its questions were made."""
        return self._quiz.notices

    @property
    def weak_topics(self) -> Sequence[str]:
        """The topics with answers that were not right, those with most first."""
        return self._quiz.weak_topics

    @property
    def has_ended(self) -> bool:
        """Whether it is over."""
        return self.asked is None

    def counts(self) -> dict[str, int]:
        """Return how the questions went."""
        return self._quiz.counts()

    def expect(self, question_id: str) -> None:
        """Raise `QuizOvertaken` where another question is open than the one that is meant."""
        if self._open().question.question_id != question_id:
            raise overtaken()

    def answer(self, text: str, answer_key: str = "", *, asks_again: bool = True) -> Turned:
        """Mark an answer, keep it with its review, and go on. An `answer_key` seen before gives the same again.

        Raises `UnreadableAnswer` for what cannot be one, unless it is to be marked all the same (`asks_again` is
        false), and `AnswerTooLong`.
        """
        now, text = self._sittings.clock(), storable_text(text)

        def take() -> Turned:
            self._open()
            if asks_again and (refusal := self._quiz.refusal(text)):
                raise refusal
            turned = self._quiz.answer(text, allow_code=self._sittings.allow_code)
            self._step(turned, turned.marked, now, answer_key)
            return turned

        return self._once(answer_key, take)

    def answered(self, answer_key: str) -> Turned | None:
        """Return what became of the answer with this key, None where there was none."""
        place = self._record.keys.get(answer_key[:MAX_KEY]) if answer_key else None
        if place is None:
            return None
        turned = self._quiz.done[place]
        card = self._card(turned.asked.question, self._sittings.clock())
        self.recorded = Recorded(card, Outcome.REPEATED)
        return turned

    def hint(self) -> Asked:
        """Take the hint of the open question, if it has one."""
        asked = self._open()
        if asked.question.hint and not asked.hinted:
            asked = self._quiz.hint()
            self._step()
        return asked

    def show(self, answer_key: str = "") -> tuple[Turned, str]:
        """Give up: return the solution of the open question, which counts as not recalled, and go on.

        An `answer_key` seen before gives the same again, here as for `answer`.
        """
        now = self._sittings.clock()

        def take() -> Turned:
            marked = mark(self._open().question, "", self._sittings.assistant.grader)
            turned, _ = self._quiz.show()
            self._step(turned, marked, now, answer_key)
            return turned

        turned = self._once(answer_key, take)
        return turned, solution(turned.asked.question)

    def skip(self, answer_key: str = "") -> Turned:
        """Leave the open question and go on. An `answer_key` seen before gives the same again."""

        def take() -> Turned:
            self._open()
            turned = self._quiz.skip()
            self._step(answer_key=answer_key)
            return turned

        return self._once(answer_key, take)

    def end(self) -> None:
        """End it before its last question; what is over stays so."""
        if self.asked is not None:
            self._quiz.end()
            self._step()

    def reject(self) -> Turned:
        """Leave a question that is never to be asked again; another takes its place."""
        question = self._open().question
        turned = self._quiz.reject()
        self._step()
        self._decide(question, QuestionState.REJECTED)
        return turned

    def edit(self, prompt: str) -> Asked:
        """Ask the open question in other words, now and later."""
        question, prompt = self._open().question, storable_text(prompt)
        asked = self._quiz.edit(prompt)
        self._step()
        self._decide(question, QuestionState.EDITED, prompt)
        return asked

    def keep(self) -> None:
        """Decide that the open question is a good one."""
        self._decide(self._open().question, QuestionState.KEPT)

    def reload(self) -> None:
        """Take over what was kept elsewhere meanwhile."""
        fresh = self._sittings.open(self.quiz_id)
        self._quiz, self._record = fresh._quiz, fresh._record

    def keep_begun(self) -> None:
        """Keep a quiz that has just begun."""
        self._written(lambda: self._sittings.quizzes.begin(self._record))
        self._note_draft()

    def _open(self) -> Asked:
        if self.asked is None:
            raise QuizEnded("this quiz is over", "Begin another: assistant quiz")
        return self.asked

    def _once(self, answer_key: str, take: Callable[[], Turned]) -> Turned:
        if answered := self.answered(answer_key):
            return answered
        try:
            return take()
        except QuizOvertaken:
            self.reload()
            if answered := self.answered(answer_key):  # the same came twice at once
                return answered
            raise

    def _step(
        self,
        turned: Turned | None = None,
        marked: Marked | None = None,
        at: datetime | None = None,
        answer_key: str = "",
    ) -> None:
        """Keep what has just changed, with the answer that changed it; where that fails nothing has changed."""
        sittings, before = self._sittings, self._record
        now = at or sittings.clock()
        goes_on = _open_in(before.state) != _open_in(self._quiz.state)
        place = {answer_key[:MAX_KEY]: len(self._quiz.done) - 1} if answer_key else {}
        after = replace(
            before,
            updated=now,
            state=self._quiz.state,
            waiting=Waiting(sittings.clock()) if goes_on else before.waiting,
            keys={**before.keys, **place},
            steps=before.steps + 1,
        )

        def write() -> Recorded | None:
            if turned is None or marked is None:
                return sittings.quizzes.step(after)
            waiting = before.waiting
            reviewer = sittings.assistant.reviewer(sittings.learner)
            given = kept(
                marked,
                waiting.card or self._card(turned.asked.question, now),
                key=f"{self.quiz_id}/{len(before.state.done)}",
                session_id=self.quiz_id,
                help=Help.ANSWER if turned.shown else Help.HINT if turned.asked.hinted else Help.NONE,
                asked_at=waiting.since,
                now=now,
                pace=reviewer.pace,
            )
            return sittings.quizzes.step(after, given, reviewer.rated(given))

        try:
            self.recorded = self._written(write)
        except StudyError:
            self._quiz = sittings.quiz_at(before.state)
            raise
        self._record = after
        if goes_on:
            self._note_draft()

    def _card(self, question: Question, now: datetime) -> Card:
        """Return the card that `question` is about as it is now, a new one where there is none."""
        demo = question.reference.partition("/")[0] if question.form is Form.NUMBER else ""
        group = "" if demo else question.group
        key = f"drill:{demo}" if demo else f"topic:{same_title(question.topic)}#{group}"
        known = self._written(self._sittings.reviews.cards) or {}
        return known.get(key) or new_card(key, question.topic, group, now)

    def _note_draft(self) -> None:
        if asked := self.asked:
            self._written(lambda: self._sittings.questions.asked(asked.question, self._sittings.clock()))

    def _decide(self, question: Question, state: QuestionState, prompt: str | None = None) -> None:
        now = self._sittings.clock()
        self._written(lambda: self._sittings.questions.decide(question, state, now, prompt))

    def _written(self, write: Callable[[], T]) -> T | None:
        """Return what `write` returns; None where nothing can be kept and that was told once."""
        if not self._is_kept:
            return None
        try:
            return write()
        except StoreError as error:
            if self._sittings.warn is None:
                raise
            self._is_kept = False
            self._sittings.warn(f"{error.message} ({error.hint})")
            return None


def _open_in(state: QuizState) -> str | None:
    return state.open.question.question_id if state.open else None
