"""Notes that come in through a door: files in HOME/notes, nowhere else. Nothing is overwritten or deleted for good.

A note that is replaced or deleted moves to HOME/trash, where whoever sits at the machine can take it back. Writers take
turns by a lock file, in this process and beside it.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from ulid import ULID

from assistant.study import Assistant
from corpus import reading
from corpus.atomic import write_bytes
from corpus.check.engine import check_notes
from corpus.check.findings import Finding
from corpus.errors import StudyError, UnknownName
from corpus.note_names import with_note_names
from corpus.types import Note


class NotStudied(StudyError):
    """The setting `notes` replaces HOME/notes, so that a note put there would be studied by nobody."""


class NameTaken(StudyError):
    """There is a note of that name."""


class UnreadableNote(StudyError):
    """What was sent is no note of the kind that its name says."""


class NoteFiles:
    """The notes in HOME/notes of `assistant`. Names are plain file names, checked by `api.access.uploads.safe_name`."""

    def __init__(self, assistant: Assistant) -> None:
        self._assistant = assistant
        home = assistant.settings.home
        self.folder, self._trash, self._lock = home / "notes", home / "trash", home / "notes.lock"

    def put(self, name: str, data: bytes, *, replace: bool = False) -> tuple[Path, bool]:
        """Write a note and return its path and whether one was replaced; it is whole or not there.

        Raises `NotStudied`, `UnreadableNote`, `NameTaken`, and `StudyError` where nothing can be written.
        """
        self._check_studied()
        path = self._path(name)
        try:
            reading.read(path, data)
        except StudyError as error:
            message = error.message.replace(repr(str(path)), repr(name))
            raise UnreadableNote(message, error.hint) from error
        with self._writing():
            there = path.exists() or path.is_symlink()
            if there and not replace:
                raise NameTaken(f"there is a note {name!r} already", "To replace it: ?replace=true")
            if there:
                shutil.copy2(path, self._in_trash(name), follow_symlinks=False)
            write_bytes(path, data)
        return path, there

    def delete(self, name: str) -> Path:
        """Move a note to the trash and return where it lies now. Raises `UnknownName` and `StudyError`."""
        path = self._path(name)
        with self._writing():
            if not (path.is_file() or path.is_symlink()):
                raise UnknownName(
                    f"there is no note {name!r} that was uploaded",
                    "GET /api/v1/notes lists them by `name`; others are removed with: assistant notes remove PATH",
                )
            target = self._in_trash(name)
            shutil.move(path, target)
        return target

    def name_of(self, path: str) -> str | None:
        """Return the name under which the note at `path` can be replaced and deleted, None where it cannot."""
        found = Path(path)
        return found.name if found.parent == self.folder else None

    def check(self, path: Path) -> Sequence[Finding]:
        """Return the faults in the note at `path`, by itself."""
        return self._findings([reading.read(path)])

    def check_text(self, name: str, text: str) -> Sequence[Finding]:
        """Return the faults in `text`, as if it were the note `name`. Raises `UnreadableNote`."""
        try:
            return self._findings([reading.read(self._path(name), text.encode())])
        except StudyError as error:
            raise UnreadableNote(error.message.replace(str(self.folder / name), name), error.hint) from error

    def check_all(self) -> Sequence[Finding]:
        """Return the faults in all notes. Raises `StudyError` where none can be read."""
        return self._findings(reading.read_notes(self._assistant.note_roots).notes)

    def _findings(self, notes: Sequence[Note]) -> Sequence[Finding]:
        names = (note.front_matter for note in notes if note.front_matter)
        return check_notes(notes, with_note_names(self._assistant.glossary, names))

    def _check_studied(self) -> None:
        if self._assistant.settings.notes:
            raise NotStudied(
                "the setting `notes` (ASSISTANT_NOTES) is in force, so a note that is uploaded would not be studied",
                "Put the file among those notes, or start the server without that setting.",
            )

    def _path(self, name: str) -> Path:
        assert Path(name).name == name, "safe_name has seen to it"
        return self.folder / name

    def _in_trash(self, name: str) -> Path:
        self._trash.mkdir(parents=True, exist_ok=True)
        return self._trash / f"{ULID()}-{name}"

    @contextmanager
    def _writing(self) -> Iterator[None]:
        from filelock import FileLock

        try:
            self._lock.parent.mkdir(parents=True, exist_ok=True)
            with FileLock(self._lock, timeout=30):
                yield
        except OSError as error:  # a lock that stays taken is one too
            reason = error.strerror or type(error).__name__
            raise StudyError(
                f"notes cannot be written: {reason}", "See that HOME is writable, then try again."
            ) from error
