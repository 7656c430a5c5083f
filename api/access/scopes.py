"""What a key allows."""

from __future__ import annotations

from enum import StrEnum


class Scope(StrEnum):
    """What a key allows: reading the notes, practising with a memory of one's own, changing the notes."""

    READ = "read"
    LEARN = "learn"
    WRITE = "write"
