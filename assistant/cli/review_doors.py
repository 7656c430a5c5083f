"""The two ways a review is shown: lines for a person, or one JSON event per line for a program. They only show."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, Protocol

from assistant.cli.rendering import Terminal
from assistant.cli.session import print_json
from assistant.grading.types import Level
from assistant.language import Language
from assistant.quiz.marking import solution
from assistant.review import events, wording
from assistant.review.card import Help
from assistant.review.reviewer import Asked, Reviewed
from assistant.review.run import Run
from assistant.review.session import Today
from corpus.errors import StudyError

_STYLES = {Level.CORRECT: "green", Level.PARTIAL: "yellow", Level.WRONG: "yellow"}


class ReviewDoor(Protocol):
    """Shows what happens in a review, in its language."""

    language: Language

    def began(self, today: Today, session_id: str, notes: Sequence[str]) -> None:
        """Show today's list."""

    def asked(self, asked: Asked, run: Run) -> None:
        """Show a question."""

    def hinted(self, asked: Asked) -> None:
        """Show the hint of a question."""

    def reviewed(self, reviewed: Reviewed, today: date) -> None:
        """Show what became of an answer."""

    def noticed(self, phrase: str, event: str, /, **values: Any) -> None:
        """Show what was skipped, taken back, suspended or left out."""

    def refused(self, error: StudyError) -> None:
        """Show that a line was not understood."""

    def ended(self, run: Run, today: date) -> None:
        """Show the summary."""


class LinesDoor:
    """A review for a person, in `language`."""

    def __init__(self, terminal: Terminal, language: Language) -> None:
        self._terminal = terminal
        self.language = language
        self._has_told_keys = False

    def began(self, today: Today, session_id: str, notes: Sequence[str]) -> None:
        """Show what the sitting is made of, and what there is to know beforehand."""
        first, *more = wording.header(today, self.language)
        self._terminal.line(first, "bold")
        for line in (*more, *notes):
            self._terminal.line(line, "dim")

    def asked(self, asked: Asked, run: Run) -> None:
        """Show which question it is, why it comes, the question, and once how to go about it."""
        self._terminal.line()
        self._terminal.line(wording.heading(run, asked.item, self.language), "bold")
        self._terminal.line(wording.why(asked.item, self.language), "dim")
        self._terminal.line(asked.question.prompt)
        for letter, choice in zip("ABCDEFGH", asked.question.choices, strict=False):
            self._terminal.line(f"  {letter}. {choice}")
        if not self._has_told_keys:
            self._terminal.line(wording.say("keys", self.language), "dim")
            self._has_told_keys = True

    def hinted(self, asked: Asked) -> None:
        """Show the hint."""
        hint = asked.question.hint
        phrase = wording.say("hint" if hint else "no_hint", self.language, hint=hint)
        self._terminal.line(phrase, "cyan")

    def reviewed(self, reviewed: Reviewed, today: date) -> None:
        """Show the mark with what was missing and the line of the note, and when it comes again."""
        marked = reviewed.marked
        if reviewed.help is Help.ANSWER:
            first, rest = wording.say("shown", self.language), solution(marked.question)
        else:
            first, _, rest = marked.feedback.partition("\n")
        self._terminal.line(first, "yellow" if reviewed.help is Help.ANSWER else _STYLES[marked.level])
        if rest:
            self._terminal.line(rest)
        for line in wording.outcome(reviewed, today, self.language):
            self._terminal.line(line, "dim")

    def noticed(self, phrase: str, event: str, /, **values: Any) -> None:
        """Show the sentence."""
        self._terminal.line(wording.say(phrase, self.language, **values), "dim")

    def refused(self, error: StudyError) -> None:
        """Show what was wrong with a line."""
        self._terminal.line(f"✗ {error.message}", "yellow")
        self._terminal.line(f"  {error.hint}", "dim")

    def ended(self, run: Run, today: date) -> None:
        """Show what was done, what is left, and what is coming."""
        self._terminal.line()
        first, *more = wording.summary(run, today, self.language)
        self._terminal.line(first, "bold")
        for line in more:
            self._terminal.line(line, "dim")


class JsonDoor:
    """A review for a program: every event is one JSON object on a line of its own."""

    def __init__(self, language: Language) -> None:
        self.language = language

    def began(self, today: Today, session_id: str, notes: Sequence[str]) -> None:
        """Write today's list."""
        print_json(events.session_event(today, session_id, self.language, list(notes)))

    def asked(self, asked: Asked, run: Run) -> None:
        """Write the question."""
        print_json(events.question_event(asked, run, self.language))

    def hinted(self, asked: Asked) -> None:
        """Write the hint."""
        print_json(events.hint_event(asked.question))

    def reviewed(self, reviewed: Reviewed, today: date) -> None:
        """Write the mark."""
        print_json(events.reviewed_event(reviewed))

    def noticed(self, phrase: str, event: str, /, **values: Any) -> None:
        """Write the notice."""
        print_json(events.notice_event(event, wording.say(phrase, self.language, **values), **values))

    def refused(self, error: StudyError) -> None:
        """Write the error."""
        print_json(events.error_event(error))

    def ended(self, run: Run, today: date) -> None:
        """Write the summary."""
        print_json(events.summary_event(run, today))
