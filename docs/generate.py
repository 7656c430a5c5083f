"""Write the reference pages from the tables the program itself reads: `python docs/generate.py`.

`tests/test_docs.py` compares each page with what this would write, so a page cannot drift.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from assistant.cli.demo_view import example
from assistant.demo_kit import registry
from assistant.settings import SETTINGS
from corpus.plugins import items

DOCS = Path(__file__).resolve().parent
_HEAD = "<!-- Written by `python docs/generate.py`; edit the tables in the code instead. -->\n\n"


def settings_page() -> str:
    """Return the table of settings."""
    rows = [f"| `{s.name}` | `{s.flag}` | `{s.env}` | `{s.default or ' '}` | {s.help} |" for s in SETTINGS]
    return (
        _HEAD
        + "# Settings\n\nA flag wins over the environment, the environment over `config.toml` in the home folder, "
        "and that over the default. Every command takes every flag.\n\n"
        "| name | flag | environment | default | meaning |\n| --- | --- | --- | --- | --- |\n"
        + "\n".join(rows)
        + "\n"
    )


def commands_page() -> str:
    """Return the help of every command, as the program prints it."""
    parts = [_HEAD + "# Commands\n"]
    for words in (
        [],
        *([name] for name in items("assistant.commands")),
        ["notes", "add"],
        ["notes", "remove"],
        ["notes", "list"],
        ["notes", "watch"],
        ["notes", "topics"],
        ["notes", "gaps"],
        ["notes", "check"],
        ["export", "anki"],
        ["export", "csv"],
        ["export", "markdown"],
        ["data", "export"],
        ["data", "import"],
        ["data", "forget"],
        ["interview", "start"],
        ["interview", "resume"],
        ["interview", "list"],
        ["interview", "show"],
        ["interview", "report"],
        ["keys", "create"],
        ["keys", "list"],
        ["keys", "revoke"],
    ):
        parts.append(f"\n## assistant {' '.join(words)}".rstrip() + f"\n\n```\n{help_of(words)}\n```\n")
    return "".join(parts)


def help_of(words: list[str]) -> str:
    """Return what `assistant … --help` prints at 100 columns, without the settings that all commands share."""
    done = subprocess.run(
        [sys.executable, "-m", "assistant", *words, "--help"],
        env={**os.environ, "COLUMNS": "100", "NO_COLOR": "1", "TERM": "dumb"},
        capture_output=True,
        text=True,
        check=True,
    )
    without_settings = re.sub(r"╭─ Settings ─.*?╰─+╯\n?", "", done.stdout, flags=re.DOTALL)
    return "\n".join(line.rstrip() for line in without_settings.strip("\n").splitlines())


def demos_page() -> str:
    """Return each demo with its parameters."""
    parts = [
        _HEAD + "# Demos\n\nRun one with `assistant demo NAME --argument value`; "
        "[charts.md](charts.md) describes the pictures.\n"
    ]
    for demo in registry.demos():
        result = demo.run({})
        parts.append(
            f"\n## {demo.name}\n\n{demo.summary}\n\n- Formula: `{result.formula}`\n- Source: {result.source}\n"
            f"- Example: `{example(demo)}`\n\n| parameter | meaning |\n| --- | --- |\n"
        )
        for name, described in demo.schema["properties"].items():
            text = str(described.get("description", "")).replace("|", "\\|").replace("\n", " ")
            parts.append(f"| `{name}` | {text} |\n")
    return "".join(parts)


def openapi_file() -> str:
    """Return the description of the REST interface, with no door of a third party and no key of the environment."""
    from api.app import create_app
    from api.openapi import written
    from assistant import open_assistant

    return written(create_app(open_assistant(model="notes")))


def llms_page() -> str:
    """Return the list of pages for programs that read documentation (llmstxt.org)."""
    listed = []
    for page in sorted(DOCS.glob("*.md")):
        title = next(line for line in page.read_text("utf-8").splitlines() if line.startswith("# "))
        listed.append(f"- [{title.removeprefix('# ')}](docs/{page.name})\n")
    return _LLMS_HEAD + "".join(listed)


_LLMS_HEAD = """# Interview study assistant

> Talk with your own deep-learning interview notes: cited answers, computed demos, quizzes, reviews and mock
> interviews, on one machine, with a local model or with none.

Begin with the [README](README.md). The REST interface is described by [api/openapi.json](api/openapi.json).

## Docs

"""

PAGES: dict[str, Callable[[], str]] = {
    "settings.md": settings_page,
    "commands.md": commands_page,
    "demos.md": demos_page,
    "../api/openapi.json": openapi_file,
    "../llms.txt": llms_page,
}


def main() -> None:
    """Write every page."""
    for name, page in PAGES.items():
        (DOCS / name).write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
