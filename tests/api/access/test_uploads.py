"""Names and sizes of files that are sent here."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.access.bodies import MAX_UPLOAD
from api.access.refusals import BadFile, BodyTooLarge
from api.access.uploads import MAX_NAME_BYTES, check_size, safe_name


@pytest.mark.parametrize(
    "name", ["bn.md", "批归一化 (BN).md", "a.b.PDF", "1×1 卷积.txt", "console.md", "com10.md", "notes.html"]
)
def test_the_name_of_a_note_stays_as_it_is(name: str) -> None:
    assert safe_name(name) == name


@pytest.mark.parametrize(
    "name",
    [
        "", ".", "..", "../a.md", "a/../b.md", "/etc/passwd.md", "a\\b.md", "C:a.md", "C:\\a.md", "a.md:stream.md",
        ".hidden.md", "-rf.md", "~root.md", " a.md", "a.md ", "a.md.", "a\x00.md", "a\n.md", "a\u202etxt.md",
        "a\u200b.md", "con.md", "NUL.txt", "com1.notes.md", "LPT9.md", "aux .md", "com¹.md", "a?.md", "a*.md",
        'a".md', "a|b.md", "<a>.md", "a.exe", "a.md.sh", "a", "md", "a.svg", "\ud800.md",
        "字" * 70 + ".md", "a" * 250 + ".md",
    ],
)  # fmt: skip
def test_what_a_file_may_not_be_called_is_refused(name: str) -> None:
    with pytest.raises(BadFile):
        safe_name(name)


def test_two_spellings_that_look_the_same_are_one_name() -> None:
    assert safe_name("e\u0301.md") == safe_name("\u00e9.md") == "\u00e9.md"


@given(st.text(max_size=40), st.sampled_from([".md", ".txt", ".MD", "", ".exe"]))
def test_an_accepted_name_is_one_file_of_the_folder(stem: str, suffix: str) -> None:
    folder = Path("/notes")
    try:
        name = safe_name(stem + suffix)
    except BadFile:
        return
    path = folder / name
    assert (path.parent, path.name) == (folder, name)
    assert name.lower().endswith((".md", ".txt"))
    assert name == unicodedata.normalize("NFC", stem + suffix) == safe_name(name)
    assert len(name.encode()) <= MAX_NAME_BYTES
    assert name.isprintable()


def test_a_note_has_ten_megabytes_at_most() -> None:
    check_size(bytes(MAX_UPLOAD))
    with pytest.raises(BodyTooLarge, match="10,000,001"):
        check_size(bytes(MAX_UPLOAD + 1))
