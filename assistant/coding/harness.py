"""The process in which an answer runs: `python -I harness.py REQUEST REPLIES`, both files of JSON.

Standard library and numpy only, for it is run by its path. It sets its own limits, defines the user's function and
calls it, and writes one line of JSON after each step, so that what came before a crash is known. It compares
nothing: the expected values stay with the parent. `packed` and `unpacked` are the one way values cross.

The limits and the audit hook stop accidents (an endless loop, a fork in a loop, memory without end), not attackers.
"""

from __future__ import annotations

import json
import os
import sys
import traceback
from collections.abc import Iterator
from contextlib import suppress
from itertools import groupby
from pathlib import Path
from types import ModuleType
from typing import IO, Any

import numpy as np

#: Larger results are described, not sent.
MAX_ELEMENTS = 200_000
_MAX_DEPTH = 6
#: Nothing a task needs; each of these would leave a process behind, end another or reach out.
_REFUSED = (
    "os.fork", "os.forkpty", "os.posix_spawn", "os.spawn", "os.exec", "os.system", "os.kill", "os.killpg",
    "os.startfile", "subprocess.Popen", "pty.spawn", "socket.connect", "socket.bind", "socket.getaddrinfo",
)  # fmt: skip


class Large(ValueError):
    """A value with too many elements to send."""


def packed(value: Any) -> list[Any]:
    """Return `value` as JSON lists: `[kind, …]`, where what is no number, array or sequence is only named."""
    try:
        return _packed(value, 0)
    except Large as error:
        return ["large", str(error)]
    except Exception:  # a user's class may raise anything when it is looked at
        return ["other", type(value).__name__]


def _packed(value: Any, depth: int) -> list[Any]:
    if value is None:
        return ["none"]
    if isinstance(value, np.ndarray):
        return _packed_array(np.asarray(value))
    if isinstance(value, np.generic) and value.dtype.kind in "biuf":
        value = value.item() if value.dtype.itemsize <= 8 else float(value)
    if isinstance(value, bool):
        return ["bool", value]
    if isinstance(value, int | float):
        # Python refuses to write integers of thousands of digits.
        return ["number", value if isinstance(value, float) or abs(value) < 1 << 60 else float(value)]
    if isinstance(value, list | tuple) and depth < _MAX_DEPTH:
        if len(value) > MAX_ELEMENTS:
            raise Large(f"{type(value).__name__} of {len(value)}")
        kind = "tuple" if isinstance(value, tuple) else "list"
        return [kind, [_packed(item, depth + 1) for item in value]]
    return ["other", type(value).__name__]


def _packed_array(array: np.ndarray[Any, Any]) -> list[Any]:
    if array.dtype.kind not in "biuf":
        return ["other", f"array of {array.dtype}"]
    if array.size > MAX_ELEMENTS:
        raise Large(f"array of shape {array.shape}")
    if array.dtype.kind == "f":
        array = array.astype(float)
    return ["array", str(array.dtype), list(array.shape), array.ravel().tolist()]


def unpacked(value: list[Any]) -> Any:
    """Return what `packed` packed; raises ValueError for what was only named."""
    kind, *rest = value
    if kind == "array":
        dtype, shape, flat = rest
        return np.array(flat, dtype=dtype).reshape(shape)
    if kind in ("list", "tuple"):
        items = [unpacked(item) for item in rest[0]]
        return tuple(items) if kind == "tuple" else items
    if kind in ("number", "bool"):
        return rest[0]
    if kind == "none":
        return None
    raise ValueError(f"{rest[0]} was not sent")


def main(request_path: str, replies_path: str) -> None:
    """Do what the request asks and leave without giving the user's code another turn."""
    request = json.loads(Path(request_path).read_text("utf-8"))
    with Path(replies_path).open("w", encoding="utf-8") as replies:
        _reply(replies, limits_missed=_limit(request["limits"]))
        for rival in request["rivals"]:
            _rival(rival, request, replies)
        sys.addaudithook(_refuse)
        function = _defined(request, replies)
        for number, call in enumerate(request["calls"] if function else []):
            _reply(replies, started=number)
            _reply(replies, call=number, **_called(function, call, request["filename"], request["source"]))
        _reply(replies, ended=True)
        with suppress(Exception):
            sys.stdout.flush()
        os._exit(0)  # no exit handlers and no waiting for threads of the user's


def _reply(replies: IO[str], **reply: Any) -> None:
    replies.write(json.dumps(reply) + "\n")
    replies.flush()


def _limit(limits: dict[str, int]) -> list[str]:
    """Set every limit (name of RLIMIT -> value) that this system has; return the names of the others."""
    try:
        import resource
    except ImportError:
        return sorted(limits)
    missed = []
    for name, value in limits.items():
        try:
            kind = getattr(resource, f"RLIMIT_{name}")
            hard = resource.getrlimit(kind)[1]
            # Beyond the soft limit of the processor the signal tells why; at the hard one there is only a kill.
            most = value + (name == "CPU")
            most = most if hard == resource.RLIM_INFINITY else min(most, hard)
            resource.setrlimit(kind, (min(value, most), most))
        except (AttributeError, ValueError, OSError):
            missed.append(name)
    return missed


def _refuse(event: str, arguments: tuple[Any, ...]) -> None:
    if event in _REFUSED:
        raise PermissionError(f"{event} is not allowed here")


def _rival(rival: dict[str, Any], request: dict[str, Any], replies: IO[str]) -> None:
    """Say what one of our own wrong answers returns."""
    module: dict[str, Any] = {}
    exec(compile(rival["source"], "rival", "exec"), module)
    with np.errstate(all="ignore"):
        reply = _called(module[request["function"]], request["calls"][rival["call"]], "", "")
    _reply(replies, rival=rival["number"], **reply)


def _defined(request: dict[str, Any], replies: IO[str]) -> Any:
    """Return the user's function, or None after having said what is the matter with the file."""
    filename, name = request["filename"], request["function"]
    module = ModuleType(name)
    sys.modules[name] = module  # dataclasses look their module up
    _reply(replies, started=None)
    try:
        code = compile(request["source"], filename, "exec")
    except SyntaxError as error:
        line = (error.text or "").rstrip("\n")[:200]
        _reply(replies, problem="syntax", message=str(error.msg), line=error.lineno, code=line.strip())
        return None
    except (ValueError, RecursionError, MemoryError, OverflowError) as error:
        _reply(
            replies, problem="syntax", message=f"{type(error).__name__}: {error}"[:300], line=None, code=""
        )
        return None
    try:
        exec(code, module.__dict__)
    except BaseException as error:
        _reply(replies, problem="raised", **_told(error, filename, request["source"]))
        return None
    function = getattr(module, name, None)
    if not callable(function):
        found = [key for key, value in vars(module).items() if isinstance(value, type(main))]
        _reply(replies, problem="missing", functions=found[:10])
        return None
    return function


def _called(function: Any, call: list[Any], filename: str, source: str) -> dict[str, Any]:
    """Return what the function returns for one call, or how it failed, and which arguments it changed."""
    arguments, kept = [unpacked(a) for a in call], [unpacked(a) for a in call]
    try:
        value = packed(function(*arguments))
    except BaseException as error:
        return {"raised": _told(error, filename, source)}
    changed = [n for n, (a, b) in enumerate(zip(arguments, kept, strict=True)) if not _is_same(a, b)]
    return {"value": value, "changed": changed}


def _is_same(one: Any, other: Any) -> bool:
    with suppress(Exception):
        return bool(np.array_equal(one, other, equal_nan=True))
    return True


def _told(error: BaseException, filename: str, source: str) -> dict[str, Any]:
    """Return an exception with the lines of the user's own file that led to it; ours are no concern of theirs."""
    lines = source.splitlines()
    frames = [frame for frame, _ in groupby(_frames(error, filename))]  # a recursion is one line
    shown = frames if len(frames) <= 6 else [*frames[:3], *frames[-3:]]
    try:
        message = str(error)[:300]
    except Exception:  # a user's exception whose __str__ raises
        message = ""
    return {
        "type": "MemoryError" if isinstance(error, MemoryError) else type(error).__name__,
        "message": message,
        "frames": [
            [line, name, lines[line - 1].strip()[:200] if line <= len(lines) else ""] for line, name in shown
        ],
    }


def _frames(error: BaseException, filename: str) -> Iterator[tuple[int, str]]:
    for frame, line in traceback.walk_tb(error.__traceback__):
        if frame.f_code.co_filename == filename:
            yield line, frame.f_code.co_name


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except BaseException:  # the user's code broke what we stand on; the parent says where it stopped
        os._exit(1)
