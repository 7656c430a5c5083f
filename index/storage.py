"""A built index on disk: written in one step, checked when opened, never half there.

Layout under the folder of one set of notes:

    CURRENT            name of the generation in use, replaced atomically
    generation-<id>/   manifest.json, topics.jsonl, passages.jsonl, arrays.npz's members, dense.faiss
    building-<id>/     an unfinished build; whatever is found here is a leftover and is removed

A generation is written into a `building-` folder, flushed, renamed, and only then named in CURRENT, so a
`kill -9` at any moment leaves either the old generation or the new one. Every file's checksum is in the
manifest and the manifest's own is in CURRENT: a damaged file is noticed and the index is built again from the
notes, which are never touched.
"""

from __future__ import annotations

import io
import json
import os
import shutil
import uuid
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from corpus.atomic import flush_directory, write_bytes
from corpus.types import FrontMatter, Location, LocationKind, Passage, Topic
from index.dense import FaissIndex
from index.errors import IndexDamaged
from index.lexical import LexicalIndex

#: Bumped when the layout on disk changes; an index of another format is rebuilt.
FORMAT = 1

_ARRAYS = ("hashes", "starts", "rows", "scores", "idf")


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A note file as it was when indexed: enough to tell cheaply whether it has changed since."""

    path: str
    size: int
    mtime_ns: int
    ctime_ns: int
    digest: str
    topics: int


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What an index was built with. Where one part differs, what depends on it is made again."""

    splitter: str
    terms: str
    embedder: str


@dataclass(frozen=True, slots=True)
class Generation:
    """Everything an index holds. `files[i].topics` topics belong to file i, in order."""

    fingerprint: Fingerprint
    built_at_ns: int
    files: tuple[SourceFile, ...]
    problems: Mapping[str, str]
    topics: tuple[Topic, ...]
    lexical: LexicalIndex
    dense: FaissIndex


def save(folder: Path, generation: Generation) -> None:
    """Write `generation` as the current one of `folder` and remove what it replaces.

    Raises OSError where the folder cannot be written. The caller holds the folder's lock.
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
    for leftover in folder.iterdir():
        if leftover.is_dir() and leftover.name != name:
            shutil.rmtree(leftover, ignore_errors=True)


def _write(building: Path, generation: Generation) -> bytes:
    """Write the files of `generation` into the new folder `building`; return the manifest, written last."""
    building.mkdir()
    checksums: dict[str, int] = {}
    for file, data in _files(generation).items():
        checksums[file] = zlib.crc32(data)
        _write_flushed(building / file, data)
    manifest = _json(
        {
            "format": FORMAT,
            "fingerprint": asdict(generation.fingerprint),
            "built_at_ns": generation.built_at_ns,
            "files": [asdict(file) for file in generation.files],
            "problems": dict(generation.problems),
            "size": generation.lexical.size,
            "checksums": checksums,
        }
    )
    _write_flushed(building / "manifest.json", manifest)
    flush_directory(building)
    return manifest


def load(folder: Path) -> Generation | None:
    """Return the current generation of `folder`, None where there is none or it has another format.

    Raises `IndexDamaged` when a file is missing, altered or unreadable.
    """
    try:
        current = (folder / "CURRENT").read_text("utf-8")
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise _damaged(folder / "CURRENT", error) from error
    try:
        name, checksum = current.split()
        if Path(name).name != name:
            raise ValueError(f"{name!r} is not a folder name")
        generation = folder / name
        manifest = json.loads(_read_checked(generation / "manifest.json", int(checksum)))
        if manifest["format"] != FORMAT:
            return None
        data = {file: _read_checked(generation / file, crc) for file, crc in manifest["checksums"].items()}
        arrays = {array: np.load(io.BytesIO(data[f"{array}.npy"])) for array in _ARRAYS}
        return Generation(
            fingerprint=Fingerprint(**manifest["fingerprint"]),
            built_at_ns=manifest["built_at_ns"],
            files=tuple(SourceFile(**file) for file in manifest["files"]),
            problems=manifest["problems"],
            topics=tuple(_topics(data["topics.jsonl"], data["passages.jsonl"])),
            lexical=LexicalIndex(**arrays, size=manifest["size"]),
            dense=FaissIndex.from_bytes(np.frombuffer(data["dense.faiss"], np.uint8)),
        )
    except (OSError, ValueError, KeyError, TypeError, RuntimeError, IndexError) as error:
        raise _damaged(folder, error) from error


def _damaged(path: Path, error: Exception) -> IndexDamaged:
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


def _files(generation: Generation) -> dict[str, bytes]:
    files = {f"{array}.npy": _npy(getattr(generation.lexical, array)) for array in _ARRAYS}
    files["dense.faiss"] = generation.dense.to_bytes()
    files["topics.jsonl"] = b"".join(_json(_topic_record(topic)) for topic in generation.topics)
    passages = (passage for topic in generation.topics for passage in topic.passages)
    files["passages.jsonl"] = b"".join(_json(_passage_record(passage)) for passage in passages)
    return files


def _npy(array: np.ndarray[Any, Any]) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, array)
    return buffer.getvalue()


def _json(value: Any) -> bytes:
    return (
        json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass") + b"\n"
    )


def _topic_record(topic: Topic) -> dict[str, Any]:
    return {
        "title": topic.title,
        "heading_path": topic.heading_path,
        "path": str(topic.path),
        "location": _location_record(topic.location),
        "passages": len(topic.passages),
        "stub": topic.stub,
        "front_matter": asdict(topic.front_matter) if topic.front_matter else None,
    }


def _passage_record(passage: Passage) -> dict[str, Any]:
    return {
        "passage_id": passage.passage_id,
        "heading_path": passage.heading_path,
        "location": _location_record(passage.location),
        "text": passage.text,
        "search_text": passage.search_text,
    }


def _location_record(location: Location) -> list[Any]:
    return [location.kind.value, location.first, location.last]


def _location(record: Sequence[Any]) -> Location:
    kind, first, last = record
    return Location(LocationKind(kind), int(first), int(last))


def _front_matter(record: Mapping[str, Any]) -> FrontMatter:
    lists = ("aliases", "questions", "demos", "related", "sources")
    return FrontMatter(**{**record, **{key: tuple(record[key]) for key in lists}})


def _topics(topics: bytes, passages: bytes) -> list[Topic]:
    records = (json.loads(line) for line in passages.decode("utf-8", "surrogatepass").split("\n") if line)
    found = []
    for line in topics.decode("utf-8", "surrogatepass").split("\n"):
        if not line:
            continue
        record = json.loads(line)
        path, title, stub = Path(record["path"]), record["title"], record["stub"]
        front = record["front_matter"]
        found.append(
            Topic(
                title=title,
                heading_path=tuple(record["heading_path"]),
                path=path,
                location=_location(record["location"]),
                passages=tuple(
                    Passage(
                        passage_id=passage["passage_id"],
                        topic=title,
                        heading_path=tuple(passage["heading_path"]),
                        path=path,
                        location=_location(passage["location"]),
                        text=passage["text"],
                        stub=stub,
                        search_text=passage["search_text"],
                    )
                    for passage in (next(records) for _ in range(record["passages"]))
                ),
                stub=stub,
                front_matter=_front_matter(front) if front else None,
            )
        )
    return found
