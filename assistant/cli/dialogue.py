"""What a person or a program gives while being asked one thing after another: answers, and commands in their place.

A person types `/skip` or `?` at a prompt or on a pipe; a program writes one JSON object per line. All become the same
pairs, ("answer", text) or (command, words). What a command does is its dialogue's business.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING

from assistant.cli.session import UsageError, lines_of
from assistant.language import Language
from corpus.errors import StudyError
from corpus.plugins import unknown

if TYPE_CHECKING:  # rendering knows the demos, and they load numpy
    from assistant.cli.rendering import Terminal

Given = tuple[str, str]

_COMMAND = re.compile("/[a-z]+")


@dataclass(frozen=True, slots=True)
class Dialogue:
    """A dialogue that knows `commands`; the first asks for a hint, the last ends it. `example` is an answer in JSON.

    What follows a command is dropped, unless it is the one that takes `words`: in JSON its field "prompt".
    """

    commands: Sequence[str]
    example: str = '"…"'
    words: str = ""

    def of_line(self, text: str) -> Given | StudyError:
        """Return what a typed line is; a command that is none is an error, and not a wrong answer."""
        word = text.lower()
        if word in ("?", "？"):
            return self.commands[0], ""
        if word in ("/quit", "/end"):
            return self.commands[-1], ""
        first = word.split(maxsplit=1)[0] if word.strip() else word
        if _COMMAND.fullmatch(first) and first[1:] in self.commands:
            return first[1:], self._words(first[1:], text.strip()[len(first) :].strip())  # /skip now
        if not _COMMAND.fullmatch(word):
            return "answer", text
        return unknown("command", word, [f"/{command}" for command in self.commands])

    def of_event(self, line: str) -> Given | StudyError:
        """Return what a line of JSON is: {"answer": …} or {"command": …}; else the error to report for it."""
        first, *rest = (json.dumps(command) for command in self.commands)
        hint = (
            f'{{"answer": {self.example}}} or {{"command": {first}}}, {", ".join(rest[:-1])} or {rest[-1]}.'
        )
        try:
            event = json.loads(line)
        except (ValueError, RecursionError) as error:
            return UsageError(f"this line is not JSON: {line[:80]!r} ({error})", hint)
        given = event.get("answer")
        if isinstance(given, int | float | list):
            return "answer", json.dumps(given)
        if isinstance(given, str):
            return "answer", given
        if event.get("command") in self.commands:
            return event["command"], self._words(event["command"], str(event.get("prompt", "")).strip())
        return UsageError(f"this event is neither an answer nor a command: {line[:80]!r}", hint)

    def _words(self, command: str, rest: str) -> str:
        return rest if command == self.words else ""

    def lines(self, stream: IO[str], *, keep_blank: bool = False) -> Iterator[Given | StudyError]:
        """Yield what each line of `stream` is, blank ones only where they are kept."""
        return map(self.of_line, lines_of(stream, keep_blank=keep_blank))

    def events(self, stream: IO[str]) -> Iterator[Given | StudyError]:
        """Yield what each line of `stream` is, JSON or typed."""
        for line in lines_of(stream):
            yield self.of_event(line) if line.startswith("{") else self.of_line(line)

    def typed(self, terminal: Terminal, language: Language) -> Iterator[Given | StudyError]:
        """Yield what is typed at the terminal until Ctrl-D. Enter alone answers nothing."""
        from prompt_toolkit import PromptSession
        from prompt_toolkit.formatted_text import ANSI
        from prompt_toolkit.history import InMemoryHistory

        prompt: PromptSession[str] = PromptSession(history=InMemoryHistory())
        sign = "答 › " if language is Language.ZH else "answer › "
        while True:
            try:
                line = prompt.prompt(ANSI(terminal.style(sign, "green"))).strip()
            except KeyboardInterrupt:
                continue  # Ctrl-C at the prompt clears the line, as in a shell
            except EOFError:
                return
            if line:
                yield self.of_line(line)
