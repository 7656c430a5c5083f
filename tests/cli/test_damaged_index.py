"""Every file of a stored index, damaged in every way: it is built again from the notes and answers the same."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.cli.running import Ran, environment, run

QUERIES = "Adam 的优点\nDropout\n什么是感受野?\nquantum bread\n"


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


def empty(file: Path) -> None:
    file.write_bytes(b"")


def search(home: Path, notes: Path) -> Ran:
    return run("search", "--stdin", env=environment(home, ASSISTANT_NOTES=str(notes)), stdin=QUERIES)


@pytest.mark.parametrize("damage", [truncate, flip, delete, replace, empty])
def test_a_damaged_index_is_rebuilt_and_answers_as_before(
    env: dict[str, str], notes: Path, tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    whole = Path(env["ASSISTANT_HOME"]) / "index"
    expected = search(whole.parent, notes)
    files = [file for file in sorted(whole.rglob("*")) if file.is_file() and file.name != "lock"]
    assert {"CURRENT", "manifest.json", "topics.jsonl", "passages.jsonl"} <= {file.name for file in files}
    assert len(files) >= 6

    def one(number: int) -> tuple[str, Ran, Ran]:
        home = tmp_path / str(number)
        shutil.copytree(whole, home / "index")
        file = files[number]
        damage(home / "index" / file.relative_to(whole))
        return file.name, search(home, notes), search(home, notes)

    with ThreadPoolExecutor(2) as threads:
        for name, first, second in threads.map(one, range(len(files))):
            assert (first.code, first.json_lines) == (0, expected.json_lines), name
            # Without CURRENT there is no index to call damaged.
            told = 0 if (name, damage) == ("CURRENT", delete) else 1
            assert first.err.count(" is damaged (") == told, (name, first.err)
            assert (second.json_lines, second.err) == (expected.json_lines, ""), (name, "it is mended for good")
