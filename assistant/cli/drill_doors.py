"""The two ways a drill is shown: lines for a person, or one JSON event per line for a program.

Both only show. What follows on an answer is `assistant.drills`' business.
"""

from __future__ import annotations

from typing import Protocol

from assistant.cli.rendering import Terminal
from assistant.cli.session import print_json
from assistant.drills import events, wording
from assistant.drills.drill import Asked, Drill, Graded
from assistant.drills.grading import Verdict
from assistant.language import Language, say
from corpus.errors import StudyError


class DrillDoor(Protocol):
    """Shows what happens in a drill, in its language."""

    language: Language

    def asked(self, asked: Asked) -> None:
        """Show a question."""

    def hinted(self, asked: Asked) -> None:
        """Show the hint of a question."""

    def graded(self, graded: Graded) -> None:
        """Show what became of a question."""

    def refused(self, error: StudyError) -> None:
        """Show that a line was not understood."""

    def ended(self, drill: Drill) -> None:
        """Show the summary."""


class LinesDoor:
    """A drill for a person, in `language`; `words` are what the drill was asked for by."""

    def __init__(self, terminal: Terminal, language: Language, words: str) -> None:
        self._terminal = terminal
        self.language = language
        self._words = words

    def asked(self, asked: Asked) -> None:
        """Show which question it is, the question, and how it is to be answered."""
        if asked.n > 1:
            self._terminal.line()
        self._terminal.line(wording.heading(asked, self.language), "bold")
        self._terminal.line(wording.question(asked.exercise, self.language))
        separator = "；" if self.language is Language.ZH else ". "
        keys = say("drill_keys", self.language)
        self._terminal.line(wording.expected(asked.exercise, self.language) + separator + keys, "dim")

    def hinted(self, asked: Asked) -> None:
        """Show the hint."""
        hint = wording.hint(asked.exercise, self.language)
        self._terminal.line(say("drill_hint", self.language, hint=hint), "cyan")

    def graded(self, graded: Graded) -> None:
        """Show the verdict, the steps and the command that computes the answer."""
        style = "green" if graded.grade.verdict is Verdict.CORRECT else "yellow"
        self._terminal.line(wording.verdict(graded, self.language), style)
        for n, step in enumerate(wording.steps(graded.exercise, self.language), 1):
            self._terminal.line(f"  {n}. {step}")
        check = wording.check(graded.exercise)
        # In one piece, so that it can be copied.
        self._terminal.write(
            self._terminal.style(say("drill_check", self.language, command=check), "dim") + "\n"
        )

    def refused(self, error: StudyError) -> None:
        """Show what was wrong with a line."""
        self._terminal.line(f"✗ {error.message}", "yellow")
        self._terminal.line(f"  {error.hint}", "dim")

    def ended(self, drill: Drill) -> None:
        """Show the score, what to practise, and how to get the same questions again."""
        self._terminal.line()
        self._terminal.line(
            say(
                "drill_summary",
                self.language,
                done=len(drill.done),
                correct=drill.correct,
                skipped=drill.skipped,
                hints=len(drill.hinted),
            ),
            "bold",
        )
        if (weak := wording.weakest(drill)) and len(drill.plan.names) > 1:
            self._terminal.line(say("drill_weak", self.language, command=f"assistant drill {weak}"), "dim")
        command = wording.again(drill.plan, self._words, self.language)
        self._terminal.line(say("drill_again", self.language, command=command), "dim")


class JsonDoor:
    """A drill for a program: every event is one JSON object on a line of its own."""

    def __init__(self, language: Language, words: str) -> None:
        self.language = language
        self._words = words

    def asked(self, asked: Asked) -> None:
        """Write the question."""
        print_json(events.asked_event(asked, self.language))

    def hinted(self, asked: Asked) -> None:
        """Write the hint."""
        print_json(events.hint_event(asked, self.language))

    def graded(self, graded: Graded) -> None:
        """Write the grade."""
        print_json(events.graded_event(graded, self.language))

    def refused(self, error: StudyError) -> None:
        """Write the error."""
        print_json(events.error_event(error))

    def ended(self, drill: Drill) -> None:
        """Write the summary."""
        print_json(events.summary_event(drill, self._words, self.language))
