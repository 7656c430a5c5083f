"""The parts of a segment as files: mapped into memory, and checked before they are believed.

A mapped file is shared by every process that reads it and costs nothing until it is looked at; the smallest are
read. What a file must hold is known by its checksum, and a file is checked whenever it is opened, but for a large
one that has the size and time stamp it was written with: reading gigabytes at every start would cost more than
all answers together. What is lost thereby is a medium that alters a large file without a trace, and
`index.storage.check` finds that.
"""

from __future__ import annotations

import os
import weakref
import zlib
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from index.errors import IndexDamaged

#: A larger file, in bytes, is mapped; and a file larger than the second is believed by its size and time stamp.
READ_UP_TO, CHECKED_UP_TO = 1 << 20, 1 << 25


class Written(NamedTuple):
    """What is known of a part's file: the type of its numbers, its length in bytes, checksum and time stamp."""

    kind: str
    size: int
    checksum: int
    mtime_ns: int


class PartsOnDisk(Mapping[str, NDArray[Any]]):
    """The parts of a segment in its folder, each mapped and checked when first wanted. Raises `IndexDamaged`.

    `folder` changes when a later generation takes the segment over.
    """

    def __init__(self, folder: Path, written: Mapping[str, Written]) -> None:
        self.folder = folder
        self.written = written
        self._mapped: dict[str, NDArray[Any]] = {}
        self._opened: dict[str, int] = {}

    def __getitem__(self, name: str) -> NDArray[Any]:
        if name not in self._mapped:
            written = self.written[name]
            try:
                if not written.size:
                    return np.empty(0, written.kind)
                path = self.folder / f"{name}.bin"
                self._mapped[name] = _mapped(path, written)
                if written.size > READ_UP_TO and hasattr(os, "preadv"):  # Windows has none
                    opened = os.open(path, os.O_RDONLY)
                    weakref.finalize(self, os.close, opened)  # of each, should two threads open it
                    self._opened[name] = opened
            except (OSError, ValueError, TypeError) as error:
                raise damaged(self.folder, error) from error
        return self._mapped[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.written)

    def __len__(self) -> int:
        return len(self.written)

    def rows(self, name: str, rows: NDArray[Any], width: int) -> NDArray[Any]:
        """Return a copy of some rows of `width` numbers of a part, shape (len(rows), width)."""
        whole = self[name].reshape(-1, width)
        if name not in self._opened:
            return np.asarray(whole[rows])
        found = np.empty((len(rows), width), whole.dtype)
        size = width * found.itemsize
        for place, row in zip(found, rows.tolist(), strict=True):
            self._read(name, place.data, row * size)
        return found

    def piece(self, name: str, first: int, last: int) -> bytes:
        """Return a copy of the bytes `first` to `last` (not included) of a part."""
        whole = self[name]
        if name not in self._opened:
            return whole[first:last].tobytes()
        found = bytearray(last - first)
        self._read(name, memoryview(found), first)
        return bytes(found)

    def _read(self, name: str, place: memoryview, begin: int) -> None:
        """Fill `place` from a file by reading.

        A look at a few bytes of a mapping maps what the system thinks fit around them, so that after some hundred
        questions all rows and all text would count as memory of this process.
        """
        if os.preadv(self._opened[name], [place], begin) != place.nbytes:
            raise damaged(self.folder, ValueError(f"{name}.bin was cut"))

    @property
    def _files(self) -> Mapping[str, Written]:
        """The parts that have a file: one of no bytes has none."""
        return {name: written for name, written in self.written.items() if written.size}

    def link(self, target: Path) -> PartsOnDisk | None:
        """Give the same files a second name in `target`, which is made; None where that cannot be done."""
        target.mkdir()
        try:
            for name in self._files:
                os.link(self.folder / f"{name}.bin", target / f"{name}.bin")
        except OSError:  # a file system without links, or the generation was replaced: it is written anew
            for linked in target.iterdir():
                linked.unlink()
            target.rmdir()
            return None
        return PartsOnDisk(target, self.written)

    def check(self) -> None:
        """Read every file and compare its checksum. Raises `IndexDamaged`."""
        for name, written in self._files.items():
            path = self.folder / f"{name}.bin"
            try:
                _check(path, written, np.memmap(path, np.uint8, mode="r").data)
            except (OSError, ValueError) as error:
                raise IndexDamaged(
                    damaged(self.folder, error).message,
                    f"Delete {str(self.folder.parents[1])!r}; the index is then built again from the notes.",
                ) from error


def write(path: Path, values: NDArray[Any]) -> Written:
    """Write `values` to the new file `path`, flushed to disk: raw and little-endian; nothing where they are none."""
    kind = values.dtype.newbyteorder("<")
    data = np.ascontiguousarray(values, kind).reshape(-1).view(np.uint8).data
    if not data.nbytes:
        return Written(kind.str, 0, 0, 0)
    write_flushed(path, data)
    return Written(kind.str, data.nbytes, zlib.crc32(data), path.stat().st_mtime_ns)


def write_flushed(path: Path, data: bytes | memoryview) -> None:
    """Write the new file `path` and flush it to disk."""
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def damaged(path: Path, error: BaseException) -> IndexDamaged:
    """Return what to raise where something at `path` is not what was written."""
    return IndexDamaged(
        f"the index in {str(path)!r} is damaged ({error})", "It is rebuilt from the notes by itself."
    )


def _mapped(path: Path, written: Written) -> NDArray[Any]:
    """Return the numbers in the file at `path`. Raises ValueError where they are not those that were written."""
    about = path.stat()
    if about.st_size != written.size:
        raise ValueError(f"{path.name} has {about.st_size:,} bytes instead of {written.size:,}")
    if written.size <= READ_UP_TO:
        data = path.read_bytes()
        _check(path, written, data)
        return np.frombuffer(data, written.kind)
    mapped = np.memmap(path, written.kind, mode="r")
    stamped = about.st_mtime_ns == written.mtime_ns
    if written.size <= CHECKED_UP_TO or not stamped:
        _check(path, written, mapped.view(np.uint8).data)
    if not stamped:
        with suppress(OSError):  # a copy, and a good one: the next start need not read it all
            os.utime(path, ns=(about.st_atime_ns, written.mtime_ns))
    return np.asarray(mapped)  # a plain array is faster to slice


def _check(path: Path, written: Written, data: bytes | memoryview) -> None:
    if zlib.crc32(data) != written.checksum:
        raise ValueError(f"{path.name} does not match its checksum")
