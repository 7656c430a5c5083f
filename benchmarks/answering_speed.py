"""`assistant ask` in notes mode against importing sentence-transformers, in the same run: time and memory.

Each command runs in a process of its own, after one run that warms the disk cache (and builds the index).
Memory is the peak resident set. The ratios matter; the absolute figures belong to one machine.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from typing import Any

RUNS = 7
QUESTION = "Adam 和 SGD 有什么区别?"


def measure() -> dict[str, Any]:
    """Print and return medians over `RUNS` runs and their ratios."""
    with tempfile.TemporaryDirectory() as home:
        environment = {**os.environ, "ASSISTANT_HOME": home, "ASSISTANT_MODEL": "notes"}
        commands = {
            "assistant ask": [sys.executable, "-m", "assistant", "ask", QUESTION],
            "import sentence_transformers": [sys.executable, "-c", "import sentence_transformers"],
        }
        figures: dict[str, Any] = {}
        for name, command in commands.items():
            run(command, environment)
            runs = [run(command, environment) for _ in range(RUNS)]
            figures[name] = {
                "seconds": round(statistics.median(seconds for seconds, _ in runs), 3),
                "peak_mb": round(statistics.median(peak for _, peak in runs), 1),
            }
    ask, heavy = figures.values()
    figures["ratio"] = {key: round(ask[key] / heavy[key], 3) for key in ask}
    for name, row in figures.items():
        print(f"  {name:<30}" + "  ".join(f"{key} {value}" for key, value in row.items()))
    return figures


def run(command: list[str], environment: dict[str, str]) -> tuple[float, float]:
    """Return the seconds and the peak resident megabytes of one run."""
    start = time.perf_counter()
    process = subprocess.Popen(
        command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    assert process.stderr is not None
    stderr = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{command} ended with {process.returncode}:\n{stderr}")
    return seconds, usage.ru_maxrss / 1024
