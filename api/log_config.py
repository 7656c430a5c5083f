"""Logs without a word of anybody's: where a server writes them and what it leaves out.

There is no access log: an address holds what was searched for. Messages of libraries may hold a body, a token or an
exception with a question in it, so only who speaks and where is kept of them; our own and the web server's are plain.
"""

from __future__ import annotations

import logging
import sys
import threading
from typing import Any

from api.observing.logs import LOGGER, described

_PLAIN = ("assistant", "api", "uvicorn")


class Wordless(logging.Formatter):
    """One line a record, in which exceptions are their kind and place."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line of `record`."""
        is_plain = record.name.partition(".")[0] in _PLAIN
        said = record.getMessage().strip() if is_plain else f"{record.pathname}:{record.lineno}"
        line = f"{self.formatTime(record)} {record.levelname} {record.name}: {said}"
        error = record.exc_info[1] if record.exc_info else None
        return f"{line}: {described(error)}" if error else line


#: For `logging.config`, and for uvicorn, which passes it on to its workers.
LOG_CONFIG: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"wordless": {"()": Wordless}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "wordless"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {"uvicorn.access": {"handlers": [], "propagate": False}},
}


def quieten() -> None:
    """Log what Python would print with its message: errors that end a thread, or that nobody can catch."""

    def of_thread(arguments: threading.ExceptHookArgs) -> None:
        if arguments.exc_value is not None:
            LOGGER.error("in a thread: %s", described(arguments.exc_value))

    def of_nobody(unraisable: Any) -> None:
        if unraisable.exc_value is not None:
            LOGGER.error("in passing: %s", described(unraisable.exc_value))

    threading.excepthook = of_thread
    sys.unraisablehook = of_nobody
