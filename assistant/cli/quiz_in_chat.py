"""A short quiz inside the chat: questions and answers at its prompt until they are done or `/quit` is typed."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from assistant.cli.commands.quiz import DIALOGUE, begin, hold
from assistant.cli.quiz_doors import LinesDoor
from assistant.cli.session import Session
from corpus.errors import StudyError

if TYPE_CHECKING:
    from assistant.cli.rendering import Terminal

_COUNT = 3


def quiz_in_chat(session: Session, terminal: Terminal, words: str) -> None:
    """Hold a quiz about `words`, or all notes. Raises `StudyError` where nobody is there to answer."""
    if not (sys.stdin.isatty() and terminal.is_tty):
        raise StudyError(
            "a quiz in the chat needs a terminal", "Use `assistant quiz`, which reads a pipe, too."
        )
    sitting = begin(session, words, count=_COUNT)
    language = sitting.plan.language
    hold(sitting, LinesDoor(terminal, language), DIALOGUE.typed(terminal, language), asks_again=True)
