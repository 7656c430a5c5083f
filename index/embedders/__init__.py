"""Embedders, one per module: each has `open_embedder(argument, glossary) -> Embedder`.

A setting names one as `module` or `module:argument`, for example `hashed` or `ollama:bge-m3`; a name of the Hugging
Face hub or a folder alone is one of `sentence_transformers`. Other packages add theirs through the group
`assistant.embedders`. A module whose name begins with an underscore helps the others.
"""

from __future__ import annotations

import hashlib
import re
from typing import Protocol, cast, runtime_checkable

from corpus.glossary import Glossary
from corpus.plugins import items, load
from index.types import Embedder

_GROUP = "assistant.embedders"
#: The embedder that comes with the program and cannot fail for want of a server or a download.
BUNDLED = "bundled"


@runtime_checkable
class Served(Protocol):
    """An embedder that asks a server."""

    def at(self, host: str) -> Embedder:
        """Return the same embedder asking the server at `host`; "" is where such a server usually is."""
        ...


@runtime_checkable
class Downloadable(Protocol):
    """An embedder whose model comes from the network, but never unasked."""

    def download(self) -> None:
        """Get the model, or its newest revision, and look whether it loads. Raises `EmbedderMissing`."""
        ...


def open_embedder(setting: str, glossary: Glossary) -> Embedder:
    """Return the embedder that `setting` names. Raises `UnknownName` or `EmbedderMissing`."""
    name, _, argument = setting.strip().partition(":")
    name = name.replace("-", "_")
    # A hub name has a slash, and so has a folder (on Windows a backslash, and a colon after the drive).
    if name not in items(_GROUP) and re.search(r"[/\\]|^[.~]", setting):
        name, argument = "sentence_transformers", setting.strip()
    module = load(_GROUP, name, kind="embedder")
    return cast(Embedder, module.open_embedder(argument, glossary))


def folder_of(embedder: Embedder) -> str:
    """Return the name of the folder, among indexes, for those by `embedder`; "" for the bundled one's.

    Each has its own, so that going back costs nothing, and two programs with different settings do not make each
    other's index again and again.
    """
    if embedder.name == BUNDLED:
        return ""
    readable = re.sub(r"[^a-z0-9.]+", "-", embedder.name.lower()).strip("-.")[-40:]
    digest = hashlib.blake2b(embedder.name.encode("utf-8", "surrogatepass"), digest_size=4).hexdigest()
    return f"{readable}-{digest}"
