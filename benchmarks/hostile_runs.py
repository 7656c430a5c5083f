"""Run a demo on whatever was drawn and say what is wrong with what came back. Draws nothing itself.

Right is a result that is JSON and explains each of its nulls, or a refusal that names a parameter and the way
out in both languages. Everything else, a warning from Python or numpy included, is a fault.
"""

from __future__ import annotations

import json
import re
import resource
import sys
import time
import traceback
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assistant.demo_kit import parameters
from assistant.demo_kit.registry import Demo
from assistant.demo_kit.types import DemoError, DemoResult
from benchmarks.hostile_arguments import Call

_CHINESE = re.compile(r"[\u4e00-\u9fff]")
#: A refusal is a sentence or two, whatever was sent.
_MOST_CHARACTERS = 2_000


@dataclass(frozen=True, slots=True)
class Run:
    """One call of a demo: processor time, memory, and what is wrong with its outcome, if anything is.

    `megabytes` is what the call added to the resident set where that went beyond all before it, else 0.
    """

    call: Call
    outcome: DemoResult | DemoError | None
    seconds: float
    megabytes: float
    fault: str


def attempts(demo: Demo, call: Call) -> Iterator[Run]:
    """Yield a run of `call` and, while it is refused, one without what was refused.

    So a call with one stray argument is also a call of what the other arguments ask for.
    """
    left = call.arguments
    while True:
        run = _run(demo, Call(left))
        yield run
        refused = run.outcome.param if isinstance(run.outcome, DemoError) else ""
        name = next(
            (name for name in left if refused == name or refused.startswith((f"{name}[", f"{name}."))), ""
        )
        if run.fault or name not in left or not refused:
            return
        left = {other: value for other, value in left.items() if other != name}


def _run(demo: Demo, call: Call) -> Run:
    outcome: DemoResult | DemoError | None = None
    fault = ""
    before, mark, start = _resident_mb(), _peak_mb(), time.process_time()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            outcome = demo.run(call.arguments)
    except DemoError as error:
        outcome = error
    except Exception as error:
        place = traceback.extract_tb(error.__traceback__)[-1]
        fault = f"{type(error).__name__} in {Path(place.filename).name}:{place.lineno}: {error}"
    seconds, peak = time.process_time() - start, _peak_mb()
    if isinstance(outcome, DemoError):
        fault = _refusal_fault(demo, outcome)
    elif outcome is not None:
        fault = _result_fault(outcome)
    return Run(call, outcome, seconds, peak - before if peak > mark else 0.0, fault)


def _peak_mb() -> float:
    """Return the highest resident set so far."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (2**20 if sys.platform == "darwin" else 2**10)


def _resident_mb() -> float:
    """Return the resident set now; where the system does not tell, the highest so far."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except OSError:
        return _peak_mb()
    return pages * resource.getpagesize() / 2**20


def _refusal_fault(demo: Demo, error: DemoError) -> str:
    try:
        text = json.dumps(error.to_dict(), allow_nan=False)
    except (TypeError, ValueError) as problem:
        return f"the refusal is no JSON: {problem}"
    if max(len(text), len(str(error))) > _MOST_CHARACTERS:
        return f"the refusal of {error.param[:40]} has {len(text)} characters"
    if not error.hint_en.strip() or not _CHINESE.search(error.hint_zh):
        return f"{error.param} is refused without a hint in both languages"
    named = re.split(r"[\[.]", error.param)[0]
    if error.fault.value != "unknown_arg" and named not in parameters.accepted(demo.function):
        return f"{error.param!r} is refused and no parameter"
    return ""


def _result_fault(result: DemoResult) -> str:
    try:
        json.dumps(result.to_dict(), allow_nan=False)
    except (TypeError, ValueError) as problem:
        return f"the result is no JSON: {problem}"
    said = " ".join((*result.notes, *result.warnings))
    unexplained = sorted(
        {key for key in _nulls(result.numbers) if not re.search(rf"\b{re.escape(key)}\b", said)}
    )
    return f"null without a word: {', '.join(unexplained)}" if unexplained else ""


def _nulls(value: Any, key: str = "") -> Iterator[str]:
    """Yield the innermost names under which `value` holds a null."""
    if value is None:
        yield key
    elif isinstance(value, Mapping):
        for name, item in value.items():
            yield from _nulls(item, str(name))
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _nulls(item, key)
