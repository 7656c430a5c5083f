"""The one arrow, corpus <- index <- assistant <- api, and late heavy imports: both are law, held here."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("corpus", "index", "assistant", "api")

#: Nothing on the path of a notes-mode answer may import these.
HEAVY = (
    "torch",
    "transformers",
    "sentence_transformers",
    "matplotlib",
    "fastapi",
    "alembic",
    "openai",
    "mcp",
    "ollama",
    "httpx",
    "sklearn",
    "scipy",
)


def modules() -> Iterator[tuple[str, Path]]:
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*.py")):
            yield room, path


def imported_rooms(path: Path) -> Iterator[tuple[str, int]]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"), str(path))):
        names = (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom) and node.level == 0
            else []
        )
        for name in names:
            yield name.partition(".")[0], getattr(node, "lineno", 0)


@pytest.mark.parametrize(
    ("room", "path"), list(modules()), ids=lambda value: str(value).removeprefix(f"{ROOT}/")
)
def test_a_room_imports_only_rooms_below_it_and_never_the_tests(room: str, path: Path) -> None:
    forbidden = {*ROOMS[ROOMS.index(room) + 1 :], "tests", "benchmarks"}
    found = [(name, line) for name, line in imported_rooms(path) if name in forbidden]
    assert found == []


@pytest.mark.parametrize(
    "path", [path for _, path in modules()], ids=lambda p: str(p).removeprefix(f"{ROOT}/")
)
def test_no_relative_imports_so_that_every_import_can_be_checked(path: Path) -> None:
    tree = ast.parse(path.read_text("utf-8"))
    relative = [n.lineno for n in ast.walk(tree) if isinstance(n, ast.ImportFrom) and n.level]
    assert relative == []


def test_the_check_sees_a_forbidden_import(tmp_path: Path) -> None:
    guilty = tmp_path / "guilty.py"
    guilty.write_text("def f():\n    from api.app import create_app\n")
    assert list(imported_rooms(guilty)) == [("api", 2)]


def run_and_list_modules(arguments: list[str], home: Path) -> set[str]:
    """Run the command line in a fresh interpreter; return what it had imported when it ended."""
    script = (
        "import sys, atexit\n"
        "atexit.register(lambda: print('MODULES', *sys.modules, file=sys.stderr))\n"
        f"sys.argv = ['assistant', *{arguments!r}]\n"
        "from assistant.cli import main\n"
        "main()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, "ASSISTANT_HOME": str(home)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert "Traceback" not in done.stderr, done.stderr
    listed = [line for line in done.stderr.splitlines() if line.startswith("MODULES ")]
    assert listed, done.stderr
    return set(listed[0].split())


@pytest.mark.parametrize(
    "arguments",
    [
        ["ask", "Adam 和 SGD 的区别是什么?"],
        ["ask", "三层 3x3 卷积, stride 2, 感受野多大?"],
        ["ask", "明天天气怎么样"],
        ["search", "感受野怎么算"],
        ["demo", "conv_output_size", "--kernel", "3"],
        ["notes", "topics"],
        ["--help"],
    ],
    ids=lambda arguments: " ".join(arguments),
)
def test_heavy_libraries_are_not_imported_in_notes_mode(arguments: list[str], tmp_path: Path) -> None:
    run_and_list_modules(arguments, tmp_path)  # the first run builds the index
    loaded = run_and_list_modules(arguments, tmp_path)
    assert loaded.isdisjoint(HEAVY), sorted(loaded.intersection(HEAVY))


def test_help_imports_no_numpy_and_no_door() -> None:
    loaded = run_and_list_modules(["--help"], Path("unused"))
    assert "numpy" not in loaded
    assert "api.app" not in loaded
