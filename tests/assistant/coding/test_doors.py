"""Running code is for the command line: no other door imports it, and the assistant does not offer it."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from pathlib import Path

from assistant.study import Assistant

ROOT = Path(__file__).resolve().parents[3]
#: What runs code, and who may import it. `assistant/quiz/marking.py` runs code only where its caller allows it.
RUNNING = ("assistant.coding.running", "assistant.coding.checking", "assistant.coding.marking")
ALLOWED = ("assistant/coding/", "assistant/cli/", "assistant/quiz/marking.py")


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value  # import_module("…")


def test_nothing_but_the_command_line_imports_what_runs_code() -> None:
    files = [path for room in ("corpus", "index", "assistant", "api") for path in (ROOT / room).rglob("*.py")]
    guilty = {
        str(path.relative_to(ROOT))
        for path in files
        for name in imported(path)
        if name.startswith(RUNNING) and not str(path.relative_to(ROOT)).startswith(ALLOWED)
    }
    assert guilty == set()


def test_no_door_imports_anything_of_coding_and_the_assistant_does_not_offer_it() -> None:
    for path in [*(ROOT / "api").rglob("*.py"), ROOT / "assistant" / "study.py"]:
        assert [name for name in imported(path) if name.startswith("assistant.coding")] == []
    assert [name for name, _ in inspect.getmembers(Assistant) if "code" in name] == []


def test_the_check_sees_a_guilty_import(tmp_path: Path) -> None:
    guilty = tmp_path / "door.py"
    guilty.write_text("def f():\n    from assistant.coding import marking\n")
    assert "assistant.coding.marking" in list(imported(guilty))
