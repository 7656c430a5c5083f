"""Practising what the notes say: grades, quizzes, reviews and mock interviews, each learner's own.

`assistant.study.Assistant` is one. Everything behind it is imported when somebody practises, not before.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from assistant.asking import asked_text
from assistant.indexing import Indexing
from assistant.language import Language, language_of
from assistant.opening import opened_once
from assistant.settings import Settings
from index.library import Library

if TYPE_CHECKING:
    from assistant.grading.grader import Grader
    from assistant.grading.types import Grade
    from assistant.interview.conductor import Conductor
    from assistant.interview.interviewer import Interviewer
    from assistant.quiz.quizmaster import Quizmaster, States
    from assistant.quiz.session import Quiz
    from assistant.quiz.shared import SharedSurroundings
    from assistant.review.reviewer import Reviewer


class Practice(ABC):
    """What is practised over the notes of `library`. A learner is `local`, `slack:TEAM:USER` or `key:ID`."""

    settings: Settings
    _warn: Callable[[str], None]

    @property
    @abstractmethod
    def library(self) -> Library:
        """The index of the notes."""

    @property
    @abstractmethod
    def indexing(self) -> Indexing:
        """What makes the index."""

    def grade(self, question: str, answer: str, topic: str | None = None, learner: str = "local") -> Grade:
        """Return the grade of `answer` by the key points of `topic`, or of the topic that the question finds.

        Raises `StudyError` for an empty question, an endless answer and a topic that does not exist.
        """
        answer = answer.encode("utf-8", "replace").decode()
        return self.grader_for(learner).grade(asked_text(question), answer, topic)

    @opened_once
    def grader(self) -> Grader:
        """Who grades: a model where the settings and the machine allow, with rules beside it."""
        from assistant.grading.grader import Grader
        from assistant.grading.memory import StoredMemory
        from assistant.llm import open_model

        model = None if self.settings.model == "notes" else open_model(self.settings, self._warn)
        return Grader(
            self.library, model, StoredMemory(self.settings.home, self._warn), self.indexing.nearness
        )

    def grader_for(self, learner: str) -> Grader:
        """Return the grader with what `learner` decided: key points of their own, and overruled grades."""
        from assistant.grading.memory import StoredMemory

        if learner == "local":
            return self.grader
        return replace(self.grader, memory=StoredMemory(self.settings.home, self._warn, learner))

    def reviewer(self, learner: str = "local") -> Reviewer:
        """Return the reviews of `learner`: what is due today and why, the questions, the days until the interview."""
        from assistant.review.gathering import gaps_of
        from assistant.review.reviewer import Reviewer
        from assistant.store import Store

        store = Store(self.settings.home)
        questions = store.questions.of(learner)
        return Reviewer(
            self.quizmaster(questions, learner),
            store.reviews.of(learner),
            lambda: gaps_of(store.gaps, learner),
            questions=questions,
            retention=self.settings.retention,
            new_a_day=self.settings.new_per_day,
        )

    def quizmaster(self, states: States | None = None, learner: str = "local") -> Quizmaster:
        """Return who asks questions from the notes; `states` says which are rejected or reworded."""
        from assistant.grading.memory import StoredMemory
        from assistant.quiz.quizmaster import NoStates, Quizmaster

        grader = self.grader_for(learner)
        points = grader.memory.points_version() if isinstance(grader.memory, StoredMemory) else None
        return Quizmaster(grader, states or NoStates(), self._surroundings.of(grader, learner, points))

    @opened_once
    def _surroundings(self) -> SharedSurroundings:
        from assistant.quiz.shared import SharedSurroundings

        return SharedSurroundings()

    def quiz(
        self,
        topic: str = "",
        *,
        kinds: Sequence[str] = (),
        count: int = 5,
        seed: int | None = None,
        language: Language | None = None,
        states: States | None = None,
        write: bool = False,
        learner: str = "local",
        with_code: bool = True,
    ) -> Quiz:
        """Return a quiz of `count` questions about `topic`, or all notes; the same `seed` asks the same.

        With `write` the model writes new questions about the topic first; `notices` of the quiz tell where it did
        not. Without `with_code` nothing is asked whose answer would be run. Raises `UnknownName` for a topic or kind
        that does not exist, `NoQuestions` where the notes give none.
        """
        import secrets

        from assistant.quiz.session import Quiz, QuizPlan, topics_for

        master = self.quizmaster(states, learner)
        topics = topics_for(topic, master)
        # An abbreviation is in no language: BN is asked for in Chinese, where the note is.
        named = topics[0] if topics and len(topic.split()) == 1 else topic
        plan = QuizPlan(
            topics,
            tuple(kinds),
            language or language_of(named),
            secrets.randbelow(10**6) if seed is None else seed,
            count,
            with_code,
        )
        written = [master.write(title, plan.language) for title in topics] if write else []
        return Quiz(master, plan, tuple(filter(None, written)))

    def interviewer(self, learner: str = "local", *, must_keep: bool = False) -> Interviewer:
        """Return the mock interviews of `learner`: begun, opened again, listed and told.

        Doors that hold nothing between two lines `must_keep` each of them.
        """
        from assistant.interview.interviewer import Interviewer
        from assistant.store import Store

        store = Store(self.settings.home)
        master = self.quizmaster(store.questions.of(learner), learner)
        return Interviewer(
            master,
            store.interviews.of(learner),
            store.reviews.of(learner),
            warn=self._warn,
            must_keep=must_keep,
        )

    def interview(self, *, seed: int | None = None, learner: str = "local", **wanted: Any) -> Conductor:
        """Return a mock interview that has just begun: `state` holds what was said, `answer(text)` goes on.

        `wanted` are the fields of `assistant.interview.planning.Wanted`: `minutes`, `topics`, `language`, …
        """
        from assistant.interview.planning import Wanted

        return self.interviewer(learner).begin(Wanted(**wanted), seed)
