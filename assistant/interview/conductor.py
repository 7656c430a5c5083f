"""One interview as it is held: a line is judged, the state goes on and is kept, and the interviewer says what follows.

The rules of an interview are in `machine`, what a line is worth in `judging`. Here is only the order of the steps,
which is chosen so that nothing is lost: a turn is durable before anybody is told of it or a model words it better.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Protocol

from assistant.grading.model_points import StructuredCall
from assistant.interview import rewording
from assistant.interview.machine import advance, elapsed
from assistant.interview.records import reworded
from assistant.interview.types import Act, Heard, Manner, Move, Phase, State
from assistant.language import Language
from assistant.store.errors import StoreError
from assistant.store.interviews import Interviews


class Judging(Protocol):
    """Says what a line is worth; `assistant.interview.judging.Judge` does."""

    def heard(self, state: State, text: str) -> Heard:
        """Return `text` as what it is in answer to what waits in `state`."""
        ...


def now_utc() -> datetime:
    """Return the time."""
    return datetime.now(UTC)


class Conductor:
    """Holds the interview that stands at `state`.

    `call` asks a model to word follow-ups; `conclude` is told once the interview has ended. A store that cannot be
    written does not end an interview: `warn` is told, and it goes on unkept, unless it `must_keep`.
    """

    def __init__(
        self,
        state: State,
        judge: Judging,
        interviews: Interviews,
        *,
        call: StructuredCall | None = None,
        conclude: Callable[[State], None] = lambda state: None,
        clock: Callable[[], datetime] = now_utc,
        warn: Callable[[str], None] = lambda message: None,
        must_keep: bool = False,
    ) -> None:
        self.state = state
        self._judge = judge
        self._interviews = interviews
        self._call = call
        self._conclude = conclude
        self._clock = clock
        self._warn = warn
        self._must_keep = must_keep
        self._is_kept = True
        self._has_told = False
        #: How long the judge and the model have kept the candidate waiting, who is not charged for it.
        self._waited = timedelta()

    @property
    def interview_id(self) -> str:
        """The id of the interview."""
        return self.state.plan.interview_id

    @property
    def has_ended(self) -> bool:
        """Whether it is over."""
        return self.state.phase is Phase.ENDED

    @property
    def latest(self) -> tuple[Move, ...]:
        """What the interviewer said last."""
        return self.state.turns[-1].moves

    @property
    def elapsed(self) -> float:
        """How many seconds it has run, without pauses."""
        last = self.state.turns[-1].at if self.has_ended else self._clock() - self._waited
        return elapsed(self.state, last)

    @property
    def number(self) -> int:
        """The number of the main question that was asked last."""
        return len(self.state.asked_items())

    def keep(self) -> None:
        """Keep an interview that has just begun."""
        self._save(self.state, 0)

    def answer(self, text: str, now: datetime | None = None, *, answer_key: str = "") -> tuple[Move, ...]:
        """Hear a line and return what the interviewer says to it. The same `answer_key` is heard once; see `said_to`.

        Without `now` the time is the clock's, less what the candidate had to wait for. Raises `InterviewEnded`,
        `InterviewOvertaken` where the interview went on elsewhere, and `StudyError` for what cannot be judged, such
        as a topic that the notes lack by now; then nothing has changed.
        """
        if (said := self.said_to(answer_key)) is not None:
            return said
        arrived = self._clock()
        if self.has_ended:  # before anything is judged
            advance(self.state, Heard(text, Manner.END), arrived)
        heard = replace(self._judge.heard(self.state, text), answer_key=answer_key)
        self._tell_of_rules(heard)
        moves = self._take(heard, now or arrived - self._waited)
        self._waited += max(timedelta(), self._clock() - arrived)
        return moves

    def said_to(self, answer_key: str) -> tuple[Move, ...] | None:
        """Return what was said to the line with this key, None where there was none."""
        turns = self.state.turns if answer_key else ()
        return next(
            (turn.moves for turn in turns if turn.heard and turn.heard.answer_key == answer_key), None
        )

    def _tell_of_rules(self, heard: Heard) -> None:
        """Say once that the rules judge although there is a model: it failed, and nobody would notice."""
        is_open = self.state.waiting is not None and self.state.waiting.drill is None
        # What is worth nothing is never shown to a model.
        by_rules = heard.mode == "notes" and heard.score > 0
        if self._call and by_rules and is_open and not self._has_told:
            self._has_told = True
            is_chinese = self.state.plan.language is Language.ZH
            self._warn(
                "模型没有回应，这次回答由规则评分，面试继续。"
                if is_chinese
                else "The model does not answer; the rules judge this answer, and the interview goes on."
            )

    def pause(self, now: datetime | None = None) -> tuple[Move, ...]:
        """Stop the clock, if it runs."""
        if self.has_ended or self.state.phase is Phase.PAUSED:
            return ()
        return self._take(Heard("/pause", Manner.PAUSE), now or self._clock() - self._waited)

    def resume(self, now: datetime | None = None) -> tuple[Move, ...]:
        """Go on after a break and ask again. What was left without a pause counts as paused since its last turn.

        Raises `InterviewEnded`, `InterviewOvertaken`.
        """
        state, seen = self.state, len(self.state.turns)
        if state.phase is not Phase.PAUSED:
            state, _ = advance(state, Heard("/pause", Manner.PAUSE), state.turns[-1].at)
        state, moves = advance(state, Heard("/resume", Manner.RESUME), now or self._clock())
        self._waited = timedelta()
        self._save(state, seen)
        self.state = state
        return moves

    def reload(self) -> None:
        """Take over what was kept elsewhere meanwhile."""
        self.state = self._interviews.load(self.interview_id)

    def _take(self, heard: Heard, now: datetime) -> tuple[Move, ...]:
        seen = len(self.state.turns)
        after, _ = advance(self.state, heard, now)
        self._save(after, seen)
        self.state = after
        if self._call and any(move.act is Act.FOLLOW_UP for move in self.latest):
            worded = reworded(after, rewording.wording_for(after, self._call))
            if worded != after:
                self._save(worded, len(after.turns))
                self.state = worded
        if self.has_ended:
            self._conclude(self.state)
        return self.latest

    def _save(self, state: State, seen: int) -> None:
        if not self._is_kept:
            return
        try:
            self._interviews.save(state, seen)
        except StoreError as error:
            if self._must_keep:
                raise
            self._is_kept = False
            self._warn(f"{error.message} ({error.hint})")
