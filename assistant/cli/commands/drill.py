"""Practise with computed exercises: asked, answered, graded, and wrong answers explained by their mistake."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated

import typer

from assistant.cli.dialogue import Dialogue
from assistant.language import Language
from corpus.errors import StudyError

if TYPE_CHECKING:
    from assistant.cli.drill_doors import DrillDoor
    from assistant.drills.drawing import Plan

_DIALOGUE = Dialogue(("hint", "skip", "end"), example="112")


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
        _hold(plan, JsonDoor(language, name), _DIALOGUE.events(sys.stdin), asks_again=True)
    elif sys.stdin.isatty() and terminal.is_tty:
        _hold(plan, LinesDoor(terminal, language, name), _DIALOGUE.typed(terminal, language), asks_again=True)
    else:
        answers = _DIALOGUE.lines(sys.stdin, keep_blank=True)
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
