"""Events on a terminal: text wrapped as it streams, tools as they run, sources at the end."""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Iterable
from itertools import groupby
from pathlib import Path
from typing import IO

from assistant.answering.demo_choice import call
from assistant.cli.wrapping import StreamWrapper
from assistant.events import Answer, Cited, Done, Event, Notice, Status, Text, Thought, ToolRan, Waiting
from assistant.language import language_of, say
from corpus.types import Location, LocationKind

_STYLES = {"dim": "2", "cyan": "36", "yellow": "33", "bold": "1", "green": "32"}
_MARKER = re.compile(r"\[\d+\]")
_BOLD = re.compile(r"\*\*(?=\S)(.+?)(?<=\S)\*\*")


class Terminal:
    """Prints to `out`. Colour and wrapping only where `out` is a terminal; `NO_COLOR` is honoured."""

    def __init__(self, out: IO[str] | None = None) -> None:
        self.out = sys.stdout if out is None else out
        self.is_tty = self.out.isatty()
        self.colour = self.is_tty and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
        self.width = min(shutil.get_terminal_size().columns, 100) if self.is_tty else 0
        self._passing = 0  # cells of the line that is to go again

    def style(self, text: str, style: str) -> str:
        """Return `text` in a style, or as it is where there is no colour."""
        return f"\x1b[{_STYLES[style]}m{text}\x1b[0m" if self.colour and text else text

    def write(self, text: str) -> None:
        """Write and flush."""
        self.out.write(text)
        self.out.flush()

    def line(self, text: str = "", style: str = "") -> None:
        """Write one wrapped line."""
        wrapper = StreamWrapper(self.width)
        wrapped = wrapper.feed(text) + wrapper.finish()
        self.write((self.style(wrapped, style) if style else wrapped) + "\n")

    def passing(self, text: str) -> None:
        """Show one line that is to go again, on a terminal only: `passed` takes it away."""
        from rich.cells import cell_len, set_cell_size

        self.passed()
        if self.is_tty:
            shown = set_cell_size(text, self.width - 1).rstrip() if cell_len(text) >= self.width else text
            self._passing = cell_len(shown)
            self.write(self.style(shown, "dim"))

    def passed(self) -> None:
        """Take the passing line away. Blanks do it on every terminal, without an escape sequence."""
        if self._passing:
            self.write("\r" + " " * self._passing + "\r")
            self._passing = 0

    def entry(self, what: str, where: str, style: str = "") -> None:
        """Write `what`, wrapped, and behind it `where` in one piece: a broken path cannot be opened."""
        from rich.cells import cell_len

        wrapper = StreamWrapper(self.width)
        wrapped = wrapper.feed(what) + wrapper.finish()
        last = wrapped.rpartition("\n")[2]
        fits = not self.width or cell_len(f"{last} · {where}") <= self.width
        styled = self.style(wrapped, style) if style else wrapped
        self.write(styled + self.style(" · " if fits else "\n    ", "dim") + self.style(where, "dim") + "\n")


class AnswerRenderer:
    """Renders the events of one answer."""

    def __init__(self, terminal: Terminal, *, show_thoughts: bool = False) -> None:
        self._terminal = terminal
        self._wrapper = StreamWrapper(terminal.width)
        self._show_thoughts = show_thoughts
        self._at_line_start = self._after_line = True
        self._after_blank = False
        self._thinking = False

    def render(self, event: Event) -> None:
        """Show one event."""
        self._terminal.passed()
        if self._thinking and not isinstance(event, Thought):
            self._end_of_thoughts()
        match event:
            case Text(text):
                self._text(text)
            case Thought(text) if self._show_thoughts:
                self._thought(text)
            case Waiting(text):
                if self._at_line_start:
                    self._terminal.passing(text)
            case ToolRan(run, told=False):
                self._fresh_line()
                failed = "error" in run.result
                self._terminal.line(f"⚙ {call(run)}{' ✗' if failed else ''}", "yellow" if failed else "green")
            case Notice(text):
                self._fresh_line()
                self._terminal.line(text, "dim")
            case Done(answer):
                self._fresh_line()
                self._sources(answer)
            case Cited() | Thought() | ToolRan():
                pass

    def interrupted(self, question: str) -> None:
        """Say that the answer was broken off."""
        self._terminal.passed()
        self._end_of_thoughts()
        self._fresh_line()
        self._terminal.line(say("interrupted", language_of(question)), "yellow")

    def _text(self, text: str) -> None:
        shown = self._wrapper.feed(text)
        style = self._terminal.style
        if self._terminal.colour:
            shown = _BOLD.sub(lambda m: style(m[1], "bold"), shown)
        self._terminal.write(_MARKER.sub(lambda m: style(m[0], "cyan"), shown))
        self._at_line_start = text.endswith("\n")
        self._after_blank = text.endswith("\n\n") or (text == "\n" and self._after_line)
        self._after_line = self._at_line_start

    def _thought(self, text: str) -> None:
        if not self._thinking:
            self._fresh_line()
            self._thinking = True
        self._terminal.write(self._terminal.style(self._wrapper.feed(text), "dim"))
        self._at_line_start = text.endswith("\n")

    def _end_of_thoughts(self) -> None:
        """Put a blank line between what was thought and what is said, so that nobody takes one for the other."""
        if self._thinking:
            self._terminal.write(self._terminal.style(self._wrapper.finish(), "dim"))
            self._fresh_line()
            self._terminal.line()
            self._thinking = False

    def _fresh_line(self) -> None:
        self._terminal.write(self._wrapper.finish() + ("" if self._at_line_start else "\n"))
        self._wrapper = StreamWrapper(self._terminal.width)
        self._at_line_start = True

    def _sources(self, answer: Answer) -> None:
        if not self._after_blank:
            self._terminal.line()
        if answer.status is Status.ANSWERED and answer.citations:
            self._terminal.line(say("sources", language_of(answer.question)), "bold")
            for (path, headings), quoted in groupby(answer.citations, key=lambda c: (c.path, c.heading_path)):
                citations = list(quoted)
                numbers = "".join(f"[{citation.n}]" for citation in citations)
                where = place(path, *(citation.location for citation in citations))
                self._terminal.entry(f"{numbers} {heading(headings)}", where)
                copies = [copy for citation in citations for copy in citation.also]
                if places := ", ".join(dict.fromkeys(place(copy.path, copy.location) for copy in copies)):
                    told = say("also_in", language_of(answer.question), places=places)
                    self._terminal.line(f"    {told}", "dim")
        self._terminal.line(f"— {answer.mode} · {answer.timings.get('total', 0.0):.2f} s", "dim")


def heading(path: Iterable[str]) -> str:
    """Return a heading path on one line, a title that repeats itself once."""
    return " › ".join(dict.fromkeys(path))


def place(path: str | Path, *locations: Location) -> str:
    """Return where things stand in a file, in the form editors open: `path:first-last`, further ones after commas."""
    spans = [f"{at.first}" if at.first == at.last else f"{at.first}-{at.last}" for at in locations]
    kind = locations[0].kind
    where = short_path(str(path))
    return (
        f"{where}:{','.join(spans)}"
        if kind is LocationKind.LINES
        else f"{where} ({kind.value} {', '.join(spans)})"
    )


def short_path(path: str) -> str:
    """Return `path` relative to the working or home folder where that is shorter."""
    for base, prefix in ((Path.cwd(), ""), (Path.home(), "~/")):
        try:
            return prefix + str(Path(path).relative_to(base))
        except ValueError:
            continue
    return path
