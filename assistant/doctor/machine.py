"""How much memory this machine has for a model, and which model fits. Asks the system, never the network.

The sizes are those of Ollama's library and leave room for the context window: a 4B model of 3.4 GB runs on a laptop's
processor, 9B wants 8 GB of graphics memory, 27B wants 24.
"""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

GB = 1_000_000_000
#: Of an Apple machine's memory the graphics processor may use about so much.
_APPLE_SHARE = 0.67
#: Memory sold as 24 GB is reported as somewhat less.
_SHORT = 0.93


@dataclass(frozen=True, slots=True)
class Machine:
    """Memory in bytes, 0 where it is not known. `graphics` is the largest graphics processor's own."""

    memory: int
    graphics: int = 0


@dataclass(frozen=True, slots=True)
class Proposal:
    """A model for a machine: its size on disk in bytes, what it needs at least, and why it was chosen."""

    model: str
    size: int
    graphics: int
    memory: int
    why: str


PROPOSALS = (
    Proposal("qwen3.6:27b", 17 * GB, 24 * GB, 0, "24 GB of graphics memory hold a 27B model"),
    Proposal("qwen3.5:9b", 6_600_000_000, 8 * GB, 0, "8 GB of graphics memory hold a 9B model"),
    Proposal("qwen3.5:4b", 3_400_000_000, 0, 8 * GB, "a 4B model runs on the processor"),
)


def proposal_for(machine: Machine) -> Proposal | None:
    """Return the best model that fits; None where none does and notes mode serves better.

    Memory that is not known counts as enough for the smallest.
    """
    for proposal in PROPOSALS:
        if proposal.graphics and machine.graphics >= _SHORT * proposal.graphics:
            return proposal
        if not proposal.graphics and (not machine.memory or machine.memory >= _SHORT * proposal.memory):
            return proposal
    return None


def this_machine() -> Machine:
    """Return what this machine has."""
    memory = _memory()
    if platform.system() == "Darwin" and platform.machine() == "arm64":
        return Machine(memory, int(memory * _APPLE_SHARE))
    return Machine(memory, max(_nvidia(), _amd()))


def _memory() -> int:
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):  # Windows has no sysconf
        return 0


def _nvidia() -> int:
    """Return the memory of the largest NVIDIA card in bytes, 0 without one."""
    if not (command := shutil.which("nvidia-smi")):
        return 0
    try:
        said = subprocess.run(
            [command, "--query-gpu=memory.total", "--format=csv,noheader,nounits"],
            capture_output=True,
            text=True,
            timeout=10,
            check=True,
        ).stdout
        return max((int(line) for line in said.split() if line.isdigit()), default=0) * 1024 * 1024
    except (OSError, subprocess.SubprocessError):
        return 0


def _amd(cards: Path = Path("/sys/class/drm")) -> int:
    """Return the memory of the largest AMD card in bytes, as Linux's driver tells it, 0 without one."""
    sizes = [0]
    for file in cards.glob("card*/device/mem_info_vram_total"):
        try:
            sizes.append(int(file.read_text("ascii")))
        except (OSError, ValueError):
            continue
    return max(sizes)


def written(size: int) -> str:
    """Return a number of bytes as people say it: `3.4 GB`."""
    return f"{size / GB:.1f} GB" if size < 10 * GB else f"{size / GB:.0f} GB"
