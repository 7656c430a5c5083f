"""Programs in processes of their own that all begin when they are told to."""

from __future__ import annotations

import subprocess
import sys


def waiting(program: str, *words: str) -> subprocess.Popen[str]:
    """Return a process that runs `program` and has said that it is ready."""
    command = [sys.executable, "-c", program, *words]
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def go(process: subprocess.Popen[str]) -> None:
    """Let a waiting process begin."""
    assert process.stdin is not None
    process.stdin.write("\n")
    process.stdin.flush()
