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
# How often a file is read anew that changes while it is read: an editor is done by then, a log never.
_ATTEMPTS = 4


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


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The whole of a file, and its stamps at that moment."""

    data: bytes
    size: int
    mtime_ns: int
    ctime_ns: int


def find(paths: Sequence[Path]) -> Found:
    """Return the notes under files and folders with all their subfolders, as absolute paths, reading none.

    The order is that of `paths`, and by name within a folder. Hidden files and folders are skipped, and a
    file reached twice (by a link, or named twice) is found once. A link is followed inside the folder that
    was given, and named in the problems where it leads out of it: a stray link must not make a home folder
    into notes. Raises `StudyError` for a path that does not exist, and where there is no note at all.
    """
    readers = _readers()
    found: dict[str, str] = {}
    problems: dict[Path, str] = {}
    empty: list[StudyError] = []
    for given in paths:
        root = os.path.abspath(given.expanduser())  # noqa: PTH100 -- resolve() would rename linked files
        if not os.path.lexists(root):
            raise StudyError(f"there is no file or folder {str(given)!r}", "Check the path.")
        before = len(found) + len(problems)
        real = os.path.realpath(root)
        files = _files(root, real, readers, problems) if Path(root).is_dir() else [(root, real)]
        reached = False
        for path, real in files:
            reached = True
            found.setdefault(real, path)
        if not reached and len(found) + len(problems) == before:
            kinds = ", ".join(sorted(readers))
            error = StudyError(f"there are no notes in {str(given)!r}", f"Notes are files ending in {kinds}.")
            problems[Path(root)] = error.message
            empty.append(error)
    if empty and not found and len(problems) == len(empty):
        raise empty[0]
    return Found(tuple(map(Path, found.values())), problems)


def snapshot(path: Path) -> Snapshot:
    """Return what is in the file at `path`, all of it as it was at one moment. Raises `NoteError`."""
    try:
        for _ in range(_ATTEMPTS):
            _check_kind(path, path.stat())  # before it is opened: a named pipe would be waited for
            with open(path, "rb", opener=_open_at_once) as file:
                before = os.fstat(file.fileno())
                _check_kind(path, before)
                data = file.read()
                after = os.fstat(file.fileno())
            if _stamps(before) == _stamps(after) and len(data) == after.st_size:
                return Snapshot(data, *_stamps(after))
    except OSError as error:
        hint = "Check its permissions."
        raise NoteError(path, f"{str(path)!r} cannot be read: {error.strerror or error}", hint) from None
    raise NoteError(path, f"{str(path)!r} keeps changing while it is read", "Try again when it is at rest.")


def read(path: Path, data: bytes | None = None) -> Note:
    """Return the note in the file at `path`, whose content is `data` where it is known. Raises `NoteError`."""
    reader = _readers().get(path.suffix.lower())
    if reader is None:
        kinds = ", ".join(sorted(_readers()))
        raise NoteError(path, f"{str(path)!r} is not a kind of note", f"Notes are files ending in {kinds}.")
    try:
        return reader.read(path, snapshot(path).data if data is None else data)
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


def suffixes() -> frozenset[str]:
    """Return the endings, in lower case, of files that are notes."""
    return frozenset(_readers())


@cache
def _readers() -> dict[str, Reader]:
    """Return every reader by suffix; of two readers of one suffix, the one first by name."""
    found: dict[str, Reader] = {}
    for name in plugins.items(GROUP):
        reader = cast(Reader, plugins.load(GROUP, name, kind="reader"))
        for suffix in reader.SUFFIXES:
            found.setdefault(suffix, reader)
    return found


def _files(
    root: str, real_root: str, readers: Mapping[str, Reader], problems: dict[Path, str]
) -> Iterator[tuple[str, str]]:
    """Yield the path and the real path of the notes below `root`, sorted; no folder is entered twice.

    A link's real path is asked of the system; that of anything else is known from its folder's. With a
    system call a file, 50,000 files would take seconds at every start of the program.
    """
    entered: set[str] = set()
    waiting = [(root, real_root)]
    while waiting:
        here, real_here = waiting.pop()
        if real_here in entered:
            continue
        entered.add(real_here)
        try:
            with os.scandir(here) as listing:
                entries = sorted((e for e in listing if not e.name.startswith(".")), key=lambda e: e.name)
        except OSError as error:
            problems[Path(here)] = f"{here!r} cannot be read: {error.strerror}"
            continue
        folders: list[tuple[str, str]] = []
        for entry in entries:
            is_note = os.path.splitext(entry.name)[1].lower() in readers  # noqa: PTH122 -- a third of the time
            real = os.path.join(real_here, entry.name)  # noqa: PTH118 -- likewise
            if entry.is_symlink():
                real = os.path.realpath(entry.path)
                if not (is_note or entry.is_dir()):
                    continue
                if problem := _link_problem(entry.path, real, real_root):
                    problems[Path(entry.path)] = problem
                    continue
            if entry.is_dir():
                folders.append((entry.path, real))
            elif is_note:
                yield entry.path, real
        waiting += reversed(folders)


def _link_problem(path: str, real: str, real_root: str) -> str:
    """Return why the link at `path` is not followed, or the empty string."""
    if not os.path.exists(real):  # noqa: PTH110
        return f"{path!r} cannot be read: the link leads nowhere"
    if os.path.commonpath([real, real_root]) != real_root:
        return f"{path!r} is a link out of the notes, to {real!r}, and is not followed; add that path itself"
    return ""


def _check_kind(path: Path, about: os.stat_result) -> None:
    """Raise `NoteError` for what is no regular file and for one that is too large."""
    if not stat.S_ISREG(about.st_mode):
        raise NoteError(path, f"{str(path)!r} is not a regular file", "Move it away.")
    if about.st_size > MAX_BYTES:
        size = about.st_size / 2**20
        hint = "Split it into smaller notes."
        raise NoteError(path, f"{str(path)!r} is too large: {size:.0f} MB of at most 64 MB", hint)


def _open_at_once(path: str, flags: int) -> int:
    """Open a file, never waiting for the other end of a pipe that took its place a moment ago."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def _stamps(about: os.stat_result) -> tuple[int, int, int]:
    return about.st_size, about.st_mtime_ns, about.st_ctime_ns
