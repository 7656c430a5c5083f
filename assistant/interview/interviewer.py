"""The interviews of one learner: begun over the notes, opened again, listed, and told in a report.

Every door holds one of these.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any

from assistant.grading.model_points import StructuredCall
from assistant.interview.conductor import Conductor, now_utc
from assistant.interview.judging import Judge
from assistant.interview.machine import begin
from assistant.interview.planning import Wanted, plan
from assistant.interview.records import storable
from assistant.interview.report import Earlier, Report, Review, Word, report
from assistant.interview.reviewing import schedule, weak_and_due
from assistant.interview.types import Phase, State
from assistant.quiz.quizmaster import Quizmaster
from assistant.quiz.session import topics_for
from assistant.store.errors import StoreError
from assistant.store.interviews import Entry, Interviews
from assistant.store.reviews import Reviews
from corpus.errors import StudyError

#: So many earlier interviews show a trend.
_EARLIER = 5


class Interviewer:
    """Interviews over the notes of `quizmaster`, kept in `interviews`; gaps become reviews in `reviews`.

    What cannot be kept ends an interview that `must_keep`; else `warn` is told, and it goes on.
    """

    def __init__(
        self,
        quizmaster: Quizmaster,
        interviews: Interviews,
        reviews: Reviews,
        *,
        clock: Callable[[], datetime] = now_utc,
        warn: Callable[[str], None] = lambda message: None,
        must_keep: bool = False,
    ) -> None:
        self.interviews = interviews
        self._quizmaster = quizmaster
        self._reviews = reviews
        self._clock = clock
        self._warn = warn
        self._must_keep = must_keep

    def begin(self, wanted: Wanted, seed: int | None = None) -> Conductor:
        """Return an interview that has just begun. Topics are found by what they are called, aliases too.

        What the reviews say is weak or due is asked more often. Raises what `planning.plan` raises.
        """
        from ulid import ULID

        now = self._clock()
        topics = [title for words in wanted.topics for title in topics_for(words, self._quizmaster)]
        try:
            weak, due = weak_and_due(self._reviews, now)
        except StoreError:  # told when the interview itself cannot be kept
            weak, due = {}, frozenset()
        wanted = replace(wanted, topics=tuple(dict.fromkeys(topics)), weak=weak, due=due)
        seed = secrets.randbelow(10**6) if seed is None else seed
        planned = plan(str(ULID.from_datetime(now)), self._quizmaster, wanted, seed)
        # Planning takes seconds, which are not the candidate's.
        state, _ = begin(storable(planned), self._clock())
        conductor = self._conductor(state)
        conductor.keep()
        return conductor

    def open(self, prefix: str = "") -> Conductor:
        """Return the interview whose id begins with `prefix`, as it stands; for "" the latest that is open.

        Raises `UnknownName`, and `StudyError` where none is open.
        """
        entry = self.interviews.named(prefix) if prefix else self.interviews.latest_open()
        if entry is None:
            raise StudyError("there is no interview to go on with", "Begin one: assistant interview")
        return self._conductor(self.interviews.load(entry.interview_id))

    def report(self, prefix: str = "") -> Report:
        """Return the report of the interview whose id begins with `prefix`, of the latest for "".

        Raises `UnknownName`.
        """
        entry = self.interviews.named(prefix)
        state = self.interviews.load(entry.interview_id)
        if state.phase is Phase.ENDED and entry.outcome is None:  # it was killed between its last two steps
            self._conclude(state)
        return self.report_of(state)

    def report_of(self, state: State) -> Report:
        """Return the report of `state` with its reviews, beside the interviews before it."""
        try:
            entries = self.interviews.listed()
        except StoreError:
            entries = ()
        own_id = state.plan.interview_id
        own = next((entry for entry in entries if entry.interview_id == own_id), None)
        before = [
            e for e in entries if e.outcome and e.interview_id != own_id and e.began <= state.started_at
        ]
        return report(state, [_earlier(e) for e in reversed(before[:_EARLIER])], _reviews(own))

    def _conductor(self, state: State) -> Conductor:
        return Conductor(
            state,
            Judge(self._quizmaster.grader),
            self.interviews,
            call=self._call(),
            conclude=self._conclude,
            clock=self._clock,
            warn=self._warn,
            must_keep=self._must_keep,
        )

    def _call(self) -> StructuredCall | None:
        model = self._quizmaster.grader.model
        if model is None:
            return None
        from assistant.llm.structured import structured

        return partial(structured, model)

    def _conclude(self, state: State) -> None:
        """Schedule the reviews of an interview that has ended, and keep what came of it."""
        told = report(state)
        try:
            reviews = schedule(state, told, self._quizmaster, self._reviews)
            self.interviews.conclude(state.plan.interview_id, _outcome(told, reviews))
        except StoreError as error:
            self._warn(f"{error.message} ({error.hint})")


def _outcome(told: Report, reviews: tuple[Review, ...]) -> dict[str, Any]:
    return {
        "overall": told.overall.value,
        "questions": len(told.questions),
        "topics": [[topic, word.value] for topic, word in told.topics],
        "reviews": [[one.topic, one.due.isoformat()] for one in reviews],
    }


def _earlier(entry: Entry) -> Earlier:
    outcome: Mapping[str, Any] = entry.outcome or {}
    topics = tuple((topic, Word(word)) for topic, word in outcome["topics"])
    return Earlier(entry.interview_id, entry.began, Word(outcome["overall"]), topics)


def _reviews(entry: Entry | None) -> tuple[Review, ...]:
    kept = entry.outcome["reviews"] if entry and entry.outcome else ()
    return tuple(Review(topic, datetime.fromisoformat(due)) for topic, due in kept)
