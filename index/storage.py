"""A built index on disk: written in one step, mapped when read, never half there.

Layout under the folder of one set of notes:

    CURRENT            name of the generation in use, replaced atomically
    generation-<id>/   manifest.json, and a folder a segment with a file a part
    building-<id>/     an unfinished build; whatever is found here is a leftover and is removed

A generation is written into a `building-` folder, flushed, renamed, and only then named in CURRENT, so a
`kill -9` at any moment leaves either the old generation or the new one. Segments that stay are hard links to
the files of the generation before, so that a small change is a small write. How a part is checked before it is
believed is said in `index.parts_on_disk`.
"""

from __future__ import annotations

import json
import shutil
import uuid
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, astuple, fields
from pathlib import Path
from types import TracebackType
from typing import Any

from corpus.atomic import flush_directory, write_bytes
from index import records
from index.generations import Fingerprint, Generation, Place, SourceFile
from index.parts_on_disk import PartsOnDisk, Written, damaged, write, write_flushed
from index.segments import Parts, Segment

#: Bumped when the layout on disk changes; an index of another format is rebuilt.
FORMAT = 4

_UNREADABLE = (OSError, ValueError, KeyError, TypeError, RuntimeError, IndexError, AttributeError)


class Building:
    """A generation being written: segments are put, and `commit` makes it the current one. Implements `Shelf`.

    Left without a commit, nothing of it stays: a disk that is full must not be kept full. Raises OSError where
    `folder` cannot be written. The caller holds the folder's lock.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._name = f"generation-{uuid.uuid4().hex[:12]}"
        self._building = folder / self._name.replace("generation", "building")

    def __enter__(self) -> Building:
        self._building.mkdir(parents=True)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        shutil.rmtree(self._building, ignore_errors=True)

    def put(self, name: str, size: int, parts: Iterable[Parts]) -> Segment:
        """Write the parts of a segment, one after the other, and return it as it is then read."""
        folder = self._building / name
        folder.mkdir()
        written: dict[str, Written] = {}
        for some in parts:
            for part, values in some.items():
                written[part] = write(folder / f"{part}.bin", values)
        flush_directory(folder)
        return Segment(name, size, PartsOnDisk(folder, written))

    def commit(self, generation: Generation) -> None:
        """Make `generation` the current one and remove what it replaces.

        Raises `IndexDamaged` where a segment that is taken over turns out damaged.
        """
        placed = {segment.name: self._placed(segment) for segment in generation.segments.values()}
        for folder in self._building.iterdir():
            if folder.name not in placed:  # joined with others since it was put
                shutil.rmtree(folder)
        manifest = _manifest(generation, placed)
        write_flushed(self._building / "manifest.json", manifest)
        flush_directory(self._building)
        self._building.rename(self._folder / self._name)
        flush_directory(self._folder)
        if (self._folder / "CURRENT").is_dir():  # nothing of ours, and it would be in the way for ever
            shutil.rmtree(self._folder / "CURRENT")
        write_bytes(self._folder / "CURRENT", f"{self._name} {zlib.crc32(manifest)}\n".encode())
        for name, segment in generation.segments.items():
            if isinstance(segment.parts, PartsOnDisk):
                segment.parts.folder = self._folder / self._name / name
        tidy(self._folder)

    def _placed(self, segment: Segment) -> PartsOnDisk:
        """Return the parts of `segment` in the folder of this building, linked or written if need be."""
        target = self._building / segment.name
        if isinstance(segment.parts, PartsOnDisk):
            if segment.parts.folder == target:
                return segment.parts
            if linked := segment.parts.link(target):
                return linked
        placed = self.put(segment.name, segment.size, [segment.parts]).parts
        assert isinstance(placed, PartsOnDisk)
        return placed


def save(folder: Path, generation: Generation) -> None:
    """Write `generation` as the current one of `folder`; see `Building`."""
    with Building(folder) as building:
        building.commit(generation)


def leftovers(folder: Path) -> list[Path]:
    """Return the folders that CURRENT does not name: what a killed program left, or another is writing."""
    name = current(folder).partition(" ")[0]
    return [path for path in folder.iterdir() if path.is_dir() and path.name != name] if name else []


def tidy(folder: Path) -> None:
    """Remove every leftover. The caller holds the folder's lock."""
    for leftover in leftovers(folder):
        shutil.rmtree(leftover, ignore_errors=True)


def _manifest(generation: Generation, placed: Mapping[str, PartsOnDisk]) -> bytes:
    files = zip(generation.files, generation.places, strict=True)
    return records.line(
        {
            "format": FORMAT,
            "fingerprint": asdict(generation.fingerprint),
            "built_at_ns": generation.built_at_ns,
            "files": [[*astuple(file), *astuple(place)] for file, place in files],
            "problems": dict(generation.problems),
            "segments": {
                name: {"size": segment.size, "parts": dict(placed[name].written)}
                for name, segment in generation.segments.items()
            },
        }
    )


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
        raise damaged(folder / "CURRENT", error) from error
    try:
        name, checksum = text.split()
        if Path(name).name != name:
            raise ValueError(f"{name!r} is not a folder name")
        data = (folder / name / "manifest.json").read_bytes()
        if zlib.crc32(data) != int(checksum):
            raise ValueError("manifest.json does not match its checksum")
        manifest = json.loads(data)
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
                segment: Segment(segment, about["size"], _parts(folder / name / segment, about["parts"]))
                for segment, about in manifest["segments"].items()
            },
        )
        if whole:
            generation.open()
    except _UNREADABLE as error:
        raise damaged(folder, error) from error
    return generation


def _parts(folder: Path, written: Mapping[str, list[Any]]) -> PartsOnDisk:
    return PartsOnDisk(folder, {part: Written(*about) for part, about in written.items()})


def check(generation: Generation) -> None:
    """Read everything that is stored of `generation` and compare checksums. Raises `IndexDamaged`.

    Finds what `load` does not look for, a large file that was altered and has its old size and time stamp.
    """
    for segment in generation.segments.values():
        if isinstance(segment.parts, PartsOnDisk):
            segment.parts.check()
