"""After any edits and crashes, an index brought up to date is the index that is built from nothing."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index import joining, parts_on_disk, postings, source_files, storage
from index.errors import NoTopics
from index.library import Library
from index.segments import keys_of
from index.types import Vectors
from index.updating import Update, update
from tests.index.embedding import GLOSSARY, RecordingEmbedder

QUERIES = ("池化 的作用", "BN 推理", "weight decay", "学习率", "新的")
PARAGRAPHS = (
    "批归一化 BN 减去均值再除以标准差。",
    "权重衰减 weight decay 每一步都把权重缩小一点。",
    "最大池化取窗口里的最大值,平均池化取平均值。",
    "A learning rate that is too large makes training diverge.",
    "",
)
NAMES = ("a.md", "b.txt", "sub/c.md", "断\n行.md", os.fsdecode(b"bad\xff.md"))
SHIPPED = "# 感受野\n\n感受野是输出上一点能看到的输入区域。\n"


@dataclass(frozen=True)
class Write:
    """A file is written, as `sections` of a heading and some paragraphs each, or with bytes that are no text."""

    name: str
    sections: tuple[tuple[int, ...], ...]


@dataclass(frozen=True)
class Rename:
    """A file is renamed, replacing what had the name."""

    old: str
    new: str


@dataclass(frozen=True)
class Delete:
    """A file is deleted."""

    name: str


@dataclass(frozen=True)
class Crash:
    """The next update ends at its `step`-th step with an error."""

    step: int


class Crashed(Exception):
    """Raised at a chosen step."""


names = st.sampled_from(NAMES)
sections = st.lists(st.lists(st.integers(0, len(PARAGRAPHS) - 1), max_size=3).map(tuple), max_size=4).map(
    tuple
)
changes = st.one_of(
    st.builds(Write, names, sections),
    st.builds(Write, names, sections),
    st.builds(Rename, names, names),
    st.builds(Delete, names),
    st.builds(Crash, st.integers(0, 25)),
)


def perform(change: Write | Rename | Delete, folder: Path) -> None:
    match change:
        case Write(name, sections):
            file = folder / name
            file.parent.mkdir(exist_ok=True)
            text = "".join(
                f"# 第 {number} 节\n\n" + "\n\n".join(PARAGRAPHS[p] for p in own) + "\n\n"
                for number, own in enumerate(sections)
            )
            file.write_bytes(text.encode() or b"\0 no text")
        case Rename(old, new):
            if (folder / old).exists():
                (folder / new).parent.mkdir(exist_ok=True)
                (folder / old).replace(folder / new)
        case Delete(name):
            (folder / name).unlink(missing_ok=True)


def updated(folder: Path, index: Path, embedder: RecordingEmbedder | None = None) -> Update:
    return update(
        [folder], index, embedder=embedder or RecordingEmbedder(), glossary=GLOSSARY, warn=pytest.fail
    )


@contextmanager
def crashing_at(step: int) -> Iterator[None]:
    """Raise `Crashed` the `step`-th time that the index is read, counted, embedded or written."""
    left = step

    with pytest.MonkeyPatch.context() as patch:
        for module, name in (
            (source_files, "read"), (postings, "count"), (parts_on_disk, "write_flushed"),
            (storage, "write_flushed"), (storage, "flush_directory"), (storage, "write_bytes"),
            (os, "link"), (shutil, "rmtree"),
        ):  # fmt: skip
            real = getattr(module, name)

            def step_of(*arguments: object, _real: object = real, **named: object) -> object:
                nonlocal left
                left -= 1
                if left < 0:
                    raise Crashed
                return _real(*arguments, **named)  # type: ignore[operator]

            patch.setattr(module, name, step_of)
        yield


def vectors_of(update: Update) -> Vectors:
    return np.asarray(update.generation.vectors)


def assert_equal_to_one_built_afresh(folder: Path, index: Path) -> None:
    """Compare every part of the index, as updated, as stored, and as built from nothing."""
    with tempfile.TemporaryDirectory() as empty:
        try:
            fresh = updated(folder, Path(empty))
        except NoTopics:
            with pytest.raises(NoTopics):
                updated(folder, index)
            return
        again = updated(folder, index)
        [home] = (path for path in index.iterdir() if path.is_dir())
        stored = storage.load(home)
        assert stored is not None
        for found in (again.generation, stored):
            assert found.topics == fresh.generation.topics
            for name in ("hashes", "starts", "rows", "counts", "lengths"):
                ours, theirs = getattr(found.postings, name), getattr(fresh.generation.postings, name)
                assert ours.dtype == theirs.dtype
                assert np.array_equal(ours, theirs), name
            assert np.array_equal(found.vectors, vectors_of(fresh))
            assert np.array_equal(found.keys, fresh.generation.keys)
            assert found.problems == fresh.generation.problems
            assert [file.path for file in found.files] == [file.path for file in fresh.generation.files]
            assert [file.digest for file in found.files] == [file.digest for file in fresh.generation.files]
        assert again.problems == fresh.problems
        ours, theirs = (Library(u, RecordingEmbedder(), GLOSSARY) for u in (again, fresh))
        for query in QUERIES:
            assert ours.search(query, 99) == theirs.search(query, 99)
        assert len(list(home.glob("generation-*"))) == 1


@pytest.mark.parametrize("small", [0, 2_000], ids=["many segments", "one segment"])
@settings(max_examples=40, deadline=None)
@given(steps=st.lists(st.lists(changes, min_size=1, max_size=3), min_size=1, max_size=6))
def test_after_any_edits_renames_deletions_and_crashes_the_index_is_one_built_afresh(
    small: int, steps: list[list[Write | Rename | Delete | Crash]]
) -> None:
    with tempfile.TemporaryDirectory() as temporary, pytest.MonkeyPatch.context() as patch:
        patch.setattr(joining, "SMALL", small)
        patch.setattr(joining, "MOST_SEGMENTS", 3)
        patch.setattr(joining, "LARGE_SHARE", 0.5)
        folder, index = Path(temporary) / "notes", Path(temporary) / "index"
        folder.mkdir()
        (folder / "always.md").write_text(SHIPPED, "utf-8")
        updated(folder, index)
        for step in steps:
            crash: Crash | None = None
            for change in step:
                if isinstance(change, Crash):
                    crash = change
                else:
                    perform(change, folder)
            if crash is None:
                updated(folder, index)
            else:
                with crashing_at(crash.step), suppress(Crashed):
                    updated(folder, index)
        assert_equal_to_one_built_afresh(folder, index)
        (folder / "always.md").write_text(SHIPPED + "最后一句。\n", "utf-8")
        updated(folder, index)
        assert not list(index.glob("*/building-*")), "what a crash left is gone with the next update"


def test_a_small_change_to_a_large_index_embeds_and_writes_only_what_is_new(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(joining, "SMALL", 0)
    folder, index = tmp_path / "notes", tmp_path / "index"
    folder.mkdir()
    for number in range(30):
        (folder / f"{number:02}.md").write_text(SHIPPED.replace("感受野", f"感受野{number}"), "utf-8")
    updated(folder, index)
    [home] = index.iterdir()
    [postings] = home.glob("generation-*/*/rows.bin")
    before = postings.stat().st_ino
    (folder / "07.md").write_text("# 感受野7\n\n改过的一句。\n", "utf-8")
    embedder = RecordingEmbedder()
    after = updated(folder, index, embedder)
    assert embedder.embedded == ["感受野7\n改过的一句。"]
    assert (after.files.changed, after.topics.changed, after.topics.unchanged) == (1, 1, 29)
    assert (after.passages.new, after.passages.removed, after.passages.unchanged) == (1, 1, 29)
    written = {path.stat().st_ino for path in home.glob("generation-*/*/rows.bin")}
    assert before in written, "the old segment is linked, not written again"
    assert len(written) == 2
    assert_equal_to_one_built_afresh(folder, index)


def test_a_renamed_note_embeds_nothing_again(tmp_path: Path) -> None:
    folder, index = tmp_path / "notes", tmp_path / "index"
    folder.mkdir()
    (folder / "a.md").write_text(SHIPPED, "utf-8")
    updated(folder, index)
    (folder / "a.md").rename(folder / "b.md")
    embedder = RecordingEmbedder()
    counts = updated(folder, index, embedder).files
    assert embedder.embedded == []
    assert (counts.new, counts.removed) == (1, 1)


def test_joining_segments_keeps_their_number_small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(joining, "SMALL", 0)
    folder, index = tmp_path / "notes", tmp_path / "index"
    folder.mkdir()
    for number in range(joining.MOST_SEGMENTS * 3):
        (folder / f"{number}.md").write_text(SHIPPED, "utf-8")
        assert len(updated(folder, index).generation.segments) <= joining.MOST_SEGMENTS
    assert_equal_to_one_built_afresh(folder, index)


def test_equal_texts_have_equal_keys_and_others_have_not() -> None:
    keys = keys_of(["a", "b", "a", "\udcff"]).tolist()
    assert keys[0] == keys[2]
    assert len(set(keys)) == 3


_UPDATE = """
import sys
from pathlib import Path
from index import building, joining
from index.updating import update
from tests.index.embedding import GLOSSARY, RecordingEmbedder
building._SEGMENT_PASSAGES, joining.SMALL = 100, 0  # so that segments are joined while they are built
print("ready", flush=True)
update([Path(sys.argv[1])], Path(sys.argv[2]), embedder=RecordingEmbedder(), glossary=GLOSSARY)
"""


@pytest.mark.parametrize("kills", [4, pytest.param(200, marks=pytest.mark.soak)])
def test_after_kills_at_random_moments_the_index_is_one_built_afresh(tmp_path: Path, kills: int) -> None:
    chance = random.Random(20261123)
    folder, index = tmp_path / "notes", tmp_path / "index"
    folder.mkdir()
    for number in range(60):
        own = tuple(tuple(chance.choices(range(4), k=3)) for _ in range(8))
        perform(Write(f"{number:02}.md", own), folder)
    killed = 0
    for number in range(kills):
        if number % 3 == 0:
            shutil.rmtree(index, ignore_errors=True)
        perform(Write(f"{chance.randrange(60):02}.md", ((chance.randrange(4),),) * 3), folder)
        perform(Rename(f"{chance.randrange(60):02}.md", f"{chance.randrange(60):02}.md"), folder)
        process = subprocess.Popen(
            [sys.executable, "-c", _UPDATE, str(folder), str(index)],
            stdout=subprocess.PIPE,
            cwd=Path(__file__).resolve().parents[2],
        )
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        time.sleep(chance.random() * (1.2 if number % 3 == 0 else 0.15))
        killed += process.poll() is None
        process.send_signal(signal.SIGKILL)
        process.communicate()
        assert_equal_to_one_built_afresh(folder, index)
    assert killed >= kills // 3
