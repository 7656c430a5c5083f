"""Run one peer over a request file and write its reply: `python -m benchmarks.peer_systems NAME REQUEST REPLY`.

A request is `{"fetch", "corpora": [{"name", "passages", "documents", "questions"}]}`; the reply is
`{"name", "unit", "versions", "corpora": {name: {"index_seconds", "query_seconds", "found"}}}`, where `found` has
for every question its places. Seconds are the processor's, `query_seconds` for one question.
"""

from __future__ import annotations

import json
import sys
import time
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Any

from benchmarks.peer_systems.types import System


def answer(system: System, request: dict[str, Any]) -> dict[str, Any]:
    """Return the reply of `system` to `request`."""
    reply: dict[str, Any] = {
        "name": system.name,
        "unit": system.unit.value,
        "versions": {package: version(package) for package in system.packages},
        "corpora": {},
    }
    for corpus in request["corpora"]:
        questions: list[str] = corpus["questions"]
        began, before = time.process_time(), _saved(system)
        system.index(corpus[system.unit.value])
        indexed = time.process_time()
        found = [system.search(question, request["fetch"]) for question in questions]
        reply["corpora"][corpus["name"]] = {
            "index_seconds": indexed - began + _saved(system) - before,
            "query_seconds": (time.process_time() - indexed) / len(questions),
            "found": found,
        }
    return reply


def _saved(system: System) -> float:
    """Return the processor seconds that vectors kept from an earlier run have saved so far."""
    return system.model.owed - system.model.spent if system.model else 0.0


def main(name: str, request: str, reply: str) -> None:
    """Read the request and write the reply."""
    system: System = import_module(f"benchmarks.peer_systems.{name}").open_system()
    answered = answer(system, json.loads(Path(request).read_text("utf-8")))
    Path(reply).write_text(json.dumps(answered), "utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
