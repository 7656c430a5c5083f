"""The root of every error a user can cause: what happened, with the value, and the way out."""

from __future__ import annotations

from pathlib import Path


class StudyError(Exception):
    """An error shown to the user as `message` and `hint`, never as a traceback.

    `message` says what happened and names the offending value; `hint` is one command or one sentence
    that mends it. Doors decide how to render it; nothing below a door prints.
    """

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message}\n{self.hint}" if self.hint else self.message


class NoteError(StudyError):
    """A note that cannot be read. The other notes are still read; the error is reported beside them."""

    def __init__(self, path: Path, message: str, hint: str = "", line: int | None = None) -> None:
        super().__init__(message, hint)
        self.path = path
        self.line = line


class UnknownName(StudyError):
    """A name (command, demo, reader, setting) that does not exist; the hint offers the nearest ones."""
