"""A built index on disk: written in one step, checked when read, never half there.

Layout under the folder of one set of notes:

    CURRENT            name of the generation in use, replaced atomically
    generation-<id>/   manifest.json, and a folder a segment: arrays, topics.jsonl, passages.jsonl
    building-<id>/     an unfinished build; whatever is found here is a leftover and is removed

A generation is written into a `building-` folder, flushed, renamed, and only then named in CURRENT, so a
`kill -9` at any moment leaves either the old generation or the new one. Segments that stay are hard links to
the files of the generation before, so that a small change is a small write. Every file's checksum is in the
manifest and the manifest's own is in CURRENT: a damaged file is noticed and the index is built again from the
notes, which are never touched.
"""

from __future__ import annotations

import json
import os
import shutil
import uuid
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, astuple, fields
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpus.atomic import flush_directory, write_bytes
from corpus.types import Topic
from index import records
from index.errors import IndexDamaged
from index.lexical import Postings
from index.segments import KEY_BYTES, Fingerprint, Generation, Keys, Place, Segment, SourceFile, Span
from index.types import Vectors

#: Bumped when the layout on disk changes; an index of another format is rebuilt.
FORMAT = 2

# Raw and little-endian, so that the bytes that were checked are the array.
_POSTINGS = {"hashes": "<u8", "starts": "<i8", "rows": "<i4", "counts": "<f4", "lengths": "<f8"}
_UNREADABLE = (OSError, ValueError, KeyError, TypeError, RuntimeError, IndexError, AttributeError)


def save(folder: Path, generation: Generation) -> None:
    """Write `generation` as the current one of `folder` and remove what it replaces.

    Raises OSError where the folder cannot be written, and `IndexDamaged` where a segment that is taken over
    turns out damaged. The caller holds the folder's lock.
    """
    folder.mkdir(parents=True, exist_ok=True)
    name = f"generation-{uuid.uuid4().hex[:12]}"
    building = folder / name.replace("generation", "building")
    try:
        manifest = _write(building, generation)
        building.rename(folder / name)
    except BaseException:  # a disk that is full must not be kept full
        shutil.rmtree(building, ignore_errors=True)
        raise
    flush_directory(folder)
    if (folder / "CURRENT").is_dir():  # nothing of ours, and it would be in the way for ever
        shutil.rmtree(folder / "CURRENT")
    write_bytes(folder / "CURRENT", f"{name} {zlib.crc32(manifest)}\n".encode())
    for segment in generation.segments.values():
        if isinstance(segment.source, _Files):
            segment.source.folder = folder / name / segment.name
    tidy(folder)


def leftovers(folder: Path) -> list[Path]:
    """Return the folders that CURRENT does not name: what a killed program left, or another is writing."""
    name = current(folder).partition(" ")[0]
    return [path for path in folder.iterdir() if path.is_dir() and path.name != name] if name else []


def tidy(folder: Path) -> None:
    """Remove every leftover. The caller holds the folder's lock."""
    for leftover in leftovers(folder):
        shutil.rmtree(leftover, ignore_errors=True)


def _write(building: Path, generation: Generation) -> bytes:
    """Write the files of `generation` into the new folder `building`; return the manifest, written last."""
    building.mkdir()
    segments: dict[str, dict[str, Any]] = {}
    for segment in generation.segments.values():
        target = building / segment.name
        target.mkdir()
        checksums = _linked(segment, target) or _dumped(segment, target)
        segments[segment.name] = {"size": segment.size, "checksums": checksums}
        flush_directory(target)
    files = zip(generation.files, generation.places, strict=True)
    manifest = records.line(
        {
            "format": FORMAT,
            "fingerprint": asdict(generation.fingerprint),
            "built_at_ns": generation.built_at_ns,
            "files": [[*astuple(file), *astuple(place)] for file, place in files],
            "problems": dict(generation.problems),
            "segments": segments,
        }
    )
    _write_flushed(building / "manifest.json", manifest)
    flush_directory(building)
    return manifest


def _linked(segment: Segment, target: Path) -> dict[str, int]:
    """Link the files that `segment` was read from into `target`; return their checksums, {} where that fails."""
    if not isinstance(segment.source, _Files):
        return {}
    try:
        for file in segment.source.checksums:
            os.link(segment.source.folder / file, target / file)
    except OSError:  # a file system without links, or the generation was replaced: it is written anew
        for linked in target.iterdir():
            linked.unlink()
        return {}
    return dict(segment.source.checksums)


def _dumped(segment: Segment, target: Path) -> dict[str, int]:
    """Write the files of `segment` into `target`; return their checksums."""
    checksums: dict[str, int] = {}

    def write(file: str, data: bytes) -> None:
        checksums[file] = zlib.crc32(data)
        _write_flushed(target / file, data)

    arrays = {name: getattr(segment.postings, name) for name in _POSTINGS}
    for name, values in (arrays | {"vectors": segment.vectors, "keys": segment.keys}).items():
        write(f"{name}.bin", values.astype(values.dtype.newbyteorder("<"), copy=False).tobytes())
    topics = segment.source.topics()
    write("topics.jsonl", b"".join(map(records.topic_line, topics)))
    write("passages.jsonl", b"".join(records.passage_line(p) for topic in topics for p in topic.passages))
    return checksums


def current(folder: Path) -> str:
    """Return what CURRENT says, "" where it says nothing: another text is another generation."""
    try:
        return (folder / "CURRENT").read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        return ""


def load(folder: Path, *, whole: bool = True) -> Generation | None:
    """Return the current generation of `folder`, None where there is none or it has another format.

    Without `whole` only the manifest is read, and of the segments what is wanted when it is wanted. Raises
    `IndexDamaged` when a file is missing, altered or unreadable; without `whole` that may come later.
    """
    try:
        text = (folder / "CURRENT").read_text("utf-8")
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise _damaged(folder / "CURRENT", error) from error
    try:
        name, checksum = text.split()
        if Path(name).name != name:
            raise ValueError(f"{name!r} is not a folder name")
        manifest = json.loads(_read_checked(folder / name / "manifest.json", int(checksum)))
        if manifest["format"] != FORMAT:
            return None
        own = len(fields(SourceFile))
        generation = Generation(
            fingerprint=Fingerprint(**manifest["fingerprint"]),
            built_at_ns=manifest["built_at_ns"],
            files=tuple(SourceFile(*file[:own]) for file in manifest["files"]),
            places=tuple(Place(*file[own:]) for file in manifest["files"]),
            problems=manifest["problems"],
            segments={
                segment: Segment(
                    segment, about["size"], _Files(folder / name / segment, about["checksums"], about["size"])
                )
                for segment, about in manifest["segments"].items()
            },
        )
        if whole:
            generation.load()
    except _UNREADABLE as error:
        raise _damaged(folder, error) from error
    return generation


class _Files:
    """The parts of a segment, read from its folder. Implements `index.segments.Source`.

    `folder` changes when a later generation takes the segment over.
    """

    def __init__(self, folder: Path, checksums: Mapping[str, int], size: int) -> None:
        self.folder = folder
        self.checksums = checksums
        self._size = size

    def topics(self, spans: Sequence[Span] | None = None) -> tuple[Topic, ...]:
        """Return the topics of `spans`, or all."""
        topics, passages = self._read("topics.jsonl").split(b"\n"), self._read("passages.jsonl").split(b"\n")
        if spans is None:
            spans = [Span(slice(len(topics) - 1), slice(None))]  # behind the last line end is no line
        try:
            return tuple(
                topic
                for span in spans
                for topic in records.read_topics(topics[span.topics], iter(passages[span.rows]))
            )
        except (*_UNREADABLE, StopIteration) as error:
            raise _damaged(self.folder, error) from error

    def postings(self) -> Postings:
        """Return the postings."""
        return Postings(**{name: self._array(name, dtype) for name, dtype in _POSTINGS.items()})

    def vectors(self) -> Vectors:
        """Return the vectors, shape (size, dimension)."""
        return self._array("vectors", "<f4").reshape(self._size, -1)

    def keys(self) -> Keys:
        """Return the keys, shape (size,)."""
        return self._array("keys", f"V{KEY_BYTES}")

    def _array(self, name: str, dtype: str) -> NDArray[Any]:
        try:
            return np.frombuffer(self._read(f"{name}.bin"), dtype)
        except ValueError as error:
            raise _damaged(self.folder, error) from error

    def _read(self, file: str) -> bytes:
        try:
            return _read_checked(self.folder / file, self.checksums[file])
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise _damaged(self.folder, error) from error


def _damaged(path: Path, error: BaseException) -> IndexDamaged:
    return IndexDamaged(
        f"the index in {str(path)!r} is damaged ({error})", "It is rebuilt from the notes by itself."
    )


def _read_checked(path: Path, checksum: int) -> bytes:
    data = path.read_bytes()
    if zlib.crc32(data) != checksum:
        raise ValueError(f"{path.name} does not match its checksum")
    return data


def _write_flushed(path: Path, data: bytes) -> None:
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
