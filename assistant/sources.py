"""Which files and folders are studied beside the shipped notes: registered paths, kept in HOME/sources.json.

The files themselves are never copied, moved, changed or deleted: citations point at them where they are.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from pathlib import Path

from corpus.atomic import write_bytes
from corpus.errors import StudyError, UnknownName

_VERSION = 1


class Sources:
    """The registered paths, absolute and in the order they were added. Nothing is written before the first."""

    def __init__(self, home: Path) -> None:
        self.file = home / "sources.json"

    def paths(self) -> tuple[Path, ...]:
        """Return every registered path. Raises `StudyError` for a file that cannot be understood."""
        try:
            data = self.file.read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return ()
        except OSError as error:
            raise self._unusable(error.strerror or str(error)) from error
        try:
            content = json.loads(data.decode("utf-8", "surrogatepass"))
        except ValueError as error:
            raise self._unusable(f"it is not JSON: {error}") from error
        if not isinstance(content, dict) or not isinstance(content.get("version"), int):
            raise self._unusable("it has no version")
        if content["version"] > _VERSION:
            raise StudyError(
                f"{str(self.file)!r} is of version {content['version']}, written by a newer program",
                "Update the program: pip install --upgrade interview-study-assistant",
            )
        sources = content.get("sources")
        if not isinstance(sources, list) or not all(isinstance(s, str) and os.path.isabs(s) for s in sources):  # noqa: PTH117
            raise self._unusable("its sources are not a list of absolute paths")
        return tuple(map(Path, sources))

    def add(self, paths: Iterable[Path]) -> tuple[Path, ...]:
        """Register `paths`; return those that were not registered yet."""
        known = self.paths()
        new = tuple(path for path in dict.fromkeys(map(absolute, paths)) if path not in known)
        if new:
            self._write((*known, *new))
        return new

    def remove(self, paths: Iterable[Path]) -> tuple[Path, ...]:
        """Forget `paths`; return them. Raises `UnknownName`, changing nothing, where one is not registered."""
        known = self.paths()
        gone = tuple(dict.fromkeys(self._registered(path, known) for path in paths))
        if gone:
            self._write(tuple(path for path in known if path not in gone))
        return gone

    def _registered(self, path: Path, known: tuple[Path, ...]) -> Path:
        wanted = absolute(path)
        if wanted in known:
            return wanted
        from difflib import get_close_matches

        names = [str(path) for path in known]
        same_name = [str(path) for path in known if path.name == wanted.name]
        near = same_name or get_close_matches(str(wanted), names, n=3, cutoff=0.6)
        if near:
            hint = f"Did you mean {' or '.join(map(repr, near))}?"
        else:
            hint = "See them with: assistant notes list" if names else "Nothing was added so far."
        raise UnknownName(f"{str(wanted)!r} was not added", hint)

    def _write(self, paths: tuple[Path, ...]) -> None:
        content = {"version": _VERSION, "sources": [str(path) for path in paths]}
        text = json.dumps(content, ensure_ascii=False, indent=1)
        try:
            write_bytes(self.file, text.encode("utf-8", "surrogatepass") + b"\n")
        except OSError as error:
            raise StudyError(
                f"{str(self.file)!r} cannot be written: {error.strerror or error}",
                "Set ASSISTANT_HOME to a folder of yours.",
            ) from error

    def _unusable(self, reason: str) -> StudyError:
        return StudyError(
            f"the list of your notes, {str(self.file)!r}, cannot be read: {reason}",
            "Mend it, or move it away and add your notes again: assistant notes add PATH",
        )


def absolute(path: Path) -> Path:
    """Return `path` as it is registered: absolute, `~` and `..` resolved, links kept as the user wrote them."""
    try:
        return Path(os.path.abspath(path.expanduser()))  # noqa: PTH100 -- resolve() would rename linked files
    except RuntimeError as error:  # ~nobody
        raise StudyError(f"there is no file or folder {str(path)!r}", "Check the path.") from error
