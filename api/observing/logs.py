"""What the service writes to its log of a fault: its kind, its place and the request. Messages may hold a user's text.

The log is the logger `assistant.api`, which writes to stderr unless the program around it says otherwise.
"""

from __future__ import annotations

import logging
import traceback
from pathlib import Path

LOGGER = logging.getLogger("assistant.api")

_ROOT = Path(__file__).resolve().parents[2]
_ROOMS = frozenset({"corpus", "index", "assistant", "api"})


def note_fault(error: BaseException, request_id: str) -> None:
    """Log where `error` was raised, innermost place last, without a word of its message."""
    LOGGER.error("request %s: %s", request_id, described(error))


def described(error: BaseException) -> str:
    """Return the kind and the place of `error`."""
    return f"{_kinds(error)} at {_places(error)}"


def _kinds(error: BaseException) -> str:
    """Return the class of `error` and of what caused it."""
    kinds: list[str] = []
    cause: BaseException | None = error
    while cause is not None and len(kinds) < 5:
        kinds.append(type(cause).__name__)
        cause = cause.__cause__ or cause.__context__
    return " from ".join(kinds)


def _places(error: BaseException) -> str:
    """Return our own frames and the innermost one as file:line; never source lines, which may hold literals."""
    frames = traceback.StackSummary.extract(traceback.walk_tb(error.__traceback__), lookup_lines=False)
    places = [(Path(frame.filename), frame.lineno) for frame in frames]
    own = [(path.relative_to(_ROOT), line) for path, line in places if _is_ours(path)]
    if places and not _is_ours(places[-1][0]):
        own.append((Path(*places[-1][0].parts[-3:]), places[-1][1]))
    return " > ".join(f"{path.as_posix()}:{line}" for path, line in own) or "an unknown place"


def _is_ours(path: Path) -> bool:
    return path.is_relative_to(_ROOT) and path.relative_to(_ROOT).parts[0] in _ROOMS
