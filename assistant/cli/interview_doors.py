"""The two ways an interview is shown: lines for a person, or one JSON event per line for a program.

Both only show. What follows on a line is `assistant.interview`'s business.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from assistant.cli.rendering import Terminal, short_path
from assistant.cli.session import print_json
from assistant.interview import events, writing
from assistant.interview.conductor import Conductor
from assistant.interview.report import Report
from assistant.interview.types import Act, Move, Phase
from assistant.language import Language
from corpus.errors import StudyError

_TOLD = {
    "interviewer": ("面试官：{text}", "Interviewer: {text}"),
    "feedback": ("点评：{text}", "Feedback: {text}"),
    "question": ("第 {n}/{of} 题 · 已用 {time}", "Question {n} of {of} · {time} so far"),
    "resumed": ("接着 {id} 这场面试。", "Going on with the interview {id}."),
    "open_question": (
        "第 {n}/{of} 题 · {topic}：{question}", "Question {n} of {of} · {topic}: {question}"
    ),
    "keys": (
        "回车发送，Alt+回车换行；/hint 提示，/skip 跳过，/help 看全部，Ctrl-C 暂停。",
        "Enter sends, Alt-Enter breaks the line; /hint, /skip, /help for all, Ctrl-C pauses.",
    ),
    "help": (
        "/hint    要一个提示（算用过提示）\n/skip    跳过这一题\n/repeat  再说一遍问题\n/pause   停表，/resume 接着来\n"
        "/end     结束面试，出报告\n回车发送；换行用 Alt+回车，或者在行尾打一个反斜杠再回车；粘贴多行也行。\n"
        "Ctrl-C 或 Ctrl-D 暂停并离开，以后能接着来。",
        "/hint    a hint, which counts as one\n/skip    leave this question\n/repeat  hear the question again\n"
        "/pause   stop the clock, /resume goes on\n/end     end the interview and see the report\n"
        "Enter sends. Alt-Enter breaks the line, and so does a backslash before Enter; pasting lines works.\n"
        "Ctrl-C or Ctrl-D pauses and leaves; you can go on later.",
    ),
    "paused": (
        "已暂停，说过的都保存了。接着来：assistant interview resume {id}",
        "Paused; all that was said is kept. To go on: assistant interview resume {id}",
    ),
    "export": (
        "存成网页：assistant interview report {id} --to report.html（或 .md、.json）",
        "As a page: assistant interview report {id} --to report.html (or .md, .json)",
    ),
    "thinking": ("面试官在记录……", "The interviewer takes notes …"),
}  # fmt: skip


class InterviewDoor(Protocol):
    """Shows what happens in an interview, in its language."""

    def began(self, conductor: Conductor, *, resumed: bool) -> None:
        """Show which interview it is."""

    def said(self, conductor: Conductor, moves: Iterable[Move]) -> None:
        """Show what the interviewer says."""

    def waiting(self) -> None:
        """Show that an answer is being judged."""

    def helped(self) -> None:
        """Show what can be typed."""

    def refused(self, error: StudyError) -> None:
        """Show that a line did not count, and why."""

    def paused(self, conductor: Conductor) -> None:
        """Tell how to go on later."""

    def ended(self, report: Report) -> None:
        """Show the report."""


class LinesDoor:
    """An interview for a person, in `language`. `is_slow`: a model judges, so that one has to wait."""

    def __init__(self, terminal: Terminal, language: Language, *, is_slow: bool = False) -> None:
        self._terminal = terminal
        self._language = language
        self._is_slow = is_slow
        self._has_spoken = False

    def began(self, conductor: Conductor, *, resumed: bool) -> None:
        """Say that it goes on, and how to type."""
        if resumed:
            self._terminal.line(self._say("resumed", id=conductor.interview_id), "dim")
            self._recall(conductor)
        if self._terminal.is_tty:
            self._terminal.line(self._say("keys"), "dim")

    def said(self, conductor: Conductor, moves: Iterable[Move]) -> None:
        """Show each sentence; above a main question its number and the time."""
        self._terminal.passed()
        for move in moves:
            if self._has_spoken:
                self._terminal.line()
            self._has_spoken = True
            if move.act is Act.QUESTION:
                of, n = conductor.state.plan.questions, conductor.number
                heading = self._say("question", n=n, of=of, time=clock(conductor.elapsed))
                self._terminal.line(heading, "bold")
            if move.act is Act.FEEDBACK:
                self._terminal.line(self._say("feedback", text=move.text), "yellow")
            else:
                self._terminal.line(self._say("interviewer", text=move.text))

    def _recall(self, conductor: Conductor) -> None:
        """Show the main question again: a follow-up says little to somebody who was away."""
        state = conductor.state
        if state.waiting:
            item = state.plan.item(state.waiting.item_id)
            n, of = conductor.number, state.plan.questions
            told = self._say("open_question", n=n, of=of, topic=item.topic, question=item.prompt)
            self._terminal.line(told, "dim")

    def waiting(self) -> None:
        """Show it where it takes long."""
        if self._is_slow:
            self._terminal.passing(self._say("thinking"))

    def helped(self) -> None:
        """Show the keys."""
        for line in self._say("help").split("\n"):
            self._terminal.line(line, "dim")

    def refused(self, error: StudyError) -> None:
        """Show what was wrong."""
        self._terminal.passed()
        self._terminal.line(f"✗ {error.message}", "yellow")
        self._terminal.line(f"  {error.hint}", "dim")

    def paused(self, conductor: Conductor) -> None:
        """Tell how to go on."""
        self._terminal.passed()
        self._terminal.line()
        self._terminal.line(self._say("paused", id=conductor.interview_id), "yellow")

    def ended(self, report: Report) -> None:
        """Show the report, and how to keep it."""
        show(report, self._terminal)
        self._terminal.line(self._say("export", id=report.interview_id), "dim")

    def _say(self, phrase: str, **values: object) -> str:
        return say(phrase, self._language, **values)


class JsonDoor:
    """An interview for a program: every event is one JSON object on a line of its own (docs/interviews.md)."""

    def began(self, conductor: Conductor, *, resumed: bool) -> None:
        """Write what the interview is."""
        print_json({"event": "session", **events.session_dict(conductor), "resumed": resumed})

    def said(self, conductor: Conductor, moves: Iterable[Move]) -> None:
        """Write each sentence, and of a question what it is, without what would answer it."""
        for move in moves:
            print_json(events.move_event(conductor, move))

    def waiting(self) -> None:
        """Write nothing."""

    def helped(self) -> None:
        """Write what can be sent."""
        print_json({"event": "help", "text": say("help", Language.EN)})

    def refused(self, error: StudyError) -> None:
        """Write the error."""
        print_json({"event": "error", "message": error.message, "hint": error.hint})

    def paused(self, conductor: Conductor) -> None:
        """Write how to go on."""
        command = f"assistant interview resume {conductor.interview_id}"
        print_json({"event": "left", "interview": conductor.interview_id, "command": command})

    def ended(self, report: Report) -> None:
        """Write the report."""
        print_json({"event": "report", **writing.to_dict(report)})


def show(report: Report, terminal: Terminal) -> None:
    """Show `report` on the terminal."""
    for text, style in writing.lines(report, shorten=short_path):
        if style == "dim" and text.startswith("  "):
            terminal.write(
                terminal.style(text, style) + "\n"
            )  # a place in one piece, so that it can be opened
        else:
            terminal.line(text, style)


def toolbar(conductor: Conductor) -> str:
    """Return the line under the prompt: the time used and left, and which question it is."""
    plan = conductor.state.plan
    left = clock(max(0.0, plan.seconds - conductor.elapsed))
    used, n, of = clock(conductor.elapsed), conductor.number, plan.questions
    if conductor.state.phase is Phase.PAUSED:
        return " 已暂停，/resume 接着来" if plan.language is Language.ZH else " paused; /resume goes on"
    if plan.language is Language.ZH:
        return f" 已用 {used} · 还剩 {left} · 第 {n}/{of} 题 · /help"
    return f" {used} used · {left} left · question {n} of {of} · /help"


def clock(seconds: float) -> str:
    """Return a time as a clock shows it: 3:07."""
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes}:{rest:02}"


def say(phrase: str, language: Language, /, **values: object) -> str:
    """Return a fixed sentence in `language` with its values filled in."""
    return _TOLD[phrase][language is Language.EN].format(**values)
