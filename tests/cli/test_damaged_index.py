"""Every file of a stored index, damaged in every way: it is built again from the notes and answers the same."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from assistant import open_assistant
from index import storage
from tests.cli.running import run

QUERIES = ("Adam 的优点", "Dropout", "什么是感受野?", "quantum bread")


def truncate(file: Path) -> None:
    content = file.read_bytes()
    file.write_bytes(content[: len(content) // 2])


def flip(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 0x10
    file.write_bytes(content)


def delete(file: Path) -> None:
    file.unlink()


def replace(file: Path) -> None:
    file.unlink()
    file.mkdir()


DAMAGES = (truncate, flip, delete, replace)


def search(home: Path, notes: Path, warn: Callable[[str], None]) -> list[object]:
    assistant = open_assistant(notes, home, model="notes", warn=warn)
    return [assistant.search(query).to_dict() for query in QUERIES]


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_index_is_rebuilt_and_answers_as_before(
    env: dict[str, str], notes: Path, tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    whole = Path(env["ASSISTANT_HOME"]) / "index"
    (folder,) = whole.iterdir()
    expected = search(whole.parent, notes, pytest.fail)
    files = [file for file in sorted(folder.rglob("*")) if file.is_file() and file.name != "lock"]
    assert {"CURRENT", "manifest.json", "topics.bin", "passages.bin"} <= {file.name for file in files}
    for number, file in enumerate(files):
        home = tmp_path / str(number)
        shutil.copytree(whole, home / "index")
        damage(home / "index" / file.relative_to(whole))
        told: list[str] = []
        if number % len(DAMAGES) == DAMAGES.index(damage):  # in a process of its own, each file once
            ran = run("search", "--stdin", "--home", str(home), env=env, stdin="\n".join(QUERIES))
            assert (ran.code, ran.json_lines) == (0, expected), file.name
            told = ran.err.splitlines()
        else:
            assert search(home, notes, told.append) == expected, file.name
        # Without CURRENT there is no index to call damaged.
        no_index = (file.name, damage) == ("CURRENT", delete)
        assert len(told) == (0 if no_index else 1), (file.name, told)
        assert all("it is rebuilt from the notes" in line for line in told)
        mended = home / "index" / folder.name
        assert storage.load(mended) is not None, (file.name, "it is mended for good")
        assert not list(mended.glob("building-*"))
