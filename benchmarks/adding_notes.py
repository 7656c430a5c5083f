"""A thousand Markdown notes of real size: adding them, running again, touching one and editing one.

The notes are the sections of the retrieval corpus, ten to a file under headings of their own. Each step is
`assistant notes add` in a process of its own, so its figures hold the start of the program too, which
`assistant notes --help` shows by itself. The ratios to adding are what a user feels on any machine.
"""

from __future__ import annotations

import gzip
import json
import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.answering_speed import run
from benchmarks.questions import SHARED

CORPUS = SHARED / "eval" / "notes_bench" / "corpus.jsonl.gz"
FILES, SECTIONS = 1_000, 10
REPEATS = 5


def measure() -> dict[str, Any]:
    """Print and return seconds and peak memory of each step, and its seconds as a share of adding's."""
    if not CORPUS.is_file():
        print("  the corpus does not lie beside the project (../shared/eval/notes_bench)")
        return {}
    with tempfile.TemporaryDirectory() as temporary:
        notes = write_notes(Path(temporary) / "notes")
        environment = {**os.environ, "ASSISTANT_HOME": f"{temporary}/home", "ASSISTANT_MODEL": "notes"}
        environment.pop("ASSISTANT_NOTES", None)
        program = [sys.executable, "-m", "assistant", "notes"]
        add = [*program, "add", str(notes[0].parent)]
        run([*program, "list"], environment)  # the shipped notes are indexed with the first command of all

        def edit(number: int) -> None:
            with notes[number].open("a", encoding="utf-8") as file:
                file.write(f"\n学习率预热的步数是 {number}。\n")

        figures: dict[str, Any] = {
            "files": len(notes),
            "megabytes": round(sum(note.stat().st_size for note in notes) / 1e6, 1),
            "start": _step(lambda _: None, [*program, "--help"], environment),
            "add": _step(lambda _: None, add, environment, repeats=1),
            "no change": _step(lambda _: None, add, environment),
            "touch one": _step(lambda n: notes[n].touch(), add, environment),
            "edit one": _step(edit, add, environment),
        }
    whole = figures["add"]["seconds"]
    for name in ("no change", "touch one", "edit one"):
        step = figures[name]
        step["share"] = round(step["seconds"] / whole, 4)
        step["share_without_start"] = round((step["seconds"] - figures["start"]["seconds"]) / whole, 4)
    for name, row in figures.items():
        print(f"  {name:<12}" + (str(row) if isinstance(row, int | float) else _shown(row)))
    return figures


def write_notes(folder: Path) -> list[Path]:
    """Write the sections out as `FILES` Markdown files of `SECTIONS` sections each; return the files."""
    folder.mkdir()
    with gzip.open(CORPUS, "rt", encoding="utf-8") as corpus:
        sections = [json.loads(line) for line in corpus]
    files = []
    for number in range(min(FILES, len(sections) // SECTIONS)):
        file = folder / f"{number:04}.md"
        own = sections[number * SECTIONS : (number + 1) * SECTIONS]
        file.write_text("\n\n".join(f"# {_heading(s)}\n\n{s['text']}" for s in own) + "\n", "utf-8")
        files.append(file)
    return files


def _heading(section: dict[str, Any]) -> str:
    return " ".join(section["title_path"][-1].split()) if section["title_path"] else str(section["id"])


def _step(
    prepare: Callable[[int], object], command: list[str], environment: dict[str, str], repeats: int = REPEATS
) -> dict[str, float]:
    """Return the least disturbed of `repeats` runs of `command`, each after `prepare(number)`."""
    runs = []
    for number in range(repeats):
        prepare(number)
        runs.append(run(command, environment))
    return {
        "seconds": round(min(seconds for seconds, _ in runs), 3),
        "peak_mb": round(max(peak for _, peak in runs), 1),
    }


def _shown(row: dict[str, float]) -> str:
    return "  ".join(f"{key} {value}" for key, value in row.items())
