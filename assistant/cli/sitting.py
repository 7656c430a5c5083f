"""A review as a dialogue: asks, takes what is given, and shows what follows. Every answer is kept at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from random import Random

from ulid import ULID

from assistant.cli.dialogue import Given
from assistant.cli.review_doors import ReviewDoor
from assistant.review import run as runs
from assistant.review import wording
from assistant.review.card import Help, study_day
from assistant.review.reviewer import Asked, Reviewer
from assistant.review.run import Run
from assistant.review.session import Item, Today
from corpus.errors import StudyError


class Sitting:
    """One sitting of `reviewer`, shown by `door`; all its chance comes from `chance`."""

    def __init__(self, reviewer: Reviewer, door: ReviewDoor, chance: Random) -> None:
        self._reviewer = reviewer
        self._door = door
        self._chance = chance
        self._id = str(ULID())
        self._run = Run(())
        self._used: list[str] = []

    def hold(self, minutes: float, given: Iterable[Given | StudyError]) -> None:
        """Ask for `minutes`, until today's list or what is given ends."""
        door, reviewer = self._door, self._reviewer
        today = reviewer.today(minutes, self._chance, door.language)
        door.began(today, self._id, self._notes(today))
        self._run = runs.start(today)
        lines = iter(given)
        goes_on = True
        while goes_on and (item := self._run.item):
            asked = reviewer.ask(item, self._chance, door.language, self._used)
            if asked is None:
                door.noticed("gone", "gone", topic=wording.named(item.subject, door.language))
                self._run = runs.drop(self._run)
                continue
            self._used.append(asked.question.question_id)
            door.asked(asked, self._run)
            goes_on = self._take(asked, lines)
        door.ended(self._run, self._day)

    def _notes(self, today: Today) -> list[str]:
        """Return what there is to know before: how far the interview is, and a clock that was set back."""
        language, notes = self._door.language, []
        if not self._reviewer.has_subjects:
            notes.append(wording.say("no_notes", language))
        if on := self._reviewer.interview():
            left = wording.days((on - today.day).days, language)
            notes.append(wording.say("until", language, days=left, date=on.isoformat()))
        if count := self._reviewer.set_back():
            notes.append(wording.say("set_back", language, count=count))
        return notes

    def _take(self, asked: Asked, lines: Iterator[Given | StudyError]) -> bool:
        """Take lines until the question is done with; False where they end or the person wants to."""
        help = Help.NONE
        for line in lines:
            if isinstance(line, StudyError):
                self._door.refused(line)
                continue
            command, text = line
            if command == "quit":
                return False
            if command == "hint":
                help = Help.HINT if asked.question.hint else help
                self._door.hinted(asked)
            elif command == "skip":
                self._skip(asked.item)
                return True
            elif command == "reject":
                self._reviewer.reject(asked.question)
                self._door.noticed("rejected", "rejected", question_id=asked.question.question_id)
                return True
            elif command == "suspend":
                self._suspend(asked.item)
                return True
            elif command == "undo":
                if self._undo():
                    return True
            elif self._answer(asked, text, Help.ANSWER if command == "show" else help):
                return True
        return False

    def _answer(self, asked: Asked, text: str, help: Help) -> bool:
        """Keep the answer and show its mark; False where it cannot be marked, and the question stays open."""
        try:
            reviewed = self._reviewer.answer(asked, text, self._id, help)
        except StudyError as error:
            self._door.refused(error)
            return False
        self._door.reviewed(reviewed, self._day)
        self._run = runs.answer(self._run, reviewed)
        return True

    def _skip(self, item: Item) -> None:
        again = item.subject.key not in self._run.skipped
        self._door.noticed("skipped" if again else "skipped_again", "skipped", subject=item.subject.key)
        self._run = runs.skip(self._run)

    def _suspend(self, item: Item) -> None:
        card = self._reviewer.suspend(item)
        topic = wording.named(item.subject, self._door.language)
        command = wording.unsuspending(card.subject)
        self._door.noticed("suspended", "suspended", topic=topic, subject=card.subject, command=command)
        self._run = runs.suspend(self._run)

    def _undo(self) -> bool:
        """Take the last review back; False where there is none, and the open question stays."""
        undone = self._reviewer.undo()
        if undone is None:
            self._door.noticed("nothing_to_undo", "nothing_to_undo")
            return False
        topic = wording.named(self._reviewer.subject(undone.subject), self._door.language)
        level = wording.say(undone.level.value, self._door.language).strip("✓◐✗ 。.")
        self._door.noticed("undone", "undone", topic=topic, level=level, subject=undone.subject)
        self._run = runs.undo(self._run, undone.subject)
        return True

    @property
    def _day(self) -> date:
        return study_day(self._reviewer.clock(), self._reviewer.zone)
