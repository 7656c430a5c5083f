"""Mends a file by the edits of its findings, and by nothing else: every other byte stays as it is.

Encoding, byte order mark and line ends are kept. A file whose bytes cannot be written back exactly is left
alone and said.
"""

from __future__ import annotations

import codecs
import difflib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from corpus.atomic import write_bytes
from corpus.check.findings import Edit, Finding
from corpus.errors import NoteError

_LINE_END = re.compile(r"\r\n|\r|\n")
_MARKS = {codecs.BOM_UTF8: "utf-8", codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}


@dataclass(frozen=True, slots=True)
class Mending:
    """The bytes of a file before and after its edits."""

    path: Path
    before: bytes
    after: bytes
    diff: str

    def write(self) -> None:
        """Replace the file in one step. Raises `NoteError` where it has changed since, or cannot be written."""
        try:
            if self.path.read_bytes() != self.before:
                raise NoteError(
                    self.path, f"{str(self.path)!r} was changed meanwhile", "Run the check again."
                )
            # A link stays a link: what it leads to is replaced.
            target = self.path.resolve()
            mode = target.stat().st_mode
            write_bytes(target, self.after)
            target.chmod(mode & 0o7777)
        except OSError as error:
            message = f"{str(self.path)!r} cannot be written: {error.strerror or error}"
            raise NoteError(self.path, message, "Check its permissions.") from None


def mend(path: Path, findings: Iterable[Finding]) -> Mending | None:
    """Return how the fixes among `findings` would change the file at `path`, or None if they would not.

    Raises `NoteError` for a file that has changed since it was read, or that cannot be rewritten exactly.
    """
    edits = sorted({f.fix for f in findings if f.fix and f.path == path}, key=lambda e: (e.line, e.start))
    if not edits:
        return None
    try:
        before = path.read_bytes()
    except OSError as error:
        message = f"{str(path)!r} cannot be read: {error.strerror or error}"
        raise NoteError(path, message, "Check its permissions.") from None
    text, encoding, mark = _decoded(path, before)
    changed = apply(text, edits, path)
    diff = "".join(_diff(path, text, changed))
    return Mending(path, before, mark + changed.encode(encoding), diff) if changed != text else None


def apply(text: str, edits: Iterable[Edit], path: Path = Path()) -> str:
    """Return `text` after `edits`, which are by line and column. Of two that overlap the first counts.

    Raises `NoteError` where an edit's `old` does not stand where it says.
    """
    starts = [0, *(match.end() for match in _LINE_END.finditer(text))]
    newline = match[0] if (match := _LINE_END.search(text)) else "\n"
    parts: list[str] = []
    at = 0
    for edit in sorted(edits, key=lambda e: (e.line, e.start)):
        start = starts[edit.line - 1] + edit.start if edit.line <= len(starts) else len(text) + 1
        if start < at:
            continue
        if start > len(text) or not text.startswith(edit.old, start):
            raise NoteError(path, f"{str(path)!r} was changed meanwhile", "Run the check again.")
        parts += [text[at:start], edit.new.replace("\n", newline)]
        at = start + len(edit.old)
    return "".join([*parts, text[at:]])


def _decoded(path: Path, data: bytes) -> tuple[str, str, bytes]:
    """Return text, encoding and byte order mark, such that encoding the text again gives the same bytes."""
    mark = next((m for m in _MARKS if data.startswith(m)), b"")
    for encoding in [_MARKS[mark]] if mark else ["utf-8", "gb18030"]:
        try:
            text = data[len(mark) :].decode(encoding)
            if mark + text.encode(encoding) == data:
                return text, encoding, mark
        except UnicodeError:
            continue
    raise NoteError(path, f"{str(path)!r} holds broken characters and is left as it is", "Save it as UTF-8.")


def _diff(path: Path, before: str, after: str) -> Iterator[str]:
    """Yield a unified diff (line ends as `\\n`, so that only what differs is shown)."""
    old, new = (_LINE_END.sub("\n", text).split("\n") for text in (before, after))
    for line in difflib.unified_diff(old, new, f"a/{path.name}", f"b/{path.name}", lineterm="", n=1):
        yield f"{line}\n"
