"""The documentation is what the program does: reference pages, README transcripts, links and file names."""

from __future__ import annotations

import importlib.util
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from assistant.settings import SETTINGS
from corpus.plugins import items

ROOT = Path(__file__).resolve().parent.parent
PAGES = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "LOG.md")] + sorted(
    (ROOT / "docs").glob("*.md")
)


def generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("generate", ROOT / "docs" / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("page", ["settings.md", "commands.md", "demos.md"])
def test_a_reference_page_is_what_the_generator_writes(page: str) -> None:
    assert (ROOT / "docs" / page).read_text("utf-8") == generator().PAGES[page](), (
        "run: python docs/generate.py"
    )


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_relative_link_leads_to_a_file(page: Path) -> None:
    targets = re.findall(r"\]\((?!https?:)([^)#]+)(?:#[^)]*)?\)", page.read_text("utf-8"))
    assert [t for t in targets if not (page.parent / t).exists()] == []


def test_every_command_and_setting_is_documented() -> None:
    commands = (ROOT / "docs" / "commands.md").read_text("utf-8")
    assert [name for name in items("assistant.commands") if f"## assistant {name}\n" not in commands] == []
    settings = (ROOT / "docs" / "settings.md").read_text("utf-8")
    assert [s.env for s in SETTINGS if f"`{s.env}`" not in settings] == []


def transcripts() -> Iterator[tuple[str, str]]:
    for block in re.findall(r"```console\n\$ (.*?)```", (ROOT / "README.md").read_text("utf-8"), re.DOTALL):
        command, _, output = block.partition("\n")
        yield command, output


def settled(text: str) -> str:
    """Return output without what differs between runs, the time taken, and without spaces at line ends."""
    return "\n".join(
        line.rstrip() for line in re.sub(r"· \d+\.\d\d s", "· 0.00 s", text).strip().splitlines()
    )


@pytest.mark.parametrize(("command", "output"), list(transcripts()))
def test_a_transcript_of_the_readme_is_what_the_command_prints(command: str, output: str) -> None:
    program, *words = shlex.split(command)
    assert program == "assistant"
    done = subprocess.run(
        [sys.executable, "-m", "assistant", *words],
        env={**os.environ, "COLUMNS": "100"},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert settled(done.stdout) == settled(output)


def test_the_architecture_page_names_every_folder_of_code() -> None:
    page = (ROOT / "docs" / "architecture.md").read_text("utf-8")
    rooms = ("corpus", "index", "assistant", "api")
    folders = {str(p.parent.relative_to(ROOT)) for room in rooms for p in (ROOT / room).rglob("__init__.py")}
    assert sorted(f for f in folders if f"`{f}/`" not in page) == []
