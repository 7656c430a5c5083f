"""Reviews one request at a time, for doors that remember nothing between two of them.

A question is kept from when it is asked until it is answered, under a key that follows from the learner, the day and
the card: whoever asks again for what is next is asked the same, and an answer counts once.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime
from random import Random
from typing import TYPE_CHECKING

from assistant.language import Language
from assistant.quiz.marking import mark
from assistant.quiz.session import Asked, Turned
from assistant.quiz.sitting import Sitting
from assistant.quiz.sittings import Sittings
from assistant.quiz.types import Marked
from assistant.review.card import Help, Recorded, study_day
from assistant.review.reviewer import Reviewer
from assistant.review.session import Item, Today
from corpus.errors import StudyError, UnknownName

if TYPE_CHECKING:
    from assistant.store import Store
    from assistant.study import Assistant

#: Minutes a day where nothing is said of them.
MINUTES = 20


class NotAhead(StudyError):
    """A day of an interview that is not to come."""


@dataclass(frozen=True, slots=True)
class Next:
    """What is to be answered next: an item of today's list, its question, and the key of the answer."""

    item: Item
    asked: Asked
    answer_key: str
    #: Items on the list, this one among them, and the seconds they take.
    count: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Told:
    """What became of an answer."""

    marked: Marked
    recorded: Recorded
    help: Help
    next_day: date


class Stepwise:
    """The reviews of `learner` over the notes of `assistant`."""

    def __init__(
        self,
        assistant: Assistant,
        store: Store,
        learner: str,
        *,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.reviewer: Reviewer = assistant.reviewer(learner)
        self.reviewer.clock = clock
        self._sittings = Sittings(assistant, store, learner, clock=clock)
        self._learner = learner

    @property
    def day(self) -> date:
        """The day of study that it is."""
        return study_day(self.reviewer.clock(), self.reviewer.zone)

    def today(self, minutes: float, language: Language) -> Today:
        """Return what to review within `minutes`; always the same list while nothing changes."""
        return self.reviewer.today(minutes, Random(f"{self._learner}/{self.day}"), language)

    def next(self, minutes: float, language: Language, skip: Collection[str] = ()) -> Next | None:
        """Return the first of today's list whose subject is not in `skip`, with its question; None at the end."""
        items = [item for item in self.today(minutes, language).items if item.subject.key not in skip]
        for at, item in enumerate(items):
            if sitting := self._sitting(item, language):
                assert sitting.asked is not None
                rest = items[at:]
                seconds = sum(one.seconds for one in rest)
                return Next(item, sitting.asked, sitting.quiz_id, len(rest), seconds)
        return None

    def planned_for(self, on: date | None) -> date | None:
        """Keep the day of the interview, or with None forget it. Raises `NotAhead`."""
        if on and on <= self.day:
            raise NotAhead(
                f"{on.isoformat()} is not ahead: today is {self.day.isoformat()}",
                "Give a day that is to come.",
            )
        self.reviewer.reviews.set_interview(on, self.reviewer.clock())
        return on

    def answer(self, answer_key: str, text: str) -> Told:
        """Mark the answer to the question with this key and keep it with its review; the same again changes nothing.

        Raises `UnknownName` for a key that is none, `UnreadableAnswer` for what cannot be an answer, and what else
        `Sitting.answer` raises.
        """
        sitting = self._sittings.open(answer_key)
        return self._told(sitting, sitting.answer(text, answer_key))

    def show(self, answer_key: str) -> Told:
        """Give up the question with this key, which counts as not recalled. Raises `UnknownName`."""
        sitting = self._sittings.open(answer_key)
        return self._told(sitting, sitting.show(answer_key)[0])

    def hint(self, answer_key: str) -> Asked:
        """Take the hint of the question with this key; it counts. Raises `UnknownName` and `QuizEnded`."""
        return self._sittings.open(answer_key).hint()

    def _sitting(self, item: Item, language: Language) -> Sitting | None:
        key = self._key(item, language)
        try:
            if not (kept := self._sittings.open(key)).has_ended:
                return kept
            key = ""  # it was answered, and the answer taken back
        except UnknownName:
            pass
        asked = self.reviewer.ask(item, Random(key), language)
        return self._sittings.begin_with(asked.question, item.card, key or asked.key) if asked else None

    def _key(self, item: Item, language: Language) -> str:
        """Return the key of a question about `item` today: a ULID, as of any quiz."""
        from ulid import ULID

        parts = (self._learner, self.day, item.subject.key, item.card.last_review, language.value)
        return str(ULID.from_bytes(hashlib.sha256("\0".join(map(str, parts)).encode()).digest()[:16]))

    def _told(self, sitting: Sitting, turned: Turned) -> Told:
        assert sitting.recorded is not None, "an answer has just been kept"
        question = turned.asked.question
        marked = turned.marked or mark(question, "", self._sittings.assistant.grader)
        help = Help.ANSWER if turned.shown else Help.HINT if turned.asked.hinted else Help.NONE
        if self.reviewer.interview():  # it brings the day forward, by what there is to learn until then
            self.reviewer.state(MINUTES, question.language)
        return Told(marked, sitting.recorded, help, self.reviewer.next_day(sitting.recorded.card))
