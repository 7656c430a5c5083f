"""What is known of embedding models by name: the prompts they were trained with, and their window.

Reads `known_models.toml`, where each fact has its source. It asks no model and no network.
"""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from importlib.resources import files
from typing import Any


@dataclass(frozen=True, slots=True)
class Manner:
    """How a model wants to be given text: what stands before a query and a passage, and tokens at most (0: unknown)."""

    query: str = ""
    passage: str = ""
    window: int = 0


def manner_of(model: str) -> Manner:
    """Return the manner of the model with this hub name, Ollama name or folder; an unknown one gets plain text."""
    name = model.replace("\\", "/").rstrip("/").rpartition("/")[2].partition(":")[0].lower()
    for entry in _entries():
        if any(fnmatchcase(name, pattern) for pattern in entry["names"]):
            return Manner(entry.get("query", ""), entry.get("passage", ""), entry.get("window", 0))
    return Manner()


@cache
def _entries() -> list[dict[str, Any]]:
    import tomllib

    text = (files("index.embedders") / "known_models.toml").read_text("utf-8")
    return list(tomllib.loads(text)["model"])
