"""One thing looked at, whether it works, and the command that mends it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from corpus.errors import StudyError


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at. `needed`: without it nothing works; otherwise it only makes things better.

    `mend` is a command, or a sentence where no command can do it; every finding that does not work has one.
    """

    name: str
    works: bool
    says: str
    mend: str = ""
    needed: bool = True


def tried(name: str, look: Callable[[], str], *, needed: bool = True) -> Finding:
    """Return what `look` says, or the error that it raises as a fault."""
    try:
        return Finding(name, True, look(), needed=needed)
    except StudyError as error:
        return Finding(name, False, error.message, error.hint, needed)
