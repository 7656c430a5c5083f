"""Practise with computed exercises: asked, answered, graded, and wrong answers explained by their mistake."""

from __future__ import annotations

import json as json_
import sys
from collections.abc import Iterable, Iterator
from typing import IO, TYPE_CHECKING, Annotated

import typer

from assistant.cli.session import UsageError, lines_of
from assistant.language import Language
from corpus.errors import StudyError

if TYPE_CHECKING:
    from assistant.cli.drill_doors import DrillDoor
    from assistant.cli.rendering import Terminal
    from assistant.drills.drawing import Plan

#: What may be typed in place of an answer -> the command of the JSON protocol.
_KEYS = {"?": "hint", "？": "hint", "/hint": "hint", "/skip": "skip", "/end": "end", "/quit": "end"}
_COMMANDS = ("hint", "skip", "end")


def command(
    name: Annotated[
        str, typer.Argument(help="A demo or a topic such as 感受野; without it, a mix of all demos.")
    ] = "",
    count: Annotated[int, typer.Option("-n", min=1, max=1000, help="How many questions.")] = 5,
    seed: Annotated[
        int | None, typer.Option("--seed", min=0, help="The same seed asks the same questions.")
    ] = None,
    level: Annotated[
        int | None, typer.Option("--level", min=1, max=3, help="1 easy to 3 hard; without it 1, 2, 3, 1, …")
    ] = None,
    lang: Annotated[
        Language | None, typer.Option("--lang", help="Language of the drill; without it that of NAME, or zh.")
    ] = None,
    json: Annotated[
        bool, typer.Option("--json", help="One JSON event per line, in both directions (docs/drills.md).")
    ] = False,
) -> None:
    """Drill with exercises whose numbers a demo computes: `assistant drill conv_cost`, `assistant drill 感受野`.

    Answer with numbers: 112, 112x112, 1.5e-3, 3/4, 75%. `?` gives a hint, `/skip` goes on, `/end` or Ctrl-D
    ends. Piped, every line of standard input answers one question.
    """
    from assistant.cli.drill_doors import JsonDoor, LinesDoor
    from assistant.cli.rendering import Terminal
    from assistant.drills.drawing import Plan, names_for
    from assistant.drills.wording import language_for

    names = names_for(name)
    if seed is None:
        import secrets

        seed = secrets.randbelow(10**6)
    language = lang or language_for(name)
    plan = Plan(names, seed, count, level)
    terminal = Terminal()
    if json:
        _hold(plan, JsonDoor(language, name), _events(sys.stdin), asks_again=True)
    elif sys.stdin.isatty() and terminal.is_tty:
        _hold(plan, LinesDoor(terminal, language, name), _typed(terminal, language), asks_again=True)
    else:
        answers = map(_line, lines_of(sys.stdin, keep_blank=True))
        _hold(plan, LinesDoor(terminal, language, name), answers, asks_again=False)


def _hold(
    plan: Plan, door: DrillDoor, given: Iterable[tuple[str, str] | StudyError], *, asks_again: bool
) -> None:
    """Ask until the questions or the answers end. `asks_again` after one that cannot be read."""
    from assistant.drills import wording
    from assistant.drills.drill import answer, hint, skip, start

    drill = start(plan)
    lines = iter(given)
    if drill.question:
        door.asked(drill.question)
    while (question := drill.question) and (line := next(lines, None)):
        if isinstance(line, StudyError):
            door.refused(line)
            continue
        kind, text = line
        if kind == "end":
            break
        if kind == "hint":
            drill = hint(drill)
            door.hinted(question)
            continue
        drill, graded = skip(drill) if kind == "skip" else answer(drill, text, is_final=not asks_again)
        if drill.question is question:
            door.refused(wording.not_read(graded, door.language))
            continue
        door.graded(graded)
        if drill.question:
            door.asked(drill.question)
    door.ended(drill)


def _line(text: str) -> tuple[str, str]:
    """Return what a typed line is: ("answer", text) or one of the commands."""
    return (_KEYS[text.lower()], "") if text.lower() in _KEYS else ("answer", text)


def _events(stream: IO[str]) -> Iterator[tuple[str, str] | StudyError]:
    """Yield what each line says: {"answer": …}, {"command": …} or plain text; or the error to report for it."""
    for line in lines_of(stream):
        yield _event(line) if line.startswith("{") else _line(line)


def _event(line: str) -> tuple[str, str] | StudyError:
    hint = '{"answer": "112"} or {"command": "hint"}, "skip" or "end".'
    try:
        event = json_.loads(line)
    except (ValueError, RecursionError) as error:
        return UsageError(f"this line is not JSON: {line[:80]!r} ({error})", hint)
    given = event.get("answer")
    if isinstance(given, int | float | list) and not isinstance(given, bool):
        return "answer", json_.dumps(given)
    if isinstance(given, str):
        return "answer", given
    if event.get("command") in _COMMANDS:
        return event["command"], ""
    return UsageError(f"this event is neither an answer nor a command: {line[:80]!r}", hint)


def _typed(terminal: Terminal, language: Language) -> Iterator[tuple[str, str]]:
    """Yield what is typed at the terminal until Ctrl-D."""
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
        if line:  # Enter alone answers nothing; /skip gives up
            yield _line(line)
