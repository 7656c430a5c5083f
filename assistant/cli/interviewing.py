"""An interview as a dialogue at a door: lines go to the conductor, what it says goes to the door.

Leaving in any way loses nothing: every turn was kept before the next one is waited for.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from assistant.cli.dialogue import Dialogue, Given
from assistant.cli.interview_doors import InterviewDoor, toolbar
from assistant.cli.rendering import Terminal
from assistant.interview.conductor import Conductor
from assistant.interview.interviewer import Interviewer
from assistant.language import Language
from assistant.store.errors import StoreError
from assistant.store.interviews import InterviewOvertaken
from corpus.errors import StudyError

if TYPE_CHECKING:
    from prompt_toolkit.key_binding import KeyBindings

COMMANDS = ("hint", "skip", "repeat", "pause", "resume", "help", "end")
DIALOGUE = Dialogue(COMMANDS)


def hold(
    conductor: Conductor, interviewer: Interviewer, door: InterviewDoor, given: Iterable[Given | StudyError]
) -> bool:
    """Take lines until the interview ends or nobody gives any more; return whether it was left by Ctrl-C.

    An interview that is left is paused.
    """
    is_interrupted = False
    try:
        _take(conductor, door, given)
    except KeyboardInterrupt:
        is_interrupted = True
    if conductor.has_ended:
        door.ended(interviewer.report_of(conductor.state))
        return is_interrupted
    try:
        conductor.pause()
    except InterviewOvertaken:
        pass  # it goes on elsewhere, and is not ours to stop
    except StoreError as error:
        door.refused(error)
    door.paused(conductor)
    return is_interrupted


def _take(conductor: Conductor, door: InterviewDoor, given: Iterable[Given | StudyError]) -> None:
    for line in given:
        if isinstance(line, StudyError):
            door.refused(line)
            continue
        kind, text = line
        if kind == "help":
            door.helped()
            continue
        try:
            door.waiting()
            moves = conductor.answer(text if kind == "answer" else f"/{kind}")
        except InterviewOvertaken as error:
            door.refused(error)
            conductor.reload()
            moves = conductor.latest
        except StudyError as error:  # nothing has changed, and the question waits
            door.refused(error)
            continue
        door.said(conductor, moves)
        if conductor.has_ended:
            return


def typed(terminal: Terminal, conductor: Conductor) -> Iterator[Given | StudyError]:
    """Yield what is typed at the terminal until Ctrl-D; Ctrl-C is raised. Enter alone says nothing."""
    from prompt_toolkit import PromptSession
    from prompt_toolkit.completion import WordCompleter
    from prompt_toolkit.formatted_text import ANSI
    from prompt_toolkit.history import InMemoryHistory

    prompt: PromptSession[str] = PromptSession(
        history=InMemoryHistory(),
        multiline=True,
        key_bindings=_keys(),
        bottom_toolbar=lambda: toolbar(conductor),
        refresh_interval=1.0,
        completer=WordCompleter([f"/{name}" for name in COMMANDS], sentence=True),
        complete_while_typing=False,
        prompt_continuation="     ",
    )
    is_chinese = conductor.state.plan.language is Language.ZH
    sign = ANSI("\n" + terminal.style("答 › " if is_chinese else "you › ", "green"))
    while True:
        try:
            line = prompt.prompt(sign).strip()
        except EOFError:
            return
        if line:
            yield DIALOGUE.of_line(line)


def _keys() -> KeyBindings:
    """Return keys for answers of several lines: Enter sends, Alt-Enter or a backslash before Enter breaks the line."""
    from prompt_toolkit.key_binding import KeyBindings

    keys = KeyBindings()

    @keys.add("enter")
    def _send(event: Any) -> None:
        buffer = event.current_buffer
        if buffer.document.text_before_cursor.endswith("\\"):
            buffer.delete_before_cursor()
            buffer.insert_text("\n")
        else:
            buffer.validate_and_handle()

    @keys.add("escape", "enter")
    def _break(event: Any) -> None:
        event.current_buffer.insert_text("\n")

    return keys
