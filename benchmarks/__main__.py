"""Run every measurement and file it: `python -m benchmarks [name …]` writes `results/<commit>.json`."""

from __future__ import annotations

import json
import platform
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

from corpus.atomic import write_bytes

MEASUREMENTS = (
    "retrieval",
    "misspelt",
    "peers",
    "notes_bench",
    "demo_questions",
    "answering_speed",
    "adding_notes",
    "demos",
    "grounding",
    "grading",
    "interviews",
    "model_latency",
    "load",
)
RESULTS = Path(__file__).parent / "results"


def commit() -> str:
    """Return the first twelve characters of the commit, with `-dirty` where files differ from it."""
    git = ["git", "-C", str(RESULTS.parent)]
    try:
        head = subprocess.run([*git, "rev-parse", "HEAD"], capture_output=True, text=True, check=True).stdout[
            :12
        ]
        changed = subprocess.run(
            [*git, "status", "--porcelain", "-uno"], capture_output=True, text=True, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return head + ("-dirty" if changed.stdout.strip() else "")


def main(names: list[str]) -> None:
    """Run the named measurements, or all, and write them to one file."""
    figures: dict[str, Any] = {
        "commit": commit(),
        "python": platform.python_version(),
        "machine": platform.machine(),
    }
    for name in names or MEASUREMENTS:
        print(f"== {name}")
        figures[name] = import_module(f"benchmarks.{name}").measure()
    target = RESULTS / f"{figures['commit']}.json"
    write_bytes(target, json.dumps(figures, ensure_ascii=False, indent=1).encode() + b"\n")
    print(f"filed in {target.relative_to(RESULTS.parent.parent)}")


if __name__ == "__main__":
    main(sys.argv[1:])
