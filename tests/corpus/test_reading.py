"""Files and folders to notes: what is found, what is refused, and what never stops the others."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from corpus.errors import NoteError, StudyError
from corpus.reading import MAX_BYTES, find, read_notes, snapshot
from corpus.types import Syntax


def test_folders_are_read_with_their_subfolders_in_order_and_without_hidden_files(tmp_path: Path) -> None:
    for name in (
        "b.md",
        "a.txt",
        "sub/c.markdown",
        "sub/D.MD",
        ".hidden.md",
        ".git/x.md",
        "picture.png",
        "plain",
    ):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("text")
    reading = read_notes([tmp_path])
    assert [n.path.relative_to(tmp_path).as_posix() for n in reading.notes] == [
        "a.txt", "b.md", "sub/D.MD", "sub/c.markdown",
    ]  # fmt: skip
    assert reading.notes[0].syntax is Syntax.PLAIN
    assert reading.notes[1].syntax is Syntax.MARKDOWN
    assert not reading.problems
    assert not reading.warnings


def test_paths_become_absolute_and_a_file_named_twice_is_read_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.md").write_text("text")
    monkeypatch.chdir(tmp_path)
    (note,) = read_notes([Path("a.md"), Path()]).notes
    assert note.path == tmp_path / "a.md"


def test_a_loop_of_links_ends(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "a.md").write_text("text")
    (tmp_path / "sub" / "up").symlink_to(tmp_path)
    (tmp_path / "self.md").symlink_to(tmp_path / "self.md")
    (tmp_path / "broken.md").symlink_to(tmp_path / "nowhere.md")
    reading = read_notes([tmp_path])
    assert len(reading.notes) == 1
    assert set(reading.problems) == {tmp_path / "broken.md", tmp_path / "self.md"}


def test_links_are_followed_inside_the_folder_and_named_where_they_lead_out(tmp_path: Path) -> None:
    inside, outside = tmp_path / "notes", tmp_path / "notes-private"
    for folder in (inside / "sub", outside):
        folder.mkdir(parents=True)
        (folder / "a.md").write_text("text")
    (inside / "0.md").symlink_to(inside / "sub" / "a.md")
    (inside / "1.md").symlink_to(outside / "a.md")
    (inside / "folder").symlink_to(outside)
    (inside / "0-other").symlink_to(inside / "sub")
    (inside / "picture.png").symlink_to(outside / "a.md")
    found = find([inside])
    assert found.files == (inside / "0.md",), "of a file and the link to it the first counts"
    assert set(found.problems) == {inside / "1.md", inside / "folder"}
    assert all(str(outside) in problem for problem in found.problems.values())
    (tmp_path / "root").symlink_to(inside)
    assert find([tmp_path / "root"]).files == (tmp_path / "root" / "0.md",)
    assert find([inside, outside]).files == (inside / "0.md", outside / "a.md")


def test_a_pipe_a_socket_and_a_device_are_never_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    os.mkfifo(tmp_path / "pipe.md")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "s.md"))
        monkeypatch.setattr(os, "open", lambda *_: pytest.fail("opened"))
        for name in ("pipe.md", "s.md"):
            with pytest.raises(NoteError, match="not a regular file"):
                snapshot(tmp_path / name)
    with pytest.raises(NoteError, match="not a regular file"):
        snapshot(Path(os.devnull))


@pytest.mark.parametrize(("writes", "is_read"), [(0, True), (1, True), (99, False)])
def test_a_file_that_changes_while_it_is_read_is_read_again_and_in_the_end_a_problem(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, writes: int, is_read: bool
) -> None:
    note = tmp_path / "a.md"
    note.write_text("text")
    left, fstat = [writes * 2], os.fstat

    def writing(handle: int) -> os.stat_result:
        about = fstat(handle)
        left[0] -= 1
        if left[0] >= 0 and left[0] % 2:  # between the look before and the look after
            note.write_text("text" * left[0])
        return about

    monkeypatch.setattr(os, "fstat", writing)
    if is_read:
        assert snapshot(note).data == note.read_bytes()
    else:
        with pytest.raises(NoteError, match="keeps changing"):
            snapshot(note)


def test_an_empty_folder_is_a_problem_beside_others_and_an_error_alone(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "a.md").write_text("text")
    found = find([tmp_path / "empty", tmp_path / "a.md"])
    assert found.files == (tmp_path / "a.md",)
    assert "no notes in" in found.problems[tmp_path / "empty"]
    with pytest.raises(StudyError, match="no notes in"):
        find([tmp_path / "empty"])


def test_a_missing_path_is_named(tmp_path: Path) -> None:
    with pytest.raises(StudyError, match="'nowhere/notes'"):
        read_notes([Path("nowhere/notes")])
    (tmp_path / "picture.png").write_bytes(b"png")
    with pytest.raises(StudyError, match="no notes in") as caught:
        read_notes([tmp_path])
    assert ".md" in caught.value.hint


@pytest.mark.parametrize("data", [b"\x89PNG\0\0\0", bytes(range(128, 256)) * 8])
def test_a_binary_file_is_a_problem_beside_the_other_notes(data: bytes, tmp_path: Path) -> None:
    (tmp_path / "bad.md").write_bytes(data)
    (tmp_path / "good.md").write_text("text")
    reading = read_notes([tmp_path])
    assert [note.path.name for note in reading.notes] == ["good.md"]
    assert "is not text" in reading.problems[tmp_path / "bad.md"]
    (tmp_path / "good.md").unlink()
    with pytest.raises(StudyError, match="none of the notes") as caught:
        read_notes([tmp_path])
    assert "bad.md" in caught.value.hint


def test_a_file_of_another_kind_a_pipe_and_a_huge_file_are_problems(tmp_path: Path) -> None:
    (tmp_path / "slides.pptx").write_bytes(b"x")
    (tmp_path / "good.md").write_text("text")
    os.mkfifo(tmp_path / "pipe.md")
    with (tmp_path / "huge.md").open("wb") as file:
        file.truncate(MAX_BYTES + 1)
    reading = read_notes([tmp_path / "slides.pptx", tmp_path])
    assert [note.path.name for note in reading.notes] == ["good.md"]
    assert {path.name for path in reading.problems} == {"slides.pptx", "huge.md", "pipe.md"}
    assert "64 MB" in reading.problems[tmp_path / "huge.md"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads every file")
def test_a_file_without_permission_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "secret.md").write_text("text")
    (tmp_path / "secret.md").chmod(0)
    (tmp_path / "good.md").write_text("text")
    assert "Permission denied" in read_notes([tmp_path]).problems[tmp_path / "secret.md"]


TEXT = "批归一化让训练更稳定,\n残差连接让梯度直达浅层。\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030", "gbk"])
def test_every_usual_encoding_reads_as_the_same_text(encoding: str, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(TEXT.encode(encoding))
    reading = read_notes([tmp_path])
    assert reading.notes[0].text == TEXT
    assert not reading.warnings


def test_damaged_utf_8_is_read_with_a_warning_that_names_the_line(tmp_path: Path) -> None:
    data = TEXT.encode()
    (tmp_path / "a.txt").write_bytes(data[:-5] + data[-4:])
    reading = read_notes([tmp_path])
    assert reading.notes[0].text.startswith("批归一化让训练更稳定,\n残差连接")
    assert "\ufffd" in reading.notes[0].text
    assert "line 2" in reading.warnings[tmp_path / "a.txt"]
    (tmp_path / "a.txt").write_bytes(b"na\xefve Bayes assumes independence of the features\n")
    assert "na\ufffdve" in read_notes([tmp_path]).notes[0].text


def test_all_three_line_ends_count_as_an_editor_counts_them(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"one\r\ntwo\rthree\nfour\x0bstill\xe2\x80\xa8four")
    assert read_notes([tmp_path]).notes[0].text.split("\n") == [
        "one",
        "two",
        "three",
        "four\x0bstill\u2028four",
    ]
