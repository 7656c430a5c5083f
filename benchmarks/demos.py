"""Every demo at its defaults and on thousands of drawn calls: time against one matrix product, and memory.

Each demo has a process of its own, BLAS without threads, so that processor time is work and the peak of memory
is the demo's. `python -m benchmarks.demos 10000 [name …]` is the long run: it files turn by turn in
`results/demos-<commit>.json` and goes on where it stopped.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from benchmarks.hostile_arguments import Call

#: Drawn calls per demo in `make bench`; `make soak` makes ten times as many.
CALLS = 1_000
REPEATS = 9
_AT_ONCE = 500
#: The unit of time: one product of two square matrices of this side, 2^27 multiply-adds.
SIDE = 512


def measure(calls: int = CALLS) -> dict[str, Any]:
    """Print and return the figures of every demo."""
    from assistant.demo_kit import registry

    figures = {}
    for name in registry.names():
        figures[name] = of_one(name, calls)
        print(_shown(name, figures[name]), flush=True)
    return figures


def of_one(name: str, calls: int, seed: int = 0) -> dict[str, Any]:
    """Return the figures of one demo, measured in a process of its own."""
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-m", "benchmarks.demos", "--one", name, str(calls), str(seed)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {done.returncode}:\n{done.stderr}")
    figures: dict[str, Any] = json.loads(done.stdout)
    return figures


def _measured(name: str, calls: int, seed: int) -> dict[str, Any]:
    """Return times (processor seconds, and in matrix products), memory (MB a call) and faults."""
    import hypothesis

    from assistant.demo_kit import registry
    from benchmarks.hostile_arguments import calls as drawn_for
    from benchmarks.hostile_runs import attempts

    matrix = np.random.default_rng(0).normal(size=(SIDE, SIDE))
    unit = _median(lambda: matrix @ matrix)
    demo = registry.load(name)
    default = _median(lambda: demo.run({}))
    outcomes: Counter[str] = Counter()
    faults: dict[str, str] = {}
    slowest, at_slowest, largest, at_largest = 0.0, "", 0.0, ""

    def run(call: Call) -> None:
        nonlocal slowest, at_slowest, largest, at_largest
        outcomes["calls"] += 1
        for attempt in attempts(demo, call):
            shown = repr(attempt.call)
            if attempt.fault:
                faults[attempt.fault] = min(faults.get(attempt.fault, shown), shown, key=len)
            outcomes["refused" if isinstance(attempt.outcome, Exception) else "computed"] += 1
            if attempt.seconds > slowest:
                slowest, at_slowest = attempt.seconds, shown
            if attempt.megabytes > largest:
                largest, at_largest = attempt.megabytes, shown

    drawn = drawn_for(demo)
    # hypothesis remembers every call of a run, so that a long one grows slow and large.
    for first in range(0, calls, _AT_ONCE):
        settings = hypothesis.settings(
            max_examples=min(_AT_ONCE, calls - first),
            deadline=None,
            database=None,
            phases=[hypothesis.Phase.generate],
            suppress_health_check=list(hypothesis.HealthCheck),
        )
        hypothesis.seed(seed + first)(settings(hypothesis.given(drawn)(run)))()
    return {
        "default_ms": round(1e3 * default, 2),
        "default_ratio": round(default / unit, 3),
        "worst_s": round(slowest, 3),
        "worst_ratio": round(slowest / unit, 1),
        "worst_at": at_slowest,
        "peak_mb": round(largest, 1),
        "peak_at": at_largest,
        **{key: outcomes[key] for key in ("calls", "computed", "refused")},
        "faults": faults,
    }


def _median(action: Callable[[], object]) -> float:
    action()
    times = []
    for _ in range(REPEATS):
        start = time.process_time()
        action()
        times.append(time.process_time() - start)
    return statistics.median(times)


def _shown(name: str, row: dict[str, Any]) -> str:
    faults = f"  {len(row['faults'])} FAULTS" if row["faults"] else ""
    return (
        f"  {name:<22} default {row['default_ms']:7.2f} ms ({row['default_ratio']:.3f} products)"
        f"  worst {row['worst_s']:.3f} s ({row['worst_ratio']:.1f})  peak {row['peak_mb']:.0f} MB"
        f"  computed {row['computed']} refused {row['refused']}{faults}"
    )


def _long_run(calls: int, names: list[str]) -> None:
    """Make calls in turns of `CALLS` a demo, go on from what this commit's file holds, and file every turn."""
    from assistant.demo_kit import registry
    from benchmarks.__main__ import RESULTS, commit

    target = RESULTS / f"demos-{commit()}.json"
    figures = json.loads(target.read_text("utf-8")) if target.is_file() else {}
    names = names or list(registry.names())
    for done in range(0, calls, CALLS):
        for name in names:
            if figures.get(name, {}).get("calls", 0) <= done:
                turn = of_one(name, min(CALLS, calls - done), seed=done)
                figures[name] = _merged(figures[name], turn) if name in figures else turn
                print(_shown(name, figures[name]), flush=True)
                target.write_text(json.dumps(figures, ensure_ascii=False, indent=1) + "\n", "utf-8")


def _merged(before: dict[str, Any], turn: dict[str, Any]) -> dict[str, Any]:
    """Return the figures of both: the worst of each, at the less disturbed of the defaults."""
    slowest, largest = (max(before, turn, key=lambda row: row[key]) for key in ("worst_s", "peak_mb"))
    quickest = min(before, turn, key=lambda row: row["default_ms"])
    return {
        **{key: quickest[key] for key in ("default_ms", "default_ratio")},
        **{key: slowest[key] for key in ("worst_s", "worst_ratio", "worst_at")},
        **{key: largest[key] for key in ("peak_mb", "peak_at")},
        **{key: before[key] + turn[key] for key in ("calls", "computed", "refused")},
        "faults": before["faults"] | turn["faults"],
    }


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        print(json.dumps(_measured(sys.argv[2], int(sys.argv[3]), int(sys.argv[4])), ensure_ascii=False))
    else:
        _long_run(int(sys.argv[1]), sys.argv[2:])
