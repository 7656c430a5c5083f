"""Writes what was made to a file of the user's: whole or not at all, and never over one that is there unasked."""

from __future__ import annotations

import sys
from pathlib import Path

from assistant.cli.session import UsageError
from corpus.errors import StudyError


def check_free(path: Path, *, force: bool) -> None:
    """Raise `UsageError` where something stands at `path`, before any work is done for it."""
    if path.is_dir():
        raise UsageError(f"{str(path)!r} is a folder", "Give the name of a file.")
    if not path.absolute().parent.is_dir():
        raise UsageError(f"there is no folder {str(path.parent)!r}", "Make it first, or give another name.")
    if path.exists() and not force:
        raise UsageError(f"{str(path)!r} is there already", "Give another name, or --force to replace it.")


def write(path: Path, data: bytes, *, force: bool) -> None:
    """Write `data` to `path` in one step. Raises `UsageError` where that is taken, `StudyError` where it fails."""
    from corpus.atomic import write_bytes

    check_free(path, force=force)
    try:
        write_bytes(path, data)
    except OSError as error:
        raise StudyError(f"{str(path)!r} cannot be written ({error.strerror or error})") from error


def deliver(text: str, to: Path | None, told: str, *, force: bool) -> None:
    """Write `text` to the file `to` and say so on stderr, or to standard output where no file is named."""
    if to is None:
        sys.stdout.write(text)
        sys.stdout.flush()
        return
    write(to, text.encode("utf-8", "replace"), force=force)
    print(told, file=sys.stderr, flush=True)  # noqa: T201
