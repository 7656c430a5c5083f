"""What the model behind a name says, piece by piece, before it has the form of the API."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Said:
    """A piece of the message, Markdown."""

    text: str


@dataclass(frozen=True, slots=True)
class Retracted:
    """What was said so far is not part of the message; `text` is to be said of it."""

    text: str


@dataclass(frozen=True, slots=True)
class Waited:
    """Nothing comes yet, and why."""

    text: str


@dataclass(frozen=True, slots=True)
class Told:
    """What is ours beside the message, such as its sources."""

    extras: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class CutShort:
    """The message reached its greatest length."""


Reply = Said | Retracted | Waited | Told | CutShort
Replying = AsyncGenerator[Reply, None]
"""A message as it comes. It may raise `StudyError`; closing it stops the work."""
