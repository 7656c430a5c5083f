"""The installed `assistant` command in a process of its own, on pipes or on a terminal. It asserts nothing
but that no run ever shows a traceback.
"""

from __future__ import annotations

import fcntl
import json
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import sysconfig
import termios
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

COMMAND = [sys.executable, str(Path(sysconfig.get_path("scripts")) / "assistant")]
#: Seconds after which a run counts as hung; a usual one takes half a second.
LIMIT = 120.0

_ESCAPE = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|[@-Z\\^_])")
# A process gets a controlling terminal, and with it Ctrl-C, only after it has become a session leader.
_ON_TERMINAL = """
import fcntl, os, sys, termios
os.setsid()
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
os.execv(sys.argv[1], sys.argv[1:])
"""


@dataclass(frozen=True, slots=True)
class Ran:
    """A finished run: exit code and what it wrote."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one JSON value on stdout; anything beside it is an error."""
        return json.loads(self.out)

    @property
    def json_lines(self) -> list[Any]:
        """The JSON value of every line on stdout."""
        return [json.loads(line) for line in self.out.splitlines()]


def environment(home: Path, **settings: str) -> dict[str, str]:
    """Return an environment with this home, notes mode and `settings`, and nothing else of ours in it."""
    inherited = {
        name: value for name, value in os.environ.items() if not name.startswith(("ASSISTANT_", "OLLAMA_"))
    }
    for name in ("NO_COLOR", "FORCE_COLOR", "COLUMNS", "LINES"):
        inherited.pop(name, None)
    return inherited | {
        "ASSISTANT_HOME": str(home),
        "ASSISTANT_MODEL": "notes",
        "TERM": "xterm-256color",
        "PROMPT_TOOLKIT_NO_CPR": "1",  # nobody here tells where the cursor is
        **settings,
    }


def run(
    *words: str | bytes,
    env: Mapping[str, str],
    stdin: str | bytes = "",
    prefix: tuple[str, ...] = (),
    cwd: Path | None = None,
) -> Ran:
    """Run `assistant words` to its end. `prefix` is a command that starts it, such as one that sets limits."""
    finished = subprocess.run(
        [*prefix, *COMMAND, *words],
        env=env,
        cwd=cwd,
        input=stdin if isinstance(stdin, bytes) else stdin.encode(),
        capture_output=True,
        timeout=LIMIT,
        check=False,
    )
    ran = Ran(finished.returncode, finished.stdout.decode("utf-8"), finished.stderr.decode("utf-8"))
    for text in (ran.out, ran.err):
        assert "Traceback" not in text, text
        assert "error: unexpected " not in text, text
    return ran


def start(*words: str, env: Mapping[str, str]) -> subprocess.Popen[bytes]:
    """Start `assistant words` on pipes and return at once."""
    return subprocess.Popen([*COMMAND, *words], env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def plain(text: str) -> str:
    """Return `text` without escape sequences and carriage returns."""
    return _ESCAPE.sub("", text).replace("\r", "")


class OnTerminal:
    """`assistant words` on a terminal of its own, as a context manager. `shown` is all it wrote so far."""

    def __init__(self, *words: str, env: Mapping[str, str], columns: int = 80, rows: int = 40) -> None:
        self._ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-S", "-c", _ON_TERMINAL, *COMMAND, *words],
            env=env,
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
        )
        os.close(theirs)
        self._bytes = b""
        self._seen = 0

    @property
    def shown(self) -> str:
        """Everything written so far, escape sequences included."""
        return self._bytes.decode("utf-8", "replace")

    def press(self, keys: str) -> None:
        """Press keys; `\\r` is Enter, `\\x03` Ctrl-C, `\\x04` Ctrl-D."""
        os.write(self._ours, keys.encode())

    def wait_for(self, text: str) -> str:
        """Wait until `text` is written after what was waited for before; return what came up to its end."""
        deadline = time.monotonic() + LIMIT
        while (at := self.shown.find(text, self._seen)) < 0:
            assert self._read(deadline - time.monotonic()), f"{text!r} never came: {self.shown!r}"
        before, self._seen = self._seen, at + len(text)
        return self.shown[before : self._seen]

    def end(self) -> int:
        """Read to the end and return the exit code."""
        deadline = time.monotonic() + LIMIT
        while self._read(deadline - time.monotonic()):
            pass
        assert "Traceback" not in self.shown, self.shown
        return self._process.wait(LIMIT)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGKILL)
        self._process.wait()
        os.close(self._ours)

    def _read(self, seconds: float) -> bool:
        """Read what there is, waiting at most `seconds`; False at the end or when time is up."""
        ready, _, _ = select.select([self._ours], [], [], max(seconds, 0))
        try:
            read = os.read(self._ours, 65536) if ready else b""
        except OSError:  # Linux: the other side has closed
            read = b""
        self._bytes += read
        return bool(read)
