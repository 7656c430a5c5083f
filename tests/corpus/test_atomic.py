"""A file is replaced in one step or not at all, and nothing is left beside it."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from corpus.atomic import flush_directory, write_bytes


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_the_file_holds_exactly_the_bytes_and_has_no_neighbours(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b.bin"
    write_bytes(path, b"\x00\r\n\xff")
    assert path.read_bytes() == b"\x00\r\n\xff"
    write_bytes(path, b"")
    assert path.read_bytes() == b""
    assert names(path.parent) == ["b.bin"]


@pytest.mark.parametrize("step", ["os.fsync", "pathlib.Path.replace"])
def test_a_failure_midway_leaves_the_old_file_and_no_leftover(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"old")

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(step, fail)
    with pytest.raises(OSError, match="No space"):
        write_bytes(path, b"new")
    assert path.read_bytes() == b"old"
    assert names(tmp_path) == ["a"]


def test_an_interrupt_leaves_no_leftover_either(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(_: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("os.fsync", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_bytes(tmp_path / "a", b"new")
    assert names(tmp_path) == []


def test_a_reader_never_sees_a_half_written_file_even_when_the_writer_is_killed(tmp_path: Path) -> None:
    path = tmp_path / "a"
    write_bytes(path, b"0" * 100_000)
    code = (
        "import sys, itertools; from pathlib import Path; from corpus.atomic import write_bytes;"
        "[write_bytes(Path(sys.argv[1]), str(n % 10).encode() * 100_000) for n in itertools.count()]"
    )
    writer = subprocess.Popen([sys.executable, "-c", code, str(path)])
    try:
        started, seen = time.monotonic(), set[bytes]()
        while len(seen) < 3 and time.monotonic() - started < 30:
            data = path.read_bytes()
            assert len(data) == 100_000
            assert len(set(data)) == 1
            seen.add(data[:1])
    finally:
        writer.send_signal(signal.SIGKILL)
        writer.wait()
    assert len(seen) == 3
    data = path.read_bytes()
    assert data == data[:1] * 100_000


def test_a_link_is_replaced_and_its_target_left_alone(tmp_path: Path) -> None:
    target = tmp_path / "target"
    target.write_bytes(b"mine")
    (tmp_path / "link").symlink_to(target)
    write_bytes(tmp_path / "link", b"new")
    assert target.read_bytes() == b"mine"
    assert (tmp_path / "link").read_bytes() == b"new"


def test_a_directory_that_cannot_be_opened_is_no_error_to_flush(tmp_path: Path) -> None:
    flush_directory(tmp_path / "nosuch")
    flush_directory(tmp_path)
