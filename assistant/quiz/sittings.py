"""The quizzes of one learner: begun, gone on with from any door, each step kept before anybody is told of it.

An answer is also a review of the card that its question is about, in the same transaction, so that it counts once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from assistant.language import Language
from assistant.quiz.quizmaster import code_kinds
from assistant.quiz.records import QuizRecord, Waiting
from assistant.quiz.session import Asked, Quiz, QuizPlan, QuizState
from assistant.quiz.sitting import Sitting
from assistant.quiz.types import Question
from assistant.review.card import Card
from assistant.storable import storable_text
from corpus.errors import StudyError

if TYPE_CHECKING:
    from assistant.store import Store
    from assistant.study import Assistant


class NotAskedHere(StudyError):
    """A kind of question whose answer is a program that would be run."""


def _now() -> datetime:
    return datetime.now(UTC)


class Sittings:
    """The quizzes of `learner` in `store`, over the notes of `assistant`.

    Code is asked for, and run, only with `allow_code`: on the command line. Where `warn` is given, a store that
    cannot be written does not end a quiz: `warn` is told, and the quiz goes on unkept.
    """

    def __init__(
        self,
        assistant: Assistant,
        store: Store,
        learner: str,
        *,
        clock: Callable[[], datetime] = _now,
        allow_code: bool = False,
        warn: Callable[[str], None] | None = None,
    ) -> None:
        self.assistant = assistant
        self.quizzes = store.quizzes.of(learner)
        self.questions = store.questions.of(learner)
        self.reviews = store.reviews.of(learner)
        self.learner = learner
        self.clock = clock
        self.allow_code = allow_code
        self.warn = warn

    def begin(
        self,
        topic: str = "",
        *,
        kinds: Sequence[str] = (),
        count: int = 5,
        seed: int | None = None,
        language: Language | None = None,
        write: bool = False,
    ) -> Sitting:
        """Return a quiz that has just begun; the arguments are those of `Assistant.quiz`, which says what it raises.

        Raises `NotAskedHere` for a kind whose answer would be run.
        """
        for kind in () if self.allow_code else kinds:
            if kind in code_kinds():
                raise NotAskedHere(
                    f"{kind!r} is answered with a program, which runs only on the command line",
                    f"assistant quiz --kind {kind}",
                )
        quiz = self.assistant.quiz(
            topic,
            kinds=kinds,
            count=count,
            seed=seed,
            language=language,
            states=self.questions,
            write=write,
            learner=self.learner,
            with_code=self.allow_code,
        )
        from ulid import ULID

        return self._begun(quiz, topic, str(ULID.from_datetime(self.clock())))

    def begin_with(self, question: Question, card: Card, quiz_id: str) -> Sitting:
        """Return a quiz of this one question, which is about `card`.

        An answer to it is no review where the card was answered elsewhere meanwhile.
        """
        plan = QuizPlan((question.topic,), (), question.language, 0, 1, self.allow_code)
        state = QuizState(plan, (question,), (), Asked(1, 1, question))
        return self._begun(self.quiz_at(state), question.topic, quiz_id, card)

    def open(self, quiz_id: str) -> Sitting:
        """Return the quiz with this id as it stands. Raises `UnknownName`, also for another learner's."""
        record = self.quizzes.load(quiz_id)
        return Sitting(self, self.quiz_at(record.state), record)

    def _begun(self, quiz: Quiz, words: str, quiz_id: str, card: Card | None = None) -> Sitting:
        now = self.clock()
        waiting = Waiting(now, card)
        record = QuizRecord(quiz_id, now, now, storable_text(words), quiz.state, waiting)
        sitting = Sitting(self, quiz, record)
        sitting.keep_begun()
        return sitting

    def quiz_at(self, state: QuizState) -> Quiz:
        """Return the quiz that stands at `state`."""
        return Quiz(self.assistant.quizmaster(self.questions, self.learner), state.plan, state=state)
