"""Note files as an index knows them: read and split once, then recognised as unchanged for as little as can be."""

from __future__ import annotations

import hashlib
import os
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from corpus import reading, splitting
from corpus.errors import StudyError
from corpus.types import Topic
from index.generations import SourceFile

# A file changed within this time before it was indexed may change again without a new time stamp.
_STAMP_RESOLUTION_NS = 2_000_000_000


def read(path: Path) -> tuple[SourceFile, tuple[Topic, ...], str]:
    """Return the file at `path` as it is now, its topics, and what is wrong with it or the empty string."""
    size, mtime_ns, ctime_ns, digest = -1, 0, 0, ""
    topics: tuple[Topic, ...] = ()
    try:
        try:
            snapshot = reading.snapshot(path)
        except StudyError:
            with suppress(OSError):  # its stamps, so that it is looked at again only when they change
                about = path.stat()
                size, mtime_ns, ctime_ns = about.st_size, about.st_mtime_ns, about.st_ctime_ns
            raise
        size, mtime_ns, ctime_ns = snapshot.size, snapshot.mtime_ns, snapshot.ctime_ns
        digest = _digest(snapshot.data)
        note = reading.read(path, snapshot.data)
        topics, problem = splitting.split_note(note), note.warning
    except StudyError as error:
        problem = error.message
    passages = sum(len(topic.passages) for topic in topics)
    return SourceFile(str(path), size, mtime_ns, ctime_ns, digest, len(topics), passages), topics, problem


def unchanged(file: SourceFile, built_at_ns: int) -> SourceFile | None:
    """Return `file` with its present stamps if it is as it was: by stamps that can be trusted, or by content."""
    try:
        about = os.stat(file.path)  # noqa: PTH116 -- a Path for each of 50,000 files would take as long again
    except OSError:
        return file if file.size == -1 else None
    stamps = about.st_mtime_ns, about.st_ctime_ns
    if about.st_size != file.size:
        return None
    if stamps == (file.mtime_ns, file.ctime_ns) and max(stamps) < built_at_ns - _STAMP_RESOLUTION_NS:
        return file
    try:
        digest = _digest(reading.snapshot(Path(file.path)).data)
    except StudyError:
        digest = ""
    return replace(file, mtime_ns=stamps[0], ctime_ns=stamps[1]) if digest == file.digest else None


def _digest(data: bytes) -> str:
    return hashlib.blake2b(data, digest_size=20).hexdigest()
