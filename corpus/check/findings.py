"""What a rule reports: a fault, where it stands, how to mend it, and the edit where mending is mechanical."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Edit:
    """Replace `old`, which begins at the 0-based column `start` of the 1-based `line`, by `new`.

    `old` holds no line end; an empty `old` inserts.
    """

    line: int
    start: int
    old: str
    new: str

    @property
    def end(self) -> int:
        """The column after `old`."""
        return self.start + len(self.old)


@dataclass(frozen=True, slots=True)
class Finding:
    """A fault on the 1-based `lines` (first, last) of a note.

    `message` says what is wrong and `hint`, one sentence, how to mend it, both in the note's language.
    `confidence` is how sure the rule is, from 0 to 1. Only a finding that is sure has a `fix`.
    """

    rule: str
    path: Path
    lines: tuple[int, int]
    message: str
    hint: str
    confidence: float
    fix: Edit | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the shape of the `notes check --json` contract."""
        return {
            "rule": self.rule,
            "path": str(self.path),
            "lines": list(self.lines),
            "message": self.message,
            "hint": self.hint,
            "confidence": self.confidence,
        }
