"""Files and folders to notes: which files there are, and which reader reads each.

It knows no format: a reader is a module of the entry-point group `assistant.readers` with

    SUFFIXES: tuple[str, ...]                       # lower case, with the dot
    def read(path: Path, data: bytes) -> Note: ...  # raises NoteError

A file that cannot be read is reported beside the notes and never stops them.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Protocol, cast

from corpus import plugins
from corpus.errors import NoteError, StudyError
from corpus.types import Note, Reading

GROUP = "assistant.readers"
MAX_BYTES = 64 * 2**20


class Reader(Protocol):
    """A module that reads files of its suffixes."""

    SUFFIXES: tuple[str, ...]

    def read(self, path: Path, data: bytes) -> Note:
        """Return the note in `data`, the whole of the file at `path`. Raises `NoteError`."""
        ...


@dataclass(frozen=True, slots=True)
class Found:
    """The files to read, in order, and what could not even be looked at."""

    files: tuple[Path, ...]
    problems: Mapping[Path, str] = field(default_factory=dict)


def find(paths: Sequence[Path]) -> Found:
    """Return the notes under files and folders with all their subfolders, as absolute paths, reading none.

    The order is that of `paths`, and by name within a folder. Hidden files and folders are skipped, and a
    file reached twice (by a link, or named twice) is found once. Raises `StudyError` for a path that does
    not exist and for a folder without notes.
    """
    readers = _readers()
    found: dict[Path, Path] = {}
    problems: dict[Path, str] = {}
    for given in paths:
        root = Path(os.path.abspath(given.expanduser()))  # noqa: PTH100 -- resolve() would rename linked files
        if not os.path.lexists(root):
            raise StudyError(f"there is no file or folder {str(given)!r}", "Check the path.")
        files = list(_files(root, readers, problems)) if root.is_dir() else [root]
        if not files and not any(root in p.parents or root == p for p in problems):
            kinds = ", ".join(sorted(readers))
            raise StudyError(f"there are no notes in {str(given)!r}", f"Notes are files ending in {kinds}.")
        for path in files:
            found.setdefault(Path(os.path.realpath(path)), path)
    return Found(tuple(found.values()), problems)


def read(path: Path) -> Note:
    """Return the note in the file at `path`. Raises `NoteError`."""
    try:
        return _read(path, _readers())
    except StudyError:
        raise
    except Exception as error:  # a reader may be anybody's, and one file must not stop the others
        raise NoteError(path, f"{str(path)!r}: {type(error).__name__}: {error}", "Check the file.") from error


def read_notes(paths: Sequence[Path]) -> Reading:
    """Read everything that `find` finds; a file that cannot be read is a problem beside the notes.

    Raises `StudyError` as `find` does, and where not one file could be read.
    """
    found = find(paths)
    notes: list[Note] = []
    problems = dict(found.problems)
    for path in found.files:
        try:
            notes.append(read(path))
        except StudyError as error:
            problems[path] = str(error)
    if problems and not notes:
        raise StudyError("none of the notes could be read", "\n".join(problems.values()))
    return Reading(tuple(notes), problems, {note.path: note.warning for note in notes if note.warning})


@cache
def _readers() -> dict[str, Reader]:
    """Return every reader by suffix; of two readers of one suffix, the one first by name."""
    found: dict[str, Reader] = {}
    for name in plugins.items(GROUP):
        reader = cast(Reader, plugins.load(GROUP, name, kind="reader"))
        for suffix in reader.SUFFIXES:
            found.setdefault(suffix, reader)
    return found


def _files(folder: Path, readers: dict[str, Reader], problems: dict[Path, str]) -> Iterator[Path]:
    """Yield the notes below `folder`, sorted; a folder reached again through a link is not entered again."""
    entered: set[str] = set()

    def unreadable(error: OSError) -> None:
        problems[Path(error.filename)] = f"{error.filename!r} cannot be read: {error.strerror}"

    for here, folders, files in os.walk(folder, followlinks=True, onerror=unreadable):
        if (real := os.path.realpath(here)) in entered:
            folders.clear()
            continue
        entered.add(real)
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            if not name.startswith(".") and Path(name).suffix.lower() in readers:
                yield Path(here, name)


def _read(path: Path, readers: dict[str, Reader]) -> Note:
    reader = readers.get(path.suffix.lower())
    if reader is None:
        kinds = ", ".join(sorted(readers))
        raise NoteError(path, f"{str(path)!r} is not a kind of note", f"Notes are files ending in {kinds}.")
    try:
        about = path.stat()
        if not stat.S_ISREG(about.st_mode):  # a named pipe would be waited for
            raise NoteError(path, f"{str(path)!r} is not a regular file", "Move it away.")
        if about.st_size > MAX_BYTES:
            size = about.st_size / 2**20
            hint = "Split it into smaller notes."
            raise NoteError(path, f"{str(path)!r} is too large: {size:.0f} MB of at most 64 MB", hint)
        return reader.read(path, path.read_bytes())
    except OSError as error:
        hint = "Check its permissions."
        raise NoteError(path, f"{str(path)!r} cannot be read: {error.strerror or error}", hint) from None
