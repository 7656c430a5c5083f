"""Embedders, one per module: each has `open_embedder(argument, glossary) -> Embedder`.

A setting names one as `module` or `module:argument`, for example `hashed` or
`sentence_transformers:BAAI/bge-m3`. Other packages add theirs through the group `assistant.embedders`.
"""

from __future__ import annotations

from typing import cast

from corpus.glossary import Glossary
from corpus.plugins import load
from index.types import Embedder


def open_embedder(setting: str, glossary: Glossary) -> Embedder:
    """Return the embedder that `setting` names. Raises `UnknownName` or `EmbedderMissing`."""
    name, _, argument = setting.partition(":")
    module = load("assistant.embedders", name.replace("-", "_"), kind="embedder")
    return cast(Embedder, module.open_embedder(argument, glossary))
