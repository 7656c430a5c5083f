"""A stored index comes back equal in every field, or is noticed to be damaged."""

from __future__ import annotations

import json
import os
import zlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from corpus.types import FrontMatter, Location, LocationKind, Passage, Topic
from index import parts_on_disk, postings, storage
from index.errors import IndexDamaged
from index.generations import Fingerprint, Generation, Place, SourceFile
from index.library import open_library
from index.segments import InMemory, keys_of, postings_parts, text_parts, vector_parts
from tests.index.embedding import GLOSSARY, RecordingEmbedder, opened, write_notes

FRONT = FrontMatter(
    title="批归一化",
    title_en="Batch norm",
    type="project",
    aliases=("批\u2028归一",),
    questions=("为什么?",),
    demos=("bn",),
    related=("LN",),
    sources=("arXiv:1502.03167",),
)


def topic(title: str, kind: LocationKind, front: FrontMatter | None, stub: bool, *texts: str) -> Topic:
    path = Path("/notes/a b/批.md")
    passages = tuple(
        Passage(f"id{n}", title, (title, f"节{n}"), path, Location(kind, n, n + 2), text, stub, f"也叫{n}")
        for n, text in enumerate(texts, start=1)
    )
    return Topic(title, ("上级", title), path, Location(kind, 1, 9), passages, stub, front)


TOPICS = (
    topic("批归一化", LocationKind.LINES, FRONT, False, "第一段\r换\u2028行\u2029\x85", "第二段\n\n"),
    topic("只有标题", LocationKind.PAGE, None, True, "# 只有标题"),
    topic("没有段落", LocationKind.CELL, FrontMatter(), False),
    topic("surrogate \udc80", LocationKind.SLIDE, None, False, "\udcff"),
)
SEGMENT = InMemory().put(
    "one",
    4,
    [
        text_parts(TOPICS),
        postings_parts(postings.count([{"a": 1.0, "批": 2.5}, {"b": 1.0}, {}, {"a": 3.0}])),
        vector_parts(np.arange(12, dtype=np.float32).reshape(4, 3)),
        {"keys": keys_of("甲乙丙丁")},
    ],
)
GENERATION = Generation(
    fingerprint=Fingerprint("1", "2 三", "hashed"),
    built_at_ns=1_700_000_000_123_456_789,
    files=(
        SourceFile("/notes/a b/批.md", 12, 34, 56, "ab" * 32, 3, 3),
        SourceFile("/notes/c\n\udcff.md", 0, 1, 2, "", 1, 1),
        SourceFile("/notes/坏.md", -1, 0, 0, "", 0, 0),
    ),
    places=(Place("one", 0, 0), Place("one", 3, 3), Place()),
    problems={"/notes/坏.md": "不能读\nat all"},
    segments={"one": SEGMENT},
)


def test_every_field_comes_back_equal(tmp_path: Path) -> None:
    storage.save(tmp_path, GENERATION)
    loaded = storage.load(tmp_path)
    assert loaded is not None
    for name in ("fingerprint", "built_at_ns", "files", "places", "problems", "topics"):
        assert getattr(loaded, name) == getattr(GENERATION, name), name
    for name in ("hashes", "starts", "rows", "counts", "lengths"):
        ours, theirs = getattr(GENERATION.postings, name), getattr(loaded.postings, name)
        assert ours.dtype == theirs.dtype
        assert np.array_equal(ours, theirs), name
    assert (loaded.lexical.size, loaded.size, len(loaded.topics)) == (4, 4, 4)
    assert loaded.topics[1:] == TOPICS[1:]
    assert loaded.front_matter() == [FRONT]
    assert np.array_equal(loaded.vectors, GENERATION.vectors)
    assert np.array_equal(loaded.keys, GENERATION.keys)


def test_topics_of_some_files_are_read_without_the_others(tmp_path: Path) -> None:
    storage.save(tmp_path, GENERATION)
    loaded = storage.load(tmp_path, whole=False)
    assert loaded is not None
    assert list(loaded.topics_of([2, 1])) == [(), TOPICS[3:]]


def test_a_generation_of_some_files_shows_only_those(tmp_path: Path) -> None:
    storage.save(tmp_path, replace(GENERATION, files=GENERATION.files[1:], places=GENERATION.places[1:]))
    loaded = storage.load(tmp_path)
    assert loaded is not None
    assert loaded.topics == TOPICS[3:]
    assert loaded.front_matter() == []
    assert loaded.lexical.idf_of("批") is None
    assert loaded.lexical.passages_with("a").tolist() == [0]
    assert loaded.vectors.tolist() == [[9.0, 10.0, 11.0]]


@pytest.mark.parametrize("links", [True, False])
def test_a_segment_that_stays_is_linked_or_where_that_cannot_be_written_again(
    tmp_path: Path, links: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    storage.save(tmp_path, GENERATION)
    loaded = storage.load(tmp_path, whole=False)
    assert loaded is not None
    [rows] = tmp_path.glob("generation-*/one/rows.bin")
    before = rows.stat().st_ino

    def no_links(source: Path, target: Path) -> None:
        raise OSError(38, "Function not implemented")

    if not links:
        monkeypatch.setattr("os.link", no_links)
    storage.save(tmp_path, loaded)
    [rows] = tmp_path.glob("generation-*/one/rows.bin")
    assert (rows.stat().st_ino == before) == links
    again = storage.load(tmp_path)
    assert again is not None
    assert again.topics == loaded.topics == TOPICS
    assert np.array_equal(again.postings.counts, SEGMENT.postings.counts)


def test_a_new_generation_replaces_the_old_one_and_every_leftover(tmp_path: Path) -> None:
    storage.save(tmp_path, GENERATION)
    (tmp_path / "building-dead").mkdir()
    storage.save(tmp_path, GENERATION)
    assert sorted(path.name.split("-")[0] for path in tmp_path.iterdir()) == ["CURRENT", "generation"]


def test_a_save_that_fails_leaves_the_old_generation_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    storage.save(tmp_path, GENERATION)
    before = sorted(path.name for path in tmp_path.iterdir())

    def full(path: Path, data: memoryview) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(parts_on_disk, "write_flushed", full)
    with pytest.raises(OSError, match="No space"):
        storage.save(tmp_path, GENERATION)
    assert sorted(path.name for path in tmp_path.iterdir()) == before
    assert storage.load(tmp_path) is not None


def test_a_folder_without_an_index_has_none(tmp_path: Path) -> None:
    assert storage.load(tmp_path) is None
    assert storage.load(tmp_path / "nosuch") is None


def test_an_index_of_another_format_counts_as_none(tmp_path: Path) -> None:
    storage.save(tmp_path, GENERATION)
    [folder] = tmp_path.glob("generation-*")
    manifest = json.loads((folder / "manifest.json").read_bytes())
    data = json.dumps(manifest | {"format": storage.FORMAT + 1}).encode()
    (folder / "manifest.json").write_bytes(data)
    (tmp_path / "CURRENT").write_text(f"{folder.name} {zlib.crc32(data)}\n")
    assert storage.load(tmp_path) is None


FILES = [
    "CURRENT", "manifest.json", "topics.bin", "topic_ends.bin", "topic_rows.bin", "passages.bin",
    "passage_ends.bin", "ids.bin", "named.bin", "vectors.bin", "keys.bin", "hashes.bin", "starts.bin",
    "rows.bin", "counts.bin", "lengths.bin",
]  # fmt: skip
DAMAGE: dict[str, Callable[[bytes], bytes | None]] = {
    "one bit": lambda data: data[:-1] + bytes([data[-1] ^ 1]),
    "cut": lambda data: data[: len(data) // 2],
    "empty": lambda data: b"",
    "longer": lambda data: data + b"\x00",
    "gone": lambda data: None,
}


@pytest.mark.parametrize("damage", DAMAGE)
@pytest.mark.parametrize("name", FILES)
def test_any_damaged_file_is_noticed_and_the_index_built_again(
    tmp_path: Path, name: str, damage: str
) -> None:
    notes = write_notes(tmp_path / "notes")
    healthy = opened(notes)
    [home] = (tmp_path / "index").iterdir()
    [file] = [home / name] if name == "CURRENT" else home.glob(f"generation-*/**/{name}")
    damaged = DAMAGE[damage](file.read_bytes())
    if damaged is None:
        file.unlink()
    else:
        file.write_bytes(damaged)
    if (name, damage) == ("CURRENT", "one bit"):
        assert storage.load(home) is not None  # the bit is of the last line end, which says nothing
        return
    if (name, damage) == ("CURRENT", "gone"):
        assert storage.load(home) is None
    else:
        with pytest.raises(IndexDamaged) as caught:
            storage.load(home)
        assert str(home) in caught.value.message
        assert caught.value.hint
    warnings: list[str] = []
    embedder = RecordingEmbedder()
    again = open_library(
        [notes], tmp_path / "index", embedder=embedder, glossary=GLOSSARY, warn=warnings.append
    )
    assert again.topics == healthy.topics
    assert again.search("池化", 99) == healthy.search("池化", 99)
    assert len(warnings) == (0 if damage == "gone" and name == "CURRENT" else 1)
    assert storage.load(home) is not None


@pytest.mark.parametrize(
    "current", ["../../etc 1", "generation-x", "a b c", "generation-x notanumber", "\x00 1"]
)
def test_a_current_that_names_no_generation_is_damage(tmp_path: Path, current: str) -> None:
    storage.save(tmp_path, GENERATION)
    (tmp_path / "CURRENT").write_text(current)
    with pytest.raises(IndexDamaged):
        storage.load(tmp_path)


def test_a_manifest_that_lies_about_its_files_is_damage(tmp_path: Path) -> None:
    storage.save(tmp_path, GENERATION)
    [folder] = tmp_path.glob("generation-*")
    manifest = json.loads((folder / "manifest.json").read_bytes())
    lies: list[dict[str, Any]] = [{"files": [{}]}, {"segments": {}}, {"fingerprint": {"x": 1}}, {"files": 3}]
    for lie in lies:
        data = json.dumps(manifest | lie).encode()
        (folder / "manifest.json").write_bytes(data)
        (tmp_path / "CURRENT").write_text(f"{folder.name} {zlib.crc32(data)}\n")
        with pytest.raises(IndexDamaged):
            storage.load(tmp_path)


def test_a_large_file_is_believed_by_its_stamp_and_checked_where_that_is_another_or_on_demand(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parts_on_disk, "READ_UP_TO", 0)
    monkeypatch.setattr(parts_on_disk, "CHECKED_UP_TO", 0)
    storage.save(tmp_path, GENERATION)
    [file] = tmp_path.glob("generation-*/one/vectors.bin")
    healthy, about = file.read_bytes(), file.stat()

    def stored() -> Generation:
        loaded = storage.load(tmp_path)
        assert loaded is not None
        return loaded

    storage.check(stored())
    file.write_bytes(healthy)  # copied without its time stamp: checked once and then believed again
    os.utime(file, ns=(0, 7))
    assert np.array_equal(stored().vectors, GENERATION.vectors)
    assert file.stat().st_mtime_ns == about.st_mtime_ns

    file.write_bytes(healthy[:-1] + bytes([healthy[-1] ^ 1]))
    os.utime(file, ns=(0, about.st_mtime_ns + 1))
    with pytest.raises(IndexDamaged, match="does not match its checksum"):
        stored()
    os.utime(file, ns=(0, about.st_mtime_ns))  # altered without a trace
    with pytest.raises(IndexDamaged) as caught:
        storage.check(stored())
    assert repr(str(tmp_path)) in caught.value.hint


def test_a_generation_that_is_replaced_can_still_be_searched(tmp_path: Path) -> None:
    storage.save(tmp_path, GENERATION)
    old = storage.load(tmp_path)
    assert old is not None
    storage.save(tmp_path, replace(GENERATION, files=GENERATION.files[1:], places=GENERATION.places[1:]))
    assert old.topics == TOPICS
    assert old.lexical.score({"a": 1.0}).tolist() == GENERATION.lexical.score({"a": 1.0}).tolist()
