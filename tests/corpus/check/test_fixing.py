"""`--fix` on files: what it mends, and that nothing else changes, in any encoding and with any line ends."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.check.engine import check_notes
from corpus.check.findings import Edit, Finding
from corpus.check.fixing import Mending, apply, mend
from corpus.errors import NoteError
from corpus.reading import read_notes
from corpus.types import Note
from tests.corpus.check.checking import glossary
from tests.corpus.check.test_engine import TEXTS

FAULTY = "# 归一化\n\n逐通道做Noramlization。。再缩放，，平移\u200b。\n\n代码如下，输入先减均值。\n\n```python\nx - m\n"
MENDED = (
    "# 归一化\n\n逐通道做Normalization。再缩放，平移。\n\n代码如下，输入先减均值。\n\n```python\nx - m\n```\n"
)


def mending_of(path: Path) -> Mending | None:
    return mend(path, check_notes(read_notes([path]).notes, glossary()))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_the_mechanical_faults_are_mended_in_the_files_own_encoding(
    tmp_path: Path, encoding: str, newline: str
) -> None:
    path = tmp_path / "a.md"
    path.write_bytes(FAULTY.replace("\n", newline).encode(encoding))
    path.chmod(0o640)
    mending = mending_of(path)
    assert mending is not None
    assert path.read_bytes() == mending.before
    mending.write()
    assert path.read_bytes() == MENDED.replace("\n", newline).encode(encoding)
    assert path.stat().st_mode & 0o777 == 0o640
    assert mending_of(path) is None
    assert [p.name for p in tmp_path.iterdir()] == ["a.md"]


def test_the_diff_shows_each_changed_line_and_no_other(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    path.write_text(FAULTY, "utf-8")
    mending = mending_of(path)
    assert mending is not None
    changed = [
        line for line in mending.diff.split("\n") if line[:1] in ("+", "-") and line[:3] not in ("+++", "---")
    ]
    assert changed == [f"-{FAULTY.split(chr(10))[2]}", f"+{MENDED.split(chr(10))[2]}", "+```"]


def test_a_link_stays_a_link_and_its_file_is_mended(tmp_path: Path) -> None:
    real, link = tmp_path / "real.md", tmp_path / "notes" / "a.md"
    real.write_text(FAULTY, "utf-8")
    link.parent.mkdir()
    link.symlink_to(real)
    mending = mending_of(link)
    assert mending is not None
    mending.write()
    assert link.is_symlink()
    assert real.read_text("utf-8") == MENDED


def test_a_file_that_changed_meanwhile_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    path.write_text(FAULTY, "utf-8")
    mending = mending_of(path)
    assert mending is not None
    path.write_text("# 别的内容\n", "utf-8")
    with pytest.raises(NoteError, match="changed meanwhile"):
        mending.write()
    assert path.read_text("utf-8") == "# 别的内容\n"


def test_an_edit_that_does_not_fit_the_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    path.write_text("短\n", "utf-8")
    for edit in (Edit(1, 0, "长", ""), Edit(9, 0, "x", ""), Edit(1, 40, "x", "")):
        with pytest.raises(NoteError, match="changed meanwhile"):
            mend(path, [Finding("r", path, (1, 1), "m", "h", 1.0, edit)])


def test_a_file_with_broken_characters_is_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    path.write_bytes("逐通道做归一化。。".encode() + b"\xff\xfe\xff" + "再缩放。\n".encode())
    with pytest.raises(NoteError, match="broken characters"):
        mending_of(path)


def test_of_two_edits_that_overlap_only_the_first_is_made() -> None:
    assert apply("abcdef", [Edit(1, 1, "bcd", "X"), Edit(1, 3, "de", "Y")]) == "aXef"


@given(TEXTS, st.sampled_from(["\n", "\r\n"]))
@settings(max_examples=150, deadline=None)
def test_mending_changes_only_what_its_findings_name(text: str, newline: str) -> None:
    path = Path("/n/a.md")
    note = Note(path, text.replace("\r", ""))
    written = note.text.replace("\n", newline)
    fixes = [f.fix for f in check_notes([note], glossary()) if f.fix]
    mended = apply(written, fixes)
    lines = mended.replace("\r\n", "\n").split("\n")
    assert apply(note.text, fixes).split("\n") == lines  # whatever the line ends
    touched = {fix.line for fix in fixes}
    kept = [line for i, line in enumerate(note.text.split("\n"), 1) if i not in touched]
    rest = iter(lines)
    assert all(line in rest for line in kept)  # in their order
    assert len(lines) == len(note.text.split("\n")) + sum(fix.new.count("\n") for fix in fixes)
    removed = sum(len(fix.old) - len(fix.new) for fix in fixes)
    assert len("\n".join(lines)) == len(note.text) - removed


@given(TEXTS)
@settings(max_examples=100, deadline=None)
def test_mending_over_and_over_comes_to_rest(text: str) -> None:
    path, current = Path("/n/a.md"), text.replace("\r", "")
    for _ in range(12):
        mended = apply(current, [f.fix for f in check_notes([Note(path, current)], glossary()) if f.fix])
        if mended == current:
            return
        current = mended
    raise AssertionError(f"still changing: {current!r}")
