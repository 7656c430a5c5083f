"""A user's file run by the user's own Python, in a process with limits, and what became of each call.

On the command line only: the process has the rights of whoever started it, and its limits stop accidents (endless
loops, memory or output without end, forks) and no attacker. No door that others reach may import this; a test holds
that. The process gets a folder of its own, an environment without secrets, no input, and none of the expected
values. It answers in JSON. Where the system has no such limits (Windows), only time and output are bounded.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread
from typing import IO, Any

from assistant.coding import harness
from corpus.errors import StudyError

#: A file written by hand in an interview is a thousandth of this.
MAX_SOURCE = 200_000
#: Where programs look for their libraries; everything else in the environment stays here.
_KEPT = ("SYSTEMROOT", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")


class CodeFileError(StudyError):
    """A file of code that cannot be read."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What an answer may use: seconds of processor and of time, bytes of memory, of any file and of output."""

    cpu_seconds: int = 10
    wall_seconds: float = 15
    memory: int = 1 << 30
    file_bytes: int = 1 << 26
    output_bytes: int = 20_000


@dataclass(frozen=True, slots=True)
class Returned:
    """A call that came back. `value` is as `harness.packed`; `changed` are the places of arguments it wrote to."""

    value: list[Any]
    changed: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Raised:
    """An exception: its type and message, and of each frame in the user's file line, function and text."""

    type: str
    message: str
    frames: tuple[tuple[int, str, str], ...] = ()


Outcome = Returned | Raised


@dataclass(frozen=True, slots=True)
class NotPython:
    """The file does not compile. `line` is 0 where that is not known."""

    message: str
    line: int
    code: str


@dataclass(frozen=True, slots=True)
class Missing:
    """The file has no such function, but `functions`."""

    functions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Stopped:
    """The process ended before its work: `cpu`, `time`, `exit N` or a signal's name; `call` is what it was at."""

    how: str
    call: int | None


Problem = NotPython | Missing | Raised | Stopped


@dataclass(frozen=True, slots=True)
class Rival:
    """A wrong answer of ours, whose value for one call is wanted beside the user's."""

    source: str
    call: int


@dataclass(frozen=True, slots=True)
class Run:
    """What is known after a run: the outcome of each call that came to an end, and why others did not.

    `missed` are the limits that this system could not set.
    """

    outcomes: Mapping[int, Outcome] = field(default_factory=dict)
    rivals: Mapping[int, Outcome] = field(default_factory=dict)
    problem: Problem | None = None
    printed: str = ""
    missed: tuple[str, ...] = ()


def read_source(path: Path) -> str:
    """Return the text of the user's file; raises `CodeFileError`."""
    try:
        if not path.is_file():
            what = "is no file" if path.exists() else "does not exist"
            raise CodeFileError(f"{str(path)!r} {what}", "Give the path of a Python file.")
        with path.open("rb") as file:
            data = file.read(MAX_SOURCE + 1)
    except OSError as error:
        raise CodeFileError(
            f"{str(path)!r} cannot be read: {error.strerror}", "Check its permissions."
        ) from error
    if len(data) > MAX_SOURCE:
        raise CodeFileError(
            f"{str(path)!r} is larger than {MAX_SOURCE:,} bytes", "Give the file with your function alone."
        )
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise CodeFileError(
            f"{str(path)!r} is not UTF-8 (byte {error.start})", "Save it as UTF-8 in your editor."
        ) from error


def run(
    source: str,
    function: str,
    calls: Sequence[Sequence[Any]],
    *,
    rivals: Sequence[Rival] = (),
    filename: str = "answer.py",
    limits: Limits | None = None,
) -> Run:
    """Define `function` from `source` and call it with each of `calls`, all in one process.

    `rivals` are called first and are ours, so they see nothing the user's code has done.
    """
    limits = limits or Limits()
    request = {
        "source": source,
        "filename": filename,
        "function": function,
        "calls": [[harness.packed(argument) for argument in call] for call in calls],
        "rivals": [
            {"number": number, "source": rival.source, "call": rival.call} for number, rival in enumerate(rivals)
        ],
        "limits": {
            "CPU": limits.cpu_seconds, "AS": limits.memory, "FSIZE": limits.file_bytes, "NPROC": 0, "CORE": 0,
        },
    }  # fmt: skip
    with tempfile.TemporaryDirectory(prefix="assistant-code-", ignore_cleanup_errors=True) as folder:
        asked, replied = Path(folder, "request.json"), Path(folder, "replies.jsonl")
        asked.write_text(json.dumps(request), "utf-8")
        how, printed = _process(asked, replied, limits)
        replies = _lines(replied)
    try:
        return _read(replies, how, printed)
    except (LookupError, TypeError, ValueError):  # the user's code wrote into our file
        return Run(problem=Stopped("garbled", None), printed=printed)


def _process(asked: Path, replied: Path, limits: Limits) -> tuple[str, str]:
    """Return how the process ended and what it printed. Nothing of it is left running."""
    home = str(asked.parent)
    process = subprocess.Popen(
        # Isolated: neither the user's folder nor PYTHON… variables decide what is imported.
        [sys.executable, "-I", "-B", "-X", "utf8", harness.__file__, str(asked), str(replied)],
        cwd=home,
        env={name: os.environ[name] for name in _KEPT if name in os.environ}
        | {"HOME": home, "TMPDIR": home, "TEMP": home}
        # Threads of a matrix product would count as processes.
        | {f"{library}_NUM_THREADS": "1" for library in ("OPENBLAS", "OMP", "MKL", "VECLIB")},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    assert process.stdout is not None
    kept = bytearray()
    reader = Thread(target=_drain, args=(process.stdout, kept, limits.output_bytes), daemon=True)
    reader.start()
    try:
        code = process.wait(limits.wall_seconds)
        how = f"exit {code}" if code >= 0 else _signal_name(-code)
    except subprocess.TimeoutExpired:
        how = "time"
    finally:
        _end(process)
        reader.join(5)
    printed = kept[: limits.output_bytes].decode("utf-8", "replace")
    return how, printed + ("\n…" if len(kept) > limits.output_bytes else "")


def _drain(stream: IO[bytes], kept: bytearray, most: int) -> None:
    """Read to the end, so that a full pipe stops nobody, and keep a little more than `most`."""
    with stream:
        while data := stream.read1(65536):  # type: ignore[attr-defined]
            if len(kept) <= most:
                kept += data


def _end(process: subprocess.Popen[bytes]) -> None:
    """Kill the process and whatever it started."""
    if hasattr(os, "killpg"):
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)  # its own session, so its number is that of its group
    process.kill()
    process.wait()


def _signal_name(number: int) -> str:
    if number == getattr(signal, "SIGXCPU", None):
        return "cpu"
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def _lines(path: Path) -> list[dict[str, Any]]:
    """Return the replies; a last line that was cut off by the end of the process is left out."""
    found = []
    try:
        for line in path.read_text("utf-8", "replace").splitlines():
            found.append(json.loads(line))
    except (OSError, ValueError):
        pass
    return [reply for reply in found if isinstance(reply, dict)]


def _read(replies: Iterable[dict[str, Any]], how: str, printed: str) -> Run:
    """Return the run that the replies tell of; what is no reply of ours is passed over."""
    outcomes: dict[int, Outcome] = {}
    rivals: dict[int, Outcome] = {}
    problem: Problem | None = None
    missed: tuple[str, ...] = ()
    at: int | None = None
    has_ended = False
    for reply in replies:
        match reply:
            case {"limits_missed": [*names]}:
                missed = tuple(map(str, names))
            case {"started": number}:
                at = number
            case {"call": int(number)}:
                outcomes[number] = _outcome(reply)
            case {"rival": int(number)}:
                rivals[number] = _outcome(reply)
            case {"problem": str()}:
                problem = _problem(reply)
            case {"ended": True}:
                has_ended = True
    if not has_ended:
        problem = Stopped(how, at)
    return Run(outcomes, rivals, problem, printed, missed)


def _outcome(reply: Mapping[str, Any]) -> Outcome:
    raised = reply.get("raised")
    if raised is None:
        return Returned(reply["value"], tuple(reply["changed"]))
    return Raised(raised["type"], raised["message"], tuple(map(tuple, raised["frames"])))


def _problem(reply: Mapping[str, Any]) -> Problem:
    if reply["problem"] == "syntax":
        return NotPython(reply["message"], reply["line"] or 0, reply["code"])
    if reply["problem"] == "missing":
        return Missing(tuple(reply["functions"]))
    return Raised(reply["type"], reply["message"], tuple(map(tuple, reply["frames"])))
