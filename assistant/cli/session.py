"""What one run of a command works with: settings, the assistant, and where to print."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from functools import cached_property
from typing import IO, TYPE_CHECKING, Any, TypeVar

from assistant.settings import Settings, read_settings
from corpus.errors import StudyError, UnknownName

if TYPE_CHECKING:
    from assistant.events import Answer
    from assistant.store import Store
    from assistant.study import Assistant

#: Who the person at the terminal is in stored history.
LOCAL_LEARNER = "local"

T = TypeVar("T")

#: Characters of one piped request; what is longer is refused without being read into memory whole.
MAX_LINE = 200_000


class Session:
    """One run of a command, made from its flags."""

    def __init__(self, flags: Mapping[str, str | None]) -> None:
        self._flags = flags
        self._warned: set[str] = set()

    @cached_property
    def settings(self) -> Settings:
        """The settings in force."""
        return read_settings(self._flags)

    @cached_property
    def assistant(self) -> Assistant:
        """The assistant, telling its warnings and its progress on stderr."""
        from assistant.cli.progress import progress_on_stderr
        from assistant.study import Assistant

        return Assistant(self.settings, warn=self.warn, progress=progress_on_stderr())

    @cached_property
    def store(self) -> Store:
        """What is remembered between runs; nothing is opened or created before it is needed."""
        from assistant.store import Store

        return Store(self.settings.home)

    def record(self, answer: Answer) -> None:
        """Remember a question that the notes did not cover. A failing store never spoils an answer."""
        from assistant.events import Status

        if answer.status is Status.NOT_IN_NOTES:
            self.remember(
                lambda: self.store.gaps.record(
                    LOCAL_LEARNER, answer.standalone, answer.nearest, datetime.now(UTC)
                )
            )

    def remember(self, write: Callable[[], T]) -> T | None:
        """Return what `write` returns; where the store cannot be written, warn once and return None."""
        try:
            return write()
        except StudyError as error:
            self.warn(f"{error.message} ({error.hint})")
            return None

    def warn(self, message: str) -> None:
        """Print `message` to stderr, once."""
        if message not in self._warned:
            self._warned.add(message)
            print(message, file=sys.stderr, flush=True)  # noqa: T201


def exit_code(error: StudyError) -> int:
    """Return 2 for what the user can type differently, else 1."""
    from assistant.asking import EmptyQuestion
    from assistant.settings import SettingError
    from index.errors import QueryTooLong

    return (
        2 if isinstance(error, UnknownName | SettingError | EmptyQuestion | QueryTooLong | UsageError) else 1
    )


class UsageError(StudyError):
    """A command called in a way it does not understand."""


def print_json(value: Any) -> None:
    """Write one JSON value on stdout, on one line, with Chinese left readable."""
    print(json.dumps(value, ensure_ascii=False), flush=True)  # noqa: T201


def error_json(error: StudyError) -> dict[str, Any]:
    """Return the JSON of an error that stands in place of an answer."""
    return {"error": {"message": error.message, "hint": error.hint}}


def lines_of(stream: IO[str], *, keep_blank: bool = False) -> Iterator[str]:
    """Yield the lines of `stream` without line ends and, unless kept, without blank ones.

    An endless line comes cut after `MAX_LINE`.
    """
    while line := stream.readline(MAX_LINE):
        rest = line
        while not rest.endswith("\n") and (rest := stream.readline(MAX_LINE)):
            pass
        if keep_blank or line.strip():
            yield line.strip()


def requests_of(stream: IO[str], text_key: str) -> Iterator[dict[str, Any] | StudyError]:
    """Yield one request per line of `stream`: plain text, or a JSON object that has `text_key`.

    A line that is no request is yielded as the error to report for it, so that the other lines are answered.
    """
    for line in lines_of(stream):
        if not line.startswith("{"):
            yield {text_key: line}
            continue
        if len(line) >= MAX_LINE:
            yield UsageError(f"this line is longer than {MAX_LINE:,} characters", "Ask in a few sentences.")
            continue
        try:
            request = json.loads(line)
        except (ValueError, RecursionError) as error:
            yield UsageError(
                f"this line is not JSON: {line[:80]!r} ({error})", "Give plain text or one JSON object."
            )
            continue
        value = request.get(text_key, request.get("question", request.get("query")))
        if isinstance(value, str):
            yield request | {text_key: value}
        else:
            yield UsageError(
                f"this request has no {text_key!r}: {line[:80]!r}", f'For example {{"{text_key}": "…"}}.'
            )
