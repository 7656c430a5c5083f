"""The two ways a quiz is shown: lines for a person, or one JSON event per line for a program.

Both only show. What follows on an answer is `assistant.quiz`' business.
"""

from __future__ import annotations

import shlex
from typing import Protocol

from assistant.cli.rendering import Terminal
from assistant.cli.session import print_json
from assistant.grading.types import Level
from assistant.language import Language
from assistant.quiz import events, wording
from assistant.quiz.session import Asked, Turned
from assistant.quiz.sitting import Sitting
from assistant.quiz.types import Question
from corpus.errors import StudyError

_TOLD = {
    "keys": (
        "/hint 提示，/show 看答案，/skip 跳过，/keep /edit /reject 处理这道题，/quit 结束",
        "/hint, /show, /skip; /keep, /edit or /reject the question; /quit",
    ),
    "weak": ("再练练：{command}", "Practise: {command}"),
    "again": ("再做同一套：{command}", "The same again: {command}"),
}
_STYLES = {Level.CORRECT: "green", Level.PARTIAL: "yellow", Level.WRONG: "yellow"}


class QuizDoor(Protocol):
    """Shows what happens in a quiz."""

    def asked(self, asked: Asked) -> None:
        """Show a question."""

    def hinted(self, asked: Asked) -> None:
        """Show the hint of a question."""

    def marked(self, turned: Turned) -> None:
        """Show what an answer is worth."""

    def shown(self, turned: Turned, solution: str) -> None:
        """Show the solution of a question that was given up."""

    def skipped(self, turned: Turned) -> None:
        """Tell that a question was skipped."""

    def decided(self, question: Question, decision: str) -> None:
        """Tell what was decided of a question: kept, edited or rejected."""

    def refused(self, error: StudyError) -> None:
        """Show that a line was not understood."""

    def ended(self, sitting: Sitting) -> None:
        """Show the summary."""


class LinesDoor:
    """A quiz for a person, in `language`."""

    def __init__(self, terminal: Terminal, language: Language) -> None:
        self._terminal = terminal
        self._language = language

    def asked(self, asked: Asked) -> None:
        """Show which question it is, the question with its choices, and how it is to be answered."""
        language = self._language
        if asked.n > 1:
            self._terminal.line()
        self._terminal.line(wording.heading(asked, language), "bold")
        for line in wording.prompt_text(asked, language).split("\n"):
            self._terminal.line(line)
        keys = ("；" if language is Language.ZH else ". ") + self._say("keys") if asked.n == 1 else ""
        self._terminal.line(wording.how_to_answer(asked.question, language) + keys, "dim")

    def hinted(self, asked: Asked) -> None:
        """Show the hint."""
        self._terminal.line(wording.hint(asked, self._language), "cyan")

    def marked(self, turned: Turned) -> None:
        """Show the feedback."""
        assert turned.marked is not None
        first, *rest = turned.marked.feedback.split("\n")
        self._terminal.line(first, _STYLES[turned.marked.level])
        for line in rest:
            self._terminal.line(line)

    def shown(self, turned: Turned, solution: str) -> None:
        """Show the solution."""
        for line in solution.split("\n"):
            self._terminal.line(line)

    def skipped(self, turned: Turned) -> None:
        """Tell that it was skipped."""
        self._terminal.line(wording.say("skipped", self._language), "dim")

    def decided(self, question: Question, decision: str) -> None:
        """Tell the decision."""
        self._terminal.line(wording.say(decision, self._language, prompt=question.prompt), "cyan")

    def refused(self, error: StudyError) -> None:
        """Show what was wrong with a line."""
        self._terminal.line(f"✗ {error.message}", "yellow")
        self._terminal.line(f"  {error.hint}", "dim")

    def ended(self, sitting: Sitting) -> None:
        """Show the score, what to practise, and how to get the same questions again."""
        self._terminal.line()
        self._terminal.line(wording.summary(sitting.counts(), self._language), "bold")
        if weak := sitting.weak_topics:
            self._terminal.line(self._say("weak", command=f"assistant quiz {shlex.quote(weak[0])}"), "dim")
        self._terminal.line(self._say("again", command=wording.again(sitting.plan, sitting.words)), "dim")

    def _say(self, phrase: str, **values: object) -> str:
        return _TOLD[phrase][self._language is Language.EN].format(**values)


class JsonDoor:
    """A quiz for a program: every event is one JSON object on a line of its own (docs/quiz.md)."""

    def asked(self, asked: Asked) -> None:
        """Write the question, without what would answer it."""
        print_json(events.asked_event(asked))

    def hinted(self, asked: Asked) -> None:
        """Write the hint."""
        print_json(events.hint_event(asked))

    def marked(self, turned: Turned) -> None:
        """Write the mark."""
        print_json(events.turned_event(turned))

    def shown(self, turned: Turned, solution: str) -> None:
        """Write the solution."""
        print_json(events.turned_event(turned))

    def skipped(self, turned: Turned) -> None:
        """Write that it was skipped."""
        print_json(events.turned_event(turned))

    def decided(self, question: Question, decision: str) -> None:
        """Write the decision."""
        print_json(events.decided_event(question, decision))

    def refused(self, error: StudyError) -> None:
        """Write the error."""
        print_json(events.error_event(error))

    def ended(self, sitting: Sitting) -> None:
        """Write the summary."""
        command = wording.again(sitting.plan, sitting.words)
        print_json(events.summary_event(sitting.counts(), sitting.plan, sitting.weak_topics, command))
